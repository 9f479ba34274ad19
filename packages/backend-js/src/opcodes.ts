/**
 * What every scalar opcode means, as a loop over registers. A register is a typed array of the value's own dtype, so a
 * float32 is rounded and an integer wraps after every operation, by being stored (16-bit floats: by `rounderOf`). Floats
 * precision first, which makes float32 results exact to the last bit wherever the double is.
 */
import { DTypeError, describe, dtypes, halves, isHalf, type DType, type Opcode, type TypedArray } from '@antler/core';
import { rounderOf, type Kind } from './access.js';
import { erf } from './erf.js';
import { integerPower, logistic, mathRows, power, roundHalfEven, type MathOpcode } from './scalar.js';
import { threefry } from './threefry.js';

/** Computes the first `n` elements of `o` from those of the arguments. */
export type Routine = (o: TypedArray, n: number, a: TypedArray, b: TypedArray, c: TypedArray, d: TypedArray) => void;

/** One routine per family of dtypes (see `access.ts` for why they are apart); an absent one is not defined. */
type Families = { readonly [K in Kind]?: Routine };

/** Casts and bit casts depend on both dtypes. */
type Conversion = (from: DType, to: DType) => Routine;

/** Functions that cost so much that calling them through a variable does not matter. */
const called = (f: (x: number, y: number) => number): Families => ({
  float: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = f(a[i]!, b[i]!);
  },
});

const math: Readonly<Record<MathOpcode, (x: number, y: number) => number>> = Math;

const integerLogic = (routine: Routine): Families => ({ int: routine, bool: routine });

// prettier-ignore
const lessFloat: Routine = (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! < b[i]! ? 1 : 0; };
// prettier-ignore
const lessInteger: Routine = (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! < b[i]! ? 1 : 0; };
// prettier-ignore
const atMostFloat: Routine = (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! <= b[i]! ? 1 : 0; };
// prettier-ignore
const atMostInteger: Routine = (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! <= b[i]! ? 1 : 0; };
// prettier-ignore
const equalFloat: Routine = (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i] === b[i] ? 1 : 0; };
// prettier-ignore
const equalInteger: Routine = (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i] === b[i] ? 1 : 0; };
// prettier-ignore
const differsFloat: Routine = (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i] !== b[i] ? 1 : 0; };
// prettier-ignore
const differsInteger: Routine = (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i] !== b[i] ? 1 : 0; };
// prettier-ignore
const selectFloat: Routine = (o, n, c, a, b) => { for (let i = 0; i < n; i++) o[i] = c[i]! !== 0 ? a[i]! : b[i]!; };
// prettier-ignore
const selectInteger: Routine = (o, n, c, a, b) => { for (let i = 0; i < n; i++) o[i] = c[i]! !== 0 ? a[i]! : b[i]!; };

/** The definition of every opcode. Shift counts are taken modulo the width, which the register's element size says. */
// prettier-ignore
export const definitions: { readonly [O in Opcode]: Families | Conversion } = {
  ...mathRows((op) => called(math[op])),
  round: called(roundHalfEven),
  logistic: called(logistic),
  erf: called(erf),
  neg: {
    float: (o, n, a) => { for (let i = 0; i < n; i++) o[i] = -a[i]!; },
    int: (o, n, a) => { for (let i = 0; i < n; i++) o[i] = -a[i]!; },
  },
  abs: {
    float: (o, n, a) => { for (let i = 0; i < n; i++) o[i] = Math.abs(a[i]!); },
    int: (o, n, a) => { for (let i = 0; i < n; i++) o[i] = Math.abs(a[i]!); },
  },
  sign: {
    float: (o, n, a) => { for (let i = 0; i < n; i++) o[i] = Math.sign(a[i]!); },
    int: (o, n, a) => { for (let i = 0; i < n; i++) o[i] = Math.sign(a[i]!); },
  },
  cast,
  bitcast,
  add: {
    float: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! + b[i]!; },
    int: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! + b[i]!; },
  },
  sub: {
    float: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! - b[i]!; },
    int: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! - b[i]!; },
  },
  mul: {
    float: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! * b[i]!; },
    int: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = Math.imul(a[i]!, b[i]!); },
  },
  /** Integers: x / 0 is −1 (all ones), the smallest integer / −1 is itself, by wrapping. */
  div: {
    float: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! / b[i]!; },
    int: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = b[i] === 0 ? -1 : Math.trunc(a[i]! / b[i]!); },
  },
  rem: {
    float: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! % b[i]!; },
    int: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = b[i] === 0 ? a[i]! : a[i]! % b[i]!; },
  },
  pow: {
    float: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = power(a[i]!, b[i]!); },
    int: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = integerPower(a[i]!, b[i]!); },
  },
  max: {
    float: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = Math.max(a[i]!, b[i]!); },
    int: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = Math.max(a[i]!, b[i]!); },
  },
  min: {
    float: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = Math.min(a[i]!, b[i]!); },
    int: (o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = Math.min(a[i]!, b[i]!); },
  },
  and: integerLogic((o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! & b[i]!; }),
  or: integerLogic((o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! | b[i]!; }),
  xor: integerLogic((o, n, a, b) => { for (let i = 0; i < n; i++) o[i] = a[i]! ^ b[i]!; }),
  shl: {
    int: (o, n, a, b) => {
      const counts = o.BYTES_PER_ELEMENT * 8 - 1;
      for (let i = 0; i < n; i++) o[i] = a[i]! << (b[i]! & counts);
    },
  },
  /** A division rounded down is the arithmetic shift of a signed integer and the logical one of an unsigned integer. */
  shr: {
    int: (o, n, a, b) => {
      const counts = o.BYTES_PER_ELEMENT * 8 - 1;
      for (let i = 0; i < n; i++) o[i] = Math.floor(a[i]! / ((1 << (b[i]! & counts)) >>> 0));
    },
  },
  eq: { float: equalFloat, int: equalInteger, bool: equalInteger },
  ne: { float: differsFloat, int: differsInteger, bool: differsInteger },
  lt: { float: lessFloat, int: lessInteger, bool: lessInteger },
  le: { float: atMostFloat, int: atMostInteger, bool: atMostInteger },
  select: { float: selectFloat, int: selectInteger, bool: selectInteger },
  random: {
    int: (o, n, a, b, c, d) => { for (let i = 0; i < n; i++) o[i] = threefry(a[i]!, b[i]!, c[i]!, d[i]!); },
  },
};

