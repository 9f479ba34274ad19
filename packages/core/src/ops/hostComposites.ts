/**
 * Host composites: factorizations and what is solved with them. They have no meaning in primitives: their types and
 * gradients are here, their numbers come from an algorithm, which js runs for itself and for backends that refuse it.
 * Matrices are the last two axes; the axes before them count matrices and are the same for all operands. Gradients after
 * Giles, "Collected matrix derivative results" (2008), and, for qr, Roberts & Roberts, "QR and LQ decomposition matrix
 * backpropagation" (2020).
 */
import { bind } from '../bind.js';
import { ValueError, describe } from '../errors.js';
import type { Graph, Type } from '../graph/graph.js';
import { paramsKey } from '../graph/key.js';
import { compositePrimitive } from './composites/composite.js';
import { detourOf } from './detour/detour.js';
import { hooks } from '../runtime/hooks.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import * as elimination from './algorithms/lu.js';
import type { HostAlgorithm } from './algorithms/matrices.js';
import * as reflections from './algorithms/qr.js';
import * as spectra from './algorithms/spectral.js';
import * as substitution from './algorithms/triangular.js';
import type { Composite } from './composites/composite.js';

/** Types, gradient and algorithm of an operation that has no decomposition. */
export interface HostComposite<Params extends object = object> extends Pick<
  Required<Composite<Params>>,
  'name' | 'vjp'
> {
  readonly host: HostAlgorithm;
  /** Types of the results; the user's function has checked the operands. */
  infer(this: void, inputs: readonly Type[], params: Params): readonly Type[];
}

const rankOf = (x: Value): number => x.type.shape.length;
const rowsOf = ({ type: { shape } }: Value): number => shape[shape.length - 2]!;
const columnsOf = ({ type: { shape } }: Value): number => shape[shape.length - 1]!;
const zero = (x: Value): Value => lax.fill(x.type, 0);
const batchOf = (x: Value): readonly number[] => x.type.shape.slice(0, -2);

/** Matrices with rows and columns exchanged. */
export function transposed(x: Value): Value {
  const rank = rankOf(x);
  const order = Array.from({ length: rank }, (_, axis) => axis);
  return lax.transpose(x, [...order.slice(0, -2), rank - 1, rank - 2]);
}

/** Products of matrices of equal batches. */
function product(...factors: readonly [Value, ...Value[]]): Value {
  return factors.reduce((a, b) => {
    const rank = rankOf(a);
    const batch = batchOf(a).map((_, axis) => axis);
    return lax.dot(a, b, [[rank - 1], [rank - 2]], [batch, batch]);
  });
}

/** Vectors of rows, spread over columns; of columns, spread over rows. */
const perRow = (v: Value, matrix: Value): Value => spread(v, matrix, rankOf(matrix) - 2);
const perColumn = (v: Value, matrix: Value): Value => spread(v, matrix, rankOf(matrix) - 1);

function spread(v: Value, matrix: Value, axis: number): Value {
  return lax.broadcast(v, matrix.type.shape, [...batchOf(matrix).map((_, i) => i), axis]);
}

/** Scalars, one for each matrix. */
function perMatrix(scalars: Value, matrix: Value): Value {
  return lax.broadcast(scalars, matrix.type.shape, batchOf(matrix).map((_, i) => i)); // prettier-ignore
}

/** Positions of each element: its row and its column. */
function positions(x: Value): readonly [row: Value, column: Value] {
  const along = (n: number, axis: number): Value => lax.broadcast(lax.iota(n, 'int32'), x.type.shape, [axis]);
  return [along(rowsOf(x), rankOf(x) - 2), along(columnsOf(x), rankOf(x) - 1)];
}

/** Whether an element is on the diagonal. */
function onDiagonal(x: Value): Value {
  const [row, column] = positions(x);
  return lax.eq(row, column);
}

/** A triangle of a matrix, with its diagonal or without; zeros elsewhere. */
function triangle(x: Value, side: 'lower' | 'upper', strict = false): Value {
  const [row, column] = positions(x);
  const [small, large] = side === 'lower' ? [column, row] : [row, column];
  return lax.select(strict ? lax.lt(small, large) : lax.le(small, large), x, zero(x));
}

/** Ones on the diagonal. */
const identityLike = (x: Value): Value => lax.cast(onDiagonal(x), x.type.dtype);

/** The lower triangle with half of the diagonal. */
function halved(x: Value): Value {
  return lax.mul(lax.add(triangle(x, 'lower'), triangle(x, 'lower', true)), lax.fill(x.type, 0.5));
}

/** b·a⁻¹ for a triangular a. */
function divideRight(b: Value, a: Value, lower: boolean): Value {
  return transposed(triangular(transposed(a), transposed(b), !lower));
}

