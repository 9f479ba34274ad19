/** Element-wise arithmetic, comparison and logic, under NumPy's names. Operands are promoted and broadcast. */
import { bindOne } from '../bind.js';
import { meet, toValue, type Operand } from '../operand.js';
import { type DType, checkDType } from '../dtype.js';
import * as lax from '../lax.js';
import { NO_PARAMS, type Value } from '../node.js';
import { binary, binaryFloat, toFloat, unaryFloat } from './numeric.js';
import { broadcastShapes } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Rounded down. */
export function floor(x: Operand): Tensor {
  return new Tensor(unaryFloat('floor', lax.floor, x));
}

/** Rounded up. */
export function ceil(x: Operand): Tensor {
  return new Tensor(unaryFloat('ceil', lax.ceil, x));
}

/** Rounded to the nearest whole number, halves to the even one. */
export function round(x: Operand): Tensor {
  return new Tensor(unaryFloat('round', lax.round, x));
}

/** e to the power of x. */
export function exp(x: Operand): Tensor {
  return new Tensor(unaryFloat('exp', lax.exp, x));
}

/** exp(x) − 1, exact near 0. */
export function expm1(x: Operand): Tensor {
  return new Tensor(unaryFloat('expm1', lax.expm1, x));
}

/** Natural logarithm: −∞ at 0, NaN below. */
export function log(x: Operand): Tensor {
  return new Tensor(unaryFloat('log', lax.log, x));
}

/** log(1 + x), exact near 0. */
export function log1p(x: Operand): Tensor {
  return new Tensor(unaryFloat('log1p', lax.log1p, x));
}

/** Square root: NaN below 0. */
export function sqrt(x: Operand): Tensor {
  return new Tensor(unaryFloat('sqrt', lax.sqrt, x));
}

/** Sine of x in radians. */
export function sin(x: Operand): Tensor {
  return new Tensor(unaryFloat('sin', lax.sin, x));
}

/** Cosine of x in radians. */
export function cos(x: Operand): Tensor {
  return new Tensor(unaryFloat('cos', lax.cos, x));
}

/** Hyperbolic tangent. */
export function tanh(x: Operand): Tensor {
  return new Tensor(unaryFloat('tanh', lax.tanh, x));
}

/** 1 / (1 + exp(−x)). */
export function sigmoid(x: Operand): Tensor {
  return new Tensor(unaryFloat('sigmoid', lax.logistic, x));
}

/** Error function. */
export function erf(x: Operand): Tensor {
  return new Tensor(unaryFloat('erf', lax.erf, x));
}

/** −x. */
export function negative(x: Operand): Tensor {
  return new Tensor(bindOne('negative', lax.neg.primitive, [toValue('negative', x)], NO_PARAMS));
}

/** |x|; its gradient at 0 is 0. */
export function abs(x: Operand): Tensor {
  return new Tensor(bindOne('abs', lax.abs.primitive, [toValue('abs', x)], NO_PARAMS));
}

/** −1, 0 or 1; NaN stays. */
export function sign(x: Operand): Tensor {
  return new Tensor(bindOne('sign', lax.sign.primitive, [toValue('sign', x)], NO_PARAMS));
}

/** x². */
export function square(x: Operand): Tensor {
  const value = toValue('square', x);
  return new Tensor(lax.mul(value, value));
}

/** 1 / √x. */
export function rsqrt(x: Operand): Tensor {
  const root = unaryFloat('rsqrt', lax.sqrt, x);
  return new Tensor(lax.div(lax.fill(root.type, 1), root));
}

/** log(1 + exp x), without overflow. */
export function softplus(x: Operand): Tensor {
  const value = toFloat(toValue('softplus', x));
  const zero = lax.fill(value.type, 0);
  return new Tensor(lax.add(lax.max(value, zero), lax.log1p(lax.exp(lax.neg(lax.abs(value))))));
}

/** a + b. */
export function add(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('add', lax.add, a, b));
}

/** a − b. */
export function subtract(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('subtract', lax.sub, a, b));
}

