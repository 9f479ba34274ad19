/** Every opcode on every dtype that it has: rows written by hand, then all pairs of awkward arguments against its meaning. */
import { dtypes, isFloat, opcodes, type DType, type Opcode } from '@antler/core';
import type { Case, Device } from '../device.js';
import { expectClose, expectEqual } from '../expect.js';
import { meaning } from '../meaning.js';
import { rounded, smallestNormal } from '../numbers.js';
import type { Tolerance } from '../tolerance.js';
import { edges, type Edge } from './edges.js';

const everyDType = Object.keys(dtypes) as DType[];
const floats = everyDType.filter(isFloat);
const integers = everyDType.filter((dtype) => dtypes[dtype].kind === 'int');
const numbers = [...floats, ...integers];

/** Dtypes of the arguments that an opcode takes; cast, bitcast, select and random are listed apart. */
const domains: { readonly [O in Opcode]: readonly DType[] } = {
  neg: numbers,
  abs: numbers,
  sign: numbers,
  floor: floats,
  ceil: floats,
  round: floats,
  exp: floats,
  expm1: floats,
  log: floats,
  log1p: floats,
  sqrt: floats,
  sin: floats,
  cos: floats,
  tanh: floats,
  logistic: floats,
  erf: floats,
  cast: everyDType,
  bitcast: numbers,
  add: numbers,
  sub: numbers,
  mul: numbers,
  div: numbers,
  rem: numbers,
  pow: numbers,
  max: numbers,
  min: numbers,
  atan2: floats,
  and: [...integers, 'bool'],
  or: [...integers, 'bool'],
  xor: [...integers, 'bool'],
  shl: integers,
  shr: integers,
  eq: everyDType,
  ne: everyDType,
  lt: everyDType,
  le: everyDType,
  select: everyDType,
  random: ['uint32'],
};

// prettier-ignore
const awkward = [
  0, -0, 1, -1, 0.5, -0.5, 1.5, -2.5, 3, 3.7, -3.7, 1e-3, -1e-3, 1e-6, 7.25, 10, -10, 42, 64.5, -80, 88.5, 100,
  NaN, Infinity, -Infinity,
];
const huge = [1e10, -1e10, 3e38, 16777217, 2 ** 31, -(2 ** 31)];
/** In the names of tables of numbers that some devices take for 0. */
export const SUBNORMAL = 'subnormal numbers';

/** Functions whose far values only the reference reduces exactly. */
const periodic: readonly Opcode[] = ['sin', 'cos'];

/** Argument lists for an opcode on a dtype: one column of awkward values, or all pairs of them. */
function samples(op: Opcode, dtype: DType): number[][] {
  const { arity } = opcodes[op];
  const [low, high] = dtypes[dtype].range;
  const whole = [0, 1, 2, 3, 7, 12, 100, high, high - 1, low, low + 1, low < 0 ? -1 : 5, low < 0 ? -7 : 9];
  const real = [...awkward, ...(periodic.includes(op) ? [] : huge)];
  const source = dtype === 'bool' ? [0, 1] : isFloat(dtype) ? real : whole;
  const values = [...new Set(source.map((value) => rounded(value, dtype)))];
  if (op === 'random') return values.map((value, i) => [value, i, 3 * i, values[values.length - 1 - i]!]);
  if (op === 'select')
    return [0, 1].flatMap((condition) => values.map((value, i) => [condition, value, values.at(-i)!]));
  if (arity === 1) return values.map((value) => [value]);
  // Negative powers of integers have no meaning.
  const exponents = op === 'pow' && !isFloat(dtype) ? [0, 1, 2, 3, 7, 31] : values;
  return values.flatMap((a) => exponents.map((b) => [a, b]));
}

/** Runs one opcode on columns of arguments. */
async function apply(device: Device, { op, from, to, rows }: Edge): Promise<number[]> {
  const build = device.builder();
  const places = from.map((dtype, i) =>
    build.input(
      dtype,
      [rows.length],
      rows.map((row) => row[i]!),
    ),
  );
  const y = build.output(to, [rows.length]);
  build.loop([rows.length], 0, (body) =>
    body.store(
      y,
      body.op(
        op,
        places.map((place) => body.load(place)),
        to,
      ),
    ),
  );
  return (await device.run(build))(y);
}

/** Units in the last place that an opcode's result may be away from the rows. */
export function ulpsOf(op: Opcode, to: DType, tolerance: Tolerance): number {
  // The plain arithmetic that the results are compared with has itself an error of some ULP in double precision.
  return tolerance[op] === 0 ? 0 : to === 'float64' ? 4 : tolerance[op];
}

