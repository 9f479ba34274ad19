/** Running folds, sorting, and what is found by sorting. */
import * as orders from './primitives/ordering.js';
import * as indexing from './primitives/indexing.js';
import { forbidInTrace, meet, toValue, type Operand } from '../operand.js';
import { isFloat } from '../dtype.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import type { ReduceOp } from '../graph/program.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { numberOf } from './host.js';
import { toFloat } from './numeric.js';
import { checkAxes, checkAxis, sizesAt, sizeOf, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Options of running folds. */
export interface CumulateOptions {
  /** From the last entry to the first. Default false. */
  readonly reverse?: boolean;
  /** Without the entry itself: the first one gets what a fold of nothing gives. Default false. */
  readonly exclusive?: boolean;
}

function cumulate(where: string, op: ReduceOp, x: Operand, axis: number, options: CumulateOptions): Tensor {
  const given = toValue(where, x);
  const value = given.type.dtype === 'bool' ? lax.cast(given, 'int32') : given;
  const at = checkAxis(where, axis, value.type.shape.length);
  const { reverse = false, exclusive = false } = options;
  return new Tensor(orders.cumulate(value, { op, axis: at, reverse, exclusive }));
}

/**
 * Sums of an axis up to each entry; booleans are counted.
 * @example await cumsum(tensor([1, 2, 3])).array() // [1, 3, 6]
 */
export function cumsum(x: Operand, axis = -1, options: CumulateOptions = {}): Tensor {
  return cumulate('cumsum', 'sum', x, axis, options);
}

/**
 * Products of an axis up to each entry.
 * @example await cumprod(tensor([1, 2, 3])).array() // [1, 2, 6]
 */
export function cumprod(x: Operand, axis = -1, options: CumulateOptions = {}): Tensor {
  return cumulate('cumprod', 'prod', x, axis, options);
}

/**
 * The largest entry of an axis up to each one. The first of equal ones gets the gradient.
 * @example await cummax(tensor([1, 3, 2])).array() // [1, 3, 3]
 */
export function cummax(x: Operand, axis = -1, options: CumulateOptions = {}): Tensor {
  return cumulate('cummax', 'max', x, axis, options);
}

/**
 * The smallest entry of an axis up to each one. The first of equal ones gets the gradient.
 * @example await cummin(tensor([3, 1, 2])).array() // [3, 1, 1]
 */
export function cummin(x: Operand, axis = -1, options: CumulateOptions = {}): Tensor {
  return cumulate('cummin', 'min', x, axis, options);
}

/** Positions along an axis, for every element of a shape. */
function positions(shape: readonly number[], axis: number): Value {
  return lax.broadcast(lax.iota(shape[axis]!, 'int32'), shape, [axis]);
}

/** Options of sorting. */
export interface SortOptions {
  /** Largest first. NaN comes last in either direction. Default false. */
  readonly descending?: boolean;
}

/**
 * Entries of an axis in order; equal ones keep theirs, NaN comes last.
 * @example await sort(tensor([3, 1, 2])).array() // [1, 2, 3]
 */
export function sort(x: Operand, axis = -1, options: SortOptions = {}): Tensor {
  const value = toValue('sort', x);
  return new Tensor(orders.sort([value], checkAxis('sort', axis, value.type.shape.length), options.descending)[0]!);
}

/**
 * Positions (int32) of the entries of an axis in order.
 * @example await argsort(tensor([3, 1, 2])).array() // [1, 2, 0]
 */
export function argsort(x: Operand, axis = -1, options: SortOptions = {}): Tensor {
  const value = toValue('argsort', x);
  const at = checkAxis('argsort', axis, value.type.shape.length);
  return new Tensor(orders.sort([value, positions(value.type.shape, at)], at, options.descending)[1]!);
}

/**
 * The k largest entries of the last axis, largest first, and their positions (int32).
 * @example const [values, indices] = topK(tensor([1, 5, 3]), 2); // [5, 3], [1, 2]
 */
export function topK(x: Operand, k: number): [values: Tensor, indices: Tensor] {
  const value = toValue('topK', x);
  const { shape } = value.type;
  const at = checkAxis('topK', -1, shape.length);
  if (!Number.isInteger(k) || k < 0 || k > shape[at]!) {
    throw new ValueError(describe('topK', `k in [0, ${shape[at]}] for x of ${showShape(shape)}`, String(k)));
  }
  const sorted = orders.sort([value, positions(shape, at)], at, true);
  const start = shape.map(() => 0);
  const first = (all: Value): Tensor => new Tensor(lax.slice(all, start, [...shape.slice(0, -1), k]));
  return [first(sorted[0]!), first(sorted[1]!)];
}

/**
 * Where values belong in a sorted vector: before equal entries (`left`, the default) or after them. NaN belongs last.
 * @example await searchsorted(tensor([1, 3, 5]), tensor([3, 4])).array() // [1, 2]
 */
export function searchsorted(sorted: Operand, values: Operand, side: 'left' | 'right' = 'left'): Tensor {
  return placesIn('searchsorted', sorted, values, side);
}

/**
 * Number of the bin of each element, int32: how many of the increasing edges are not above it.
 * @example await digitize(tensor([0, 1.5, 9]), tensor([1, 2])).array() // [0, 1, 2]
 */
export function digitize(x: Operand, bins: Operand): Tensor {
  return placesIn('digitize', bins, x, 'right');
}

function placesIn(where: string, sorted: Operand, values: Operand, side: 'left' | 'right'): Tensor {
  const given = toValue(where, sorted);
  if (given.type.shape.length !== 1) {
    throw new ShapeError(describe(where, 'a sorted vector', showShape(given.type.shape)));
  }
  if (!['left', 'right'].includes(side)) {
    throw new ValueError(describe(where, "side 'left' or 'right'", JSON.stringify(side)));
  }
  const wanted = toValue(where, values, given.type.dtype);
  const [entries, points] = meet(where, new Tensor(given), new Tensor(lax.reshape(wanted, [...wanted.type.shape, 1])));
  const isNumber = lax.eq(entries, entries);
  const isBefore =
    side === 'left'
      ? lax.or(lax.lt(entries, points), lax.and(lax.ne(points, points), isNumber))
      : lax.or(lax.le(entries, points), lax.ne(points, points));
  return new Tensor(lax.sum(lax.cast(isBefore, 'int32'), [wanted.type.shape.length]));
}

/**
 * The number below which a fraction q of the entries lies, between two of them by linear interpolation. NaN wins.
 * @param q in [0, 1]; a list gives a leading axis
 * @param axis one, several, or all axes when undefined
 * @example await quantile(tensor([1, 2, 3]), 0.5).item() // 2
 */
export function quantile(
  x: Operand,
  q: number | readonly number[],
  axis?: number | readonly number[],
  keepDims = false,
): Tensor {
  return quantileOf('quantile', x, q, axis, keepDims);
}

/**
 * The middle of the sorted entries, or the mean of the two in the middle. NaN wins.
 * @example await median(tensor([3, 1, 2, 10])).item() // 2.5
 */
export function median(x: Operand, axis?: number | readonly number[], keepDims = false): Tensor {
  return quantileOf('median', x, 0.5, axis, keepDims);
}

function quantileOf(
  where: string,
  x: Operand,
  q: number | readonly number[],
  axis: number | readonly number[] | undefined,
  keepDims: boolean,
): Tensor {
  const value = toFloat(toValue(where, x));
  const { shape } = value.type;
  const axes = checkAxes(where, axis, shape.length);
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const count = sizeOf(sizesAt(shape, axes));
  if (count === 0) throw new ShapeError(describe(where, 'at least one entry', showShape(shape)));
  const outer = sizesAt(shape, kept);
  const rows = lax.reshape(lax.transpose(value, [...kept, ...axes]), [...outer, count]);
  const sorted = orders.sort([rows], outer.length)[0]!;
  const entry = (i: number): Value =>
    lax.reshape(lax.slice(sorted, [...outer.map(() => 0), i], [...outer, i + 1]), outer);
  const isNumber = lax.eq(entry(count - 1), entry(count - 1));
  const results = (typeof q === 'number' ? [q] : q).map((fraction) => {
    if (!(fraction >= 0 && fraction <= 1)) throw new ValueError(describe(where, 'q in [0, 1]', String(fraction)));
    const place = fraction * (count - 1);
    const [low, high] = [entry(Math.floor(place)), entry(Math.ceil(place))];
    const between = lax.mul(lax.sub(high, low), lax.fill(low.type, place - Math.floor(place)));
    // Two equal infinities have no difference.
    const result = lax.select(lax.eq(low, high), low, lax.add(low, between));
    return lax.select(isNumber, result, lax.fill(result.type, NaN));
  });
  const final = keepDims ? shape.map((n, i) => (axes.includes(i) ? 1 : n)) : outer;
  if (typeof q === 'number') return new Tensor(lax.reshape(results[0]!, final));
  if (results.length === 0) return new Tensor(lax.fill({ shape: [0, ...final], dtype: value.type.dtype }, 0));
  return new Tensor(
    lax.concat(
      results.map((result) => lax.reshape(result, [1, ...final])),
      0,
    ),
  );
}

/** Options of operations whose length depends on the data: `size` fixes it, as is needed inside a trace. */
export interface SizeOptions {
  /** Length of the result: longer ones are cut, shorter ones filled. */
  readonly size: number;
  /** What a shorter result is filled with. Default 0. */
  readonly fillValue?: number;
}

/** Moves the entries of axis 0 that a mask marks to the front, in order, and cuts or fills to a size. */
export function compress(x: Value, mask: Value, size: number, fillValue: number): Value {
  const count = mask.type.shape[0]!;
  const placed = orders.cumulate(lax.cast(mask, 'int32'), { op: 'sum', axis: 0, reverse: false, exclusive: true });
  // What does not count goes to one place more, which is cut off.
  const last = lax.fill(placed.type, size);
  const to = lax.select(mask, lax.min(placed, last), last);
  const start = lax.fill({ shape: [size + 1, ...x.type.shape.slice(1)], dtype: x.type.dtype }, fillValue);
  const moved = indexing.scatter(start, lax.reshape(to, [count, 1]), x, 0, 'set');
  const { shape } = moved.type;
  return lax.slice(
    moved,
    shape.map(() => 0),
    [size, ...shape.slice(1)],
  );
}

function checkSize(where: string, size: number): number {
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new ValueError(describe(where, 'a size that is a whole number >= 0', String(size)));
}

const countOf = async (mask: Value): Promise<number> => new Tensor(lax.sum(lax.cast(mask, 'int32'), [0])).item();

/**
 * The different elements of x in increasing order, as a vector. Without a size it has to be awaited, as its length depends on
 * the data; with one it can be used inside jit.
 * @example await (await unique(tensor([3, 1, 3]))).array() // [1, 3]
 */
export function unique(x: Operand): Promise<Tensor>;
export function unique(x: Operand, options: SizeOptions): Tensor;
export function unique(x: Operand, options?: SizeOptions): Tensor | Promise<Tensor> {
  const value = toValue('unique', x);
  const count = sizeOf(value.type.shape);
  const sorted = orders.sort([lax.reshape(value, [count])], 0)[0]!;
  if (count === 0) return finish('unique', sorted, lax.fill({ shape: [0], dtype: 'bool' }, 0), options);
  const differs = lax.ne(lax.slice(sorted, [1], [count]), lax.slice(sorted, [0], [count - 1]));
  const isFirst = lax.concat([lax.fill({ shape: [1], dtype: 'bool' }, 1), differs], 0);
  return finish('unique', sorted, isFirst, options);
}

/** Cut to a given size at once, or to the counted one once it is known. */
function finish(where: string, x: Value, mask: Value, options: SizeOptions | undefined): Tensor | Promise<Tensor> {
  if (options !== undefined) {
    const fillValue = numberOf(where, options.fillValue ?? 0, x.type.dtype);
    return new Tensor(compress(x, mask, checkSize(where, options.size), fillValue));
  }
  forbidInTrace(where, 'Give it a size: { size: 8 }.');
  return countOf(mask).then((count) => new Tensor(compress(x, mask, count, 0)));
}

/**
 * Positions (int32, one row each) of the elements that are not 0, in row-major order. Without a size it has to be awaited.
 * @example await (await nonzero(tensor([[0, 5], [7, 0]]))).array() // [[0, 1], [1, 0]]
 */
export function nonzero(x: Operand): Promise<Tensor>;
export function nonzero(x: Operand, options: SizeOptions): Tensor;
export function nonzero(x: Operand, options?: SizeOptions): Tensor | Promise<Tensor> {
  const value = toValue('nonzero', x);
  const { shape } = value.type;
  const count = sizeOf(shape);
  const mask = lax.reshape(lax.cast(value, 'bool'), [count]);
  const places = shape.map((_, axis) => lax.reshape(positions(shape, axis), [count, 1]));
  const rows = places.length === 0 ? lax.fill({ shape: [count, 0], dtype: 'int32' }, 0) : lax.concat(places, 1);
  return finish('nonzero', rows, mask, options);
}

/**
 * Entries of x where the mask is true; the mask covers the leading axes of x. Without a size it has to be awaited.
 * @example await (await booleanMask(tensor([1, 2, 3]), tensor([true, false, true]))).array() // [1, 3]
 */
export function booleanMask(x: Operand, mask: Operand): Promise<Tensor>;
export function booleanMask(x: Operand, mask: Operand, options: SizeOptions): Tensor;
export function booleanMask(x: Operand, mask: Operand, options?: SizeOptions): Tensor | Promise<Tensor> {
  const value = toValue('booleanMask', x);
  const chosen = toValue('booleanMask', mask);
  const { shape } = chosen.type;
  const covered = value.type.shape.slice(0, shape.length);
  if (isFloat(chosen.type.dtype) || showShape(covered) !== showShape(shape)) {
    throw new ShapeError(
      describe(
        'booleanMask',
        `a bool mask over the leading axes of ${showShape(value.type.shape)}`,
        `${chosen.type.dtype} ${showShape(shape)}`,
      ),
    );
  }
  const count = sizeOf(shape);
  const rows = lax.reshape(value, [count, ...value.type.shape.slice(shape.length)]);
  return finish('booleanMask', rows, lax.reshape(lax.cast(chosen, 'bool'), [count]), options);
}
