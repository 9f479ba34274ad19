/** Comparisons of numbers, without a test runner, so that the same cases run in Node and in a browser. */
import { isFloat, type DType } from '@antler/core';
import { rounded, spacing } from './numbers.js';

/** Throws unless the condition holds. */
export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Both lists hold the same numbers: NaN equals NaN; 0 equals −0 unless `signed`. */
export function expectEqual(
  actual: ArrayLike<number>,
  expected: readonly number[],
  what: string,
  signed = false,
): void {
  const same = (a: number, b: number): boolean => Object.is(a, b) || (!signed && a === b);
  compare(actual, expected, what, same);
}

/** How close numbers must be. */
export interface Closeness {
  readonly dtype: DType;
  readonly ulps: number;
  /** −0 is not 0. */
  readonly signed?: boolean | undefined;
  /** Sizes at which the units are counted, where they are larger than the expected numbers. */
  readonly around?: readonly number[] | undefined;
}

/**
 * Each number is at most `ulps` units in the last place of `dtype` from the expected one, which is rounded first; 0 equals −0
 * unless `signed`.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  what: string,
  { dtype, ulps, signed = false, around }: Closeness,
): void {
  compare(actual, expected, `${what} (within ${ulps} ULP)`, (a, b, i) => {
    const exact = rounded(b, dtype);
    if (Object.is(a, exact)) return true;
    if (a === exact) return !signed;
    return isFloat(dtype) && Math.abs(a - exact) <= ulps * spacing(Math.max(Math.abs(exact), around?.[i] ?? 0), dtype);
  });
}

/** Both lists hold the same bits, but for those of NaN. */
export function expectBits(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  compare(actual, expected, what, Object.is);
}

/** Each number is at most `margins[i]` from the expected one. */
export function expectWithin(
  actual: ArrayLike<number>,
  expected: readonly number[],
  margins: readonly number[],
  what: string,
): void {
  compare(actual, expected, what, (a, b, i) => Math.abs(a - b) <= margins[i]!);
}

/** The call throws an error of this class now. */
export function expectThrows(call: () => unknown, kind: new () => Error, what: string): void {
  let thrown: Error | undefined;
  try {
    call();
  } catch (error) {
    thrown = error as Error;
  }
  expectThat(thrown instanceof kind, `${what}: expected a ${kind.name}, received ${thrown?.name ?? 'no error'}`);
}

function compare(
  actual: ArrayLike<number>,
  expected: readonly number[],
  what: string,
  fits: (actual: number, expected: number, i: number) => boolean,
): void {
  expectThat(
    actual.length === expected.length,
    `${what}: expected ${expected.length} numbers, received ${actual.length}`,
  );
  const wrong: string[] = [];
  expected.forEach((value, i) => {
    if (!fits(actual[i]!, value, i)) wrong.push(`[${i}] expected ${show(value)}, received ${show(actual[i]!)}`);
  });
  const more = wrong.length > 5 ? `, and ${wrong.length - 5} more of ${expected.length}` : '';
  expectThat(wrong.length === 0, `${what}: ${wrong.slice(0, 5).join('; ')}${more}`);
}

function show(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
