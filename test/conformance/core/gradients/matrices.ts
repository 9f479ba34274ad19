/** Gradients of factors of matrices and what is made of them, and of functions that move elements by pattern or by place. */
import * as antler from '@antler/core';
import { tensor, type Tensor } from '@antler/core';
import type * as bits from '../../../../packages/core/src/ops/bits.js';
import type * as integers from '../../../../packages/core/src/ops/integers.js';
import type * as matrices from '../../../../packages/core/src/ops/matrices.js';
import type * as rearrange from '../../../../packages/core/src/ops/rearrange.js';
import type * as segments from '../../../../packages/core/src/ops/segments.js';
import type * as statistics from '../../../../packages/core/src/ops/statistics.js';
import type * as subscripts from '../../../../packages/core/src/ops/subscripts.js';
import { as, discrete, indices, on, type Gradients } from './row.js';

const square = [3, 3] as const;
const batch = [2, 3, 3] as const;

/** Away from singular and from coinciding values: the diagonal leads, and its entries differ. */
const led = (x: Tensor): Tensor => {
  const n = x.shape.at(-1)!;
  const diagonal = antler.multiply(antler.eye(n), antler.arange(n).mul(2).add(4));
  return x.mul(0.5).add(antler.broadcastTo(diagonal, x.shape).cast(x.dtype));
};
const transposed = (x: Tensor): Tensor => antler.swapAxes(x, -1, -2);
const positive = (x: Tensor): Tensor =>
  antler.matmul(x, transposed(x)).add(antler.broadcastTo(antler.eye(x.shape.at(-1)!), x.shape).cast(x.dtype));
const flat = (parts: readonly Tensor[]): Tensor => antler.concatenate(parts.map((part) => antler.ravel(part)));
/** What does not depend on the signs of vectors, which are free. */
const free = (x: Tensor): Tensor => x.mul(x);
const tall = (x: Tensor): Tensor => antler.concatenate([led(x), x], -2);
const wide = (x: Tensor): Tensor => antler.concatenate([led(x), x], -1);
/** Not linear, so that there is a second order to check. */
const squared = (x: Tensor): Tensor => x.mul(x);

export const matricesGradients: Gradients<typeof matrices> = {
  cholesky: [
    on((x) => antler.cholesky(led(x)), batch),
    as('of a product', (x) => antler.cholesky(positive(x)), batch),
    as('upper', (x) => antler.cholesky(led(x), { upper: true }), square),
  ],
  choleskyInverse: [on((x) => antler.choleskyInverse(led(x)), square)],
  solve: [
    on((a, b) => antler.solve(led(a), b), batch, [1, 3, 2]),
    as('of a vector, broadcast', (a, b) => antler.solve(led(a), b), batch, [3]),
  ],
  solveTriangular: [
    as('lower', (a, b) => antler.solveTriangular(led(a), b, { lower: true }), square, [3, 2]),
    as('upper', (a, b) => antler.solveTriangular(led(a), b), batch, [2, 3]),
  ],
  inv: [on((x) => antler.inv(led(x)), batch)],
  det: [on((x) => antler.det(led(x)).mul(0.02), batch)],
  slogdet: [on((x) => antler.slogdet(led(x))[1], batch)],
  logdet: [on((x) => antler.logdet(positive(x)), square)],
  luFactor: [
    on((x) => antler.luFactor(antler.flip(led(x), -2))[0], batch),
    as('tall', (x) => antler.luFactor(antler.concatenate([x, led(x)], 0))[0].mul(0.1), square),
    as('wide', (x) => antler.luFactor(wide(x))[0].mul(0.1), square),
  ],
  qr: [
    on((x) => flat(antler.qr(led(x))), batch),
    as('tall', (x) => flat(antler.qr(tall(x))), square),
    as('wide', (x) => flat(antler.qr(wide(x))), square),
  ],
  eigh: [
    as('values', (x) => antler.eigh(led(x))[0], batch),
    as('vectors', (x) => free(antler.eigh(led(x))[1]), square),
  ],
  svd: [
    as('left', (x) => free(antler.svd(led(x))[0]), square),
    as('tall', (x) => free(flat(antler.svd(tall(x), { fullMatrices: false }))).mul(0.1), square),
    as('wide', (x) => free(flat(antler.svd(wide(x), { fullMatrices: false }))).mul(0.1), square),
  ],
  svdvals: [on((x) => antler.svdvals(led(x)), batch)],
  matrixRank: discrete,
  pinv: [on((x) => antler.pinv(tall(x)), square), as('wide', (x) => antler.pinv(wide(x)), batch)],
  lstsq: [on((a, b) => antler.lstsq(antler.concatenate([led(a), a], 0), b), [2, 2], [4])],
  matrixPower: [
    on((x) => antler.matrixPower(led(x).mul(0.2), 3), square),
    as('negative', (x) => antler.matrixPower(led(x), -2), square),
  ],
};

export const integersGradients: Gradients<typeof integers> = { gcd: discrete, lcm: discrete };

export const bitsGradients: Gradients<typeof bits> = {
  bitwiseAnd: discrete,
  bitwiseOr: discrete,
  bitwiseXor: discrete,
  bitwiseNot: discrete,
  leftShift: discrete,
  rightShift: discrete,
};

export const statisticsGradients: Gradients<typeof statistics> = {
  average: [
    on((x) => squared(antler.average(x, { axis: 1 })), [2, 3]),
    as('weighted', (x, w) => antler.average(x, { axis: 0, weights: w.mul(w).add(1) }), [2, 3], [2]),
  ],
  nanMax: [on((x) => squared(antler.nanMax(x, 1)), [2, 3])],
  nanMin: [on((x) => squared(antler.nanMin(x)), [2, 3])],
  bincount: [on((x) => squared(antler.bincount(indices(0, 2, 0), { length: 3, weights: x })), [3])],
  histogram: discrete,
  inTopK: discrete,
  trapezoid: [on((x) => squared(antler.trapezoid(x, { dx: 0.5 })), [2, 4])],
};

export const rearrangeGradients: Gradients<typeof rearrange> = {
  rearrange: [on((x) => squared(antler.rearrange(x, 'a (b c) -> c (b a)', { b: 2 })), [2, 6])],
  spaceToDepth: [on((x) => squared(antler.spaceToDepth(x, 2)), [1, 2, 4, 2])],
  depthToSpace: [on((x) => squared(antler.depthToSpace(x, 2)), [1, 1, 2, 8])],
};

const pairs = (): Tensor => tensor(Int32Array.of(0, 1, 1, 0, 0, 1), { shape: [3, 2] });

export const segmentsGradients: Gradients<typeof segments> = {
  scatter: [on((x) => squared(antler.scatter(pairs(), x, [2, 2])), [3])],
  gather: [on((x) => squared(antler.gather(x, pairs())), [2, 2])],
  segmentSum: [on((x) => squared(antler.segmentSum(x, indices(2, 0, 2), { numSegments: 4 })), [3, 2])],
  segmentMax: [
    on((x) => squared(antler.index(antler.segmentMax(x, indices(2, 0, 2), { numSegments: 3 }), { step: 2 })), [3, 2]),
  ],
};

export const subscriptsGradients: Gradients<typeof subscripts> = {
  index: [on((x) => squared(antler.index(x, { step: -2 }, '...', 1, null)), [3, 2, 2])],
};
