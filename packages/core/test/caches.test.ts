/** Caches forget what was used longest ago, so that none grows with the number of shapes a program has seen. */
import { expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { jit, memory, ones, registerBackends, setBackend, type Tensor } from '@antler/core';
import { LruMap } from '../src/runtime/lru.js';

test('the oldest go first, and use makes young', () => {
  const map = new LruMap<number>(10);
  map.set('a', 1, 4);
  map.set('b', 2, 4);
  expect(map.get('a')).toBe(1);
  map.set('c', 3, 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  expect([map.size, map.weight]).toEqual([2, 8]);
});

test('an entry that replaces another counts once; one beyond the bound stays alone', () => {
  const map = new LruMap<number>(10);
  map.set('a', 1, 6);
  map.set('a', 2, 3);
  expect(map.weight).toBe(3);
  map.set('b', 3, 50);
  expect([map.values(), map.weight]).toEqual([[3], 50]);
});

test('signatures of a jitted function and programs of a device are bounded', async () => {
  registerBackends({ bounded: createJsBackend });
  await setBackend('bounded');
  // A string is part of the signature: two bytes a character, of 32 MiB.
  const f = jit((x: Tensor, label: string) => (label === '' ? x : x.add(1)));
  for (let i = 0; i < 40; i++) {
    f(ones([1]), `${i}${'-'.repeat(2 ** 20)}`);
    expect(f.signatures).toBe(Math.min(i + 1, 15));
  }
  expect(memory().devices.find(({ name }) => name === 'bounded')!.programs).toBeGreaterThan(0);
});
