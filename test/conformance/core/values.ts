/** Arrays of numbers as cases write them down: what goes into a function and what should come out of it. */
import { dtypes, isHalf, sizeOf, tensor, type DType, type Shape, type Tensor } from '@antler/core';
import { encode } from '../numbers.js';

/** Elements in row-major order, with their shape and dtype. */
export interface Values {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly numbers: readonly number[];
}

/** Numbers nested in arrays of equal lengths. */
export type Nested = number | readonly Nested[];

/** Values out of nested arrays. `of([])` has shape [0]. */
export function of(nested: Nested, dtype: DType = 'float32'): Values {
  const shape: number[] = [];
  for (let level = nested; typeof level !== 'number'; level = level[0]!) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const numbers = [nested].flat(Infinity as 1) as number[];
  if (numbers.length !== sizeOf(shape)) throw new Error(`of: the arrays do not all have the shape [${shape.join()}]`);
  return { dtype, shape, numbers };
}

/** Values by a rule: the number at each index. */
export function build(shape: Shape, dtype: DType, rule: (index: readonly number[]) => number): Values {
  return { dtype, shape, numbers: indicesOf(shape).map(rule) };
}

/** 0, 1, 2, … as far as the dtype goes: different numbers, so that none is taken for another. */
export function counted(shape: Shape, dtype: DType = 'float32'): Values {
  let next = 0;
  return build(shape, dtype, () => next++ % (dtypes[dtype].range[1] + 1));
}

/** Every index of a shape, in row-major order. */
export function indicesOf(shape: Shape): number[][] {
  return shape.reduce<number[][]>((some, n) => some.flatMap((index) => upTo(n).map((i) => [...index, i])), [[]]);
}

/** 0 … n − 1. */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** The number at an index. */
export function at({ shape, numbers }: Values, index: readonly number[]): number {
  return numbers[index.reduce((place, i, axis) => place * shape[axis]! + i, 0)]!;
}

/** A tensor of them. */
export function tensorOf({ dtype, shape, numbers }: Values): Tensor {
  if (isHalf(dtype)) return tensor(Float64Array.from(numbers), { shape, dtype });
  const data = new dtypes[dtype].array(numbers.length);
  new Uint8Array(data.buffer).set(new Uint8Array(encode(numbers, dtype)));
  return tensor(data, { shape, dtype });
}
