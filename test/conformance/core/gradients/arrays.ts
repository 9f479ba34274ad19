/** Gradients of functions that move, choose and order elements. */
import * as antler from '@antler/core';
import { tensor, type Tensor } from '@antler/core';
import type * as arrange from '../../../../packages/core/src/ops/arrange.js';
import type * as creation from '../../../../packages/core/src/ops/creation.js';
import type * as indexing from '../../../../packages/core/src/ops/indexing.js';
import type * as ordering from '../../../../packages/core/src/ops/ordering.js';
import type * as shape from '../../../../packages/core/src/ops/shape.js';
import { as, between, constant, discrete, indices, on, type Differentiable, type Gradients } from './row.js';

const m23 = [2, 3] as const;

export const creationGradients: Gradients<typeof creation> = {
  tensor: constant,
  zeros: constant,
  ones: constant,
  full: constant,
  zerosLike: constant,
  onesLike: constant,
  fullLike: constant,
  identity: constant,
  eye: constant,
  arange: constant,
};

export const shapeGradients: Gradients<typeof shape> = {
  reshape: [on((x) => antler.reshape(x, [3, 2]), m23), as('-1', (x) => antler.reshape(x, [-1, 1, 2]), m23)],
  ravel: [on((x) => antler.ravel(x), m23)],
  transpose: [on((x) => antler.transpose(x, [2, 0, 1]), [2, 3, 4])],
  swapAxes: [on((x) => antler.swapAxes(x, 0, -1), [2, 3, 4])],
  expandDims: [on((x) => antler.expandDims(x, 1), m23)],
  squeeze: [on((x) => antler.squeeze(x), [2, 1, 3, 1])],
  broadcastTo: [on((x) => antler.broadcastTo(x, [4, 2, 3]), [2, 1])],
  flip: [on((x) => antler.flip(x, 1), m23)],
  slice: [on((x) => antler.slice(x, [1, 0], [4, 5], [1, 2]), [5, 5])],
  concatenate: [on((x, y) => antler.concatenate([x, y, x], 1), m23, [2, 1])],
  stack: [on((x, y) => antler.stack([x, y], 1), m23, m23)],
  hstack: [on((x, y) => antler.hstack([x, y, x]), m23, [2, 1])],
  vstack: [on((x, y) => antler.vstack([x, y]), m23, [3])],
  rot90: [on((x) => antler.rot90(x, 3).mul(2), m23)],
  pad: [on((x) => antler.pad(x, [[1, 2], [-1, 1]]), m23)],
  split: [
    on((x) => { const [a, b] = antler.split(x, 2, 1) as [Tensor, Tensor]; return a.mul(b); }, [2, 4]),
    as('at places', (x) => { const [a, , b] = antler.split(x, [1, 3]) as [Tensor, Tensor, Tensor]; return a.mul(b); }, [5, 2]),
  ],
}; // prettier-ignore

export const arrangeGradients: Gradients<typeof arrange> = {
  moveAxis: [on((x) => antler.moveAxis(x, [0, 1], [-1, 0]), [2, 3, 4])],
  roll: [on((x) => antler.roll(x, 2, 1).mul(x), m23), as('of all elements', (x) => antler.roll(x, -2).mul(x), m23)],
  repeat: [on((x) => antler.repeat(x, 3, 1), m23), as('by counts', (x) => antler.repeat(x, [2, 0, 1], 1), m23)],
  tile: [on((x) => antler.tile(x, [2, 1, 2]), m23)],
  unstack: [on((x) => { const [a, b] = antler.unstack(x) as [Tensor, Tensor]; return a.mul(b); }, m23)],
  meshgrid: [on((x, y) => { const [a, b] = antler.meshgrid([x, y]) as [Tensor, Tensor]; return a.mul(b); }, [2], [3])],
  linspace: constant,
  logspace: constant,
  tri: constant,
  tril: [on((x) => antler.tril(x, 1), [3, 4])],
  triu: [on((x) => antler.triu(x, 1), [3, 4])],
  diagonal: [on((x) => antler.diagonal(x, -1, 2, 0), [3, 2, 4])],
  trace: [on((x) => antler.trace(antler.matmul(x, x)), [3, 3])],
  diag: [on((x) => antler.diag(x, 1), [3]), as('of a matrix', (x) => antler.diag(x, -1), [3, 3])],
  diff: [on((x) => antler.diff(x, 2), [2, 5])],
  dynamicSlice: [on((x) => antler.dynamicSlice(x, indices(1, 9), [2, 2]).mul(3), [4, 3])],
  dynamicUpdateSlice: [on((x, y) => antler.dynamicUpdateSlice(x, [indices(2).sum(), 0], antler.square(y)), [4, 3], [3, 2])],
  kron: [on((x, y) => antler.kron(x, y), m23, [2, 2])],
}; // prettier-ignore

const scattered = (mode: 'set' | 'add' | 'max' | 'min'): Differentiable =>
  as(mode, (x, y) => antler.scatterUpdate(x, indices(1, 3, 1), y, mode), [4, 2], [3, 2]);

export const indexingGradients: Gradients<typeof indexing> = {
  take: [on((x) => antler.take(x, indices(2, 0, 2, -1), 1), [2, 3, 2])],
  takeAlongAxis: [on((x) => antler.takeAlongAxis(x, tensor([[1, 0], [2, 2]], { dtype: 'int32' }), 1), m23)],
  oneHot: discrete,
  multiHot: discrete,
  scatterUpdate: (['set', 'add', 'max', 'min'] as const).map(scattered),
}; // prettier-ignore

type Running = (x: Tensor, axis: number, options?: antler.CumulateOptions) => Tensor;

/** What an exclusive fold of nothing gives may be infinite; it is cut off. */
const running = (f: Running): Differentiable[] => [
  on((x) => f(x, 0), [4, 2]),
  as('reversed', (x) => f(x, 1, { reverse: true }), [2, 4]),
  as('exclusive', (x) => antler.slice(f(x, 0, { exclusive: true }), [1]).mul(x.sum()), [4]),
  as('reversed and exclusive', (x) => antler.slice(f(x, 0, { reverse: true, exclusive: true }), [0], [3]).mul(x.sum()), [4]),
]; // prettier-ignore

export const orderingGradients: Gradients<typeof ordering> = {
  digitize: discrete,
  cumsum: running(antler.cumsum),
  cumprod: running(antler.cumprod),
  cummax: running(antler.cummax),
  cummin: running(antler.cummin),
  sort: [
    on((x) => antler.sort(x, 0).mul(indices(1, 2, 3, 4).reshape([4, 1])), [4, 2]),
    as('descending', (x) => antler.sort(x, 1, { descending: true }).mul(x), [2, 4]),
  ],
  argsort: discrete,
  topK: [on((x) => antler.topK(x, 2)[0].mul(indices(1, 3)), [2, 4])],
  searchsorted: discrete,
  quantile: [on((x) => antler.quantile(x, [0.2, 0.7]), m23)],
  median: [on((x) => antler.median(x, 1), [2, 4])],
  unique: [between(0.3, 2, on((x) => antler.unique(x.mul(x), { size: 5 }), [4]))],
  nonzero: discrete,
  booleanMask: [on((x) => antler.booleanMask(x, antler.less(indices(3, 5, 3), 4), { size: 2 }).mul(2), [3, 2])],
}; // prettier-ignore
