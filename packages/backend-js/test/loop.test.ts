/** Loops and reductions of many shapes and strides, equal to the naive twin to the last bit. */
import type { DType, Instruction, LoopKernel, ReduceOp } from '@antler/core';
import { describe, expect, test } from '@jest/globals';
import { naiveLoop } from './naive.js';
import { layouts, randomNumbers, runKernels, view, type Data } from './harness.js';

const load = (input: number, dtype: DType = 'float32'): Instruction => ({ op: 'load', input, dtype });

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Strides of a contiguous array whose axes were permuted, some of them broadcast or flipped; with the offset it needs. */
function randomStrides(
  shape: readonly number[],
  random: () => number,
  plain = false,
): [strides: number[], offset: number] {
  const order = shape.map((_, axis) => axis).sort(() => random() - 0.5);
  const strides = shape.map(() => 0);
  let step = 1;
  let offset = 0;
  for (const axis of order) {
    if (!plain && random() < 0.25) continue;
    const flipped = !plain && random() < 0.25;
    strides[axis] = flipped ? -step : step;
    if (flipped) offset += step * (shape[axis]! - 1);
    step *= shape[axis]!;
  }
  return [strides, offset];
}

const integers = (count: number, random: () => number): number[] =>
  Array.from({ length: count }, () => Math.floor(random() * 9) - 4);

describe('loops against the naive twin', () => {
  const shapes: readonly (readonly [shape: readonly number[], reduced: number])[] = [
    [[], 0],
    [[7], 0],
    [[700], 0],
    [[3, 5, 7], 0],
    [[1, 40, 1, 41], 0],
    [[2, 3, 4, 5, 6], 0],
    [[0, 3], 0],
    [[1300], 1],
    [[5, 1300], 1],
    [[300, 10], 1],
    [[10, 300], 1],
    [[600, 3, 2], 2],
    [[3, 600, 4], 1],
    [[9, 8, 7, 6], 2],
    [[7, 8, 9, 2], 3],
    [[4, 0], 1],
    [[0, 4], 1],
    [[513, 2], 1],
    [[2, 30, 40], 2],
    [[1030, 5], 1],
    [[40, 30, 1], 1],
  ];
  test.each(shapes)('shape %p, %p reduced', (shape, reduced) => {
    const random = randomNumbers(sizeOf(shape) + reduced + 1);
    for (let round = 0; round < 4; round++) {
      const rank = shape.length - reduced;
      const kept = shape.slice(0, rank);
      const [x, xOffset] = randomStrides(shape, random);
      const [y, yOffset] = randomStrides(shape, random);
      const [z, zOffset] = randomStrides(kept, random);
      const [inner] = randomStrides(shape, random, true);
      const [outer] = randomStrides(kept, random, true);
      const zeros = shape.slice(rank).map(() => 0);
      const kernel: LoopKernel = {
        kind: 'loop',
        shape,
        reduced,
        inputs: [
          view(0, 'float32', x, xOffset),
          view(1, 'float32', y, yOffset),
          view(2, 'float32', [...z, ...zeros], zOffset),
        ],
        body: [
          load(0),
          load(1),
          { op: 'mul', args: [0, 1], dtype: 'float32' },
          { op: 'const', value: 0.5, dtype: 'float32' },
          { op: 'sub', args: [2, 3], dtype: 'float32' },
          ...(shape.length > 0 ? [{ op: 'index', axis: shape.length - 1, dtype: 'float32' } as const] : [load(0)]),
          { op: 'add', args: [4, 5], dtype: 'float32' },
        ],
        reductions:
          reduced > 0
            ? [
                { op: 'sum', value: 4 },
                { op: 'max', value: 6 },
                { op: 'min', value: 0 },
              ]
            : [],
        epilogue:
          reduced > 0
            ? [load(2), { op: 'mul', args: [10, 7], dtype: 'float32' }, { op: 'max', args: [11, 8], dtype: 'float32' }]
            : [],
        stores: [
          { view: view(3, 'float32', inner), value: 6 },
          ...(reduced > 0
            ? [
                { view: view(4, 'float32', [...outer, ...zeros]), value: 12 },
                { view: view(5, 'float32', [...outer, ...zeros]), value: 9 },
              ]
            : []),
        ],
        scopes: [],
      };
      const lengths = [sizeOf(shape), sizeOf(shape), sizeOf(kept), sizeOf(shape), sizeOf(kept), sizeOf(kept)];
      const memory = lengths.map((length) => integers(Math.max(1, length), random));
      const got = runKernels(
        memory.map((values): Data => ({ dtype: 'float32', values })),
        [kernel],
      );
      naiveLoop(kernel, memory);
      expect(got).toEqual(memory);
    }
  });
});

