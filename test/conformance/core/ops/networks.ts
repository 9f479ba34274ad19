/** Normalizations, attention and cross-entropies: small cases by hand, and what is refused. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ValueError, ones, tensor } from '@antler/core';
import type * as attention from '../../../../packages/core/src/ops/attention.js';
import type * as losses from '../../../../packages/core/src/ops/losses.js';
import type * as normalization from '../../../../packages/core/src/ops/normalization.js';
import type { Tolerance } from '../../tolerance.js';
import { of, type Nested, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
const within = { within: ({ exp, log, sum, div, sqrt }: Tolerance): number => exp + log + 4 * (sum + div) + sqrt + 6 };
const epsilon = 0;
/** Rows of mean 2 and 0, variance 1 and 4. */
const rows = [[1, 3, 1, 3], [-2, 2, 2, -2]]; // prettier-ignore
const normal = [[-1, 1, -1, 1], [-1, 1, 1, -1]]; // prettier-ignore

export const normalizationRecords: Records<typeof normalization> = {
  layerNormalization: {
    samples: [
      call((x) => core.layerNormalization(x, { epsilon }), [of(rows)], of(normal), within),
      call((x, scale, offset) => core.layerNormalization(x, { epsilon: 3, scale, offset }), [of([[1, 3]]), of([2, 4]), of([5, 6])], of([[4, 8]]), within),
      call((x) => core.layerNormalization(x, { axis: [0, 1] }), [int([[7, 7], [7, 7]])], of([[0, 0], [0, 0]])),
      call((x) => core.layerNormalization(x), [of([[], []])], of([[], []])),
    ],
    refuses: [
      refusal(() => core.layerNormalization(ones([2, 3]), { scale: ones([2]) }), ShapeError, 'of shape [3]', '[2]'),
      refusal(() => core.layerNormalization(ones([2]), { epsilon: -1 }), ValueError, 'a finite epsilon >= 0', '-1'),
    ],
  },
  rmsNormalization: {
    samples: [
      call((x, scale) => core.rmsNormalization(x, { epsilon, scale }), [of([[3, 4], [0, 2]]), of([5, 10])], of([[3 * Math.SQRT2, 8 * Math.SQRT2], [0, 10 * Math.SQRT2]]), within),
      call((x) => core.rmsNormalization(x, { epsilon, axis: 0 }), [of([[3], [-3]])], of([[1], [-1]]), within),
    ],
    refuses: [refusal(() => core.rmsNormalization(ones([2]), { axis: 1 }), ShapeError, 'axis')],
  },
  batchNormalization: {
    samples: [
      call((x, mean, variance) => core.batchNormalization(x, mean, variance, { epsilon }), [of([[2, 4], [0, 2]]), of([2, 0]), of([1, 4])], of([[0, 2], [-2, 1]]), within),
      call((x, mean, variance, offset) => core.batchNormalization(x, mean, variance, { axis: 0, epsilon: 3, offset }), [of([[2, 4]]), of([2]), of([1]), of([1])], of([[1, 2]]), within),
    ],
    refuses: [refusal(() => core.batchNormalization(ones([2, 3]), ones([2]), ones([3])), ShapeError, '[3]', '[2]')],
  },
  batchNormalizationTraining: {
    samples: [
      call((x) => core.batchNormalizationTraining(x, { epsilon, axis: 0 }), [of(rows)], [of(normal), of([2, 0]), of([1, 4])], within),
      call((x) => core.batchNormalizationTraining(x, { epsilon }), [of([[10001], [10003]])], [of([[-1], [1]]), of([10002]), of([1])], within),
    ],
    refuses: [refusal(() => core.batchNormalizationTraining(ones([2, 3]), { offset: ones([2]) }), ShapeError, '[3]', '[2]')],
  },
  groupNormalization: {
    samples: [
      call((x) => core.groupNormalization(x, { epsilon, groups: 2 }), [of([[1, 3, -2, 2]])], of([[-1, 1, -1, 1]]), within),
      call((x, scale) => core.groupNormalization(x, { epsilon, groups: 1, scale }), [of([[[1, 3], [3, 1]]]), of([1, 2])], of([[[-1, 2], [1, -2]]]), within),
    ],
    refuses: [refusal(() => core.groupNormalization(ones([2, 3]), { groups: 2 }), ShapeError, 'divides the 3 channels', '2')],
  },
}; // prettier-ignore

