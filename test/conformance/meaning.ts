/**
 * What each opcode means, one element at a time, in plain arithmetic: exact for integers (BigInt), double precision for
 * floats, rounded to the dtype at the end. Written for being obviously right; nothing of the library is used.
 */
import { dtypes, isFloat, type DType, type Opcode, type ReduceOp } from '@antler/core';
import { decode, encode, halfToEven, rounded, widthOf, wrapped } from './numbers.js';

/** Value of an opcode on arguments of dtypes `from`, as a value of dtype `to`. */
export function meaning(op: Opcode, args: readonly number[], from: readonly DType[], to: DType): number {
  return meanings[op](args, from, to);
}

type Meaning = (args: readonly number[], from: readonly DType[], to: DType) => number;

/** An opcode with a formula for floats, or one for integers and bool, or both. */
function arithmetic(
  float: ((...args: number[]) => number) | null,
  integer: ((...args: bigint[]) => bigint) | null = null,
): Meaning {
  return (args, from, to) => {
    const dtype = from[from.length - 1]!;
    if (isFloat(dtype)) return rounded(float!(...args), to);
    const exact = integer!(...args.map(BigInt));
    return to === 'bool' ? Number(exact) : wrapped(exact, to);
  };
}

function compared(holds: (a: number, b: number) => boolean): Meaning {
  return ([a, b]) => (holds(a!, b!) ? 1 : 0);
}

function shifted(by: (a: bigint, count: bigint) => bigint): Meaning {
  return ([a, count], [dtype], to) => {
    const width = BigInt(widthOf(dtype!));
    return wrapped(by(BigInt(a!), ((BigInt(count!) % width) + width) % width), to);
  };
}

const meanings: { readonly [O in Opcode]: Meaning } = {
  neg: arithmetic(
    (x) => -x,
    (x) => -x,
  ),
  abs: arithmetic(Math.abs, (x) => (x < 0n ? -x : x)),
  sign: arithmetic(
    (x) => (x > 0 ? 1 : x < 0 ? -1 : x),
    (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  ),
  floor: arithmetic(Math.floor),
  ceil: arithmetic(Math.ceil),
  round: arithmetic((x) => (Math.abs(x) < 2 ** 52 ? halfToEven(x) : x)),
  exp: arithmetic(Math.exp),
  expm1: arithmetic(Math.expm1),
  log: arithmetic(Math.log),
  log1p: arithmetic(Math.log1p),
  sqrt: arithmetic(Math.sqrt),
  sin: arithmetic(Math.sin),
  cos: arithmetic(Math.cos),
  tanh: arithmetic(Math.tanh),
  logistic: arithmetic((x) => 1 / (1 + Math.exp(-x))),
  erf: arithmetic(erf),
  cast: ([x], [from], to) => cast(x!, from!, to),
  bitcast: ([x], [from], to) => decode(encode([x!], from!), to)[0]!,
  add: arithmetic(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  sub: arithmetic(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  mul: arithmetic(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  div: arithmetic(
    (a, b) => a / b,
    (a, b) => (b === 0n ? -1n : a / b),
  ),
  rem: arithmetic(
    (a, b) => a % b,
    (a, b) => (b === 0n ? a : a % b),
  ),
  pow: arithmetic(
    // As IEEE 754 has it: JavaScript alone gives NaN for a base of ±1 and an infinite exponent.
    (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b),
    (a, b) => a ** b,
  ),
  max: arithmetic(Math.max, (a, b) => (a > b ? a : b)),
  min: arithmetic(Math.min, (a, b) => (a < b ? a : b)),
  atan2: arithmetic(Math.atan2),
  and: arithmetic(null, (a, b) => a & b),
  or: arithmetic(null, (a, b) => a | b),
  xor: arithmetic(null, (a, b) => a ^ b),
  shl: shifted((a, count) => a << count),
  shr: shifted((a, count) => a >> count),
  eq: compared((a, b) => a === b),
  ne: compared((a, b) => a !== b),
  lt: compared((a, b) => a < b),
  le: compared((a, b) => a <= b),
  select: ([condition, a, b]) => (condition ? a! : b!),
  random: ([a, b, c, d]) => threefry(a!, b!, c!, d!),
};

/** Fold of a list: exact for integers, in double precision for floats, rounded to the dtype at the end. */
export function folded(op: ReduceOp, values: readonly number[], dtype: DType): number {
  if (values.length === 0 && (op === 'max' || op === 'min')) {
    const [low, high] = isFloat(dtype) ? [-Infinity, Infinity] : dtypes[dtype].range;
    return op === 'max' ? low : high;
  }
  if (op === 'max') return Math.max(...values);
  if (op === 'min') return Math.min(...values);
  const combine = (a: number, b: number): number => (op === 'sum' ? a + b : a * b);
  if (isFloat(dtype)) return rounded(values.reduce(combine, op === 'sum' ? 0 : 1), dtype);
  const exact = values.map(BigInt);
  return wrapped(op === 'sum' ? exact.reduce((a, b) => a + b, 0n) : exact.reduce((a, b) => a * b, 1n), dtype);
}

function cast(x: number, from: DType, to: DType): number {
  if (to === 'bool' || isFloat(to)) return rounded(x, to);
  if (!isFloat(from)) return wrapped(BigInt(x), to);
  if (Number.isNaN(x)) return 0;
  const [low, high] = dtypes[to].range;
  return Math.trunc(Math.min(Math.max(x, low), high)) + 0;
}

/** 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)) near zero; far from it 1 − erfc by its continued fraction (Abramowitz & Stegun 7.1). */
function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size > 6) return Number.isNaN(x) ? NaN : Math.sign(x);
  if (size > 2) {
    let fraction = 0;
    for (let n = 120; n >= 1; n--) fraction = n / 2 / (size + fraction);
    return Math.sign(x) * (1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * (size + fraction)));
  }
  let [term, sum] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"), first word. */
function threefry(key0: number, key1: number, counter0: number, counter1: number): number {
  const word = (x: bigint): bigint => BigInt.asUintN(32, x);
  const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];
  const keys = [BigInt(key0), BigInt(key1), word(0x1bd11bdan ^ BigInt(key0) ^ BigInt(key1))];
  let [x, y] = [word(BigInt(counter0) + keys[0]!), word(BigInt(counter1) + keys[1]!)];
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8]!;
    x = word(x + y);
    y = word((y << by) | (y >> (32n - by))) ^ x;
    if (round % 4 !== 3) continue;
    const block = (round + 1) / 4;
    x = word(x + keys[block % 3]!);
    y = word(y + keys[(block + 1) % 3]! + BigInt(block));
  }
  return Number(x);
}
