/** Linear algebra on matrices, which are the last two axes; the axes before them count matrices. */
import { toValue, type Operand } from '../operand.js';
import { dtypes, promote } from '../dtype.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { broadcastShapes, showShape, type Shape } from '../shape.js';
import { Tensor } from '../tensor.js';
import * as definitions from './hostComposites.js';
import { host, transposed } from './hostComposites.js';
import { matmulValues, toFloat } from './numeric.js';

/** Matrices in a dtype that the algorithms have: integers and halves become float32. */
function matricesOf(where: string, x: Operand, shape: 'any' | 'square' = 'any'): Value {
  const given = toFloat(toValue(where, x));
  const value = dtypes[given.type.dtype].bytes < 4 ? lax.cast(given, 'float32') : given;
  const sizes = value.type.shape;
  const [rows, columns] = sizes.slice(-2);
  if (sizes.length < 2) throw new ShapeError(describe(where, 'at least two axes', showShape(sizes)));
  if (shape === 'square' && rows !== columns) {
    throw new ShapeError(describe(where, 'square matrices (the last two axes)', showShape(sizes)));
  }
  return value;
}

/** The symmetric part, of which both triangles tell the same. */
function symmetric(x: Value): Value {
  return lax.mul(lax.add(x, transposed(x)), lax.fill(x.type, 0.5));
}

/** Identity matrices as many and as large as those of x. */
function identities({ type: { shape, dtype } }: Value): Value {
  const along = (axis: number): Value => lax.broadcast(lax.iota(shape.at(-1)!, 'int32'), shape, [axis]);
  return lax.cast(lax.eq(along(shape.length - 2), along(shape.length - 1)), dtype);
}

const tensors = (values: readonly Value[]): Tensor[] => values.map((value) => new Tensor(value));

/**
 * The triangle L with x = L·Lᵀ (or U with x = Uᵀ·U) of symmetric positive definite matrices. Of x that is not symmetric, the
 * symmetric part counts. The triangle of a matrix that is not positive definite is NaN.
 * @example await cholesky(tensor([[4, 2], [2, 5]])).array() // [[2, 0], [1, 2]]
 */
export function cholesky(x: Operand, options: { readonly upper?: boolean } = {}): Tensor {
  const [l] = host(definitions.cholesky, [symmetric(matricesOf('cholesky', x, 'square'))], {}) as [Value];
  return new Tensor(options.upper === true ? transposed(l) : l);
}

/**
 * The inverse of a matrix, given its Cholesky factor.
 * @example await choleskyInverse(tensor([[2, 0], [0, 1]])).array() // [[0.25, 0], [0, 1]]
 */
export function choleskyInverse(factor: Operand, options: { readonly upper?: boolean } = {}): Tensor {
  const given = matricesOf('choleskyInverse', factor, 'square');
  const l = options.upper === true ? transposed(given) : given;
  const [inverse] = host(definitions.solveTriangular, [l, identities(l)], { lower: true, unit: false }) as [Value];
  return new Tensor(matmulValues('choleskyInverse', new Tensor(transposed(inverse)), new Tensor(inverse)));
}

/** b is vectors when it has one axis, or one axis less than a. */
const isOfVectors = (a: Value, b: Value): boolean =>
  b.type.shape.length === 1 || b.type.shape.length === a.type.shape.length - 1;

/** Operands of a·x = b; b may be vectors. Leading axes broadcast. */
function system(where: string, a: Operand, b: Operand, solved: (a: Value, b: Value) => Value): Tensor {
  const [first, second] = [matricesOf(where, a, 'square'), toFloat(toValue(where, b))];
  const dtype = promote(first.type.dtype, second.type.dtype);
  const [left, given] = [lax.cast(first, dtype), lax.cast(second, dtype)];
  const isVector = isOfVectors(left, given);
  const right = isVector ? lax.reshape(given, [...given.type.shape, 1]) : given;
  const [p, q] = [left.type.shape, right.type.shape];
  if (q.length < 2 || q.at(-2) !== p.at(-1)) {
    throw new ShapeError(describe(where, `b with ${p.at(-1)} rows`, showShape(given.type.shape)));
  }
  const batch = broadcastShapes(where, p.slice(0, -2), q.slice(0, -2));
  const repeated = (x: Value, shape: Shape): Value => lax.broadcastLike(x, [...batch, ...shape.slice(-2)]);
  const x = solved(repeated(left, p), repeated(right, q));
  return new Tensor(isVector ? lax.reshape(x, x.type.shape.slice(0, -1)) : x);
}

