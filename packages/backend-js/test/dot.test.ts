/** Matrix products of any strides, equal to the naive twin to the last bit. */
import type { DotKernel, DType } from '@antler/core';
import { describe, expect, test } from '@jest/globals';
import { naiveDot } from './naive.js';
import { layouts, randomNumbers, runKernels, view, type Data } from './harness.js';

/** Strides of axes in a random order of memory; some are broadcast unless `plain`. */
function randomStrides(sizes: readonly number[], random: () => number, plain = false): number[] {
  const strides = sizes.map(() => 0);
  let step = 1;
  for (const axis of sizes.map((_, i) => i).sort(() => random() - 0.5)) {
    if (!plain && random() < 0.15) continue;
    strides[axis] = step;
    step *= sizes[axis]!;
  }
  return strides;
}

const product = (sizes: readonly number[]): number => sizes.reduce((p, n) => p * n, 1);

type Sizes = readonly (readonly number[])[];

// Lists of axes: batch, m, n, k.
const sizes: readonly Sizes[] = [
  [[], [], [], []],
  [[], [5], [3], [7]],
  [[], [1], [1], [300]],
  [[], [130], [9], [4]],
  [[], [5], [140], [260]],
  [[], [130], [3], [260]],
  [[], [4], [131], [260]],
  [[2], [4], [4], [4]],
  [[3], [], [5], [6]],
  [
    [2, 3],
    [2, 4],
    [3, 2],
    [5, 2],
  ],
  [[], [6, 23], [5, 27], [2, 3]],
  [[], [40, 4], [9, 16], [3]],
  [[], [4], [5], [0]],
  [[0], [4], [5], [2]],
];

describe('dot against the naive twin', () => {
  test.each(sizes)('batch %p, m %p, n %p, k %p', (batch, m, n, k) => {
    const random = randomNumbers(product(m) * 31 + product(n) * 7 + product(k));
    for (const dtype of ['float32', 'int32'] as const) {
      for (let round = 0; round < 2; round++) {
        const out = [...batch, ...m, ...n];
        const kernel: DotKernel = {
          kind: 'dot',
          dtype,
          batch: batch,
          m: m,
          n: n,
          k: k,
          a: view(0, dtype, randomStrides([...batch, ...m, ...k], random)),
          b: view(1, dtype, randomStrides([...batch, ...k, ...n], random)),
          inputs: dtype === 'int32' ? [] : [view(2, dtype, randomStrides(out, random))],
          epilogue:
            dtype === 'int32'
              ? []
              : [
                  { op: 'load', input: 0, dtype },
                  { op: 'add', args: [0, 1], dtype },
                  { op: 'const', value: 0, dtype },
                  { op: 'max', args: [2, 3], dtype },
                ],
          stores: [
            { view: view(3, dtype, randomStrides(out, random, true)), value: dtype === 'int32' ? 0 : 4 },
            { view: view(4, dtype, randomStrides(out, random, true)), value: 0 },
          ],
          scopes: [],
        };
        const lengths = [
          product([...batch, ...m, ...k]),
          product([...batch, ...k, ...n]),
          product(out),
          product(out),
          product(out),
        ];
        const memory = lengths.map((length) =>
          Array.from(
            { length: Math.max(1, length) },
            () => Math.floor(random() * 200 - 100) / (dtype === 'float32' ? 16 : 1),
          ),
        );
        const got = runKernels(
          memory.map((values): Data => ({ dtype, values })),
          [kernel],
        );
        naiveDot(kernel, memory);
        expect(got).toEqual(memory);
      }
    }
  });
});

/** [m, k] · [k, n] without an epilogue. */
function multiply(dtype: DType, m: number, n: number, k: number, a: number[], b: number[], layout = 0): number[] {
  const kernel: DotKernel = {
    kind: 'dot',
    dtype,
    batch: [],
    m: [m],
    n: [n],
    k: [k],
    a: view(0, dtype, [k, 1]),
    b: view(1, dtype, [n, 1]),
    inputs: [],
    epilogue: [],
    stores: [{ view: view(2, dtype, [n, 1]), value: 0 }],
    scopes: [],
  };
  const data = [a, b, new Array<number>(m * n).fill(9)].map((values): Data => ({ dtype, values }));
  return runKernels(data, [kernel], layouts[layout]![1])[2]!;
}

test('an empty sum is zero', () => {
  expect(multiply('float32', 2, 2, 0, [], [])).toEqual([0, 0, 0, 0]);
});

test('float32 sums in float64, also across blocks of k', () => {
  const k = 600;
  const a = new Array<number>(k).fill(0);
  [a[0], a[1], a[300], a[599]] = [2 ** 40, 1, -(2 ** 40), 1];
  expect(multiply('float32', 1, 1, k, a, new Array<number>(k).fill(1))).toEqual([2]);
});

test('infinities stay in their own row and column', () => {
  expect(multiply('float32', 1, 1, 1, [Infinity], [1])).toEqual([Infinity]);
  expect(multiply('float32', 2, 1, 1, [Infinity, 1], [0])).toEqual([NaN, 0]);
});

test.each([0, 1])('integers wrap (layout %p)', (layout) => {
  expect(multiply('int32', 1, 1, 2, [2147483647, 5], [2, 1], layout)).toEqual([3]);
  expect(multiply('uint32', 1, 1, 2, [4294967295, 1], [4294967295, 4294967295], layout)).toEqual([0]);
  expect(multiply('int8', 1, 1, 2, [100, 100], [2, 1], layout)).toEqual([44]);
  expect(multiply('uint8', 1, 1, 1, [200], [200], layout)).toEqual([64]);
});

test('float64 keeps its precision', () => {
  expect(multiply('float64', 1, 1, 2, [0.1, 0.2], [1, 1])).toEqual([0.1 + 0.2]);
});

test('the epilogue may read what the product overwrites', () => {
  const kernel: DotKernel = {
    kind: 'dot',
    dtype: 'float32',
    batch: [],
    m: [130],
    n: [130],
    k: [1],
    a: view(0, 'float32', [1, 1]),
    b: view(1, 'float32', [1, 1]),
    inputs: [view(2, 'float32', [130, 1])],
    epilogue: [
      { op: 'load', input: 0, dtype: 'float32' },
      { op: 'add', args: [0, 1], dtype: 'float32' },
    ],
    stores: [{ view: view(2, 'float32', [130, 1]), value: 2 }],
    scopes: [],
  };
  const line = Array.from({ length: 130 }, (_, i) => i);
  const old = Array.from({ length: 130 * 130 }, (_, i) => i % 7);
  const got = runKernels(
    [line, line, old].map((values): Data => ({ dtype: 'float32', values })),
    [kernel],
  );
  expect(got[2]).toEqual(old.map((x, i) => x + Math.floor(i / 130) * (i % 130)));
});
