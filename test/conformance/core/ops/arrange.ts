/** Arrangements: where each element goes, for every axis and diagonal, for none and for one. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ValueError, ones, tensor, zeros } from '@antler/core';
import type * as arrange from '../../../../packages/core/src/ops/arrange.js';
import { counted, of, type Nested, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
const none = (...shape: number[]): Values => ({ dtype: 'float32', shape, numbers: [] });
const x = of([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const square = of([[1, 2, 3], [4, 5, 6], [7, 8, 9]]); // prettier-ignore
const cube = counted([2, 3, 2]);
const matrix = (): core.Tensor => tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore

export const arrangeRecords: Records<typeof arrange> = {
  moveAxis: {
    samples: [
      call((y) => core.moveAxis(y, 0, -1), [cube], of([[[0, 6], [1, 7]], [[2, 8], [3, 9]], [[4, 10], [5, 11]]])),
      call((y) => core.moveAxis(y, [0, 1], [-1, 0]), [x], of([[1, 4], [2, 5], [3, 6]])),
      call((y) => core.moveAxis(y, [], []), [x], x),
      call((y) => core.moveAxis(y, -1, 0), [none(2, 0)], none(0, 2)),
      call((y) => core.moveAxis(y, [], []), [of(NaN)], of(NaN)),
    ],
    refuses: [
      refusal(() => core.moveAxis(matrix(), 2, 0), ShapeError, 'an axis in [-2, 1]', 'received 2'),
      refusal(() => core.moveAxis(matrix(), [0, 1], [0]), ShapeError, 'as many places as axes, each once', '[0, 1] to [0]'),
      refusal(() => core.moveAxis(matrix(), [0, -2], [0, 1]), ShapeError, 'each once', '[0, 0] to [0, 1]'),
    ],
  },
  roll: {
    samples: [
      call((y) => core.roll(y, 1), [x], of([[6, 1, 2], [3, 4, 5]])),
      call((y) => core.roll(y, 1, 0), [x], of([[4, 5, 6], [1, 2, 3]])),
      call((y) => core.roll(y, -1, -1), [x], of([[2, 3, 1], [5, 6, 4]])),
      call((y) => core.roll(y, 8, 1), [x], of([[2, 3, 1], [5, 6, 4]])),
      call((y) => core.roll(y, -3, 1), [x], x),
      call((y) => core.roll(y, 5), [of(7)], of(7)),
      call((y) => core.roll(y, 2, 0), [of([[9, 8]])], of([[9, 8]])),
      call((y) => core.roll(y, 2), [none(0)], none(0)),
      call((y) => core.roll(y, -1, 1), [none(3, 0)], none(3, 0)),
      call((y) => core.roll(y, 1, 0), [of([1, 0, 0], 'bool')], of([0, 1, 0], 'bool')),
    ],
    refuses: [
      refusal(() => core.roll(matrix(), 0.5), ValueError, 'a whole shift', '0.5'),
      refusal(() => core.roll(matrix(), NaN, 0), ValueError, 'a whole shift', 'NaN'),
      refusal(() => core.roll(matrix(), 1, 2), ShapeError, 'an axis in [-2, 1]', 'received 2'),
      refusal(() => core.roll([1] as never, 1), ValueError, 'an array'),
    ],
  },
  repeat: {
    samples: [
      call((y) => core.repeat(y, 2), [of([[1, 2], [3, 4]])], of([1, 1, 2, 2, 3, 3, 4, 4])),
      call((y) => core.repeat(y, 2, 0), [of([[1, 2], [3, 4]])], of([[1, 2], [1, 2], [3, 4], [3, 4]])),
      call((y) => core.repeat(y, 3, -1), [of([[1], [2]], 'int8')], of([[1, 1, 1], [2, 2, 2]], 'int8')),
      call((y) => core.repeat(y, [2, 0, 1], 1), [x], of([[1, 1, 3], [4, 4, 6]])),
      call((y) => core.repeat(y, [1, 2, 0, 1]), [of([[1, 2], [3, 4]])], of([1, 2, 2, 4])),
      call((y) => core.repeat(y, 0, 0), [x], none(0, 3)),
      call((y) => core.repeat(y, [0, 0, 0], 1), [x], none(2, 0)),
      call((y) => core.repeat(y, 3, 1), [none(2, 0)], none(2, 0)),
      call((y) => core.repeat(y, 2), [of(5)], of([5, 5])),
    ],
    refuses: [
      refusal(() => core.repeat(matrix(), [1, 2], 1), ShapeError, 'a count for each of 3 entries', '2 counts'),
      refusal(() => core.repeat(matrix(), -1, 0), ShapeError, 'whole numbers >= 0', '[-1]'),
      refusal(() => core.repeat(matrix(), [1, 0.5], 0), ShapeError, 'whole numbers >= 0', '[1, 0.5]'),
      refusal(() => core.repeat(matrix(), 2, 2), ShapeError, 'an axis in [-2, 1]'),
    ],
  },
  tile: {
    samples: [
      call((y) => core.tile(y, 2), [of([1, 2])], of([1, 2, 1, 2])),
      call((y) => core.tile(y, [2, 1]), [of([1, 2])], of([[1, 2], [1, 2]])),
      call((y) => core.tile(y, [2, 2]), [of([[1], [2]])], of([[1, 1], [2, 2], [1, 1], [2, 2]])),
      call((y) => core.tile(y, 2), [of([[1], [2]])], of([[1, 1], [2, 2]])),
      call((y) => core.tile(y, []), [x], x),
      call((y) => core.tile(y, [2, 1]), [of(3)], of([[3], [3]])),
      call((y) => core.tile(y, [0, 1]), [x], none(0, 3)),
      call((y) => core.tile(y, [2, 3]), [none(1, 0)], none(2, 0)),
    ],
    refuses: [
      refusal(() => core.tile(matrix(), -1), ShapeError, 'whole numbers >= 0', '[-1]'),
      refusal(() => core.tile(matrix(), [2, 1.5]), ShapeError, 'whole numbers >= 0', '[2, 1.5]'),
    ],
  },
  unstack: {
    samples: [
      call((y) => core.unstack(y), [x], [of([1, 2, 3]), of([4, 5, 6])]),
      call((y) => core.unstack(y, -1), [x], [of([1, 4]), of([2, 5]), of([3, 6])]),
      call((y) => core.unstack(y), [int([7])], [int(7)]),
      call((y) => core.unstack(y, 0), [none(2, 0)], [none(0), none(0)]),
      call((y) => core.stack([...core.unstack(y, 1), core.zeros([2])], 1), [none(2, 0)], of([[0], [0]])),
    ],
    refuses: [
      refusal(() => core.unstack(tensor(1)), ShapeError, 'no axis (x is a scalar)'),
      refusal(() => core.unstack(matrix(), -3), ShapeError, 'an axis in [-2, 1]', 'received -3'),
    ],
  },
  meshgrid: {
    samples: [
      call((a, b) => core.meshgrid([a, b]), [of([1, 2, 3]), of([4, 5])], [of([[1, 2, 3], [1, 2, 3]]), of([[4, 4, 4], [5, 5, 5]])]),
      call((a, b) => core.meshgrid([a, b], { indexing: 'ij' }), [of([1, 2, 3]), int([4, 5])], [of([[1, 1], [2, 2], [3, 3]]), int([[4, 5], [4, 5], [4, 5]])]),
      call((a) => core.meshgrid([a]), [of([1, 2])], [of([1, 2])]),
      call((a, b) => core.meshgrid([a, b, a]), [of([1]), of([2, 3])], [of([[[1]], [[1]]]), of([[[2]], [[3]]]), of([[[1]], [[1]]])]),
      call((a, b) => core.meshgrid([a, b]), [none(0), of([2, 3])], [none(2, 0), none(2, 0)]),
    ],
    refuses: [
      refusal(() => core.meshgrid([tensor(1)]), ShapeError, 'vectors', '[]'),
      refusal(() => core.meshgrid([ones([2]), tensor(1)]), ShapeError, 'vectors', '[]'),
      refusal(() => core.meshgrid([ones([2]), matrix()], { indexing: 'ij' }), ShapeError, 'vectors', '[2, 3]'),
    ],
  },
  linspace: {
    samples: [
      call(() => core.linspace(0, 1, 5), [], of([0, 0.25, 0.5, 0.75, 1])),
      call(() => core.linspace(1, -1, 3), [], of([1, 0, -1])),
      call(() => core.linspace(0, 1, 4, { endpoint: false }), [], of([0, 0.25, 0.5, 0.75])),
      call(() => core.linspace(0, 0.1, 3, { dtype: 'float64' }), [], of([0, 0.05, 0.1], 'float64')),
      call(() => core.linspace(2, 2, 2), [], of([2, 2])),
      call(() => core.linspace(3, 9, 1), [], of([3])),
      call(() => core.linspace(3, 9, 1, { endpoint: false }), [], of([3])),
      call(() => core.linspace(3, 9, 0), [], none(0)),
      // The last number is the bound itself, whatever rounding does on the way.
      call(() => core.slice(core.linspace(0, 0.7, 8), [7]), [], of([0.7])),
    ],
    refuses: [
      refusal(() => core.linspace(0, 1, -1), ValueError, 'a count >= 0', '-1'),
      refusal(() => core.linspace(0, 1, 1.5), ValueError, 'a count >= 0', '1.5'),
      refusal(() => core.linspace(0, 1, 2, { dtype: 'int32' }), DTypeError, 'a float dtype', 'int32'),
      refusal(() => core.linspace(0, 1, 2, { dtype: 'real' as never }), DTypeError, 'a dtype (', '"real"'),
    ],
  },
  logspace: {
    samples: [
      call(() => core.logspace(0, 2, 3), [], of([1, 10, 100]), { within: ({ pow }) => pow }),
      call(() => core.logspace(0, 3, 4, { base: 2 }), [], of([1, 2, 4, 8]), { within: ({ pow }) => pow }),
      call(() => core.logspace(1, 3, 2, { endpoint: false, base: 2 }), [], of([2, 4]), { within: ({ pow }) => pow }),
      call(() => core.logspace(-1, 1, 0), [], none(0)),
    ],
    refuses: [
      refusal(() => core.logspace(0, 1, -1), ValueError, 'a count >= 0', '-1'),
      refusal(() => core.logspace(0, 1, 2, { dtype: 'bool' }), DTypeError, 'a float dtype', 'bool'),
    ],
  },
  tri: {
    samples: [
      call(() => core.tri(2), [], of([[1, 0], [1, 1]])),
      call(() => core.tri(2, 3, 1), [], of([[1, 1, 0], [1, 1, 1]])),
      call(() => core.tri(3, 2, -1, { dtype: 'bool' }), [], of([[0, 0], [1, 0], [1, 1]], 'bool')),
      call(() => core.tri(2, 2, -9, { dtype: 'int32' }), [], int([[0, 0], [0, 0]])),
      call(() => core.tri(2, 2, 9), [], of([[1, 1], [1, 1]])),
      call(() => core.tri(2, 0), [], none(2, 0)),
    ],
    refuses: [
      refusal(() => core.tri(-1), ShapeError, 'whole numbers >= 0', '[-1, -1]'),
      refusal(() => core.tri(2, 2, 0, { dtype: 'int' as never }), DTypeError, 'a dtype (', '"int"'),
    ],
  },
  tril: {
    samples: [
      call((y) => core.tril(y), [square], of([[1, 0, 0], [4, 5, 0], [7, 8, 9]])),
      call((y) => core.tril(y, 1), [x], of([[1, 2, 0], [4, 5, 6]])),
      call((y) => core.tril(y, -1), [cube], of([[[0, 0], [2, 0], [4, 5]], [[0, 0], [8, 0], [10, 11]]])),
      // What is cut is 0, whatever it was.
      call((y) => core.tril(y), [of([[1, NaN], [-Infinity, 2]])], of([[1, 0], [-Infinity, 2]]), { signed: true }),
      call((y) => core.tril(y), [none(0, 2)], none(0, 2)),
      call((y) => core.tril(y), [of([[1, 1], [1, 1]], 'bool')], of([[1, 0], [1, 1]], 'bool')),
    ],
    refuses: [
      refusal(() => core.tril(ones([2])), ShapeError, 'at least two axes', '[2]'),
      refusal(() => core.tril(1), ShapeError, 'at least two axes', '[]'),
    ],
  },
  triu: {
    samples: [
      call((y) => core.triu(y), [square], of([[1, 2, 3], [0, 5, 6], [0, 0, 9]])),
      call((y) => core.triu(y, 1), [x], of([[0, 2, 3], [0, 0, 6]])),
      call((y) => core.triu(y, -1), [cube], of([[[0, 1], [2, 3], [0, 5]], [[6, 7], [8, 9], [0, 11]]])),
      call((y) => core.triu(y, 2), [of([[1, 2], [3, 4]], 'uint8')], of([[0, 0], [0, 0]], 'uint8')),
      call((y) => core.triu(y), [of([[1, -Infinity], [NaN, 2]])], of([[1, -Infinity], [0, 2]]), { signed: true }),
      call((y) => core.triu(y), [none(2, 0)], none(2, 0)),
    ],
    refuses: [refusal(() => core.triu(ones([2])), ShapeError, 'at least two axes', '[2]')],
  },
  diagonal: {
    samples: [
      call((y) => core.diagonal(y), [square], of([1, 5, 9])),
      call((y) => core.diagonal(y, 1), [x], of([2, 6])),
      call((y) => core.diagonal(y, -1), [x], of([4])),
      call((y) => core.diagonal(y, 5), [x], none(0)),
      call((y) => core.diagonal(y, -5), [x], none(0)),
      call((y) => core.diagonal(y), [cube], of([[0, 8], [1, 9]])),
      call((y) => core.diagonal(y, 0, 1, -1), [cube], of([[0, 3], [6, 9]])),
      call((y) => core.diagonal(y, 1, 1, 0), [cube], of([[6], [7]])),
      call((y) => core.diagonal(core.transpose(y), 1), [x], of([4])),
      call((y) => core.diagonal(y), [none(0, 3)], none(0)),
      call((y) => core.diagonal(y), [of([[8]])], of([8])),
    ],
    refuses: [
      refusal(() => core.diagonal(matrix(), 0, 1, -1), ShapeError, 'two axes', '1 twice'),
      refusal(() => core.diagonal(ones([2])), ShapeError, 'an axis in [-1, 0]', 'received 1'),
    ],
  },
  trace: {
    samples: [
      call((y) => core.trace(y), [square], of(15)),
      call((y) => core.trace(y, 1), [x], of(8)),
      call((y) => core.trace(y, 9), [x], of(0)),
      call((y) => core.trace(y, 0, -1, 0), [cube], of([0 + 7, 2 + 9, 4 + 11])),
      call((y) => core.trace(y), [of([[1, 0], [0, 1]], 'bool')], int(2)),
      call((y) => core.trace(y), [none(0, 0)], of(0)),
    ],
    refuses: [refusal(() => core.trace(ones([2])), ShapeError, 'an axis in [-1, 0]')],
  },
  diag: {
    samples: [
      call((y) => core.diag(y), [of([1, 2])], of([[1, 0], [0, 2]])),
      call((y) => core.diag(y, 1), [of([1, 2])], of([[0, 1, 0], [0, 0, 2], [0, 0, 0]])),
      call((y) => core.diag(y, -2), [int([5])], int([[0, 0, 0], [0, 0, 0], [5, 0, 0]])),
      call((y) => core.diag(y), [x], of([1, 5])),
      call((y) => core.diag(y, -1), [x], of([4])),
      call((y) => core.diag(y), [of([NaN, Infinity])], of([[NaN, 0], [0, Infinity]])),
      call((y) => core.diag(y), [none(0)], none(0, 0)),
      call((y) => core.diag(y, 1), [none(0)], of([[0]])),
      call((y) => core.diag(y), [of([7])], of([[7]])),
    ],
    refuses: [
      refusal(() => core.diag(1), ShapeError, 'a vector or a matrix', '[]'),
      refusal(() => core.diag(zeros([1, 1, 1])), ShapeError, 'a vector or a matrix', '[1, 1, 1]'),
    ],
  },
  diff: {
    samples: [
      call((y) => core.diff(y), [of([1, 4, 9, 16])], of([3, 5, 7])),
      call((y) => core.diff(y, 2), [of([1, 4, 9, 16])], of([2, 2])),
      call((y) => core.diff(y, 1, 0), [x], of([[3, 3, 3]])),
      call((y) => core.diff(y, 0), [x], x),
      call((y) => core.diff(y, 5), [x], none(2, 0)),
      call((y) => core.diff(y), [none(2, 0)], none(2, 0)),
      call((y) => core.diff(y), [of([1, 0, 0], 'bool')], of([1, 0], 'bool')),
      call((y) => core.diff(y), [of([1, 0, 3], 'uint8')], of([255, 3], 'uint8')),
      call((y) => core.diff(y), [of([Infinity, Infinity, 1])], of([NaN, -Infinity])),
    ],
    refuses: [
      refusal(() => core.diff(1), ShapeError, 'no axis (x is a scalar)'),
      refusal(() => core.diff(matrix(), 1, 2), ShapeError, 'an axis in [-2, 1]', 'received 2'),
      refusal(() => core.diff(matrix(), -1), ValueError, 'a whole number of times >= 0', '-1'),
      refusal(() => core.diff(matrix(), NaN), ValueError, 'a whole number of times >= 0', 'NaN'),
    ],
  },
  dynamicSlice: {
    samples: [
      call((y, i) => core.dynamicSlice(y, i, [2, 2]), [square, int([1, 0])], of([[4, 5], [7, 8]])),
      call((y, i) => core.dynamicSlice(y, i, [2]), [of([1, 2, 3]), int([9])], of([2, 3])),
      call((y, i) => core.dynamicSlice(y, i, [2]), [of([1, 2, 3]), int([-9])], of([1, 2])),
      call((y, i) => core.dynamicSlice(y, [1, i], [1, 3]), [square, int(2)], of([[4, 5, 6]])),
      call((y, i) => core.dynamicSlice(y, i, [0]), [of([1, 2, 3]), int([1])], none(0)),
      call((y) => core.dynamicSlice(y, [], []), [of(7)], of(7)),
      call((y, i) => core.dynamicSlice(y, i, [1]), [of([0, 1], 'bool'), of([1], 'uint8')], of([1], 'bool')),
    ],
    refuses: [
      refusal(() => core.dynamicSlice(matrix(), [0], [1, 1]), ShapeError, '2 starts', 'received 1'),
      refusal(() => core.dynamicSlice(matrix(), [0, 0], [3, 1]), ShapeError, 'a window within [2, 3]', '[3, 1]'),
      refusal(() => core.dynamicSlice(matrix(), [0, 0], [1]), ShapeError, 'a window within [2, 3]', '[1]'),
      refusal(() => core.dynamicSlice(matrix(), [0, 0], [-1, 1]), ShapeError, 'whole numbers >= 0', '[-1, 1]'),
      refusal(() => core.dynamicSlice(matrix(), tensor(Int32Array.of(0)), [1, 1]), ShapeError, 'int32 starts of shape [2]', 'int32 [1]'),
    ],
  },
  dynamicUpdateSlice: {
    samples: [
      call((y, i, u) => core.dynamicUpdateSlice(y, i, u), [square, int([1, 0]), of([[0, -1]])], of([[1, 2, 3], [0, -1, 6], [7, 8, 9]])),
      call((y, i, u) => core.dynamicUpdateSlice(y, i, u), [of([1, 2, 3]), int([9]), of([8, 9])], of([1, 8, 9])),
      call((y, i, u) => core.dynamicUpdateSlice(y, i, u), [of([1, 2, 3]), int([-9]), of([8, 9])], of([8, 9, 3])),
      call((y, i, u) => core.dynamicUpdateSlice(y, [i], u), [int([1, 2, 3]), int(1), of([9.7])], int([1, 9, 3])),
      call((y, i, u) => core.dynamicUpdateSlice(y, i, u), [of([1, 2]), int([1]), none(0)], of([1, 2])),
      call((y, u) => core.dynamicUpdateSlice(y, [], u), [of(7), of(8)], of(8)),
    ],
    refuses: [
      refusal(() => core.dynamicUpdateSlice(matrix(), [0], ones([1, 1])), ShapeError, '2 starts', 'received 1'),
      refusal(() => core.dynamicUpdateSlice(matrix(), [0, 0], ones([3, 1])), ShapeError, 'a window within [2, 3]', '[3, 1]'),
      refusal(() => core.dynamicUpdateSlice(matrix(), [0, 0], ones([1])), ShapeError, 'a window within [2, 3]', '[1]'),
    ],
  },
  kron: {
    samples: [
      call((a, b) => core.kron(a, b), [of([[1, 2], [3, 4]]), of([[0, 5]])], of([[0, 5, 0, 10], [0, 15, 0, 20]])),
      call((a, b) => core.kron(a, b), [of([1, 2]), of([[1], [10]])], of([[1, 2], [10, 20]])),
      call((a, b) => core.kron(a, b), [int([1, 2]), of([0.5])], of([0.5, 1])),
      call((a, b) => core.kron(a, b), [of(2), of([3, 4])], of([6, 8])),
      call((a) => core.kron(a, 3), [of([1, NaN])], of([3, NaN])),
      call((a, b) => core.kron(a, b), [none(0), of([1, 2])], none(0)),
    ],
    refuses: [refusal(() => core.kron([1] as never, 1), ValueError, 'an array')],
  },
}; // prettier-ignore
