/** A loop, one index at a time: the sentences of `program.ts` in code, for comparing with what devices make of them. */
import { type DType, type Instruction, type LoopKernel, type View } from '@antler/core';
import { folded, meaning } from './meaning.js';
import { rounded } from './numbers.js';

/** Elements of each slot, which all have one dtype. */
export type Memory = ReadonlyMap<number, number[]>;

/** Runs a loop on `memory`, whose lists it changes, and run-time scalars. */
export function evaluateLoop(kernel: LoopKernel, memory: Memory, scalars: readonly number[]): void {
  const { shape, reduced, inputs, body, reductions, epilogue, stores } = kernel;
  const kept = shape.slice(0, shape.length - reduced);
  // A kernel may work in place in any order, so all loads see the memory from before it.
  const before = new Map([...memory].map(([slot, values]) => [slot, [...values]] as const));
  const types: DType[] = body.map(({ dtype }) => dtype);

  const step = (instruction: Instruction, index: readonly number[], values: readonly number[]): number => {
    const { dtype } = instruction;
    switch (instruction.op) {
      case 'load':
        return before.get(inputs[instruction.input]!.slot)![elementOf(inputs[instruction.input]!, index)]!;
      case 'const':
        return rounded(instruction.value, dtype);
      case 'scalar':
        return rounded(scalars[instruction.index]!, dtype);
      case 'index':
        return rounded(index[instruction.axis]!, dtype);
      default: {
        const args = instruction.args.map((arg) => values[arg]!);
        return meaning(
          instruction.op,
          args,
          instruction.args.map((arg) => types[arg]!),
          dtype,
        );
      }
    }
  };
  const store = (index: readonly number[], values: readonly number[], from: number, to: number): void => {
    for (const { view, value } of stores) {
      if (value >= from && value < to) memory.get(view.slot)![elementOf(view, index)] = values[value]!;
    }
  };

  types.push(...reductions.map(({ value }) => types[value]!), ...epilogue.map(({ dtype }) => dtype));
  for (const outer of indices(kept)) {
    const lists: number[][] = reductions.map(() => []);
    for (const inner of indices(shape.slice(kept.length))) {
      const index = [...outer, ...inner];
      const values: number[] = [];
      for (const instruction of body) values.push(step(instruction, index, values));
      store(index, values, 0, body.length);
      reductions.forEach(({ value }, i) => lists[i]!.push(values[value]!));
    }
    const values: number[] = body.map(() => NaN);
    values.push(...reductions.map(({ op, value }, i) => folded(op, lists[i]!, types[value]!)));
    const still = [...outer, ...new Array<number>(reduced).fill(0)];
    for (const instruction of epilogue) values.push(step(instruction, still, values));
    store(still, values, body.length, Infinity);
  }
}

/** Number of the element of a view at an index. */
function elementOf({ offset, strides }: View, index: readonly number[]): number {
  return strides.reduce((at, stride, axis) => at + stride * index[axis]!, offset);
}

/** Every index of a shape, in row-major order. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (list, size) => list.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}
