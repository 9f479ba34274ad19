/** The 16-bit floats: every bit pattern there is, and the rounding of what lies between them. */
import { describe, expect, test } from '@jest/globals';
import { halves, type Half } from '@antler/core';
import { fromHalfBits, halfBits, rounded } from '../../../test/conformance/numbers.js';
import { seeded } from '../../../test/seeded.js';

const patterns = Array.from({ length: 65536 }, (_, bits) => bits);
const largest = { float16: 65504, bfloat16: 3.3895313892515355e38 } as const;

/** The first arguments of which two functions give different numbers; 0 and −0 differ. */
function differences(
  arguments_: readonly number[],
  f: (x: number) => number,
  g: (x: number) => number,
): readonly string[] {
  return arguments_
    .filter((x) => !Object.is(f(x), g(x)))
    .slice(0, 5)
    .map((x) => `${x}: ${f(x)} instead of ${g(x)}`);
}

describe.each<Half>(['float16', 'bfloat16'])('%s', (dtype) => {
  const { round, toBits, fromBits } = halves[dtype];
  const numbers = patterns.map(fromBits);
  const finite = numbers.filter(Number.isFinite);
  const sorted = [...finite].sort((a, b) => a - b);

  test('each of the 65,536 patterns is the number that the format says', () => {
    expect(differences(patterns, fromBits, (bits) => fromHalfBits(bits, dtype))).toEqual([]);
    expect(Math.max(...finite)).toBe(largest[dtype]);
    expect(new Set(finite).size).toBe(finite.length - 1); // The two zeros are one number to a set.
  });

  test('each number goes back to its pattern, every NaN to one', () => {
    const nan = dtype === 'float16' ? 0x7e00 : 0x7fc0;
    const own = (bits: number): number => (Number.isNaN(fromBits(bits)) ? nan : bits);
    expect(differences(patterns, (bits) => toBits(fromBits(bits)), own)).toEqual([]);
  });

  test('each number is its own rounding', () => {
    expect(differences(numbers, round, (x) => x)).toEqual([]);
  });

  test('half way between neighbours the even one wins, and beside it the nearer', () => {
    const even = (x: number): boolean => toBits(x) % 2 === 0;
    const wrong: string[] = [];
    for (let i = 1; i < sorted.length; i++) {
      const [low, high] = [sorted[i - 1]!, sorted[i]!];
      if (low === high) continue;
      const middle = low / 2 + high / 2;
      // A step that float64 has and float32 has not: rounding twice would lose it.
      const step = (high - low) * 2 ** -30;
      const given = [middle - step, middle, middle + step].map(round);
      const wanted = [low, even(low) ? low : high, high];
      if (given.some((x, k) => x !== wanted[k])) wrong.push(`${low} ${high}: ${given.join()}`);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  test('from half a unit above the largest number on there is infinity', () => {
    const unit = largest[dtype] - sorted.at(-2)!;
    const limit = largest[dtype] + unit / 2;
    expect([limit * (1 - 2 ** -40), limit, limit * 2, Number.MAX_VALUE, Infinity].map(round)).toEqual([
      largest[dtype],
      Infinity,
      Infinity,
      Infinity,
      Infinity,
    ]);
    expect([-limit, -Number.MAX_VALUE, -Infinity].map(round)).toEqual([-Infinity, -Infinity, -Infinity]);
    expect(round(NaN)).toBeNaN();
  });

  test('random float32 and float64 numbers are rounded as the plain formula does', () => {
    const chance = seeded(17);
    const words = new Uint32Array(20_000).map(() => chance.whole(0, 2 ** 32 - 1));
    const singles = [...new Float32Array(words.buffer)];
    // Most exponents of a float64 are beyond any of 16 bits, so these are drawn about the ones that are not.
    const doubles = singles.map(
      (_, i) => (chance() - 0.5) * 2 ** (dtype === 'float16' ? (i % 44) - 26 : (i % 262) - 134),
    );
    for (const some of [singles, doubles]) {
      expect(differences(some, round, (x) => rounded(x, dtype))).toEqual([]);
      expect(differences(some, toBits, (x) => halfBits(x, dtype))).toEqual([]);
    }
  });
});
