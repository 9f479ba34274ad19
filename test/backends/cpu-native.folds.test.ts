/** Reductions of what lies in memory, which the native backend folds where it lies: the reference backend's numbers. */
import { describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import type { Backend, LoopKernel, Program, View } from '@antler/core';
import { seeded } from '../seeded.js';
import { withNative } from './native.js';

/** Rows and numbers in each: around the lengths of vectors and blocks, and enough for parts. */
const sizes: readonly (readonly [number, number])[] = [
  ...[1, 2, 7, 8, 16, 31, 33, 64, 100].flatMap((depth) => [1, 5, 40].map((rows) => [rows, depth] as const)),
  ...([[3, 1030], [1100, 9], [1100, 70], [1, 9000]] as const), // prettier-ignore
];
const folds = ['sum', 'prod', 'max', 'min'] as const;
const kinds = ['float32', 'float64', 'int32', 'uint8'] as const;
type Kind = (typeof kinds)[number];
type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;
interface NumbersType {
  readonly BYTES_PER_ELEMENT: number;
  new (values: number[] | ArrayBuffer): Numbers;
}
const arrays: Readonly<Record<Kind, NumbersType>> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
};

interface Walk {
  readonly rows: number;
  readonly depth: number;
  /** Of the row, and within it. */
  readonly strides: readonly [number, number];
}

/** Rows side by side, rows with gaps, columns. */
const walks: Readonly<Record<string, (rows: number, depth: number) => Walk>> = {
  rows: (rows, depth) => ({ rows, depth, strides: [depth, 1] }),
  'rows with gaps': (rows, depth) => ({ rows, depth, strides: [depth + 3, 1] }),
  columns: (rows, depth) => ({ rows, depth, strides: [1, rows] }),
};

function programOf({ rows, depth, strides }: Walk, op: (typeof folds)[number], dtype: Kind): Program {
  const view = (slot: number, steps: readonly number[]): View => ({ slot, dtype, offset: 0, strides: steps });
  const kernel: LoopKernel = {
    kind: 'loop',
    shape: [rows, depth],
    reduced: 1,
    inputs: [view(0, strides)],
    body: [{ op: 'load', input: 0, dtype }],
    reductions: [{ op, value: 0 }],
    epilogue: [],
    stores: [{ view: view(1, [1, 0]), value: 1 }],
    scopes: [],
  };
  const bytes = arrays[dtype].BYTES_PER_ELEMENT;
  const slots: Program['slots'] = [
    { bytes: 8 * Math.ceil((bytes * rows * (depth + 3)) / 8), role: 'inout' },
    { bytes: 8 * Math.ceil((bytes * rows) / 8), role: 'inout' },
  ];
  return { key: '', slots, scalars: [], kernels: [kernel], faults: null };
}

/** Small whole numbers, so that sums are exact in any order; of products, most are ones. */
async function result(
  backend: Backend,
  program: Program,
  walk: Walk,
  dtype: Kind,
  isProduct: boolean,
): Promise<number[]> {
  const random = seeded(walk.rows + walk.depth);
  const array = arrays[dtype];
  const length = program.slots[0]!.bytes / array.BYTES_PER_ELEMENT;
  const numbers = Array.from({ length }, () =>
    isProduct ? (random() < 0.95 ? 1 : 2) : Math.floor(random() * 100) - (dtype === 'uint8' ? 0 : 50),
  );
  const regions = program.slots.map((slot) => ({ buffer: backend.alloc(slot.bytes), byteOffset: 0 }));
  backend.write(regions[0]!, new array(numbers), dtype);
  backend.run(await backend.compile(program), regions, new Float64Array());
  return Array.from(new array(await backend.read(regions[1]!, walk.rows, dtype)));
}

withNative((create) => {
  const [js, native] = [createJsBackend(), create()];
  const cases = Object.keys(walks).flatMap((walk) =>
    kinds.flatMap((dtype) => folds.map((op) => [walk, dtype, op] as const)),
  );
  describe('a fold of what lies in memory', () => {
    test.each(cases)('%s, %s, %s', async (name, dtype, op) => {
      for (const [rows, depth] of sizes) {
        const walk = walks[name]!(rows, depth);
        const program = programOf(walk, op, dtype);
        const expected = await result(js, program, walk, dtype, op === 'prod');
        expect(await result(native, program, walk, dtype, op === 'prod')).toEqual(expected);
      }
    });
  });
});
