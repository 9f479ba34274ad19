/** Bits of integers: combined one by one, inverted, moved. */
import { meet, toValue, type Operand } from '../operand.js';
import { isFloat, isInteger } from '../dtype.js';
import { DTypeError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { Tensor } from '../tensor.js';
import { binary } from './numeric.js';

const hint = "Convert with cast(x, 'int32').";

/** Two operands as integers or bools of one dtype and shape. */
function discrete(where: string, a: Operand, b: Operand): [Value, Value] {
  const values = meet(where, a, b);
  const { dtype } = values[0].type;
  if (isFloat(dtype)) throw new DTypeError(describe(where, 'integers or bools', dtype, hint));
  return values;
}

function combined(where: string, op: lax.Binary, a: Operand, b: Operand): Tensor {
  const [x, y] = discrete(where, a, b);
  return new Tensor(binary(where, op, new Tensor(x), new Tensor(y)));
}

function moved(where: string, op: lax.Binary, x: Operand, count: Operand): Tensor {
  const [value, counts] = meet(where, x, count);
  const { dtype } = value.type;
  if (!isInteger(dtype)) throw new DTypeError(describe(where, 'integers', dtype, hint));
  return new Tensor(binary(where, op, new Tensor(value), new Tensor(counts)));
}

/**
 * The bits that both have.
 * @example await bitwiseAnd(tensor(Int32Array.of(6, 5)), 3).array() // [2, 1]
 */
export function bitwiseAnd(a: Operand, b: Operand): Tensor {
  return combined('bitwiseAnd', lax.and, a, b);
}

/**
 * The bits that one of them has, or both.
 * @example await bitwiseOr(tensor(Int32Array.of(6, 5)), 3).array() // [7, 7]
 */
export function bitwiseOr(a: Operand, b: Operand): Tensor {
  return combined('bitwiseOr', lax.or, a, b);
}

/**
 * The bits that exactly one of them has.
 * @example await bitwiseXor(tensor(Int32Array.of(6, 5)), 3).array() // [5, 6]
 */
export function bitwiseXor(a: Operand, b: Operand): Tensor {
  return combined('bitwiseXor', lax.xor, a, b);
}

/**
 * The bits that x lacks: −x − 1 of signed integers, the other truth of bools.
 * @example await bitwiseNot(tensor(Int32Array.of(0, -1))).array() // [-1, 0]
 */
export function bitwiseNot(x: Operand): Tensor {
  const value = toValue('bitwiseNot', x);
  const { dtype } = value.type;
  // Minus one has all bits, in two's complement; an unsigned integer that is as large as can be has them as well.
  const all = dtype === 'bool' ? 1 : dtype === 'uint32' ? 2 ** 32 - 1 : dtype === 'uint8' ? 255 : -1;
  if (isFloat(dtype)) throw new DTypeError(describe('bitwiseNot', 'integers or bools', dtype, hint));
  return combined('bitwiseNot', lax.xor, new Tensor(value), new Tensor(lax.fill(value.type, all)));
}

/**
 * Bits moved up, which multiplies by 2 to the power of the count. Counts are taken modulo the width of the dtype.
 * @example await leftShift(tensor(Int32Array.of(1, 3)), 2).array() // [4, 12]
 */
export function leftShift(x: Operand, count: Operand): Tensor {
  return moved('leftShift', lax.shl, x, count);
}

/**
 * Bits moved down; the sign of a signed integer stays. Counts are taken modulo the width of the dtype.
 * @example await rightShift(tensor(Int32Array.of(12, -8)), 2).array() // [3, -2]
 */
export function rightShift(x: Operand, count: Operand): Tensor {
  return moved('rightShift', lax.shr, x, count);
}
