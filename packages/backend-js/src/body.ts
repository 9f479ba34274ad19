/** A scalar body as a list of steps, each of which fills one value's register for a whole tile. */
import type { DType, Instruction, TypedArray } from '@antler/core';
import { loadOf, rounderOf, storeOf } from './access.js';
import type { Cursor, Frame, Registers } from './context.js';
import { routineOf } from './opcodes.js';

/** A numbered value of a kernel. */
export interface Value {
  readonly register: TypedArray;
  readonly dtype: DType;
  /** The same for every index, so it is computed once per run. */
  readonly constant: boolean;
}

type Step = (count: number, frame: Frame) => void;

/** The steps of a body, those that do not depend on the index apart. */
export class Body {
  /** Cursors of the loads and positions. */
  readonly cursors: Cursor[] = [];
  readonly #once: Step[] = [];
  readonly #each: Step[] = [];

  /**
   * Appends the values of `instructions` to `values`; `reads` has the cursors of loads and positions by number of value, over
   * axes of the given sizes.
   */
  constructor(
    instructions: readonly Instruction[],
    values: Value[],
    registers: Registers,
    reads: ReadonlyMap<number, Cursor>,
    sizes: readonly number[],
  ) {
    for (const instruction of instructions) {
      const register = registers.take(instruction.dtype);
      const cursor = reads.get(values.length);
      const stays = cursor?.strides.every((stride, axis) => stride === 0 || sizes[axis] === 1) === true;
      const [step, constant] = this.#step(instruction, register, values, cursor!, stays);
      values.push({ register, dtype: instruction.dtype, constant });
      (constant ? this.#once : this.#each).push(step);
    }
  }

  #step(
    instruction: Instruction,
    register: TypedArray,
    values: readonly Value[],
    cursor: Cursor,
    stays: boolean,
  ): [step: Step, constant: boolean] {
    const round = rounderOf(instruction.dtype);
    /** Steps that bring numbers from elsewhere. */
    const rounded = (step: Step): Step =>
      round === null
        ? step
        : (count, frame): void => {
            step(count, frame);
            round(register, count);
          };
    switch (instruction.op) {
      case 'load': {
        const load = loadOf(instruction.dtype);
        this.cursors.push(cursor);
        return [(count) => load(register, count, cursor), stays];
      }
      case 'index': {
        this.cursors.push(cursor);
        return [rounded((count) => fillPositions(register, count, cursor)), stays];
      }
      case 'const':
        return [rounded((count) => void register.fill(instruction.value, 0, count)), true];
      case 'scalar':
        return [rounded((count, frame) => void register.fill(frame.scalars[instruction.index]!, 0, count)), true];
      default: {
        const args = instruction.args.map((number) => values[number]!);
        const routine = routineOf(instruction.op, args[args.length - 1]!.dtype, instruction.dtype);
        const [a, b, c, d] = [0, 1, 2, 3].map((i) => (args[i] ?? args[0]!).register) as [
          TypedArray,
          TypedArray,
          TypedArray,
          TypedArray,
        ];
        return [(count) => routine(register, count, a, b, c, d), args.every((value) => value.constant)];
      }
    }
  }

  /** Starts a run: takes up memory, and computes what is constant for tiles of up to `count` elements. */
  enter(frame: Frame, count: number): void {
    for (let i = 0; i < this.cursors.length; i++) this.cursors[i]!.enter(frame);
    for (let i = 0; i < this.#once.length; i++) this.#once[i]!(count, frame);
  }

  /** Computes a tile of `count` elements where the cursors stand. */
  run(count: number, frame: Frame): void {
    for (let i = 0; i < this.#each.length; i++) this.#each[i]!(count, frame);
  }
}

/** A value's way to memory. */
export interface Output {
  readonly cursor: Cursor;
  readonly value: Value;
}

/** Stores a tile of every output where the cursors stand. */
export function storeAll(outputs: readonly Output[], count: number): void {
  for (let i = 0; i < outputs.length; i++) {
    const { cursor, value } = outputs[i]!;
    storeOf(value.dtype)(value.register, count, cursor);
  }
}

function fillPositions(register: TypedArray, count: number, { base, lanes }: Cursor): void {
  const { stride, table } = lanes;
  if (table !== null) for (let i = 0; i < count; i++) register[i] = base + table[i]!;
  else for (let i = 0; i < count; i++) register[i] = base + i * stride;
}
