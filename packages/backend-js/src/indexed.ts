/** What gather and scatter share: rows of indices become places in the indexed view, and bad ones are reported. */
import type { GatherKernel, ScatterKernel } from '@antler/core';
import { Boxes, fillOffsets, lanesOf, mergeAxes } from './axes.js';
import { tileSize, type Context, type Cursor, type Frame } from './context.js';

/** How many rows are looked up at a time. */
const blockRows = 512;

/**
 * A walk over the rows [...batch, ...index], a slice of each at a time. `indexed` is the view whose places the indices
 * choose, `listed` the one that has a slice for each row.
 */
export class IndexedRows {
  readonly indexed: Cursor;
  readonly listed: Cursor;
  readonly #indices: Cursor;
  readonly #site: number | null;
  readonly #limits: readonly number[];
  /** Stride of each indexed axis, and of the indices of one row. */
  readonly #steps: readonly number[];
  readonly #next: number;
  readonly #faults: number | null;
  readonly #rows: number;
  readonly #rowSizes: readonly number[];
  /** Strides over the rows: of the indices, of the indexed view, of the listed one. */
  readonly #rowStrides: readonly (readonly number[])[];
  readonly #tables: readonly Int32Array[];
  readonly #slices: Boxes;
  readonly #sliceStrides: readonly (readonly number[])[];

  constructor(kernel: GatherKernel | ScatterKernel, indexed: Cursor, listed: Cursor, context: Context) {
    const { batch, index, limits, slice, indices } = kernel;
    const rowSizes = [...batch, ...index];
    this.indexed = indexed;
    this.listed = listed;
    this.#indices = context.cursor(indices, [...rowSizes, limits.length]);
    this.#site = kernel.site;
    this.#limits = limits;
    this.#steps = indexed.strides.slice(batch.length, batch.length + limits.length);
    this.#next = indices.strides.at(-1)!;
    this.#faults = context.faults === null ? null : context.array(context.faults.slot, 'int32');

    const rows = mergeAxes(rowSizes, [
      indices.strides.slice(0, -1),
      [...indexed.strides.slice(0, batch.length), ...index.map(() => 0)],
      listed.strides.slice(0, rowSizes.length),
    ]);
    this.#rows = rowSizes.reduce((product, size) => product * size, 1);
    this.#rowSizes = rows.sizes;
    this.#rowStrides = rows.strides;
    this.#tables = rows.strides.map(() => new Int32Array(Math.min(blockRows, this.#rows)));

    const slices = mergeAxes(slice, [
      indexed.strides.slice(batch.length + limits.length),
      listed.strides.slice(rowSizes.length),
    ]);
    this.#slices = new Boxes(slices.sizes, tileSize);
    this.#sliceStrides = slices.strides;
    indexed.lanes = lanesOf(this.#slices.shape, slices.strides[0]!);
    listed.lanes = lanesOf(this.#slices.shape, slices.strides[1]!);
  }

  /** Calls `visit` with both cursors at each tile of each row, in row-major order; `found` is false for a bad index. */
  walk(frame: Frame, visit: (count: number, found: boolean) => void): void {
    const { indexed, listed } = this;
    const cursors = [this.#indices, indexed, listed] as const;
    for (const cursor of cursors) cursor.enter(frame);
    for (let start = 0; start < this.#rows; start += blockRows) {
      const count = Math.min(blockRows, this.#rows - start);
      this.#tables.forEach((table, i) => fillOffsets(table, count, start, this.#rowSizes, this.#rowStrides[i]!));
      const [where, from, to] = this.#tables as [Int32Array, Int32Array, Int32Array];
      for (let row = 0; row < count; row++) {
        const place = this.#place(this.#indices.origin + where[row]!, frame);
        for (let box = 0; box < this.#slices.count; box++) {
          const elements = this.#slices.enter(box);
          indexed.base = indexed.origin + from[row]! + (place ?? 0) + this.#within(0);
          listed.base = listed.origin + to[row]! + this.#within(1);
          visit(elements, place !== null);
        }
      }
    }
    for (const cursor of cursors) cursor.leave();
  }

  /** Offset of the place that a row's indices choose, or null after reporting a bad one. */
  #place(at: number, frame: Frame): number | null {
    let place = 0;
    for (let axis = 0; axis < this.#limits.length; axis++, at += this.#next) {
      const limit = this.#limits[axis]!;
      const index = this.#indices.memory[at]!;
      if (this.#site === null) {
        place += Math.min(Math.max(index, 0), limit - 1) * this.#steps[axis]!;
        continue;
      }
      if (index < -limit || index >= limit) {
        this.#report(this.#site + axis, index, frame);
        return null;
      }
      place += (index < 0 ? index + limit : index) * this.#steps[axis]!;
    }
    return place;
  }

  #report(site: number, index: number, frame: Frame): void {
    if (this.#faults === null) return;
    const faults = frame.arrays[this.#faults]!;
    if (faults[0] === 0) faults.set([site + 1, index]);
  }

  #within(view: 0 | 1): number {
    const strides = this.#sliceStrides[view]!;
    let offset = 0;
    for (let axis = 0; axis < strides.length; axis++) offset += strides[axis]! * this.#slices.position[axis]!;
    return offset;
  }
}
