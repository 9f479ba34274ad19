/** The addon's own kernels give the same bits on one thread and on several. */
import { expect, test } from '@jest/globals';
import type { ConvKernel, DType, Kernel, LoopKernel, View } from '@antler/core';
import { addon, describeNative } from '../../../test/backends/native.js';
import { encodeProgram } from '../src/encode.js';

const elements = 300_000;
const view = (slot: number, strides: readonly number[], dtype: DType = 'float32'): View => ({
  slot,
  dtype,
  offset: 0,
  strides,
});

/** Sums of eˣ over some axes, times two; and every eˣ. */
function loop(
  shape: readonly number[],
  reduced: number,
  strides: readonly number[],
  sums: readonly number[],
): LoopKernel {
  return {
    kind: 'loop',
    shape,
    reduced,
    inputs: [view(0, strides)],
    body: [
      { op: 'load', input: 0, dtype: 'float32' },
      { op: 'exp', args: [0], dtype: 'float32' },
    ],
    reductions: reduced === 0 ? [] : [{ op: 'sum', value: 1 }],
    epilogue: reduced === 0 ? [] : [{ op: 'add', args: [2, 2], dtype: 'float32' }],
    stores: [{ view: view(1, strides), value: 1 }, ...(reduced === 0 ? [] : [{ view: view(2, sums), value: 3 }])],
    scopes: [],
  };
}

/** Sums of numbers as they lie. */
function fold(shape: readonly number[], strides: readonly number[], sums: readonly number[]): LoopKernel {
  const load = { op: 'load', input: 0, dtype: 'float32' } as const;
  const stores = [{ view: view(1, sums), value: 1 }];
  return {
    ...loop(shape, 1, strides, sums),
    body: [load],
    reductions: [{ op: 'sum', value: 0 }],
    epilogue: [],
    stores,
  };
}

/** 20,000 indices into 1,000 rows of 10. */
const indexed = {
  batch: [],
  index: [20_000],
  limits: [1000],
  slice: [10],
  indices: view(3, [1, 1], 'int32'),
  site: 0,
  scopes: [],
} as const;

/** A convolution in float64, which is the addon's own: 8 images of 20 × 20 × 8 and 16 filters of 3 × 3. */
function conv(map: ConvKernel['map']): ConvKernel {
  const shapes = { input: [8, 20, 20, 8], kernel: [3, 3, 8, 16], output: [8, 18, 18, 16] } as const;
  const dense = (slot: number, part: keyof typeof shapes): View => {
    const shape = shapes[part];
    return view(slot, shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1)), 'float64'); // prettier-ignore
  };
  const operands = { output: ['input', 'kernel'], input: ['output', 'kernel'], kernel: ['input', 'output'] } as const;
  const [a, b] = operands[map];
  return {
    kind: 'conv',
    dtype: 'float64',
    map,
    ...shapes,
    strides: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
    dilation: [1, 1],
    groups: 1,
    a: dense(0, a),
    b: dense(0, b),
    inputs: [],
    epilogue: [],
    stores: [{ view: dense(1, map), value: 0 }],
    scopes: [],
  };
}

const kernels: Readonly<Record<string, Kernel>> = {
  'element by element': loop([elements], 0, [1], []),
  'sums of rows': loop([300, 1000], 1, [1000, 1], [1, 0]),
  'sums of columns': loop([1000, 300], 1, [1, 1000], [1, 0]),
  'one sum': loop([elements], 1, [1], [0]),
  'sums of a few columns': loop([3, 100_000], 1, [1, 3], [1, 0]),
  'sums of rows, as they lie': fold([300, 1000], [1000, 1], [1, 0]),
  'sums of columns, as they lie': fold([1000, 300], [1, 1000], [1, 0]),
  'one sum of what lies': fold([elements], [1], [0]),
  'a transposed product': {
    kind: 'dot',
    dtype: 'float32',
    batch: [3, 100],
    m: [10],
    n: [10],
    k: [10],
    a: view(0, [100_000, 100, 1, 10]),
    b: view(0, [100_000, 100, 1, 10]),
    inputs: [],
    epilogue: [],
    stores: [{ view: view(1, [100_000, 100, 10, 1]), value: 0 }],
    scopes: [],
  },
  'a product of float64': {
    kind: 'dot',
    dtype: 'float64',
    batch: [],
    m: [300],
    n: [300],
    k: [400],
    a: view(0, [400, 1], 'float64'),
    b: view(0, [1, 300], 'float64'),
    inputs: [],
    epilogue: [],
    stores: [{ view: view(1, [300, 1], 'float64'), value: 0 }],
    scopes: [],
  },
  ...Object.fromEntries(
    (['output', 'input', 'kernel'] as const).map((map) => [`a convolution, its ${map}`, conv(map)]),
  ),
  gather: { kind: 'gather', ...indexed, x: view(0, [10, 1]), out: view(1, [10, 1]) },
  'scatter, sums': { kind: 'scatter', ...indexed, mode: 'add', updates: view(0, [10, 1]), out: view(1, [10, 1]) },
  'running sums': {
    kind: 'cumulate',
    op: 'sum',
    exclusive: false,
    shape: [300, 1000],
    x: view(0, [1000, 1]),
    out: view(1, [1000, 1]),
    scopes: [],
  },
  sort: {
    kind: 'sort',
    descending: true,
    shape: [300, 1000],
    inputs: [view(0, [1000, 1])],
    outputs: [view(1, [1000, 1])],
    scopes: [],
  },
};

describeNative('one thread and several', () => {
  test.each(Object.entries(kernels))('%s', async (_, kernel) => {
    const bytes = 8 * elements;
    const slots = [0, 1, 2, 3, 4].map(() => ({ bytes, role: 'inout' as const }));
    const faults = { slot: 4, sites: [{ op: 'take', scope: '', limit: 1000 }] };
    const numbers = encodeProgram({ key: '', slots, scalars: [], kernels: [kernel], faults });
    const isDouble = 'dtype' in kernel && kernel.dtype === 'float64';
    const results: Uint8Array[][] = [];
    const { threads } = addon.describe();
    for (const count of [1, 2, 3]) {
      addon.setThreads(count);
      const buffers = slots.map(() => new ArrayBuffer(bytes));
      const numbersOf = isDouble ? new Float64Array(buffers[0]!) : new Float32Array(buffers[0]!);
      numbersOf.forEach((_x, i) => (numbersOf[i] = Math.sin(i)));
      new Int32Array(buffers[3]!, 0, 20_000).forEach((_x, i, array) => (array[i] = (i * i) % 1000));
      addon.run(addon.compile(numbers), buffers, new Float64Array(5), new Float64Array(0));
      await addon.synchronize();
      results.push(buffers.map((buffer) => new Uint8Array(buffer)));
    }
    addon.setThreads(threads);
    const [one, ...more] = results;
    expect(new Float32Array(one![1]!.buffer).findIndex((x) => x !== 0)).not.toBe(-1);
    for (const several of more)
      expect(one!.map((bytes_, i) => Buffer.compare(bytes_, several[i]!))).toEqual([0, 0, 0, 0, 0]);
  });
});
