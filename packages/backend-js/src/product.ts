/**
 * The result of a matrix product: dot and conv sum its blocks in float64, each in its own way; here they are rounded, go
 * through the epilogue and are stored. Each of batch, m and n is a list of axes; its elements are numbered in row-major order
 * and reached through tables of offsets, so all strides cost the same.
 */
import { sizeOf, type DotKernel } from '@antler/core';
import { fillOffsets, mergeAxes, type Lanes } from './axes.js';
import { interpreterOf, readsOf, type Context, type Cursor, type Frame, type Run } from './context.js';
import { generateEpilogue } from './generate/epilogue.js';
import { panelRows, strideOf, wholePanels } from './panels.js';

// Three blocks of float64 stay in a second-level cache. Rows and columns are multiples of a panel's lines, and the first
// such from 128 on, so that layers of usual widths are one block; a row fits a register.
/** Rows of a block. */
export const blockRows = 129;
/** Columns of a block. */
export const blockColumns = 128;
/** How much of the sums' length is packed at a time. */
export const blockDepth = 256;

const makeSums = (): Float64Array => new Float64Array(blockRows * strideOf(blockColumns));

/** A part of the result: so many rows and columns from `top` and `left` on, of one index of the batch. */
export interface Block {
  readonly turn: number;
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

/** A product of matrices. */
export interface Product extends Pick<
  DotKernel,
  'dtype' | 'batch' | 'm' | 'n' | 'inputs' | 'epilogue' | 'stores' | 'scopes'
> {
  /** Sizes of the axes that the views of the result have. */
  readonly shape: readonly number[];
  /** A cursor on such a view with [...batch, ...m, ...n] for its axes. */
  over(cursor: Cursor): Cursor;
  readonly operands: readonly Cursor[];
  /** Adds the products of a block to sums that are zeros, in rows that are `stride` apart. */
  sum(block: Block, sums: Float64Array, stride: number): void;
}

/** Rounds the sums of a block, runs the epilogue and stores. */
export type StoreBlock = (block: Block, frame: Frame) => void;

/** What an epilogue reads and writes. */
export interface Results {
  /** One per load and position of the epilogue, by number of value; value 0 is the sum. */
  readonly reads: ReadonlyMap<number, Cursor>;
  readonly writes: readonly Cursor[];
  /** Of a block, in rows that are `strideOf` its columns apart. */
  readonly sums: Float64Array;
  /** Moves all cursors to an element of the block; their lanes are its columns. */
  place(this: void, row: number, column: number): void;
}

/** Offsets of the elements of a list of axes in one view, a block at a time. */
export class Offsets {
  /** Offset of each element of the block. */
  readonly table: Int32Array;
  /** Offset of the block's first element, which its lanes do not hold. */
  start = 0;
  readonly #sizes: readonly number[];
  readonly #strides: readonly number[];

  constructor(sizes: readonly number[], strides: readonly number[], block: number) {
    const axes = mergeAxes(sizes, [strides]);
    this.table = new Int32Array(block);
    this.#sizes = axes.sizes;
    this.#strides = axes.strides[0]!;
  }

  /** Fills the table for `count` elements from number `start` on. */
  seek(start: number, count: number): Int32Array {
    fillOffsets(this.table, count, start, this.#sizes, this.#strides);
    return this.table;
  }

  /** The same block as lanes from `start` on. */
  lanes(start: number, count: number): Lanes {
    this.start = this.seek(start, count)[0]!;
    if (this.#sizes.length <= 1) return { stride: this.#strides[0] ?? 0, table: null };
    for (let i = 0; i < count; i++) this.table[i]! -= this.start;
    return { stride: 0, table: this.table };
  }
}

/** The offsets of three lists of axes in one view: the batch index by index, the others in blocks. */
export class Grid {
  readonly cursor: Cursor;
  readonly batch: Offsets;
  readonly first: Offsets;
  readonly second: Offsets;

  constructor(
    cursor: Cursor,
    [batch, first, second]: readonly [readonly number[], readonly number[], readonly number[]],
    blocks: readonly [number, number],
  ) {
    const [one, two] = [batch.length, batch.length + first.length];
    this.cursor = cursor;
    this.batch = new Offsets(batch, cursor.strides.slice(0, one), 1);
    this.first = new Offsets(first, cursor.strides.slice(one, two), blocks[0]);
    this.second = new Offsets(second, cursor.strides.slice(two), blocks[1]);
  }

  /** Element at which an index of the batch begins. */
  originOf(turn: number): number {
    return this.cursor.origin + this.batch.seek(turn, 1)[0]!;
  }
}

/** Prepares the walk over all blocks. */
export function prepareProduct(product: Product, context: Context): Run {
  const { batch, m, n, operands, epilogue } = product;
  const [turns, height, width] = [batch, m, n].map((sizes) => sizeOf(sizes)) as [number, number, number];
  const sums = context.shared(makeSums);

  const reads = new Map([...readsOf(product, epilogue, 1, context)].map(([i, cursor]) => [i, product.over(cursor)]));
  const writes = product.stores.map(({ view }) => product.over(context.cursor(view)));
  const grids = [...reads.values(), ...writes].map(
    (cursor) => new Grid(cursor, [batch, m, n], [blockRows, blockColumns]),
  );
  const place = (row: number, column: number): void => {
    for (let i = 0; i < grids.length; i++) {
      const { cursor, batch: origin, first, second } = grids[i]!;
      const { stride, table } = cursor.lanes;
      const along = second.start + (table === null ? column * stride : table[column]!);
      cursor.base = cursor.origin + origin.table[0]! + first.table[row]! + along;
    }
  };
  const results: Results = { reads, writes, sums, place };
  const storeBlock =
    generateEpilogue(product, results, context) ?? interpreterOf(context).block(product, results, context);

  return (frame) => {
    for (const cursor of operands) cursor.enter(frame);
    for (const { cursor } of grids) cursor.enter(frame);
    for (let turn = 0; turn < turns; turn++) {
      for (const { batch: origin } of grids) origin.seek(turn, 1);
      for (let left = 0; left < width; left += blockColumns) {
        const columns = Math.min(blockColumns, width - left);
        const stride = strideOf(columns);
        for (const { cursor, second } of grids) cursor.lanes = second.lanes(left, columns);
        for (let top = 0; top < height; top += blockRows) {
          const rows = Math.min(blockRows, height - top);
          sums.fill(0, 0, wholePanels(rows, panelRows) * stride);
          const block = { turn, top, left, rows, columns };
          product.sum(block, sums, stride);
          for (const { first } of grids) first.seek(top, rows);
          storeBlock(block, frame);
        }
      }
    }
    for (const cursor of [...operands, ...grids.map(({ cursor }) => cursor)]) cursor.leave();
  };
}
