/** Constant folding: the scalar operations whose result is the same on every device, computed once with the dtype's rounding. */
import { dtypes, type DType } from '../dtype.js';
import { halves } from '../halves.js';
import type { Primitive } from '../primitives/params.js';

type Exact = (a: number, b: number, c: number) => number;

const bit = (test: boolean): number => (test ? 1 : 0);
const sign = (a: number): number => (Number.isNaN(a) ? a : Math.sign(a));

/** Operations that IEEE arithmetic (or integer arithmetic) rounds in one way only. */
const exact: { readonly [P in Primitive]?: Exact } = {
  neg: (a) => -a,
  abs: Math.abs,
  sign,
  floor: Math.floor,
  ceil: Math.ceil,
  sqrt: Math.sqrt,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  eq: (a, b) => bit(a === b),
  ne: (a, b) => bit(a !== b),
  lt: (a, b) => bit(a < b),
  le: (a, b) => bit(a <= b),
  select: (a, b, c) => (a !== 0 ? b : c),
  cast: (a) => a,
};

/** How a result is brought into its dtype; a dtype that is missing here is not folded. */
const rounding: { readonly [D in DType]?: (value: number) => number } = {
  float32: Math.fround,
  float16: halves.float16.round,
  bfloat16: halves.bfloat16.round,
  float64: (value) => value,
  bool: (value) => bit(value !== 0),
};

function fitsInteger(value: number, dtype: DType): boolean {
  const [low, high] = dtypes[dtype].range;
  return Number.isInteger(value) && value >= low && value <= high;
}

/** The value of a scalar operation on constants of dtype `from`, or undefined when it is left to the device. */
export function fold(primitive: Primitive, args: readonly number[], from: DType, dtype: DType): number | undefined {
  const round = rounding[dtype];
  if (primitive === 'div') {
    return dtypes[from].kind === 'float' && round !== undefined ? round(args[0]! / args[1]!) : undefined;
  }
  const compute = exact[primitive];
  if (compute === undefined) return undefined;
  const value = compute(args[0]!, args[1]!, args[2]!);
  if (round !== undefined) return round(value);
  // Integers that would wrap or saturate are the device's business too. So is the sign of an integer zero: there is none.
  return dtypes[dtype].kind === 'int' && fitsInteger(value, dtype) ? value + 0 : undefined;
}