const triangular = (a: Value, b: Value, lower: boolean, unit = false): Value =>
  host(solveTriangular, [a, b], { lower, unit })[0]!;

/** 1 / (d[column] − d[row]) beside the diagonal and 0 on it. */
function reciprocalDifferences(d: Value, matrix: Value): Value {
  const diagonal = onDiagonal(matrix);
  const difference = lax.sub(perColumn(d, matrix), perRow(d, matrix));
  const one = lax.fill(matrix.type, 1);
  return lax.select(diagonal, zero(matrix), lax.div(one, lax.select(diagonal, one, difference)));
}

/** The diagonal matrix of vectors. */
const diagonalOf = (v: Value, matrix: Value): Value => lax.select(onDiagonal(matrix), perRow(v, matrix), zero(matrix));

const vectors = ({ shape, dtype }: Type, length: number): Type => ({ shape: [...shape.slice(0, -2), length], dtype });
const matrices = ({ shape, dtype }: Type, rows: number, columns: number): Type => ({
  shape: [...shape.slice(0, -2), rows, columns],
  dtype,
});

const sizesOf = ({ shape }: Type): [m: number, n: number, k: number] => {
  const [m, n] = shape.slice(-2) as [number, number];
  return [m, n, Math.min(m, n)];
};

/** L of a = L·Lᵀ, which reads the lower triangle; NaN when there is none. */
export const cholesky: HostComposite = {
  name: 'cholesky',
  host: { inputs: [2], outputs: [2], solve: substitution.cholesky },
  infer: ([a]) => [a!],
  vjp: ({ outputs: [l], cotangents: [g] }) => {
    const up = transposed(l!);
    const inner = halved(product(up, g!));
    return [divideRight(triangular(up, inner, false), l!, true)];
  },
};

/** x of a·x = b, where a triangle of a is read; `unit`: its diagonal is taken for ones. */
export const solveTriangular: HostComposite<{ readonly lower: boolean; readonly unit: boolean }> = {
  name: 'solveTriangular',
  host: { inputs: [2, 2], outputs: [2], solve: substitution.solveTriangular },
  infer: ([, b]) => [b!],
  vjp: ({ inputs: [a], outputs: [x], cotangents: [g], params: { lower, unit } }) => {
    const gb = triangular(transposed(a!), g!, !lower, unit);
    const ga = lax.neg(product(gb, transposed(x!)));
    return [triangle(ga, lower ? 'lower' : 'upper', unit), gb];
  },
};

/** x of a·x = b. */
export const solve: HostComposite = {
  name: 'solve',
  host: { inputs: [2, 2], outputs: [2], solve: elimination.solve },
  infer: ([, b]) => [b!],
  vjp: ({ inputs: [a], outputs: [x], cotangents: [g] }) => {
    const [gb] = host(solve, [transposed(a!), g!], {}) as [Value];
    return [lax.neg(product(gb, transposed(x!))), gb];
  },
};

const inverseTransposed = (a: Value): Value => host(solve, [transposed(a), identityLike(a)], {})[0]!;

/** det(a)·a⁻ᵀ, which a singular matrix has as well: the gradient of det. Its own gradient divides by the determinant. */
const cofactors: HostComposite = {
  name: 'cofactors',
  host: { inputs: [2], outputs: [2], solve: elimination.cofactors },
  infer: ([a]) => [a!],
  vjp: ({ inputs: [a], outputs: [c], cotangents: [g] }) => {
    const inverse = inverseTransposed(a!);
    const axes = [rankOf(a!) - 2, rankOf(a!) - 1];
    const along = perMatrix(lax.reduce('sum', lax.mul(g!, c!), axes), a!);
    return [lax.sub(lax.mul(along, inverse), product(inverse, transposed(g!), c!))];
  },
};

/** The determinant. */
export const det: HostComposite = {
  name: 'det',
  host: { inputs: [2], outputs: [0], solve: elimination.det },
  infer: ([a]) => [{ shape: a!.shape.slice(0, -2), dtype: a!.dtype }],
  vjp: ({ inputs: [a], cotangents: [g] }) => [lax.mul(perMatrix(g!, a!), host(cofactors, [a!], {})[0]!)],
};

/** The sign of the determinant and the logarithm of its size. */
export const slogdet: HostComposite = {
  name: 'slogdet',
  host: { inputs: [2], outputs: [0, 0], solve: elimination.slogdet },
  infer: ([a]) => {
    const type = { shape: a!.shape.slice(0, -2), dtype: a!.dtype };
    return [type, type];
  },
  vjp: ({ inputs: [a], cotangents: [, g] }) => [g === null ? null : lax.mul(perMatrix(g!, a!), inverseTransposed(a!))],
};

