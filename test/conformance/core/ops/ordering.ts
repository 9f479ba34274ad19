/** Running folds, orders, and what is found by sorting: ties keep their order, NaN comes last, every axis and direction. */
import * as core from '@antler/core';
import {
  ShapeError,
  TraceError,
  ValueError,
  jit,
  ones,
  tensor,
  zeros,
  type CumulateOptions,
  type Tensor,
} from '@antler/core';
import type * as ordering from '../../../../packages/core/src/ops/ordering.js';
import { expectThat } from '../../expect.js';
import { read, type CoreCase } from '../session.js';
import { of, type Nested, type Values } from '../values.js';
import { call, refusal, type OpRecord, type Records } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
const bool = (nested: Nested): Values => of(nested, 'bool');
const none = (...shape: number[]): Values => ({ dtype: 'float32', shape, numbers: [] });
const x = of([[3, 1, 2], [6, 5, 4]]); // prettier-ignore
const matrix = (): Tensor => tensor([[3, 1, 2], [6, 5, 4]]); // prettier-ignore
const [inf, nan] = [Infinity, NaN];

type Running = (x: core.Operand, axis?: number, options?: CumulateOptions) => Tensor;

/** A fold of each beginning of a list. */
function running(list: readonly number[], start: number, combine: (a: number, b: number) => number, { reverse = false, exclusive = false }: CumulateOptions): number[] {
  const ordered = reverse ? [...list].reverse() : list;
  let state = start;
  const results = ordered.map((value) => {
    const before = state;
    state = combine(state, value);
    return exclusive ? before : state;
  });
  return reverse ? results.reverse() : results;
} // prettier-ignore

/** A running fold in every direction, with and without the entry itself, over either axis. */
function cumulative(
  f: Running,
  combine: (a: number, b: number) => number,
  { float, int8 }: { readonly float: number; readonly int8: number },
  more: OpRecord['samples'],
): OpRecord {
  const rows = [[3, 1, -2, 4], [0, 5, -1, -1]]; // prettier-ignore
  const ways: CumulateOptions[] = [false, true].flatMap((reverse) => [false, true].map((exclusive) => ({ reverse, exclusive })));
  const columns = rows[0]!.map((_, j) => rows.map((row) => row[j]!));
  return {
    samples: [
      ...ways.flatMap((way) => [
        call((y) => f(y, -1, way), [of(rows)], of(rows.map((row) => running(row, float, combine, way)))),
        call((y) => core.transpose(f(y, 0, way)), [of(rows)], of(columns.map((column) => running(column, float, combine, way)))),
        call((y) => f(y, 1, way), [of(rows, 'int8')], of(rows.map((row) => running(row, int8, combine, way)), 'int8')),
        call((y) => f(y, 0, way), [of([nan, 1, inf], 'float64')], of(running([nan, 1, inf], float, combine, way), 'float64')),
        call((y) => f(y, 1, way), [none(2, 0)], none(2, 0)),
        call((y) => f(y, 0, way), [of([7])], of(way.exclusive === true ? [float] : [7])),
      ]),
      ...more,
    ],
    refuses: [
      refusal(() => f(matrix(), 2), ShapeError, 'an axis in [-2, 1]', 'received 2'),
      refusal(() => f(tensor(1)), ShapeError, 'no axis (x is a scalar)'),
      refusal(() => f([1] as never), ValueError, 'an array'),
    ],
  };
} // prettier-ignore

