/** Buffers that are used again. */
import { beforeEach, expect, test } from '@jest/globals';
import { forgetSpare, giveBack, spareSizes, take as takeFrom, type Memory } from '../src/memory.js';

const [kB, MB] = [2 ** 10, 2 ** 20];

/** As if every buffer began 16 bytes after a line. */
const take = (bytes: number): Memory => takeFrom(bytes, () => 48);

beforeEach(forgetSpare);

test('what is not small begins where the addon says, and has all its bytes from there on', () => {
  for (const bytes of [kB, 4 * kB, MB + 4]) {
    const { buffer, start, bytes: held } = take(bytes);
    expect([held, start]).toEqual([bytes, bytes < 4 * kB ? 0 : 48]);
    expect(buffer.byteLength - start).toBeGreaterThanOrEqual(bytes);
  }
});

test('what was given back is taken by the next of its size, once', () => {
  const [small, large] = [take(4 * kB), take(8 * kB)];
  giveBack(small);
  giveBack(large);
  expect(take(8 * kB)).toBe(large);
  expect(take(4 * kB)).toBe(small);
  expect([take(4 * kB), take(8 * kB)].some((one) => one === small || one === large)).toBe(false);
});

test("small buffers are the collector's", () => {
  const tiny = take(kB);
  giveBack(tiny);
  expect(take(kB)).not.toBe(tiny);
});

test('64 MiB are kept; sizes that were given back longest ago go first', () => {
  const [old, middle] = [take(MB), take(2 * MB)];
  const many = Array.from({ length: 62 }, () => take(MB + 4));
  for (const buffer of [old, middle, ...many]) giveBack(buffer);
  expect(take(MB)).not.toBe(old);
  expect(take(2 * MB)).not.toBe(middle);
  const again = new Set(many.map(() => take(MB + 4)));
  expect(many.every((buffer) => again.has(buffer))).toBe(true);
});

test('nothing is kept after all was forgotten', () => {
  const buffer = take(4 * kB);
  giveBack(buffer);
  forgetSpare();
  expect(take(4 * kB)).not.toBe(buffer);
});

test('sizes that never come again are forgotten', () => {
  for (let i = 0; i < 5000; i++) {
    const bytes = 4 * kB + 16 * i;
    giveBack(take(bytes));
    take(bytes);
  }
  expect(spareSizes()).toBeLessThanOrEqual(1024);
});
