// Passes of peers that may be too slow for all batches, or for the steps of the check.

import { timed } from '../serve.mjs';

/** Seconds that a pass, and the check, may take. */
const [forPass, forCheck] = [4, 12];

/**
 * Milliseconds per batch of `count` passes over as many batches as fit into a few seconds.
 *
 * @param {number} count
 * @param {number} batches at most
 * @param {(batches: number) => Promise<unknown>} pass
 * @param {() => number} [now] a clock in milliseconds
 */
export async function boundedPasses(count, batches, pass, now = () => performance.now()) {
  const ms = [];
  let size = 1;
  for (let i = 0; i < count; i++) {
    for (;;) {
      const start = now();
      await pass(size);
      const perBatch = (now() - start) / size;
      const fitting = Math.max(1, Math.min(batches, Math.floor((1000 * forPass) / perBatch)));
      // One batch tells how many fit; where it is the only one that does, it counts.
      if (size > 1 || fitting === 1) {
        ms.push(perBatch);
        break;
      }
      size = fitting;
    }
  }
  return { ms, batches: size };
}

/**
 * The loss after `count` steps; none where they take too long.
 *
 * @param {number} count
 * @param {(number: number) => Promise<number>} step
 * @param {() => number} [now] a clock in milliseconds
 */
export async function boundedCheck(count, step, now = () => performance.now()) {
  const first = await timed(1, () => step(1), now);
  if ((first.ms[0] ?? 0) * count > 1000 * forCheck) return { ms: first.ms };
  let taken = 1;
  return timed(count - 1, () => step(++taken), now);
}
