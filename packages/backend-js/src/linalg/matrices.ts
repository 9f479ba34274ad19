/** Matrices in float64: what the algorithms of linear algebra work on, and how a kernel's operands become such matrices. */
import type { CompositeKernel } from '@antler/core';
import type { Context, Frame, Run } from '../context.js';

/** Rows one after the other. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** A matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** Ones on the diagonal. */
export function identity(size: number): Matrix {
  const made = zeros(size, size);
  for (let i = 0; i < size; i++) made.data[i * (size + 1)] = 1;
  return made;
}

/** The same numbers in memory of their own. */
export function copyOf({ rows, columns, data }: Matrix): Matrix {
  return { rows, columns, data: data.slice() };
}

/** Rows become columns. */
export function transposed({ rows, columns, data }: Matrix): Matrix {
  const made = zeros(columns, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) made.data[j * rows + i] = data[i * columns + j]!;
  }
  return made;
}

/** True when no number is NaN or infinite. */
export function isFinite({ data }: Matrix): boolean {
  return data.every(Number.isFinite);
}

/**
 * Fills the results of one matrix problem. Vectors and scalars come as matrices of one row. All is computed in float64, and
 * rounded when it is stored.
 */
export type Algorithm = (inputs: readonly Matrix[], outputs: readonly Matrix[], params: never) => void;

/** How many trailing axes of each operand make one problem; the others count problems. */
export interface Ranks {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** Prepares a kernel that solves a problem for each index of the leading axes. */
export function prepareBatch(kernel: CompositeKernel, context: Context, ranks: Ranks, algorithm: Algorithm): Run {
  const inputs = kernel.inputs.map((operand, i) => new Batch(operand, ranks.inputs[i]!, context));
  const outputs = kernel.outputs.map((operand, i) => new Batch(operand, ranks.outputs[i]!, context));
  const [first, rank] = [kernel.inputs[0]!.shape, ranks.inputs[0]!];
  const count = first.slice(0, first.length - rank).reduce((product, size) => product * size, 1);
  const all = [...inputs, ...outputs];
  const [given, results] = [inputs, outputs].map((batches) => batches.map(({ matrix }) => matrix)) as [
    Matrix[],
    Matrix[],
  ];
  return (frame) => {
    for (const batch of all) batch.enter(frame);
    for (let problem = 0; problem < count; problem++) {
      for (const batch of inputs) batch.load(problem);
      for (const { data } of results) data.fill(0);
      algorithm(given, results, kernel.params as never);
      for (const batch of outputs) batch.store(problem);
    }
    for (const batch of all) batch.leave();
  };
}

type Operand = CompositeKernel['inputs'][number];

/** An operand, which lies row-major, and one of its matrices. */
class Batch {
  readonly matrix: Matrix;
  readonly #cursor: ReturnType<Context['cursor']>;

  constructor({ view, shape }: Operand, rank: number, context: Context) {
    const [rows = 1, columns = 1] = [...(rank < 2 ? [1] : []), ...shape.slice(shape.length - rank)];
    this.matrix = zeros(rows, columns);
    this.#cursor = context.cursor(view, shape);
  }

  enter(frame: Frame): void {
    this.#cursor.enter(frame);
  }

  leave(): void {
    this.#cursor.leave();
  }

  load(problem: number): void {
    const { data } = this.matrix;
    const { memory, base } = this.#cursor;
    const start = base + problem * data.length;
    for (let i = 0; i < data.length; i++) data[i] = memory[start + i]!;
  }

  store(problem: number): void {
    const { data } = this.matrix;
    const { memory, base } = this.#cursor;
    const start = base + problem * data.length;
    for (let i = 0; i < data.length; i++) memory[start + i] = data[i]!;
  }
}
