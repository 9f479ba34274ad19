/** What gather and scatter share: rows of indices become places in the indexed view, and bad ones are reported. */
import type { GatherKernel, ScatterKernel } from '@antler/core';
import { Boxes, lanesOf, mergeAxes, walkRows } from './axes.js';
import { tileSize, type Context, type Cursor, type Frame } from './context.js';

/**
 * A walk over the rows [...batch, ...index], a slice of each at a time. `indexed` is the view whose places the indices
 * choose, `listed` the one that has a slice for each row.
 */
export class IndexedRows {
  readonly #kernel: GatherKernel | ScatterKernel;
  readonly #indexed: Cursor;
  readonly #listed: Cursor;
  readonly #indices: Cursor;
  /** Stride of each indexed axis. */
  readonly #steps: readonly number[];
  readonly #faults: number | null;
  readonly #rowSizes: readonly number[];
  /** Strides over the rows: of the indices, of the indexed view, of the listed one. */
  readonly #rowStrides: readonly (readonly number[])[];
  readonly #slices: Boxes;
  /** Strides over the slices: of the indexed view and the listed one. */
  readonly #sliceStrides: readonly (readonly number[])[];

  constructor(kernel: GatherKernel | ScatterKernel, indexed: Cursor, listed: Cursor, context: Context) {
    const { batch, index, limits, slice, indices } = kernel;
    const rows = batch.length + index.length;
    const places = batch.length + limits.length;
    this.#kernel = kernel;
    this.#indexed = indexed;
    this.#listed = listed;
    this.#rowSizes = [...batch, ...index];
    this.#indices = context.cursor(indices, [...this.#rowSizes, limits.length]);
    this.#steps = indexed.strides.slice(batch.length, places);
    this.#faults = context.faults === null ? null : context.array(context.faults.slot, 'int32');
    const alongBatch = indexed.strides.slice(0, batch.length);
    this.#rowStrides = [indices.strides, [...alongBatch, ...index.map(() => 0)], listed.strides];

    const slices = mergeAxes(slice, [indexed.strides.slice(places), listed.strides.slice(rows)]);
    this.#slices = new Boxes(slices.sizes, tileSize);
    this.#sliceStrides = slices.strides;
    indexed.lanes = lanesOf(this.#slices.shape, slices.strides[0]!);
    listed.lanes = lanesOf(this.#slices.shape, slices.strides[1]!);
  }

  /** Calls `visit` with both cursors at each tile of each row, in row-major order; `found` is false for a bad index. */
  walk(frame: Frame, visit: (count: number, found: boolean) => void): void {
    const [indices, indexed, listed] = [this.#indices, this.#indexed, this.#listed];
    const cursors = [indices, indexed, listed];
    for (const cursor of cursors) cursor.enter(frame);
    walkRows(this.#rowSizes, this.#rowStrides, ([where, from, to]) => {
      const place = this.#place(indices.origin + where!, frame);
      for (let box = 0; box < this.#slices.count; box++) {
        const elements = this.#slices.enter(box);
        indexed.base = indexed.origin + from! + (place ?? 0) + this.#within(0);
        listed.base = listed.origin + to! + this.#within(1);
        visit(elements, place !== null);
      }
    });
    for (const cursor of cursors) cursor.leave();
  }

  /** Offset of the place that a row's indices choose, or null after reporting a bad one. */
  #place(first: number, frame: Frame): number | null {
    const { limits, site, indices } = this.#kernel;
    const next = indices.strides.at(-1)!;
    let place = 0;
    for (let axis = 0; axis < limits.length; axis++) {
      const limit = limits[axis]!;
      let index = this.#indices.memory[first + axis * next]!;
      if (site === null) index = Math.min(Math.max(index, 0), limit - 1);
      else if (index < -limit || index >= limit) {
        this.#report(site + axis, index, frame);
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

  /** How far the box at hand begins from the slice's first element. */
  #within(view: 0 | 1): number {
    return this.#slices.offset(this.#sliceStrides[view]!);
  }
}
