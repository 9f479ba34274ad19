/** Windows put back and pooling, as formulas of primitives: the meanings of the composites of these names. */
import type { WindowParams, Widths } from '../../convolution.js';
import { dtypes } from '../../dtype.js';
import type { Type } from '../../graph/graph.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { otherAxes, sizeOf, type Shape } from '../../shape.js';

/** A window's parameters and the shape that was cut into windows. */
export interface UnwindowParams extends WindowParams {
  readonly shape: Shape;
}

/**
 * The transpose of `window`. Windows that do not overlap lie one after the other, all axes at once; others are added up, axis by
 * axis, the last first.
 */
export function unwindowed(x: Value, params: UnwindowParams): Value {
  const apart = params.axes.every((_, i) => params.dilation[i] === 1 && params.sizes[i]! <= params.strides[i]!);
  return apart ? joined(x, params) : params.axes.reduceRight((value, _, i) => unwindowAxis(value, params, i), x);
}

const zeroOf = (x: Value): Value => lax.scalar(0, x.type.dtype);

/**
 * Windows that do not overlap, put in a row: the taps become a part of their axis, and nothing is added. What no window shows is
 * padded while the axes are still apart, so that padding is the only thing that moves data.
 */
function joined(x: Value, { axes, sizes, strides, shape }: UnwindowParams): Value {
  const order: number[] = [];
  const missing: number[] = [];
  const whole = shape.map((n, axis) => {
    order.push(axis);
    missing.push(0);
    const i = axes.indexOf(axis);
    if (i < 0) return n;
    const windows = Math.ceil(n / strides[i]!);
    order.push(shape.length + i);
    missing[missing.length - 1] = windows - x.type.shape[axis]!;
    missing.push(strides[i]! - sizes[i]!);
    return windows * strides[i]!;
  });
  const apart = lax.transpose(x, order);
  const none = missing.map(() => 0);
  const filled = missing.every((n) => n === 0) ? apart : lax.pad(apart, zeroOf(x), none, missing);
  return lax.slice(lax.reshape(filled, whole), none.slice(0, shape.length), shape);
}

/** Puts the taps of the last axis back into the axis that they came from. */
function unwindowAxis(x: Value, { axes, sizes, strides, dilation, shape }: UnwindowParams, i: number): Value {
  const [axis, taps, stride, apart] = [axes[i]!, sizes[i]!, strides[i]!, dilation[i]!];
  const size = shape[axis]!;
  const own = x.type.shape;
  const last = own.length - 1;
  const count = own[axis]!;
  const widths = (at: number, n: number): number[] => own.map((_, j) => (j === at ? n : 0));
  const spread = Array.from({ length: taps }, (_, tap) => {
    const limit = own.map((n, j) => (j === last ? tap + 1 : n));
    const one = lax.reshape(lax.slice(x, widths(last, tap), limit), own.slice(0, last));
    const low = tap * apart;
    const high = size - low - ((count - 1) * stride + 1);
    const [before, after, between] = [low, high, stride - 1].map((n) => widths(axis, n).slice(0, last));
    return lax.pad(one, zeroOf(x), before!, after!, between);
  });
  return spread.reduce((sum, part) => lax.add(sum, part));
}

/** A pool over the axes between the first (batch) and the last (channels). */
export interface PoolParams {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly Widths[];
}

const low = ({ padding }: PoolParams): number[] => [0, ...padding.map(([n]) => n), 0];
const high = ({ padding }: PoolParams): number[] => [0, ...padding.map(([, n]) => n), 0];

/** How a pool slides over x. */
export function poolWindows({ sizes, strides }: PoolParams): WindowParams {
  return { axes: sizes.map((_, i) => i + 1), sizes, strides, dilation: sizes.map(() => 1) };
}

/** x with a number around it. */
function padded(x: Value, params: PoolParams, value: number): Value {
  if (params.padding.every((widths) => widths.every((n) => n === 0))) return x;
  return lax.pad(x, lax.scalar(value, x.type.dtype), low(params), high(params));
}

