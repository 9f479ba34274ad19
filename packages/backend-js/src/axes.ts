/** Index spaces: axes merged where memory allows, cut into boxes of a bounded size, with the offsets inside of a box. */

import { sizeOf } from '@antler/core';

/** Sizes of axes, and for each of several views its strides over them. */
export interface Axes {
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** Drops axes of size 1 and joins neighbours that every view crosses evenly; the order of elements stays. */
export function mergeAxes(sizes: readonly number[], views: readonly (readonly number[])[]): Axes {
  const merged: number[] = [];
  const strides: number[][] = views.map(() => []);
  sizes.forEach((size, axis) => {
    if (size === 1) return;
    const last = merged.length - 1;
    if (last >= 0 && views.every((view, v) => strides[v]![last] === view[axis]! * size)) {
      merged[last]! *= size;
      views.forEach((view, v) => (strides[v]![last] = view[axis]!));
    } else {
      merged.push(size);
      views.forEach((view, v) => strides[v]!.push(view[axis]!));
    }
  });
  return { sizes: merged, strides };
}

/** How the elements of a tile lie from its first: `i · stride`, or `table[i]`. */
export interface Lanes {
  readonly stride: number;
  readonly table: Int32Array | null;
}

/** Lanes of a whole index space, in row-major order. */
export function lanesOf(sizes: readonly number[], strides: readonly number[]): Lanes {
  const axes = mergeAxes(sizes, [strides]);
  if (axes.sizes.length <= 1) return { stride: axes.strides[0]![0] ?? 0, table: null };
  return { stride: 0, table: offsetsOf(axes.sizes, axes.strides[0]!) };
}

/** Offset of one element. */
export function offsetAt(strides: readonly number[], index: readonly number[]): number {
  let offset = 0;
  for (let axis = 0; axis < strides.length; axis++) offset += strides[axis]! * index[axis]!;
  return offset;
}

/** Offsets of all elements of an index space, from `start` on. */
export function offsetsOf(sizes: readonly number[], strides: readonly number[], start = 0): Int32Array {
  const table = new Int32Array(sizeOf(sizes));
  fillOffsets(table, table.length, 0, sizes, strides);
  return start === 0 ? table : table.map((offset) => offset + start);
}

/** Offsets of `count` consecutive elements of an index space, from element number `start` on. */
export function fillOffsets(
  out: Int32Array,
  count: number,
  start: number,
  sizes: readonly number[],
  strides: readonly number[],
): void {
  const rank = sizes.length;
  const index = new Array<number>(rank).fill(0);
  let offset = 0;
  for (let axis = rank - 1, rest = start; axis >= 0; axis--) {
    index[axis] = rest % sizes[axis]!;
    rest = Math.floor(rest / sizes[axis]!);
    offset += index[axis]! * strides[axis]!;
  }
  for (let i = 0; i < count; i++) {
    out[i] = offset;
    for (let axis = rank - 1; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      offset -= strides[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
}

/**
 * An index space cut into boxes of at most `limit` elements: whole inner axes, a chunk of the axis that no longer fits
 * whole, single indices of the axes outside of it. All boxes are alike, but the last chunk of the cut axis may be short,
 * so a box's offsets are the first of a full box's.
 */
export class Boxes {
  /** How many boxes there are. */
  readonly count: number;
  /** Elements of a full box. */
  readonly size: number;
  /** Sizes of a full box: 1 for the outer axes. */
  readonly shape: readonly number[];
  /** Where the box that was entered last begins. */
  readonly #position: number[];
  readonly #sizes: readonly number[];
  readonly #cut: number;
  readonly #inner: number;

  constructor(sizes: readonly number[], limit: number) {
    const shape = [...sizes];
    let cut = sizes.length - 1;
    let inner = 1;
    while (cut > 0 && inner * sizes[cut]! <= limit) inner *= sizes[cut--]!;
    let chunks = 1;
    if (cut >= 0) {
      // Chunks of nearly one size: 784 becomes two of 392 rather than 512 and 272.
      chunks = Math.ceil(sizes[cut]! / Math.max(1, Math.floor(limit / inner)));
      shape[cut] = Math.ceil(sizes[cut]! / Math.max(1, chunks));
      shape.fill(1, 0, cut);
    }
    this.count = sizes.slice(0, Math.max(cut, 0)).reduce((product, size) => product * size, inner === 0 ? 0 : chunks);
    this.size = sizeOf(shape);
    this.shape = shape;
    this.#position = sizes.map(() => 0);
    this.#sizes = sizes;
    this.#cut = cut;
    this.#inner = inner;
  }

  /** Moves to a box and says how many elements it has. */
  enter(box: number): number {
    const cut = this.#cut;
    if (cut < 0) return 1;
    const chunk = this.shape[cut]!;
    const chunks = Math.ceil(this.#sizes[cut]! / chunk);
    let rest = box;
    const start = (rest % chunks) * chunk;
    this.#position[cut] = start;
    rest = Math.floor(rest / chunks);
    for (let axis = cut - 1; axis >= 0; axis--) {
      this.#position[axis] = rest % this.#sizes[axis]!;
      rest = Math.floor(rest / this.#sizes[axis]!);
    }
    return Math.min(chunk, this.#sizes[cut]! - start) * this.#inner;
  }

  /** How far the box that was entered last is from the first element of a view. */
  offset(strides: readonly number[]): number {
    return offsetAt(strides, this.#position);
  }
}

/** Calls `visit` with the offset of every view at each index of some leading axes, in row-major order. */
export function walkRows(
  sizes: readonly number[],
  views: readonly (readonly number[])[],
  visit: (offsets: readonly number[]) => void,
): void {
  const { sizes: merged, strides } = mergeAxes(
    sizes,
    views.map((view) => view.slice(0, sizes.length)),
  );
  const index = merged.map(() => 0);
  const offsets = views.map(() => 0);
  const count = sizeOf(sizes);
  for (let row = 0; row < count; row++) {
    visit(offsets);
    for (let axis = merged.length - 1; axis >= 0; axis--) {
      const turns = ++index[axis]! < merged[axis]! ? 1 : 1 - merged[axis]!;
      for (let v = 0; v < offsets.length; v++) offsets[v]! += turns * strides[v]![axis]!;
      if (turns === 1 && merged[axis]! > 1) break;
      index[axis] = 0;
    }
  }
}
