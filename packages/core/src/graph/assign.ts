/** Assignments: a value that must end up in memory which still holds an old one (a donated input, a carry). */
import { typeOf, viewOf, type Block, type Context, type Memory } from './block.js';
import { normalizeLoop, scopesOf } from './loop.js';
import type { Kernel, LoopKernel, View } from './program.js';
import { worksInPlace, touched } from './touch.js';
import type { Shape } from '../shape.js';
import { whole } from './views.js';

/** A new value in memory of its own, and where it belongs. */
export interface Assignment {
  readonly value: number;
  readonly from: Memory;
  readonly to: Memory;
}

/** Puts the elements of a view, or a number, into views of the same shape and dtype. */
export function copyKernel(shape: Shape, from: View | number, to: readonly View[], scope: string): LoopKernel {
  const { dtype } = to[0]!;
  const isNumber = typeof from === 'number';
  return normalizeLoop({
    shape,
    reduced: 0,
    inputs: isNumber ? [] : [from],
    body: [isNumber ? { op: 'const', value: from, dtype } : { op: 'load', input: 0, dtype }],
    reductions: [],
    epilogue: [],
    stores: to.map((view) => ({ view, value: 0 })),
    scopes: scopesOf([scope]),
  });
}

/**
 * Carries out assignments. Where nothing reads the old value once the new one is being written, the new one is written over it
 * at once: its buffer becomes an alias. The others are copied at the end.
 */
export function assign(block: Block, kernels: readonly Kernel[], assignments: readonly Assignment[]): Kernel[] {
  const uses = usesOf(kernels, assignments);
  const copies = assignments.flatMap(({ value, from, to }) => {
    const written = uses.get(from.buffer)?.writes[0];
    if (written === undefined) return [];
    const reads = uses.get(to.buffer)?.reads ?? [];
    const isWhole = to.offset === 0 && to.strides === undefined && to.turns.every((turn) => turn === 0);
    const inPlace =
      isWhole &&
      reads.every((at) => at < written || (at === written && worksInPlace(kernels[at]!, to.buffer, from.buffer)));
    if (inPlace) {
      block.context.aliases.set(from.buffer, to.buffer);
      return [];
    }
    const type = typeOf(block, value);
    const at = whole(type.shape);
    return [copyKernel(type.shape, viewOf(from, type, at, type.shape), [viewOf(to, type, at, type.shape)], '')];
  });
  return [...kernels, ...copies];
}

interface Uses {
  readonly reads: number[];
  readonly writes: number[];
}

/** Positions of the kernels that read and write the buffers in question. */
function usesOf(kernels: readonly Kernel[], assignments: readonly Assignment[]): Map<number, Uses> {
  const uses = new Map<number, Uses>();
  for (const { from, to } of assignments) {
    for (const { buffer } of [from, to]) uses.set(buffer, { reads: [], writes: [] });
  }
  kernels.forEach((kernel, at) => {
    const { reads, writes } = touched(kernel);
    for (const { slot } of reads) uses.get(slot)?.reads.push(at);
    for (const { slot } of writes) uses.get(slot)?.writes.push(at);
  });
  return uses;
}

/** The buffer that holds what a buffer was made for. */
export function resolve({ aliases }: Pick<Context, 'aliases'>, buffer: number): number {
  let at = buffer;
  for (let next = aliases.get(at); next !== undefined; next = aliases.get(at)) at = next;
  return at;
}
