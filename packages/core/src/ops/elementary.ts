/** More element-wise functions: other bases and inverses, hyperbolic ones, divisions that round down. */
import { meet, toValue, type Operand } from '../operand.js';
import { composite } from './composites/composite.js';
import { arcsinh as arcsinhComposite, cbrt as cbrtComposite } from './composites/elementwise.js';
import { dtypes, isFloat } from '../dtype.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { binaryFloat, toFloat, unaryFloat } from './numeric.js';
import { Tensor } from '../tensor.js';

const like = (x: Value, value: number): Value => lax.fill(x.type, value);

function float(where: string, x: Operand): Value {
  return toFloat(toValue(where, x));
}

/** Two operands as floats of one dtype and shape. */
function floats(where: string, a: Operand, b: Operand): [Value, Value] {
  return meet(where, a, b).map(toFloat) as [Value, Value];
}

/**
 * 1 / x.
 * @example await reciprocal(tensor([2, 4])).array() // [0.5, 0.25]
 */
export function reciprocal(x: Operand): Tensor {
  const value = float('reciprocal', x);
  return new Tensor(lax.div(like(value, 1), value));
}

/**
 * Logarithm to base 2.
 * @example await log2(tensor([1, 8])).array() // [0, 3]
 */
export function log2(x: Operand): Tensor {
  return new Tensor(logarithm('log2', x, Math.LN2));
}

/**
 * Logarithm to base 10.
 * @example await log10(tensor([1, 1000])).array() // [0, 3]
 */
export function log10(x: Operand): Tensor {
  return new Tensor(logarithm('log10', x, Math.LN10));
}

function logarithm(where: string, x: Operand, base: number): Value {
  const value = unaryFloat(where, lax.log, x);
  return lax.div(value, like(value, base));
}

/**
 * 2 to the power of x.
 * @example await exp2(tensor([0, 3])).array() // [1, 8]
 */
export function exp2(x: Operand): Tensor {
  const value = float('exp2', x);
  return new Tensor(lax.pow(like(value, 2), value));
}

/**
 * The real cube root.
 * @example await cbrt(tensor([-8, 27])).array() // [-2, 3]
 */
export function cbrt(x: Operand): Tensor {
  return new Tensor(composite(cbrtComposite, [float('cbrt', x)], {})[0]!);
}

/**
 * Tangent of x in radians.
 * @example await tan(tensor([0])).array() // [0]
 */
export function tan(x: Operand): Tensor {
  const value = float('tan', x);
  return new Tensor(lax.div(lax.sin(value), lax.cos(value)));
}

/** √(1 − x²), exact near 1. */
function complement(x: Value): Value {
  const one = like(x, 1);
  return lax.sqrt(lax.mul(lax.sub(one, x), lax.add(one, x)));
}

/**
 * The angle in [−π/2, π/2] whose sine is x; NaN outside of [−1, 1].
 * @example await arcsin(tensor([0])).array() // [0]
 */
export function arcsin(x: Operand): Tensor {
  const value = float('arcsin', x);
  return new Tensor(binaryFloat('arcsin', lax.atan2, { handle: value }, { handle: complement(value) }));
}

/**
 * The angle in [0, π] whose cosine is x; NaN outside of [−1, 1].
 * @example await arccos(tensor([1])).array() // [0]
 */
export function arccos(x: Operand): Tensor {
  const value = float('arccos', x);
  return new Tensor(binaryFloat('arccos', lax.atan2, { handle: complement(value) }, { handle: value }));
}

/**
 * The angle in (−π/2, π/2) whose tangent is x.
 * @example await arctan(tensor([0])).array() // [0]
 */
export function arctan(x: Operand): Tensor {
  const value = float('arctan', x);
  return new Tensor(binaryFloat('arctan', lax.atan2, { handle: value }, { handle: like(value, 1) }));
}

/** What turns f(x) and f(−x) into halves of exponentials: beyond 1 they are divided by e, so that nothing overflows early. */
function halves(x: Value): { readonly up: Value; readonly down: Value; readonly scale: Value } {
  const isFar = lax.lt(like(x, 1), lax.abs(x));
  const shift = lax.select(isFar, like(x, 1), like(x, 0));
  const scale = lax.select(isFar, like(x, Math.E / 2), like(x, 0.5));
  return { up: lax.sub(x, shift), down: lax.sub(lax.neg(x), shift), scale };
}

/**
 * Hyperbolic sine, exact near 0.
 * @example await sinh(tensor([0])).array() // [0]
 */
export function sinh(x: Operand): Tensor {
  const { up, down, scale } = halves(float('sinh', x));
  const grown = (value: Value): Value => unaryFloat('sinh', lax.expm1, { handle: value });
  return new Tensor(lax.mul(scale, lax.sub(grown(up), grown(down))));
}

/**
 * Hyperbolic cosine.
 * @example await cosh(tensor([0])).array() // [1]
 */
export function cosh(x: Operand): Tensor {
  const { up, down, scale } = halves(float('cosh', x));
  return new Tensor(lax.mul(scale, lax.add(lax.exp(up), lax.exp(down))));
}

