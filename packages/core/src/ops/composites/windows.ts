/** Pooling as formulas of primitives: the meanings of the composites of these names. */
import type { WindowParams, Widths } from '../primitives/convolution.js';
import { unwindowed, window } from '../primitives/window.js';
import { dtypes } from '../../dtype.js';
import type { Type } from '../../graph/graph.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { otherAxes, sizeOf, type Shape } from '../../shape.js';

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
  return window(padded(x, params, kind === 'float' ? -Infinity : range[0]), poolWindows(params));
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
  const sums = lax.sum(window(padded(x, params, 0), poolWindows(params)), tapAxes(x));
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