/** Reduces [rows, depth] (or its transpose in memory) over the second axis. */
function reduce(
  op: ReduceOp,
  dtype: DType,
  values: readonly number[],
  depth: number,
  transposed = false,
  layout = 0,
): number[] {
  const rows = depth === 0 ? 2 : values.length / depth;
  const kernel: LoopKernel = {
    kind: 'loop',
    shape: [rows, depth],
    reduced: 1,
    inputs: [view(0, dtype, transposed ? [1, rows] : [depth, 1])],
    body: [load(0, dtype)],
    reductions: [{ op, value: 0 }],
    epilogue: [],
    stores: [{ view: view(1, dtype, [1, 0]), value: 1 }],
    scopes: [],
  };
  const out: Data = { dtype, values: new Array<number>(rows).fill(7) };
  return runKernels([{ dtype, values }, out], [kernel], layouts[layout]![1])[1]!;
}

describe('reductions', () => {
  test('over nothing give the identity', () => {
    expect(reduce('sum', 'float32', [], 0)).toEqual([0, 0]);
    expect(reduce('prod', 'int32', [], 0)).toEqual([1, 1]);
    expect(reduce('max', 'float32', [], 0)).toEqual([-Infinity, -Infinity]);
    expect(reduce('min', 'float64', [], 0)).toEqual([Infinity, Infinity]);
    expect(reduce('max', 'int32', [], 0)).toEqual([-2147483648, -2147483648]);
    expect(reduce('min', 'uint8', [], 0)).toEqual([255, 255]);
    expect(reduce('max', 'int8', [], 0, false, 1)).toEqual([-128, -128]);
  });

  test.each([false, true])('propagate NaN and tell the zeros apart (columns %p)', (transposed) => {
    const mixed = transposed ? [1, -0, NaN, 0, 3, -0] : [1, NaN, 3, -0, 0, -0];
    expect(reduce('max', 'float32', mixed, 3, transposed)).toEqual([NaN, 0]);
    expect(reduce('min', 'float32', mixed, 3, transposed)).toEqual([NaN, -0]);
    expect(reduce('sum', 'float32', mixed, 3, transposed)).toEqual([NaN, 0]);
  });

  test('sum float32 in float64, and round once', () => {
    const tenths = new Array<number>(100_000).fill(Math.fround(0.1));
    expect(reduce('sum', 'float32', tenths, 100_000)).toEqual([Math.fround(Math.fround(0.1) * 100_000)]);
    expect(reduce('sum', 'float32', [1e30, 1, -1e30, 1], 4)).toEqual([1]);
    expect(reduce('sum', 'float32', [2 ** 24, 1, -(2 ** 24)], 3)).toEqual([1]);
  });

  test.each([0, 1])('wrap integers (layout %p)', (layout) => {
    expect(reduce('sum', 'int32', [2147483647, 2147483647, 3], 3, false, layout)).toEqual([1]);
    expect(reduce('sum', 'uint32', [4294967295, 4294967295, 1], 3, false, layout)).toEqual([4294967295]);
    expect(reduce('prod', 'uint32', [65537, 65537, 65537], 3, false, layout)).toEqual([65537 ** 3 % 2 ** 32]);
    expect(reduce('sum', 'int8', [100, 100, 100], 3, false, layout)).toEqual([44]);
    expect(reduce('prod', 'uint8', [20, 20], 2, false, layout)).toEqual([144]);
    expect(reduce('max', 'uint32', [1, 4294967295], 2, false, layout)).toEqual([4294967295]);
    expect(reduce('min', 'int32', [1, -2147483648], 2, false, layout)).toEqual([-2147483648]);
  });
});

