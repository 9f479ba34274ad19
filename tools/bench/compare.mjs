// Measures two ways of computing the same thing beside each other: in turns, so that a busy machine slows both alike.

import { timing } from './measure.mjs';

/**
 * One side of a comparison.
 * @typedef {object} Side
 * @property {() => unknown} run one repetition; a promise is awaited
 * @property {(() => unknown) | undefined} [prepare] runs once before, not measured
 *
 * @typedef {object} Comparison
 * @property {string} title
 * @property {number} goal how many times faster ours shall be
 * @property {Side} ours
 * @property {Side} peer
 * @property {number | undefined} [parts] into how many equal parts a repetition is divided in the report; default 1
 * @property {(() => Promise<string>) | undefined} [check] runs once after; what both computed, in words
 *
 * @typedef {{ ours: import('./measure.mjs').Timing, peer: import('./measure.mjs').Timing, ratio: number, check: string }} Compared
 */

/**
 * Repeats both sides in turns for about as long as asked, at least five times, after as long a warm-up. Ratio of medians.
 *
 * @param {Comparison} comparison
 * @param {{ seconds: number, now?: () => number }} options `now`: a clock in milliseconds
 * @returns {Promise<Compared>}
 */
export async function compare({ ours, peer, check }, { seconds, now = () => performance.now() }) {
  const sides = [ours, peer];
  for (const { prepare } of sides) await prepare?.();
  /** @type {number[][]} */
  const times = [[], []];
  for (const measured of [false, true]) {
    const end = now() + seconds * 1000;
    for (let rounds = 0; rounds < 5 || now() < end; rounds++) {
      for (const [i, { run }] of sides.entries()) {
        const start = now();
        await run();
        if (measured) times[i]?.push(now() - start);
      }
    }
  }
  const [our, their] = [timing(times[0] ?? []), timing(times[1] ?? [])];
  return { ours: our, peer: their, ratio: their.median / our.median, check: (await check?.()) ?? '' };
}
