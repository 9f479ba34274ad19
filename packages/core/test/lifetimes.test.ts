/** Lifetimes by hand: what scope and keep store, and what using and dispose free. */
import { createJsBackend } from '@antler/backend-js';
import { beforeEach, expect, test } from '@jest/globals';
import {
  Variable,
  fence,
  keep,
  memory,
  ones,
  random,
  registerBackends,
  scope,
  setBackend,
  tensor,
} from '../src/index.js';

const state = (): { storages: number; bytes: number; pendingNodes: number } => {
  const { pendingNodes, devices } = memory();
  const { storages, bytes } = devices.find(({ name }) => name === device)!;
  return { storages, bytes, pendingNodes };
};

let device = '';
let count = 0;
beforeEach(async () => {
  device = `lifetimes-${count++}`;
  registerBackends({ [device]: createJsBackend });
  await setBackend(device);
});

test('scope runs what was recorded, stores what it returns and nothing else', async () => {
  const x = new Variable(ones([4]));
  const { y, z } = scope(() => {
    const doubled = x.value.mul(2);
    return { y: doubled.add(1), z: doubled.sum() };
  });
  // The variable, four numbers and a sum: `doubled` never was in memory of its own.
  expect(state()).toEqual({ storages: 3, bytes: 16 + 16 + 4, pendingNodes: 0 });
  x.assign(ones([4]).mul(5));
  expect([await y.array(), await z.item()]).toEqual([[3, 3, 3, 3], 8]);
});

test('keep stores a value although others consume it', async () => {
  const x = new Variable(ones([2]));
  const doubled = keep(x.value.mul(2));
  const sums = [doubled.sum(), x.value.mul(3).sum()];
  fence();
  // The variable, what was kept and two sums; not what was multiplied by 3.
  expect(state().storages).toBe(4);
  expect(await Promise.all(sums.map((sum) => sum.item()))).toEqual([4, 6]);
  expect(await doubled.array()).toEqual([2, 2]);
});

test('using and dispose free at once, and what was disposed of says so', async () => {
  const kept = tensor([1, 2]).mul(2);
  fence();
  const before = state();
  {
    using freed = kept.add(1);
    expect(await freed.array()).toEqual([3, 5]);
    expect(state().storages).toBe(before.storages + 1);
  }
  expect(state()).toEqual(before);
  kept.dispose();
  expect(state().storages).toBe(before.storages - 1);
  await expect(kept.data()).rejects.toThrow('dispose');
});

test('what is disposed of twice takes nothing from the next', async () => {
  const x = tensor([1, 2]);
  const first = x.mul(2);
  fence();
  const before = state();
  first.dispose();
  const next = x.mul(3);
  fence();
  first.dispose();
  expect(state()).toEqual(before);
  expect(await next.array()).toEqual([3, 6]);
});

test('a window that is full is fenced between operations, so that none loses what a draw has overwritten', async () => {
  random.seed(3);
  const pending = Array.from({ length: 2000 }, () => random.normal([]));
  const together = await Promise.all(pending.map((one) => one.item()));
  random.seed(3);
  const alone: number[] = [];
  for (let i = 0; i < together.length; i++) alone.push(await random.normal([]).item());
  expect(together).toEqual(alone);
});
