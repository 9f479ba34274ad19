/** Gradients of folds, products, convolutions, losses, loops and draws. */
import * as antler from '@antler/core';
import { random, type Tensor } from '@antler/core';
import type * as conv from '../../../../packages/core/src/ops/conv.js';
import type * as einsum from '../../../../packages/core/src/ops/einsum.js';
import type * as linalg from '../../../../packages/core/src/ops/linalg.js';
import type * as nn from '../../../../packages/core/src/ops/nn.js';
import type * as pooling from '../../../../packages/core/src/ops/pooling.js';
import type * as randomModule from '../../../../packages/core/src/ops/random.js';
import type * as reduction from '../../../../packages/core/src/ops/reduction.js';
import { as, between, discrete, indices, on, type Gradients } from './row.js';

const m23 = [2, 3] as const;

export const reductionGradients: Gradients<typeof reduction> = {
  sum: [on((x) => antler.sum(x, 1), m23)],
  mean: [on((x) => antler.mean(x, 0, true), m23)],
  max: [on((x) => antler.max(x, -1), m23)],
  min: [on((x) => antler.min(x), m23)],
  prod: [
    between(
      0.3,
      2,
      on((x) => antler.prod(x, 1), m23),
    ),
    as('of either sign', (x) => antler.prod(x), m23),
  ],
  variance: [on((x) => antler.variance(x, 1), m23)],
  std: [on((x) => antler.std(x), m23)],
  moments: [on((x) => antler.concatenate(antler.moments(x, 0)), m23)],
  nanSum: [on((x) => antler.square(antler.nanSum(x, 1)), m23)],
  nanMean: [on((x) => antler.square(antler.nanMean(x, 1)), m23)],
  logSumExp: [on((x) => antler.logSumExp(x, 1), m23), as('kept', (x) => antler.logSumExp(x, [0, 2], true), [2, 2, 2])],
  all: discrete,
  any: discrete,
  argmax: discrete,
  argmin: discrete,
  countNonzero: discrete,
};

export const linalgGradients: Gradients<typeof linalg> = {
  matmul: [
    on((x, y) => antler.matmul(x, y), m23, [3, 4]),
    as('batched', (x, y) => antler.matmul(x, y), [2, 2, 3], [2, 3, 2]),
    as('broadcast batch', (x, y) => antler.matmul(x, y), [2, 3], [2, 3, 2]),
    as('vectors', (x, y) => antler.matmul(x, y), [3], [3]),
  ],
  tensordot: [on((x, y) => antler.tensordot(x, y, [[0, 2], [1, 0]]), [2, 3, 4], [4, 2, 2])],
  outer: [on((x, y) => antler.outer(x, y), [3], [2])],
  inner: [on((x, y) => antler.inner(x, y), m23, [4, 3])],
  dot: [on((x, y) => antler.dot(x, y), m23, [2, 3, 2])],
  vdot: [on((x, y) => antler.vdot(x, y), m23, [3, 2])],
  cross: [on((x, y) => antler.cross(x, y), m23, [3])],
  norm: [
    on((x) => antler.norm(x, { axis: 1 }), m23),
    as('ord 1', (x) => antler.norm(x, { ord: 1, axis: 0 }), m23),
    as('ord Infinity', (x) => antler.norm(x, { ord: Infinity, axis: 1 }), m23),
    between(0.3, 2, as('ord 3', (x) => antler.norm(x, { ord: 3, axis: 0 }), m23)),
    as('spectral', (x) => antler.norm(x, { ord: 2 }), [3, 2]),
    as('nuclear', (x) => antler.norm(x, { ord: 'nuc' }), m23),
    as('of matrices, ord 1', (x) => antler.norm(x, { ord: 1, axis: [0, 2] }), [2, 2, 3]),
  ],
  cdist: [on((x, y) => antler.cdist(x, y), [2, 3, 2], [2, 2])],
  normalize: [on((x) => antler.normalize(x), m23), as('order 1', (x) => antler.normalize(x, { order: 1 }), m23)],
}; // prettier-ignore

export const einsumGradients: Gradients<Pick<typeof einsum, 'einsum'>> = {
  einsum: [
    on((x, y, z) => antler.einsum('bij,bjk,k->ib', x, y, z), [2, 2, 3], [2, 3, 2], [2]),
    as('a diagonal', (x, y) => antler.einsum('iij,j', x, y), [3, 3, 2], [2]),
    as('an ellipsis', (x, y) => antler.einsum('...ij,jk->...k', x, y), [2, 2, 3], [3, 2]),
    as('sizes of 1', (x, y) => antler.einsum('ij,ij->j', x, y), [3, 1], [1, 2]),
  ],
};