/** a · b. */
export function multiply(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('multiply', lax.mul, a, b));
}

/** Remainder of a / b with the sign of a (C's fmod). */
export function remainder(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('remainder', lax.rem, a, b));
}

/** The larger one; NaN wins, ties share the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('maximum', lax.max, a, b));
}

/** The smaller one; NaN wins, ties share the gradient. */
export function minimum(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('minimum', lax.min, a, b));
}

/** a to the power of b, by IEEE 754. */
export function power(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('power', lax.pow, a, b));
}

/** a = b, as bool. */
export function equal(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('equal', lax.eq, a, b));
}

/** a ≠ b, as bool; true for NaN. */
export function notEqual(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('notEqual', lax.ne, a, b));
}

/** a < b, as bool. */
export function less(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('less', lax.lt, a, b));
}

/** a ≤ b, as bool. */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('lessEqual', lax.le, a, b));
}

/** a > b, as bool. */
export function greater(a: Operand, b: Operand): Tensor {
  const [x, y] = meet('greater', a, b);
  return new Tensor(lax.lt(y, x));
}

/** a ≥ b, as bool. */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  const [x, y] = meet('greaterEqual', a, b);
  return new Tensor(lax.le(y, x));
}

/** a / b; integers become float32. */
export function divide(a: Operand, b: Operand): Tensor {
  return new Tensor(binaryFloat('divide', lax.div, a, b));
}

/** The angle of the point (b, a), in radians. */
export function arctan2(a: Operand, b: Operand): Tensor {
  return new Tensor(binaryFloat('arctan2', lax.atan2, a, b));
}

/** Both are true (≠ 0). */
export function logicalAnd(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('logicalAnd', lax.and, truth('logicalAnd', a), truth('logicalAnd', b)));
}

/** One of them is true (≠ 0). */
export function logicalOr(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('logicalOr', lax.or, truth('logicalOr', a), truth('logicalOr', b)));
}

/** Just one of them is true (≠ 0). */
export function logicalXor(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('logicalXor', lax.xor, truth('logicalXor', a), truth('logicalXor', b)));
}

/** True where x is 0. */
export function logicalNot(x: Operand): Tensor {
  const value = truth('logicalNot', x).handle;
  return new Tensor(lax.eq(value, lax.fill(value.type, 0)));
}

function truth(where: string, x: Operand): { readonly handle: Value } {
  return { handle: lax.cast(toValue(where, x), 'bool', where) };
}

/** a where the condition holds (≠ 0), else b. The branch not taken has no influence on the gradient. */
export function where(condition: Operand, a: Operand, b: Operand): Tensor {
  const [x, y] = meet('where', a, b);
  const chosen = lax.cast(toValue('where', condition), 'bool', 'where');
  const shape = broadcastShapes('where', chosen.type.shape, x.type.shape);
  const spread = (v: Value): Value => lax.broadcastLike(v, shape);
  return new Tensor(lax.select(spread(chosen), spread(x), spread(y)));
}

/** x limited to [low, high]. */
export function clip(x: Operand, low: number, high: number): Tensor {
  const value = toValue('clip', x);
  return new Tensor(lax.min(lax.max(value, lax.fill(value.type, low)), lax.fill(value.type, high)));
}

/** The elements in another dtype: floats to integers truncate and saturate, anything to bool asks x ≠ 0. */
export function cast(x: Operand, dtype: DType): Tensor {
  return new Tensor(lax.cast(toValue('cast', x), checkDType('cast', dtype), 'cast'));
}

/** True where x is NaN. */
export function isNaN(x: Operand): Tensor {
  const value = toFloat(toValue('isNaN', x));
  return new Tensor(lax.ne(value, value));
}

/** True where x is neither NaN nor infinite. */
export function isFinite(x: Operand): Tensor {
  const value = toFloat(toValue('isFinite', x));
  return new Tensor(lax.lt(lax.abs(value), lax.fill(value.type, Infinity)));
}
