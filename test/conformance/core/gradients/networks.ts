/** Gradients of normalizations, attention, recurrences and cross-entropies. */
import * as antler from '@antler/core';
import { tensor, type Tensor } from '@antler/core';
import type * as attention from '../../../../packages/core/src/ops/attention.js';
import type * as losses from '../../../../packages/core/src/ops/losses.js';
import type * as normalization from '../../../../packages/core/src/ops/normalization.js';
import type * as recurrent from '../../../../packages/core/src/ops/recurrent.js';
import { as, between, indices, on, type Gradients } from './row.js';

const m23 = [2, 3] as const;
/** A mask [2, 4] of which the second row sees nothing. */
const seen = (): Tensor => tensor([[true, false, true, true], [false, false, false, false]]); // prettier-ignore
const heads = [[1, 2, 2, 2], [1, 4, 2, 2], [1, 4, 2, 3]] as const; // prettier-ignore
const ofLstm = [[2, 3, 8], [2, 8], [2, 2], [2, 2]] as const; // prettier-ignore
const ofGru = [[2, 3, 6], [2, 6], [6], [2, 2]] as const; // prettier-ignore
const epsilon = 1e-3;

export const normalizationGradients: Gradients<typeof normalization> = {
  layerNormalization: [
    on((x, scale, offset) => antler.layerNormalization(x, { scale, offset, epsilon }), [2, 4], [4], [4]),
    as('of two axes', (x, scale) => antler.layerNormalization(x, { scale, axis: [0, 2], epsilon }), [2, 3, 2], [2, 2]),
  ],
  rmsNormalization: [on((x, scale) => antler.rmsNormalization(x, { scale, epsilon }), [2, 4], [4])],
  batchNormalization: [
    between(
      0.3,
      2,
      on(
        (x, mean, variance, scale, offset) => antler.batchNormalization(x, mean, variance, { scale, offset }),
        m23,
        [3],
        [3],
        [3],
        [3],
      ),
    ),
  ],
  batchNormalizationTraining: [
    on((x, scale, offset) => antler.batchNormalizationTraining(x, { scale, offset })[0], [5, 2], [2], [2]),
    as(
      'with its statistics',
      (x, scale) =>
        antler.concatenate(
          antler.batchNormalizationTraining(x, { scale, axis: 0 }).map((y) => antler.reshape(y, [-1])),
        ),
      [2, 4],
      [2],
    ),
  ],
  groupNormalization: [
    on((x, scale, offset) => antler.groupNormalization(x, { groups: 2, scale, offset }), [2, 2, 4], [4], [4]),
  ],
};

export const attentionGradients: Gradients<typeof attention> = {
  scaledDotProductAttention: [
    on((q, k, v) => antler.scaledDotProductAttention(q, k, v), ...heads),
    as('causal', (q, k, v) => antler.scaledDotProductAttention(q, k, v, { causal: true, scale: 1.5 }), ...heads),
    as('masked', (q, k, v) => antler.scaledDotProductAttention(q, k, v, { mask: seen() }), ...heads),
  ],
};

export const recurrentGradients: Gradients<typeof recurrent> = {
  lstm: [
    on((z, u, h, c) => antler.lstm(z, u, h, c)[0], ...ofLstm),
    as('last state and cell', (z, u, h, c) => antler.concatenate(antler.lstm(z, u, h, c).slice(1)), ...ofLstm),
  ],
  gru: [
    on((x, u, b, h) => antler.gru(x, u, b, h)[0], ...ofGru),
    as('last state', (x, u, b, h) => antler.gru(x, u, b, h)[1], ...ofGru),
  ],
};

export const lossGradients: Gradients<typeof losses> = {
  binaryCrossentropy: [
    on((y, z) => antler.binaryCrossentropy(y, antler.sigmoid(z)), m23, m23),
    as('of logits', (y, z) => antler.binaryCrossentropy(y, z, { fromLogits: true }), m23, m23),
  ],
  categoricalCrossentropy: [
    between(
      0.3,
      2,
      on((y, p) => antler.categoricalCrossentropy(y, p), m23, m23),
    ),
  ],
  sparseCategoricalCrossentropy: [
    between(
      0.3,
      2,
      on((p) => antler.sparseCategoricalCrossentropy(indices(2, -3), p), m23),
    ),
  ],
};
