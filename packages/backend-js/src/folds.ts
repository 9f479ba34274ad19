/**
 * Reductions: how a tile of values is folded into a panel of float64 accumulators. Doubles hold every float32 product and
 * every 32-bit integer exactly, so floats are rounded once, at the end, and integers wrap as if they had been folded in int32.
 */
import { dtypes, type DType, type ReduceOp, type TypedArray } from '@antler/core';
import { rounderOf, type Kind } from './access.js';

/** Folds `depth` values into each of `panel` accumulators; one of both is 1. */
export type Fold = (sums: Float64Array, values: TypedArray, panel: number, depth: number) => void;

/** Rounds or wraps accumulators `start`, `start + 1`, … into a register. */
export type Finish = (register: TypedArray, count: number, sums: Float64Array, start: number) => void;

const sumFloats: Fold = (sums, values, panel, depth) => {
  for (let p = 0; p < panel; p++) {
    let sum = sums[p]!;
    for (let d = 0; d < depth; d++) sum += values[p + d]!;
    sums[p] = sum;
  }
};

const sumIntegers: Fold = (sums, values, panel, depth) => {
  for (let p = 0; p < panel; p++) {
    let sum = sums[p]!;
    for (let d = 0; d < depth; d++) sum = (sum + values[p + d]!) | 0;
    sums[p] = sum;
  }
};

const multiplyFloats: Fold = (sums, values, panel, depth) => {
  for (let p = 0; p < panel; p++) {
    let product = sums[p]!;
    for (let d = 0; d < depth; d++) product *= values[p + d]!;
    sums[p] = product;
  }
};

const multiplyIntegers: Fold = (sums, values, panel, depth) => {
  for (let p = 0; p < panel; p++) {
    let product = sums[p]!;
    for (let d = 0; d < depth; d++) product = Math.imul(product, values[p + d]!);
    sums[p] = product;
  }
};

const maxFloats: Fold = (sums, values, panel, depth) => {
  for (let p = 0; p < panel; p++) {
    let most = sums[p]!;
    for (let d = 0; d < depth; d++) most = Math.max(most, values[p + d]!);
    sums[p] = most;
  }
};

const maxIntegers: Fold = (sums, values, panel, depth) => {
  for (let p = 0; p < panel; p++) {
    let most = sums[p]!;
    for (let d = 0; d < depth; d++) most = Math.max(most, values[p + d]!);
    sums[p] = most;
  }
};

const minFloats: Fold = (sums, values, panel, depth) => {
  for (let p = 0; p < panel; p++) {
    let least = sums[p]!;
    for (let d = 0; d < depth; d++) least = Math.min(least, values[p + d]!);
    sums[p] = least;
  }
};

const minIntegers: Fold = (sums, values, panel, depth) => {
  for (let p = 0; p < panel; p++) {
    let least = sums[p]!;
    for (let d = 0; d < depth; d++) least = Math.min(least, values[p + d]!);
    sums[p] = least;
  }
};

/** The folds; bool has none, as no reduction takes it. */
export const folds: { readonly [R in ReduceOp]: Readonly<Record<Exclude<Kind, 'bool'>, Fold>> } = {
  sum: { float: sumFloats, int: sumIntegers },
  prod: { float: multiplyFloats, int: multiplyIntegers },
  max: { float: maxFloats, int: maxIntegers },
  min: { float: minFloats, int: minIntegers },
};

const finishFloats: Finish = (register, count, sums, start) => {
  for (let i = 0; i < count; i++) register[i] = sums[start + i]!;
};

const finishIntegers: Finish = (register, count, sums, start) => {
  for (let i = 0; i < count; i++) register[i] = sums[start + i]!;
};

/** From accumulators to a register of the result's dtype. */
export function finishOf(dtype: DType): Finish {
  const round = rounderOf(dtype);
  if (round === null) return dtypes[dtype].kind === 'float' ? finishFloats : finishIntegers;
  return (register, count, sums, start) => {
    finishFloats(register, count, sums, start);
    round(register, count);
  };
}
