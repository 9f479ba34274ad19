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

/**
 * The opcodes that are functions of `Math`, as IEEE 754 defines them: NaN and both zeros are their own sign; of max and min,
 * NaN wins, and +0 is larger than −0.
 */
// prettier-ignore
export type MathOpcode = Extract<Opcode,
  | 'abs' | 'sign' | 'floor' | 'ceil' | 'exp' | 'expm1' | 'log' | 'log1p' | 'sqrt' | 'sin' | 'cos' | 'tanh' | 'max' | 'min'
  | 'atan2'>;

// prettier-ignore
const ofMath: readonly MathOpcode[] = [
  'abs', 'sign', 'floor', 'ceil', 'exp', 'expm1', 'log', 'log1p', 'sqrt', 'sin', 'cos', 'tanh', 'max', 'min', 'atan2',
];

/** A row for each of them. */
export function mathRows<T>(row: (op: MathOpcode) => T): { readonly [O in MathOpcode]: T } {
  return Object.fromEntries(ofMath.map((op) => [op, row(op)])) as never;
}
