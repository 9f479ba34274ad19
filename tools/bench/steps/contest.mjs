// One contest: every contestant trains one model from the same weights on the same numbers, in turns, on the same processors.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeArrays } from './arrays.mjs';
import { Contestant } from './contestant.mjs';
import { timing } from '../measure.mjs';

/** Steps after which all must have the same loss, and how far apart they may be. */
const checkedSteps = 50;
const agreement = 0.01;

/** Seconds after which a first pass of `fit` is given up, and after which it is the only one. */
const [patience, long] = [60, 15];

/**
 * What became of a contestant: milliseconds per step, the loss after 50 steps without dropout, or why there are none.
 * @typedef {{ name: string, asks: 'step' | 'fit', versions: Record<string, string>, timing?: import('../measure.mjs').Timing, loss?: number, batches?: number, why?: string }} Result
 */

/**
 * @param {string} model
 * @param {import('./models.mjs').ModelSpec} spec
 * @param {(folder: string) => readonly import('./contestant.mjs').Entry[]} entriesFor
 * @param {{ threads: number, rounds: number, check: boolean, say: (line: string) => void }} options
 * @returns {Promise<Result[]>}
 */
export async function contest(model, spec, entriesFor, { threads, rounds, check, say }) {
  const folder = mkdtempSync(join(tmpdir(), 'antler-contest-'));
  try {
    writeArrays(folder, spec);
    const sides = entriesFor(folder).map((entry) => ({
      contestant: new Contestant(entry, threads),
      /** @type {number[]} */
      times: [],
      loss: NaN,
      count: 3,
      batches: 0,
      /** Too slow for more than one pass. */
      done: false,
      /** @type {string | undefined} */
      why: undefined,
    }));
    /** One after the other, so that none is slowed by another. @param {(side: typeof sides[number]) => Promise<void>} act */
    const each = async (act) => {
      for (const side of sides) {
        if (side.why !== undefined) continue;
        await act(side).catch((/** @type {Error} */ error) => {
          side.why = error.message;
          say(`  ${side.contestant.entry.name}: ${error.message}`);
        });
      }
    };
    await each(({ contestant }) => contestant.start());
    if (check) await each(async (side) => void (side.loss = (await side.contestant.ask('check', checkedSteps)).loss));
    // The warm-up compiles, and tells how many steps fill half a second.
    await each(async (side) => {
      const { contestant } = side;
      const start = performance.now();
      if (contestant.entry.asks === 'fit') {
        const { ms, batches } = await contestant.ask('fit', 1, patience);
        Object.assign(side, { count: 1, batches });
        // Nothing was compiled that would matter beside so long a pass, and there is no time for another.
        side.done = performance.now() - start > 1000 * long;
        if (side.done) side.times.push(...ms);
        return;
      }
      await contestant.ask('step', 5);
      const { ms } = await contestant.ask('step', 5);
      side.count = Math.max(3, Math.min(500, Math.round(500 / Math.min(...ms))));
    });
    for (let round = 0; round < rounds; round++) {
      await each(async (side) => {
        const { contestant, count, done } = side;
        if (!done) side.times.push(...(await contestant.ask(contestant.entry.asks, count)).ms);
      });
    }
    const results = sides.map(({ contestant: { entry, versions }, times, loss, batches, why }) => ({
      name: entry.name,
      asks: entry.asks,
      versions,
      ...(times.length > 0 && { timing: timing(times) }),
      ...(Number.isFinite(loss) && { loss }),
      ...(batches > 0 && { batches }),
      ...(why !== undefined && { why }),
    }));
    await Promise.all(sides.map(({ contestant }) => contestant.stop()));
    for (const { name, timing: time, loss } of results) {
      if (time === undefined) continue;
      say(
        `  ${name.padEnd(24)} ${time.median.toFixed(3).padStart(9)} ms (min ${time.minimum.toFixed(3)})  loss ${loss?.toFixed(5) ?? '-'}`,
      );
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Names of results whose loss is not the one that most others have. @param {readonly Result[]} results */
export function disagreeing(results) {
  const losses = results.flatMap(({ loss }) => (loss === undefined ? [] : [loss])).sort((a, b) => a - b);
  const middle = losses[Math.floor(losses.length / 2)] ?? NaN;
  return results
    .filter(({ loss }) => loss !== undefined && Math.abs(loss - middle) > agreement * Math.max(middle, 1e-3))
    .map(({ name }) => name);
}
