/** Products: which axes meet, which broadcast, what dtype comes out. */
import * as core from '@antler/core';
import { ShapeError, ones, tensor } from '@antler/core';
import type * as linalg from '../../../../packages/core/src/ops/linalg.js';
import { counted, of, type Nested, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
const none = (...shape: number[]): Values => ({ dtype: 'float32', shape, numbers: [] });
const a = of([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const b = of([[1, 0], [2, -1], [0, 3]]); // prettier-ignore

export const linalgRecords: Records<typeof linalg> = {
  matmul: {
    samples: [
      call((x, y) => core.matmul(x, y), [none(0, 2), of([[1], [2]])], none(0, 1)),
      call((x, y) => core.matmul(x, y), [none(2, 0, 3), of([[1], [2], [3]])], none(2, 0, 1)),
      call((x, y) => core.matmul(x, y), [none(0), none(0)], of(0)),
      call((x, y) => core.matmul(x, y), [of([[NaN, 0], [Infinity, 0]]), of([[0], [1]])], of([[NaN], [NaN]])),
      call((x, y) => core.matmul(x, y), [of([[7]]), of([[-3]])], of([[-21]])),
      call((x, y) => core.matmul(core.flip(x), core.slice(y, [0, 1])), [a, b], of([[-1 * 5 + 3 * 4], [-1 * 2 + 3 * 1]])),
      call((x, y) => core.matmul(x, y), [of([[100, 100]], 'int8'), of([[1], [1]], 'int8')], of([[-56]], 'int8')),
      call((x, y) => core.matmul(x, y), [a, b], of([[5, 7], [14, 13]])),
      call((x, y) => core.matmul(x, y), [of([1, 2, 3]), b], of([5, 7])),
      call((x, y) => core.matmul(x, y), [a, of([1, 0, -1])], of([-2, -2])),
      call((x, y) => core.matmul(x, y), [of([1, 2]), of([3, 4])], of(11)),
      call((x, y) => core.matmul(x, y), [of([[[1, 2]], [[3, 4]]]), of([[1], [10]])], of([[[21]], [[43]]])),
      call((x, y) => core.matmul(x, y), [of([[1, 2]]), of([[[1], [0]], [[0], [1]]])], of([[[1]], [[2]]])),
      call((x, y) => core.matmul(x, y), [of([[[[1, 2]]], [[[3, 4]]]]), of([[[1], [0]], [[0], [1]]])], of([[[[1]], [[2]]], [[[3]], [[4]]]])),
      call((x, y) => core.matmul(core.transpose(x), core.transpose(y)), [a, b], of([[1, -2, 12], [2, -1, 15], [3, 0, 18]])),
      call((x, y) => core.matmul(x, y), [int([[1, 2]]), of([[0.5], [1]])], of([[2.5]])),
      call((x, y) => core.matmul(x, y), [int([[65536]]), int([[65536]])], int([[0]])),
      call((x, y) => core.matmul(x, y), [counted([2, 0]), counted([0, 2])], of([[0, 0], [0, 0]])),
    ],
    refuses: [
      refusal(() => core.matmul(ones([2, 3]), ones([2, 3])), ShapeError, 'the last axis of a ([2, 3]) to match axis -2 of b ([2, 3])', '3 and 2'),
      refusal(() => core.matmul(ones([2, 3]), ones([2])), ShapeError, 'axis -1 of b ([2])', '3 and 2'),
      refusal(() => core.matmul(ones([2, 2, 3]), ones([3, 3, 2])), ShapeError, 'broadcast together', '[2] and [3]'),
      refusal(() => core.matmul(tensor(1), ones([2])), ShapeError, 'at least one axis', '[] and [2]', 'Use multiply'),
    ],
  },
  tensordot: {
    samples: [
      call((x, y) => core.tensordot(x, y, 1), [none(2, 0), none(0, 2)], of([[0, 0], [0, 0]])),
      call((x, y) => core.tensordot(x, y, 0), [of(2), of(3)], of(6)),
      call((x, y) => core.tensordot(x, y, 1), [a, b], of([[5, 7], [14, 13]])),
      call((x, y) => core.tensordot(x, y), [a, a], of(91)),
      call((x, y) => core.tensordot(x, y, [[0], [-1]]), [a, b], of([[1, -2, 12], [2, -1, 15], [3, 0, 18]])),
      call((x, y) => core.tensordot(x, y, [[0, 1], [1, 0]]), [a, b], of(20 - 2)),
      call((x, y) => core.tensordot(x, y, 0), [of([1, 2]), of([3, 4])], of([[3, 4], [6, 8]])),
    ],
    refuses: [
      refusal(() => core.tensordot(ones([2, 3]), ones([2, 3]), 1), ShapeError, 'axis 1 of a [2, 3] to match axis 0 of b [2, 3]', '3 and 2'),
      refusal(() => core.tensordot(ones([2]), ones([2]), [[0], []]), ShapeError, 'as many axes of a as of b', '1 and 0'),
      refusal(() => core.tensordot(ones([2]), ones([2]), [[1], [0]]), ShapeError, 'an axis in [-1, 0]'),
    ],
  },
  outer: {
    samples: [
      call((x, y) => core.outer(x, y), [none(0), of([1, 2])], none(0, 2)),
      call((x, y) => core.outer(x, y), [of([Infinity]), of([0, 1])], of([[NaN, Infinity]])),
      call((x, y) => core.outer(x, y), [of([1, 2]), of([3, 4, 5])], of([[3, 4, 5], [6, 8, 10]])),
      call((x, y) => core.outer(x, y), [of([[1], [2]]), of(3)], of([[3], [6]])),
      call((x, y) => core.outer(x, y), [int([2]), of([0.5])], of([[1]])),
    ],
    refuses: [refusal(() => core.outer([1] as never, 1), core.ValueError, 'an array')],
  },
  inner: {
    samples: [
      call((x, y) => core.inner(x, y), [none(2, 0), none(0)], of([0, 0])),
      call((x, y) => core.inner(x, y), [of([1, 2]), of([3, 4])], of(11)),
      call((x, y) => core.inner(x, y), [a, of([1, 0, -1])], of([-2, -2])),
      call((x, y) => core.inner(x, y), [of([1, 2]), of(3)], of([3, 6])),
    ],
    refuses: [refusal(() => core.inner(ones([2]), ones([3])), ShapeError, '2 and 3')],
  },
  dot: {
    samples: [
      call((x, y) => core.dot(x, y), [a, of([1, 0, -1])], of([-2, -2])),
      call((x, y) => core.dot(x, y), [of([1, 1]), of([[[1], [2]], [[3], [4]]])], of([[3], [7]])),
      call((x, y) => core.dot(x, y), [none(0), none(0)], of(0)),
      call((x, y) => core.dot(x, y), [a, b], of([[5, 7], [14, 13]])),
      call((x, y) => core.dot(x, y), [of(2), of([1, 2])], of([2, 4])),
    ],
    refuses: [refusal(() => core.dot(ones([2, 3]), ones([2, 3])), ShapeError, '3 and 2')],
  },
  cdist: {
    samples: [
      call((x, y) => core.cdist(x, y), [of([[0, 0], [3, 0]]), of([[3, 4]])], of([[5], [4]])),
      call((x, y) => core.cdist(x, y), [of([[[1]], [[2]]]), of([[1], [4]])], of([[[0, 3]], [[1, 2]]])),
      call((x) => core.grad((y: core.Tensor) => core.cdist(y, core.tensor([[1, 1]])).sum())(x), [of([[1, 1], [4, 5]])], of([[0, 0], [0.6, 0.8]])),
    ],
    refuses: [refusal(() => core.cdist(ones([2, 3]), ones([2, 2])), ShapeError, 'cdist: expected rows of one length', '[2, 3] and [2, 2]')],
  },
  vdot: {
    samples: [
      call((x, y) => core.vdot(x, y), [of([[1, 2], [3, 4]]), of([1, 0, 0, 1])], of(5)),
      call((x, y) => core.vdot(x, y), [none(0), none(0, 2)], of(0)),
      call((x, y) => core.vdot(x, y), [int(2), of(1.5)], of(3)),
    ],
    refuses: [refusal(() => core.vdot(ones([2]), ones([3])), ShapeError, '2 and 3')],
  },
  cross: {
    samples: [
      call((x, y) => core.cross(x, y), [of([1, 0, 0]), of([0, 1, 0])], of([0, 0, 1])),
      call((x, y) => core.cross(x, y), [of([[1, 2, 3], [0, 0, 1]]), int([4, 5, 6])], of([[-3, 6, -3], [-5, 4, 0]])),
      call((x, y) => core.cross(x, y), [none(0, 3), of([1, 2, 3])], none(0, 3)),
    ],
    refuses: [
      refusal(() => core.cross(ones([2]), ones([2])), ShapeError, 'a last axis of 3', '[2] and [2]'),
      refusal(() => core.cross(ones([3]), ones([1])), ShapeError, 'a last axis of 3', '[3] and [1]'),
    ],
  },
  norm: {
    samples: [
      call((x) => core.norm(x), [none(0)], of(0)),
      call((x) => core.norm(x), [of(-3)], of(3)),
      call((x) => core.norm(x, { axis: 1 }), [of([[NaN, 1], [-Infinity, 1], [0, -0]])], of([NaN, Infinity, 0])),
      call((x) => core.norm(x, { ord: -Infinity, axis: 1 }), [of([[3, -4], [1, 0]])], of([3, 0])),
      call((x) => core.norm(x, { ord: -1, axis: [0, 1] }), [of([[3, -4], [1, 1]])], of(4)),
      call((x) => core.norm(x, { ord: 3, axis: -1 }), [of([[1, 2, 2]])], of([17 ** (1 / 3)]), { within: ({ pow }) => 2 * pow + 1 }),
      call((x) => core.norm(x), [int([3, 4])], of(5)),
      call((x) => core.norm(x), [of([3, 4])], of(5)),
      call((x) => core.norm(x, { ord: 1, axis: -1 }), [of([[3, -4], [1, 1]])], of([7, 2])),
      call((x) => core.norm(x, { ord: Infinity, axis: 0, keepDims: true }), [of([[3, -4], [1, 1]])], of([[3, 4]])),
      call((x) => core.norm(x, { ord: 1, axis: [0, 1] }), [of([[3, -4], [1, 1]])], of(5)),
      call((x) => core.norm(x, { ord: 0, axis: 0 }), [of([0, 2, 5])], of(2)),
      call((x) => [core.norm(x, { ord: 2 }), core.norm(x, { ord: -2 }), core.norm(x, { ord: 'nuc', keepDims: true })], [of([[0, 2], [-3, 0]])], [of(3), of(2), of([[5]])]),
      call((x) => core.norm(x, { ord: 2, axis: [2, 0] }), [of([[[1, 4]], [[0, 0]]])], of([Math.sqrt(17)]), { within: () => 4 }),
    ],
    refuses: [refusal(() => core.norm(ones([2, 2]), { ord: 3, axis: [0, 1] }), core.ValueError, 'of matrices', '3')],
  },
  normalize: {
    samples: [
      call((x) => core.normalize(x, { axis: 0 }), [of([[3, 0], [-4, 2]])], of([[0.6, 0], [-0.8, 1]])),
      call((x) => core.normalize(x), [none(2, 0)], none(2, 0)),
      call((x) => core.normalize(x), [of([[-7], [0]])], of([[-1], [0]])),
      call((x) => core.normalize(x), [of([[0, 4], [2, 0]])], of([[0, 1], [1, 0]])),
      call((x) => core.normalize(x, { order: 1 }), [of([1, 3])], of([0.25, 0.75])),
      call((x) => core.normalize(x), [of([0, 0])], of([0, 0])),
    ],
    refuses: [refusal(() => core.normalize(ones([2]), { axis: 1 }), ShapeError, 'an axis in [-1, 0]')],
  },
}; // prettier-ignore
