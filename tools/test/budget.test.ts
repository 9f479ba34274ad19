/** The budgets of code lines: which files count where. */
import { expect, test } from '@jest/globals';
import { budgets, fileLimit, overBudget } from '../lines/budget.mjs';

test('a file may be as long as the limit, not longer', () => {
  expect(overBudget([{ path: 'packages/data/src/a.ts', lines: fileLimit }])).toEqual([]);
  expect(overBudget([{ path: 'packages/data/src/a.ts', lines: 451 }])).toEqual([
    'packages/data/src/a.ts has 451 code lines, at most 450 are allowed',
  ]);
});

test('core has a sum of its own, without its ops', () => {
  const limit = budgets.find(({ title }) => title === 'core without ops')!.limit;
  const files = (folder: string, lines: number) =>
    Array.from({ length: 20 }, (_, index) => ({ path: `packages/core/src/${folder}${index}.ts`, lines }));
  const least = Math.floor(limit / 20);
  expect(overBudget(files('ops/', fileLimit))).toEqual([]);
  expect(overBudget(files('graph/', least))).toEqual([]);
  expect(overBudget(files('graph/', least + 1))).toEqual([
    `core without ops has ${20 * (least + 1)} code lines, at most ${limit} are allowed`,
  ]);
});
