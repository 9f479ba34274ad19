/** Making tensors: from host data, constants and ranges. They belong to no device until a program needs one. */
import { create, filled, type CreateOptions, type TensorData } from './host.js';
import { checkDType, type DType } from '../dtype.js';
import { ValueError, describe } from '../errors.js';
import { isHalf } from '../halves.js';
import * as lax from '../lax.js';
import type { Handle } from '../node.js';
import { checkShape, type Shape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Options of functions that make tensors. */
export interface DTypeOptions {
  /** Default float32. */
  readonly dtype?: DType;
}

/**
 * A tensor with a copy of the data: a number, nested arrays, a typed array (with `shape`) or `{ data, shape }`.
 * Nested numbers and Float64Array become float32 unless `dtype` says otherwise; booleans bool; other typed arrays keep theirs.
 * @example tensor([[1, 2], [3, 4]]).shape // [2, 2]
 */
export function tensor(data: TensorData, options: CreateOptions = {}): Tensor {
  return new Tensor(create('tensor', data, options));
}

/** All 0. */
export function zeros(shape: Shape, options: DTypeOptions = {}): Tensor {
  return new Tensor(filled('zeros', shape, 0, options.dtype ?? 'float32'));
}

/** All 1. */
export function ones(shape: Shape, options: DTypeOptions = {}): Tensor {
  return new Tensor(filled('ones', shape, 1, options.dtype ?? 'float32'));
}

/** All the same number. */
export function full(shape: Shape, value: number, options: DTypeOptions = {}): Tensor {
  return new Tensor(filled('full', shape, value, options.dtype ?? 'float32'));
}

/** All 0, with the shape and dtype of x. */
export function zerosLike(x: Handle): Tensor {
  return new Tensor(lax.fill(x.handle.type, 0));
}

/** All 1, with the shape and dtype of x. */
export function onesLike(x: Handle): Tensor {
  return new Tensor(lax.fill(x.handle.type, 1));
}

/** All the same number, with the shape and dtype of x. */
export function fullLike(x: Handle, value: number): Tensor {
  const { shape, dtype } = x.handle.type;
  return new Tensor(filled('fullLike', shape, value, dtype));
}

/** The identity matrix of n rows and columns. */
export function identity(n: number, options: DTypeOptions = {}): Tensor {
  return eye(n, n, options);
}

/** The identity matrix of n rows and m (default n) columns. */
export function eye(n: number, m: number = n, options: DTypeOptions = {}): Tensor {
  const dtype = checkDType('eye', options.dtype ?? 'float32');
  checkShape('eye', [n, m]);
  const row = lax.broadcast(lax.iota(n, 'int32'), [n, m], [0]);
  const column = lax.broadcast(lax.iota(m, 'int32'), [n, m], [1]);
  return new Tensor(lax.cast(lax.eq(row, column), dtype));
}

/**
 * Numbers from start up to (not including) stop; with one argument from 0.
 * @example await arange(2, 8, 2).array() // [2, 4, 6]
 */
export function arange(start: number, stop?: number, step = 1, options: DTypeOptions = {}): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!Number.isSafeInteger(count)) {
    throw new ValueError(describe('arange', 'finite bounds and a step other than 0', `${from}, ${to}, ${step}`));
  }
  const whole = Number.isInteger(from) && Number.isInteger(step);
  const dtype = checkDType('arange', options.dtype ?? (whole ? 'int32' : 'float32'));
  const positions = lax.iota(count, isHalf(dtype) ? 'float32' : dtype);
  const scaled = step === 1 ? positions : lax.mul(positions, lax.fill(positions.type, step));
  return new Tensor(lax.cast(from === 0 ? scaled : lax.add(scaled, lax.fill(scaled.type, from)), dtype, 'arange'));
}
