/** Random graphs, run in every way that there is. `FUZZ_GRAPHS=5000 FUZZ_SEED=7` asks for more, or for others. */
import { expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { registerBackends } from '@antler/core';
import { seeded } from '../seeded.js';
import { createStrictBackend } from '../strict/strict.js';
import { check, type Way } from './check.js';
import { drawPlan, printPlan } from './plan.js';
import { shrink } from './shrink.js';

const count = Number(process.env.FUZZ_GRAPHS ?? 400);
const firstSeed = Number(process.env.FUZZ_SEED ?? 0);
const strict = createStrictBackend({ seed: 11, refuse: true, js: createJsBackend });
registerBackends({ js: () => createJsBackend(), strict: () => strict });

const ways: readonly Way[] = [
  { name: 'node by node', backend: 'js', fusion: 'never', isJitted: false },
  { name: 'fused', backend: 'js', fusion: 'always', isJitted: false },
  { name: 'jit', backend: 'js', fusion: 'auto', isJitted: true },
  { name: 'strict', backend: 'strict', fusion: 'auto', isJitted: true },
];

test(`${count} random graphs from seed ${firstSeed}`, async () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const plan = drawPlan(seeded(seed));
    const wrong = await check(plan, ways);
    if (wrong === undefined) continue;
    if (process.env.FUZZ_SHRINK === 'no') throw new Error(`seed ${seed}: ${wrong}`);
    const small = await shrink(plan, async (one) => (await check(one, ways)) !== undefined);
    throw new Error(`seed ${seed}: ${await check(small, ways)}\n\n${printPlan(small)}\n\nbefore shrinking: ${wrong}`);
  }
  expect(strict.violations).toEqual([]);
});