/**
 * Inverse of sinh, exact near 0.
 * @example await arcsinh(tensor([0])).array() // [0]
 */
export function arcsinh(x: Operand): Tensor {
  return new Tensor(composite(arcsinhComposite, [float('arcsinh', x)], {})[0]!);
}

/**
 * Inverse of cosh, in [0, ∞); NaN below 1.
 * @example await arccosh(tensor([1])).array() // [0]
 */
export function arccosh(x: Operand): Tensor {
  const value = float('arccosh', x);
  const one = like(value, 1);
  // 2 log(√h + √(1 + h)) with h = (x − 1) / 2 (Kahan, 1987), the second root less 1 without a difference.
  const isInfinite = lax.eq(value, like(value, Infinity));
  const half = lax.mul(lax.sub(lax.select(isInfinite, one, value), one), like(value, 0.5));
  const rest = lax.div(half, lax.add(one, lax.sqrt(lax.add(one, half))));
  const angle = lax.mul(lax.log1p(lax.add(lax.sqrt(half), rest)), like(value, 2));
  return new Tensor(lax.select(isInfinite, value, angle));
}

/**
 * Inverse of tanh, exact near 0; NaN outside of [−1, 1].
 * @example await arctanh(tensor([0])).array() // [0]
 */
export function arctanh(x: Operand): Tensor {
  const value = float('arctanh', x);
  const difference = lax.sub(lax.log1p(value), lax.log1p(lax.neg(value)));
  return new Tensor(lax.mul(difference, like(value, 0.5)));
}

/**
 * log(exp a + exp b), without overflow.
 * @example await logaddexp(tensor([1000]), 1000).array() // [1000.6931…]
 */
export function logaddexp(a: Operand, b: Operand): Tensor {
  return new Tensor(logOfSum('logaddexp', a, b, 1));
}

/**
 * log₂(2^a + 2^b), without overflow.
 * @example await logaddexp2(3, 3).item() // 4
 */
export function logaddexp2(a: Operand, b: Operand): Tensor {
  return new Tensor(logOfSum('logaddexp2', a, b, Math.LN2));
}

/** The larger one, and what the other one adds; `unit` is the natural logarithm of the base. */
function logOfSum(where: string, a: Operand, b: Operand, unit: number): Value {
  const [x, y] = floats(where, a, b);
  const difference = lax.sub(x, y);
  // Infinities of one sign have no difference; their sum is one of them.
  const distance = lax.abs(lax.select(lax.eq(difference, difference), difference, like(difference, 0)));
  const added = lax.log1p(lax.exp(lax.mul(distance, like(distance, -unit))));
  return lax.add(lax.max(x, y), lax.mul(added, like(added, 1 / unit)));
}

/**
 * √(a² + b²), without overflow; infinite where one of them is, whatever the other.
 * @example await hypot(tensor([3]), 4).array() // [5]
 */
export function hypot(a: Operand, b: Operand): Tensor {
  const [x, y] = floats('hypot', a, b).map(lax.abs) as [Value, Value];
  const [low, high] = [lax.min(x, y), lax.max(x, y)];
  const [one, infinity] = [like(high, 1), like(high, Infinity)];
  const isInfinite = lax.or(lax.eq(x, infinity), lax.eq(y, infinity));
  const plain = lax.or(lax.eq(high, like(high, 0)), isInfinite);
  const ratio = lax.div(lax.select(plain, like(low, 0), low), lax.select(plain, one, high));
  const length = lax.mul(high, lax.sqrt(lax.add(one, lax.mul(ratio, ratio))));
  return new Tensor(lax.select(isInfinite, infinity, length));
}

/** a / b rounded down and its remainder, which has the sign of b. */
function floorParts(where: string, a: Operand, b: Operand): { readonly quotient: Value; readonly remainder: Value } {
  const [x, y] = meet(where, a, b).map((value) =>
    lax.cast(value, value.type.dtype === 'bool' ? 'int32' : value.type.dtype, where),
  ) as [Value, Value];
  const zero = like(x, 0);
  const rest = lax.rem(x, y);
  const isOff = lax.and(lax.ne(rest, zero), lax.ne(lax.lt(rest, zero), lax.lt(y, zero)));
  const one = like(x, 1);
  // By 0 nothing remains that could be taken away.
  const less = (): Value => lax.sub(x, lax.select(lax.eq(y, zero), zero, rest));
  const toZero = isFloat(x.type.dtype) ? lax.div(less(), y) : lax.div(x, y);
  const quotient = lax.select(isOff, lax.sub(toZero, one), toZero);
  return { quotient, remainder: lax.select(isOff, lax.add(rest, y), rest) };
}

/**
 * a / b rounded down; integers stay integers.
 * @example await floorDivide(tensor([7, -7]), 2).array() // [3, -4]
 */
export function floorDivide(a: Operand, b: Operand): Tensor {
  const { quotient } = floorParts('floorDivide', a, b);
  if (!isFloat(quotient.type.dtype)) return new Tensor(quotient);
  return new Tensor(unaryFloat('floorDivide', lax.round, { handle: quotient }));
}

