/** What a step of training costs, counted on the null backend: how many kernels of which kind, and copies of nothing. */
import { expect, test } from '@jest/globals';
import { jit } from '@antler/core';
import { openFresh } from '../modes.js';
import { classifier } from '../traps/classifier.js';
import { createNullBackend, type NullCounts } from './null.js';

test('a step of a two-layer classifier is one program of few kernels', async () => {
  const backend = createNullBackend();
  await openFresh(() => backend);
  const model = classifier();
  const { x, labels } = model;
  const compiled = jit((...args: Parameters<typeof model.step>) => model.step(...args));
  compiled(x, labels, 0.5);
  const before = backend.counts();
  compiled(x, labels, 0.5);
  const after = backend.counts();
  const spent = (count: (counts: NullCounts) => number): number => count(after) - count(before);

  expect(spent(({ programs }) => programs)).toBe(0);
  expect(spent(({ runs }) => runs)).toBe(1);
  expect(spent(({ copies }) => copies)).toBe(0);
  // Two forward; for the gradients one of each weight and one of the hidden layer.
  expect(spent(({ kernels }) => kernels.dot)).toBe(5);
  // Activation, loss, their gradients and the three updates.
  expect(spent(({ kernels }) => kernels.loop)).toBeLessThanOrEqual(10);
});
