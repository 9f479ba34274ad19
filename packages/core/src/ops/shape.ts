/** Moving elements without changing them: views where the strides allow it, copies where not. */
import { bindOne } from '../bind.js';
import { toValue, type Operand } from '../operand.js';
import { promote } from '../dtype.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { numberOf } from './host.js';
import { reshapeTo } from './numeric.js';
import { checkAxes, checkAxis, checkShape, showShape, type Shape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** The same elements in another shape; one size may be −1. */
export function reshape(x: Operand, shape: Shape): Tensor {
  return new Tensor(reshapeTo('reshape', toValue('reshape', x), shape));
}

/** All elements in one axis. */
export function ravel(x: Operand): Tensor {
  return new Tensor(reshapeTo('ravel', toValue('ravel', x), [-1]));
}

/** Axes permuted; reversed when no permutation is given. */
export function transpose(x: Operand, permutation?: readonly number[]): Tensor {
  const value = toValue('transpose', x);
  const rank = value.type.shape.length;
  const order =
    permutation?.map((axis) => checkAxis('transpose', axis, rank)) ?? value.type.shape.map((_, i) => rank - 1 - i);
  return new Tensor(bindOne('transpose', lax.transposePrimitive, [value], { permutation: order }));
}

/** Two axes exchanged. */
export function swapAxes(x: Operand, a: number, b: number): Tensor {
  const value = toValue('swapAxes', x);
  const rank = value.type.shape.length;
  const [p, q] = [checkAxis('swapAxes', a, rank), checkAxis('swapAxes', b, rank)];
  return new Tensor(
    lax.transpose(
      value,
      value.type.shape.map((_, i) => (i === p ? q : i === q ? p : i)),
    ),
  );
}

/** A new axis of size 1 at the given place. */
export function expandDims(x: Operand, axis: number): Tensor {
  const value = toValue('expandDims', x);
  const shape = [...value.type.shape];
  shape.splice(checkAxis('expandDims', axis, shape.length + 1), 0, 1);
  return new Tensor(lax.reshape(value, shape));
}

/** Without axes of size 1: the given ones, or all of them. */
export function squeeze(x: Operand, axis?: number | readonly number[]): Tensor {
  const value = toValue('squeeze', x);
  const { shape } = value.type;
  const axes =
    axis === undefined ? shape.flatMap((n, i) => (n === 1 ? [i] : [])) : checkAxes('squeeze', axis, shape.length);
  for (const i of axes) {
    if (shape[i] !== 1) throw new ShapeError(describe('squeeze', `axis ${i} of size 1`, showShape(shape)));
  }
  return new Tensor(
    lax.reshape(
      value,
      shape.filter((_, i) => !axes.includes(i)),
    ),
  );
}

/** The elements repeated along axes of size 1 and new leading axes. */
export function broadcastTo(x: Operand, shape: Shape): Tensor {
  return new Tensor(lax.broadcastLike(toValue('broadcastTo', x), checkShape('broadcastTo', shape), 'broadcastTo'));
}

/** Elements in reverse order along the given axes, or all of them. */
export function flip(x: Operand, axis?: number | readonly number[]): Tensor {
  const value = toValue('flip', x);
  return new Tensor(lax.flip(value, checkAxes('flip', axis, value.type.shape.length)));
}

/**
 * Turned by quarters from the first of two axes towards the second.
 * @param times how many quarters; negative ones turn back
 * @example await rot90(tensor([[1, 2], [3, 4]])).array() // [[2, 4], [1, 3]]
 */
export function rot90(x: Operand, times = 1, axes: readonly [number, number] = [0, 1]): Tensor {
  const value = toValue('rot90', x);
  const rank = value.type.shape.length;
  if (!Number.isInteger(times)) throw new ValueError(describe('rot90', 'a whole number of quarters', String(times)));
  if (rank < 2) throw new ShapeError(describe('rot90', 'at least two axes', showShape(value.type.shape)));
  checkAxes('rot90', axes, rank);
  const [from, to] = axes.map((axis) => checkAxis('rot90', axis, rank)) as [number, number];
  const quarters = ((times % 4) + 4) % 4;
  const exchanged = (y: Operand): Tensor => swapAxes(y, from, to);
  if (quarters === 1) return exchanged(flip(x, to));
  if (quarters === 3) return flip(exchanged(x), to);
  return quarters === 2 ? flip(x, [from, to]) : new Tensor(value);
}

/**
 * Elements start, start + stride, … below limit along each axis. Negative places count from the end; a missing limit is the
 * end. Strides are positive.
 * @example slice(x, [0, 1], [2, -1]) // x[0:2, 1:-1]
 */
export function slice(
  x: Operand,
  start: readonly number[],
  limit: readonly (number | undefined)[] = [],
  stride: readonly number[] = [],
): Tensor {
  const value = toValue('slice', x);
  const { shape } = value.type;
  for (const { length } of [start, limit, stride]) {
    if (length > shape.length)
      throw new ShapeError(describe('slice', `places for ${shape.length} axes`, String(length)));
  }
  const place = (given: number | undefined, n: number, otherwise: number): number => {
    if (given === undefined) return otherwise;
    if (!Number.isInteger(given)) throw new ShapeError(describe('slice', 'whole numbers', String(given)));
    return Math.min(Math.max(given < 0 ? given + n : given, 0), n);
  };
  const from = shape.map((n, i) => place(start[i], n, 0));
  const to = shape.map((n, i) => Math.max(place(limit[i], n, n), from[i]!));
  return new Tensor(
    bindOne('slice', lax.slicePrimitive, [value], {
      start: from,
      limit: to,
      stride: shape.map((_, i) => stride[i] ?? 1),
    }),
  );
}

/** Tensors one after the other along an axis. */
export function concatenate(xs: readonly Operand[], axis = 0): Tensor {
  const values = sameDType('concatenate', xs);
  const at = checkAxis('concatenate', axis, values[0]!.type.shape.length);
  return new Tensor(bindOne('concatenate', lax.concatPrimitive, values, { axis: at }));
}

/**
 * Tensors side by side: along the second axis, vectors one after the other.
 * @example hstack([ones([2, 1]), ones([2, 3])]).shape // [2, 4]
 */
export function hstack(xs: readonly Operand[]): Tensor {
  const values = sameDType('hstack', xs).map((value) => atLeast(value, 1));
  return new Tensor(
    bindOne('hstack', lax.concatPrimitive, values, { axis: values[0]!.type.shape.length === 1 ? 0 : 1 }),
  );
}

/**
 * Tensors one below the other: along the first axis, vectors as rows.
 * @example vstack([ones([3]), ones([2, 3])]).shape // [3, 3]
 */
export function vstack(xs: readonly Operand[]): Tensor {
  const values = sameDType('vstack', xs).map((value) => atLeast(value, 2));
  return new Tensor(bindOne('vstack', lax.concatPrimitive, values, { axis: 0 }));
}

/** With new axes in front up to a rank. */
function atLeast(x: Value, rank: number): Value {
  const { shape } = x.type;
  return shape.length >= rank ? x : lax.reshape(x, [...new Array<number>(rank - shape.length).fill(1), ...shape]);
}

/** Tensors of one shape along a new axis. */
export function stack(xs: readonly Operand[], axis = 0): Tensor {
  const values = sameDType('stack', xs);
  const { shape } = values[0]!.type;
  const at = checkAxis('stack', axis, shape.length + 1);
  const expanded = values.map((value) =>
    lax.reshape(value, [...value.type.shape.slice(0, at), 1, ...value.type.shape.slice(at)]),
  );
  return new Tensor(bindOne('stack', lax.concatPrimitive, expanded, { axis: at }));
}

function sameDType(where: string, xs: readonly Operand[]): Value[] {
  if (xs.length === 0) throw new ShapeError(describe(where, 'at least one tensor', 'none'));
  const values = xs.map((x) => toValue(where, x));
  const dtype = values.map((value) => value.type.dtype).reduce(promote);
  return values.map((value) => lax.cast(value, dtype));
}

/**
 * x with a number around it; negative widths cut.
 * @param widths for each axis how much before and after
 */
export function pad(x: Operand, widths: readonly (readonly [before: number, after: number])[], value = 0): Tensor {
  const given = toValue('pad', x);
  if (widths.length !== given.type.shape.length) {
    throw new ShapeError(describe('pad', `widths for ${given.type.shape.length} axes`, `${widths.length}`));
  }
  const low = widths.map(([before]) => before);
  const high = widths.map(([, after]) => after);
  for (const width of [...low, ...high]) {
    if (!Number.isSafeInteger(width))
      throw new ShapeError(describe('pad', 'widths that are whole numbers', String(width)));
  }
  const filler = lax.scalar(numberOf('pad', value, given.type.dtype), given.type.dtype);
  return new Tensor(bindOne('pad', lax.padPrimitive, [given, filler], { low, high, interior: low.map(() => 0) }));
}

/**
 * The pieces of an axis: a number of equal parts, or cut at the given places.
 * @example split(tensor([1, 2, 3]), [1]).map((part) => part.shape) // [[1], [2]]
 */
export function split(x: Operand, parts: number | readonly number[], axis = 0): Tensor[] {
  const value = toValue('split', x);
  const { shape } = value.type;
  const at = checkAxis('split', axis, shape.length);
  const n = shape[at]!;
  if (typeof parts === 'number' && !(parts >= 1 && Number.isInteger(n / parts))) {
    throw new ShapeError(describe('split', `parts that divide ${n}`, String(parts)));
  }
  const places =
    typeof parts === 'number'
      ? Array.from({ length: parts - 1 }, (_, k) => ((k + 1) * n) / parts)
      : checkShape('split', parts);
  return [...places, n].map((end, k) => {
    const start = Math.min(places[k - 1] ?? 0, n);
    return new Tensor(
      lax.slice(
        value,
        shape.map((_, i) => (i === at ? start : 0)),
        shape.map((size, i) => (i === at ? Math.max(start, Math.min(end, n)) : size)),
      ),
    );
  });
}
