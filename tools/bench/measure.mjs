// Measures how long something takes: warms it up, repeats it, and keeps the spread, because one number hides noise.

/**
 * Milliseconds per repetition.
 * @typedef {{ repetitions: number, minimum: number, median: number, maximum: number }} Timing
 *
 * @typedef {object} Case
 * @property {string} title
 * @property {() => unknown} run one repetition; a promise is awaited
 * @property {(() => unknown) | undefined} [prepare] runs once before, not measured
 */

/**
 * Repeats a case for about as long as asked, at least five times, after a tenth of that as warm-up.
 *
 * @param {Case} subject
 * @param {{ seconds: number, now?: () => number }} options `now`: a clock in milliseconds
 * @returns {Promise<Timing>}
 */
export async function measure({ run, prepare }, { seconds, now = () => performance.now() }) {
  await prepare?.();
  const warm = now() + seconds * 100;
  do await run();
  while (now() < warm);
  /** @type {number[]} */
  const times = [];
  for (const end = now() + seconds * 1000; times.length < 5 || now() < end;) {
    const start = now();
    await run();
    times.push(now() - start);
  }
  return timing(times);
}

/** @param {readonly number[]} times at least one @returns {Timing} */
export function timing(times) {
  const sorted = times.toSorted((a, b) => a - b);
  /** @param {number} place */
  const at = (place) => sorted[place] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    repetitions: sorted.length,
    minimum: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    maximum: at(sorted.length - 1),
  };
}