/** An upper triangle, with rows and columns of the identity until it is square of the given size. */
function completed(u: Value, size: number): Value {
  const grown = padded(u, size, size);
  const [row] = positions(grown);
  const isOwn = lax.lt(row, lax.fill(row.type, rowsOf(u)));
  return lax.select(isOwn, grown, identityLike(grown));
}

function padded(x: Value, rows: number, columns: number): Value {
  const none = batchOf(x).map(() => 0);
  return lax.pad(x, lax.scalar(0, x.type.dtype), [...none, 0, 0], [...none, rows - rowsOf(x), columns - columnsOf(x)]);
}

function cut(x: Value, rows: number, columns: number): Value {
  return lax.slice(x, x.type.shape.map(() => 0), [...batchOf(x), rows, columns]); // prettier-ignore
}

/**
 * a[permutation] = L·U in one matrix (the ones on L's diagonal are not stored), the row that each row was exchanged with,
 * and the permutation. The gradient of an oblong one is that of the square one that the identity completes.
 */
export const luFactor: HostComposite = {
  name: 'luFactor',
  host: { inputs: [2], outputs: [2, 1, 1], solve: elimination.luFactor },
  infer: ([a]) => {
    const [m, , k] = sizesOf(a!);
    return [a!, { ...vectors(a!, k), dtype: 'int32' }, { ...vectors(a!, m), dtype: 'int32' }];
  },
  vjp: ({ outputs: [lu, , permutation], cotangents: [g] }) => {
    const [m, n, k] = sizesOf(lu!.type);
    const size = Math.max(m, n);
    const whole = (x: Value): Value => padded(x, size, size);
    const below = whole(cut(triangle(lu!, 'lower', true), m, k));
    const l = lax.add(below, identityLike(below));
    const u = completed(cut(triangle(lu!, 'upper'), k, n), size);
    const gl = whole(triangle(g!, 'lower', true));
    const gu = whole(triangle(g!, 'upper'));
    const [lt, ut] = [transposed(l), transposed(u)];
    const inner = lax.add(triangle(product(lt, gl), 'lower', true), triangle(product(gu, ut), 'upper'));
    const exchanged = cut(divideRight(triangular(lt, inner, false), ut, true), m, n);
    const exchange = { shape: [...batchOf(lu!), m, m], dtype: lu!.type.dtype };
    const column = lax.broadcast(lax.iota(m, 'int32'), exchange.shape, [exchange.shape.length - 1]);
    const axes = [...batchOf(lu!).map((_, i) => i), exchange.shape.length - 2];
    const p = lax.cast(lax.eq(lax.broadcast(permutation!, exchange.shape, axes), column), exchange.dtype);
    return [product(transposed(p), exchanged)];
  },
};

/** a = q·r with orthonormal columns of q and r upper triangular; `complete`: q is square. */
export const qr: HostComposite<{ readonly mode: 'reduced' | 'complete' }> = {
  name: 'qr',
  host: { inputs: [2], outputs: [2, 2], solve: reflections.qr },
  infer: ([a], { mode }) => {
    const [m, n, k] = sizesOf(a!);
    const inner = mode === 'complete' ? m : k;
    return [matrices(a!, m, inner), matrices(a!, inner, n)];
  },
  vjp: ({ inputs: [a], outputs: [q, r], cotangents, params: { mode } }) => {
    const [m, n] = sizesOf(a!.type);
    if (mode === 'complete' && m > n) {
      throw new ValueError(describe('qr', 'mode reduced for a gradient of tall matrices', mode));
    }
    const [gq, gr] = [cotangents[0] ?? zero(q!), cotangents[1] ?? zero(r!)];
    /** For as many columns as q has. */
    const pullback = (gQ: Value, square: Value, gR: Value): Value => {
      const inner = lax.sub(product(square, transposed(gR)), product(transposed(gQ), q!));
      const symmetric = lax.add(triangle(inner, 'lower'), transposed(triangle(inner, 'lower', true)));
      return divideRight(lax.add(gQ, product(q!, symmetric)), transposed(square), true);
    };
    if (m >= n) return [pullback(gq, r!, gr)];
    const columns = (x: Value, from: number, to: number): Value =>
      lax.slice(x, [...batchOf(x).map(() => 0), 0, from], [...batchOf(x), rowsOf(x), to]);
    const rest = columns(gr, m, n);
    const left = pullback(
      lax.add(gq, product(columns(a!, m, n), transposed(rest))),
      columns(r!, 0, m),
      columns(gr, 0, m),
    );
    return [lax.concat([left, product(q!, rest)], rankOf(a!) - 1)];
  },
};

