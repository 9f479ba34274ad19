/** Values gathered into the places that indices say: sums and maxima of segments, arrays out of scattered values. */
import * as indexing from './primitives/indexing.js';
import { toValue, type Operand } from '../operand.js';
import { dtypes, isFloat } from '../dtype.js';
import { DTypeError, ShapeError, ValueError, describe } from '../errors.js';
import type { ScatterMode } from '../graph/program.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { checkShape, showShape, type Shape } from '../shape.js';
import { Tensor } from '../tensor.js';

function indicesOf(where: string, x: Operand): Value {
  const value = toValue(where, x, 'int32');
  if (!isFloat(value.type.dtype)) return lax.cast(value, 'int32');
  throw new DTypeError(describe(where, 'integer indices', value.type.dtype, "Convert with cast(indices, 'int32')."));
}

/**
 * An array of zeros to which values are added at indices. An index outside is an IndexError at the first read.
 * @param indices [...places, k]: positions on the first k axes of the result
 * @param values [...places, ...the result's other axes]
 * @example await scatter(tensor([[0], [2], [0]], { dtype: 'int32' }), tensor([1, 2, 3]), [4]).array() // [4, 0, 2, 0]
 */
export function scatter(indices: Operand, values: Operand, shape: Shape): Tensor {
  const at = indicesOf('scatter', indices);
  const given = toValue('scatter', values);
  const target = checkShape('scatter', shape);
  const [places, k] = [at.type.shape.slice(0, -1), at.type.shape.at(-1)];
  if (k === undefined || k > target.length) {
    const expected = `indices of [...places, k] with k <= ${target.length}`;
    throw new ShapeError(describe('scatter', expected, showShape(at.type.shape)));
  }
  const updates = lax.broadcastLike(given, [...places, ...target.slice(k)]);
  return new Tensor(indexing.scatter(lax.fill({ shape: target, dtype: given.type.dtype }, 0), at, updates, 0, 'add'));
}

/**
 * Parts of x at indices, the opposite of `scatter`. An index outside of [−n, n) is an IndexError at the first read.
 * @param indices [...places, k]: positions on the first k axes of x
 * @example await gather(tensor([[1, 2], [3, 4]]), tensor([[1, 0], [0, 1]], { dtype: 'int32' })).array() // [3, 2]
 */
export function gather(x: Operand, indices: Operand): Tensor {
  const [value, at] = [toValue('gather', x), indicesOf('gather', indices)];
  const [rank, k] = [value.type.shape.length, at.type.shape.at(-1)];
  if (k === undefined || k > rank) {
    throw new ShapeError(describe('gather', `indices of [...places, k] with k <= ${rank}`, showShape(at.type.shape)));
  }
  return new Tensor(indexing.gather(value, at, 0));
}

function segments(where: string, x: Operand, ids: Operand, count: number, mode: ScatterMode, start: number): Tensor {
  const value = toValue(where, x);
  const at = indicesOf(where, ids);
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ValueError(describe(where, 'numSegments as a whole number >= 0', String(count)));
  }
  const [length] = value.type.shape;
  if (length === undefined || at.type.shape.length !== 1 || at.type.shape[0] !== length) {
    const expected = `one id for each entry of axis 0 of x ${showShape(value.type.shape)}`;
    throw new ShapeError(describe(where, expected, `ids of ${showShape(at.type.shape)}`));
  }
  const empty = lax.fill({ ...value.type, shape: [count, ...value.type.shape.slice(1)] }, start);
  return new Tensor(indexing.scatter(empty, lax.reshape(at, [length, 1]), value, 0, mode));
}

/**
 * Sums of the entries of axis 0 that have the same id; 0 for an id that nobody has.
 * @example await segmentSum(tensor([1, 2, 3]), tensor([1, 0, 1], { dtype: 'int32' }), { numSegments: 2 }).array() // [2, 4]
 */
export function segmentSum(x: Operand, ids: Operand, { numSegments }: { readonly numSegments: number }): Tensor {
  return segments('segmentSum', x, ids, numSegments, 'add', 0);
}

/**
 * The largest of the entries of axis 0 that have the same id; −∞, or the smallest integer, for an id that nobody has.
 * @example await segmentMax(tensor([1, 2, 3]), tensor([1, 0, 1], { dtype: 'int32' }), { numSegments: 2 }).array() // [2, 3]
 */
export function segmentMax(x: Operand, ids: Operand, { numSegments }: { readonly numSegments: number }): Tensor {
  const { kind, range } = dtypes[toValue('segmentMax', x).type.dtype];
  return segments('segmentMax', x, ids, numSegments, 'max', kind === 'float' ? -Infinity : range[0]);
}
