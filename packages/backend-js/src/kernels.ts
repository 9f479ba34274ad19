/** What this backend can do: every kind of kernel; of composites, those that are algorithms and have no other meaning. */
import { ValueError, describe, type Kernel, type KernelKind } from '@antler/core';
import type { Context, Run } from './context.js';
import { prepareConv } from './conv.js';
import { prepareCumulate } from './cumulate.js';
import { prepareDot } from './dot.js';
import { prepareGather } from './gather.js';
import { generateLoop } from './generate/loop.js';
import { prepareHost } from './host.js';
import { prepareLoop } from './loop.js';
import { prepareRepeat } from './repeat.js';
import { prepareScatter } from './scatter.js';
import { prepareSort } from './sort.js';

type Prepare<K extends KernelKind> = (kernel: Extract<Kernel, { readonly kind: K }>, context: Context) => Run;

/** The table of kernels. */
export const kernels: { readonly [K in KernelKind]: Prepare<K> } = {
  loop: (kernel, context) => generateLoop(kernel, context) ?? prepareLoop(kernel, context),
  dot: prepareDot,
  conv: prepareConv,
  gather: prepareGather,
  scatter: prepareScatter,
  cumulate: prepareCumulate,
  sort: prepareSort,
  repeat: prepareRepeat,
  composite(kernel, context) {
    if (kernel.host !== undefined) return prepareHost(kernel, kernel.host, context);
    throw new ValueError(describe('compile', 'a kernel that accepts() agrees to', `composite ${kernel.name}`));
  },
};

/** True when the tables have the kernel. */
export function accepts(kernel: Kernel): boolean {
  return Object.hasOwn(kernels, kernel.kind) && (kernel.kind !== 'composite' || kernel.host !== undefined);
}

/** Prepares any kernel. */
export function prepare(kernel: Kernel, context: Context): Run {
  return (kernels[kernel.kind] as Prepare<KernelKind>)(kernel, context);
}
