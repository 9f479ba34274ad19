/** What convolution and pooling ask of their arguments: axes, one number or one for each, padding. */
import type { Widths } from './primitives/convolution.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import type { Value } from '../node.js';
import { showShape } from '../shape.js';

/** One number for all axes, or one for each. */
export type PerAxis = number | readonly number[];

/** 'valid': none. 'same': ⌈size / stride⌉ results, the odd element more after the axis. Or widths before and after each axis. */
export type Padding = 'valid' | 'same' | readonly Widths[];

/** Number of axes between batch and channels. */
export function checkSpatial(where: string, { type: { shape } }: Value): number {
  if (shape.length < 3 || shape.length > 5) {
    const expected = 'x with 3, 4 or 5 axes (batch, 1 to 3 spatial ones, channels)';
    throw new ShapeError(describe(where, expected, showShape(shape), 'Use expandDims(x, 0) for a batch of one.'));
  }
  return shape.length - 2;
}

/** A whole number for each spatial axis. */
export function perAxis(where: string, name: string, given: PerAxis, rank: number, least = 1): readonly number[] {
  const list = typeof given === 'number' ? new Array<number>(rank).fill(given) : given;
  if (list.length !== rank || !list.every((n) => Number.isSafeInteger(n) && n >= least)) {
    const expected = `${name} as a whole number >= ${least}, or ${rank} of them`;
    throw new ValueError(describe(where, expected, JSON.stringify(given)));
  }
  return list;
}

/** Widths before and after each spatial axis. */
export function resolvePadding(
  where: string,
  padding: Padding,
  spatial: readonly number[],
  reaches: readonly number[],
  strides: readonly number[],
): readonly Widths[] {
  if (padding === 'valid') return spatial.map(() => [0, 0]);
  if (padding === 'same') {
    return spatial.map((size, i) => {
      const total = Math.max((Math.ceil(size / strides[i]!) - 1) * strides[i]! + reaches[i]! - size, 0);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
  }
  const isWidths = (widths: unknown): boolean =>
    Array.isArray(widths) && widths.length === 2 && widths.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!Array.isArray(padding) || padding.length !== spatial.length || !padding.every(isWidths)) {
    const expected = `padding 'valid', 'same' or a pair of whole numbers >= 0 for each of ${spatial.length} axes`;
    throw new ValueError(describe(where, expected, JSON.stringify(padding)));
  }
  return padding as readonly Widths[];
}

/** Throws when no window fits. */
export function checkCount(where: string, what: string, x: Value, sizes: readonly number[], count: number): void {
  if (count > 0) return;
  const expected = `x that the ${what} (${showShape(sizes)}) fits into`;
  throw new ShapeError(describe(where, expected, showShape(x.type.shape), "Use padding 'same'."));
}