/**
 * x of a·x = b. A singular matrix gives infinities and NaN.
 * @param b matrices, or vectors (one axis, or one axis less than a)
 * @example await solve(tensor([[2, 0], [0, 4]]), tensor([2, 2])).array() // [1, 0.5]
 */
export function solve(a: Operand, b: Operand): Tensor {
  return system('solve', a, b, (x, y) => host(definitions.solve, [x, y], {})[0]!);
}

/**
 * x of a·x = b for triangular matrices; the other triangle is not looked at.
 * @example await solveTriangular(tensor([[2, 0], [1, 1]]), tensor([2, 3]), { lower: true }).array() // [1, 2]
 */
export function solveTriangular(a: Operand, b: Operand, options: { readonly lower?: boolean } = {}): Tensor {
  const params = { lower: options.lower ?? false, unit: false };
  return system('solveTriangular', a, b, (x, y) => host(definitions.solveTriangular, [x, y], params)[0]!);
}

/**
 * Inverses. A singular matrix gives infinities and NaN.
 * @example await inv(tensor([[2, 0], [0, 4]])).array() // [[0.5, 0], [0, 0.25]]
 */
export function inv(x: Operand): Tensor {
  const value = matricesOf('inv', x, 'square');
  return new Tensor(host(definitions.solve, [value, identities(value)], {})[0]!);
}

/**
 * Determinants. The gradient is the matrix of cofactors; at a singular matrix its own gradient is not finite.
 * @example await det(tensor([[1, 2], [3, 4]])).item() // -2
 */
export function det(x: Operand): Tensor {
  return new Tensor(host(definitions.det, [matricesOf('det', x, 'square')], {})[0]!);
}

/**
 * Sign and logarithm of the size of determinants, which neither overflow nor underflow: 0 and −∞ of a singular matrix.
 * @example const [sign, size] = slogdet(tensor([[1, 2], [3, 4]])); // -1 and log 2
 */
export function slogdet(x: Operand): [sign: Tensor, logDeterminant: Tensor] {
  return tensors(host(definitions.slogdet, [matricesOf('slogdet', x, 'square')], {})) as [Tensor, Tensor];
}

/**
 * The logarithm of determinants that are positive; NaN of the others.
 * @example await logdet(tensor([[2, 0], [0, 4]])).item() // log 8
 */
export function logdet(x: Operand): Tensor {
  const [sign, size] = host(definitions.slogdet, [matricesOf('logdet', x, 'square')], {}) as [Value, Value];
  return new Tensor(lax.select(lax.lt(sign, lax.fill(sign.type, 0)), lax.fill(size.type, NaN), size));
}

/**
 * Elimination with partial pivoting: L and U in one matrix (L's diagonal is ones and not stored), and for each row the row
 * below that it was exchanged with, in order, from 0.
 * @example const [lu, pivots] = luFactor(tensor([[0, 1], [2, 3]])); // [[2, 3], [0, 1]] and [1, 1]
 */
export function luFactor(x: Operand): [lu: Tensor, pivots: Tensor] {
  return tensors(host(definitions.luFactor, [matricesOf('luFactor', x)], {}).slice(0, 2)) as [Tensor, Tensor];
}

/**
 * x = q·r with orthonormal columns of q and r upper triangular.
 * @param options.mode `reduced`: q has as many columns as x has, or rows if these are fewer; `complete`: q is square
 */
export function qr(x: Operand, options: { readonly mode?: 'reduced' | 'complete' } = {}): [q: Tensor, r: Tensor] {
  const { mode = 'reduced' } = options;
  if (!Object.hasOwn({ reduced: 0, complete: 0 }, mode)) {
    throw new ValueError(describe('qr', 'mode reduced or complete', JSON.stringify(mode)));
  }
  return tensors(host(definitions.qr, [matricesOf('qr', x)], { mode })) as [Tensor, Tensor];
}

/**
 * Eigenvalues of symmetric matrices in ascending order, and the eigenvectors as columns. Of x that is not symmetric, the
 * symmetric part counts. The gradient of eigenvectors is not finite where eigenvalues coincide.
 */
export function eigh(x: Operand): [eigenvalues: Tensor, eigenvectors: Tensor] {
  return tensors(host(definitions.eigh, [symmetric(matricesOf('eigh', x, 'square'))], {})) as [Tensor, Tensor];
}

/** Options of `svd`. */
export interface SvdOptions {
  /** True (the default): u and v are square. False: as many vectors as singular values, which gradients of them need. */
  readonly fullMatrices?: boolean;
}

