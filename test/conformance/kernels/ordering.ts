/** Cumulate, sort, and windows whose starts are clamped: running folds, stability, NaN, strides, and both ends. */
import type { CumulateKernel, DType, GatherKernel, SortKernel } from '@antler/core';
import { viewOf, type Builder, type Place, type Target } from '../builder.js';
import type { Case } from '../device.js';
import { expectEqual } from '../expect.js';

function cumulate(
  build: Builder,
  kernel: Pick<CumulateKernel, 'op' | 'exclusive' | 'shape'>,
  x: Target,
  out: Target,
): void {
  build.kernel({ kind: 'cumulate', ...kernel, x: viewOf(x), out: viewOf(out), scopes: [] });
}

function sort(
  build: Builder,
  kernel: Pick<SortKernel, 'descending' | 'shape'>,
  inputs: Target[],
  outputs: Target[],
): void {
  build.kernel({ kind: 'sort', ...kernel, inputs: inputs.map(viewOf), outputs: outputs.map(viewOf), scopes: [] });
}

type Windows = Pick<GatherKernel, 'limits' | 'slice'>;

/** A program whose results are compared place by place. */
function giving(define: (build: Builder) => readonly (readonly [Place, readonly number[]])[]): Case['run'] {
  return async (device) => {
    const build = device.builder();
    const expected = define(build);
    const results = await device.run(build);
    expected.forEach(([place, values], i) => expectEqual(results(place), values, `result ${i}`));
  };
}

const cumulated: readonly (readonly [name: string, Case['run'], dtypes?: readonly DType[]])[] = [
  [
    'cumulate: sums of each row, with and without the entry itself',
    giving((build) => {
      const x = build.input('float32', [2, 4], [1, 2, 3, 4, -1, 0, 5, 0.5]);
      const [y, z] = [build.output('float32', [2, 4]), build.output('float32', [2, 4])];
      cumulate(build, { op: 'sum', exclusive: false, shape: [2, 4] }, x, y);
      cumulate(build, { op: 'sum', exclusive: true, shape: [2, 4] }, x, z);
      return [
        [y, [1, 3, 6, 10, -1, -1, 4, 4.5]],
        [z, [0, 1, 3, 6, 0, -1, -1, 4]],
      ];
    }),
  ],
  [
    'cumulate: products, and what nothing multiplies to',
    giving((build) => {
      const x = build.input('float32', [4], [2, -3, 0, 4]);
      const [y, z] = [build.output('float32', [4]), build.output('float32', [4])];
      cumulate(build, { op: 'prod', exclusive: false, shape: [4] }, x, y);
      cumulate(build, { op: 'prod', exclusive: true, shape: [4] }, x, z);
      return [
        [y, [2, -6, -0, -0]],
        [z, [1, 2, -6, -0]],
      ];
    }),
  ],
  [
    'cumulate: a NaN stays the extremum from where it stands on',
    giving((build) => {
      const x = build.input('float32', [5], [1, 3, NaN, 2, 9]);
      const [high, low] = [build.output('float32', [5]), build.output('float32', [5])];
      cumulate(build, { op: 'max', exclusive: false, shape: [5] }, x, high);
      cumulate(build, { op: 'min', exclusive: true, shape: [5] }, x, low);
      return [
        [high, [1, 3, NaN, NaN, NaN]],
        [low, [Infinity, 1, 1, NaN, NaN]],
      ];
    }),
  ],
  [
    'cumulate: integers wrap',
    giving((build) => {
      const x = build.input('int32', [3], [2147483647, 1, 5]);
      const [y, z] = [build.output('int32', [3]), build.output('int32', [3])];
      cumulate(build, { op: 'sum', exclusive: false, shape: [3] }, x, y);
      cumulate(build, { op: 'max', exclusive: true, shape: [3] }, x, z);
      return [
        [y, [2147483647, -2147483648, -2147483643]],
        [z, [-2147483648, 2147483647, 2147483647]],
      ];
    }),
    ['int32'],
  ],
  [
    'cumulate: from the last entry to the first, along the middle axis, by strides',
    giving((build) => {
      const x = build.input('float32', [2, 3, 2], [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]);
      const y = build.output('float32', [2, 3, 2]);
      const backwards = (place: Place): Target => ({ ...viewOf(place), offset: 4, strides: [6, 1, -2] });
      cumulate(build, { op: 'sum', exclusive: false, shape: [2, 2, 3] }, backwards(x), backwards(y));
      return [[y, [9, 12, 8, 10, 5, 6, 90, 120, 80, 100, 50, 60]]];
    }),
  ],
  [
    'cumulate: a row longer than any tile',
    giving((build) => {
      const x = build.input('float32', [3000], new Array<number>(3000).fill(1));
      const y = build.output('float32', [3000]);
      cumulate(build, { op: 'sum', exclusive: false, shape: [3000] }, x, y);
      return [[y, Array.from({ length: 3000 }, (_, i) => i + 1)]];
    }),
  ],
];

