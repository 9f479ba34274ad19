/** The loop kernel as a generated function: what it is called with, and when the interpreter runs the loop instead. */
import type { LoopKernel } from '@antler/core';
import { readsOf, type Context, type Cursor, type Run } from '../context.js';
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
  const { functions, interpreter } = context;
  const long = kernel.body.length + kernel.epilogue.length > longest;
  if (functions === null || (long && interpreter !== undefined)) return null;
  const nest = planNest(kernel, cursors, context);
  const source = writeLoop(kernel, nest);
  if (source === null) return null;
  const { numbers, origins } = nest.text;
  return { call: nest.empty ? () => {} : functions.get(source), numbers: Int32Array.from(numbers), origins };
}

function cursorsOf(kernel: LoopKernel, context: Context): Cursors {
  const { body, reductions, epilogue, stores } = kernel;
  const late = readsOf(kernel, epilogue, body.length + reductions.length, context);
  const reads = new Map([...readsOf(kernel, body, 0, context), ...late]);
  return { reads, writes: stores.map(({ view }) => context.cursor(view)), moved: false };
}