async function check(device: Device, edge: Edge): Promise<void> {
  const { op, from, to, rows } = edge;
  const expected = rows.map((row) => row[from.length]!);
  const arguments_ = rows.map((row) => row.slice(0, from.length).join(', ')).join(' | ');
  const ulps = ulpsOf(op, to, device.tolerance);
  const shown = arguments_.length > 200 ? '' : ` of ${arguments_}`;
  expectClose(await apply(device, edge), expected, `${op} ${from[0]}${shown}`, { dtype: to, ulps });
}

/** True when a float row needs numbers below the smallest normal one, which some devices flush to 0. */
function isSubnormal(row: readonly number[], from: readonly DType[], to: DType): boolean {
  return row.some((value, i) => {
    const dtype = from[i] ?? to;
    return isFloat(dtype) && value !== 0 && Math.abs(value) < smallestNormal(dtype);
  });
}

/** Rows of one opcode on given dtypes, under the name of their case. */
export interface OpcodeTable extends Edge {
  readonly name: string;
}

function sweep(op: Opcode, from: readonly DType[], to: DType): OpcodeTable[] {
  const rows = samples(op, from[from.length - 1]!).map((args) => [...args, meaning(op, args, from, to)]);
  const name = `${op}: ${from[from.length - 1]}${opcodes[op].result === 'given' ? ` to ${to}` : ''}`;
  const normal = rows.filter((row) => !isSubnormal(row, from, to));
  const subnormal = rows.filter((row) => isSubnormal(row, from, to));
  const tables = [
    { name, op, from, to, rows: normal },
    { name: `${name}, ${SUBNORMAL}`, op, from, to, rows: subnormal },
  ];
  return tables.filter((table) => table.rows.length > 0);
}

/** The signatures of an opcode: dtypes of its arguments and of its result. */
function signatures(op: Opcode): { readonly from: readonly DType[]; readonly to: DType }[] {
  return domains[op].flatMap((dtype) => {
    if (op === 'cast') return everyDType.filter((to) => to !== dtype).map((to) => ({ from: [dtype], to }));
    if (op === 'bitcast') {
      const same = numbers.filter((to) => to !== dtype && dtypes[to].bytes === dtypes[dtype].bytes);
      return same.map((to) => ({ from: [dtype], to }));
    }
    // In double precision the series of erf is no match for the rows written by hand.
    if (op === 'erf' && dtype === 'float64') return [];
    if (op === 'select') return [{ from: ['bool', dtype, dtype], to: dtype }];
    const from = new Array<DType>(opcodes[op].arity).fill(dtype);
    return [{ from, to: opcodes[op].result === 'bool' ? 'bool' : dtype }];
  });
}

const byHand: readonly OpcodeTable[] = edges.map((edge) => ({
  ...edge,
  name: `${edge.op}: ${edge.from[0] === 'bool' ? edge.from.at(-1) : edge.from[0]} to ${edge.to}, by hand`,
}));

/** Everything that is known of an opcode: the rows written by hand, then all pairs of awkward arguments. */
export function tablesOf(op: Opcode): OpcodeTable[] {
  return [
    ...byHand.filter((table) => table.op === op),
    ...signatures(op).flatMap(({ from, to }) => sweep(op, from, to)),
  ];
}

const zeros: Case = {
  name: 'signs of zero',
  async run(device) {
    const results = [
      await apply(device, { op: 'neg', from: ['float32'], to: 'float32', rows: [[0], [-0]] }),
      await apply(device, { op: 'abs', from: ['float32'], to: 'float32', rows: [[-0]] }),
      await apply(device, { op: 'ceil', from: ['float32'], to: 'float32', rows: [[-0.5]] }),
      await apply(device, { op: 'floor', from: ['float32'], to: 'float32', rows: [[-0]] }),
      await apply(device, { op: 'round', from: ['float32'], to: 'float32', rows: [[-0.4]] }),
      await apply(device, { op: 'sqrt', from: ['float32'], to: 'float32', rows: [[-0]] }),
      await apply(device, { op: 'mul', from: ['float32', 'float32'], to: 'float32', rows: [[-1, 0]] }),
      await apply(device, { op: 'div', from: ['float32', 'float32'], to: 'float32', rows: [[1, -Infinity]] }),
    ];
    expectEqual(
      results.flat(),
      [-0, 0, 0, -0, -0, -0, -0, -0, -0],
      'neg, abs, ceil, floor, round, sqrt, mul, div',
      true,
    );
  },
};

const names = Object.keys(opcodes) as Opcode[];

/** Cases of the layer. */
export const opcodeCases: readonly Case[] = [
  ...names.flatMap(tablesOf).map((table) => ({
    name: table.name,
    dtypes: [...new Set([...table.from, table.to])],
    run: (device: Device) => check(device, table),
  })),
  zeros,
];