/** The routine of an opcode for its last argument's dtype and its result's. Throws a DTypeError where there is none. */
export function routineOf(op: Opcode, argument: DType, result: DType): Routine {
  const routine = unrounded(op, argument, result);
  const round = rounderOf(result);
  if (round === null) return routine;
  return (o, n, a, b, c, d) => {
    routine(o, n, a, b, c, d);
    round(o, n);
  };
}

function unrounded(op: Opcode, argument: DType, result: DType): Routine {
  const definition = definitions[op];
  if (typeof definition === 'function') return definition(argument, result);
  const routine = definition[dtypes[argument].kind];
  if (routine === undefined) {
    throw new DTypeError(describe(op, `operands of kind ${Object.keys(definition).join(' or ')}`, argument));
  }
  return routine;
}

// prettier-ignore
const copyFloat: Routine = (o, n, a) => { for (let i = 0; i < n; i++) o[i] = a[i]!; };
// prettier-ignore
const copyInteger: Routine = (o, n, a) => { for (let i = 0; i < n; i++) o[i] = a[i]!; };
// prettier-ignore
const integerToFloat: Routine = (o, n, a) => { for (let i = 0; i < n; i++) o[i] = a[i]!; };
// prettier-ignore
const floatToBool: Routine = (o, n, a) => { for (let i = 0; i < n; i++) o[i] = a[i]! !== 0 ? 1 : 0; };
// prettier-ignore
const integerToBool: Routine = (o, n, a) => { for (let i = 0; i < n; i++) o[i] = a[i]! !== 0 ? 1 : 0; };

/** Floats saturate at the integer's range; storing truncates, and makes 0 of NaN. */
function floatToInteger([low, high]: readonly [number, number]): Routine {
  return (o, n, a) => {
    for (let i = 0; i < n; i++) {
      const x = a[i]!;
      o[i] = x < low ? low : x > high ? high : x;
    }
  };
}

/** Anything else than a float to an integer is stored as it is: integers wrap, floats round. */
function cast(from: DType, to: DType): Routine {
  const source = dtypes[from].kind;
  const target = dtypes[to].kind;
  if (source === 'float') {
    return target === 'float' ? copyFloat : target === 'bool' ? floatToBool : floatToInteger(dtypes[to].range);
  }
  return target === 'float' ? integerToFloat : target === 'bool' ? integerToBool : copyInteger;
}

/** Copies bits; both registers are looked at as integers. Registers of 16-bit floats hold numbers. */
function bitcast(from: DType, to: DType): Routine {
  if (from === to) return cast(from, to);
  if (isHalf(from) && isHalf(to)) {
    const [{ toBits }, { fromBits }] = [halves[from], halves[to]];
    return (o, n, a) => {
      for (let i = 0; i < n; i++) o[i] = fromBits(toBits(a[i]!));
    };
  }
  if (dtypes[from].bytes !== dtypes[to].bytes) {
    throw new DTypeError(describe('bitcast', `a dtype as wide as ${from}`, to));
  }
  const bits = (register: TypedArray): TypedArray =>
    register.BYTES_PER_ELEMENT === 1 ? register : new Int32Array(register.buffer, register.byteOffset, register.length);
  return (o, n, a) => copyInteger(bits(o), n, bits(a), a, a, a);
}
