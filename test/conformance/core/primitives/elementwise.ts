/** Element-wise primitives: the tables of their opcodes, as matrices, through the whole of core. */
import { opcodes, type Opcode, type Primitive, type PrimitiveParams, type Tensor } from '@antler/core';
import { SUBNORMAL, tablesOf, ulpsOf, type OpcodeTable } from '../../kernels/opcodes.js';
import type { Sample } from '../sample.js';
import { of, type Values } from '../values.js';
import { record } from './record.js';

type Elementwise = Opcode & Primitive;

const isSubnormal = ({ name }: OpcodeTable): boolean => name.endsWith(SUBNORMAL);

/** Rows as a matrix of two rows, the last one repeated to fill it, so that layouts differ. */
function sampleOf(table: OpcodeTable): Sample {
  const { name, op, from, to } = table;
  const rows = table.rows.length % 2 === 0 ? table.rows : [...table.rows, table.rows.at(-1)!];
  const column = (i: number): number[][] => {
    const all = rows.map((row) => row[i]!);
    return [all.slice(0, all.length / 2), all.slice(all.length / 2)];
  };
  const params = (opcodes[op].result === 'given' ? { dtype: to } : {}) as PrimitiveParams[Elementwise];
  return {
    name,
    inputs: from.map((dtype, i) => of(column(i), dtype)),
    f: (...xs: Tensor[]) => record(op, xs, params),
    expected: of(column(from.length), to),
    within: (tolerance) => ulpsOf(op, to, tolerance),
  };
}

/** No elements at all, one, and a scalar: whatever the formula, the shape must survive. */
function shapesOf(sample: Sample): Sample[] {
  const first = ({ dtype, numbers }: Values, shape: readonly number[]): Values => {
    const size = shape.reduce((a, b) => a * b, 1);
    return { dtype, shape, numbers: numbers.slice(0, size) };
  };
  return [[], [1], [0], [1, 1, 1], [2, 0, 3]].map((shape) => ({
    ...sample,
    name: `${sample.name}, shape [${shape.join(', ')}]`,
    inputs: sample.inputs.map((values) => first(values, shape)),
    expected: first(sample.expected as Values, shape),
  }));
}

/** Samples of a primitive that is an opcode. */
export function elementwise(op: Elementwise): readonly Sample[] {
  const samples = tablesOf(op)
    .filter((table) => !isSubnormal(table))
    .map(sampleOf);
  return [...samples, ...shapesOf(samples[0]!), ...spreadOf(op)];
}

/** Rows whose last argument is one and the same, so that a layout may broadcast it. */
function spreadOf(op: Elementwise): Sample[] {
  if (opcodes[op].arity !== 2) return [];
  const table = tablesOf(op).find((one) => !isSubnormal(one) && one.rows.length > 100);
  const rows = table?.rows.filter(([, b]) => Object.is(b, table.rows[2]![1]));
  return table === undefined ? [] : [sampleOf({ ...table, name: `${table.name}, one argument for all`, rows: rows! })];
}

/** Tables of numbers that some devices take for 0, apart from the others so that they can be skipped. */
export const subnormal: readonly (readonly [Opcode, readonly Sample[]])[] = (Object.keys(opcodes) as Opcode[])
  .map(
    (op) =>
      [
        op,
        tablesOf(op)
          .filter((table) => isSubnormal(table))
          .map(sampleOf),
      ] as const,
  )
  .filter(([, samples]) => samples.length > 0);
