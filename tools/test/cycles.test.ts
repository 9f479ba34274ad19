/** The search for import cycles: which imports count, and which circle is shown. */
import { expect, test } from '@jest/globals';
import { findCycles } from '../cycles/cycles.mjs';
import { specifiersOf } from '../cycles/imports.mjs';

const cycles = (edges: Record<string, string[]>) => findCycles(new Map(Object.entries(edges)));

test('a graph without cycles has none, however often its nodes meet', () => {
  expect(cycles({})).toEqual([]);
  expect(cycles({ a: ['b', 'c'], b: ['d'], c: ['d'], d: ['outside'] })).toEqual([]);
});

test('a node that reaches itself is a cycle', () => {
  expect(cycles({ a: ['a'] })).toEqual([['a']]);
  expect(cycles({ a: ['b'], b: ['a'] })).toEqual([['b', 'a'].sort()]);
});

test('each group of nodes shows one shortest cycle', () => {
  const found = cycles({ a: ['b'], b: ['c'], c: ['d', 'a'], d: ['a'], x: ['y', 'a'], y: ['x'] });
  expect(found).toEqual([
    ['a', 'b', 'c'],
    ['x', 'y'],
  ]);
});

test('a long chain does not exhaust the stack', () => {
  const length = 100_000;
  const chain = new Map(Array.from({ length }, (_, index) => [`${index}`, [`${index + 1}`]]));
  expect(findCycles(chain)).toEqual([]);
  chain.set(`${length}`, [`${length - 1}`]);
  expect(findCycles(chain)).toEqual([[`${length - 1}`, `${length}`]]);
});

test('imports and re-exports count, types and text do not', () => {
  const text = `
    import { a } from './a.js';
    import { type B, b } from './b.js';
    import type { C } from './c.js';
    import './d.js';
    export * from './e.js';
    export type { F } from './f.js';
    export const text = "import './g.js'";
    const h = await import('./h.js');
  `;
  expect(specifiersOf('x.ts', text)).toEqual(['./a.js', './b.js', './d.js', './e.js']);
});
