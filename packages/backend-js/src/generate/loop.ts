/** The loop kernel as a generated function: what it is called with, and when the interpreter runs the loop instead. */
import type { LoopKernel } from '@antler/core';
import type { Context, Run } from '../context.js';
import { planNest } from './nest.js';
import { writeLoop } from './write.js';

/** V8 leaves very long functions unoptimized, and the interpreter is faster than those. */
const longest = 1000;

/** Prepares a loop; null when it is left to the interpreter. */
export function generateLoop(kernel: LoopKernel, context: Context): Run | null {
  const { functions } = context;
  if (functions === null || kernel.body.length + kernel.epilogue.length > longest) return null;
  const nest = planNest(kernel, context);
  const source = writeLoop(kernel, nest);
  if (source === null) return null;
  if (nest.empty) return () => {};
  const generated = functions.get(source);
  const { origins } = nest.text;
  const numbers = Int32Array.from(nest.text.numbers);
  for (const { at, cursor } of origins) if (!cursor.turns) numbers[at] = cursor.originAt([]);
  const moving = origins.filter(({ cursor }) => cursor.turns);
  return ({ arrays, scalars, turns }) => {
    for (let i = 0; i < moving.length; i++) numbers[moving[i]!.at] = moving[i]!.cursor.originAt(turns);
    generated(arrays, numbers, scalars);
  };
}
