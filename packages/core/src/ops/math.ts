/** Element-wise arithmetic, comparison and logic, under NumPy's names. Operands are promoted and broadcast. */
import { bindOne, castTo, constantLike, meet, toValue, type Operand } from '../bind.js';
import { type DType, checkDType } from '../dtype.js';
import * as lax from '../lax.js';
import { NO_PARAMS, type Value } from '../node.js';
import { binary, binaryFloat, toFloat, unaryFloat } from './numeric.js';
import { broadcastShapes } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Rounded down. */
export function floor(x: Operand): Tensor {
  return new Tensor(unaryFloat('floor', 'floor', x));
}

/** Rounded up. */
export function ceil(x: Operand): Tensor {
  return new Tensor(unaryFloat('ceil', 'ceil', x));
}

/** Rounded to the nearest whole number, halves to the even one. */
export function round(x: Operand): Tensor {
  return new Tensor(unaryFloat('round', 'round', x));
}

/** e to the power of x. */
export function exp(x: Operand): Tensor {
  return new Tensor(unaryFloat('exp', 'exp', x));
}

/** exp(x) − 1, exact near 0. */
export function expm1(x: Operand): Tensor {
  return new Tensor(unaryFloat('expm1', 'expm1', x));
}

/** Natural logarithm: −∞ at 0, NaN below. */
export function log(x: Operand): Tensor {
  return new Tensor(unaryFloat('log', 'log', x));
}

/** log(1 + x), exact near 0. */
export function log1p(x: Operand): Tensor {
  return new Tensor(unaryFloat('log1p', 'log1p', x));
}

/** Square root: NaN below 0. */
export function sqrt(x: Operand): Tensor {
  return new Tensor(unaryFloat('sqrt', 'sqrt', x));
}

/** Sine of x in radians. */
export function sin(x: Operand): Tensor {
  return new Tensor(unaryFloat('sin', 'sin', x));
}

/** Cosine of x in radians. */
export function cos(x: Operand): Tensor {
  return new Tensor(unaryFloat('cos', 'cos', x));
}

/** Hyperbolic tangent. */
export function tanh(x: Operand): Tensor {
  return new Tensor(unaryFloat('tanh', 'tanh', x));
}

/** 1 / (1 + exp(−x)). */
export function sigmoid(x: Operand): Tensor {
  return new Tensor(unaryFloat('sigmoid', 'logistic', x));
}

/** Error function. */
export function erf(x: Operand): Tensor {
  return new Tensor(unaryFloat('erf', 'erf', x));
}

/** −x. */
export function negative(x: Operand): Tensor {
  return new Tensor(bindOne('negative', 'neg', [toValue('negative', x)], NO_PARAMS));
}

/** |x|; its gradient at 0 is 0. */
export function abs(x: Operand): Tensor {
  return new Tensor(bindOne('abs', 'abs', [toValue('abs', x)], NO_PARAMS));
}

/** −1, 0 or 1; NaN stays. */
export function sign(x: Operand): Tensor {
  return new Tensor(bindOne('sign', 'sign', [toValue('sign', x)], NO_PARAMS));
}

/** x². */
export function square(x: Operand): Tensor {
  const value = toValue('square', x);
  return new Tensor(lax.mul(value, value));
}

/** 1 / √x. */
export function rsqrt(x: Operand): Tensor {
  const root = unaryFloat('rsqrt', 'sqrt', x);
  return new Tensor(lax.div(constantLike(root.type, 1), root));
}

/** log(1 + exp x), without overflow. */
export function softplus(x: Operand): Tensor {
  const value = toFloat(toValue('softplus', x));
  const zero = constantLike(value.type, 0);
  return new Tensor(lax.add(lax.max(value, zero), lax.log1p(lax.exp(lax.neg(lax.abs(value))))));
}

/** a + b. */
export function add(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('add', 'add', a, b));
}

/** a − b. */
export function subtract(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('subtract', 'sub', a, b));
}

/** a · b. */
export function multiply(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('multiply', 'mul', a, b));
}

/** Remainder of a / b with the sign of a (C's fmod). */
export function remainder(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('remainder', 'rem', a, b));
}

/** The larger one; NaN wins, ties share the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('maximum', 'max', a, b));
}

/** The smaller one; NaN wins, ties share the gradient. */
export function minimum(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('minimum', 'min', a, b));
}

/** a to the power of b, by IEEE 754. */
export function power(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('power', 'pow', a, b));
}

/** a = b, as bool. */
export function equal(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('equal', 'eq', a, b));
}

/** a ≠ b, as bool; true for NaN. */
export function notEqual(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('notEqual', 'ne', a, b));
}

/** a < b, as bool. */
export function less(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('less', 'lt', a, b));
}

/** a ≤ b, as bool. */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('lessEqual', 'le', a, b));
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
  return new Tensor(binaryFloat('divide', 'div', a, b));
}

/** The angle of the point (b, a), in radians. */
export function arctan2(a: Operand, b: Operand): Tensor {
  return new Tensor(binaryFloat('arctan2', 'atan2', a, b));
}

/** Both are true (≠ 0). */
export function logicalAnd(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('logicalAnd', 'and', truth('logicalAnd', a), truth('logicalAnd', b)));
}

/** One of them is true (≠ 0). */
export function logicalOr(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('logicalOr', 'or', truth('logicalOr', a), truth('logicalOr', b)));
}

/** Just one of them is true (≠ 0). */
export function logicalXor(a: Operand, b: Operand): Tensor {
  return new Tensor(binary('logicalXor', 'xor', truth('logicalXor', a), truth('logicalXor', b)));
}

/** True where x is 0. */
export function logicalNot(x: Operand): Tensor {
  const value = truth('logicalNot', x).handle;
  return new Tensor(lax.eq(value, constantLike(value.type, 0)));
}

function truth(where: string, x: Operand): { readonly handle: Value } {
  return { handle: castTo(where, toValue(where, x), 'bool') };
}

/** a where the condition holds (≠ 0), else b. The branch not taken has no influence on the gradient. */
export function where(condition: Operand, a: Operand, b: Operand): Tensor {
  const [x, y] = meet('where', a, b);
  const chosen = castTo('where', toValue('where', condition), 'bool');
  const shape = broadcastShapes('where', chosen.type.shape, x.type.shape);
  const spread = (v: Value): Value => lax.broadcastLike(v, shape);
  return new Tensor(lax.select(spread(chosen), spread(x), spread(y)));
}

/** x limited to [low, high]. */
export function clip(x: Operand, low: number, high: number): Tensor {
  const value = toValue('clip', x);
  return new Tensor(lax.min(lax.max(value, constantLike(value.type, low)), constantLike(value.type, high)));
}

/** The elements in another dtype: floats to integers truncate and saturate, anything to bool asks x ≠ 0. */
export function cast(x: Operand, dtype: DType): Tensor {
  return new Tensor(castTo('cast', toValue('cast', x), checkDType('cast', dtype)));
}

/** True where x is NaN. */
export function isNaN(x: Operand): Tensor {
  const value = toFloat(toValue('isNaN', x));
  return new Tensor(lax.ne(value, value));
}

/** True where x is neither NaN nor infinite. */
export function isFinite(x: Operand): Tensor {
  const value = toFloat(toValue('isFinite', x));
  return new Tensor(lax.lt(lax.abs(value), constantLike(value.type, Infinity)));
}
