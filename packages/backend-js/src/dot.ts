/**
 * The dot kernel: a blocked matrix product. Each of batch, m, n and k is a list of axes; its elements are numbered in
 * row-major order and reached through tables of offsets, so all strides cost the same. A block of the result is summed
 * in float64 over the blocks of k, then leaves row by row through the epilogue.
 */
import { dtypes, type DotKernel, type DType, type TypedArray } from '@antler/core';
import { fillOffsets, mergeAxes, type Lanes } from './axes.js';
import { Body, storeAll, type Value } from './body.js';
import { positionCursor, type Context, type Cursor, type Run } from './context.js';
import { finishOf } from './folds.js';
import { generateEpilogue, type StoreBlock } from './generate/epilogue.js';
import {
  floatProduct,
  multiplyIntegers,
  packFloats,
  packIntegers,
  panelColumns,
  panelRows,
  wholePanels,
  type Multiply,
  type Pack,
} from './panels.js';

// Three blocks of float64 stay in a second-level cache. Rows and columns are multiples of a panel's lines, and the first
// such from 128 on, so that layers of usual widths are one block; a row fits a register.
const blockRows = 129;
const blockColumns = 128;
const blockDepth = 256;

/** The products of one family of dtypes, with room for a block of each operand and of the result. */
interface Arithmetic<P extends TypedArray> {
  readonly pack: Pack<P>;
  readonly multiply: Multiply;
  readonly roomA: P;
  readonly roomB: P;
  readonly sums: Float64Array;
}

const floats = (): Arithmetic<Float64Array> => ({
  pack: packFloats,
  multiply: floatProduct.multiply,
  roomA: floatProduct.a,
  roomB: floatProduct.b,
  sums: new Float64Array(blockRows * blockColumns),
});

const integers = (): Arithmetic<Int32Array> => {
  const roomA = new Int32Array(blockRows * blockDepth);
  const roomB = new Int32Array(blockColumns * blockDepth);
  const multiply = multiplyIntegers(roomA, roomB);
  return { pack: packIntegers, multiply, roomA, roomB, sums: new Float64Array(blockRows * blockColumns) };
};

