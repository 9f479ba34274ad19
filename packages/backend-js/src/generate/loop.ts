/** The loop kernel as a generated function: what it is called with, and when the interpreter runs the loop instead. */
import type { Instruction, LoopKernel } from '@antler/core';
import { positionCursor, type Context, type Cursor, type Run } from '../context.js';
import type { Generated } from './functions.js';
import { planNest, type Cursors } from './nest.js';
import { writeLoop } from './write.js';

/** V8 leaves very long functions unoptimized, and the interpreter is faster than those. */
const longest = 1000;

/** Prepares a loop; null when it is left to the interpreter. */
export function generateLoop(kernel: LoopKernel, context: Context): Run | null {
  const loop = generate(kernel, cursorsOf(kernel, context), context);
  if (loop === null) return null;
  const { call, numbers, origins } = loop;
  for (const { at, cursor } of origins) if (!cursor.turns) numbers[at] = cursor.originAt([]);
  const moving = origins.filter(({ cursor }) => cursor.turns);
  return ({ arrays, scalars, turns }) => {
    for (let i = 0; i < moving.length; i++) numbers[moving[i]!.at] = moving[i]!.cursor.originAt(turns);
    call(arrays, numbers, scalars);
  };
}

/** A function, and the numbers to call it with. */
export interface GeneratedLoop {
  readonly call: Generated;
  readonly numbers: Int32Array;
  /** Which of the numbers are first elements of cursors; the caller puts them in. */
  readonly origins: readonly { readonly at: number; readonly cursor: Cursor }[];
}

/** Makes the function of a loop, or finds it; null when the interpreter has to run it. */
export function generate(kernel: LoopKernel, cursors: Cursors, context: Context): GeneratedLoop | null {
  const { functions } = context;
  if (functions === null || kernel.body.length + kernel.epilogue.length > longest) return null;
  const nest = planNest(kernel, cursors, context);
  const source = writeLoop(kernel, nest);
  if (source === null) return null;
  const { numbers, origins } = nest.text;
  return { call: nest.empty ? () => {} : functions.get(source), numbers: Int32Array.from(numbers), origins };
}

function cursorsOf({ shape, inputs, body, reductions, epilogue, stores }: LoopKernel, context: Context): Cursors {
  const reads = new Map<number, Cursor>();
  const read = (instruction: Instruction, value: number): void => {
    if (instruction.op === 'load') reads.set(value, context.cursor(inputs[instruction.input]!, shape));
    if (instruction.op === 'index') reads.set(value, positionCursor(instruction.axis, shape, instruction.dtype));
  };
  body.forEach(read);
  epilogue.forEach((instruction, i) => read(instruction, body.length + reductions.length + i));
  return { reads, writes: stores.map(({ view }) => context.cursor(view, shape)), moved: false };
}