test('a loop works in place, with several outputs that read each other and runtime scalars', () => {
  const count = 1100;
  const random = randomNumbers(5);
  const [w, m] = [integers(count, random), integers(count, random)];
  const kernel: LoopKernel = {
    kind: 'loop',
    shape: [count],
    reduced: 0,
    inputs: [view(0, 'float32', [1]), view(1, 'float32', [1])],
    body: [
      load(0),
      load(1),
      { op: 'scalar', index: 0, dtype: 'float32' },
      { op: 'mul', args: [1, 2], dtype: 'float32' },
      { op: 'add', args: [0, 3], dtype: 'float32' },
    ],
    reductions: [],
    epilogue: [],
    // w + s·m over w, the old w over m.
    stores: [
      { view: view(0, 'float32', [1]), value: 4 },
      { view: view(1, 'float32', [1]), value: 0 },
    ],
    scopes: [],
  };
  const got = runKernels(
    [
      { dtype: 'float32', values: w },
      { dtype: 'float32', values: m },
    ],
    [kernel],
    { scalars: [3] },
  );
  expect(got).toEqual([w.map((x, i) => x + 3 * m[i]!), w]);
});

test('a scalar state is updated in place by a reduction', () => {
  const kernel: LoopKernel = {
    kind: 'loop',
    shape: [600],
    reduced: 1,
    inputs: [view(0, 'float32', [1]), view(1, 'float32', [0])],
    body: [load(0)],
    reductions: [{ op: 'sum', value: 0 }],
    epilogue: [load(1), { op: 'add', args: [1, 2], dtype: 'float32' }],
    stores: [{ view: view(1, 'float32', [0]), value: 3 }],
    scopes: [],
  };
  const x: Data = { dtype: 'float32', values: new Array<number>(600).fill(2) };
  expect(runKernels([x, { dtype: 'float32', values: [5] }], [kernel, kernel])[1]).toEqual([2405]);
});

test('an epilogue may use constants of the body, and no other body value', () => {
  const kernel = (factor: Instruction): LoopKernel => ({
    kind: 'loop',
    shape: [2, 3],
    reduced: 1,
    inputs: [view(0, 'float32', [3, 1])],
    body: [load(0), factor],
    reductions: [{ op: 'sum', value: 0 }],
    epilogue: [{ op: 'mul', args: [2, 1], dtype: 'float32' }],
    stores: [{ view: view(1, 'float32', [1, 0]), value: 3 }],
    scopes: [],
  });
  const run = (factor: Instruction): number[] =>
    runKernels(
      [
        { dtype: 'float32', values: [1, 2, 3, 4, 5, 6] },
        { dtype: 'float32', values: [0, 0] },
      ],
      [kernel(factor)],
    )[1]!;
  expect(run({ op: 'const', value: 10, dtype: 'float32' })).toEqual([60, 150]);
  expect(() => run({ op: 'neg', args: [0], dtype: 'float32' })).toThrow(
    'loop: expected an epilogue over reductions and constants, received body value 1.',
  );
});

test.each(layouts)('8-bit types and bool pass through memory unchanged (%s)', (_, layout) => {
  const length = 100;
  for (const dtype of ['int8', 'uint8', 'bool'] as const) {
    const values = Array.from({ length }, (_, i) => (dtype === 'bool' ? i % 2 : dtype === 'int8' ? i - 50 : i + 100));
    for (const strides of [[1], [-1]]) {
      const kernel: LoopKernel = {
        kind: 'loop',
        shape: [length],
        reduced: 0,
        inputs: [view(0, dtype, strides, strides[0] === -1 ? length - 1 : 0)],
        body: [load(0, dtype)],
        reductions: [],
        epilogue: [],
        stores: [{ view: view(1, dtype, [1]), value: 0 }],
        scopes: [],
      };
      const out = runKernels(
        [
          { dtype, values },
          { dtype, values: values.map(() => 0) },
        ],
        [kernel],
        layout,
      )[1];
      expect(out).toEqual(strides[0] === 1 ? values : [...values].reverse());
    }
  }
});

test('temporaries of different sizes do not overlap', () => {
  const move = (from: number, to: number, length: number): LoopKernel => ({
    kind: 'loop',
    shape: [length],
    reduced: 0,
    inputs: [view(from, 'float32', [1])],
    body: [load(0)],
    reductions: [],
    epilogue: [],
    stores: [{ view: view(to, 'float32', [1]), value: 0 }],
    scopes: [],
  });
  const [a, b] = [
    [1, 2, 3],
    [4, 5, 6, 7],
  ];
  const data = [a, b].map((values): Data => ({ dtype: 'float32', values }));
  // Through the temporaries and back: a's first three elements and b's change places.
  const got = runKernels(data, [move(0, 2, 3), move(1, 3, 4), move(3, 0, 3), move(2, 1, 3)], { temporaries: [12, 16] });
  expect(got).toEqual([
    [4, 5, 6],
    [1, 2, 3, 7],
  ]);
});