export const orderingRecords: Records<typeof ordering> = {
  cumsum: cumulative(core.cumsum, (a, b) => a + b, { float: 0, int8: 0 }, [
    call((y) => core.cumsum(y), [bool([1, 0, 1])], int([1, 1, 2])),
    call((y) => core.cumsum(y), [of([100, 100], 'int8')], of([100, -56], 'int8')),
    call((y) => core.cumsum(y), [of([255, 2], 'uint8')], of([255, 1], 'uint8')),
    call((y) => core.cumsum(y), [of([1, inf, -inf, 1])], of([1, inf, nan, nan])),
  ]),
  cumprod: cumulative(core.cumprod, (a, b) => a * b, { float: 1, int8: 1 }, [
    call((y) => core.cumprod(y), [int([65536, 65536, 3])], int([65536, 0, 0])),
    call((y) => core.cumprod(y), [of([2, 0, inf])], of([2, 0, nan])),
  ]),
  cummax: cumulative(core.cummax, Math.max, { float: -inf, int8: -128 }, [
    call((y) => core.cummax(y), [of([1, 3, nan, 4])], of([1, 3, nan, nan])),
    call((y) => core.cummax(y), [bool([0, 1, 0])], int([0, 1, 1])),
    call((y) => core.cummax(y, 0, { exclusive: true }), [of([4, 200, 3], 'uint8')], of([0, 4, 200], 'uint8')),
  ]),
  cummin: cumulative(core.cummin, Math.min, { float: inf, int8: 127 }, [
    call((y) => core.cummin(y), [of([3, nan, -inf])], of([3, nan, nan])),
    call((y) => core.cummin(y, 0, { exclusive: true }), [of([4, 200, 3], 'uint8')], of([255, 4, 4], 'uint8')),
  ]),
  sort: {
    samples: [
      call((y) => core.sort(y), [x], of([[1, 2, 3], [4, 5, 6]])),
      call((y) => core.sort(y, 0, { descending: true }), [x], of([[6, 5, 4], [3, 1, 2]])),
      call((y) => core.sort(y), [of([2, nan, -inf, inf, 1, nan])], of([-inf, 1, 2, inf, nan, nan])),
      call((y) => core.sort(y, -1, { descending: true }), [of([2, nan, -inf, inf])], of([inf, 2, -inf, nan])),
      call((y) => core.sort(y), [of([0, -0, 0, -0])], of([0, -0, 0, -0]), { signed: true }),
      call((y) => core.sort(y), [int([2147483647, -2147483648, 0])], int([-2147483648, 0, 2147483647])),
      call((y) => core.sort(y), [of([4294967295, 0, 2147483648], 'uint32')], of([0, 2147483648, 4294967295], 'uint32')),
      call((y) => core.sort(y), [bool([1, 0, 1])], bool([0, 1, 1])),
      call((y) => core.sort(y), [of([0.3, 0.1, 0.2], 'float64')], of([0.1, 0.2, 0.3], 'float64')),
      call((y) => core.sort(y, 0), [of([[[5]]])], of([[[5]]])),
      call((y) => core.sort(y), [none(2, 0)], none(2, 0)),
    ],
    refuses: [
      refusal(() => core.sort(matrix(), 2), ShapeError, 'an axis in [-2, 1]', 'received 2'),
      refusal(() => core.sort(1), ShapeError, 'no axis (x is a scalar)'),
    ],
  },
  argsort: {
    samples: [
      call((y) => core.argsort(y), [x], int([[1, 2, 0], [2, 1, 0]])),
      call((y) => core.argsort(y, -2), [x], int([[0, 0, 0], [1, 1, 1]])),
      call((y) => core.argsort(y), [of([2, 1, 2, 1])], int([1, 3, 0, 2])),
      call((y) => core.argsort(y, 0, { descending: true }), [of([2, 1, 2, 1])], int([0, 2, 1, 3])),
      call((y) => core.argsort(y), [of([nan, 1, nan, -inf])], int([3, 1, 0, 2])),
      call((y) => core.argsort(y), [of([0, -0])], int([0, 1])),
      call((y) => core.argsort(y), [of([3, 3, 1], 'uint8')], int([2, 0, 1])),
      call((y) => core.argsort(y), [none(0)], { ...none(0), dtype: 'int32' }),
    ],
    refuses: [refusal(() => core.argsort(matrix(), -3), ShapeError, 'an axis in [-2, 1]', 'received -3')],
  },
  topK: {
    samples: [
      call((y) => core.topK(y, 2), [x], [of([[3, 2], [6, 5]]), int([[0, 2], [0, 1]])]),
      call((y) => core.topK(y, 2), [of([1, 7, 7, 7])], [of([7, 7]), int([1, 2])]),
      call((y) => core.topK(y, 3), [of([nan, 1, inf])], [of([inf, 1, nan]), int([2, 1, 0])]),
      call((y) => core.topK(y, 0), [x], [none(2, 0), { dtype: 'int32', shape: [2, 0], numbers: [] }]),
      call((y) => core.topK(y, 1), [of([[5], [6]], 'int8')], [of([[5], [6]], 'int8'), int([[0], [0]])]),
    ],
    refuses: [
      refusal(() => core.topK(matrix(), 4), ValueError, 'k in [0, 3] for x of [2, 3]', 'received 4'),
      refusal(() => core.topK(matrix(), -1), ValueError, 'k in [0, 3]', '-1'),
      refusal(() => core.topK(matrix(), 1.5), ValueError, 'k in [0, 3]', '1.5'),
      refusal(() => core.topK(1, 1), ShapeError, 'no axis (x is a scalar)'),
    ],
  },
  digitize: {
    samples: [
      call((y, b) => core.digitize(y, b), [of([0, 1, 1.5, 2, 9]), of([1, 2])], int([0, 1, 1, 2, 2])),
      call((y, b) => core.digitize(y, b), [of([[NaN], [-Infinity]]), of([0])], int([[1], [0]])),
    ],
    refuses: [refusal(() => core.digitize(1, ones([2, 2])), ShapeError, 'a sorted vector', '[2, 2]')],
  },
  searchsorted: {
    samples: [
      call((s, v) => core.searchsorted(s, v), [of([1, 3, 3, 5]), of([0, 1, 3, 4, 9, nan, -inf, inf])], int([0, 0, 1, 3, 4, 4, 0, 4])),
      call((s, v) => core.searchsorted(s, v, 'right'), [of([1, 3, 3, 5]), of([[0, 1], [3, nan]])], int([[0, 1], [3, 4]])),
      call((s, v) => core.searchsorted(s, v), [of([1, inf, nan]), of([nan, inf])], int([2, 1])),
      call((s, v) => core.searchsorted(s, v, 'right'), [of([1, inf, nan]), of([nan, inf])], int([3, 2])),
      call((s) => core.searchsorted(s, 2), [int([1, 2, 3])], int(1)),
      call((s) => core.searchsorted(s, 2.5), [int([1, 2, 3])], int(2)),
      call((s, v) => core.searchsorted(s, v), [of([1, 2], 'uint8'), int([-1, 2, 300])], int([0, 1, 2])),
      call((s, v) => core.searchsorted(s, v), [none(0), of([1, nan])], int([0, 0])),
      call((s, v) => core.searchsorted(s, v), [of([1, 2]), none(2, 0)], { dtype: 'int32', shape: [2, 0], numbers: [] }),
    ],
    refuses: [
      refusal(() => core.searchsorted(matrix(), 1), ShapeError, 'a sorted vector', '[2, 3]'),
      refusal(() => core.searchsorted(1, 1), ShapeError, 'a sorted vector', '[]'),
      refusal(() => core.searchsorted(ones([2]), 1, 'middle' as never), ValueError, "side 'left' or 'right'", '"middle"'),
    ],
  },
  quantile: {
    samples: [
      call((y) => core.quantile(y, 0.5), [of([4, 1, 3, 2])], of(2.5)),
      call((y) => core.quantile(y, [0, 0.25, 1], 1), [x], of([[1, 4], [1.5, 4.5], [3, 6]])),
      call((y) => core.quantile(y, 0.5, 0, true), [x], of([[4.5, 3, 3]])),
      call((y) => core.quantile(y, [1], [0, 1], true), [x], of([[[6]]])),
      call((y) => core.quantile(y, [0, 1, 0.75]), [of([-inf, inf, inf])], of([-inf, inf, inf])),
      call((y) => core.quantile(y, [0, 1], -1), [of([[1, nan], [1, 2]])], of([[nan, 1], [nan, 2]])),
      call((y) => core.quantile(y, 0.3), [of(7)], of(7)),
      call((y) => core.quantile(y, 0.5), [int([1, 2])], of(1.5)),
      call((y) => core.quantile(y, 0.5, 0), [none(2, 0)], none(0)),
      call((y) => core.quantile(y, [], 0), [x], none(0, 3)),
    ],
    refuses: [
      refusal(() => core.quantile(matrix(), 2), ValueError, 'q in [0, 1]', 'received 2'),
      refusal(() => core.quantile(matrix(), [0.5, NaN]), ValueError, 'q in [0, 1]', 'NaN'),
      refusal(() => core.quantile(zeros([2, 0]), 0.5, 1), ShapeError, 'at least one entry', '[2, 0]'),
      refusal(() => core.quantile(matrix(), 0.5, [0, 0]), ShapeError, 'each axis once', '[0, 0]'),
    ],
  },
  median: {
    samples: [
      call((y) => core.median(y), [of([3, 1, 2])], of(2)),
      call((y) => core.median(y), [of([4, 1, 3, 2])], of(2.5)),
      call((y) => core.median(y, 1), [of([[1, nan], [1, 2]])], of([nan, 1.5])),
      call((y) => core.median(y, 1, true), [x], of([[2], [5]])),
      call((y) => core.median(y, [0, -1]), [x], of(3.5)),
      call((y) => core.median(y), [of([-inf, inf, inf])], of(inf)),
      call((y) => core.median(y), [bool([1, 0, 1])], of(1)),
      call(() => core.median(4), [], of(4)),
    ],
    refuses: [
      refusal(() => core.median(zeros([0])), ShapeError, 'at least one entry', '[0]'),
      refusal(() => core.median(matrix(), 2), ShapeError, 'an axis in [-2, 1]', 'received 2'),
    ],
  },
  unique: {
    samples: [
      call((y) => core.unique(y, { size: 3 }), [int([3, 1, 3, -2])], int([-2, 1, 3])),
      call((y) => core.unique(y, { size: 4, fillValue: -1 }), [of([[3, 1], [3, 1]])], of([1, 3, -1, -1])),
      call((y) => core.unique(y, { size: 2 }), [int([3, 1, 2])], int([1, 2])),
      call((y) => core.unique(y, { size: 0 }), [of([1, 2])], none(0)),
      call((y) => core.unique(y, { size: 2, fillValue: 9 }), [none(0)], of([9, 9])),
      call((y) => core.unique(y, { size: 2 }), [bool([1, 0, 1])], bool([0, 1])),
      call((y) => core.unique(y, { size: 1 }), [of(5)], of([5])),
      call((y) => core.unique(y, { size: 3 }), [of([inf, 0, -0, -inf])], of([-inf, 0, inf])),
    ],
    refuses: [
      refusal(() => core.unique(matrix(), { size: -1 }), ValueError, 'a size that is a whole number >= 0', '-1'),
      refusal(() => core.unique([1] as never, { size: 1 }), ValueError, 'an array'),
    ],
  },
  nonzero: {
    samples: [
      call((y) => core.nonzero(y, { size: 2 }), [of([[0, 5], [7, 0]])], int([[0, 1], [1, 0]])),
      call((y) => core.nonzero(y, { size: 3, fillValue: -1 }), [of([0, -0, nan, 2])], int([[2], [3], [-1]])),
      call((y) => core.nonzero(y, { size: 1 }), [bool([0, 1, 1])], int([[1]])),
      call((y) => core.nonzero(y, { size: 1 }), [of(4)], { dtype: 'int32', shape: [1, 0], numbers: [] }),
      call((y) => core.nonzero(y, { size: 1 }), [none(0, 2)], int([[0, 0]])),
    ],
    refuses: [refusal(() => core.nonzero(matrix(), { size: 0.5 }), ValueError, 'a size that is a whole number >= 0', '0.5')],
  },
  booleanMask: {
    samples: [
      call((y, m) => core.booleanMask(y, m, { size: 1 }), [x, bool([0, 1])], of([[6, 5, 4]])),
      call((y, m) => core.booleanMask(y, m, { size: 3 }), [x, bool([[0, 1, 0], [1, 0, 1]])], of([1, 6, 4])),
      call((y, m) => core.booleanMask(y, m, { size: 2, fillValue: 7 }), [x, int([0, 2])], of([[6, 5, 4], [7, 7, 7]])),
      call((y, m) => core.booleanMask(y, m, { size: 1 }), [of(5), bool(1)], of([5])),
      call((y, m) => core.booleanMask(y, m, { size: 0 }), [none(0, 2), { ...none(0), dtype: 'bool' }], none(0, 2)),
      call((y, m) => core.booleanMask(y, m, { size: 1 }), [of([3, nan]), bool([0, 1])], of([nan])),
    ],
    refuses: [
      refusal(() => core.booleanMask(matrix(), tensor([true]), { size: 1 }), ShapeError, 'a bool mask over the leading axes of [2, 3]', 'bool [1]'),
      refusal(() => core.booleanMask(matrix(), ones([2]), { size: 1 }), ShapeError, 'a bool mask', 'float32 [2]'),
      refusal(() => core.booleanMask(matrix(), tensor([true, true]), { size: -2 }), ValueError, 'a size that is', '-2'),
    ],
  },
}; // prettier-ignore

