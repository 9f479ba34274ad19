/** Arrangements: rolled, repeated and tiled tensors, diagonals and triangles, grids, and windows at computed places. */
import * as dynamic from './primitives/dynamic.js';
import { meet, toValue, type Operand } from '../operand.js';
import { checkDType, isFloat } from '../dtype.js';
import { DTypeError, ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { checkAxis, checkShape, showShape, type Shape } from '../shape.js';
import { Tensor } from '../tensor.js';
import type { DTypeOptions } from './creation.js';
import { take } from './indexing.js';
import { tensor } from './creation.js';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/**
 * Axes moved to other places; the rest keep their order.
 * @example moveAxis(zeros([2, 3, 4]), 0, -1).shape // [3, 4, 2]
 */
export function moveAxis(x: Operand, from: number | readonly number[], to: number | readonly number[]): Tensor {
  const value = toValue('moveAxis', x);
  const rank = value.type.shape.length;
  const list = (axes: number | readonly number[]): number[] =>
    (typeof axes === 'number' ? [axes] : axes).map((axis) => checkAxis('moveAxis', axis, rank));
  const [sources, targets] = [list(from), list(to)];
  if (sources.length !== targets.length || new Set(sources).size + new Set(targets).size !== 2 * sources.length) {
    throw new ShapeError(
      describe('moveAxis', 'as many places as axes, each once', `[${sources.join(', ')}] to [${targets.join(', ')}]`),
    );
  }
  const rest = range(rank).filter((axis) => !sources.includes(axis));
  const order = range(rank).map((axis) => {
    const moved = targets.indexOf(axis);
    return moved >= 0 ? sources[moved]! : rest.shift()!;
  });
  return new Tensor(lax.transpose(value, order));
}

/**
 * Entries shifted along an axis, what leaves at one end comes in at the other; without an axis all elements in row-major order.
 * @example await roll(tensor([1, 2, 3]), 1).array() // [3, 1, 2]
 */
export function roll(x: Operand, shift: number, axis?: number): Tensor {
  const value = toValue('roll', x);
  const { shape } = value.type;
  if (!Number.isInteger(shift)) throw new ValueError(describe('roll', 'a whole shift', String(shift)));
  if (axis === undefined) return roll(new Tensor(value).reshape([-1]), shift, 0).reshape(shape);
  const at = checkAxis('roll', axis, shape.length);
  const n = shape[at]!;
  const cut = n === 0 ? 0 : ((-shift % n) + n) % n;
  const part = (from: number, to: number): Value =>
    lax.slice(
      value,
      shape.map((_, i) => (i === at ? from : 0)),
      shape.map((size, i) => (i === at ? to : size)),
    );
  return new Tensor(cut === 0 ? value : lax.concat([part(cut, n), part(0, cut)], at));
}

/**
 * Each entry of an axis several times in a row: a number of times, or one for each entry.
 * @example await repeat(tensor([1, 2]), 2, 0).array() // [1, 1, 2, 2]
 */
export function repeat(x: Operand, times: number | readonly number[], axis?: number): Tensor {
  const value = toValue('repeat', x);
  if (axis === undefined) return repeat(new Tensor(value).reshape([-1]), times, 0);
  const { shape } = value.type;
  const at = checkAxis('repeat', axis, shape.length);
  const counts = checkShape('repeat', typeof times === 'number' ? [times] : times);
  if (typeof times === 'number') {
    const spread = [...shape.slice(0, at + 1), times, ...shape.slice(at + 1)];
    const axes = range(spread.length).filter((i) => i !== at + 1);
    return new Tensor(
      lax.reshape(
        lax.broadcast(value, spread, axes),
        shape.map((n, i) => (i === at ? n * times : n)),
      ),
    );
  }
  if (counts.length !== shape[at]) {
    throw new ShapeError(describe('repeat', `a count for each of ${shape[at]} entries`, `${counts.length} counts`));
  }
  return take(new Tensor(value), tensor(Int32Array.from(counts.flatMap((n, i) => new Array<number>(n).fill(i)))), at);
}

/**
 * Copies of x side by side; the counts belong to the last axes.
 * @example await tile(tensor([1, 2]), [2, 1]).array() // [[1, 2], [1, 2]]
 */
export function tile(x: Operand, counts: number | readonly number[]): Tensor {
  const value = toValue('tile', x);
  const times = checkShape('tile', typeof counts === 'number' ? [counts] : counts);
  const rank = Math.max(times.length, value.type.shape.length);
  const lead = (list: Shape): number[] => [...new Array<number>(rank - list.length).fill(1), ...list];
  const [shape, copies] = [lead(value.type.shape), lead(times)];
  const spread = shape.flatMap((n, i) => [copies[i]!, n]);
  const tiled = lax.broadcast(
    lax.reshape(value, shape),
    spread,
    shape.map((_, i) => 2 * i + 1),
  );
  return new Tensor(
    lax.reshape(
      tiled,
      shape.map((n, i) => n * copies[i]!),
    ),
  );
}

/**
 * The entries of an axis as tensors without it.
 * @example unstack(zeros([2, 3])).length // 2
 */
export function unstack(x: Operand, axis = 0): Tensor[] {
  const value = toValue('unstack', x);
  const { shape } = value.type;
  const at = checkAxis('unstack', axis, shape.length);
  return range(shape[at]!).map((k) => {
    const start = shape.map((_, i) => (i === at ? k : 0));
    const entry = lax.slice(
      value,
      start,
      shape.map((n, i) => (i === at ? k + 1 : n)),
    );
    return new Tensor(
      lax.reshape(
        entry,
        shape.filter((_, i) => i !== at),
      ),
    );
  });
}

/**
 * Coordinates of a grid: one tensor per vector, each of the shape of the whole grid.
 * @param options `indexing` 'xy' (the default) exchanges the first two axes, as NumPy does; 'ij' does not
 * @example meshgrid([tensor([1, 2, 3]), tensor([1, 2])])[0]!.shape // [2, 3]
 */
export function meshgrid(vectors: readonly Operand[], options: { readonly indexing?: 'xy' | 'ij' } = {}): Tensor[] {
  const values = vectors.map((x) => toValue('meshgrid', x));
  // Before anything is recorded, of which a part would be left.
  for (const { type } of values) {
    if (type.shape.length !== 1) throw new ShapeError(describe('meshgrid', 'vectors', showShape(type.shape)));
  }
  const swap = (options.indexing ?? 'xy') === 'xy' && values.length > 1;
  const axisOf = (i: number): number => (swap && i < 2 ? 1 - i : i);
  const shape = values.map((_, i) => values[axisOf(i)]!.type.shape[0]!);
  return values.map((value, i) => new Tensor(lax.broadcast(value, shape, [axisOf(i)])));
}

/** Options of `linspace` and `logspace`. */
export interface SpaceOptions extends DTypeOptions {
  /** The last number is `stop`. Default true. */
  readonly endpoint?: boolean;
}

/**
 * `count` numbers at equal distances from start to stop.
 * @example await linspace(0, 1, 5).array() // [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, stop: number, count = 50, options: SpaceOptions = {}): Tensor {
  return spaced('linspace', start, stop, count, options);
}

function spaced(where: string, start: number, stop: number, count: number, options: SpaceOptions): Tensor {
  const dtype = checkDType(where, options.dtype ?? 'float32');
  if (!isFloat(dtype)) throw new DTypeError(describe(where, 'a float dtype', dtype));
  if (!Number.isSafeInteger(count) || count < 0) throw new ValueError(describe(where, 'a count >= 0', String(count)));
  const steps = options.endpoint === false ? count : count - 1;
  // Made on the host, where every number is rounded once.
  const numbers = range(count).map((i) =>
    i > 0 && i === steps ? stop : start + (stop - start) * (steps === 0 ? 0 : i / steps),
  );
  return tensor(Float64Array.from(numbers), { dtype });
}

/**
 * base to the powers of `linspace(start, stop, count)`.
 * @example await logspace(0, 2, 3).array() // [1, 10, 100]
 */
export function logspace(
  start: number,
  stop: number,
  count = 50,
  options: SpaceOptions & { readonly base?: number } = {},
): Tensor {
  const exponents = spaced('logspace', start, stop, count, options).handle;
  return new Tensor(lax.pow(lax.fill(exponents.type, options.base ?? 10), exponents));
}

/** Where column − row ≤ k, on the last two axes of a shape. */
function isLow(shape: Shape, k: number): Value {
  const rank = shape.length;
  const row = lax.broadcast(lax.iota(shape[rank - 2]!, 'int32'), shape, [rank - 2]);
  const column = lax.broadcast(lax.iota(shape[rank - 1]!, 'int32'), shape, [rank - 1]);
  return lax.le(lax.sub(column, row), lax.fill(row.type, k));
}

/**
 * A matrix with 1 on and below diagonal k, 0 above.
 * @example await tri(2).array() // [[1, 0], [1, 1]]
 */
export function tri(n: number, m: number = n, k = 0, options: DTypeOptions = {}): Tensor {
  return new Tensor(lax.cast(isLow(checkShape('tri', [n, m]), k), checkDType('tri', options.dtype ?? 'float32')));
}

function triangle(where: string, x: Operand, k: number, low: boolean): Tensor {
  const value = toValue(where, x);
  const { shape } = value.type;
  if (shape.length < 2) throw new ShapeError(describe(where, 'at least two axes', showShape(shape)));
  const test = isLow(shape, low ? k : k - 1);
  const zero = lax.fill(value.type, 0);
  return new Tensor(low ? lax.select(test, value, zero) : lax.select(test, zero, value));
}

/**
 * x with zeros above diagonal k of the last two axes.
 * @example await tril(ones([2, 2])).array() // [[1, 0], [1, 1]]
 */
export function tril(x: Operand, k = 0): Tensor {
  return triangle('tril', x, k, true);
}

/**
 * x with zeros below diagonal k of the last two axes.
 * @example await triu(ones([2, 2])).array() // [[1, 1], [0, 1]]
 */
export function triu(x: Operand, k = 0): Tensor {
  return triangle('triu', x, k, false);
}

/**
 * Diagonal k of two axes, as a last axis: a view where x is one.
 * @example await diagonal(tensor([[1, 2], [3, 4]])).array() // [1, 4]
 */
export function diagonal(x: Operand, k = 0, axis1 = 0, axis2 = 1): Tensor {
  return new Tensor(diagonalOf('diagonal', x, k, axis1, axis2));
}

function diagonalOf(where: string, x: Operand, k: number, axis1: number, axis2: number): Value {
  const value = toValue(where, x);
  const rank = value.type.shape.length;
  const [a, b] = [checkAxis(where, axis1, rank), checkAxis(where, axis2, rank)];
  if (a === b) throw new ShapeError(describe(where, 'two axes', `${axis1} twice`));
  const turned = lax.transpose(value, [...range(rank).filter((i) => i !== a && i !== b), a, b]);
  const outer = turned.type.shape.slice(0, -2);
  const [n, m] = turned.type.shape.slice(-2) as [number, number];
  const count = Math.max(0, Math.min(n + Math.min(k, 0), m - Math.max(k, 0)));
  const start = Math.max(-k, 0) * m + Math.max(k, 0);
  const flat = lax.reshape(turned, [...outer, n * m]);
  const from = [...outer.map(() => 0), count === 0 ? 0 : start];
  const to = [...outer, count === 0 ? 0 : start + (count - 1) * (m + 1) + 1];
  return lax.slice(flat, from, to, [...outer.map(() => 1), m + 1]);
}

/**
 * Sum of diagonal k of two axes.
 * @example await trace(tensor([[1, 2], [3, 4]])).item() // 5
 */
export function trace(x: Operand, k = 0, axis1 = 0, axis2 = 1): Tensor {
  const entries = new Tensor(diagonalOf('trace', x, k, axis1, axis2));
  return entries.sum(entries.rank - 1);
}

/**
 * The matrix with a vector on diagonal k, or diagonal k of a matrix.
 * @example await diag(tensor([1, 2])).array() // [[1, 0], [0, 2]]
 */
export function diag(x: Operand, k = 0): Tensor {
  const value = toValue('diag', x);
  const { shape, dtype } = value.type;
  if (shape.length === 2) return diagonal(x, k);
  if (shape.length !== 1) throw new ShapeError(describe('diag', 'a vector or a matrix', showShape(shape)));
  const count = shape[0]!;
  const size = count + Math.abs(k);
  // Each entry, then size zeros up to the next: in rows of `size` these are the diagonal.
  const start = Math.max(-k, 0) * size + Math.max(k, 0);
  const length = count === 0 ? 0 : (count - 1) * (size + 1) + 1;
  const [low, high] = count === 0 ? [0, size * size] : [start, size * size - start - length];
  return new Tensor(
    lax.reshape(lax.pad(value, lax.scalar(0, dtype), [low], [high], [count === 0 ? 0 : size]), [size, size]),
  );
}

/**
 * Differences of neighbours along an axis, n times.
 * @example await diff(tensor([1, 4, 9])).array() // [3, 5]
 */
export function diff(x: Operand, n = 1, axis = -1): Tensor {
  let value = toValue('diff', x);
  const at = checkAxis('diff', axis, value.type.shape.length);
  if (!Number.isSafeInteger(n) || n < 0) {
    throw new ValueError(describe('diff', 'a whole number of times >= 0', String(n)));
  }
  for (let i = 0; i < n; i++) {
    const { shape } = value.type;
    const cut = (from: number, less: number): Value =>
      lax.slice(
        value,
        shape.map((_, k) => (k === at ? Math.min(from, shape[at]!) : 0)),
        shape.map((size, k) => (k === at ? Math.max(size - less, Math.min(from, size)) : size)),
      );
    const [later, earlier] = [cut(1, 0), cut(0, 1)];
    value = value.type.dtype === 'bool' ? lax.ne(later, earlier) : lax.sub(later, earlier);
  }
  return new Tensor(value);
}

function toStarts(where: string, rank: number, starts: Operand | readonly Operand[]): Value {
  const list = Array.isArray(starts) ? (starts as readonly Operand[]) : undefined;
  if (list === undefined) return lax.cast(toValue(where, starts as Operand), 'int32');
  if (list.length !== rank) throw new ShapeError(describe(where, `${rank} starts`, String(list.length)));
  if (rank === 0) return lax.fill({ shape: [0], dtype: 'int32' }, 0);
  const parts = list.map((start) => lax.reshape(lax.cast(toValue(where, start, 'int32'), 'int32'), [1]));
  return lax.concat(parts, 0);
}

/**
 * The window of the given sizes that begins at `starts`, which may be computed: an int32 vector, or one start per axis. A
 * window that would reach outside of x is moved inside.
 * @example await dynamicSlice(tensor([1, 2, 3, 4]), [tensor(2, { dtype: 'int32' })], [2]).array() // [3, 4]
 */
export function dynamicSlice(x: Operand, starts: Operand | readonly Operand[], sizes: Shape): Tensor {
  const value = toValue('dynamicSlice', x);
  const places = toStarts('dynamicSlice', value.type.shape.length, starts);
  return new Tensor(dynamic.dynamicSlice(value, places, checkShape('dynamicSlice', sizes)));
}

/**
 * x with the window at `starts` replaced by `updates`; starts as in `dynamicSlice`.
 * @example await dynamicUpdateSlice(tensor([1, 2, 3]), [1], tensor([9])).array() // [1, 9, 3]
 */
export function dynamicUpdateSlice(x: Operand, starts: Operand | readonly Operand[], updates: Operand): Tensor {
  const value = toValue('dynamicUpdateSlice', x);
  const places = toStarts('dynamicUpdateSlice', value.type.shape.length, starts);
  const given = lax.cast(toValue('dynamicUpdateSlice', updates, value.type.dtype), value.type.dtype);
  return new Tensor(dynamic.dynamicUpdateSlice(value, places, given));
}

/**
 * All products of two vectors' entries by blocks: each element of a times all of b.
 * @example kron(ones([2, 2]), ones([2, 3])).shape // [4, 6]
 */
export function kron(a: Operand, b: Operand): Tensor {
  const [x, y] = [toValue('kron', a), toValue('kron', b)];
  const rank = Math.max(x.type.shape.length, y.type.shape.length);
  const lead = ({ type: { shape } }: Value): number[] => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [p, q] = [lead(x), lead(y)];
  const blocks = meet(
    'kron',
    new Tensor(
      lax.reshape(
        x,
        p.flatMap((n) => [n, 1]),
      ),
    ),
    new Tensor(
      lax.reshape(
        y,
        q.flatMap((n) => [1, n]),
      ),
    ),
  );
  return new Tensor(
    lax.reshape(
      lax.mul(...blocks),
      p.map((n, i) => n * q[i]!),
    ),
  );
}
