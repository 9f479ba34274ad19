/** Operations that are algorithms: their operands become matrices in float64, one problem after the other. */
import { sizeOf, type CompositeKernel, type HostAlgorithm, type Matrix, type TypedArray } from '@antler/core';
import type { Context, Cursor, Run } from './context.js';

/** Prepares a kernel that solves a problem for each index of the leading axes. */
export function prepareHost(kernel: CompositeKernel, { solve, ...ranks }: HostAlgorithm, context: Context): Run {
  const inputs = kernel.inputs.map((operand, i) => new Batch(operand, ranks.inputs[i]!, context));
  const outputs = kernel.outputs.map((operand, i) => new Batch(operand, ranks.outputs[i]!, context));
  const [first, rank] = [kernel.inputs[0]!.shape, ranks.inputs[0]!];
  const count = sizeOf(first.slice(0, first.length - rank));
  const all = [...inputs, ...outputs];
  const [given, results] = [inputs, outputs].map((batches) => batches.map(({ matrix }) => matrix)) as [
    Matrix[],
    Matrix[],
  ];
  return (frame) => {
    for (const batch of all) batch.cursor.enter(frame);
    for (let problem = 0; problem < count; problem++) {
      for (const batch of inputs) batch.matrix.data.set(batch.at(problem));
      for (const { data } of results) data.fill(0);
      solve(given, results, kernel.params as never);
      for (const batch of outputs) batch.at(problem).set(batch.matrix.data);
    }
    for (const batch of all) batch.cursor.leave();
  };
}

/** An operand, which lies row-major, and one of its matrices. */
class Batch {
  readonly cursor: Cursor;
  readonly matrix: Matrix;

  constructor({ view, shape }: CompositeKernel['inputs'][number], rank: number, context: Context) {
    const [rows = 1, columns = 1] = [...(rank < 2 ? [1] : []), ...shape.slice(shape.length - rank)];
    this.matrix = { rows, columns, data: new Float64Array(rows * columns) };
    this.cursor = context.cursor(view);
  }

  /** Where the matrix of a problem lies. */
  at(problem: number): TypedArray {
    const { cursor, matrix } = this;
    const start = cursor.base + problem * matrix.data.length;
    return cursor.memory.subarray(start, start + matrix.data.length);
  }
}
