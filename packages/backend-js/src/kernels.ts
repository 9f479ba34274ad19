/** What this backend can do: every kind of kernel; of composites, those that are algorithms and have no other meaning. */
import { ValueError, describe, type Kernel, type KernelKind } from '@antler/core';
import { interpreterOf, lacking, type Context, type Interpreter, type Run } from './context.js';
import { prepareConv } from './conv.js';
import { prepareCumulate } from './cumulate.js';
import { prepareDot } from './dot.js';
import { erf } from './erf.js';
import { prepareGather } from './gather.js';
import { generateLoop } from './generate/loop.js';
import { prepareHost } from './host.js';
import { interpreter } from './interpreter.js';
import { prepareRepeat } from './repeat.js';
import { prepareScatter } from './scatter.js';
import { prepareSort } from './sort.js';

/** Makes a kernel of a kind ready to run. */
export type Prepare<K extends KernelKind> = (kernel: Extract<Kernel, { readonly kind: K }>, context: Context) => Run;

/** A table of kernels. */
export type KernelTable = { readonly [K in KernelKind]: Prepare<K> } & {
  readonly interpreter?: Interpreter;
  /** Asked where a kernel calls it. */
  erf(this: void): (x: number) => number;
};

/** Some kernels by their kinds, or what they need: the interpreter, the error function. */
export type Kernels = Partial<KernelTable>;

const loop: Prepare<'loop'> = (kernel, context) =>
  generateLoop(kernel, context) ?? interpreterOf(context).loop(kernel, context);

const composite: Prepare<'composite'> = (kernel, context) => {
  if (kernel.host !== undefined) return prepareHost(kernel, kernel.host, context);
  throw new ValueError(describe('compile', 'a kernel that accepts() agrees to', `composite ${kernel.name}`));
};

/** What nearly every program needs: loops, matrix products, and their repetition. */
export const basicKernels: Kernels = { loop, dot: prepareDot, repeat: prepareRepeat };

/** Gather and scatter: embeddings, losses by class numbers, indices. */
export const indexingKernels: Kernels = { gather: prepareGather, scatter: prepareScatter };

/** Convolutions and their gradients. */
export const convolutionKernels: Kernels = { conv: prepareConv };

/** Sorting, and running sums. */
export const orderingKernels: Kernels = { sort: prepareSort, cumulate: prepareCumulate };

const givenErf = (): typeof erf => erf;

/** The error function, which `gelu` and `erf` take: its coefficients take the room of a kernel. */
export const specialKernels: Kernels = { erf: givenErf };

/** Decompositions of matrices, and other algorithms. */
export const algorithmKernels: Kernels = { composite };

/**
 * The interpreter of loops and of the epilogues of products. Other families make functions of them, which needs a content
 * security policy that allows it, and is not possible where bits of floats become integers or the other way round.
 */
export const interpretedKernels: Kernels = { interpreter };

/** The table of all kernels. */
export const allKernels: KernelTable = {
  loop,
  dot: prepareDot,
  conv: prepareConv,
  gather: prepareGather,
  scatter: prepareScatter,
  cumulate: prepareCumulate,
  sort: prepareSort,
  repeat: prepareRepeat,
  composite,
  interpreter,
  erf: givenErf,
};

/** The family of each, without `Kernels`. */
const families: { readonly [K in Exclude<keyof KernelTable, 'interpreter'>]: string } = {
  loop: 'basic',
  dot: 'basic',
  repeat: 'basic',
  gather: 'indexing',
  scatter: 'indexing',
  conv: 'convolution',
  sort: 'ordering',
  cumulate: 'ordering',
  composite: 'algorithm',
  erf: 'special',
};

/** The table of some kernels; the others throw a ValueError that says what to add. */
export function tableOf(given: readonly Kernels[]): KernelTable {
  const none = Object.entries(families).map(([kind, family]) => [
    kind,
    (): never => lacking(`the kernel ${kind}`, `${family}Kernels`),
  ]);
  return Object.assign({}, Object.fromEntries(none), ...given) as KernelTable;
}

/** True but for composites that are no algorithms: those are lowered. */
export function accepts(kernel: Kernel): boolean {
  return kernel.kind !== 'composite' || kernel.host !== undefined;
}