const sorted: typeof cumulated = [
  [
    'sort: rows upwards and downwards; equal keys keep their order, NaN is last',
    giving((build) => {
      const keys = build.input('float32', [2, 5], [2, NaN, -1, 2, -Infinity, 0, -0, 1, NaN, Infinity]);
      const places = build.input('int32', [2, 5], [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
      const outputs = (): [Place, Place] => [build.output('float32', [2, 5]), build.output('int32', [2, 5])];
      const [up, down] = [outputs(), outputs()];
      sort(build, { descending: false, shape: [2, 5] }, [keys, places], up);
      sort(build, { descending: true, shape: [2, 5] }, [keys, places], down);
      return [
        [up[0], [-Infinity, -1, 2, 2, NaN, 0, -0, 1, Infinity, NaN]],
        [up[1], [4, 2, 0, 3, 1, 0, 1, 2, 4, 3]],
        [down[0], [2, 2, -1, -Infinity, NaN, Infinity, 1, 0, -0, NaN]],
        [down[1], [0, 3, 2, 4, 1, 4, 2, 0, 1, 3]],
      ];
    }),
    ['float32', 'int32'],
  ],
  [
    'sort: unsigned keys, a column of a matrix',
    giving((build) => {
      const x = build.input('uint32', [3, 2], [4294967295, 1, 0, 2, 2147483648, 3]);
      const y = build.inout('uint32', [3, 2], [9, 9, 9, 9, 9, 9]);
      const column = (place: Place): Target => ({ ...viewOf(place), strides: [2] });
      sort(build, { descending: false, shape: [3] }, [column(x)], [column(y)]);
      return [[y, [0, 9, 2147483648, 9, 4294967295, 9]]];
    }),
    ['uint32'],
  ],
  [
    'sort: one entry, and a row longer than any tile',
    giving((build) => {
      const one = build.input('float32', [2, 1], [5, 4]);
      const many = build.input(
        'float32',
        [1500],
        Array.from({ length: 1500 }, (_, i) => (i * 701) % 1500),
      );
      const [y, z] = [build.output('float32', [2, 1]), build.output('float32', [1500])];
      sort(build, { descending: false, shape: [2, 1] }, [one], [y]);
      sort(build, { descending: true, shape: [1500] }, [many], [z]);
      return [
        [y, [5, 4]],
        [z, Array.from({ length: 1500 }, (_, i) => 1499 - i)],
      ];
    }),
  ],
];

/** Windows of `limits` starts and `slice` entries along one axis each; strides for both. */
const windowed: typeof cumulated = [-5, 0, 1, 2, 9].map((start) => [
  `gather: the window at ${start} of those that lie within, without a fault`,
  giving((build) => {
    const x = build.input('float32', [4, 3], [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32]);
    const starts = build.input('int32', [2], [start, 1]);
    const y = build.output('float32', [2, 2]);
    const windows: Windows = { limits: [3, 2], slice: [2, 2] };
    const views = { x: { ...viewOf(x), strides: [3, 1, 3, 1] }, indices: viewOf(starts), out: viewOf(y) };
    build.kernel({ kind: 'gather', batch: [], index: [], ...windows, ...views, site: null, scopes: [] });
    const row = 10 * Math.min(Math.max(start, 0), 2);
    return [[y, [row + 1, row + 2, row + 11, row + 12]]];
  }),
  ['float32', 'int32'],
]);

const replaced: typeof cumulated = [-5, 1, 9].map((start) => [
  `scatter: the window at ${start} of those that lie within is replaced`,
  giving((build) => {
    const y = build.inout('float32', [4], [0, 1, 2, 3]);
    const starts = build.input('int32', [1], [start]);
    const updates = build.input('float32', [2], [7, 8]);
    const windows: Windows = { limits: [3], slice: [2] };
    const views = { updates: viewOf(updates), indices: viewOf(starts), out: { ...viewOf(y), strides: [1, 1] } };
    build.kernel({ kind: 'scatter', mode: 'set', batch: [], index: [], ...windows, ...views, site: null, scopes: [] });
    const expected = [0, 1, 2, 3];
    expected.splice(Math.min(Math.max(start, 0), 2), 2, 7, 8);
    return [[y, expected]];
  }),
  ['float32', 'int32'],
]);

const asCase = ([name, run, dtypes]: (typeof cumulated)[number]): Case =>
  dtypes === undefined ? { name, run } : { name, dtypes, run };

/** Cases of the kernels that accumulate and sort. */
export const orderingCases: readonly Case[] = [...cumulated, ...sorted].map(asCase);

/** Cases of clamped windows. */
export const windowCases: readonly Case[] = [...windowed, ...replaced].map(asCase);