/** Offsets of the elements of a list of axes in one view, a block at a time. */
class Offsets {
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

/** A view of dot with the offsets of its three lists of axes. */
interface Grid {
  readonly cursor: Cursor;
  readonly batch: Offsets;
  readonly first: Offsets;
  readonly second: Offsets;
}

const strideOf = (columns: number): number => wholePanels(columns, panelColumns);

/** Prepares a matrix product. */
export function prepareDot(kernel: DotKernel, context: Context): Run {
  const arithmetic: Arithmetic<Float64Array> | Arithmetic<Int32Array> =
    dtypes[kernel.dtype].kind === 'float' ? context.shared(floats) : context.shared(integers);
  return multiplication(kernel, context, arithmetic as Arithmetic<TypedArray>);
}

function multiplication(kernel: DotKernel, context: Context, arithmetic: Arithmetic<TypedArray>): Run {
  const { batch, m, n, k, dtype } = kernel;
  const [turns, height, width, length] = [batch, m, n, k].map(productOf) as [number, number, number, number];
  const { pack, multiply, roomA, roomB, sums } = arithmetic;

  const grid = (
    cursor: Cursor,
    first: readonly number[],
    second: readonly number[],
    blocks: [number, number],
  ): Grid => {
    const [one, two] = [batch.length, batch.length + first.length];
    return {
      cursor,
      batch: new Offsets(batch, cursor.strides.slice(0, one), 1),
      first: new Offsets(first, cursor.strides.slice(one, two), blocks[0]),
      second: new Offsets(second, cursor.strides.slice(two), blocks[1]),
    };
  };
  const a = grid(context.cursor(kernel.a, [...batch, ...m, ...k]), m, k, [blockRows, blockDepth]);
  const b = grid(context.cursor(kernel.b, [...batch, ...k, ...n]), k, n, [blockDepth, blockColumns]);

  const shape = [...batch, ...m, ...n];
  const registers = context.registers();
  const sum: Value = { register: registers.take(dtype), dtype, constant: false };
  const values = [sum];
  const body = new Body(kernel.epilogue, values, registers, {
    load: (input): Cursor => context.cursor(kernel.inputs[input]!, shape),
    position: (axis, of: DType): Cursor => positionCursor(axis, shape, of),
  });
  const outputs = kernel.stores.map(({ view, value }) => ({
    cursor: context.cursor(view, shape),
    value: values[value]!,
  }));
  const results = [...body.cursors, ...outputs.map(({ cursor }) => cursor)].map((cursor) =>
    grid(cursor, m, n, [blockRows, blockColumns]),
  );
  const finish = finishOf(dtype);

  /** Sums of the block of the result at row `top`, column `left`, of which `a.first` and `b.second` have the offsets. */
  const sumBlock = (rows: number, columns: number, freshColumns: boolean): void => {
    const stride = strideOf(columns);
    sums.fill(0, 0, wholePanels(rows, panelRows) * stride);
    for (let start = 0; start < length; start += blockDepth) {
      const depth = Math.min(blockDepth, length - start);
      const alongA = a.second.seek(start, depth);
      pack(roomA, panelRows, a.cursor.memory, a.cursor.base, a.first.table, rows, alongA, depth);
      if (freshColumns || length > blockDepth) {
        const alongB = b.first.seek(start, depth);
        pack(roomB, panelColumns, b.cursor.memory, b.cursor.base, b.second.table, columns, alongB, depth);
      }
      for (let j = 0; j < columns; j += panelColumns) {
        for (let i = 0; i < rows; i += panelRows) multiply(sums, i * stride + j, stride, i * depth, j * depth, depth);
      }
    }
  };

  const placeResults = (row: number): void => {
    for (let i = 0; i < results.length; i++) {
      const { cursor, batch: origin, first, second } = results[i]!;
      cursor.base = cursor.origin + origin.table[0]! + first.table[row]! + second.start;
    }
  };

  const interpretBlock: StoreBlock = (rows, columns, frame) => {
    const stride = strideOf(columns);
    for (let row = 0; row < rows; row++) {
      placeResults(row);
      finish(sum.register, columns, sums, row * stride);
      body.run(columns, frame);
      storeAll(outputs, columns);
    }
  };

  const numbered = [...kernel.epilogue.keys()].filter((i) => /^(load|index)$/.test(kernel.epilogue[i]!.op));
  const reads = new Map(numbered.map((i, read) => [i + 1, body.cursors[read]!]));
  const writes = outputs.map(({ cursor }) => cursor);
  const generated = generateEpilogue(kernel, { reads, writes, sums, strideOf }, context);
  const storeBlock = generated ?? interpretBlock;

  return (frame) => {
    a.cursor.enter(frame);
    b.cursor.enter(frame);
    for (const { cursor } of results) cursor.enter(frame);
    if (generated === null) body.enter(frame, Math.min(width, blockColumns));
    for (let turn = 0; turn < turns; turn++) {
      a.cursor.base = a.cursor.origin + a.batch.seek(turn, 1)[0]!;
      b.cursor.base = b.cursor.origin + b.batch.seek(turn, 1)[0]!;
      for (const { batch: origin } of results) origin.seek(turn, 1);
      for (let left = 0; left < width; left += blockColumns) {
        const columns = Math.min(blockColumns, width - left);
        b.second.seek(left, columns);
        for (const { cursor, second } of results) cursor.lanes = second.lanes(left, columns);
        for (let top = 0; top < height; top += blockRows) {
          const rows = Math.min(blockRows, height - top);
          a.first.seek(top, rows);
          for (const { first } of results) first.seek(top, rows);
          sumBlock(rows, columns, top === 0);
          placeResults(0);
          storeBlock(rows, columns, frame);
        }
      }
    }
    for (const { cursor } of [a, b, ...results]) cursor.leave();
  };
}

function productOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}
