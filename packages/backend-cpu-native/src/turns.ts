/** Turns of the event loop, for what is answered at once: a loop of such answers alone would keep timers and input out. */

/** Milliseconds that answers may follow each other without one. */
const longest = 8;

let next: Promise<void> | undefined;
let since = 0;

/** What to await before an answer, if the event loop has been waiting for its turn; undefined otherwise. */
export function turn(): Promise<void> | undefined {
  if (next !== undefined) return performance.now() - since < longest ? undefined : next;
  since = performance.now();
  next = new Promise((resolve) => {
    setImmediate(() => {
      next = undefined;
      resolve();
    });
  });
  return undefined;
}
