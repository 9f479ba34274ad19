/** Cutting rows: where Keras splits, what a batch holds, what weights classes get. */
import { describe, expect, test } from '@jest/globals';
import type { Tensor } from '@antler/core';
import { ArraySource, splitPoint, toArrays } from '../src/training/dataAdapter.js';
import { weightsOfClasses } from '../src/training/hostRows.js';
import { goldenCases } from '../../../test/golden/keras.js';

test('the validation part begins where Keras begins it', () => {
  const cases = goldenCases('utils').filter(({ id }) => id.startsWith('validation_split'));
  expect(cases.length).toBeGreaterThan(0);
  for (const { args, train, val } of cases as unknown as { args: [number, number]; train: number[]; val: number[] }[]) {
    expect(splitPoint(...args)).toBe(train.length);
    expect(args[0] - splitPoint(...args)).toBe(val.length);
  }
  expect(() => splitPoint(1, 0.5)).toThrow('fit: validationSplit: expected a part that leaves rows on both sides of 1');
});

const names = { inputNames: [], outputNames: [] };

describe('batches of arrays', () => {
  const rows = { data: Int32Array.from({ length: 14 }, (_, i) => i), shape: [7, 2] };
  const options = { batchSize: 3, shuffle: false, seed: 0 };

  test('come in order, the last one shorter', async () => {
    const source = new ArraySource(await toArrays('fit', names, rows, [1, 2, 3, 4, 5, 6, 7], undefined), options);
    expect([source.steps, source.rows]).toEqual([3, 7]);
    const batches = [...source.batches(0)] as { x: Tensor; y?: Tensor }[];
    expect(batches.map(({ x, y }) => [x.shape, x.dtype, y!.shape, y!.dtype])).toEqual([
      [[3, 2], 'int32', [3], 'float32'],
      [[3, 2], 'int32', [3], 'float32'],
      [[1, 2], 'int32', [1], 'float32'],
    ]);
  });

  test('or filled up with their last row', async () => {
    const source = new ArraySource(await toArrays('predict', names, rows, undefined, undefined), {
      ...options,
      fillLast: () => true,
    });
    expect([...source.batches(0)].map(({ x }) => (x as Tensor).shape)).toEqual([
      [3, 2],
      [3, 2],
      [3, 2],
    ]);
    const short = new ArraySource(await toArrays('predict', names, rows, undefined, undefined), {
      ...options,
      batchSize: 32,
      fillLast: () => true,
    });
    expect([...short.batches(0)].map(({ x }) => (x as Tensor).shape)).toEqual([[7, 2]]);
  });

  test('data that do not fill their shape are refused', async () => {
    await expect(
      toArrays('fit', names, { data: new Float32Array(5), shape: [2, 3] }, undefined, undefined),
    ).rejects.toThrow('fit: x: expected data that fill shape [2, 3], received 5 numbers.');
    await expect(toArrays('fit', names, 3, undefined, undefined)).rejects.toThrow(
      'fit: x: expected an array with at least one axis, the rows, received a number.',
    );
  });
});

test('weights of classes, from numbers and from one-hot rows', () => {
  const weight = { 0: 2, 2: 5 };
  const numbers = { data: Float32Array.of(0, 1, 2), shape: [3], dtype: undefined };
  expect([...weightsOfClasses(numbers, weight).data]).toEqual([2, 1, 5]);
  const oneHot = { data: Float32Array.of(0, 0, 1, 1, 0, 0), shape: [2, 3], dtype: undefined };
  expect([...weightsOfClasses(oneHot, weight).data]).toEqual([5, 2]);
});
