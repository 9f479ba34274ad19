/** What the composites of neural networks give at the edges. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { registerBackends, setBackend, tensor } from '../src/index.js';

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

describe('attention', () => {
  const rows = tensor([[[[1, 2]], [[3, 4]], [[5, 9]]]]);
  const query = tensor([[[[1e4, 0]], [[0, -1e4]], [[0, 0]]]]);

  test('of huge products is finite, and takes the best', async () => {
    const y = antler.scaledDotProductAttention(query, rows, rows);
    expect(await y.array()).toEqual([[[[5, 9]], [[1, 2]], [[3, 5]]]]);
  });

  test('a query that sees nothing gets the mean of all values', async () => {
    const mask = tensor([[true, true, false], [false, false, false], [false, true, false]]); // prettier-ignore
    const y = antler.scaledDotProductAttention(query, rows, rows, { mask });
    expect(await y.array()).toEqual([[[[3, 4]], [[3, 5]], [[3, 4]]]]);
  });

  test('causal queries see the past', async () => {
    const y = antler.scaledDotProductAttention(antler.zeros([1, 2, 1, 2]), rows, rows, { causal: true });
    expect(await y.array()).toEqual([[[[1, 2]], [[2, 3]]]]);
  });
});

test('a normalization of equal numbers is its offset, exactly', async () => {
  const x = antler.full([7, 3], 0.1);
  const options = { offset: tensor([1, 2, 3]) };
  const expected = Array.from({ length: 7 }, () => [1, 2, 3]);
  expect(await antler.layerNormalization(x, options).array()).toEqual(expected);
  expect(await antler.batchNormalizationTraining(x, options)[0].array()).toEqual(expected);
});

test('variances do not cancel', async () => {
  const [, mean, variance] = antler.batchNormalizationTraining(tensor([[10001], [10002], [10003]]));
  expect([await mean.item(), await variance.item()]).toEqual([10002, Math.fround(2 / 3)]);
});

test('errors', () => {
  expect(() => antler.layerNormalization(antler.ones([2, 3]), { scale: antler.ones([2]) })).toThrow(
    'layerNormalization: expected scale and offset of shape [3], received [2].',
  );
  expect(() => antler.groupNormalization(antler.ones([2, 3]), { groups: 2 })).toThrow(
    'groupNormalization: expected a number of groups that divides the 3 channels, which are no batch, received 2.',
  );
  expect(() => antler.rmsNormalization(antler.ones([2]), { epsilon: NaN })).toThrow(
    'rmsNormalization: expected a finite epsilon >= 0, received NaN.',
  );
  const x = antler.ones([1, 2, 3, 4]);
  expect(() => antler.scaledDotProductAttention(x, antler.ones([1, 2, 3, 5]), x)).toThrow(
    'scaledDotProductAttention: expected one batch and number of heads, one depth of queries and keys, as many values as keys (at least one), received [1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 3, 4].',
  );
  expect(() => antler.scaledDotProductAttention(x, x, x, { mask: antler.ones([2, 2]) })).toThrow(
    'scaledDotProductAttention: mask: expected a bool mask, received float32.',
  );
  expect(() => antler.categoricalCrossentropy(antler.ones([2]), antler.ones([2, 2]))).toThrow(
    "categoricalCrossentropy: expected a target of the output's shape [2, 2], received [2].",
  );
});
