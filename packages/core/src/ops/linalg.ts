/** Products of matrices and tensors. */
import { bindOne, toValue, type Operand } from '../bind.js';
import { promote } from '../dtype.js';
import { ShapeError, describe } from '../errors.js';
import * as lax from '../lax.js';
import { matmulValues } from './numeric.js';
import { checkAxis } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Product of matrices: the last axis of a with the last but one of b; the axes before them broadcast. */
export function matmul(a: Operand, b: Operand): Tensor {
  return new Tensor(matmulValues('matmul', a, b));
}

/**
 * Sums of products over pairs of axes.
 * @param axes the last `n` axes of a with the first `n` of b, or the two lists. Default 2.
 */
export function tensordot(
  a: Operand,
  b: Operand,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  const [left, right] = [toValue('tensordot', a), toValue('tensordot', b)];
  const dtype = promote(left.type.dtype, right.type.dtype);
  const [x, y] = [lax.cast(left, dtype), lax.cast(right, dtype)];
  const [p, q] = [x.type.shape.length, y.type.shape.length];
  const lists =
    typeof axes === 'number'
      ? [Array.from({ length: axes }, (_, i) => p - axes + i), Array.from({ length: axes }, (_, i) => i)]
      : [axes[0], axes[1]];
  const contract = [
    lists[0]!.map((axis) => checkAxis('tensordot', axis, p)),
    lists[1]!.map((axis) => checkAxis('tensordot', axis, q)),
  ] as const;
  if (contract[0].length !== contract[1].length) {
    throw new ShapeError(
      describe('tensordot', 'as many axes of a as of b', `${contract[0].length} and ${contract[1].length}`),
    );
  }
  return new Tensor(bindOne('tensordot', 'dot', [x, y], { contract, batch: [[], []] }));
}

/** All products of an element of a and an element of b, as a matrix of their flattened forms. */
export function outer(a: Operand, b: Operand): Tensor {
  const flat = (x: Operand): Tensor => new Tensor(toValue('outer', x)).reshape([-1]);
  return tensordot(flat(a), flat(b), 0);
}
