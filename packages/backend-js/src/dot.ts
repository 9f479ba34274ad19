/** The dot kernel: a blocked matrix product. */
import { dtypes, sizeOf, type DotKernel, type TypedArray } from '@antler/core';
import type { Context, Run } from './context.js';
import {
  floatProduct,
  multiplyIntegers,
  multiplyPanels,
  packFloats,
  packIntegers,
  panelColumns,
  panelRows,
  type Multiply,
  type Pack,
} from './panels.js';
import { Grid, blockColumns, blockDepth, blockRows, prepareProduct } from './product.js';

/** The products of one family of dtypes, with room for a block of each operand. */
interface Arithmetic<P extends TypedArray> {
  readonly pack: Pack<P>;
  readonly multiply: Multiply;
  readonly a: P;
  readonly b: P;
}

const floats = (): Arithmetic<Float64Array> => ({ pack: packFloats, ...floatProduct });

const integers = (): Arithmetic<Int32Array> => {
  const [a, b] = [new Int32Array(blockRows * blockDepth), new Int32Array(blockColumns * blockDepth)];
  return { pack: packIntegers, multiply: multiplyIntegers(a, b), a, b };
};

/** Prepares a matrix product. */
export function prepareDot(kernel: DotKernel, context: Context): Run {
  const { batch, m, n, k } = kernel;
  const length = sizeOf(k);
  const { pack, multiply, ...room } = (
    dtypes[kernel.dtype].kind === 'float' ? context.shared(floats) : context.shared(integers)
  ) as Arithmetic<TypedArray>;
  const a = new Grid(context.cursor(kernel.a), [batch, m, k], [blockRows, blockDepth]);
  const b = new Grid(context.cursor(kernel.b), [batch, k, n], [blockDepth, blockColumns]);
  return prepareProduct(
    {
      ...kernel,
      shape: [...batch, ...m, ...n],
      over: (cursor) => cursor,
      operands: [a.cursor, b.cursor],
      sum({ turn, top, left, rows, columns }, sums, stride) {
        const [fromA, fromB] = [a.originOf(turn), b.originOf(turn)];
        const lines = a.first.seek(top, rows);
        for (let start = 0; start < length; start += blockDepth) {
          const depth = Math.min(blockDepth, length - start);
          pack(room.a, panelRows, a.cursor.memory, fromA, lines, rows, a.second.seek(start, depth), depth);
          // The columns of the block above are packed still, if they were one block.
          if (top === 0 || length > blockDepth) {
            const along = b.first.seek(start, depth);
            pack(room.b, panelColumns, b.cursor.memory, fromB, b.second.seek(left, columns), columns, along, depth);
          }
          multiplyPanels(multiply, sums, stride, rows, columns, depth);
        }
      },
    },
    context,
  );
}
