/** The composites that this backend runs: those that have no decomposition into other kernels. */
import type { CompositeKernel } from '@antler/core';
import type { Context, Run } from './context.js';
import { cofactors, det, luFactor, slogdet, solve } from './linalg/lu.js';
import { prepareBatch, type Algorithm } from './linalg/matrices.js';
import { qr } from './linalg/qr.js';
import { eigh, pinv, svd } from './linalg/spectral.js';
import { cholesky, solveTriangular } from './linalg/triangular.js';

type Prepare = (kernel: CompositeKernel, context: Context) => Run;

/** An algorithm with the ranks of its operands: 2 for matrices, 1 for vectors, 0 for scalars. */
function batched(inputs: readonly number[], outputs: readonly number[], algorithm: Algorithm): Prepare {
  return (kernel, context) => prepareBatch(kernel, context, { inputs, outputs }, algorithm);
}

/** The table, by name. */
export const composites: Readonly<Record<string, Prepare>> = {
  cholesky: batched([2], [2], cholesky),
  cofactors: batched([2], [2], cofactors),
  det: batched([2], [0], det),
  eigh: batched([2], [1, 2], eigh),
  luFactor: batched([2], [2, 1, 1], luFactor),
  pinv: batched([2], [2], pinv),
  qr: batched([2], [2, 2], qr),
  slogdet: batched([2], [0, 0], slogdet),
  solve: batched([2, 2], [2], solve),
  solveTriangular: batched([2, 2], [2], solveTriangular),
  svd: batched([2], [2, 1, 2], svd),
};
