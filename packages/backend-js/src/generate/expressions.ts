/**
 * What every scalar opcode is as JavaScript text. The numbers are those of `opcodes.ts`, to the last bit: what a register
 * does there by being stored, rounding a float32 and wrapping an integer, `coerced` does here.
 */
import { dtypes, type DType, type Instruction, type Opcode } from '@antler/core';
import type { Kind } from '../access.js';
import { mathRows } from '../scalar.js';

/** The text of an operation on the texts of its arguments. */
type Render = (a: string, b: string, c: string, d: string) => string;

/** One text per family of dtypes; an absent one is not defined. */
type Families = { readonly [K in Kind]?: Render };

/** Depends on both dtypes; undefined where numbers cannot say it. */
type Conversion = (from: DType, to: DType) => Render | undefined;

const call =
  (name: string): Render =>
  (a, b, c, d) =>
    `${name}(${[a, b, c, d].filter((argument) => argument !== '').join(', ')})`;
const between =
  (operator: string): Render =>
  (a, b) =>
    `${a} ${operator} ${b}`;
const everywhere = (render: Render): Families => ({ float: render, int: render, bool: render });
const numbers = (render: Render): Families => ({ float: render, int: render });
const integerLogic = (operator: string): Families => ({ int: between(operator), bool: between(operator) });
const comparison = (operator: string): Families => everywhere((a, b) => `${a} ${operator} ${b} ? 1 : 0`);

/** Counts are taken modulo the width. */
function shift(operator: string, dtype: DType): Render | undefined {
  const last = dtypes[dtype].bytes * 8 - 1;
  return dtypes[dtype].kind === 'int' ? (a, b): string => `${a} ${operator} (${b} & ${last})` : undefined;
}

/** The text of every opcode, before it is coerced to the dtype of its result. */
export const expressions: { readonly [O in Opcode]: Families | Conversion } = {
  ...mathRows((op): Families => ({ float: call(`Math.${op}`) })),
  round: { float: call('round') },
  logistic: { float: call('logistic') },
  erf: { float: call('erf') },
  neg: numbers((a) => `-${a}`),
  abs: numbers(call('Math.abs')),
  sign: numbers(call('Math.sign')),
  cast,
  bitcast,
  add: numbers(between('+')),
  sub: numbers(between('-')),
  mul: { float: between('*'), int: call('Math.imul') },
  div: { float: between('/'), int: (a, b) => `${b} === 0 ? -1 : ${a} / ${b}` },
  rem: { float: between('%'), int: (a, b) => `${b} === 0 ? ${a} : ${a} % ${b}` },
  pow: { float: call('power'), int: call('integerPower') },
  max: numbers(call('Math.max')),
  min: numbers(call('Math.min')),
  and: integerLogic('&'),
  or: integerLogic('|'),
  xor: integerLogic('^'),
  shl: (dtype) => shift('<<', dtype),
  shr: (dtype) => shift(dtypes[dtype].range[0] < 0 ? '>>' : '>>>', dtype),
  eq: comparison('==='),
  ne: comparison('!=='),
  lt: comparison('<'),
  le: comparison('<='),
  select: everywhere((c, a, b) => `${c} !== 0 ? ${a} : ${b}`),
  random: { int: call('threefry') },
};

/** Of the numbers of a float dtype these make such numbers, with nothing to round. */
const exact: ReadonlySet<Opcode> = new Set([
  ...(['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'max', 'min', 'select'] as const),
]);

/** The text of an operation. Undefined for what is not defined, or only bits can say: both are the interpreter's. */
export function operation(
  { op, dtype }: Extract<Instruction, { readonly args: readonly number[] }>,
  argument: DType,
  [a = '', b = '', c = '', d = '']: readonly string[],
): string | undefined {
  const row = expressions[op];
  const render = typeof row === 'function' ? row(argument, dtype) : row[dtypes[argument].kind];
  const text = render?.(a, b, c, d);
  return text === undefined || (dtypes[dtype].kind === 'float' && exact.has(op)) ? text : coerced(dtype, text);
}

/** What remains of a number in a dtype: text for text as a typed array would store it. */
export function coerced(dtype: DType, text: string): string {
  return coercions[dtype]?.(text) ?? text;
}

const coercions: { readonly [D in DType]?: (text: string) => string } = {
  float32: (text) => `Math.fround(${text})`,
  float16: (text) => `roundFloat16(${text})`,
  bfloat16: (text) => `roundBfloat16(${text})`,
  int32: (text) => `(${text}) | 0`,
  uint32: (text) => `(${text}) >>> 0`,
  int8: (text) => `(${text}) << 24 >> 24`,
  uint8: (text) => `(${text}) & 255`,
};

/** A number as text; JavaScript prints all of them exactly but −0. */
export function literal(value: number): string {
  return Object.is(value, -0) ? '-0' : value < 0 ? `(${value})` : String(value);
}

/** Floats saturate at an integer's range, and coercing truncates them and makes 0 of NaN. */
function cast(from: DType, to: DType): Render {
  if (dtypes[to].kind === 'bool') return (a) => `${a} !== 0 ? 1 : 0`;
  if (dtypes[from].kind !== 'float' || dtypes[to].kind === 'float') return (a) => a;
  const [low, high] = dtypes[to].range;
  return (a) => `${a} < ${literal(low)} ? ${literal(low)} : ${a} > ${literal(high)} ? ${literal(high)} : ${a}`;
}

/** Integers differ in how they are coerced. The bits of a float are more than its value: a NaN has many. */
function bitcast(from: DType, to: DType): Render | undefined {
  if (from === to) return cast(from, to);
  const bits = dtypes[from].bytes === dtypes[to].bytes && dtypes[from].kind === 'int' && dtypes[to].kind === 'int';
  return bits ? (a): string => a : undefined;
}
