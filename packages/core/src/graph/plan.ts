/**
 * Planning: buffers, each made for one value, share slots. A slot is free again after the last kernel that touches it; a
 * kernel may write over an operand that dies in it. Sizes are matched best fit first.
 */
import type { Context } from './block.js';
import { resolve } from './assign.js';
import type { Kernel, Slot } from './program.js';
import { isIdle, renamed, touched, worksInPlace } from './touch.js';

/** A kernel at its position in time. A `repeat` covers the positions of its kernels. */
interface Moment {
  readonly kernel: Kernel;
  /** Position of the `repeat` it is directly in; −1 outside. */
  readonly parent: number;
  end: number;
}

/** From the first to the last position that touches a buffer. */
interface Life {
  first: number;
  last: number;
  /** Where it lives: the position of a `repeat`, or −1. */
  home: number;
}

/** Slots, the first `fixed` of which are the buffers of the same number, and the kernels on them. */
export function planSlots(
  context: Context,
  fixed: readonly Slot[],
  kernels: readonly Kernel[],
): { slots: Slot[]; kernels: Kernel[] } {
  const aliased = kernels.map((kernel) => renamed(kernel, (view) => ({ ...view, slot: resolve(context, view.slot) })));
  const moments = timeline(aliased);
  const lives = livesOf(moments);
  const slotOf = place(context, fixed, moments, lives);
  const slots = [...fixed, ...slotOf.sizes.map((bytes): Slot => ({ bytes, role: 'temp' }))];
  const placed = aliased.map((kernel) =>
    renamed(kernel, (view) => ({ ...view, slot: slotOf.map.get(view.slot) ?? view.slot })),
  );
  return { slots, kernels: withoutIdle(placed) };
}

function timeline(kernels: readonly Kernel[]): Moment[] {
  const moments: Moment[] = [];
  const visit = (list: readonly Kernel[], parent: number): void => {
    for (const kernel of list) {
      const at = moments.push({ kernel, parent, end: moments.length }) - 1;
      if (kernel.kind !== 'repeat') continue;
      visit(kernel.kernels, at);
      moments[at]!.end = moments.length - 1;
    }
  };
  visit(kernels, -1);
  return moments;
}

/** A buffer that is touched both inside and outside of a `repeat` lives through all of its turns. */
function livesOf(moments: readonly Moment[]): Map<number, Life> {
  const lives = new Map<number, Life>();
  const enclosing = (at: number): number[] => {
    const homes = [-1];
    for (let parent = moments[at]!.parent; parent >= 0; parent = moments[parent]!.parent) homes.splice(1, 0, parent);
    return homes;
  };
  moments.forEach(({ kernel }, at) => {
    if (kernel.kind === 'repeat') return;
    const { reads, writes } = touched(kernel);
    const around = enclosing(at);
    for (const { slot } of [...reads, ...writes]) {
      const life = lives.get(slot);
      if (life === undefined) {
        lives.set(slot, { first: at, last: at, home: around.at(-1)! });
        continue;
      }
      life.last = at;
      if (life.home === around.at(-1)) continue;
      // The innermost home that both share; the life covers the repeat it left on either side.
      const homes = life.home < 0 ? [-1] : [...enclosing(life.home), life.home];
      const shared = Math.max(...homes.filter((home) => around.includes(home)));
      const entered = (list: readonly number[]): number | undefined => list[list.indexOf(shared) + 1];
      const before = entered(homes);
      if (before !== undefined) life.first = Math.min(life.first, before);
      const now = entered(around);
      if (now !== undefined) life.last = Math.max(life.last, moments[now]!.end);
      life.home = shared;
    }
  });
  for (const life of lives.values()) {
    // The last touch may lie in a repeat that started inside this home.
    let at = life.last;
    while (moments[at]!.parent !== life.home && moments[at]!.parent >= 0) at = moments[at]!.parent;
    life.last = Math.max(life.last, moments[at]!.end);
  }
  return lives;
}

interface Placement {
  /** Slot of each planned buffer. */
  readonly map: Map<number, number>;
  /** Bytes of the slots that were made. */
  readonly sizes: number[];
}

function place(
  { buffers }: Context,
  fixed: readonly Slot[],
  moments: readonly Moment[],
  lives: ReadonlyMap<number, Life>,
): Placement {
  const map = new Map<number, number>();
  const sizes: number[] = [];
  const free: number[] = [];
  const inherited = new Set<number>();
  const planned = [...lives].filter(([buffer]) => buffer >= fixed.length);
  const births = bucket(moments.length, planned, ({ first }) => first);
  const deaths = bucket(moments.length, planned, ({ last }) => last);
  const take = (bytes: number): number => {
    const best = bestFit(free, sizes, bytes);
    if (best === undefined) return sizes.push(bytes) - 1;
    const [slot] = free.splice(best, 1) as [number];
    sizes[slot] = Math.max(sizes[slot]!, bytes);
    return slot;
  };
  const slotOf = (buffer: number): number => map.get(buffer)! - fixed.length;
  moments.forEach(({ kernel, parent }, at) => {
    // What an outer turn still needs must not be overwritten.
    const dying = new Set(
      deaths[at]!.filter((buffer) => lives.get(buffer)!.first < at && lives.get(buffer)!.home === parent),
    );
    for (const buffer of births[at]!) {
      const bytes = buffers[buffer]!;
      const heir = [...dying].find((old) => sizes[slotOf(old)]! >= bytes && worksInPlace(kernel, old, buffer));
      if (heir !== undefined) {
        dying.delete(heir);
        inherited.add(heir);
      }
      map.set(buffer, fixed.length + (heir === undefined ? take(bytes) : slotOf(heir)));
    }
    for (const buffer of deaths[at]!) if (!inherited.has(buffer)) free.push(slotOf(buffer));
  });
  return { map, sizes };
}

function bucket(length: number, lives: readonly (readonly [number, Life])[], key: (life: Life) => number): number[][] {
  const lists = Array.from({ length }, (): number[] => []);
  for (const [buffer, life] of lives) lists[key(life)]!.push(buffer);
  return lists;
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
