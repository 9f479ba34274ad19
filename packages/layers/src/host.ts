/** What Node and browsers do differently: where text goes, how wide it may be, and how to let other work in. */

/** The parts of Node that are used where they are. */
interface Host {
  readonly process?: {
    readonly stdout?: { write?(text: string): void; readonly isTTY?: boolean; readonly columns?: number };
  };
  readonly console: { log(text: string): void };
  readonly setImmediate?: (callback: () => void) => void;
}

const host = (): Host => globalThis;

/** Prints a text and ends the line. */
export function printLine(text: string): void {
  host().console.log(text);
}

/** Writes to the terminal as it is; undefined where there is none, as in a browser. */
export function terminalWriter(): ((text: string) => void) | undefined {
  const stdout = host().process?.stdout;
  return typeof stdout?.write === 'function' ? (text) => stdout.write!(text) : undefined;
}

/** True when text may be drawn over and colored. */
export function isTerminal(): boolean {
  return host().process?.stdout?.isTTY === true;
}

/** Characters in a line; 80 where nobody knows. */
export function terminalColumns(): number {
  return host().process?.stdout?.columns ?? 80;
}

/** Lets timers, input and collectors in: a loop of resolved promises alone would keep them out. */
export function macrotask(): Promise<void> {
  const { setImmediate: immediately } = host();
  return new Promise((resolve) => {
    if (immediately === undefined) setTimeout(resolve, 0);
    else immediately(resolve);
  });
}
