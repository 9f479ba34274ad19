/** What gather and scatter share: rows of indices become places in the indexed view, and bad ones are reported. */
import type { GatherKernel, ScatterKernel } from '@antler/core';
import { Walk, laneOf, mergeAxes } from './axes.js';
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
  /** Over the rows of the indices, of the indexed view, of the listed one. */
  readonly #rows: Walk;
  /** Over a slice of the indexed view and of the listed one. */
  readonly #slice: Walk;

  constructor(kernel: GatherKernel | ScatterKernel, indexed: Cursor, listed: Cursor, context: Context) {
    const { batch, index, limits, slice, indices } = kernel;
    const rows = batch.length + index.length;
    const places = batch.length + limits.length;
    this.#kernel = kernel;
    this.#indexed = indexed;
    this.#listed = listed;
    const sizes = [...batch, ...index];
    this.#indices = context.cursor(indices);
    this.#steps = indexed.strides.slice(batch.length, places);
    this.#faults = context.faults === null ? null : context.array(context.faults.slot, 'int32');
    const alongBatch = [...indexed.strides.slice(0, batch.length), ...index.map(() => 0)];
    this.#rows = new Walk({ sizes, strides: [indices.strides, alongBatch, listed.strides] });

    const slices = mergeAxes(slice, [indexed.strides.slice(places), listed.strides.slice(rows)]);
    const lane = laneOf(slices, tileSize);
    this.#slice = new Walk(slices, lane, tileSize);
    [indexed, listed].forEach((cursor, i) => {
      cursor.lanes = { stride: slices.strides[i]![lane] ?? 0, table: null };
    });
  }

  /** Calls `visit` with both cursors at each tile of each row, in row-major order; `found` is false for a bad index. */
  walk(frame: Frame, visit: (count: number, found: boolean) => void): void {
    const [indices, indexed, listed] = [this.#indices, this.#indexed, this.#listed];
    const cursors = [indices, indexed, listed];
    for (const cursor of cursors) cursor.enter(frame);
    this.#rows.each(([where, from, to]) => {
      const place = this.#place(indices.origin + where!, frame);
      this.#slice.each(([within, listedWithin], count) => {
        indexed.base = indexed.origin + from! + (place ?? 0) + within!;
        listed.base = listed.origin + to! + listedWithin!;
        visit(count, place !== null);
      });
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
}
