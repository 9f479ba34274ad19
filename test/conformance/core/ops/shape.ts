/** Functions that move elements: the shapes they take and refuse, and where each element goes. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ValueError, ones, tensor, zeros } from '@antler/core';
import type * as shape from '../../../../packages/core/src/ops/shape.js';
import { counted, of, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const x = of([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const cube = counted([2, 3, 2]);
const nothing: Values = { dtype: 'float32', shape: [0], numbers: [] };
const matrix = (): core.Tensor => tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore

export const shapeRecords: Records<typeof shape> = {
  reshape: {
    samples: [
      call((y) => core.reshape(y, [3, 2]), [x], of([[1, 2], [3, 4], [5, 6]])),
      call((y) => core.reshape(y, [-1, 2]), [x], of([[1, 2], [3, 4], [5, 6]])),
      call((y) => core.reshape(y, [1, -1, 1]), [of([7, 8], 'int8')], of([[[7], [8]]], 'int8')),
      call((y) => core.reshape(core.transpose(y), [6]), [x], of([1, 4, 2, 5, 3, 6])),
      call((y) => core.reshape(y, [0, 5]), [nothing], { ...nothing, shape: [0, 5] }),
      call((y) => core.reshape(y, []), [of([[5]])], of(5)),
    ],
    refuses: [
      refusal(() => core.reshape(matrix(), [4]), ShapeError, 'a shape of 6 elements for x of [2, 3]', 'received [4]'),
      refusal(() => core.reshape(matrix(), [-1, -1]), ShapeError, 'at most one size of -1', '[-1, -1]'),
      refusal(() => core.reshape(matrix(), [-1, 4]), ShapeError, 'divide the 6 elements', '[-1, 4]'),
      refusal(() => core.reshape(matrix(), [1.5, 4]), ShapeError, 'whole numbers >= 0', '[1.5, 4]'),
      refusal(() => core.reshape(zeros([0]), [0, -1]), ShapeError, 'divide the 0 elements', '[0, -1]'),
    ],
  },
  ravel: {
    samples: [
      call((y) => core.ravel(core.transpose(y)), [x], of([1, 4, 2, 5, 3, 6])),
      call((y) => core.ravel(y), [{ ...nothing, shape: [2, 0] }], nothing),
      call((y) => core.ravel(y), [x], of([1, 2, 3, 4, 5, 6])),
      call((y) => core.ravel(y), [of(3)], of([3])),
    ],
    refuses: [refusal(() => core.ravel([1] as never), ValueError, 'an array')],
  },
  transpose: {
    samples: [
      call((y) => core.transpose(y), [{ ...nothing, shape: [2, 0, 3] }], { ...nothing, shape: [3, 0, 2] }),
      call((y) => core.transpose(y), [of([NaN, -0])], of([NaN, -0]), { signed: true }),
      call((y) => core.transpose(y), [of([[1, 0]], 'bool')], of([[1], [0]], 'bool')),
      call((y) => core.transpose(y), [x], of([[1, 4], [2, 5], [3, 6]])),
      call((y) => core.transpose(y, [-1, 0, 1]), [cube], of([[[0, 2, 4], [6, 8, 10]], [[1, 3, 5], [7, 9, 11]]])),
      call((y) => core.transpose(y), [of(3)], of(3)),
    ],
    refuses: [
      refusal(() => core.transpose(matrix(), [0]), ShapeError, 'a permutation of 2 axes', '[0]'),
      refusal(() => core.transpose(matrix(), [1, -1]), ShapeError, 'a permutation of 2 axes', '[1, 1]'),
      refusal(() => core.transpose(matrix(), [0, 2]), ShapeError, 'an axis in [-2, 1]', 'received 2'),
    ],
  },
  swapAxes: {
    samples: [
      call((y) => core.swapAxes(y, -1, 0), [{ ...nothing, shape: [2, 0] }], { ...nothing, shape: [0, 2] }),
      call((y) => core.swapAxes(y, 0, 1), [of([[7]])], of([[7]])),
      call((y) => core.swapAxes(y, 0, -1), [cube], of([[[0, 6], [2, 8], [4, 10]], [[1, 7], [3, 9], [5, 11]]])),
      call((y) => core.swapAxes(y, 1, 1), [x], x),
    ],
    refuses: [refusal(() => core.swapAxes(matrix(), 0, 2), ShapeError, 'an axis in [-2, 1]')],
  },
  expandDims: {
    samples: [
      call((y) => core.expandDims(y, -1), [nothing], { ...nothing, shape: [0, 1] }),
      call((y) => core.expandDims(y, -3), [x], of([[[1, 2, 3], [4, 5, 6]]])),
      call((y) => core.expandDims(y, 0), [of([1, 2])], of([[1, 2]])),
      call((y) => core.expandDims(y, -1), [of([1, 2])], of([[1], [2]])),
      call((y) => core.expandDims(y, 0), [of(3)], of([3])),
    ],
    refuses: [refusal(() => core.expandDims(matrix(), 3), ShapeError, 'an axis in [-3, 2]', 'received 3')],
  },
  squeeze: {
    samples: [
      call((y) => core.squeeze(y), [{ ...nothing, shape: [1, 0] }], nothing),
      call((y) => core.squeeze(y, []), [of([[5]])], of([[5]])),
      call((y) => core.squeeze(y), [of(5)], of(5)),
      call((y) => core.squeeze(y), [of([[[1], [2]]])], of([1, 2])),
      call((y) => core.squeeze(y, 0), [of([[[1], [2]]])], of([[1], [2]])),
      call((y) => core.squeeze(y, [0, -1]), [of([[[1], [2]]])], of([1, 2])),
      call((y) => core.squeeze(y), [of([[5]])], of(5)),
    ],
    refuses: [refusal(() => core.squeeze(matrix(), 0), ShapeError, 'axis 0 of size 1', '[2, 3]')],
  },
  broadcastTo: {
    samples: [
      call((y) => core.broadcastTo(y, [2, 0, 3]), [{ ...nothing, shape: [0, 3] }], { ...nothing, shape: [2, 0, 3] }),
      call((y) => core.broadcastTo(y, []), [of(3)], of(3)),
      call((y) => core.broadcastTo(y, [2]), [of(-0)], of([-0, -0]), { signed: true }),
      call((y) => core.broadcastTo(y, [2, 3]), [of([1, 2, 3])], of([[1, 2, 3], [1, 2, 3]])),
      call((y) => core.broadcastTo(y, [2, 3]), [of([[1], [2]])], of([[1, 1, 1], [2, 2, 2]])),
      call((y) => core.broadcastTo(y, [0]), [of([1])], nothing),
      call(() => core.broadcastTo(true, [2]), [], of([1, 1], 'bool')),
    ],
    refuses: [
      refusal(() => core.broadcastTo(matrix(), [2, 2]), ShapeError, '[2, 3] broadcasts to', '[2, 2]'),
      refusal(() => core.broadcastTo(matrix(), [3]), ShapeError, '[3]'),
      refusal(() => core.broadcastTo(matrix(), [2 ** 30, 2 ** 30, 2, 3]), ShapeError, 'at most 2^53 - 1 elements'),
    ],
  },
  flip: {
    samples: [
      call((y) => core.flip(y), [nothing], nothing),
      call((y) => core.flip(y), [of(5)], of(5)),
      call((y) => core.flip(y, []), [x], x),
      call((y) => core.flip(y, [-1, 0]), [of([[1, 2], [3, NaN]])], of([[NaN, 3], [2, 1]])),
      call((y) => core.flip(y), [x], of([[6, 5, 4], [3, 2, 1]])),
      call((y) => core.flip(y, -1), [x], of([[3, 2, 1], [6, 5, 4]])),
      call((y) => core.flip(y, [0]), [x], of([[4, 5, 6], [1, 2, 3]])),
      call((y) => core.flip(core.flip(y)), [x], x),
    ],
    refuses: [refusal(() => core.flip(matrix(), 2), ShapeError, 'an axis in [-2, 1]')],
  },
  slice: {
    samples: [
      call((y) => core.slice(y, [0]), [nothing], nothing),
      call((y) => core.slice(y, [-9], [-1]), [of([1, 2, 3])], of([1, 2])),
      call((y) => core.slice(y, [2], [1]), [of([1, 2, 3])], nothing),
      call((y) => core.slice(y, [0], [9], [9]), [of([1, 2, 3], 'int8')], of([1], 'int8')),
      call((y) => core.slice(core.transpose(core.flip(y)), [1, 0], [], [1, 2]), [x], of([[5], [4]])),
      call((y) => core.slice(y, [0, 1], [2, -1]), [x], of([[2], [5]])),
      call((y) => core.slice(y, [-1]), [x], of([[4, 5, 6]])),
      call((y) => core.slice(y, [0, 0], [undefined, undefined], [1, 2]), [x], of([[1, 3], [4, 6]])),
      call((y) => core.slice(y, [0, 2], [9, 9]), [x], of([[3], [6]])),
      call((y) => core.slice(y, [0, 2], [2, 1]), [x], { ...nothing, shape: [2, 0] }),
      call((y) => core.slice(core.slice(y, [0, 1], [], [1, 1]), [1, 0], [], [1, 1]), [x], of([[5, 6]])),
      call((y) => core.slice(y, []), [of(4)], of(4)),
    ],
    refuses: [
      refusal(() => core.slice(matrix(), [0.5]), ShapeError, 'whole numbers', '0.5'),
      refusal(() => core.slice(matrix(), [0], [1], [0]), ShapeError, 'stride >= 1 on axis 0', '0, 1, 0'),
      refusal(() => core.slice(matrix(), [0], [1], [-1]), ShapeError, 'stride >= 1', '-1'),
    ],
  },
  concatenate: {
    samples: [
      call((a, b) => core.concatenate([a, b, a], -2), [of([[NaN]]), of([[-0]])], of([[NaN], [-0], [NaN]]), { signed: true }),
      call((a, b) => core.concatenate([a, b], 1), [{ ...nothing, shape: [0, 2] }, { ...nothing, shape: [0, 1] }], { ...nothing, shape: [0, 3] }),
      call((a, b) => core.concatenate([a, b]), [of([1], 'bool'), of([0], 'bool')], of([1, 0], 'bool')),
      call((a, b) => core.concatenate([a, b]), [x, of([[7, 8, 9]])], of([[1, 2, 3], [4, 5, 6], [7, 8, 9]])),
      call((a, b) => core.concatenate([a, b], -1), [x, of([[7], [8]])], of([[1, 2, 3, 7], [4, 5, 6, 8]])),
      call((a, b) => core.concatenate([a, b]), [of([1], 'int32'), of([0.5])], of([1, 0.5])),
      call((a) => core.concatenate([a]), [x], x),
      call((a, b) => core.concatenate([a, b]), [nothing, of([1])], of([1])),
    ],
    refuses: [
      refusal(() => core.concatenate([]), ShapeError, 'at least one tensor', 'none'),
      refusal(() => core.concatenate([matrix(), ones([2, 2])]), ShapeError, 'equal but for axis 0', '[2, 3] and [2, 2]'),
      refusal(() => core.concatenate([matrix(), ones([3])]), ShapeError, '[2, 3] and [3]'),
      refusal(() => core.concatenate([matrix()], 2), ShapeError, 'an axis in [-2, 1]'),
    ],
  },
  hstack: {
    samples: [
      call((a, b) => core.hstack([a, b]), [of([1, 2]), of([3])], of([1, 2, 3])),
      call((a, b) => core.hstack([a, b]), [of([[1], [2]]), of([[3, 4], [5, 6]], 'float64')], of([[1, 3, 4], [2, 5, 6]], 'float64')),
      call((a) => core.hstack([a, 5]), [of(1)], of([1, 5])),
    ],
    refuses: [
      refusal(() => core.hstack([]), ShapeError, 'at least one tensor', 'none'),
      refusal(() => core.hstack([ones([2, 1]), ones([3, 1])]), ShapeError, '[2, 1]'),
    ],
  },
  vstack: {
    samples: [
      call((a, b) => core.vstack([a, b]), [of([1, 2]), of([[3, 4], [5, 6]])], of([[1, 2], [3, 4], [5, 6]])),
      call((a) => core.vstack([a, 5]), [of(1)], of([[1], [5]])),
    ],
    refuses: [
      refusal(() => core.vstack([]), ShapeError, 'at least one tensor', 'none'),
      refusal(() => core.vstack([ones([2]), ones([3])]), ShapeError, '[1, 2]'),
    ],
  },
  rot90: {
    samples: [
      ...[-5, -1, 3, 7].map((times) => call((y) => core.rot90(y, times), [x], of([[4, 1], [5, 2], [6, 3]]))),
      ...[1, 5, -3].map((times) => call((y) => core.rot90(y, times), [x], of([[3, 6], [2, 5], [1, 4]]))),
      ...[2, -2].map((times) => call((y) => core.rot90(y, times), [x], of([[6, 5, 4], [3, 2, 1]]))),
      ...[0, 4].map((times) => call((y) => core.rot90(y, times), [x], x)),
      call((y) => core.rot90(y, 1, [-1, 0]), [x], of([[4, 1], [5, 2], [6, 3]])),
    ],
    refuses: [
      refusal(() => core.rot90(ones([2])), ShapeError, 'at least two axes', '[2]'),
      refusal(() => core.rot90(matrix(), 0.5), ValueError, 'a whole number of quarters', '0.5'),
      refusal(() => core.rot90(matrix(), 1, [0, 0]), ShapeError, 'each axis once', '[0, 0]'),
    ],
  },
  stack: {
    samples: [
      call((a) => core.stack([a, a]), [nothing], { ...nothing, shape: [2, 0] }),
      call((a, b) => core.stack([a, b], -2), [of([1, 2]), of([3, 4])], of([[1, 2], [3, 4]])),
      call((a) => core.stack([a, 2]), [of(NaN)], of([NaN, 2])),
      call((a, b) => core.stack([a, b]), [of([1, 2]), of([3, 4])], of([[1, 2], [3, 4]])),
      call((a, b) => core.stack([a, b], -1), [of([1, 2]), of([3, 4])], of([[1, 3], [2, 4]])),
      call((a, b) => core.stack([a, b]), [of(1), of(2)], of([1, 2])),
      call((a, b) => core.stack([a, b, a], 1), [of([[1, 2]]), of([[3, 4]])], of([[[1, 2], [3, 4], [1, 2]]])),
    ],
    refuses: [
      refusal(() => core.stack([]), ShapeError, 'at least one tensor', 'none'),
      refusal(() => core.stack([ones([2]), ones([3])]), ShapeError, '[1, 2] and [1, 3]'),
    ],
  },
  pad: {
    samples: [
      call((y) => core.pad(y, [[1, 2]], 5), [nothing], of([5, 5, 5])),
      call((y) => core.pad(y, [[-1, -1]]), [of([1, 2, 3])], of([2])),
      call((y) => core.pad(y, [[-2, 1]], 9), [of([1, 2])], of([9])),
      call((y) => core.pad(y, [[-1, 0], [0, -3]]), [x], { ...nothing, shape: [1, 0] }),
      call((y) => core.pad(y, [[1, 0]], -0), [of([Infinity])], of([-0, Infinity]), { signed: true }),
      call((y) => core.pad(y, [[0, 1]], 1), [of([0], 'bool')], of([0, 1], 'bool')),
      call((y) => core.pad(y, [[1, 0], [0, 2]]), [x], of([[0, 0, 0, 0, 0], [1, 2, 3, 0, 0], [4, 5, 6, 0, 0]])),
      call((y) => core.pad(y, [[0, 0], [-1, 1]], 9), [x], of([[2, 3, 9], [5, 6, 9]])),
      call((y) => core.pad(y, [[2, -1]], NaN), [of([1, 2, 3])], of([NaN, NaN, 1, 2])),
      call((y) => core.pad(y, [[1, 1]], 7), [of([1], 'uint8')], of([7, 1, 7], 'uint8')),
      call((y) => core.pad(y, []), [of(2)], of(2)),
    ],
    refuses: [
      refusal(() => core.pad(tensor(Uint8Array.of(1)), [[1, 1]], -1), DTypeError, 'numbers in the range of uint8 [0, 255]', '-1'),
      refusal(() => core.pad(matrix(), [[1, 1]]), ShapeError, 'widths for 2 axes', 'received 1'),
      refusal(() => core.pad(matrix(), [[-2, -1], [0, 0]]), ShapeError, 'without negative sizes', '[-1, 3]'),
    ],
  },
  split: {
    samples: [
      call((y) => core.split(y, [1, 3], 1), [x], [of([[1], [4]]), of([[2, 3], [5, 6]]), { ...nothing, shape: [2, 0] }]),
      call((y) => core.split(y, [0, 9]), [of([1, 2])], [nothing, of([1, 2]), nothing]),
      call((y) => core.split(y, 2), [nothing], [nothing, nothing]),
      call((y) => core.split(y, 2), [x], [of([[1, 2, 3]]), of([[4, 5, 6]])]),
      call((y) => core.split(y, 3, -1), [x], [of([[1], [4]]), of([[2], [5]]), of([[3], [6]])]),
      call((y) => core.split(y, 1), [x], x),
    ],
    refuses: [
      refusal(() => core.split(matrix(), 2, 1), ShapeError, 'parts that divide 3', 'received 2'),
      refusal(() => core.split(tensor(1), 1), ShapeError, 'no axis'),
    ],
  },
}; // prettier-ignore
