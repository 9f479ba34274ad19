/**
 * Expansion: the scalar expression of a value over a loop, down to what is stored. Values are taken from the highest number
 * down, so each is met after everything in the loop that reads it. Where a limit is reached, a value is stored instead.
 */
import { sizeOf, type Shape } from '../shape.js';
import { isInlined, isView, settle, typeOf, type Block } from './block.js';
import type { GraphNode } from './graph.js';
import { through, whole, type Access } from './views.js';

/** A value at one access within a loop. */
export interface Term {
  readonly value: number;
  readonly access: Access;
  /** Loaded from its memory, from where an input arrives, or computed from `args`. */
  from: 'memory' | 'arrival' | 'computed';
  args: readonly Term[];
}

/** Instructions that one expression may have. */
const longestBody = 64;

/** True when computing it again costs less than storing it. */
export const isCheap = ({ form }: GraphNode): boolean => form.kind !== 'elementwise' || form.costly !== true;

/** Sizes of a loop over a shape: axes of size 1 are no axes. */
export function spaceOf(shape: Shape): number[] {
  return shape.filter((size) => size !== 1);
}

/** Every element of a value, in a loop over its own space. */
export function everyElement(shape: Shape): Access {
  return { offset: 0, strides: whole(shape).strides.filter((_, axis) => shape[axis] !== 1) };
}

/** Text that is equal for equal reads. */
export const termKey = (value: number, { offset, strides }: Access): string => `${value}@${offset}:${strides.join()}`;

/**
 * Terms of `value`, read at `access` in a loop over `space`, in order of computation; the last is what was asked for. With
 * `own`, the value is computed even though it is stored: this loop is what stores it.
 */
export function expand(block: Block, value: number, access: Access, space: Shape, own: boolean): Term[] {
  const limit = block.context.target.limits.maxRegionsPerKernel - 1;
  const pending = new Map<number, Map<string, Term>>();
  const done: Term[] = [];
  const regions = new Set<number>();
  let computed = 0;

  const want = (target: number, access: Access): Term => {
    const at = sizeOf(typeOf(block, target).shape) === 1 ? { offset: 0, strides: space.map(() => 0) } : access;
    const key = termKey(target, at);
    const terms = pending.get(target) ?? new Map<string, Term>();
    pending.set(target, terms);
    const term = terms.get(key) ?? { value: target, access: at, from: 'memory', args: [] };
    terms.set(key, term);
    return term;
  };
  const follow = (target: number, access: Access): { value: number; access: Access } =>
    settle(block, target, access, space);
  const inMemory = (target: number): boolean => {
    const maker = block.makers[target];
    if (maker === undefined) return block.stored[target]! || block.arrivals[target] !== undefined;
    return block.stored[target]! || maker.inputs.length > 0;
  };
  /** Distinct memory this loop would touch if it stopped at what is pending now and at `more`. */
  const fits = (more: readonly number[]): boolean => {
    if (regions.size + pending.size + more.length <= limit) return true;
    const touched = new Set([...regions, ...[...pending.keys(), ...more].filter(inMemory)]);
    return touched.size <= limit;
  };

  const start = own ? { value, access } : follow(value, access);
  want(start.value, start.access);
  while (pending.size > 0) {
    const next = Math.max(...pending.keys());
    const terms = [...pending.get(next)!.values()];
    pending.delete(next);
    const owned = own && next === value;
    const maker = block.makers[next];
    done.push(...terms);
    if (maker === undefined && (!block.stored[next] || owned)) {
      if (block.arrivals[next] !== undefined) regions.add(next);
      for (const term of terms) term.from = block.arrivals[next] === undefined ? 'computed' : 'arrival';
      continue;
    }
    if (maker === undefined || (block.stored[next] && !owned) || !isInlined(maker)) {
      regions.add(next);
      continue;
    }
    if (isView(maker)) {
      const input = maker.inputs[0]!;
      const inner = typeOf(block, input).shape;
      for (const term of terms) {
        const moved = through(maker.form, maker.params, inner, typeOf(block, next).shape, term.access, space);
        const at = follow(input, moved!);
        term.from = 'computed';
        term.args = [want(at.value, at.access)];
      }
      continue;
    }
    const reads = terms.map((term) => maker.inputs.map((input) => follow(input, term.access)));
    const repeated = terms.length > 1 && maker.inputs.length > 0 && !isCheap(maker);
    const cut =
      !owned && (repeated || computed + terms.length > longestBody || !fits(reads.flat().map((read) => read.value)));
    if (cut) {
      block.stored[next] = true;
      regions.add(next);
      continue;
    }
    computed += terms.length;
    terms.forEach((term, i) => {
      term.from = 'computed';
      term.args = reads[i]!.map((read) => want(read.value, read.access));
    });
  }
  return done.reverse();
}