/** Eigenvalues of symmetric matrices, ascending, and the eigenvectors as columns; the lower triangle is read. */
export const eigh: HostComposite = {
  name: 'eigh',
  host: { inputs: [2], outputs: [1, 2], solve: spectra.eigh },
  infer: ([a]) => [vectors(a!, sizesOf(a!)[0]), a!],
  vjp: ({ outputs: [w, v], cotangents: [gw, gv] }) => {
    const vt = transposed(v!);
    const turn = gv === null ? null : lax.mul(reciprocalDifferences(w!, v!), product(vt, gv!));
    const grow = gw === null ? null : diagonalOf(gw!, v!);
    const inner = turn === null ? grow! : grow === null ? turn : lax.add(turn, grow);
    return [product(v!, inner, vt)];
  },
};

/** a = u·diag(s)·vᵀ with s descending; `fullMatrices`: u and v are square. */
export const svd: HostComposite<{ readonly fullMatrices: boolean }> = {
  name: 'svd',
  host: { inputs: [2], outputs: [2, 1, 2], solve: spectra.svd },
  infer: ([a], { fullMatrices }) => {
    const [m, n, k] = sizesOf(a!);
    return fullMatrices
      ? [matrices(a!, m, m), vectors(a!, k), matrices(a!, n, n)]
      : [matrices(a!, m, k), vectors(a!, k), matrices(a!, k, n)];
  },
  vjp: ({ inputs: [a], outputs, cotangents: [gu, gs, gv] }) => {
    const [m, n, k] = sizesOf(a!.type);
    const isOfVectors = gu !== null || gv !== null;
    if (isOfVectors && rowsOf(outputs[2]!) + columnsOf(outputs[0]!) > 2 * k) {
      const hint = 'The vectors beyond the singular values are not determined.';
      throw new ValueError(describe('svd', 'fullMatrices: false for a gradient of u and v', 'true', hint));
    }
    const u = cut(outputs[0]!, m, k);
    const s = outputs[1]!;
    const vt = cut(outputs[2]!, k, n);
    const [ut, v] = [transposed(u), transposed(vt)];
    const core = product(ut, u);
    const differences = reciprocalDifferences(lax.mul(s, s), core);
    const skew = (x: Value): Value => lax.mul(lax.sub(x, transposed(x)), differences);
    const sum = (terms: readonly (Value | null)[]): Value | null =>
      terms.reduce((a, b) => (a === null ? b : b === null ? a : lax.add(a, b)), null);
    const inner = sum([
      gu === null ? null : lax.mul(skew(product(ut, gu!)), perColumn(s, core)),
      gv === null ? null : lax.mul(skew(product(vt, transposed(gv!))), perRow(s, core)),
      gs === null ? null : diagonalOf(gs!, core),
    ]);
    const beyondU = gu === null || m === k ? null : lax.div(lax.sub(gu!, product(u, ut, gu!)), perColumn(s, gu!));
    const beyondV = gv === null || n === k ? null : lax.div(lax.sub(gv!, product(gv!, v, vt)), perRow(s, gv!));
    return [
      sum([
        product(u, inner!, vt),
        beyondU === null ? null : product(beyondU, vt),
        beyondV === null ? null : product(u, beyondV),
      ]),
    ];
  },
};

/** The pseudoinverse; singular values up to rcond times the largest count as 0. Gradient: Golub & Pereyra (1973). */
export const pinv: HostComposite<{ readonly rcond: number }> = {
  name: 'pinv',
  host: { inputs: [2], outputs: [2], solve: spectra.pinv },
  infer: ([a]) => {
    const [m, n] = sizesOf(a!);
    return [matrices(a!, n, m)];
  },
  vjp: ({ inputs: [a], outputs: [p], cotangents: [g] }) => {
    const [pt, gt] = [transposed(p!), transposed(g!)];
    const left = product(gt, p!, pt);
    const right = product(pt, p!, gt);
    const beside = lax.sub(lax.add(left, right), product(pt, g!, pt));
    return [lax.sub(beside, lax.add(product(a!, p!, left), product(right, p!, a!)))];
  },
};

/** Records a host composite. */
export function host<Params extends object>(
  { name, infer, vjp, host }: HostComposite<Params>,
  inputs: readonly Value[],
  params: Params,
): readonly Value[] {
  // A device may refuse it.
  hooks.detour ??= detourOf;
  const types = inputs.map((value) => value.type);
  const results = infer(types, params);
  const body: Graph = {
    key: `${name}${paramsKey(params)}`,
    inputs: types.map(() => ({ scalar: false })),
    types: [...types, ...results],
    nodes: [],
    outputs: results.map((_, i) => types.length + i),
  };
  return bind(name, compositePrimitive, inputs, { name, params, body, inline: false, vjp, host });
}
