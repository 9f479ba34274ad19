/** Divisors and multiples of integers. */
import { bindOne } from '../bind.js';
import { meet, type Operand } from '../operand.js';
import { isInteger } from '../dtype.js';
import { DTypeError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { Tensor } from '../tensor.js';
import { scan } from './scan.js';

/** Euclid's algorithm takes the most steps for neighbours among Fibonacci's numbers: 46 below 2³², and one to exchange them. */
const mostSteps = 48;

function integers(where: string, a: Operand, b: Operand): [Value, Value] {
  const values = meet(where, a, b);
  const { dtype } = values[0].type;
  if (!isInteger(dtype)) throw new DTypeError(describe(where, 'integers', dtype, 'Convert with cast(x, "int32").'));
  return values;
}

function divisorOf(a: Value, b: Value): Value {
  const start: [Tensor, Tensor] = [new Tensor(a), new Tensor(b)];
  const step = ([x, y]: [Tensor, Tensor]): [[Tensor, Tensor], null] => {
    const zero = lax.fill(y.handle.type, 0);
    const isDone = lax.eq(y.handle, zero);
    const rest = lax.select(isDone, zero, bindOne('gcd', lax.rem.primitive, [x.handle, y.handle], {}));
    return [[new Tensor(lax.select(isDone, x.handle, y.handle)), new Tensor(rest)], null];
  };
  const [[divisor]] = scan(step, start, null, { length: mostSteps });
  return lax.abs(divisor.handle);
}

/**
 * The greatest common divisor, which is not negative; that of 0 and 0 is 0.
 * @example await gcd(tensor(Int32Array.of(12, -8)), 20).array() // [4, 4]
 */
export function gcd(a: Operand, b: Operand): Tensor {
  return new Tensor(divisorOf(...integers('gcd', a, b)));
}

/**
 * The least common multiple, which is not negative; that of 0 and anything is 0.
 * @example await lcm(tensor(Int32Array.of(4, -6)), 10).array() // [20, 30]
 */
export function lcm(a: Operand, b: Operand): Tensor {
  const [x, y] = integers('lcm', a, b);
  const divisor = divisorOf(x, y);
  const zero = lax.fill(divisor.type, 0);
  const isZero = lax.eq(divisor, zero);
  const quotient = lax.div(x, lax.select(isZero, lax.fill(divisor.type, 1), divisor));
  return new Tensor(lax.abs(lax.mul(quotient, y)));
}