/** x = u·diag(s)·vᵀ with orthonormal columns of u and v; the singular values s descend. Gives u, s and vᵀ. */
export function svd(x: Operand, options: SvdOptions = {}): [u: Tensor, s: Tensor, vt: Tensor] {
  const { fullMatrices = true } = options;
  return tensors(host(definitions.svd, [matricesOf('svd', x)], { fullMatrices })) as [Tensor, Tensor, Tensor];
}

/** Singular values, descending; their gradient is finite where they differ from 0, also where they coincide. */
export function svdvals(x: Operand): Tensor {
  return new Tensor(host(definitions.svd, [matricesOf('svdvals', x)], { fullMatrices: false })[1]!);
}

/** What counts as 0 beside the largest singular value, unless one says otherwise. */
function cutoff({ shape, dtype }: Value['type']): number {
  return Math.max(...shape.slice(-2)) * (dtype === 'float64' ? 2 ** -52 : 2 ** -23);
}

/**
 * How many singular values count as more than 0, int32.
 * @param options.rcond as in `pinv`
 * @example await matrixRank(tensor([[1, 2], [2, 4]])).item() // 1
 */
export function matrixRank(x: Operand, options: { readonly rcond?: number } = {}): Tensor {
  const value = matricesOf('matrixRank', x);
  const values = host(definitions.svd, [value], { fullMatrices: false })[1]!;
  const last = values.type.shape.length - 1;
  const largest = lax.broadcast(lax.reduce('max', values, [last]), values.type.shape, batchAxes(last));
  const least = lax.mul(largest, lax.fill(values.type, options.rcond ?? cutoff(value.type)));
  return new Tensor(lax.sum(lax.cast(lax.lt(least, values), 'int32'), [last]));
}

const batchAxes = (count: number): number[] => Array.from({ length: count }, (_, axis) => axis);

/**
 * Pseudoinverses of Moore and Penrose.
 * @param options.rcond singular values up to this share of the largest count as 0. Default: the larger size times epsilon
 * @example await pinv(tensor([[1], [1]])).array() // [[0.5, 0.5]]
 */
export function pinv(x: Operand, options: { readonly rcond?: number } = {}): Tensor {
  const value = matricesOf('pinv', x);
  return new Tensor(host(definitions.pinv, [value], { rcond: options.rcond ?? cutoff(value.type) })[0]!);
}

/**
 * The x of smallest norm among those for which the norm of a·x − b is smallest.
 * @param b matrices, or vectors (one axis, or one axis less than a)
 * @param options.rcond as in `pinv`
 * @example await lstsq(tensor([[1], [1]]), tensor([1, 3])).array() // [2]
 */
export function lstsq(a: Operand, b: Operand, options: { readonly rcond?: number } = {}): Tensor {
  const left = matricesOf('lstsq', a);
  const given = toFloat(toValue('lstsq', b));
  const isVector = isOfVectors(left, given);
  const right = isVector ? lax.reshape(given, [...given.type.shape, 1]) : given;
  const rows = left.type.shape.at(-2)!;
  if (right.type.shape.length < 2 || right.type.shape.at(-2) !== rows) {
    throw new ShapeError(describe('lstsq', `b with ${rows} rows`, showShape(given.type.shape)));
  }
  const [p] = host(definitions.pinv, [left], { rcond: options.rcond ?? cutoff(left.type) }) as [Value];
  const x = matmulValues('lstsq', new Tensor(p), new Tensor(right));
  return new Tensor(isVector ? lax.reshape(x, x.type.shape.slice(0, -1)) : x);
}

/**
 * Products of n equal square matrices; of inverses, when n is negative; the identity, when it is 0.
 * @example await matrixPower(tensor([[1, 1], [0, 1]]), 5).array() // [[1, 5], [0, 1]]
 */
export function matrixPower(x: Operand, n: number): Tensor {
  if (!Number.isSafeInteger(n)) throw new ValueError(describe('matrixPower', 'a whole number n', String(n)));
  const value = toValue('matrixPower', x);
  const { shape } = value.type;
  if (shape.length < 2 || shape.at(-1) !== shape.at(-2)) {
    throw new ShapeError(describe('matrixPower', 'square matrices (the last two axes)', showShape(shape)));
  }
  let base = n < 0 ? inv(new Tensor(value)) : new Tensor(value);
  let result: Tensor | null = null;
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === null ? base : new Tensor(matmulValues('matrixPower', result, base));
    if (rest > 1) base = new Tensor(matmulValues('matrixPower', base, base));
  }
  return result ?? new Tensor(identities(value));
}
