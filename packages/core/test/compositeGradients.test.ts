/** Gradients of the composites of neural networks, twice, and what they give at the edges. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { type Tensor, registerBackends, setBackend, tensor } from '../src/index.js';
import { describeGradients, type Case } from './finiteDifferences.js';

const m23 = [2, 3] as const;
/** A mask [2, 4] of which the second row sees nothing. */
const seen = (): Tensor => tensor([[true, false, true, true], [false, false, false, false]]); // prettier-ignore
const heads = [[1, 2, 2, 2], [1, 4, 2, 2], [1, 4, 2, 3]] as const; // prettier-ignore

const cases: readonly Case[] = [
  { name: 'layerNormalization', f: (x, scale, offset) => antler.layerNormalization(x, { scale, offset, epsilon: 1e-3 }), shapes: [[2, 4], [4], [4]] },
  { name: 'layerNormalization of two axes', f: (x, scale) => antler.layerNormalization(x, { scale, axis: [0, 2], epsilon: 1e-3 }), shapes: [[2, 3, 2], [2, 2]] },
  { name: 'rmsNormalization', f: (x, scale) => antler.rmsNormalization(x, { scale, epsilon: 1e-3 }), shapes: [[2, 4], [4]] },
  { name: 'batchNormalization', f: (x, mean, variance, scale, offset) => antler.batchNormalization(x, mean, variance, { scale, offset }), shapes: [m23, [3], [3], [3], [3]], range: [0.3, 2] },
  { name: 'batchNormalizationTraining', f: (x, scale, offset) => antler.batchNormalizationTraining(x, { scale, offset })[0], shapes: [[5, 2], [2], [2]] },
  { name: 'batchNormalizationTraining with its statistics', f: (x, scale) => antler.concatenate(antler.batchNormalizationTraining(x, { scale, axis: 0 }).map((y) => antler.reshape(y, [-1]))), shapes: [[2, 4], [2]] },
  { name: 'groupNormalization', f: (x, scale, offset) => antler.groupNormalization(x, { groups: 2, scale, offset }), shapes: [[2, 2, 4], [4], [4]] },
  { name: 'attention', f: (q, k, v) => antler.scaledDotProductAttention(q, k, v), shapes: heads },
  { name: 'attention, causal', f: (q, k, v) => antler.scaledDotProductAttention(q, k, v, { causal: true, scale: 1.5 }), shapes: heads },
  { name: 'attention, masked', f: (q, k, v) => antler.scaledDotProductAttention(q, k, v, { mask: seen() }), shapes: heads },
  { name: 'lstm', f: (z, u, h, c) => antler.lstm(z, u, h, c)[0], shapes: [[2, 3, 8], [2, 8], [2, 2], [2, 2]] },
  { name: 'lstm, last state and cell', f: (z, u, h, c) => antler.concatenate(antler.lstm(z, u, h, c).slice(1)), shapes: [[2, 3, 8], [2, 8], [2, 2], [2, 2]] },
  { name: 'gru', f: (x, u, b, h) => antler.gru(x, u, b, h)[0], shapes: [[2, 3, 6], [2, 6], [6], [2, 2]] },
  { name: 'gru, last state', f: (x, u, b, h) => antler.gru(x, u, b, h)[1], shapes: [[2, 3, 6], [2, 6], [6], [2, 2]] },
  { name: 'softmaxCrossEntropy', f: (y, z) => antler.softmaxCrossEntropy(y, z), shapes: [m23, m23] },
  { name: 'binaryCrossentropy', f: (y, z) => antler.binaryCrossentropy(y, antler.sigmoid(z)), shapes: [m23, m23] },
  { name: 'binaryCrossentropy of logits', f: (y, z) => antler.binaryCrossentropy(y, z, { fromLogits: true }), shapes: [m23, m23] },
  { name: 'categoricalCrossentropy', f: (y, p) => antler.categoricalCrossentropy(y, p), shapes: [m23, m23], range: [0.3, 2] },
  { name: 'sparseCategoricalCrossentropy', f: (p) => antler.sparseCategoricalCrossentropy(tensor(Int32Array.of(2, -3)), p), shapes: [m23], range: [0.3, 2] },
  { name: 'maxPool', f: (x) => antler.maxPool(x, 2, { strides: 1, padding: 'same' }), shapes: [[1, 3, 3, 2]] },
  { name: 'averagePool', f: (x) => antler.averagePool(x.mul(x), [2, 3], { strides: [1, 2], padding: 'same' }), shapes: [[1, 3, 4, 1]] },
]; // prettier-ignore

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

describe('composites against finite differences, in float64', () => describeGradients(cases));

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
