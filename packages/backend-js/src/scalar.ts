/** Functions of one or two numbers, some of which JavaScript lacks, or defines otherwise than IEEE 754. */
import type { Opcode } from '@antler/core';

/** To the nearest integer, half to even; keeps −0. Adding 2^52 leaves no bits for a fraction, so the adder rounds. */
export function roundHalfEven(x: number): number {
  if (!(Math.abs(x) < 2 ** 52)) return x;
  const shift = x < 0 ? -(2 ** 52) : 2 ** 52;
  const rounded = x + shift - shift;
  return rounded === 0 ? x * 0 : rounded;
}

/** 1 / (1 + e^−x), without overflow at either end. */
export function logistic(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

/** IEEE 754 pow: 1 to any power is 1, and −1 to an infinite one. */
export function power(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y);
}

/** x^y modulo 2^32. A negative y means the reciprocal, truncated: 1/0 is −1 as for any division. */
export function integerPower(x: number, y: number): number {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : x === 0 ? -1 : 0;
  let result = 1;
  for (let square = x, bits = y; bits > 0; bits = Math.floor(bits / 2)) {
    if (bits % 2 === 1) result = Math.imul(result, square);
    square = Math.imul(square, square);
  }
  return result;
}

// Rational approximations of W. J. Cody, "Rational Chebyshev Approximations for the Error Function", Math. Comp. 23 (1969).
const smallTop = [
  1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3,
];
const smallBottom = [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3];
const largeTop = [
  2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
  8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
];
const largeBottom = [
  1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
  4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
];

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = 0; i < coefficients.length; i++) sum = sum * x + coefficients[i]!;
  return sum;
}

/** The error function 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return (x * polynomial(smallTop, x * x)) / polynomial(smallBottom, x * x);
  if (size >= 6) return Math.sign(x);
  const rest = (Math.exp(-size * size) * polynomial(largeTop, size)) / polynomial(largeBottom, size);
  return x < 0 ? rest - 1 : 1 - rest;
}

/** The opcodes that are functions of one or two floats. */
// prettier-ignore
export type FunctionOpcode = Extract<Opcode,
  | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'exp' | 'expm1' | 'log' | 'log1p' | 'sqrt' | 'sin' | 'cos' | 'tanh'
  | 'logistic' | 'erf' | 'pow' | 'max' | 'min' | 'atan2'>;

/** These functions: `opcodes.ts` calls them, generated text names them. */
export const functions: { readonly [O in FunctionOpcode]: (x: number, y: number) => number } = {
  abs: Math.abs,
  /** NaN and both zeros are their own sign. */
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  logistic,
  erf,
  pow: power,
  /** NaN wins, and +0 is larger than −0. */
  max: Math.max,
  min: Math.min,
  atan2: Math.atan2,
};

/** A row for each of them. */
export function functionRows<T>(row: (op: FunctionOpcode) => T): { readonly [O in FunctionOpcode]: T } {
  return Object.fromEntries((Object.keys(functions) as FunctionOpcode[]).map((op) => [op, row(op)])) as never;
}