export const nnGradients: Gradients<typeof nn> = {
  relu: [on((x) => antler.relu(x), m23)],
  softmax: [on((x) => antler.softmax(x), m23), as('of axis 0', (x) => antler.softmax(x, 0), m23)],
  logSoftmax: [on((x) => antler.logSoftmax(x), m23)],
  sparseSoftmaxCrossEntropy: [on((x) => antler.sparseSoftmaxCrossEntropy(indices(2, -3), x), m23)],
  softmaxCrossEntropy: [on((x, y) => antler.softmaxCrossEntropy(antler.softmax(y), x), m23, m23)],
};

export const convGradients: Gradients<typeof conv> = {
  conv: [
    on((x, y) => antler.conv(x, y), [2, 5, 4, 2], [3, 2, 2, 3]),
    as('strides and padding', (x, y) => antler.conv(x, y, { strides: 2, padding: 'same' }), [2, 5, 6, 1], [3, 3, 1, 2]),
    as('dilated', (x, y) => antler.conv(x, y, { dilationRate: 2, strides: [3, 2], padding: [[1, 2], [0, 3]] }), [1, 7, 6, 2], [2, 2, 2, 1]),
    as('groups', (x, y) => antler.conv(x, y, { padding: 'same' }), [1, 4, 4, 4], [2, 2, 2, 6]),
    as('of one axis', (x, y) => antler.conv(x, y, { padding: [[2, 0]] }), [2, 6, 3], [3, 3, 2]),
    as('of three axes', (x, y) => antler.conv(x, y, { strides: [1, 2, 1] }), [1, 3, 4, 3, 1], [2, 2, 2, 1, 2]),
  ],
  convTranspose: [on((x, y) => antler.convTranspose(x, y, { strides: 2 }), [1, 3, 3, 2], [3, 2, 2, 2])],
  depthwiseConv: [on((x, y) => antler.depthwiseConv(x, y, { padding: 'same' }), [1, 4, 4, 3], [3, 3, 3, 2])],
  separableConv: [on((x, y, z) => antler.separableConv(x, y, z), [1, 4, 4, 2], [3, 3, 2, 2], [1, 1, 4, 3])],
}; // prettier-ignore

export const poolingGradients: Gradients<typeof pooling> = {
  maxPool: [on((x) => antler.maxPool(x, [3, 2], { strides: [2, 1], padding: 'same' }), [1, 5, 6, 2])],
  averagePool: [on((x) => antler.averagePool(x, 3, { strides: 2, padding: 'same' }), [1, 5, 6, 2])],
};

/** What stands in no module of operations. */
export const otherGradients: Gradients<Pick<typeof antler, 'scan' | 'stopGradient'>> = {
  scan: [
    on(
      (x, y) => {
        const step = (c: Tensor, e: Tensor): [Tensor, Tensor] => [antler.tanh(c.mul(y).add(e)), c.mul(e)];
        const [last, all] = antler.scan(step, antler.sum(x, 0), x);
        return antler.concatenate([last.reshape([1, 2]), all], 0);
      },
      [3, 2],
      [2],
    ),
    as(
      'reversed',
      (x) => {
        const step = (c: Tensor, e: Tensor): [Tensor, Tensor] => [c.mul(e).add(1), c.mul(c)];
        return antler.scan(step, antler.zerosLike(antler.sum(x, 0)), x, { reverse: true })[1];
      },
      [4, 2],
    ),
  ],
  stopGradient: { reason: 'it cuts the path', flat: antler.stopGradient },
};

const key = (): { readonly key: Tensor } => ({ key: random.key(3) });

/** Draws, by their names in `random`. */
export const randomGradients: Gradients<typeof randomModule, typeof random> = {
  key: discrete,
  split: discrete,
  uniform: { reason: 'it is a function of a key and of numbers of the host' },
  normal: { reason: 'it is a function of a key and of numbers of the host' },
  truncatedNormal: { reason: 'it is a function of a key and of numbers of the host' },
  bernoulli: { reason: 'it is a function of a key and of numbers of the host' },
  dropout: [on((x) => random.dropout(x, 0.4, key()), m23)],
  categorical: discrete,
  permutation: discrete,
  shuffle: [on((x) => random.shuffle(x, 1, key()).mul(x), [2, 4])],
  gamma: {
    reason: 'no gradient flows to alpha',
    flat: (x: Tensor) => random.gamma([3], antler.abs(x).add(1).mean(), key()),
  },
};
