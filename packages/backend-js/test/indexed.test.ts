/** Gather and scatter with good and bad indices, and repeats, whose views move with the turn. */
import type { DType, GatherKernel, Kernel, LoopKernel, RepeatKernel, ScatterKernel, ScatterMode } from '@antler/core';
import { describe, expect, test } from '@jest/globals';
import { layouts, runKernels, view, type Data } from './harness.js';

const faults = {
  slot: 3,
  sites: [0, 1, 2].map((i) => ({ op: 'gather', scope: `layer_${i}`, limit: 4 })),
};
const clear: Data = { dtype: 'int32', values: [0, 0] };

/** Rows of x [4, width] by indices; slots: x, indices, out, faults. */
function gatherRows(dtype: DType, x: number[], indices: number[], width: number, layout = 0, site = 0): number[][] {
  const kernel: GatherKernel = {
    kind: 'gather',
    batch: [],
    index: [indices.length],
    limits: [x.length / width],
    slice: [width],
    indices: view(1, 'int32', [1, 1]),
    site,
    x: view(0, dtype, [width, 1]),
    out: view(2, dtype, [width, 1]),
    scopes: [],
  };
  const out: Data = { dtype, values: new Array<number>(indices.length * width).fill(1) };
  return runKernels([{ dtype, values: x }, { dtype: 'int32', values: indices }, out, clear], [kernel], {
    ...layouts[layout]![1],
    faults,
  });
}

describe('gather', () => {
  test('takes rows, negative indices from the end', () => {
    const [, , out, fault] = gatherRows('float32', [0, 1, 10, 11, 20, 21, 30, 31], [2, -1, 0, -4], 2);
    expect(out).toEqual([20, 21, 30, 31, 0, 1, 0, 1]);
    expect(fault).toEqual([0, 0]);
  });

  test('takes rows longer than a tile', () => {
    const width = 1200;
    const x = Array.from({ length: 3 * width }, (_, i) => i);
    expect(gatherRows('float32', x, [1, 2, 1], width)[2]).toEqual([...x.slice(width), ...x.slice(width, 2 * width)]);
  });

  test('a bad index gives NaN and the first one is reported with its site', () => {
    const [, , out, fault] = gatherRows('float32', [0, 1, 2, 3], [1, 4, -5, 2], 1, 0, 2);
    expect(out).toEqual([1, NaN, NaN, 2]);
    expect(fault).toEqual([3, 4]);
  });

  test.each([0, 1])('a bad index gives the smallest integer (layout %p)', (layout) => {
    expect(gatherRows('int32', [1], [9], 1, layout)[2]).toEqual([-2147483648]);
    expect(gatherRows('int8', [1], [9], 1, layout)[2]).toEqual([-128]);
    expect(gatherRows('bool', [1], [9], 1, layout)[2]).toEqual([0]);
  });

  test('every index into an empty axis is bad', () => {
    expect(gatherRows('float32', [], [0], 1)[2]).toEqual([NaN]);
  });

  test('several indexed axes, a batch, and strides of any order', () => {
    // x[b, i, j, s] of [2, 3, 4, 2] is 1000 b + 100 i + 10 j + s, laid out backwards: [s, j, i, b].
    const x = new Array<number>(48);
    for (let b = 0; b < 2; b++)
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 4; j++)
          for (let s = 0; s < 2; s++) x[b + 2 * i + 6 * j + 24 * s] = 1000 * b + 100 * i + 10 * j + s;
    // indices [b, 2, K = 2] with K outermost in memory.
    const indices = [0, 2, 1, -1, /**/ 3, 0, -1, 1];
    const kernel: GatherKernel = {
      kind: 'gather',
      batch: [2],
      index: [2],
      limits: [3, 4],
      slice: [2],
      indices: view(1, 'int32', [2, 1, 4]),
      site: 0,
      x: view(0, 'float32', [1, 2, 6, 24]),
      out: view(2, 'float32', [4, 2, 1]),
      scopes: [],
    };
    const data: Data[] = [
      { dtype: 'float32', values: x },
      { dtype: 'int32', values: indices },
      { dtype: 'float32', values: new Array<number>(8).fill(0) },
      clear,
    ];
    expect(runKernels(data, [kernel], { faults })[2]).toEqual([30, 31, 200, 201, 1130, 1131, 1210, 1211]);
    // A bad index of the second indexed axis is the second site.
    const bad = [{ ...data[0]! }, { dtype: 'int32' as const, values: [0, 0, 0, 0, 4, 0, 0, 0] }, data[2]!, clear];
    expect(runKernels(bad, [kernel], { faults })[3]).toEqual([2, 4]);
  });
});

/** Folds updates into x [4, 2]; slots: x, indices, updates, faults. */
function scatterRows(
  mode: ScatterMode,
  dtype: DType,
  x: number[],
  indices: number[],
  updates: number[],
  layout = 0,
): number[][] {
  const kernel: ScatterKernel = {
    kind: 'scatter',
    mode,
    batch: [],
    index: [indices.length],
    limits: [x.length / 2],
    slice: [2],
    indices: view(1, 'int32', [1, 1]),
    site: 1,
    updates: view(2, dtype, [2, 1]),
    out: view(0, dtype, [2, 1]),
    scopes: [],
  };
  const data: Data[] = [{ dtype, values: x }, { dtype: 'int32', values: indices }, { dtype, values: updates }, clear];
  return runKernels(data, [kernel], { ...layouts[layout]![1], faults });
}

