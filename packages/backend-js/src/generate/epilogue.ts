/**
 * The epilogue of a product as a generated loop over a block of its result, or over pieces of it where rows or columns are
 * several axes: the sums are one more view, in float64. A loop is made for every size of block or piece, of which there are few.
 */
import { isFloat, type Instruction, type LoopKernel } from '@antler/core';
import { mergeAxes } from '../axes.js';
import { Cursor, type Context, type Frame } from '../context.js';
import { strideOf } from '../panels.js';
import type { Product, Results, StoreBlock } from '../product.js';
import { generate } from './loop.js';

/** Prepares the epilogue; null when it is left to the interpreter. */
export function generateEpilogue(kernel: Product, results: Results, context: Context): StoreBlock | null {
  const { batch, m, n } = kernel;
  const { reads, writes, sums, place } = results;
  const cursors = [...reads.values(), ...writes];
  const [one, two] = [batch.length, batch.length + m.length];
  const stridesOver = (from: number, to?: number): number[][] => cursors.map(({ strides }) => strides.slice(from, to));
  const rowAxes = mergeAxes(m, stridesOver(one, two));
  const columnAxes = mergeAxes(n, stridesOver(two));
  const [high, wide] = [rowAxes, columnAxes].map(({ sizes }) => (sizes.length > 1 ? sizes.at(-1)! : Infinity)) as [
    number,
    number,
  ];
  const sumsArray = context.fixed(sums);

  /** A piece whose sums lie in rows that are `apart`. */
  const pieceOf = (rows: number, columns: number, apart: number): ((frame: Frame, start: number) => void) | null => {
    // Axes of size 1 tell views apart that do not begin alike in every piece: the sums, and those with other whole strides.
    const ones = [...batch, ...m, ...n].map(() => 1);
    const shape = [1, ...ones, rows, columns];
    const along = [1, ...ones.map(() => 0), apart, 1];
    const sum = new Cursor({ dtype: 'float64', offset: 0, strides: along }, sumsArray);
    const moved = cursors.map((cursor, i) => {
      const strides = [0, ...cursor.strides, rowAxes.strides[i]!.at(-1) ?? 0, columnAxes.strides[i]!.at(-1) ?? 0];
      return cursor.over(strides);
    });
    const loop = generate(
      loopOf(kernel, shape),
      {
        reads: new Map([[0, sum], ...[...reads.keys()].map((value, i): [number, Cursor] => [value + 1, moved[i]!])]),
        writes: moved.slice(reads.size),
        moved: true,
      },
      context,
    );
    if (loop === null) return null;
    const { call, numbers } = loop;
    const origins = loop.origins.map(({ at, cursor }) => ({ at, cursor: cursors[moved.indexOf(cursor)] ?? sum }));
    return ({ arrays, scalars }, start) => {
      sum.base = start;
      for (let i = 0; i < origins.length; i++) numbers[origins[i]!.at] = origins[i]!.cursor.base;
      call(arrays, numbers, scalars);
    };
  };

  const pieces = new Map<string, (frame: Frame, start: number) => void>();
  // Sizes are not in the text, so whether there is one is known from the smallest piece.
  if (pieceOf(1, 1, 1) === null) return null;
  return ({ top, left, rows, columns }, frame) => {
    const apart = strideOf(columns);
    for (let row = 0, height; row < rows; row += height) {
      height = Math.min(rows - row, high - ((top + row) % high));
      for (let column = 0, width; column < columns; column += width) {
        width = Math.min(columns - column, wide - ((left + column) % wide));
        const size = `${height} ${width} ${apart}`;
        let piece = pieces.get(size);
        if (piece === undefined) pieces.set(size, (piece = pieceOf(height, width, apart)!));
        place(row, column);
        piece(frame, row * apart + column);
      }
    }
  };
}

/**
 * The epilogue as a loop's body: value 0 is the sum, value 1 the sum in the product's dtype. Sums of integers are integers
 * modulo 2^32, so casting them wraps.
 */
function loopOf({ dtype, epilogue, inputs, stores, scopes }: Product, shape: readonly number[]): LoopKernel {
  const body: Instruction[] = [
    { op: 'load', input: -1, dtype: isFloat(dtype) ? 'float64' : 'int32' },
    { op: 'cast', args: [0], dtype },
    ...epilogue.map((step) => ('args' in step ? { ...step, args: step.args.map((value) => value + 1) } : step)),
  ];
  const later = stores.map(({ view, value }) => ({ view, value: value + 1 }));
  return { kind: 'loop', shape, reduced: 0, inputs, body, reductions: [], epilogue: [], stores: later, scopes };
}
