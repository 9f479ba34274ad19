/** Weighted means, extrema without NaN, counts: nothing at all, everything missing, ends of bins, ties. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ValueError, ones, tensor } from '@antler/core';
import type * as statistics from '../../../../packages/core/src/ops/statistics.js';
import { of, type Nested, type Values } from '../values.js';
import { bool, int, notATensor } from './elementwise.js';
import { call, refusal, type OpRecord, type Records } from './record.js';

const [inf, nan] = [Infinity, NaN];
const none: Values = { dtype: 'float32', shape: [0], numbers: [] };
const x = of([[1, 2, 3], [4, 5, 9]]); // prettier-ignore
const classes = (): core.Tensor => tensor(Int32Array.of(0, 2));

type Fold = (x: core.Operand, axis?: core.Axes, keepDims?: boolean) => core.Tensor;

function withoutNaN(f: Fold, [all, rows, columns]: readonly [Nested, Nested, Nested]): OpRecord {
  const holes = of([[1, nan, 3], [nan, nan, -inf]]); // prettier-ignore
  return {
    samples: [
      call((y) => f(y), [holes], of(all)),
      call((y) => f(y, 1), [holes], of(rows)),
      call((y) => f(y, 0, true), [holes], of([columns] as Nested)),
      call((y) => f(y), [of([nan, nan])], of(nan)),
      call((y) => f(y), [of([nan, inf], 'float64')], of(inf, 'float64')),
      call((y) => f(y), [int([7])], of(7)),
      call((y) => f(y, []), [of([nan, 2])], of([nan, 2])),
    ],
    refuses: [
      ...notATensor(f),
      refusal(() => f(ones([2]), 1), ShapeError, 'an axis in [-1, 0]', 'received 1'),
      refusal(() => f(tensor([])), ShapeError, 'at least one element'),
    ],
  };
}

export const statisticsRecords: Records<typeof statistics> = {
  average: {
    samples: [
      call((y) => core.average(y), [x], of(4)),
      call((y) => core.average(y, { axis: 0 }), [x], of([2.5, 3.5, 6])),
      call((y, w) => core.average(y, { weights: w }), [of([1, 2]), of([3, 1])], of(1.25)),
      call((y, w) => core.average(y, { axis: 1, weights: w }), [x, of([1, 0, 1])], of([2, 6.5])),
      call((y, w) => core.average(y, { axis: -2, weights: w }), [x, int([3, 1])], of([1.75, 2.75, 4.5])),
      call((y, w) => core.average(y, { axis: 0, weights: w }), [x, of([[1, 1, 0], [1, 3, 0]])], of([2.5, 4.25, nan])),
      call((y, w) => core.average(y, { weights: w }), [int([1, 4]), int([1, 2])], of(3), { within: () => 1 }),
      call((y, w) => core.average(y, { weights: w }), [of([1], 'float64'), of([0], 'float64')], of(nan, 'float64')),
    ],
    refuses: [
      ...notATensor(core.average),
      refusal(() => core.average(ones([2, 3]), { axis: 0, weights: ones([3]) }), ShapeError, 'weights of [2, 3], or a vector along the one axis', '[3]'),
      refusal(() => core.average(ones([2, 3]), { weights: ones([3]) }), ShapeError, 'weights of [2, 3]', '[3]'),
    ],
  },
  nanMax: withoutNaN(core.nanMax, [3, [3, -inf], [1, nan, 3]]),
  nanMin: withoutNaN(core.nanMin, [-inf, [1, -inf], [1, nan, -inf]]),
  bincount: {
    samples: [
      call((y) => core.bincount(y, { length: 4 }), [int([0, 2, 2])], int([1, 0, 2, 0])),
      call((y) => core.bincount(y, { length: 2 }), [int([-1, 5, 2147483647, 1])], int([0, 1])),
      call((y) => core.bincount(y, { length: 2 }), [of([255, 1, 1], 'uint8')], int([0, 2])),
      call((y) => core.bincount(y, { length: 2 }), [bool([1, 0, 1])], int([1, 2])),
      call((y, w) => core.bincount(y, { length: 3, weights: w }), [int([0, 2, 0, 7]), of([0.5, 2, 1, 9])], of([1.5, 0, 2])),
      call((y) => core.bincount(y, { length: 2 }), [{ ...none, dtype: 'int32' }], int([0, 0])),
      call((y) => core.bincount(y, { length: 0 }), [int([0])], { ...none, dtype: 'int32' }),
    ],
    refuses: [
      refusal(() => core.bincount(ones([2]), { length: 2 }), DTypeError, 'a vector of integers', 'float32'),
      refusal(() => core.bincount(tensor(1, { dtype: 'int32' }), { length: 2 }), ShapeError, 'a vector of integers', '[]'),
      refusal(() => core.bincount(classes(), { length: -1 }), ValueError, 'whole number >= 0', '-1'),
      refusal(() => core.bincount(classes(), { length: 2, weights: ones([3]) }), ShapeError, 'weights of [2]', '[3]'),
    ],
  },
  histogram: {
    samples: [
      call((y) => core.histogram(y, { bins: 2, range: [0, 1] }), [of([0, 0.25, 0.5, 1, 1.5, -0.1, nan])], [int([2, 2]), of([0, 0.5, 1])]),
      call((y) => core.histogram(y, { bins: 1, range: [-1, 3] }), [int([[3, -1], [4, -2]])], [int([2]), of([-1, 3])]),
      call((y) => core.histogram(y, { range: [0, 10] })[0], [of([9.5, 0])], int([1, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
      call((y) => core.histogram(y, { bins: 3, range: [0, 3] }), [none], [int([0, 0, 0]), of([0, 1, 2, 3])]),
    ],
    refuses: [
      refusal(() => core.histogram(ones([2]), { bins: 0, range: [0, 1] }), ValueError, 'bins as a whole number >= 1', '0'),
      refusal(() => core.histogram(ones([2]), { range: [1, 1] }), ValueError, 'the lower first', '[1, 1]'),
      refusal(() => core.histogram(ones([2]), { range: [0, NaN] }), ValueError, 'finite edges', '[0, NaN]'),
    ],
  },
  inTopK: {
    samples: [
      call((t, y) => core.inTopK(t, y, 1), [int([1, 0]), of([[0.1, 0.5, 0.4], [0.2, 0.5, 0.3]])], bool([1, 0])),
      call((t, y) => core.inTopK(t, y, 2), [int([2, 0, 1]), of([[0.1, 0.5, 0.4], [0.2, 0.5, 0.3], [1, 1, 1]])], bool([1, 0, 1])),
      call((t, y) => core.inTopK(t, y, 1), [int([0]), of([[nan, 1]])], bool([0])),
    ],
    refuses: [
      refusal(() => core.inTopK(classes(), ones([3, 2]), 1), ShapeError, 'targets [n] and scores [n, classes]', '[2] and [3, 2]'),
      refusal(() => core.inTopK(ones([2]), ones([2, 2]), 1), DTypeError, 'integer targets', 'float32'),
      refusal(() => core.inTopK(classes(), ones([2, 2]), 3), ValueError, 'k in [0, 2]', '3'),
    ],
  },
  trapezoid: {
    samples: [
      call((y) => core.trapezoid(y), [of([1, 2, 3])], of(4)),
      call((y) => core.trapezoid(y, { dx: 0.5, axis: 0 }), [x], of([1.25, 1.75, 3])),
      call((y) => core.trapezoid(y), [of([[5], [6]])], of([0, 0])),
      call((y) => core.trapezoid(y), [none], of(0)),
      call((y) => core.trapezoid(y), [int([1, 2])], of(1.5)),
    ],
    refuses: [
      ...notATensor(core.trapezoid),
      refusal(() => core.trapezoid(ones([2]), { axis: 1 }), ShapeError, 'an axis in [-1, 0]', 'received 1'),
    ],
  },
}; // prettier-ignore