describe.each(layouts.map(([name], i) => [name, i] as const))('scatter in the %s', (_, layout) => {
  test('set: the last duplicate wins', () => {
    const [x] = scatterRows('set', 'float32', [0, 0, 0, 0, 0, 0], [1, -1, 1], [1, 2, 3, 4, 5, 6], layout);
    expect(x).toEqual([0, 0, 5, 6, 3, 4]);
  });

  test('add folds duplicates and wraps', () => {
    expect(scatterRows('add', 'float32', [1, 1, 1, 1], [0, 0, 1], [1, 2, 3, 4, 5, 6], layout)[0]).toEqual([5, 7, 6, 7]);
    expect(scatterRows('add', 'int8', [100, 0], [0, 0], [100, 1, 1, 1], layout)[0]).toEqual([-55, 2]);
    expect(scatterRows('add', 'uint8', [255, 0], [0], [2, 1], layout)[0]).toEqual([1, 1]);
  });

  test('max and min propagate NaN', () => {
    expect(scatterRows('max', 'float32', [1, 5], [0, 0], [3, NaN, 2, 9], layout)[0]).toEqual([3, NaN]);
    expect(scatterRows('min', 'int32', [1, 5], [0], [3, -4], layout)[0]).toEqual([1, -4]);
  });

  test('a bad index writes nothing and is reported', () => {
    const [x, , , fault] = scatterRows('set', 'float32', [1, 2, 3, 4], [2, 0, -3], [9, 9, 8, 8, 7, 7], layout);
    expect(x).toEqual([8, 8, 3, 4]);
    expect(fault).toEqual([2, 2]);
  });
});

test('of several bad indices the first stays reported', () => {
  expect(gatherRows('float32', [0, 1], [5, 6], 1, 0, 1)[3]).toEqual([2, 5]);
});

describe('repeat', () => {
  test('nested turns move views, outermost first', () => {
    // out[i, j] = x[j, i] + out[i, j - 1], one element per turn.
    const [rows, columns] = [3, 4];
    const inner: LoopKernel = {
      kind: 'loop',
      shape: [],
      reduced: 0,
      inputs: [
        { slot: 0, dtype: 'float32', offset: 0, turns: [1, rows], strides: [] },
        { slot: 1, dtype: 'float32', offset: 0, turns: [columns + 1, 1], strides: [] },
      ],
      body: [
        { op: 'load', input: 0, dtype: 'float32' },
        { op: 'load', input: 1, dtype: 'float32' },
        { op: 'add', args: [0, 1], dtype: 'float32' },
      ],
      reductions: [],
      epilogue: [],
      stores: [{ view: { slot: 1, dtype: 'float32', offset: 1, turns: [columns + 1, 1], strides: [] }, value: 2 }],
      scopes: [],
    };
    const repeat = (count: number, kernels: readonly Kernel[]): RepeatKernel => ({
      kind: 'repeat',
      count,
      kernels,
      scopes: [],
    });
    // After the inner repeat its last sum is doubled, which needs one turn only.
    const double: LoopKernel = {
      ...inner,
      inputs: [{ slot: 1, dtype: 'float32', offset: columns, turns: [columns + 1], strides: [] }],
      body: [
        { op: 'load', input: 0, dtype: 'float32' },
        { op: 'add', args: [0, 0], dtype: 'float32' },
      ],
      stores: [{ view: { slot: 1, dtype: 'float32', offset: columns, turns: [columns + 1], strides: [] }, value: 1 }],
    };
    const x = Array.from({ length: rows * columns }, (_, i) => i + 1);
    const out: Data = { dtype: 'float32', values: new Array<number>(rows * (columns + 1)).fill(0) };
    const got = runKernels(
      [{ dtype: 'float32', values: x }, out],
      [repeat(rows, [repeat(columns, [inner]), double])],
    )[1];
    expect(got).toEqual([0, 1, 5, 12, 44, 0, 2, 7, 15, 52, 0, 3, 9, 18, 60]);
  });

  test('no turns, no work', () => {
    const kernel: RepeatKernel = {
      kind: 'repeat',
      count: 0,
      kernels: [
        {
          kind: 'loop',
          shape: [],
          reduced: 0,
          inputs: [],
          body: [{ op: 'const', value: 1, dtype: 'float32' }],
          reductions: [],
          epilogue: [],
          stores: [{ view: view(0, 'float32', []), value: 0 }],
          scopes: [],
        },
      ],
      scopes: [],
    };
    expect(runKernels([{ dtype: 'float32', values: [3] }], [kernel])).toEqual([[3]]);
    expect(runKernels([{ dtype: 'float32', values: [3] }], [{ ...kernel, count: 2 }])).toEqual([[1]]);
  });
});
