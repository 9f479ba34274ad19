/** Twins of the fast kernels that can be checked by reading: one element at a time, straight from the contract's words. */
import type { DotKernel, Instruction, LoopKernel, View } from '@antler/core';

/** Opcodes that the random bodies use, in float64 with a rounding to float32 behind. */
const operations: Readonly<Record<string, (...args: number[]) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  max: (a, b) => Math.max(a, b),
  neg: (a) => -a,
};

const reducers: Readonly<Record<string, readonly [identity: number, fold: (a: number, b: number) => number]>> = {
  sum: [0, (a, b) => a + b],
  prod: [1, (a, b) => a * b],
  max: [-Infinity, Math.max],
  min: [Infinity, Math.min],
};

/** Every index of a shape, in row-major order. */
export function* indicesOf(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) yield [];
  else for (const outer of indicesOf(shape.slice(0, -1))) for (let i = 0; i < shape.at(-1)!; i++) yield [...outer, i];
}

/** Where a view has an index. */
export function at(view: View, index: readonly number[]): number {
  return view.strides.reduce((sum, stride, axis) => sum + stride * (index[axis] ?? 0), view.offset);
}

function evaluate(
  instructions: readonly Instruction[],
  values: number[],
  inputs: readonly View[],
  memory: readonly number[][],
  index: readonly number[],
): void {
  for (const instruction of instructions) {
    switch (instruction.op) {
      case 'load': {
        const view = inputs[instruction.input]!;
        values.push(memory[view.slot]![at(view, index)]!);
        break;
      }
      case 'const':
        values.push(Math.fround(instruction.value));
        break;
      case 'index':
        values.push(index[instruction.axis]!);
        break;
      case 'scalar':
        throw new Error('the naive twins take no scalars');
      default:
        values.push(Math.fround(operations[instruction.op]!(...instruction.args.map((arg) => values[arg]!))));
    }
  }
}

/** A loop over float32 memory, changed in place. */
export function naiveLoop(kernel: LoopKernel, memory: number[][]): void {
  const rank = kernel.shape.length - kernel.reduced;
  const count = kernel.body.length;
  for (const kept of indicesOf(kernel.shape.slice(0, rank))) {
    const sums = kernel.reductions.map(({ op }) => reducers[op]![0]);
    for (const reduced of indicesOf(kernel.shape.slice(rank))) {
      const index = [...kept, ...reduced];
      const values: number[] = [];
      evaluate(kernel.body, values, kernel.inputs, memory, index);
      kernel.reductions.forEach(({ op, value }, i) => (sums[i] = reducers[op]![1](sums[i]!, values[value]!)));
      for (const { view, value } of kernel.stores)
        if (value < count) memory[view.slot]![at(view, index)] = values[value]!;
    }
    const values = [...new Array<number>(count).fill(NaN), ...sums.map(Math.fround)];
    evaluate(kernel.epilogue, values, kernel.inputs, memory, kept);
    for (const { view, value } of kernel.stores)
      if (value >= count) memory[view.slot]![at(view, kept)] = values[value]!;
  }
}

/** A matrix product over float32 or int32 memory, changed in place. */
export function naiveDot(kernel: DotKernel, memory: number[][]): void {
  const { batch, m, n, k } = kernel;
  for (const i of indicesOf([...batch, ...m, ...n])) {
    const [turn, row, column] = [
      i.slice(0, batch.length),
      i.slice(batch.length, batch.length + m.length),
      i.slice(batch.length + m.length),
    ];
    let sum = 0;
    for (const along of indicesOf(k)) {
      const a = memory[kernel.a.slot]![at(kernel.a, [...turn, ...row, ...along])]!;
      const b = memory[kernel.b.slot]![at(kernel.b, [...turn, ...along, ...column])]!;
      sum = kernel.dtype === 'int32' ? (sum + Math.imul(a, b)) | 0 : sum + a * b;
    }
    const values = [kernel.dtype === 'int32' ? sum : Math.fround(sum)];
    evaluate(kernel.epilogue, values, kernel.inputs, memory, i);
    for (const { view, value } of kernel.stores) memory[view.slot]![at(view, i)] = values[value]!;
  }
}
