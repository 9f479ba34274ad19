/** Segments, subscripts and patterns: where elements go and where they come from. */
import * as core from '@antler/core';
import { DTypeError, IndexError, ShapeError, ValueError, ones, tensor } from '@antler/core';
import type * as rearranging from '../../../../packages/core/src/ops/rearrange.js';
import type * as segments from '../../../../packages/core/src/ops/segments.js';
import type * as subscripts from '../../../../packages/core/src/ops/subscripts.js';
import { counted, of, type Nested, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
const two = { numSegments: 2 };
const ids = (): core.Tensor => tensor(Int32Array.of(0, 1));

export const segmentsRecords: Records<typeof segments> = {
  scatter: {
    samples: [
      call((i, x) => core.scatter(i, x, [4]), [int([[0], [2], [0]]), of([1, 2, 3])], of([4, 0, 2, 0])),
      call((i, x) => core.scatter(i, x, [2, 2]), [int([[0, 1], [-1, 0]]), of([5, 6])], of([[0, 5], [6, 0]])),
      call((i, x) => core.scatter(i, x, [2, 2]), [int([[1]]), of([[1, 2]])], of([[0, 0], [1, 2]])),
    ],
    refuses: [
      refusal(() => core.scatter(ones([2, 1]), 1, [3]), DTypeError, 'scatter: expected integer indices', 'float32'),
      refusal(() => core.scatter(ids(), 1, [3]), ShapeError, 'indices of [...places, k] with k <= 1', '[2]'),
    ],
  },
  gather: {
    samples: [
      call((x, i) => core.gather(x, i), [of([[1, 2], [3, 4]]), int([[1, 0], [0, -1]])], of([3, 2])),
      call((x, i) => core.gather(x, i), [of([[1, 2], [3, 4]]), int([[[1], [0]]])], of([[[3, 4], [1, 2]]])),
    ],
    refuses: [
      refusal(() => core.gather(ones([2]), ids()), ShapeError, 'indices of [...places, k] with k <= 1', '[2]'),
      refusal(() => core.gather(ones([2]), ones([1])), DTypeError, 'gather: expected integer indices'),
    ],
  },
  segmentSum: {
    samples: [
      call((x, i) => core.segmentSum(x, i, two), [of([1, 2, 3]), int([1, 0, 1])], of([2, 4])),
      call((x, i) => core.segmentSum(x, i, { numSegments: 3 }), [of([[1, 2], [3, 4]]), int([2, 2])], of([[0, 0], [0, 0], [4, 6]])),
    ],
    refuses: [
      refusal(() => core.segmentSum(ones([3]), ids(), two), ShapeError, 'one id for each entry of axis 0 of x [3]', 'ids of [2]'),
      refusal(() => core.segmentSum(ones([2]), ids(), { numSegments: -1 }), ValueError, 'numSegments as a whole number >= 0', '-1'),
    ],
  },
  segmentMax: {
    samples: [
      call((x, i) => core.segmentMax(x, i, two), [of([1, 2, 3]), int([0, 0, 0])], of([3, -Infinity])),
      call((x, i) => core.segmentMax(x, i, two), [of([1, 2], 'int8'), int([1, 1])], of([-128, 2], 'int8')),
    ],
    refuses: [refusal(() => core.segmentMax(ones([2]), ones([2]), two), DTypeError, 'segmentMax: expected integer indices')],
  },
}; // prettier-ignore

export const subscriptsRecords: Records<typeof subscripts> = {
  index: {
    samples: [
      call((x) => core.index(x, 1), [of([[1, 2], [3, 4]])], of([3, 4])),
      call((x) => core.index(x, '...', -1), [of([[1, 2], [3, 4]])], of([2, 4])),
      call((x) => core.index(x, { start: 1 }, null, { stop: -1 }), [of([[1, 2], [3, 4]])], of([[[3]]])),
      call((x) => [core.index(x, { step: -1 }), core.index(x, { start: -2, stop: 0, step: -2 }), core.index(x, { start: 1, step: 3 })], [of([0, 1, 2, 3, 4])], [of([4, 3, 2, 1, 0]), of([3, 1]), of([1, 4])]),
      call((x) => [core.index(x, { start: 9 }), core.index(x, { start: -9, stop: 2 }), core.index(x, { start: 1, stop: 3, step: -1 })], [of([0, 1, 2])], [of([]), of([0, 1]), of([])]),
      call((x) => core.index(x, 0, '...', { start: 1 }, null), [counted([2, 3, 2])], of([[[1]], [[3]], [[5]]])),
      call((x) => core.index(x), [of(7)], of(7)),
    ],
    refuses: [
      refusal(() => core.index(ones([2]), 2), IndexError, 'a place in [-2, 2) on axis 0', '2'),
      refusal(() => core.index(ones([2]), 0, 0), ShapeError, 'at most 1 subscripts for x of [2]', '2'),
      refusal(() => core.index(ones([2]), '...', '...'), ShapeError, 'at most one "..."', '2'),
      refusal(() => core.index(ones([2]), { step: 0 }), ValueError, 'a step that is not 0'),
      refusal(() => core.index(ones([2]), '1' as never), ValueError, 'numbers, slices', '"1"'),
    ],
  },
}; // prettier-ignore

export const rearrangeRecords: Records<typeof rearranging> = {
  rearrange: {
    samples: [
      call((x) => core.rearrange(x, 'b (h w) -> b w h', { h: 2 }), [of([[1, 2, 3, 4, 5, 6]])], of([[[1, 4], [2, 5], [3, 6]]])),
      call((x) => core.rearrange(x, 'a b -> (b a)'), [of([[1, 2], [3, 4]])], of([1, 3, 2, 4])),
    ],
    refuses: [
      refusal(() => core.rearrange(ones([4]), '(a b) -> a b'), ShapeError, 'sizes of a, b (all but one) that make up axis 0 of [4]', '{}'),
      refusal(() => core.rearrange(ones([4]), '(a b) -> a b', { a: 3 }), ShapeError, 'make up axis 0 of [4]', '{"a":3}'),
      refusal(() => core.rearrange(ones([4]), 'a'), ValueError, 'one "->"', '"a"'),
      refusal(() => core.rearrange(ones([4]), 'a -> b'), ValueError, 'each name once on either side'),
      refusal(() => core.rearrange(ones([4]), 'a b -> b a'), ShapeError, 'a pattern for the 1 axes of [4]'),
      refusal(() => core.rearrange(ones([4]), '* -> *'), ValueError, 'a pattern of names and groups'),
    ],
  },
  spaceToDepth: {
    samples: [call((x) => core.spaceToDepth(x, 2), [of([[[[1], [2]], [[3], [4]]]])], of([[[[1, 2, 3, 4]]]]))],
    refuses: [
      refusal(() => core.spaceToDepth(ones([1, 3, 2, 1]), 2), ShapeError, 'that blocks of 2 divide', '[1, 3, 2, 1]'),
      refusal(() => core.spaceToDepth(ones([1, 2, 2, 1]), 0), ValueError, 'a block size that is a whole number >= 1', '0'),
    ],
  },
  depthToSpace: {
    samples: [call((x) => core.depthToSpace(x, 2), [of([[[[1, 2, 3, 4]]]])], of([[[[1], [2]], [[3], [4]]]]))],
    refuses: [refusal(() => core.depthToSpace(ones([1, 1, 1, 6]), 2), ShapeError, 'that blocks of 2 divide', '[1, 1, 1, 6]')],
  },
}; // prettier-ignore
