/** Products of matrices and tensors. */
import { bindOne } from '../bind.js';
import { meet, toValue, type Operand } from '../operand.js';
import { promote } from '../dtype.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { binary, matmulValues, reduceAxes, toFloat } from './numeric.js';
import { checkAxes, checkAxis, otherAxes, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { roll } from './arrange.js';
import { multiply } from './math.js';
import { svdvals } from './matrices.js';

/** Product of matrices: the last axis of a with the last but one of b; the axes before them broadcast. */
export function matmul(a: Operand, b: Operand): Tensor {
  return new Tensor(matmulValues('matmul', a, b));
}

/**
 * Sums of products over pairs of axes.
 * @param axes the last `n` axes of a with the first `n` of b, or the two lists. Default 2.
 */
export function tensordot(
  a: Operand,
  b: Operand,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  return contractAxes('tensordot', a, b, axes);
}

function contractAxes(
  where: string,
  a: Operand,
  b: Operand,
  axes: number | readonly [readonly number[], readonly number[]],
): Tensor {
  const [left, right] = [toValue(where, a), toValue(where, b)];
  const dtype = promote(left.type.dtype, right.type.dtype);
  const [x, y] = [lax.cast(left, dtype), lax.cast(right, dtype)];
  const [p, q] = [x.type.shape.length, y.type.shape.length];
  const lists =
    typeof axes === 'number'
      ? [Array.from({ length: axes }, (_, i) => p - axes + i), Array.from({ length: axes }, (_, i) => i)]
      : [axes[0], axes[1]];
  const contract = [
    lists[0]!.map((axis) => checkAxis(where, axis, p)),
    lists[1]!.map((axis) => checkAxis(where, axis, q)),
  ] as const;
  if (contract[0].length !== contract[1].length) {
    throw new ShapeError(
      describe(where, 'as many axes of a as of b', `${contract[0].length} and ${contract[1].length}`),
    );
  }
  return new Tensor(bindOne(where, lax.dotPrimitive, [x, y], { contract, batch: [[], []] }));
}

/** All products of an element of a and an element of b, as a matrix of their flattened forms. */
export function outer(a: Operand, b: Operand): Tensor {
  const flat = (x: Operand): Tensor => new Tensor(toValue('outer', x)).reshape([-1]);
  return contractAxes('outer', flat(a), flat(b), 0);
}

/**
 * Sums of products over the last axes of a and b.
 * @example await inner(tensor([1, 2]), tensor([3, 4])).item() // 11
 */
export function inner(a: Operand, b: Operand): Tensor {
  const [x, y] = [toValue('inner', a), toValue('inner', b)];
  const [p, q] = [x.type.shape.length, y.type.shape.length];
  if (p === 0 || q === 0) return multiply(a, b);
  return contractAxes('inner', new Tensor(x), new Tensor(y), [[p - 1], [q - 1]]);
}

/**
 * Sum of the products of all elements, in row-major order.
 * @example await vdot(tensor([[1, 2]]), tensor([3, 4])).item() // 11
 */
export function vdot(a: Operand, b: Operand): Tensor {
  const flat = (x: Operand): Tensor => new Tensor(toValue('vdot', x)).reshape([-1]);
  return contractAxes('vdot', flat(a), flat(b), 1);
}

/**
 * Cross products of vectors of three entries along the last axes of a and b; the axes before broadcast.
 * @example await cross(tensor([1, 0, 0]), tensor([0, 1, 0])).array() // [0, 0, 1]
 */
export function cross(a: Operand, b: Operand): Tensor {
  const [x, y] = meet('cross', a, b);
  const { shape } = x.type;
  const lengths = [a, b].map((one) => toValue('cross', one).type.shape);
  if (!lengths.every((one) => one.at(-1) === 3)) {
    throw new ShapeError(describe('cross', 'a last axis of 3', lengths.map(showShape).join(' and ')));
  }
  const turned = (value: Value, by: number): Tensor => roll(new Tensor(value), -by, shape.length - 1);
  return turned(x, 1)
    .mul(turned(y, 2))
    .sub(turned(x, 2).mul(turned(y, 1)));
}

/**
 * NumPy's dot: the last axis of a with the last but one of b (the only one, when b is a vector). Scalars multiply.
 * @example await dot(tensor([1, 2]), tensor([3, 4])).item() // 11
 */
export function dot(a: Operand, b: Operand): Tensor {
  const [x, y] = [toValue('dot', a), toValue('dot', b)];
  const [p, q] = [x.type.shape.length, y.type.shape.length];
  if (p === 0 || q === 0) return multiply(a, b);
  return contractAxes('dot', new Tensor(x), new Tensor(y), [[p - 1], [Math.max(q - 2, 0)]]);
}

/**
 * Euclidean distances between the rows of x [..., m, d] and those of y [..., n, d]: [..., m, n]. The gradient of two equal
 * rows is 0.
 * @example await cdist(tensor([[0, 0]]), tensor([[3, 4], [0, 0]])).array() // [[5, 0]]
 */
export function cdist(x: Operand, y: Operand): Tensor {
  const [a, b] = [toFloat(toValue('cdist', x)), toFloat(toValue('cdist', y))];
  const [p, q] = [a.type.shape, b.type.shape];
  if (p.length < 2 || q.length < 2 || p.at(-1) !== q.at(-1)) {
    throw new ShapeError(describe('cdist', 'rows of one length', `${showShape(p)} and ${showShape(q)}`));
  }
  const rows = lax.reshape(a, [...p.slice(0, -1), 1, p.at(-1)!]);
  const columns = lax.reshape(b, [...q.slice(0, -2), 1, ...q.slice(-2)]);
  const difference = binary('cdist', lax.sub, new Tensor(rows), new Tensor(columns));
  const squares = lax.sum(lax.mul(difference, difference), [difference.type.shape.length - 1]);
  const zero = lax.fill(squares.type, 0);
  const isZero = lax.eq(squares, zero);
  const root = lax.sqrt(lax.select(isZero, lax.fill(squares.type, 1), squares));
  return new Tensor(lax.select(isZero, zero, root));
}

/** Options of `norm`. */
export interface NormOptions {
  /**
   * A number p for the p-norm of vectors (also Infinity, −Infinity, and 0 for the count of elements that are not 0), 1,
   * −1, Infinity or −Infinity for matrices, 2, −2 or `nuc` for their largest, smallest or summed singular values, `fro` for
   * the root of the sum of squares, which is the default.
   */
  readonly ord?: number | 'fro' | 'nuc';
  /** One axis for vectors, two for matrices. Default: all elements as one vector (with a numeric ord: all axes). */
  readonly axis?: number | readonly [number, number];
  readonly keepDims?: boolean;
}

/**
 * Norm of vectors or matrices.
 * @example await norm(tensor([3, 4])).item() // 5
 */
export function norm(x: Operand, options: NormOptions = {}): Tensor {
  const { ord, axis, keepDims = false } = options;
  const value = toFloat(toValue('norm', x));
  const rank = value.type.shape.length;
  const axes = checkAxes('norm', axis, rank);
  const size = new Tensor(lax.abs(value));
  const fold = (y: Tensor, op: 'sum' | 'max' | 'min'): Tensor => new Tensor(reduceAxes('norm', op, y, axes, keepDims));
  if (ord === undefined || ord === 'fro' || (ord === 2 && axes.length === 1)) {
    return new Tensor(lax.sqrt(fold(new Tensor(lax.mul(value, value)), 'sum').handle));
  }
  if (axes.length === 2) {
    const given = Array.isArray(axis) ? (axis as readonly number[]).map((i) => checkAxis('norm', i, rank)) : axes;
    const [row, column] = given as [number, number];
    const spectral = ord === 'nuc' ? 'sum' : ord === 2 ? 'max' : ord === -2 ? 'min' : undefined;
    if (spectral !== undefined) {
      const order = [...otherAxes(rank, axes), row, column];
      const found = reduceAxes('norm', spectral, svdvals(new Tensor(lax.transpose(value, order))), -1, false);
      const { shape } = value.type;
      return new Tensor(keepDims ? lax.reshape(found, shape.map((n, i) => (axes.includes(i) ? 1 : n))) : found); // prettier-ignore
    }
    if (ord === 'nuc' || (Math.abs(ord) !== 1 && Math.abs(ord) !== Infinity)) {
      const expected = 'ord 1, -1, 2, -2, Infinity, -Infinity, fro or nuc of matrices';
      throw new ValueError(describe('norm', expected, String(ord)));
    }
    const [summed, chosen] = Math.abs(ord) === 1 ? [row, column] : [column, row];
    const sums = reduceAxes('norm', 'sum', size, summed, true);
    const found = new Tensor(reduceAxes('norm', ord > 0 ? 'max' : 'min', new Tensor(sums), chosen, true));
    return keepDims ? found : found.reshape(value.type.shape.filter((_, i) => !axes.includes(i)));
  }
  if (axes.length !== 1) throw new ShapeError(describe('norm', 'one or two axes', `[${axes.join(', ')}]`));
  if (ord === 'nuc') throw new ValueError(describe('norm', 'a number or fro of vectors', ord));
  if (Math.abs(ord) === Infinity) return fold(size, ord > 0 ? 'max' : 'min');
  if (ord === 0) return fold(new Tensor(lax.cast(lax.ne(value, lax.fill(value.type, 0)), value.type.dtype)), 'sum');
  if (ord === 1) return fold(size, 'sum');
  const total = fold(new Tensor(lax.pow(size.handle, lax.fill(value.type, ord))), 'sum').handle;
  return new Tensor(lax.pow(total, lax.fill(total.type, 1 / ord)));
}

/**
 * x divided by its p-norm along an axis; vectors shorter than epsilon are divided by epsilon.
 * @example await normalize(tensor([3, 4])).array() // [0.6, 0.8]
 */
export function normalize(
  x: Operand,
  options: { readonly axis?: number; readonly order?: number; readonly epsilon?: number } = {},
): Tensor {
  const { axis = -1, order = 2, epsilon = 1e-12 } = options;
  const value = toFloat(toValue('normalize', x));
  if (order === 2) {
    // Limiting the square keeps the gradient of a zero vector finite.
    const squares = reduceAxes('normalize', 'sum', new Tensor(lax.mul(value, value)), axis, true);
    const root = lax.sqrt(lax.max(squares, lax.fill(squares.type, epsilon ** 2)));
    return new Tensor(lax.div(value, lax.broadcastLike(root, value.type.shape)));
  }
  const length = norm(new Tensor(value), { ord: order, axis, keepDims: true }).handle;
  const limited = lax.max(length, lax.fill(length.type, epsilon));
  return new Tensor(lax.div(value, lax.broadcastLike(limited, value.type.shape)));
}
