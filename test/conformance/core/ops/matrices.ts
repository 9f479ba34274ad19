/** Linear algebra by small matrices whose factors are known, and divisors of integers. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ValueError, ones, tensor } from '@antler/core';
import type * as integers from '../../../../packages/core/src/ops/integers.js';
import type * as matrices from '../../../../packages/core/src/ops/matrices.js';
import { of, type Nested, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
/** Decompositions go through roots and quotients, and end within some units in the last place. */
const near = { within: (): number => 4 };
const a = of([[0, 2], [1, 4]]); // prettier-ignore
const spd = of([[4, 2], [2, 5]]); // prettier-ignore
const batch = of([[[2, 0], [0, 4]], [[1, 1], [0, 1]]]); // prettier-ignore
const notSquare = (): core.Tensor => ones([2, 3]);
const root = Math.SQRT1_2;

export const matricesRecords: Records<typeof matrices> = {
  cholesky: {
    samples: [
      call((x) => core.cholesky(x), [spd], of([[2, 0], [1, 2]])),
      call((x) => core.cholesky(x, { upper: true }), [spd], of([[2, 1], [0, 2]])),
      call((x) => core.cholesky(x), [of([[[9]], [[4]]])], of([[[3]], [[2]]])),
      call((x) => core.cholesky(x), [of([[4, 0], [4, 5]])], of([[2, 0], [1, 2]])),
      call((x) => core.cholesky(x), [int([[4]])], of([[2]])),
    ],
    refuses: [
      refusal(() => core.cholesky(notSquare()), ShapeError, 'cholesky: expected square matrices', '[2, 3]'),
      refusal(() => core.cholesky(ones([2])), ShapeError, 'cholesky: expected at least two axes', '[2]'),
    ],
  },
  choleskyInverse: {
    samples: [
      call((x) => core.choleskyInverse(x), [of([[2, 0], [1, 2]])], of([[0.3125, -0.125], [-0.125, 0.25]])),
      call((x) => core.choleskyInverse(x, { upper: true }), [of([[2, 1], [0, 2]])], of([[0.3125, -0.125], [-0.125, 0.25]])),
    ],
    refuses: [refusal(() => core.choleskyInverse(notSquare()), ShapeError, 'choleskyInverse: expected square matrices')],
  },
  solve: {
    samples: [
      call((x, y) => core.solve(x, y), [a, of([2, 5])], of([1, 1])),
      call((x, y) => core.solve(x, y), [a, of([[2, 0], [5, 1]])], of([[1, 1], [1, 0]])),
      call((x, y) => core.solve(x, y), [batch, of([2, 4])], of([[1, 1], [-2, 4]])),
      call((x, y) => core.solve(x, y), [batch, of([[[2], [4]]])], of([[[1], [1]], [[-2], [4]]])),
    ],
    refuses: [
      refusal(() => core.solve(ones([2, 2]), ones([3])), ShapeError, 'solve: expected b with 2 rows', '[3]'),
      refusal(() => core.solve(notSquare(), ones([2])), ShapeError, 'solve: expected square matrices', '[2, 3]'),
      refusal(() => core.solve(ones([2, 2, 2]), ones([3, 2, 1])), ShapeError, 'broadcast together'),
    ],
  },
  solveTriangular: {
    samples: [
      call((x, y) => core.solveTriangular(x, y, { lower: true }), [of([[2, 9], [1, 1]]), of([2, 3])], of([1, 2])),
      call((x, y) => core.solveTriangular(x, y), [of([[2, 1], [9, 1]]), of([[2], [4]])], of([[-1], [4]])),
    ],
    refuses: [refusal(() => core.solveTriangular(ones([2, 2]), ones([3])), ShapeError, 'solveTriangular: expected b with 2 rows')],
  },
  inv: {
    samples: [
      call((x) => core.inv(x), [a], of([[-2, 1], [0.5, 0]])),
      call((x) => core.inv(x), [batch], of([[[0.5, 0], [0, 0.25]], [[1, -1], [0, 1]]])),
    ],
    refuses: [refusal(() => core.inv(notSquare()), ShapeError, 'inv: expected square matrices', '[2, 3]')],
  },
  det: {
    samples: [
      call((x) => core.det(x), [a], of(-2)),
      call((x) => core.det(x), [batch], of([8, 1])),
      call((x) => core.det(x), [{ dtype: 'float32', shape: [1, 0, 0], numbers: [] }], of([1])),
    ],
    refuses: [refusal(() => core.det(notSquare()), ShapeError, 'det: expected square matrices', '[2, 3]')],
  },
  slogdet: {
    samples: [call((x) => core.slogdet(x), [batch], [of([1, 1]), of([Math.log(8), 0])], near), call((x) => core.slogdet(x), [a], [of(-1), of(Math.LN2)], near)],
    refuses: [refusal(() => core.slogdet(notSquare()), ShapeError, 'slogdet: expected square matrices')],
  },
  logdet: {
    samples: [call((x) => core.logdet(x), [batch], of([Math.log(8), 0]), near), call((x) => core.logdet(x), [a], of(NaN))],
    refuses: [refusal(() => core.logdet(notSquare()), ShapeError, 'logdet: expected square matrices')],
  },
  luFactor: {
    samples: [
      call((x) => core.luFactor(x), [a], [of([[1, 4], [0, 2]]), int([1, 1])]),
      call((x) => core.luFactor(x), [of([[1, 2], [4, 4], [2, 0]])], [of([[4, 4], [0.5, -2], [0.25, -0.5]]), int([1, 2])]),
    ],
    refuses: [refusal(() => core.luFactor(ones([2])), ShapeError, 'luFactor: expected at least two axes')],
  },
  qr: {
    samples: [
      call((x) => core.qr(x), [of([[3, 1], [4, 2]])], [of([[-0.6, -0.8], [-0.8, 0.6]]), of([[-5, -2.2], [0, 0.4]])], near),
      call((x) => core.qr(x), [of([[3], [4]])], [of([[-0.6], [-0.8]]), of([[-5]])], near),
      call((x) => core.qr(x, { mode: 'complete' }), [of([[3], [4]])], [of([[-0.6, -0.8], [-0.8, 0.6]]), of([[-5], [0]])], near),
      call((x) => core.qr(x)[1], [of([[-2, 3]])], of([[-2, 3]])),
    ],
    refuses: [
      refusal(() => core.qr(ones([2, 2]), { mode: 'raw' as never }), ValueError, 'qr: expected mode reduced or complete', '"raw"'),
      refusal(() => core.grad((x: core.Tensor) => core.qr(x, { mode: 'complete' })[0].sum())(ones([3, 2])), ValueError, 'mode reduced for a gradient'),
    ],
  },
  eigh: {
    samples: [
      call((x) => core.eigh(x), [of([[2, 1], [1, 2]])], [of([1, 3]), of([[root, root], [-root, root]])], near),
      call((x) => core.eigh(x)[0], [of([[[3, 0], [0, -1]], [[2, 0], [2, 2]]])], of([[-1, 3], [1, 3]]), near),
    ],
    refuses: [refusal(() => core.eigh(notSquare()), ShapeError, 'eigh: expected square matrices', '[2, 3]')],
  },
  svd: {
    samples: [
      call((x) => core.svd(x), [of([[0, 2], [3, 0]])], [of([[0, 1], [1, 0]]), of([3, 2]), of([[1, 0], [0, 1]])]),
      call((x) => core.svd(x, { fullMatrices: false }), [of([[3, 4]])], [of([[1]]), of([5]), of([[0.6, 0.8]])], near),
    ],
    refuses: [
      refusal(() => core.svd(ones([2])), ShapeError, 'svd: expected at least two axes'),
      refusal(() => core.grad((x: core.Tensor) => core.svd(x)[0].sum())(ones([3, 2])), ValueError, 'svd: expected fullMatrices: false'),
    ],
  },
  svdvals: {
    samples: [call((x) => core.svdvals(x), [of([[0, 2], [-3, 0], [0, 0]])], of([3, 2]))],
    refuses: [refusal(() => core.svdvals(tensor(1)), ShapeError, 'svdvals: expected at least two axes', '[]')],
  },
  matrixRank: {
    samples: [call((x) => core.matrixRank(x), [of([[[1, 2], [2, 4]], [[1, 2], [2, 5]], [[0, 0], [0, 0]]])], int([1, 2, 0])), call((x) => core.matrixRank(x, { rcond: 0.5 }), [of([[4, 0, 0], [0, 1, 0]])], int(1))],
    refuses: [refusal(() => core.matrixRank(ones([3])), ShapeError, 'matrixRank: expected at least two axes', '[3]')],
  },
  pinv: {
    samples: [
      call((x) => core.pinv(x), [of([[1], [1]])], of([[0.5, 0.5]]), near),
      call((x) => core.pinv(x), [of([[2, 0, 0], [0, 0, 0]])], of([[0.5, 0], [0, 0], [0, 0]])),
      call((x) => core.pinv(x, { rcond: 0.5 }), [of([[4, 0], [0, 1]])], of([[0.25, 0], [0, 0]])),
    ],
    refuses: [refusal(() => core.pinv(ones([3])), ShapeError, 'pinv: expected at least two axes', '[3]')],
  },
  lstsq: {
    samples: [
      call((x, y) => core.lstsq(x, y), [of([[1], [1]]), of([1, 3])], of([2]), near),
      call((x, y) => core.lstsq(x, y), [of([[2, 0], [0, 4]]), of([[2], [2]])], of([[1], [0.5]]), near),
    ],
    refuses: [refusal(() => core.lstsq(notSquare(), ones([3])), ShapeError, 'lstsq: expected b with 2 rows', '[3]')],
  },
  matrixPower: {
    samples: [
      call((x) => [core.matrixPower(x, 5), core.matrixPower(x, 0), core.matrixPower(x, -2)], [of([[1, 1], [0, 1]])], [of([[1, 5], [0, 1]]), of([[1, 0], [0, 1]]), of([[1, -2], [0, 1]])]),
      call((x) => core.matrixPower(x, 3), [int([[2]])], int([[8]])),
    ],
    refuses: [
      refusal(() => core.matrixPower(ones([2, 2]), 0.5), ValueError, 'matrixPower: expected a whole number n', '0.5'),
      refusal(() => core.matrixPower(notSquare(), 2), ShapeError, 'matrixPower: expected square matrices'),
    ],
  },
}; // prettier-ignore

export const integersRecords: Records<typeof integers> = {
  gcd: {
    samples: [
      call((x, y) => core.gcd(x, y), [int([12, -8, 0, 7, 0, 1836311903]), int([18, 12, 5, 0, 0, 1134903170])], int([6, 4, 5, 7, 0, 1])),
      call((x, y) => core.gcd(x, y), [of([2971215073, 4294967295], 'uint32'), of([1836311903, 65535], 'uint32')], of([1, 65535], 'uint32')),
      call((x) => core.gcd(x, 6), [of([[9], [4]], 'uint8')], of([[3], [2]], 'uint8')),
    ],
    refuses: [refusal(() => core.gcd(tensor([0.5]), 1), DTypeError, 'gcd: expected integers', 'float32')],
  },
  lcm: {
    samples: [call((x, y) => core.lcm(x, y), [int([4, -6, 0, 21]), int([10, 4, 3, 6])], int([20, 12, 0, 42])), call((x) => core.lcm(x, 0), [int([0, 2])], int([0, 0]))],
    refuses: [refusal(() => core.lcm(tensor([true]), tensor([true])), DTypeError, 'lcm: expected integers', 'bool')],
  },
}; // prettier-ignore
