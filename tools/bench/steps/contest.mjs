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

/**
 * What became of a contestant: milliseconds per step, the loss after 50 steps without dropout, or why there are none.
 * @typedef {{ name: string, asks: 'step' | 'fit', versions: Record<string, string>, timing?: import('../measure.mjs').Timing, loss?: number, why?: string }} Result
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
      const { asks } = side.contestant.entry;
      await side.contestant.ask(asks, asks === 'fit' ? 1 : 5);
      const { ms } = await side.contestant.ask(asks, asks === 'fit' ? 1 : 5);
      side.count = asks === 'fit' ? 1 : Math.max(3, Math.min(500, Math.round(500 / Math.min(...ms))));
    });
    for (let round = 0; round < rounds; round++) {
      await each(async (side) => {
        side.times.push(...(await side.contestant.ask(side.contestant.entry.asks, side.count)).ms);
      });
    }
    const results = sides.map(({ contestant: { entry, versions }, times, loss, why }) => ({
      name: entry.name,
      asks: entry.asks,
      versions,
      ...(times.length > 0 && { timing: timing(times) }),
      ...(Number.isFinite(loss) && { loss }),
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
