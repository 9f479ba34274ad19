/** Functions that choose by index: counted from either end, along any axis; what lies outside is an error at the read. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ones, tensor, zeros } from '@antler/core';
import type * as indexing from '../../../../packages/core/src/ops/indexing.js';
import { of, type Nested, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
const x = of([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const none = (...shape: number[]): Values => ({ dtype: 'float32', shape, numbers: [] });
const matrix = (): core.Tensor => tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const indices = (...list: number[]): core.Tensor => tensor(Int32Array.from(list));

export const indexingRecords: Records<typeof indexing> = {
  take: {
    samples: [
      call((y, i) => core.take(y, i, 1), [none(0, 2), int([1, -2])], none(0, 2)),
      call((y, i) => core.take(y, i), [of([NaN, -0, Infinity]), int([[1], [0]])], of([[-0], [NaN]]), { signed: true }),
      call((y, i) => core.take(y, i), [of([[7]]), int([0, -1, 0])], of([[7], [7], [7]])),
      call((y, i) => core.take(y, i), [x, int([1, 0, -1])], of([[4, 5, 6], [1, 2, 3], [4, 5, 6]])),
      call((y, i) => core.take(y, i, -1), [x, int([[2, 0], [-3, 1]])], of([[[3, 1], [1, 2]], [[6, 4], [4, 5]]])),
      call((y, i) => core.take(y, i, 1), [x, int(1)], of([2, 5])),
      call((y) => core.take(y, 1), [x], of([4, 5, 6])),
      call((y, i) => core.take(y, i), [of([7, 8, 9], 'uint8'), of([2, 0], 'uint8')], of([9, 7], 'uint8')),
      call((y, i) => core.take(y, i), [x, { dtype: 'int32', shape: [0], numbers: [] }], { dtype: 'float32', shape: [0, 3], numbers: [] }),
      call((y, i) => core.take(core.transpose(y), i), [x, int([2])], of([[3, 6]])),
    ],
    refuses: [
      refusal(() => core.take(matrix(), tensor([0])), DTypeError, 'integer indices', 'float32', "cast(indices, 'int32')"),
      refusal(() => core.take(matrix(), indices(0), 2), ShapeError, 'an axis in [-2, 1]', 'received 2'),
      refusal(() => core.take(matrix(), 0.5), DTypeError, 'integer indices'),
    ],
  },
  takeAlongAxis: {
    samples: [
      call((y, i) => core.takeAlongAxis(y, i), [x, { ...none(2, 0), dtype: 'int32' }], none(2, 0)),
      call((y, i) => core.takeAlongAxis(y, i, -2), [x, int([[-1, 0, -2], [0, 0, 1]])], of([[4, 2, 3], [1, 2, 6]])),
      call((y, i) => core.takeAlongAxis(y, i), [x, int([[2, -3], [1, 1]])], of([[3, 1], [5, 5]])),
      call((y, i) => core.takeAlongAxis(y, i, 0), [x, int([[1, 0, -1]])], of([[4, 2, 6]])),
      call((y, i) => core.takeAlongAxis(y, i), [of([5, 6, 7]), int([2, 2])], of([7, 7])),
    ],
    refuses: [
      refusal(() => core.takeAlongAxis(matrix(), indices(0)), ShapeError, 'received'),
      refusal(() => core.takeAlongAxis(matrix(), tensor([[0], [0], [0]], { dtype: 'int32' })), ShapeError, '[2, 3] and [3, 1, 1]'),
      refusal(() => core.takeAlongAxis(matrix(), tensor([[0], [0]])), DTypeError, 'integer indices'),
    ],
  },
  oneHot: {
    samples: [
      call((i) => core.oneHot(i, 2), [{ ...none(0), dtype: 'int32' }], none(0, 2)),
      call((i) => core.oneHot(i, 1), [int(0)], of([1])),
      call((i) => core.oneHot(i, 2), [int([2147483647, -2147483648])], of([[0, 0], [0, 0]])),
      call((i) => core.oneHot(i, 3), [int([2, 0])], of([[0, 0, 1], [1, 0, 0]])),
      call((i) => core.oneHot(i, 2, { dtype: 'int8' }), [int([[1], [0]])], of([[[0, 1]], [[1, 0]]], 'int8')),
      call((i) => core.oneHot(i, 2), [int([-1, 2, 1])], of([[0, 0], [0, 0], [0, 1]])),
      call((i) => core.oneHot(i, 2, { dtype: 'bool' }), [of(1, 'uint8')], of([0, 1], 'bool')),
      call((i) => core.oneHot(i, 0), [int([1])], { dtype: 'float32', shape: [1, 0], numbers: [] }),
    ],
    refuses: [refusal(() => core.oneHot(tensor([0.5]), 2), DTypeError, 'integer indices', 'float32')],
  },
  multiHot: {
    samples: [
      call((i) => core.multiHot(i, 4), [int([0, 2, 2])], of([1, 0, 1, 0])),
      call((i) => core.multiHot(i, 2, { dtype: 'bool' }), [int([[0, 1], [-1, 5]])], of([[1, 1], [0, 0]], 'bool')),
      call((i) => core.multiHot(i, 2), [{ ...none(0), dtype: 'int32' }], of([0, 0])),
    ],
    refuses: [
      refusal(() => core.multiHot(tensor([0.5]), 2), DTypeError, 'integer indices', 'float32'),
      refusal(() => core.multiHot(tensor(Int32Array.of(1)).sum(), 2), core.ShapeError, 'no axis (x is a scalar)'),
    ],
  },
  scatterUpdate: {
    samples: [
      call((y, i, u) => core.scatterUpdate(y, i, u), [of([1, 2]), { ...none(0), dtype: 'int32' }, none(0)], of([1, 2])),
      call((y, i, u) => core.scatterUpdate(y, i, u, 'max'), [of([1, NaN, 3]), int([0, 1, 2]), of([NaN, 5, Infinity])], of([NaN, NaN, Infinity])),
      call((y, i, u) => core.scatterUpdate(y, i, u, 'add'), [of([100], 'int8'), int([0, 0]), of([100, 1], 'int8')], of([-55], 'int8')),
      call((y, i, u) => core.scatterUpdate(y, i, u), [of([[1], [2]]), int(1), of([9])], of([[1], [9]])),
      call((y, i, u) => core.scatterUpdate(y, i, u), [of([[1, 1], [2, 2], [3, 3]]), int([-1, 0, -1]), of([[7, 7], [8, 8], [9, 9]])], of([[8, 8], [2, 2], [9, 9]])),
      call((y, i, u) => core.scatterUpdate(y, i, u, 'add'), [of([1, 2, 3]), int([0, 2, 0]), of([10, 20, 30])], of([41, 2, 23])),
      call((y, i, u) => core.scatterUpdate(y, i, u, 'max'), [int([5, 5]), int([0, 1]), int([9, 1])], int([9, 5])),
      call((y, i, u) => core.scatterUpdate(y, i, u, 'min'), [int([5, 5]), int([0, 1]), int([9, 1])], int([5, 1])),
      call((y, i, u) => core.scatterUpdate(y, i, u), [of([1, 2], 'int8'), int([1]), of([3.7])], of([1, 3], 'int8')),
    ],
    refuses: [
      refusal(() => core.scatterUpdate(zeros([3]), indices(0, 1), ones([3])), ShapeError, 'updates of shape [2]', '[3]'),
      refusal(() => core.scatterUpdate(zeros([3]), tensor([0.5]), ones([1])), DTypeError, 'integer indices'),
    ],
  },
}; // prettier-ignore
