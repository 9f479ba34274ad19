/**
 * The epilogue of a product as a generated loop over a block of its result: the sums are one more view, in float64. A
 * loop is made for every size of block, of which there are at most four.
 */
import { isFloat, type Instruction, type LoopKernel } from '@antler/core';
import { mergeAxes } from '../axes.js';
import { Cursor, type Context, type Frame } from '../context.js';
import type { Product } from '../product.js';
import { generate } from './loop.js';

/** Rounds the sums of a block, runs the epilogue and stores; each cursor's base is at the block's first element. */
export type StoreBlock = (rows: number, columns: number, frame: Frame) => void;

/** The views of an epilogue. */
interface Results {
  /** One per load and position of the epilogue, by number of value. */
  readonly reads: ReadonlyMap<number, Cursor>;
  readonly writes: readonly Cursor[];
  readonly sums: Float64Array;
  /** From row to row of the sums of a block with so many columns. */
  readonly strideOf: (columns: number) => number;
}

/** Prepares the epilogue; null when the interpreter has to run it. */
export function generateEpilogue(kernel: Product, results: Results, context: Context): StoreBlock | null {
  const { dtype, batch, m, n } = kernel;
  const { reads, writes, sums, strideOf } = results;
  const cursors = [...reads.values(), ...writes];
  const [one, two] = [batch.length, batch.length + m.length];
  const stridesOver = (from: number, to?: number): number[][] => cursors.map(({ strides }) => strides.slice(from, to));
  const rowAxes = mergeAxes(m, stridesOver(one, two));
  const columnAxes = mergeAxes(n, stridesOver(two));
  // Sums of integers may have wrapped, which the cast from float64 would mend.
  if (!isFloat(dtype) || rowAxes.sizes.length > 1 || columnAxes.sizes.length > 1) return null;
  const sumsArray = context.fixed(sums);

  const blockOf = (rows: number, columns: number): ((frame: Frame) => void) | null => {
    // The sums begin at 0 in every block, unlike the views: an axis of size 1 tells them apart.
    const shape = [1, ...batch.map(() => 1), rows, columns];
    const originals = new Map<Cursor, Cursor>();
    const within = (original: Cursor, i: number): Cursor => {
      const strides = [
        0,
        ...original.strides.slice(0, one),
        rowAxes.strides[i]![0] ?? 0,
        columnAxes.strides[i]![0] ?? 0,
      ];
      const cursor = original.over(strides, shape);
      originals.set(cursor, original);
      return cursor;
    };
    const along = [1, ...batch.map(() => 0), strideOf(columns), 1];
    const start = new Cursor({ dtype: 'float64', offset: 0, strides: along }, shape, sumsArray);
    const moved = cursors.map(within);
    const loop = generate(
      loopOf(kernel, shape),
      {
        reads: new Map([[0, start], ...[...reads.keys()].map((value, i): [number, Cursor] => [value + 1, moved[i]!])]),
        writes: moved.slice(reads.size),
        moved: true,
      },
      context,
    );
    if (loop === null) return null;
    const { call, numbers } = loop;
    const origins = loop.origins.map(({ at, cursor }) => ({ at, cursor: originals.get(cursor) ?? start }));
    return ({ arrays, scalars }) => {
      for (let i = 0; i < origins.length; i++) numbers[origins[i]!.at] = origins[i]!.cursor.base;
      call(arrays, numbers, scalars);
    };
  };

  const blocks = new Map<string, (frame: Frame) => void>();
  // Sizes are not in the text, so whether there is one is known from the smallest block.
  if (blockOf(1, 1) === null) return null;
  return (rows, columns, frame) => {
    const size = `${rows} ${columns}`;
    let block = blocks.get(size);
    if (block === undefined) blocks.set(size, (block = blockOf(rows, columns)!));
    block(frame);
  };
}

/** The epilogue as a loop's body: value 0 is the sum, value 1 the sum in the product's dtype. */
function loopOf({ dtype, epilogue, inputs, stores, scopes }: Product, shape: readonly number[]): LoopKernel {
  const body: Instruction[] = [
    { op: 'load', input: -1, dtype: 'float64' },
    { op: 'cast', args: [0], dtype },
    ...epilogue.map((step) => ('args' in step ? { ...step, args: step.args.map((value) => value + 1) } : step)),
  ];
  const later = stores.map(({ view, value }) => ({ view, value: value + 1 }));
  return { kind: 'loop', shape, reduced: 0, inputs, body, reductions: [], epilogue: [], stores: later, scopes };
}