/** Lengths that depend on the data: awaited, or given inside a trace. */
const unknownLengths: readonly (readonly [f: () => Promise<Tensor>, expected: Values])[] = [
  [() => core.unique(tensor([3, 1, 3])), of([1, 3])],
  [() => core.unique(zeros([0])), none(0)],
  [() => core.unique(tensor([5])), of([5])],
  [() => core.nonzero(tensor([[0, 5], [7, 0]])), int([[0, 1], [1, 0]])],
  [() => core.nonzero(zeros([2])), { dtype: 'int32', shape: [0, 1], numbers: [] }],
  [() => core.booleanMask(matrix(), tensor([false, true])), of([[6, 5, 4]])],
  [() => core.booleanMask(matrix(), core.greater(matrix(), 3)), of([6, 5, 4])],
  [() => core.booleanMask(matrix(), core.greater(matrix(), 9)), none(0)],
]; // prettier-ignore

/** Cases besides those of the records. */
export const lengthCases: readonly CoreCase[] = [
  {
    name: 'lengths that depend on the data are awaited, and need a size inside of jit',
    async run() {
      for (const [f, expected] of unknownLengths) {
        const came = await read(await f());
        expectThat(JSON.stringify(came) === JSON.stringify(expected), `${f.toString()}: ${JSON.stringify(came)}`);
      }
      const traced = jit((y: Tensor) => (void core.unique(y), y));
      let message = '';
      try {
        traced(tensor([1]));
      } catch (error) {
        expectThat(error instanceof TraceError, `a TraceError, received ${String(error)}`);
        message = error.message;
      }
      expectThat(message.startsWith('unique: expected to be called outside of a trace'), `unique: ${message}`);
    },
  },
];
