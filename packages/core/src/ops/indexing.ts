/** Choosing elements by index. A bad index inside a program is an IndexError at the first read that depends on it. */
import * as indexing from './primitives/indexing.js';
import { bindOne } from '../bind.js';
import { toValue, type Operand } from '../operand.js';
import { isFloat, type DType } from '../dtype.js';
import { DTypeError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { checkAxis, checkShape, type Shape } from '../shape.js';
import { Tensor } from '../tensor.js';

function toIndices(where: string, x: Operand): Value {
  const value = toValue(where, x, 'int32');
  if (isFloat(value.type.dtype)) {
    throw new DTypeError(describe(where, 'integer indices', value.type.dtype, "Convert with cast(indices, 'int32')."));
  }
  return lax.cast(value, 'int32');
}

/**
 * Entries of an axis chosen by index, in any shape. Indices lie in [−n, n).
 * @example take(tensor([10, 20, 30]), tensor([2, 0], { dtype: 'int32' }), 0) // [30, 10]
 */
export function take(x: Operand, indices: Operand, axis = 0): Tensor {
  const value = toValue('take', x);
  const rank = value.type.shape.length;
  const at = checkAxis('take', axis, rank);
  const chosen = toIndices('take', indices);
  const front = [at, ...value.type.shape.map((_, i) => i).filter((i) => i !== at)];
  const gathered = bindOne(
    'take',
    indexing.gatherPrimitive,
    [lax.transpose(value, front), lax.reshape(chosen, [...chosen.type.shape, 1])],
    { batch: 0 },
  );
  // The index axes stand first; they belong where the axis was.
  const count = chosen.type.shape.length;
  const order = [
    ...Array.from({ length: at }, (_, i) => count + i),
    ...Array.from({ length: count }, (_, i) => i),
    ...Array.from({ length: rank - 1 - at }, (_, i) => count + at + i),
  ];
  return new Tensor(lax.transpose(gathered, order));
}

/** Entries of an axis chosen for each position of the others; `indices` has x's shape but for that axis. */
export function takeAlongAxis(x: Operand, indices: Operand, axis = -1): Tensor {
  const value = toValue('takeAlongAxis', x);
  const rank = value.type.shape.length;
  const at = checkAxis('takeAlongAxis', axis, rank);
  const last = [...value.type.shape.map((_, i) => i).filter((i) => i !== at), at];
  const chosen = lax.transpose(toIndices('takeAlongAxis', indices), last);
  const gathered = bindOne(
    'takeAlongAxis',
    indexing.gatherPrimitive,
    [lax.transpose(value, last), lax.reshape(chosen, [...chosen.type.shape, 1])],
    {
      batch: rank - 1,
    },
  );
  return new Tensor(
    lax.transpose(
      gathered,
      last.map((_, axisOfResult) => last.indexOf(axisOfResult)),
    ),
  );
}

/** 1 at each index of a new last axis of n entries, 0 elsewhere; a row of zeros for an index outside [0, n). */
export function oneHot(indices: Operand, n: number, options: { readonly dtype?: DType } = {}): Tensor {
  const chosen = toIndices('oneHot', indices);
  const { shape } = chosen.type;
  const target = checkShape('oneHot', [...shape, n]);
  const spread = lax.broadcast(
    chosen,
    target,
    shape.map((_, i) => i),
  );
  const column = lax.broadcastLike(lax.iota(n, 'int32'), target);
  return new Tensor(lax.cast(lax.eq(spread, column), options.dtype ?? 'float32'));
}

/**
 * 1 at each of the classes in a row of indices [..., k], 0 elsewhere: [..., n]. An index outside of [0, n) marks nothing.
 * @example await multiHot(tensor(Int32Array.of(0, 2)), 4).array() // [1, 0, 1, 0]
 */
export function multiHot(indices: Operand, n: number, options: { readonly dtype?: DType } = {}): Tensor {
  const chosen = toIndices('multiHot', indices);
  const axis = checkAxis('multiHot', -1, chosen.type.shape.length);
  const marks = oneHot(new Tensor(chosen), n, { dtype: 'int32' }).handle;
  const found = lax.lt(
    lax.fill({ ...marks.type, shape: otherSizes(marks.type.shape, axis) }, 0),
    lax.sum(marks, [axis]),
  );
  return new Tensor(lax.cast(found, options.dtype ?? 'float32'));
}

const otherSizes = (shape: Shape, axis: number): number[] => shape.filter((_, i) => i !== axis);

/** A copy of x in which entries of axis 0 are replaced by (or combined with) updates; of duplicates the last wins. */
export function scatterUpdate(
  x: Operand,
  indices: Operand,
  updates: Operand,
  mode: 'set' | 'add' | 'max' | 'min' = 'set',
): Tensor {
  const value = toValue('scatterUpdate', x);
  const chosen = toIndices('scatterUpdate', indices);
  const given = lax.cast(toValue('scatterUpdate', updates, value.type.dtype), value.type.dtype);
  const at = lax.reshape(chosen, [...chosen.type.shape, 1]);
  return new Tensor(bindOne('scatterUpdate', indexing.scatterPrimitive, [value, at, given], { batch: 0, mode }));
}
