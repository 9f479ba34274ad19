/** Convolution and pooling: values against the naive twin and by hand, gradients against finite differences, errors. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  averagePool,
  conv,
  convTranspose,
  depthwiseConv,
  grad,
  maxPool,
  random,
  registerBackends,
  separableConv,
  setBackend,
  type ConvOptions,
  type ConvTransposeOptions,
  type PoolOptions,
  type Tensor,
} from '@antler/core';
import { createJsBackend } from '@antler/backend-js';

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

const drawn = (shape: readonly number[], seed: number): Tensor =>
  random.uniform(shape, { low: -1, high: 1, key: random.key(seed) }).cast('float64');

interface Case {
  readonly name: string;
  readonly f: (...xs: Tensor[]) => Tensor;
  readonly shapes: readonly (readonly number[])[];
  readonly result: readonly number[];
}

const plain = (
  name: string,
  x: readonly number[],
  kernel: readonly number[],
  options: ConvOptions,
  result: readonly number[],
): Case => ({ name: `conv, ${name}`, f: (a, b) => conv(a, b, options), shapes: [x, kernel], result });

const spread = (
  name: string,
  x: readonly number[],
  kernel: readonly number[],
  options: ConvTransposeOptions,
  result: readonly number[],
): Case => ({
  name: `convTranspose, ${name}`,
  f: (a, b) => convTranspose(a, b, options),
  shapes: [x, kernel],
  result,
});

const pool = (
  kind: 'maxPool' | 'averagePool',
  x: readonly number[],
  size: number | readonly number[],
  options: PoolOptions,
  result: readonly number[],
): Case => ({
  name: `${kind} ${JSON.stringify(size)} ${JSON.stringify(options)}`,
  f: (a) => (kind === 'maxPool' ? maxPool : averagePool)(a, size, options),
  shapes: [x],
  result,
});

const cases: Case[] = [
  plain('valid', [2, 5, 4, 2], [3, 2, 2, 3], {}, [2, 3, 3, 3]),
  plain('same', [1, 4, 5, 2], [3, 2, 2, 2], { padding: 'same' }, [1, 4, 5, 2]),
  plain('strides leave a rest', [1, 6, 7, 1], [3, 2, 1, 2], { strides: [2, 3] }, [1, 2, 2, 2]),
  plain('same with strides', [2, 5, 6, 1], [3, 3, 1, 2], { strides: 2, padding: 'same' }, [2, 3, 3, 2]),
  plain('dilated', [1, 7, 6, 1], [3, 2, 1, 2], { dilationRate: [2, 3] }, [1, 3, 3, 2]),
  plain('dilated, strided, padded', [1, 7, 6, 2], [2, 2, 2, 1], { dilationRate: 2, strides: [3, 2], padding: [[1, 2], [0, 3]] }, [1, 3, 4, 1]),
  plain('strides and dilation without a common factor', [1, 11, 2], [3, 2, 2], { dilationRate: 2, strides: 3, padding: 'same' }, [1, 4, 2]),
  plain('stride above the kernel', [1, 8, 8, 1], [1, 2, 1, 2], { strides: 3 }, [1, 3, 3, 2]),
  plain('groups', [1, 4, 4, 4], [2, 2, 2, 6], { padding: 'same' }, [1, 4, 4, 6]),
  plain('one dimension', [2, 6, 3], [3, 3, 2], { padding: [[2, 0]] }, [2, 6, 2]),
  plain('three dimensions', [1, 3, 4, 3, 1], [2, 2, 2, 1, 2], { strides: [1, 2, 1] }, [1, 2, 2, 2, 2]),
  plain('size 1', [2, 3, 3, 3], [1, 1, 3, 2], {}, [2, 3, 3, 2]),
  spread('valid', [1, 3, 3, 2], [3, 2, 2, 2], { strides: 2 }, [1, 7, 6, 2]),
  spread('same', [1, 3, 3, 1], [3, 2, 2, 1], { strides: 2, padding: 'same' }, [1, 6, 6, 2]),
  spread('stride above the kernel', [1, 2, 2], [2, 1, 2], { strides: 3 }, [1, 6, 1]),
  spread('output padding, dilated', [1, 3, 1], [3, 2, 1], { strides: 2, padding: 'same', outputPadding: 1, dilationRate: 1 }, [1, 6, 2]),
  { name: 'depthwiseConv', f: (a, b) => depthwiseConv(a, b, { padding: 'same' }), shapes: [[1, 4, 4, 3], [3, 3, 3, 2]], result: [1, 4, 4, 6] },
  { name: 'separableConv', f: (a, b, c) => separableConv(a, b, c, { strides: 2 }), shapes: [[1, 5, 5, 2], [3, 3, 2, 2], [1, 1, 4, 3]], result: [1, 2, 2, 3] },
  pool('maxPool', [2, 4, 4, 2], 2, {}, [2, 2, 2, 2]),
  pool('maxPool', [1, 5, 6, 2], [3, 2], { strides: [2, 1], padding: 'same' }, [1, 3, 6, 2]),
  pool('maxPool', [1, 7, 2], 2, { strides: 3 }, [1, 2, 2]),
  pool('averagePool', [2, 4, 5, 2], 2, {}, [2, 2, 2, 2]),
  pool('averagePool', [1, 5, 6, 2], 3, { strides: 2, padding: 'same' }, [1, 3, 3, 2]),
  pool('averagePool', [1, 3, 4, 3, 1], [2, 2, 1], { strides: 1 }, [1, 2, 3, 3, 1]),
]; // prettier-ignore

/** A weighted sum, so that every element has its own cotangent; squared, so that the second order is not nothing. */
function weighted(y: Tensor): Tensor {
  return y.mul(y).mul(drawn(y.shape, 99)).sum();
}

/** Slope along one random direction, against the gradient's product with it. */
async function checkSlope(f: (...xs: Tensor[]) => Tensor, inputs: readonly Tensor[], tolerance: number): Promise<void> {
  const directions = inputs.map((x, i) => drawn(x.shape, 50 + i));
  const at = (step: number): Promise<number> => f(...inputs.map((x, i) => x.add(directions[i]!.mul(step)))).item();
  const step = 1e-5;
  const numeric = ((await at(step)) - (await at(-step))) / (2 * step);
  const slopes = grad((xs: readonly Tensor[]) => f(...xs))(inputs);
  const exact = await slopes
    .map((slope, i) => slope.mul(directions[i]!).sum())
    .reduce((sum, value) => sum.add(value))
    .item();
  expect(Math.abs(exact - numeric)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(numeric)));
}

describe('shapes and gradients', () => {
  test.each(cases.map((entry) => [entry.name, entry] as const))('%s', async (_name, { f, shapes, result }) => {
    const inputs = shapes.map((shape, i) => drawn(shape, i + 1));
    expect(f(...inputs).shape).toEqual(result);
    await checkSlope((...xs) => weighted(f(...xs)), inputs, 1e-7);
  });

  test.each(cases.map((entry) => [entry.name, entry] as const))('%s, second order', async (_name, { f, shapes }) => {
    const first = (...xs: Tensor[]): Tensor => {
      const slopes = grad((ys: readonly Tensor[]) => weighted(f(...ys)))(xs);
      return slopes.map((slope) => weighted(slope)).reduce((sum, value) => sum.add(value));
    };
    await checkSlope(
      first,
      shapes.map((shape, i) => drawn(shape, i + 11)),
      1e-5,
    );
  });
});
