/** Shuffling: the published generator, the stability of the orders, and their uniformity. */
import { describe, expect, test } from '@jest/globals';
import { drawBelow, seededWords, shuffleOrder, xoshiro128 } from '../src/shuffle.js';

const identity = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);

describe('xoshiro128', () => {
  /** The definition, word for word, on big integers. */
  function* reference(state: bigint[]): Generator<bigint> {
    const mask = 0xffffffffn;
    const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
    for (;;) {
      yield (rotate((state[1]! * 5n) & mask, 7n) * 9n) & mask;
      const t = (state[1]! << 9n) & mask;
      state[2]! ^= state[0]!;
      state[3]! ^= state[1]!;
      state[1]! ^= state[2]!;
      state[0]! ^= state[3]!;
      state[2]! ^= t;
      state[3] = rotate(state[3]!, 11n);
    }
  }

  test('follows its definition over 10,000 words', () => {
    const words = xoshiro128(1, 2, 3, 4);
    const expected = reference([1n, 2n, 3n, 4n]);
    expect(words()).toBe(11520);
    expected.next();
    for (let i = 0; i < 10_000; i++) expect(words()).toBe(Number(expected.next().value));
  });
});

describe('seededWords', () => {
  test('neighbouring seeds, passes and seeds past 2^32 give different words', () => {
    const first = [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
      [2 ** 32, 0],
      [2 ** 32 + 1, 0],
    ].map(([seed, pass]) => seededWords(seed!, pass!)());
    expect(new Set(first).size).toBe(first.length);
  });
});

describe('drawBelow', () => {
  test('a limit of 1 is always 0, other limits are reached evenly', () => {
    const words = seededWords(5, 0);
    expect(drawBelow(words, 1)).toBe(0);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[drawBelow(words, 6)]!++;
    // Standard deviation 91; five of them.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(460);
  });
});

describe('shuffleOrder', () => {
  test('is frozen: seed 42 gives this order on every machine', () => {
    expect(shuffleOrder(identity(10), 10, seededWords(42, 0)).join(' ')).toBe('3 1 7 0 8 5 6 2 4 9');
    expect(shuffleOrder(identity(10), 3, seededWords(42, 0)).join(' ')).toBe('0 3 4 5 6 7 2 9 8 1');
  });

  test('is a permutation, whatever the buffer', () => {
    for (const buffer of [1, 2, 7, 100, 1000]) {
      const order = shuffleOrder(identity(100), buffer, seededWords(3, 0));
      expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from(identity(100)));
    }
  });

  test('a buffer of 1 keeps the order; a buffer of k never advances an element by k places or more', () => {
    expect(shuffleOrder(identity(50), 1, seededWords(3, 0))).toEqual(identity(50));
    const order = shuffleOrder(identity(1000), 10, seededWords(3, 0));
    order.forEach((index, place) => expect(index - place).toBeLessThan(10));
    expect(order).not.toEqual(identity(1000));
  });

  test('every order of three is equally likely', () => {
    const counts = new Map<string, number>();
    for (let pass = 0; pass < 6000; pass++) {
      const key = shuffleOrder(identity(3), 3, seededWords(9, pass)).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
