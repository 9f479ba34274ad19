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
  tensor,
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

describe('values by hand', () => {
  test('a kernel is not turned round, and channels come last', async () => {
    const x = tensor([1, 2, 3, 4], { shape: [1, 4, 1] });
    const kernel = tensor([1, 10, 2, 20], { shape: [2, 1, 2] });
    expect(await conv(x, kernel).array()).toEqual([[[5, 50], [8, 80], [11, 110]]]); // prettier-ignore
  });

  test("'same' pads the odd element behind, as Keras does", async () => {
    const x = tensor([1, 2, 3, 4], { shape: [1, 4, 1] });
    expect(await conv(x, tensor([1, 10], { shape: [2, 1, 1] }), { padding: 'same' }).array()).toEqual([
      [[21], [32], [43], [4]],
    ]);
  });

  test('maxPool gives the gradient to the first maximum, and padding is never one', async () => {
    const x = tensor([-1, -1, -3, -2, -2], { shape: [1, 5, 1] });
    const slope = grad((value: Tensor) => maxPool(value, 2, { padding: 'same' }).sum())(x);
    expect([...(await maxPool(x, 2, { padding: 'same' }).data())]).toEqual([-1, -2, -2]);
    expect([...(await slope.data())]).toEqual([1, 0, 0, 1, 1]);
  });

  test('overlapping windows add their gradients', async () => {
    const x = tensor([1, 5, 2, 3], { shape: [1, 4, 1] });
    const slope = grad((value: Tensor) => maxPool(value, 2, { strides: 1 }).sum())(x);
    expect([...(await slope.data())]).toEqual([0, 2, 0, 1]);
  });

  test('averagePool counts the elements of x alone', async () => {
    const x = tensor([1, 2, 3], { shape: [1, 3, 1] });
    expect([...(await averagePool(x, 2, { padding: 'same' }).data())]).toEqual([1.5, 3]);
  });

  test('pools of whole numbers: the largest stays one, the mean is a float', async () => {
    const x = tensor([1, 2, 4, 3], { shape: [1, 4, 1], dtype: 'int32' });
    expect(maxPool(x, 2).dtype).toBe('int32');
    expect([...(await averagePool(x, 2).data())]).toEqual([1.5, 3.5]);
  });
});

describe('errors name the function, what it expected and what came', () => {
  const image = (): Tensor => drawn([32, 28, 28, 3], 1);
  const table: readonly (readonly [name: string, f: () => unknown, message: string])[] = [
    ['channels', () => conv(image(), drawn([3, 3, 2, 8], 2)), 'conv: expected channels of x ([32, 28, 28, 3]) to match the kernel ([3, 3, 2, 8]), received 3 and 2. Channels come last; a kernel is [...size, channels / groups, filters].'],
    ['rank of x', () => conv(drawn([28, 28], 1), drawn([3, 3, 1, 8], 2)), 'conv: expected x with 3, 4 or 5 axes (batch, 1 to 3 spatial ones, channels), received [28, 28]. Use expandDims(x, 0) for a batch of one.'],
    ['rank of the kernel', () => conv(image(), drawn([3, 3, 8], 2)), 'conv: expected a kernel with 4 axes, none of its 2 sizes 0, for x of [32, 28, 28, 3], received [3, 3, 8].'],
    ['filters of a group', () => conv(drawn([1, 4, 4, 4], 1), drawn([3, 3, 2, 3], 2)), 'conv: expected channels and filters that 2 groups divide, received 4 and 3.'],
    ['size', () => conv(drawn([1, 2, 2, 1], 1), drawn([3, 3, 1, 1], 2)), "conv: expected x that the kernel ([3, 3]) fits into, received [1, 2, 2, 1]. Use padding 'same'."],
    ['strides', () => conv(image(), drawn([3, 3, 3, 8], 2), { strides: [1, 0] }), 'conv: expected strides as a whole number >= 1, or 2 of them, received [1,0].'],
    ['padding', () => conv(image(), drawn([3, 3, 3, 8], 2), { padding: 'full' as 'same' }), "conv: expected padding 'valid', 'same' or a pair of whole numbers >= 0 for each of 2 axes, received \"full\"."],
    ['transposed channels', () => convTranspose(image(), drawn([3, 3, 8, 2], 2)), 'convTranspose: expected the last axis of x ([32, 28, 28, 3]) to match the last of the kernel ([3, 3, 8, 2]), received 3 and 2. The kernel of a transposed convolution is [...size, filters, channels].'],
    ['depthwise channels', () => depthwiseConv(image(), drawn([3, 3, 2, 1], 2)), 'depthwiseConv: expected channels of x ([32, 28, 28, 3]) to match the kernel ([3, 3, 2, 1]), received 3 and 2. A depthwise kernel is [...size, channels, multiplier].'],
    ['pool', () => maxPool(drawn([1, 2, 5, 1], 1), 3), "maxPool: expected x that the pool ([3, 3]) fits into, received [1, 2, 5, 1]. Use padding 'same'."],
    ['pool size', () => averagePool(image(), 1.5), 'averagePool: expected poolSize as a whole number >= 1, or 2 of them, received 1.5.'],
  ]; // prettier-ignore

  test.each(table)('%s', (_name, f, message) => {
    expect(f).toThrow(message);
  });
});
