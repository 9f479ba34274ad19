/** The scalar operations of a kernel's body: one table, from which every backend's renderer takes its keys. */

/** Names of the scalar operations. */
// prettier-ignore
export type Opcode =
  | 'neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'exp' | 'expm1' | 'log' | 'log1p' | 'sqrt' | 'sin' | 'cos'
  | 'tanh' | 'logistic' | 'erf' | 'cast' | 'bitcast'
  | 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'pow' | 'max' | 'min' | 'atan2' | 'and' | 'or' | 'xor' | 'shl' | 'shr'
  | 'eq' | 'ne' | 'lt' | 'le' | 'select' | 'random';

/** How many arguments each opcode takes, and what dtype its result has next to its arguments'. */
interface OpcodeRow {
  readonly arity: 1 | 2 | 3 | 4;
  /** `same` as the last argument; `bool`; `given` by the instruction (cast, bitcast); `uint32`. */
  readonly result: 'same' | 'bool' | 'given' | 'uint32';
}

const unary: OpcodeRow = { arity: 1, result: 'same' };
const binary: OpcodeRow = { arity: 2, result: 'same' };
const comparison: OpcodeRow = { arity: 2, result: 'bool' };

/** Every scalar opcode. Meaning: `docs/semantics.md`; definition: the reference backend. */
export const opcodes: { readonly [O in Opcode]: OpcodeRow } = {
  neg: unary,
  abs: unary,
  sign: unary,
  floor: unary,
  ceil: unary,
  /** Half to even. */
  round: unary,
  exp: unary,
  expm1: unary,
  log: unary,
  log1p: unary,
  sqrt: unary,
  sin: unary,
  cos: unary,
  tanh: unary,
  /** 1 / (1 + exp(−x)). */
  logistic: unary,
  erf: unary,
  /** Float to int truncates and saturates, NaN becomes 0; to bool: x ≠ 0. */
  cast: { arity: 1, result: 'given' },
  /** The same bits under another dtype of the same size. */
  bitcast: { arity: 1, result: 'given' },
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  /** Remainder with the sign of the dividend (C's fmod and %). */
  rem: binary,
  pow: binary,
  /** NaN wins. */
  max: binary,
  min: binary,
  atan2: binary,
  and: binary,
  or: binary,
  xor: binary,
  /** Counts are taken modulo the width. */
  shl: binary,
  /** Arithmetic for signed integers, logical for unsigned ones. */
  shr: binary,
  eq: comparison,
  ne: comparison,
  lt: comparison,
  le: comparison,
  /** condition (bool), value where true, value where false. */
  select: { arity: 3, result: 'same' },
  /** First word of Threefry-2x32-20 with key (a, b) on counter (c, d); all uint32. */
  random: { arity: 4, result: 'uint32' },
};
