/** Folding axes: sums, means, extrema and what is made of them. `axis`: one, several, or all when undefined. */
import { toValue, type Operand } from '../operand.js';
import { ShapeError, describe } from '../errors.js';
import { argReduce } from './composites/arguments.js';
import { composite } from './composites/composite.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { meanAxes, reduceAxes, toFloat, widened, type Axes } from './numeric.js';
import { checkAxes, checkAxis, otherAxes, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Sum over axes; booleans are counted. 0 when there is nothing. */
export function sum(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return new Tensor(reduceAxes('sum', 'sum', x, axis, keepDims));
}

/** Product over axes; 1 when there is nothing. */
export function prod(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return new Tensor(reduceAxes('prod', 'prod', x, axis, keepDims));
}

/** Largest element; NaN wins, ties share the gradient. */
export function max(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return new Tensor(reduceAxes('max', 'max', x, axis, keepDims));
}

/** Smallest element; NaN wins, ties share the gradient. */
export function min(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return new Tensor(reduceAxes('min', 'min', x, axis, keepDims));
}

/** Arithmetic mean; integers become float32. NaN when there is nothing. */
export function mean(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return new Tensor(meanAxes('mean', x, axis, keepDims));
}

/** Mean squared distance from the mean, in two passes. */
export function variance(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return new Tensor(varianceAxes('variance', x, axis, keepDims));
}

/**
 * Mean and variance over axes.
 * @example const [mean, variance] = moments(tensor([1, 3]), 0); // 2, 1
 */
export function moments(x: Operand, axis?: Axes, keepDims = false): [mean: Tensor, variance: Tensor] {
  const mean = new Tensor(meanAxes('moments', x, axis, keepDims));
  return [mean, new Tensor(varianceAxes('moments', x, axis, keepDims))];
}

/** Square root of the variance. */
export function std(x: Operand, axis?: Axes, keepDims = false): Tensor {
  const value = toFloat(toValue('std', x));
  return new Tensor(widened(value, (y) => lax.sqrt(varianceAxes('std', { handle: y }, axis, keepDims))));
}

function varianceAxes(where: string, x: Operand, axis: Axes, keepDims: boolean): Value {
  const value = toFloat(toValue(where, x));
  return widened(value, (numbers) => {
    const middle = meanAxes(where, { handle: numbers }, axis, true);
    const centred = lax.sub(numbers, lax.broadcastLike(middle, numbers.type.shape));
    return meanAxes(where, { handle: lax.mul(centred, centred) }, axis, keepDims);
  });
}

/** x with 0 in place of NaN, and which elements are not NaN. */
function withoutNaN(where: string, x: Operand): readonly [value: Value, counts: Value] {
  const value = toFloat(toValue(where, x));
  const isNumber = lax.eq(value, value);
  return [lax.select(isNumber, value, lax.fill(value.type, 0)), lax.cast(isNumber, value.type.dtype)];
}

/**
 * Sum over what is not NaN; 0 when nothing is left.
 * @example await nanSum(tensor([1, NaN, 3])).item() // 4
 */
export function nanSum(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return new Tensor(reduceAxes('nanSum', 'sum', new Tensor(withoutNaN('nanSum', x)[0]), axis, keepDims));
}

/**
 * Mean over what is not NaN; NaN when nothing is left.
 * @example await nanMean(tensor([1, NaN, 3])).item() // 2
 */
export function nanMean(x: Operand, axis?: Axes, keepDims = false): Tensor {
  const fold = (value: Value): Value => reduceAxes('nanMean', 'sum', new Tensor(value), axis, keepDims);
  const [value, counts] = withoutNaN('nanMean', x);
  return new Tensor(lax.div(fold(value), fold(counts)));
}

/** log Σ exp x, without overflow. */
export function logSumExp(x: Operand, axis?: Axes, keepDims = false): Tensor {
  const value = toFloat(toValue('logSumExp', x));
  const { shape } = value.type;
  const axes = checkAxes('logSumExp', axis, shape.length);
  const kept = otherAxes(shape.length, axes);
  const top = lax.stopGradient(lax.reduce('max', value, axes));
  const finite = lax.lt(lax.abs(top), lax.fill(top.type, Infinity));
  const offset = lax.select(finite, top, lax.fill(top.type, 0));
  const total = lax.sum(lax.exp(lax.sub(value, lax.broadcast(offset, shape, kept))), axes);
  const result = lax.add(lax.log(total), offset);
  return new Tensor(
    keepDims
      ? lax.reshape(
          result,
          shape.map((n, i) => (axes.includes(i) ? 1 : n)),
        )
      : result,
  );
}

/** True where every element along the axes is true (≠ 0). */
export function all(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return new Tensor(fold('all', 'min', x, axis, keepDims));
}

/** True where some element along the axes is true (≠ 0). */
export function any(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return new Tensor(fold('any', 'max', x, axis, keepDims));
}

function fold(where: string, op: 'min' | 'max', x: Operand, axis: Axes, keepDims: boolean): Value {
  const truth = lax.cast(lax.cast(toValue(where, x), 'bool'), 'int32');
  const { shape } = truth.type;
  const axes = checkAxes(where, axis, shape.length);
  const folded = lax.reduce(op, truth, axes);
  // The identities of max and min over int32 are not 0 and 1; comparing with 0 gives the right answer for none.
  const result = lax.lt(lax.fill(folded.type, 0), folded);
  return keepDims
    ? lax.reshape(
        result,
        shape.map((n, i) => (axes.includes(i) ? 1 : n)),
      )
    : result;
}

/** Position of the first largest element along an axis, int32. */
export function argmax(x: Operand, axis = -1, keepDims = false): Tensor {
  return new Tensor(position('argmax', 'max', x, axis, keepDims));
}

/** Position of the first smallest element along an axis, int32. */
export function argmin(x: Operand, axis = -1, keepDims = false): Tensor {
  return new Tensor(position('argmin', 'min', x, axis, keepDims));
}

function position(where: string, op: 'max' | 'min', x: Operand, axis: number, keepDims: boolean): Value {
  const given = toValue(where, x);
  const value = given.type.dtype === 'bool' ? lax.cast(given, 'int32') : given;
  const { shape } = value.type;
  const at = checkAxis(where, axis, shape.length);
  if (shape[at] === 0) throw new ShapeError(describe(where, 'at least one element to choose from', showShape(shape)));
  const found = composite(argReduce, [value.type.dtype === 'bool' ? lax.cast(value, 'int32') : value], {
    op,
    axis: at,
  })[0]!;
  return keepDims
    ? lax.reshape(
        found,
        shape.map((n, i) => (i === at ? 1 : n)),
      )
    : found;
}

/** Number of elements that are not 0, int32. */
export function countNonzero(x: Operand, axis?: Axes, keepDims = false): Tensor {
  const truth = lax.cast(toValue('countNonzero', x), 'bool');
  return new Tensor(reduceAxes('countNonzero', 'sum', { handle: truth }, axis, keepDims));
}
