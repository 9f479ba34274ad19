/**
 * Planning: buffers, each made for one value, share slots. A slot is free again after the last kernel that touches it; a
 * kernel may write over an operand that dies in it. Sizes are matched best fit first.
 */
import type { Context } from './block.js';
import { resolve } from './assign.js';
import type { Kernel, Slot } from './program.js';
import { isIdle, renamed, touched, worksInPlace } from './touch.js';

/** Slots, the first `fixed` of which are the buffers of the same number, and the kernels on them. */
export function planSlots(
  context: Context,
  fixed: readonly Slot[],
  kernels: readonly Kernel[],
): { slots: Slot[]; kernels: Kernel[] } {
  const aliased = kernels.map((kernel) => renamed(kernel, (view) => ({ ...view, slot: resolve(context, view.slot) })));
  const sizes: number[] = [];
  const slotOf = place(context, fixed.length, aliased, sizes);
  const slots = [...fixed, ...sizes.map((bytes): Slot => ({ bytes, role: 'temp' }))];
  const placed = aliased.map((kernel) =>
    renamed(kernel, (view) => ({ ...view, slot: slotOf.get(view.slot) ?? view.slot })),
  );
  return { slots, kernels: withoutIdle(placed) };
}

/** Slots of the planned buffers: those after the first `fixed`, whose sizes are written to `sizes`. */
function place(
  { buffers }: Context,
  fixed: number,
  all: readonly Kernel[],
  sizes: number[],
): ReadonlyMap<number, number> {
  const slotOf = new Map<number, number>();
  const free: number[] = [];
  const take = (bytes: number): number => {
    const best = bestFit(free, sizes, bytes);
    if (best === undefined) return sizes.push(bytes) - 1;
    const [slot] = free.splice(best, 1) as [number];
    sizes[slot] = Math.max(sizes[slot]!, bytes);
    return slot;
  };
  /** Places what lives in a list of kernels: not `outside` of it, nor within one of its repeats alone. */
  const walk = (kernels: readonly Kernel[], outside: ReadonlySet<number>): void => {
    const lives = livesOf(kernels, (buffer) => buffer >= fixed && !outside.has(buffer));
    const known = new Set([...outside, ...lives.keys()]);
    const bufferLists = (key: keyof Life): number[][] => {
      const lists = kernels.map((): number[] => []);
      for (const [buffer, life] of lives) lists[life[key]]!.push(buffer);
      return lists;
    };
    const [births, deaths] = [bufferLists('first'), bufferLists('last')];
    kernels.forEach((kernel, at) => {
      const dying = new Set(deaths[at]!.filter((buffer) => lives.get(buffer)!.first < at));
      const inherited = new Set<number>();
      for (const buffer of births[at]!) {
        const bytes = buffers[buffer]!;
        const heir = [...dying].find(
          (old) => sizes[slotOf.get(old)! - fixed]! >= bytes && worksInPlace(kernel, old, buffer),
        );
        if (heir !== undefined) {
          dying.delete(heir);
          inherited.add(heir);
        }
        slotOf.set(buffer, heir === undefined ? fixed + take(bytes) : slotOf.get(heir)!);
      }
      if (kernel.kind === 'repeat') walk(kernel.kernels, known);
      for (const buffer of deaths[at]!) if (!inherited.has(buffer)) free.push(slotOf.get(buffer)! - fixed);
    });
  };
  walk(all, new Set());
  return slotOf;
}

/** From the first to the last kernel of a list that touches a buffer. */
interface Life {
  readonly first: number;
  last: number;
}

/** Lives of the buffers that are asked for, but those that one repeat alone touches. */
function livesOf(kernels: readonly Kernel[], isAsked: (buffer: number) => boolean): ReadonlyMap<number, Life> {
  const lives = new Map<number, Life>();
  kernels.forEach((kernel, at) => {
    const { reads, writes } = touched(kernel);
    for (const { slot } of [...reads, ...writes]) {
      const life = lives.get(slot);
      if (life !== undefined) life.last = at;
      else if (isAsked(slot)) lives.set(slot, { first: at, last: at });
    }
  });
  for (const [buffer, { first, last }] of lives) {
    if (first === last && kernels[first]!.kind === 'repeat') lives.delete(buffer);
  }
  return lives;
}

/** Position in `free` of the smallest slot that is large enough, else of the largest. */
function bestFit(free: readonly number[], sizes: readonly number[], bytes: number): number | undefined {
  let best: number | undefined;
  free.forEach((slot, i) => {
    best ??= i;
    const [size, chosen] = [sizes[slot]!, sizes[free[best]!]!];
    if (size >= bytes ? chosen < bytes || size < chosen : chosen < bytes && size > chosen) best = i;
  });
  return best;
}

/** Drops copies of memory onto itself. */
function withoutIdle(kernels: readonly Kernel[]): Kernel[] {
  return kernels.flatMap((kernel): Kernel[] => {
    if (kernel.kind !== 'repeat') return isIdle(kernel) ? [] : [kernel];
    const inside = withoutIdle(kernel.kernels);
    return inside.length === 0 ? [] : [{ ...kernel, kernels: inside }];
  });
}