const values = [[[[1, 2]], [[3, 4]], [[5, 9]]]]; // prettier-ignore
const sharp = [[[[1e4, 0]], [[0, -1e4]]]]; // prettier-ignore
const flat = [[[[0, 0]], [[0, 0]]]]; // prettier-ignore

export const attentionRecords: Records<typeof attention> = {
  scaledDotProductAttention: {
    samples: [
      call((q, v) => core.scaledDotProductAttention(q, v, v), [of(sharp), of(values)], of([[[[5, 9]], [[1, 2]]]]), within),
      call((q, v) => core.scaledDotProductAttention(q, v, v, { causal: true }), [of(flat), of(values)], of([[[[1, 2]], [[2, 3]]]]), within),
      call((q, v, mask) => core.scaledDotProductAttention(q, v, v, { mask }), [of(flat), of(values), of([[1, 0, 1], [0, 0, 0]], 'bool')], of([[[[3, 5.5]], [[3, 5]]]]), within),
      call((q, k, v) => core.scaledDotProductAttention(q, k, v, { scale: Math.LN2 }), [of([[[[1]]]]), of([[[[2]], [[1]]]]), of([[[[3]], [[6]]]])], of([[[[4]]]]), within),
    ],
    refuses: [
      refusal(() => core.scaledDotProductAttention(ones([2, 3, 4]), ones([2, 3, 4]), ones([2, 3, 4])), ShapeError, 'rank 4'),
      refusal(() => core.scaledDotProductAttention(ones([1, 2, 3, 4]), ones([1, 2, 2, 4]), ones([1, 2, 3, 4])), ShapeError, 'number of heads'),
    ],
  },
}; // prettier-ignore

export const lossRecords: Records<typeof losses> = {
  binaryCrossentropy: {
    samples: [
      call((y, p) => core.binaryCrossentropy(y, p), [of([1, 0, 0.5]), of([0.5, 0.75, 0.5])], of([Math.LN2, 2 * Math.LN2, Math.LN2]), within),
      call((y, z) => core.binaryCrossentropy(y, z, { fromLogits: true }), [of([1, 0, 1, 0]), of([0, 0, -10000, 10000])], of([Math.LN2, Math.LN2, 10000, 10000]), within),
    ],
    refuses: [refusal(() => core.binaryCrossentropy(ones([2]), ones([3])), ShapeError, 'broadcast')],
  },
  categoricalCrossentropy: {
    samples: [
      call((y, p) => core.categoricalCrossentropy(y, p), [of([[0, 1], [0.5, 0.5]]), of([[0.5, 0.5], [2, 2]])], of([Math.LN2, Math.LN2]), within),
      call((y, z) => core.categoricalCrossentropy(y, z, { fromLogits: true }), [of([[0, 1]]), of([[0, 0]])], of([Math.LN2]), within),
    ],
    refuses: [refusal(() => core.categoricalCrossentropy(ones([2]), ones([2, 2])), ShapeError, '[2, 2]', '[2]')],
  },
  sparseCategoricalCrossentropy: {
    samples: [
      call((y, p) => core.sparseCategoricalCrossentropy(y, p), [int([1, -2]), of([[0.5, 0.5], [0.25, 0.75]])], of([Math.LN2, 2 * Math.LN2]), within),
      call((y, z) => core.sparseCategoricalCrossentropy(y, z, { fromLogits: true }), [int([0]), of([[0, 0]])], of([Math.LN2]), within),
    ],
    refuses: [
      refusal(() => core.sparseCategoricalCrossentropy(tensor(Int32Array.of(0)), ones([2, 2])), ShapeError, 'a target of shape [2]', '[1]'),
      refusal(() => core.sparseCategoricalCrossentropy(tensor([0]), ones([1, 2]), { fromLogits: true }), DTypeError, 'integer labels'),
    ],
  },
}; // prettier-ignore
