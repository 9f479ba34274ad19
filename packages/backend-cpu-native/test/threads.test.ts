/** The addon's own kernels give the same bits on one thread and on two. */
import { expect, test } from '@jest/globals';
import type { Kernel, LoopKernel, View } from '@antler/core';
import { addon, describeNative } from '../../../test/backends/native.js';
import { encodeProgram } from '../src/encode.js';

const elements = 300_000;
const view = (slot: number, strides: readonly number[]): View => ({ slot, dtype: 'float32', offset: 0, strides });

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

const kernels: Readonly<Record<string, Kernel>> = {
  'element by element': loop([elements], 0, [1], []),
  'sums of rows': loop([300, 1000], 1, [1000, 1], [1, 0]),
  'sums of columns': loop([1000, 300], 1, [1, 1000], [1, 0]),
  'one sum': loop([elements], 1, [1], [0]),
  'sums of a few columns': loop([3, 100_000], 1, [1, 3], [1, 0]),
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
};

describeNative('one thread and two', () => {
  test.each(Object.entries(kernels))('%s', async (_, kernel) => {
    const bytes = 4 * elements;
    const slots = [0, 1, 2].map(() => ({ bytes, role: 'inout' as const }));
    const numbers = encodeProgram({ key: '', slots, scalars: [], kernels: [kernel], faults: null });
    const results: Uint8Array[][] = [];
    const { threads } = addon.describe();
    for (const count of [1, 2]) {
      addon.setThreads(count);
      const buffers = slots.map(() => new ArrayBuffer(bytes));
      new Float32Array(buffers[0]!).forEach((_x, i, array) => (array[i] = Math.sin(i)));
      addon.run(addon.compile(numbers), buffers, [0, 0, 0], new Float64Array(0));
      await addon.synchronize();
      results.push(buffers.map((buffer) => new Uint8Array(buffer)));
    }
    addon.setThreads(threads);
    expect(new Float32Array(results[0]![1]!.buffer)[1]).not.toBe(0);
    expect(results[0]!.map((bytes_, i) => Buffer.compare(bytes_, results[1]![i]!))).toEqual([0, 0, 0]);
  });
});
