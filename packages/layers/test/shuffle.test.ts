/** Orders of rows: complete, determined by seed and epoch, and fair. */
import { expect, test } from '@jest/globals';
import { permutation } from '../src/training/shuffle.js';

test('every row comes once', () => {
  for (const n of [0, 1, 2, 7, 1000]) {
    expect([...permutation(n, 3, 0)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  }
});

test('seed and epoch determine the order, and each matters', () => {
  const order = (seed: number, epoch: number): string => permutation(50, seed, epoch).join();
  expect(order(1, 2)).toBe(order(1, 2));
  expect(new Set([order(0, 0), order(1, 0), order(0, 1), order(2 ** 40, 0), order(-1, 0)]).size).toBe(5);
});

test('the stream is frozen', () => {
  expect([...permutation(10, 42, 0)]).toEqual([4, 6, 2, 0, 1, 3, 8, 5, 7, 9]);
});

test('every row is first about equally often', () => {
  const counts = new Array<number>(5).fill(0);
  for (let seed = 0; seed < 5000; seed++) counts[permutation(5, seed, 0)[0]!]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
});
