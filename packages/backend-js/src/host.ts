/** Operations that are algorithms: their operands become matrices in float64, one problem after the other. */
import { sizeOf, type CompositeKernel, type HostAlgorithm, type Matrix } from '@antler/core';
import type { Context, Frame, Run } from './context.js';

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
    for (const batch of all) batch.enter(frame);
    for (let problem = 0; problem < count; problem++) {
      for (const batch of inputs) batch.load(problem);
      for (const { data } of results) data.fill(0);
      solve(given, results, kernel.params as never);
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
    this.matrix = { rows, columns, data: new Float64Array(rows * columns) };
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
