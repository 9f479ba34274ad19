/**
 * A convolution in other words, for devices without a kernel for it: windows of the padded input are the rows of a matrix
 * product. The input's map is such a convolution too, of the output spread out, with the kernel turned round.
 */
import { reachOf } from '../convolution.js';
import type { Primitive, PrimitiveParams } from '../primitives.js';
import type { Shape } from '../shape.js';
import type { Draftbook, Draft } from './simplify.js';

/** Adds a convolution as windows and a product; returns its result. */
export function addConvolution(book: Draftbook, { params, inputs, scope }: Draft<'conv'>): number {
  const { strides, padding, dilation, groups } = params;
  const [a, b] = inputs as readonly [number, number];
  const rank = strides.length;
  const axes = strides.map((_, i) => i + 1);
  const shape = (value: number): Shape => book.types[value]!.shape;
  const add = <P extends Primitive>(primitive: P, more: PrimitiveParams[P], ...operands: number[]): number =>
    book.apply(scope, primitive, more, ...operands);
  const pad = (x: number, low: readonly number[], high: readonly number[], interior: readonly number[]): number => {
    const zero = add('const', { value: 0, dtype: book.types[x]!.dtype });
    const all = (widths: readonly number[]): number[] => [0, ...widths, 0];
    return add('pad', { low: all(low), high: all(high), interior: all(interior) }, x, zero);
  };
  /** The last axis cut into groups. */
  const cut = (x: number): number => {
    const own = shape(x);
    return add('reshape', { shape: [...own.slice(0, -1), groups, own[own.length - 1]! / groups] }, x);
  };
  /** The last axis of a result from its two parts. */
  const join = (x: number): number => {
    const own = shape(x);
    return add('reshape', { shape: [...own.slice(0, -2), own[rank + 1]! * own[rank + 2]!] }, x);
  };
  /** [n, spatial, groups, channels] → its windows [n, counts, groups, channels, taps]. */
  const windows = (x: number, taps: readonly number[], steps: readonly number[], apart: readonly number[]): number =>
    add('window', { axes, sizes: taps, strides: steps, dilation: apart }, cut(x));
  const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
  const none = strides.map(() => 0);
  const ones = strides.map(() => 1);
  const [low, high] = [padding.map(([n]) => n), padding.map(([, n]) => n)];
  const taps = range(rank + 3, rank);
  const inGroups = [[rank + 1], [rank + 1]] as const;

  if (params.map === 'kernel') {
    const counts = shape(b).slice(1, -1);
    const x = pad(a, low, high, none);
    // Steps and taps change places: the windows of a tap are those of all outputs.
    const rows = windows(x, counts, dilation, strides);
    const contract = [
      [0, ...taps],
      [0, ...axes],
    ] as const;
    const sum = add('dot', { contract, batch: inGroups }, rows, cut(b));
    // [groups, taps, channels, filters] → [taps, channels, groups · filters].
    const order = [...range(1, rank), rank + 1, 0, rank + 2];
    return join(add('transpose', { permutation: order }, sum));
  }
  const sizes = shape(b).slice(0, rank);
  const isOutput = params.map === 'output';
  const edge = sizes.map((size, i) => reachOf(size, dilation[i]!) - 1);
  const source = isOutput
    ? pad(a, low, high, none)
    : pad(
        a,
        edge.map((n, i) => n - low[i]!),
        edge.map((n, i) => n - high[i]!),
        strides.map((n) => n - 1),
      );
  const kernel = isOutput ? b : add('flip', { axes: range(0, rank) }, b);
  const rows = windows(source, sizes, isOutput ? strides : ones, dilation);
  // The kernel's axes: taps, channels, groups, filters.
  const inner = isOutput ? rank : rank + 2;
  const contract = [
    [...taps, rank + 2],
    [...range(0, rank), inner],
  ] as const;
  const sum = add('dot', { contract, batch: inGroups }, rows, cut(kernel));
  // [groups, n, spatial, channels] → [n, spatial, groups · channels].
  return join(add('transpose', { permutation: [...range(1, rank + 1), 0, rank + 2] }, sum));
}
