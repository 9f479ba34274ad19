/** The scalar operations of a kernel's body: one table, from which every backend's renderer takes its keys. */

/** Names of the scalar operations. */
// prettier-ignore
export type Opcode =
  | 'neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'exp' | 'expm1' | 'log' | 'log1p' | 'sqrt' | 'sin' | 'cos'
  | 'tanh' | 'logistic' | 'erf' | 'cast' | 'bitcast'
  | 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'pow' | 'max' | 'min' | 'atan2' | 'and' | 'or' | 'xor' | 'shl' | 'shr'
  | 'eq' | 'ne' | 'lt' | 'le' | 'select' | 'random';

/** How many arguments each opcode takes, of which dtypes, and what dtype its result has next to theirs. */
export interface OpcodeRow {
  readonly arity: 1 | 2 | 3 | 4;
  /** Dtypes that it is defined for; `discrete` are integers and bool. */
  readonly takes: 'any' | 'number' | 'float' | 'integer' | 'discrete' | 'uint32';
  /** `same` as the last argument; `bool`; `given` by the instruction (cast, bitcast). */
  readonly result: 'same' | 'bool' | 'given';
  /** Computing it again is worse than storing it. */
  readonly costly?: true;
}

const unary: OpcodeRow = { arity: 1, takes: 'number', result: 'same' };
const rounding: OpcodeRow = { arity: 1, takes: 'float', result: 'same' };
const transcendental: OpcodeRow = { ...rounding, costly: true };
const binary: OpcodeRow = { arity: 2, takes: 'number', result: 'same' };
const costlyBinary: OpcodeRow = { ...binary, costly: true };
const logical: OpcodeRow = { arity: 2, takes: 'discrete', result: 'same' };
const shift: OpcodeRow = { arity: 2, takes: 'integer', result: 'same' };
const comparison: OpcodeRow = { arity: 2, takes: 'any', result: 'bool' };

/** Every scalar opcode. Meaning: `docs/semantics.md`; definition: the reference backend. */
export const opcodes: { readonly [O in Opcode]: OpcodeRow } = {
  neg: unary,
  abs: unary,
  sign: unary,
  floor: rounding,
  ceil: rounding,
  /** Half to even. */
  round: rounding,
  exp: transcendental,
  expm1: transcendental,
  log: transcendental,
  log1p: transcendental,
  sqrt: transcendental,
  sin: transcendental,
  cos: transcendental,
  tanh: transcendental,
  /** 1 / (1 + exp(−x)). */
  logistic: transcendental,
  erf: transcendental,
  /** Float to int truncates and saturates, NaN becomes 0; to bool: x ≠ 0. */
  cast: { arity: 1, takes: 'any', result: 'given' },
  /** The same bits under another dtype of the same size. */
  bitcast: { arity: 1, takes: 'any', result: 'given' },
  add: binary,
  sub: binary,
  mul: binary,
  div: costlyBinary,
  /** Remainder with the sign of the dividend (C's fmod and %). */
  rem: costlyBinary,
  pow: costlyBinary,
  /** NaN wins. */
  max: binary,
  min: binary,
  atan2: { arity: 2, takes: 'float', result: 'same', costly: true },
  and: logical,
  or: logical,
  xor: logical,
  /** Counts are taken modulo the width. */
  shl: shift,
  /** Arithmetic for signed integers, logical for unsigned ones. */
  shr: shift,
  eq: comparison,
  ne: comparison,
  lt: comparison,
  le: comparison,
  /** condition (bool), value where true, value where false. */
  select: { arity: 3, takes: 'any', result: 'same' },
  /** First word of Threefry-2x32-20 with key (a, b) on counter (c, d); all uint32. */
  random: { arity: 4, takes: 'uint32', result: 'same', costly: true },
};
