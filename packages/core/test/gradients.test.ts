/** Gradients of first and second order against finite differences, in float64. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { describeGradients, type Case } from './finiteDifferences.js';
import { type Tensor, grad, registerBackends, setBackend, tensor } from '../src/index.js';

const indices = (values: readonly number[]): Tensor => tensor(Int32Array.from(values));
const positive = [0.3, 2] as const;
const m23 = [2, 3] as const;

const cases: readonly Case[] = [
  { name: 'negative', f: (x) => antler.negative(x), shapes: [m23] },
  { name: 'abs', f: (x) => antler.abs(x), shapes: [m23] },
  { name: 'exp', f: (x) => antler.exp(x), shapes: [m23] },
  { name: 'expm1', f: (x) => antler.expm1(x), shapes: [m23] },
  { name: 'log', f: (x) => antler.log(x), shapes: [m23], range: positive },
  { name: 'log1p', f: (x) => antler.log1p(x), shapes: [m23], range: positive },
  { name: 'sqrt', f: (x) => antler.sqrt(x), shapes: [m23], range: positive },
  { name: 'rsqrt', f: (x) => antler.rsqrt(x), shapes: [m23], range: positive },
  { name: 'square', f: (x) => antler.square(x), shapes: [m23] },
  { name: 'sin', f: (x) => antler.sin(x), shapes: [m23] },
  { name: 'cos', f: (x) => antler.cos(x), shapes: [m23] },
  { name: 'tanh', f: (x) => antler.tanh(x), shapes: [m23] },
  { name: 'sigmoid', f: (x) => antler.sigmoid(x), shapes: [m23] },
  { name: 'softplus', f: (x) => antler.softplus(x), shapes: [m23] },
  { name: 'erf', f: (x) => antler.erf(x), shapes: [m23] },
  { name: 'relu', f: (x) => antler.relu(x), shapes: [m23] },
  { name: 'clip', f: (x) => antler.clip(x, -0.5, 0.5), shapes: [m23] },
  { name: 'add, broadcast', f: (x, y) => antler.add(x, y), shapes: [m23, [3]] },
  { name: 'subtract, broadcast', f: (x, y) => antler.subtract(x, y), shapes: [[2, 1], m23] },
  { name: 'multiply, broadcast', f: (x, y) => antler.multiply(x, y), shapes: [m23, [1, 3]] },
  { name: 'divide', f: (x, y) => antler.divide(x, y), shapes: [m23, m23], range: positive },
  { name: 'remainder', f: (x, y) => antler.remainder(x, y), shapes: [[4], [4]], range: positive },
  { name: 'power', f: (x, y) => antler.power(x, y), shapes: [m23, m23], range: positive },
  { name: 'maximum', f: (x, y) => antler.maximum(x, y), shapes: [m23, m23] },
  { name: 'minimum', f: (x, y) => antler.minimum(x, y), shapes: [m23, m23] },
  { name: 'arctan2', f: (x, y) => antler.arctan2(x, y), shapes: [m23, m23], range: positive },
  { name: 'where', f: (x, y) => antler.where(antler.less(x, 0), x, y), shapes: [m23, m23] },
  { name: 'sum', f: (x) => antler.sum(x, 1), shapes: [m23] },
  { name: 'mean', f: (x) => antler.mean(x, 0, true), shapes: [m23] },
  { name: 'max', f: (x) => antler.max(x, -1), shapes: [m23] },
  { name: 'min', f: (x) => antler.min(x), shapes: [m23] },
  { name: 'prod', f: (x) => antler.prod(x, 1), shapes: [m23], range: positive },
  { name: 'variance', f: (x) => antler.variance(x, 1), shapes: [m23] },
  { name: 'std', f: (x) => antler.std(x), shapes: [m23] },
  { name: 'logSumExp', f: (x) => antler.logSumExp(x, 1), shapes: [m23] },
  { name: 'softmax', f: (x) => antler.softmax(x), shapes: [m23] },
  { name: 'softmax of axis 0', f: (x) => antler.softmax(x, 0), shapes: [m23] },
  { name: 'logSoftmax', f: (x) => antler.logSoftmax(x), shapes: [m23] },
  { name: 'sparseSoftmaxCrossEntropy', f: (x) => antler.sparseSoftmaxCrossEntropy(indices([2, -3]), x), shapes: [m23] },
  { name: 'softmaxCrossEntropy', f: (x, y) => antler.softmaxCrossEntropy(antler.softmax(y), x), shapes: [m23, m23] },
  { name: 'reshape', f: (x) => x.reshape([3, 2]).mul(x.reshape([3, 2])), shapes: [m23] },
  { name: 'transpose', f: (x) => antler.transpose(x, [2, 0, 1]), shapes: [[2, 3, 4]] },
  { name: 'broadcastTo', f: (x) => antler.broadcastTo(x, [4, 2, 3]), shapes: [[2, 1]] },
  { name: 'slice', f: (x) => antler.slice(x, [1, 0], [4, 5], [1, 2]), shapes: [[5, 5]] },
  { name: 'pad', f: (x) => antler.pad(x, [[1, 2], [-1, 1]]), shapes: [[2, 3]] },
  { name: 'concatenate', f: (x, y) => antler.concatenate([x, y, x], 1), shapes: [m23, [2, 1]] },
  { name: 'stack', f: (x, y) => antler.stack([x, y], 1), shapes: [m23, m23] },
  { name: 'split', f: (x) => { const [a, b] = antler.split(x, 2, 1) as [Tensor, Tensor]; return a.mul(b); }, shapes: [[2, 4]] },
  { name: 'flip', f: (x) => antler.flip(x, 1), shapes: [m23] },
  { name: 'take', f: (x) => antler.take(x, indices([2, 0, 2, -1]), 1), shapes: [[2, 3, 2]] },
  { name: 'takeAlongAxis', f: (x) => antler.takeAlongAxis(x, tensor([[1, 0], [2, 2]], { dtype: 'int32' }), 1), shapes: [m23] },
  { name: 'scatterUpdate set', f: (x, y) => antler.scatterUpdate(x, indices([1, 3, 1]), y), shapes: [[4, 2], [3, 2]] },
  { name: 'scatterUpdate add', f: (x, y) => antler.scatterUpdate(x, indices([1, 3, 1]), y, 'add'), shapes: [[4, 2], [3, 2]] },
  { name: 'scatterUpdate max', f: (x, y) => antler.scatterUpdate(x, indices([1, 3, 1]), y, 'max'), shapes: [[4, 2], [3, 2]] },
  { name: 'scatterUpdate min', f: (x, y) => antler.scatterUpdate(x, indices([1, 3, 1]), y, 'min'), shapes: [[4, 2], [3, 2]] },
  { name: 'matmul', f: (x, y) => antler.matmul(x, y), shapes: [m23, [3, 4]] },
  { name: 'matmul, batched', f: (x, y) => antler.matmul(x, y), shapes: [[2, 2, 3], [2, 3, 2]] },
  { name: 'matmul, broadcast batch', f: (x, y) => antler.matmul(x, y), shapes: [[2, 3], [2, 3, 2]] },
  { name: 'matmul, vectors', f: (x, y) => antler.matmul(x, y), shapes: [[3], [3]] },
  { name: 'tensordot', f: (x, y) => antler.tensordot(x, y, [[0, 2], [1, 0]]), shapes: [[2, 3, 4], [4, 2, 2]] },
  { name: 'outer', f: (x, y) => antler.outer(x, y), shapes: [[3], [2]] },
  {
    name: 'scan',
    f: (x, y) => {
      const [last, all] = antler.scan((c: Tensor, e: Tensor) => [antler.tanh(c.mul(y).add(e)), c.mul(e)], antler.sum(x, 0), x);
      return antler.concatenate([last.reshape([1, 2]), all], 0);
    },
    shapes: [[3, 2], [2]],
  },
  {
    name: 'scan, reversed',
    f: (x) => antler.scan((c: Tensor, e: Tensor) => [c.mul(e).add(1), c.mul(c)], antler.zeros([2], { dtype: 'float64' }), x, { reverse: true })[1],
    shapes: [[4, 2]],
  },
]; // prettier-ignore

describe('gradients against finite differences, in float64', () => {
  beforeAll(async () => {
    registerBackends({ js: createJsBackend });
    await setBackend('js');
  });

  describeGradients(cases);

  test('the product of numbers with zeros among them', async () => {
    const slope = async (xs: number[]): Promise<number[]> => [
      ...(await grad((x: Tensor) => antler.prod(x))(tensor(xs)).data()),
    ];
    expect(await slope([2, 0, 3])).toEqual([0, 6, 0]);
    expect(await slope([0, 0, 3])).toEqual([0, 0, 0]);
  });

  test('ties of a maximum share the gradient, relu and abs have none at 0', async () => {
    expect([...(await grad((x: Tensor) => x.max())(tensor([1, 3, 3])).data())]).toEqual([0, 0.5, 0.5]);
    expect([...(await grad((x: Tensor) => antler.maximum(x, 1).sum())(tensor([1, 2])).data())]).toEqual([0.5, 1]);
    expect([...(await grad((x: Tensor) => antler.relu(x).sum())(tensor([0, -1, 1])).data())]).toEqual([0, 0, 1]);
    expect([...(await grad((x: Tensor) => antler.abs(x).sum())(tensor([0, -2])).data())]).toEqual([0, -1]);
  });
});
