/** What the formulas of composites share: folds over some axes, spread over these again. */
import type { ReduceOp } from '../../graph/program.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { otherAxes, sizeOf, sizesAt } from '../../shape.js';

/** A constant of the type of x. */
export const like = (x: Value, value: number): Value => lax.fill(x.type, value);

/** The number of the last axis. */
export const lastAxis = (x: Value): number => x.type.shape.length - 1;

/** All axes but the last one: what the rows are numbered by. */
export const rowAxes = (x: Value): number[] => otherAxes(x.type.shape.length, [lastAxis(x)]);

/** One number for each row, spread over the rows of x. */
export function acrossRows(value: Value, x: Value): Value {
  return lax.broadcast(value, x.type.shape, rowAxes(x));
}

/** One number for each place of a row, spread over all rows of x. */
export function downRows(value: Value, x: Value): Value {
  return lax.broadcast(value, x.type.shape, [lastAxis(x)]);
}

/** Folds the last axis and spreads the result over it again. */
export function overRow(op: ReduceOp, x: Value): Value {
  return acrossRows(lax.reduce(op, x, [lastAxis(x)]), x);
}

/** The mean over some axes: a division, so that the mean of equal numbers is that number. */
export function meanOver(x: Value, axes: readonly number[]): Value {
  const sum = lax.sum(x, axes);
  return lax.div(sum, like(sum, sizeOf(sizesAt(x.type.shape, axes))));
}