/** x without what was around it. */
export function unpadded(x: Value, params: PoolParams): Value {
  if (params.padding.every((widths) => widths.every((n) => n === 0))) return x;
  const cut = (widths: readonly number[]): number[] => widths.map((n) => (n === 0 ? 0 : -n));
  return lax.pad(x, lax.scalar(0, x.type.dtype), cut(low(params)), cut(high(params)));
}

/** Shape of x with its padding. */
export function paddedShape({ type: { shape } }: Value, params: PoolParams): Shape {
  return shape.map((n, axis) => n + low(params)[axis]! + high(params)[axis]!);
}

/** All windows of x, with the smallest number around it. */
function maxWindows(x: Value, params: PoolParams): Value {
  const { kind, range } = dtypes[x.type.dtype];
  return lax.window(padded(x, params, kind === 'float' ? -Infinity : range[0]), poolWindows(params));
}

const tapAxes = (x: Value): number[] =>
  Array.from({ length: x.type.shape.length - 2 }, (_, i) => x.type.shape.length + i);
const outerAxes = (x: Value): number[] => x.type.shape.map((_, axis) => axis);

/** The largest of each window. */
export function maxPooled(x: Value, params: PoolParams): Value {
  return lax.reduce('max', maxWindows(x, params), tapAxes(x));
}

/** Cotangents of all windows: each gives its own to its first maximum. */
export function maxPoolCotangents(x: Value, y: Value, g: Value, params: PoolParams): Value {
  const windows = maxWindows(x, params);
  const { shape } = windows.type;
  const spread = (value: Value): Value => lax.broadcast(value, shape, outerAxes(x));
  const taps = sizeOf(params.sizes);
  const order = lax.broadcast(lax.reshape(lax.iota(taps, 'int32'), params.sizes), shape, tapAxes(x));
  const isMost = lax.eq(windows, spread(y));
  const first = lax.reduce('min', lax.select(isMost, order, lax.fill(order.type, taps)), tapAxes(x));
  return lax.select(lax.eq(order, spread(first)), spread(g), lax.fill({ shape, dtype: g.type.dtype }, 0));
}

/** The mean of each window, over the elements of x in it. */
export function averagePooled(x: Value, params: PoolParams): Value {
  const sums = lax.sum(lax.window(padded(x, params, 0), poolWindows(params)), tapAxes(x));
  return lax.div(sums, elementCounts(x.type.shape, sums.type, params));
}

/** The cotangent of what was pooled: each window spreads its own over its elements. */
export function averagePoolCotangent(g: Value, shape: Shape, params: PoolParams): Value {
  const each = lax.div(g, elementCounts(shape, g.type, params));
  const windows = poolWindows(params);
  const whole = shape.map((n, axis) => n + low(params)[axis]! + high(params)[axis]!);
  const taps = windows.axes.map((_, i) => shape.length + i);
  const spread = lax.broadcast(each, [...g.type.shape, ...params.sizes], otherAxes(shape.length + taps.length, taps));
  return unpadded(unwindowed(spread, { ...windows, shape: whole }), params);
}

/** How many elements of x each window has: a product over the axes. */
function elementCounts(pooled: Shape, { shape, dtype }: Type, { sizes, strides, padding }: PoolParams): Value {
  const whole = sizes.filter((_, i) => padding[i]!.every((n) => n === 0));
  let counts = lax.fill({ shape, dtype }, sizeOf(whole));
  sizes.forEach((size, i) => {
    if (padding[i]!.every((n) => n === 0)) return;
    const numbers = lax.iota(shape[i + 1]!, 'int32');
    const like = (n: number): Value => lax.fill(numbers.type, n);
    const start = lax.sub(lax.mul(numbers, like(strides[i]!)), like(padding[i]![0]));
    const end = lax.min(lax.add(start, like(size)), like(pooled[i + 1]!));
    const count = lax.cast(lax.sub(end, lax.max(start, like(0))), dtype);
    counts = lax.mul(counts, lax.broadcast(count, shape, [i + 1]));
  });
  return counts;
}
