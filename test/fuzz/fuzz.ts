/** Random graphs, run in every way that there is. `FUZZ_GRAPHS=5000 FUZZ_SEED=7` asks for more, or for others. */
import { test } from '@jest/globals';
import type { Backend } from '@antler/core';
import { seeded } from '../seeded.js';
import { check, type Way } from './check.js';
import { drawPlan, printPlan, type Plan } from './plan.js';
import { shrink } from './shrink.js';

const count = Number(process.env.FUZZ_GRAPHS ?? 400);
const firstSeed = Number(process.env.FUZZ_SEED ?? 0);

/** Registers the test for a device that has these dtypes; what fails is made small. `after` is asked when all graphs are right. */
export function fuzz(ways: readonly Way[], bytes: Backend['bytes'], after: () => void = () => undefined): void {
  const narrows = (['float16', 'bfloat16'] as const).filter((dtype) => bytes[dtype] !== undefined);
  /** What is wrong with a plan; an exception is wrong as well. */
  const examine = (plan: Plan): Promise<string | undefined> =>
    check(plan, ways).catch((error: unknown) =>
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  test(`${count} random graphs from seed ${firstSeed}`, async () => {
    for (let seed = firstSeed; seed < firstSeed + count; seed++) {
      const plan = drawPlan(seeded(seed), narrows);
      const wrong = await examine(plan);
      if (wrong === undefined) continue;
      if (process.env.FUZZ_SHRINK === 'no') throw new Error(`seed ${seed}: ${wrong}`);
      const small = await shrink(plan, async (one) => (await examine(one)) !== undefined);
      throw new Error(`seed ${seed}: ${await examine(small)}\n\n${printPlan(small)}\n\nbefore shrinking: ${wrong}`);
    }
    after();
  });
}
