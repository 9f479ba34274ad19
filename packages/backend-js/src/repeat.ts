/** The repeat kernel: runs its kernels again and again; views inside move with the turn. */
import type { RepeatKernel } from '@antler/core';
import type { Context, Run } from './context.js';

/** Prepares a repeat. */
export function prepareRepeat(kernel: RepeatKernel, context: Context): Run {
  const runs = kernel.kernels.map((inner) => context.prepare(inner));
  return (frame) => {
    const depth = frame.turns.length;
    for (let turn = 0; turn < kernel.count; turn++) {
      frame.turns[depth] = turn;
      for (const run of runs) run(frame);
    }
    frame.turns.length = depth;
  };
}
