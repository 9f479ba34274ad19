/** The budgets of code lines: which files count where. */
import { expect, test } from '@jest/globals';
import { fileLimit, overBudget } from '../lines/budget.mjs';

test('a file may be as long as the limit, not longer', () => {
  expect(overBudget([{ path: 'packages/data/src/a.ts', lines: fileLimit }])).toEqual([]);
  expect(overBudget([{ path: 'packages/data/src/a.ts', lines: 451 }])).toEqual([
    'packages/data/src/a.ts has 451 code lines, at most 450 are allowed',
  ]);
});

test('core has a sum of its own, without its ops', () => {
  const files = (folder: string) =>
    Array.from({ length: 16 }, (_, index) => ({ path: `packages/core/src/${folder}${index}.ts`, lines: 410 }));
  expect(overBudget(files('ops/'))).toEqual([]);
  expect(overBudget(files('graph/'))).toEqual(['core without ops has 6560 code lines, at most 6500 are allowed']);
});
