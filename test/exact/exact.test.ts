/** Element-wise floats of the reference backend against exact numbers: dense random arguments across the range. */
import { createJsBackend } from '@antler/backend-js';
import { describe, expect, test } from '@jest/globals';
import { dtypes, type DType, type Opcode } from '@antler/core';
import { Device } from '../conformance/device.js';
import { rounded } from '../conformance/numbers.js';
import { defaultTolerance } from '../conformance/tolerance.js';
import { hashOf, seeded, type Chance } from '../seeded.js';
import * as exact from './exact.js';
import type { Fixed } from './exact.js';

const formats = {
  float32: { digits: 24, least: -126, most: 127 },
  float16: { digits: 11, least: -14, most: 15 },
  bfloat16: { digits: 8, least: -126, most: 127 },
} as const;
type Format = (typeof formats)[keyof typeof formats];

/** Draws an argument; `format` is that of its dtype. */
type Draw = (chance: Chance, format: Format) => number;

/** Every exponent in the range as often, subnormal numbers too. */
const spread =
  (low = -Infinity, high = Infinity, signs = true): Draw =>
  (chance, { least, most, digits }) => {
    const exponent = chance.whole(Math.max(low, least - digits + 1), Math.min(high, most));
    return (signs && chance() < 0.5 ? -1 : 1) * (1 + chance()) * 2 ** exponent;
  };
const between =
  (low: number, high: number): Draw =>
  (chance) =>
    low + (high - low) * chance();
const either =
  (...draws: readonly Draw[]): Draw =>
  (chance, format) =>
    chance.pick(draws)(chance, format);

interface Row {
  /** One per argument. */
  readonly draws: readonly Draw[];
  /** The exact result of float arguments. */
  readonly f: (...args: readonly number[]) => Fixed;
}

const unary = (f: (x: Fixed) => Fixed, ...draws: readonly Draw[]): Row => ({
  draws: [either(...draws)],
  f: (x) => f(exact.exactly(x)),
});
const binary = (f: (a: Fixed, b: Fixed) => Fixed, a: Draw, b: Draw = a): Row => ({
  draws: [a, b],
  f: (x, y) => f(exact.exactly(x), exact.exactly(y)),
});
const everywhere = spread();
const small = spread(-Infinity, 0);

/** Opcodes whose results have to be rounded; the others are exact, and shown so by the conformance suite. */
const rows: { readonly [O in Opcode]?: Row } = {
  exp: unary(exact.exp, small, between(-104, 88.7)),
  expm1: unary(exact.expm1, small, between(-20, 88.7)),
  log: unary(exact.log, spread(-Infinity, Infinity, false), between(0.5, 2)),
  log1p: unary(exact.log1p, spread(-Infinity, -1), spread(0, Infinity, false), between(-0.999, 2)),
  sqrt: unary(exact.sqrt, spread(-Infinity, Infinity, false)),
  sin: unary(exact.sin, everywhere, between(-20, 20)),
  cos: unary(exact.cos, everywhere, between(-20, 20)),
  tanh: unary(exact.tanh, small, between(-12, 12)),
  logistic: unary(exact.logistic, small, between(-104, 30)),
  erf: unary(exact.erf, small, between(-5, 5), between(-1, 1)),
  add: binary(exact.add, spread(-8, 8)),
  sub: binary(exact.sub, spread(-8, 8)),
  mul: binary(exact.mul, everywhere),
  div: binary(exact.div, everywhere),
  rem: binary(exact.rem, everywhere, either(spread(-8, 4))),
  pow: binary(exact.pow, either(spread(-8, 8, false), between(0.9, 1.1)), either(between(-12, 12), spread(-20, 3))),
  atan2: {
    draws: [everywhere, everywhere],
    f: (y, x) => exact.atan2(exact.exactly(y), exact.exactly(x), Math.atan2(y, x)),
  },
};

const samples = { float32: 5000, float16: 1000, bfloat16: 1000 } as const;

/** Units in the last place; an infinity has to be right. */
function distanceOf(result: number, wanted: Fixed, dtype: keyof typeof formats): number {
  if (Number.isFinite(result)) return exact.distance(result, wanted, formats[dtype]);
  const largest = exact.exactly(dtypes[dtype].range[1]);
  return (result === Infinity && wanted > largest) || (result === -Infinity && wanted < -largest) ? 0 : NaN;
}

/** Runs an opcode on columns of arguments. */
async function apply(
  generate: boolean,
  op: Opcode,
  dtype: DType,
  columns: readonly (readonly number[])[],
): Promise<number[]> {
  const device = new Device(createJsBackend({ generate }), defaultTolerance);
  const build = device.builder();
  const shape = [columns[0]!.length];
  const places = columns.map((column) => build.input(dtype, shape, column));
  const y = build.output(dtype, shape);
  build.loop(shape, 0, (body) =>
    body.store(
      y,
      body.op(
        op,
        places.map((place) => body.load(place)),
        dtype,
      ),
    ),
  );
  return (await device.run(build))(y);
}

describe.each(Object.keys(formats) as (keyof typeof formats)[])('%s', (dtype) => {
  const format = formats[dtype];

  test.each(Object.entries(rows) as [Opcode, Row][])(
    '%s is the nearest float, but for a thousandth of a unit',
    async (op, { draws, f }) => {
      const chance = seeded(hashOf(`${op} ${dtype}`));
      const columns = draws.map((draw) =>
        Array.from({ length: samples[dtype] }, () => rounded(draw(chance, format), dtype)),
      );
      const results = await apply(true, op, dtype, columns);
      expect(await apply(false, op, dtype, columns)).toEqual(results);
      let worst = { off: 0, at: [] as number[], result: 0 };
      results.forEach((result, i) => {
        const at = columns.map((column) => column[i]!);
        if (at[1] === 0) return;
        const off = distanceOf(result, f(...at), dtype);
        if (!(off <= worst.off)) worst = { off, at, result };
      });
      expect(worst.off <= 0.501 ? 'near' : worst).toBe('near');
    },
  );
});

describe('exact numbers', () => {
  /** The first 60 decimal digits behind the point. */
  const decimals = (x: Fixed): string => ((x * 10n ** 60n) >> exact.digits).toString().padStart(61, '0');

  test('the constants have the digits of tables', () => {
    expect(decimals(exact.pi)).toBe('3141592653589793238462643383279502884197169399375105820974944');
    expect(decimals(exact.ln2)).toBe('0693147180559945309417232121458176568075500134360255254120680');
    expect(decimals(exact.exp(exact.exactly(1)))).toBe('2718281828459045235360287471352662497757247093699959574966967');
    expect(decimals(exact.sqrt(exact.exactly(2)))).toBe(
      '1414213562373095048801688724209698078569671875376948073176679',
    );
    expect(decimals(exact.log(exact.exactly(10)))).toBe(
      '2302585092994045684017991454684364207601101488628772976033327',
    );
    expect(decimals(exact.sin(exact.exactly(1)))).toBe('0841470984807896506652502321630298999622563060798371065672751');
    expect(decimals(exact.atan2(exact.exactly(1), exact.exactly(1), 0.7853981633974483) * 4n).slice(0, 55)).toBe(
      decimals(exact.pi).slice(0, 55),
    );
    expect(decimals(exact.erf(exact.exactly(1))).slice(0, 50)).toBe(
      '08427007929497148693412206350826092592960669979663',
    );
  });
});
