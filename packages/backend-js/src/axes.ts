/** Index spaces: axes merged where memory allows, cut into boxes of a bounded size, with the offsets inside of a box. */

import { coalesce, sizeOf } from '@antler/core';

/** Sizes of axes, and for each of several views its strides over them. */
export interface Axes {
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** Drops axes of size 1 and joins neighbours that every view crosses evenly; the order of elements stays. */
export function mergeAxes(sizes: readonly number[], views: readonly (readonly number[])[]): Axes {
  const { sizes: merged, rows } = coalesce({ sizes, groups: sizes.map(() => 0), rows: views });
  return { sizes: merged, strides: rows };
}

/** How the elements of a tile lie from its first: `i · stride`, or `table[i]`. */
export interface Lanes {
  readonly stride: number;
  readonly table: Int32Array | null;
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

/** How far the innermost axis makes the views step: neighbours are cheap, anything past a cache line is not. */
export function cost(views: readonly (readonly number[])[]): number {
  return views.reduce((sum, strides) => sum + Math.min(16, Math.abs(strides.at(-1) ?? 0)), 0);
}

/**
 * A walk over an index space in row-major order, element by element; or in stretches of at most `limit` elements along one
 * axis, which is then the innermost.
 */
export class Walk {
  readonly #axes: Axes;
  readonly #count: number;
  readonly #size: number;
  readonly #stretch: number;
  readonly #index: number[];
  readonly #offsets: number[];

  constructor({ sizes, strides }: Axes, lane = -1, limit = 1) {
    const size = sizes[lane] ?? 1;
    const stretches = Math.ceil(size / limit);
    // Stretches of nearly one size: 784 becomes two of 392 rather than 512 and 272.
    this.#stretch = Math.ceil(size / Math.max(1, stretches));
    this.#size = size;
    const without = (axes: readonly number[], last: number): number[] => [...axes.filter((_, i) => i !== lane), last];
    const along = (view: readonly number[]): number => (view[lane] ?? 0) * this.#stretch;
    const outer = without(sizes, stretches);
    this.#axes = mergeAxes(
      outer,
      strides.map((view) => without(view.slice(0, sizes.length), along(view))),
    );
    this.#count = sizeOf(outer);
    this.#index = this.#axes.sizes.map(() => 0);
    this.#offsets = strides.map(() => 0);
  }

  /** Calls `visit` with the offset of every view at each stretch, and the length of the stretch. */
  each(visit: (offsets: readonly number[], length: number) => void): void {
    const { sizes, strides } = this.#axes;
    const [index, offsets] = [this.#index.fill(0), this.#offsets.fill(0)];
    let start = 0;
    for (let i = 0; i < this.#count; i++) {
      visit(offsets, Math.min(this.#stretch, this.#size - start));
      start += this.#stretch;
      if (start >= this.#size) start = 0;
      for (let axis = sizes.length - 1; axis >= 0; axis--) {
        const turns = ++index[axis]! < sizes[axis]! ? 1 : 1 - sizes[axis]!;
        for (let v = 0; v < offsets.length; v++) offsets[v]! += turns * strides[v]![axis]!;
        if (turns === 1) break;
        index[axis] = 0;
      }
    }
  }
}

/** What an element costs in tiles along an axis: its share of a tile's own price, and how far the views step. */
export function priceOf({ sizes, strides }: Axes, axis: number, limit: number): number {
  return 128 / Math.min(sizes[axis]!, limit) + cost(strides.map((view) => [view[axis]!]));
}

/** The axis along which tiles are cheapest; −1 where there is none. */
export function laneOf(axes: Axes, limit: number): number {
  const prices = axes.sizes.map((_, axis) => priceOf(axes, axis, limit));
  return prices.lastIndexOf(Math.min(...prices));
}