/**
 * Remainder of a / b with the sign of b (Python's %).
 * @example await mod(tensor([7, -7]), 3).array() // [1, 2]
 */
export function mod(a: Operand, b: Operand): Tensor {
  return new Tensor(floorParts('mod', a, b).remainder);
}

/**
 * Rounded towards 0.
 * @example await trunc(tensor([1.7, -1.7])).array() // [1, -1]
 */
export function trunc(x: Operand): Tensor {
  const value = float('trunc', x);
  return new Tensor(lax.mul(lax.sign(value), lax.floor(lax.abs(value))));
}

/**
 * True where x is infinite.
 * @example await isInf(tensor([1, Infinity])).array() // [0, 1]
 */
export function isInf(x: Operand): Tensor {
  const value = float('isInf', x);
  return new Tensor(lax.eq(lax.abs(value), like(value, Infinity)));
}

/**
 * x with numbers in place of NaN and the infinities (by default 0 and the largest finite ones).
 * @example await nanToNum(tensor([NaN, 1]), { nan: -1 }).array() // [-1, 1]
 */
export function nanToNum(
  x: Operand,
  options: { readonly nan?: number; readonly posInf?: number; readonly negInf?: number } = {},
): Tensor {
  const value = float('nanToNum', x);
  const [least, most] = dtypes[value.type.dtype].range;
  const { nan = 0, posInf = most, negInf = least } = options;
  const replace = (y: Value, test: Value, number: number): Value => lax.select(test, like(y, number), y);
  const numbers = replace(value, lax.ne(value, value), nan);
  const high = replace(numbers, lax.eq(value, like(value, Infinity)), posInf);
  return new Tensor(replace(high, lax.eq(value, like(value, -Infinity)), negInf));
}

/**
 * 0 below 0, 1 above it, a given value at 0. NaN stays.
 * @example await heaviside(tensor([-1, 0, 2]), 0.5).array() // [0, 0.5, 1]
 */
export function heaviside(x: Operand, atZero: Operand): Tensor {
  const [value, middle] = floats('heaviside', x, atZero);
  const zero = like(value, 0);
  const side = lax.select(lax.lt(value, zero), zero, like(value, 1));
  const chosen = lax.select(lax.eq(value, zero), middle, side);
  return new Tensor(lax.select(lax.eq(value, value), chosen, value));
}

/**
 * sin(πx) / πx, and 1 at 0.
 * @example await sinc(tensor([0, 0.5])).array() // [1, 0.6366]
 */
export function sinc(x: Operand): Tensor {
  const value = float('sinc', x);
  const one = like(value, 1);
  const isZero = lax.eq(value, like(value, 0));
  // By the nearest whole number, so that the angle is small and zeros are exact: sin πx = (−1)^n sin π(x − n).
  const turns = unaryFloat('sinc', lax.round, { handle: value });
  const sign = lax.sub(one, lax.mul(lax.rem(lax.abs(turns), like(value, 2)), like(value, 2)));
  const height = lax.mul(sign, lax.sin(lax.mul(lax.sub(value, turns), like(value, Math.PI))));
  const angle = lax.mul(lax.select(isZero, one, value), like(value, Math.PI));
  return new Tensor(lax.select(isZero, one, lax.div(height, angle)));
}

/**
 * a / b, and 0 where b is 0.
 * @example await divideNoNan(tensor([1, 1]), tensor([2, 0])).array() // [0.5, 0]
 */
export function divideNoNan(a: Operand, b: Operand): Tensor {
  const [x, y] = floats('divideNoNan', a, b);
  const zero = like(y, 0);
  const isZero = lax.eq(y, zero);
  // A divisor of 1 where nothing is divided keeps the gradient finite.
  return new Tensor(lax.select(isZero, zero, lax.div(x, lax.select(isZero, like(y, 1), y))));
}

/**
 * True where |a − b| ≤ absolute + relative · |b|; infinities are close to themselves alone, NaN to nothing.
 * @param options `relative` (default 1e-5), `absolute` (default 1e-8), `equalNaN` (default false): NaN is close to NaN
 * @example await isClose(tensor([1, 1]), tensor([1.000001, 2])).array() // [1, 0]
 */
export function isClose(
  a: Operand,
  b: Operand,
  options: { readonly relative?: number; readonly absolute?: number; readonly equalNaN?: boolean } = {},
): Tensor {
  const { relative = 1e-5, absolute = 1e-8, equalNaN = false } = options;
  const [x, y] = floats('isClose', a, b);
  const size = lax.abs(y);
  const allowed = lax.add(like(x, absolute), lax.mul(like(x, relative), size));
  const isNear = lax.and(lax.le(lax.abs(lax.sub(x, y)), allowed), lax.lt(size, like(x, Infinity)));
  const isSame = lax.or(isNear, lax.eq(x, y));
  if (!equalNaN) return new Tensor(isSame);
  return new Tensor(lax.or(isSame, lax.and(lax.ne(x, x), lax.ne(y, y))));
}
