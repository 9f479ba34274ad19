/** Weighted means, extrema without NaN, counts of classes and bins. */
import { toValue, type Operand } from '../operand.js';
import { isFloat } from '../dtype.js';
import { DTypeError, ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import { checkAxis, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { linspace } from './arrange.js';
import { takeAlongAxis } from './indexing.js';
import { divide, equal, greaterEqual, isNaN, less, lessEqual, logicalAnd, multiply, where as choose } from './math.js';
import { meanAxes, reduceAxes, toFloat, type Axes } from './numeric.js';
import { digitize, topK } from './ordering.js';
import { sum } from './reduction.js';
import { scatter } from './segments.js';
import { broadcastTo, slice } from './shape.js';

/**
 * Mean in which each entry counts by its weight; without weights the mean. NaN when the weights sum to 0.
 * @param weights of the shape of x, or a vector along the one axis
 * @example await average(tensor([1, 2]), { weights: tensor([3, 1]) }).item() // 1.25
 */
export function average(x: Operand, options: { readonly axis?: Axes; readonly weights?: Operand } = {}): Tensor {
  const value = new Tensor(toFloat(toValue('average', x)));
  const { axis, weights } = options;
  if (weights === undefined) return new Tensor(meanAxes('average', value, axis, false));
  const given = new Tensor(toValue('average', weights));
  const isVector = given.shape.length === 1 && value.shape.length > 1 && typeof axis === 'number';
  const at = isVector ? checkAxis('average', axis, value.shape.length) : 0;
  const fitting = isVector ? given.reshape(value.shape.map((_, i) => (i === at ? -1 : 1))) : given;
  if (isVector ? given.shape[0] !== value.shape[at] : showShape(given.shape) !== showShape(value.shape)) {
    const expected = `weights of ${showShape(value.shape)}, or a vector along the one axis`;
    throw new ShapeError(describe('average', expected, showShape(given.shape)));
  }
  const counts = broadcastTo(fitting, value.shape);
  const total = (one: Tensor): Tensor => new Tensor(reduceAxes('average', 'sum', one, axis, false));
  return divide(total(multiply(value, counts)), total(counts));
}

function extremum(where: string, op: 'max' | 'min', x: Operand, axis: Axes, keepDims: boolean): Tensor {
  const value = new Tensor(toFloat(toValue(where, x)));
  const isMissing = isNaN(value);
  const kept = choose(isMissing, op === 'max' ? -Infinity : Infinity, value);
  const found = new Tensor(reduceAxes(where, op, kept, axis, keepDims));
  const isNothing = new Tensor(reduceAxes(where, 'min', isMissing, axis, keepDims));
  return choose(equal(isNothing, 1), NaN, found);
}

/**
 * Largest of what is not NaN; NaN when nothing is left. Ties share the gradient.
 * @example await nanMax(tensor([1, NaN, 3])).item() // 3
 */
export function nanMax(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return extremum('nanMax', 'max', x, axis, keepDims);
}

/**
 * Smallest of what is not NaN; NaN when nothing is left. Ties share the gradient.
 * @example await nanMin(tensor([1, NaN, 3])).item() // 1
 */
export function nanMin(x: Operand, axis?: Axes, keepDims = false): Tensor {
  return extremum('nanMin', 'min', x, axis, keepDims);
}

/**
 * How often each of the integers 0 … length − 1 occurs in a vector, int32; with weights their sums. What lies outside
 * does not count.
 * @example await bincount(tensor(Int32Array.of(0, 2, 2)), { length: 3 }).array() // [1, 0, 2]
 */
export function bincount(x: Operand, options: { readonly length: number; readonly weights?: Operand }): Tensor {
  const { length, weights } = options;
  const value = new Tensor(toValue('bincount', x));
  const expected = 'a vector of integers';
  if (isFloat(value.dtype)) throw new DTypeError(describe('bincount', expected, value.dtype));
  if (value.shape.length !== 1) throw new ShapeError(describe('bincount', expected, showShape(value.shape)));
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new ValueError(describe('bincount', 'a length that is a whole number >= 0', String(length)));
  }
  const given = new Tensor(toValue('bincount', weights ?? 1, 'int32'));
  if (weights !== undefined && showShape(given.shape) !== showShape(value.shape)) {
    throw new ShapeError(describe('bincount', `weights of ${showShape(value.shape)}`, showShape(given.shape)));
  }
  // What does not count goes to one place more, which is cut off.
  const isInside = logicalAnd(greaterEqual(value, 0), less(value, length));
  const place = choose(isInside, value, length).cast('int32').reshape([-1, 1]);
  return slice(scatter(place, broadcastTo(given, value.shape), [length + 1]), [0], [length]);
}

/**
 * Counts (int32) of the elements in bins of one width, and the edges of the bins. The last bin holds its upper edge; what
 * lies outside of the range does not count.
 * @param options `bins` (default 10), `range`: lower and upper edge
 * @example const [counts, edges] = histogram(tensor([0, 1, 1]), { bins: 2, range: [0, 1] }); // [1, 2], [0, 0.5, 1]
 */
export function histogram(
  x: Operand,
  options: { readonly bins?: number; readonly range: readonly [low: number, high: number] },
): [counts: Tensor, edges: Tensor] {
  const { bins = 10, range } = options;
  const [low, high] = range;
  if (!Number.isSafeInteger(bins) || bins < 1) {
    throw new ValueError(describe('histogram', 'bins as a whole number >= 1', String(bins)));
  }
  if (!(low < high && Number.isFinite(high - low))) {
    throw new ValueError(describe('histogram', 'a range of finite edges, the lower first', `[${low}, ${high}]`));
  }
  const value = new Tensor(toFloat(toValue('histogram', x)));
  const edges = linspace(low, high, bins + 1);
  const flat = value.reshape([-1]);
  const bin = digitize(flat, edges).sub(1);
  const held = choose(equal(flat, high), bins - 1, bin);
  return [bincount(held, { length: bins }), edges];
}

/**
 * Whether the score of the wanted class is among the k largest of its row. A tie with the last of them counts.
 * @param targets class numbers, [n]
 * @param scores [n, classes]
 * @example await inTopK(tensor(Int32Array.of(1)), tensor([[0.1, 0.5, 0.4]]), 1).array() // [1]
 */
export function inTopK(targets: Operand, scores: Operand, k: number): Tensor {
  const value = new Tensor(toFloat(toValue('inTopK', scores)));
  const wanted = new Tensor(toValue('inTopK', targets, 'int32'));
  const [rows] = value.shape;
  if (isFloat(wanted.dtype)) throw new DTypeError(describe('inTopK', 'integer targets', wanted.dtype));
  if (value.shape.length !== 2 || wanted.shape.length !== 1 || wanted.shape[0] !== rows) {
    const expected = 'targets [n] and scores [n, classes]';
    throw new ShapeError(describe('inTopK', expected, `${showShape(wanted.shape)} and ${showShape(value.shape)}`));
  }
  if (!(Number.isInteger(k) && k >= 0 && k <= value.shape[1]!)) {
    throw new ValueError(describe('inTopK', `k in [0, ${value.shape[1]}]`, String(k)));
  }
  const [top] = topK(value, k);
  const own = takeAlongAxis(value, wanted.reshape([-1, 1]), 1).reshape([-1]);
  return lessEqual(new Tensor(lax.reduce('min', top.handle, [1])), own);
}

/**
 * Area under the straight lines between the entries of an axis.
 * @param dx distance between two entries. Default 1
 * @example await trapezoid(tensor([1, 2, 3])).item() // 4
 */
export function trapezoid(y: Operand, options: { readonly dx?: number; readonly axis?: number } = {}): Tensor {
  const { dx = 1, axis = -1 } = options;
  const value = toFloat(toValue('trapezoid', y));
  const { shape } = value.type;
  const at = checkAxis('trapezoid', axis, shape.length);
  const n = shape[at]!;
  const part = (from: number, to: number): Tensor =>
    new Tensor(
      lax.slice(
        value,
        shape.map((_, i) => (i === at ? Math.min(from, n) : 0)),
        shape.map((size, i) => (i === at ? Math.max(to, Math.min(from, n)) : size)),
      ),
    );
  return sum(part(1, n).add(part(0, n - 1)), at).mul(dx / 2);
}
