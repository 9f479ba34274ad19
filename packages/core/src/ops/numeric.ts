/** What tensors' methods and the functions in `ops` share: broadcasting arithmetic, reductions over axes, products. */
import { bindOne } from '../bind.js';
import { meet, toValue, type Operand } from '../operand.js';
import { isFloat, promote } from '../dtype.js';
import { ShapeError, describe } from '../errors.js';
import type { ReduceOp } from '../graph/program.js';
import { isHalf } from '../halves.js';
import * as lax from '../lax.js';
import { NO_PARAMS, type Value } from '../node.js';
import { broadcastShapes, checkAxes, checkIsShape, showShape, sizeOf, sizesAt, type Shape } from '../shape.js';

/** Axes to fold: one, several, or all when undefined. */
export type Axes = number | readonly number[] | undefined;

/** Applies a primitive to operands that are promoted and broadcast first. */
export function binary(where: string, { primitive }: lax.Binary, a: Operand, b: Operand): Value {
  return bindOne(where, primitive, meet(where, a, b), NO_PARAMS);
}

/** As `binary`, for operations whose result is a float: integers become float32 first. */
export function binaryFloat(where: string, { primitive }: lax.Binary, a: Operand, b: Operand): Value {
  const [x, y] = meet(where, a, b);
  return bindOne(where, primitive, [toFloat(x), toFloat(y)], NO_PARAMS);
}

/** Applies a primitive of floats; integers and booleans become float32 first. */
export function unaryFloat(where: string, { primitive }: lax.Unary, x: Operand): Value {
  return bindOne(where, primitive, [toFloat(toValue(where, x))], NO_PARAMS);
}

/** Floats as they are; anything else as float32. */
export function toFloat(x: Value): Value {
  return isFloat(x.type.dtype) ? x : lax.cast(x, 'float32');
}

/**
 * Computes in float32 what a 16-bit float has no room for, as counts and sums of squares, and rounds the result once. Other
 * dtypes as they are.
 */
export function widened(x: Value, f: (x: Value) => Value): Value {
  const { dtype } = x.type;
  return isHalf(dtype) ? lax.cast(f(lax.cast(x, 'float32')), dtype) : f(x);
}

/** Folds axes; `keepDims` leaves them with size 1. Booleans count as int32. */
export function reduceAxes(where: string, op: ReduceOp, x: Operand, axis: Axes, keepDims: boolean): Value {
  const given = toValue(where, x);
  const value = given.type.dtype === 'bool' ? lax.cast(given, 'int32') : given;
  const { shape } = value.type;
  const axes = checkAxes(where, axis, shape.length);
  if ((op === 'max' || op === 'min') && sizeOf(sizesAt(shape, axes)) === 0 && sizeOf(shape) === 0) {
    const kept = shape.filter((_, i) => !axes.includes(i));
    if (sizeOf(kept) > 0) {
      throw new ShapeError(describe(where, 'at least one element to choose from', `x of ${showShape(shape)}`));
    }
  }
  const folded = axes.length === 0 ? value : bindOne(where, lax.reducePrimitive, [value], { op, axes });
  return keepDims
    ? lax.reshape(
        folded,
        shape.map((n, i) => (axes.includes(i) ? 1 : n)),
      )
    : folded;
}

/** Sum divided by the count; integers become float32 first. */
export function meanAxes(where: string, x: Operand, axis: Axes, keepDims: boolean): Value {
  const value = toFloat(toValue(where, x));
  const count = sizeOf(sizesAt(value.type.shape, checkAxes(where, axis, value.type.shape.length)));
  return widened(value, (numbers) => {
    const total = reduceAxes(where, 'sum', { handle: numbers }, axis, keepDims);
    // A division, not a product with 1/count: the mean of equal numbers is that number.
    return lax.div(total, lax.fill(total.type, count));
  });
}

/** Another shape with as many elements; one size may be −1. */
export function reshapeTo(where: string, x: Value, shape: Shape): Value {
  checkIsShape(where, shape);
  const unknown = shape.filter((n) => n === -1).length;
  if (unknown > 1) throw new ShapeError(describe(where, 'at most one size of -1', showShape(shape)));
  let target: Shape = shape;
  if (unknown === 1) {
    const rest = sizeOf(
      shape.filter((n) => n !== -1),
      where,
    );
    const size = sizeOf(x.type.shape);
    if (rest === 0 || size % rest !== 0) {
      throw new ShapeError(
        describe(where, `sizes that divide the ${size} elements of ${showShape(x.type.shape)}`, showShape(shape)),
      );
    }
    target = shape.map((n) => (n === -1 ? size / rest : n));
  }
  for (const n of target) {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new ShapeError(describe(where, 'sizes that are whole numbers >= 0 (or one -1)', showShape(shape)));
    }
  }
  return bindOne(where, lax.reshapePrimitive, [x], { shape: [...target] });
}

/**
 * NumPy's matmul: the last axis of a with the last but one of b (the only one, when b is a vector); the axes before them
 * broadcast.
 */
export function matmulValues(where: string, a: Operand, b: Operand): Value {
  const [x, y] = numbersOfOneDType(where, a, b);
  const [p, q] = [x.type.shape, y.type.shape];
  if (p.length === 0 || q.length === 0) {
    const expected = 'operands with at least one axis';
    const hint = 'Use multiply for scalars.';
    throw new ShapeError(describe(where, expected, `${showShape(p)} and ${showShape(q)}`, hint));
  }
  const left = p.length === 1 ? lax.reshape(x, [1, ...p]) : x;
  const right = q.length === 1 ? lax.reshape(y, [...q, 1]) : y;
  const [ls, rs] = [left.type.shape, right.type.shape];
  const [m, k, n] = [ls[ls.length - 2]!, ls[ls.length - 1]!, rs[rs.length - 1]!];
  if (k !== rs[rs.length - 2]) {
    throw new ShapeError(
      describe(
        where,
        `the last axis of a (${showShape(p)}) to match axis ${q.length === 1 ? -1 : -2} of b (${showShape(q)})`,
        `${k} and ${rs[rs.length - 2]}`,
      ),
    );
  }
  const result = batchedProduct(where, left, right);
  const batch = result.type.shape.slice(0, -2);
  return lax.reshape(result, [...batch, ...(p.length === 1 ? [] : [m]), ...(q.length === 1 ? [] : [n])]);
}

function batchedProduct(where: string, a: Value, b: Value): Value {
  const [p, q] = [a.type.shape, b.type.shape];
  const rankA = p.length;
  // A matrix on the right serves every batch of the left: one product, no copies.
  if (q.length === 2)
    return bindOne(where, lax.dotPrimitive, [a, b], { contract: [[rankA - 1], [0]], batch: [[], []] });
  const batch = broadcastShapes(where, p.slice(0, -2), q.slice(0, -2));
  const x = lax.broadcastLike(a, [...batch, ...p.slice(-2)]);
  const y = lax.broadcastLike(b, [...batch, ...q.slice(-2)]);
  const axes = batch.map((_, i) => i);
  const rank = batch.length;
  return bindOne(where, lax.dotPrimitive, [x, y], { contract: [[rank + 1], [rank]], batch: [axes, axes] });
}

function numbersOfOneDType(where: string, a: Operand, b: Operand): [Value, Value] {
  const [x, y] = [toValue(where, a), toValue(where, b)];
  if (x.type.dtype === y.type.dtype) return [x, y];
  const dtype = promote(x.type.dtype, y.type.dtype);
  return [lax.cast(x, dtype, where), lax.cast(y, dtype, where)];
}
