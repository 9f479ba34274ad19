/** What this backend can do: every kind of kernel but composites, which core lowers to the others. */
import { ValueError, describe, type Kernel, type KernelKind } from '@antler/core';
import type { Context, Run } from './context.js';
import { prepareConv } from './conv.js';
import { prepareCumulate } from './cumulate.js';
import { prepareDot } from './dot.js';
import { prepareGather } from './gather.js';
import { generateLoop } from './generate/loop.js';
import { prepareLoop } from './loop.js';
import { prepareRepeat } from './repeat.js';
import { prepareScatter } from './scatter.js';
import { prepareSort } from './sort.js';

type Prepare<K extends KernelKind> = (kernel: Extract<Kernel, { readonly kind: K }>, context: Context) => Run;

/** The table of kernels. */
export const kernels: { readonly [K in Exclude<KernelKind, 'composite'>]: Prepare<K> } = {
  loop: (kernel, context) => generateLoop(kernel, context) ?? prepareLoop(kernel, context),
  dot: prepareDot,
  conv: prepareConv,
  gather: prepareGather,
  scatter: prepareScatter,
  cumulate: prepareCumulate,
  sort: prepareSort,
  repeat: prepareRepeat,
};

/** True when the table has the kernel's kind. */
export function accepts(kernel: Kernel): boolean {
  return Object.hasOwn(kernels, kernel.kind);
}

/** Prepares any kernel. */
export function prepare(kernel: Kernel, context: Context): Run {
  if (kernel.kind === 'composite') {
    throw new ValueError(describe('compile', 'a kernel that accepts() agrees to', `composite ${kernel.name}`));
  }
  return (kernels[kernel.kind] as Prepare<KernelKind>)(kernel, context);
}
