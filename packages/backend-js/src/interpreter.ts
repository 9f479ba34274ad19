/** Loops and the epilogues of products without functions from text: as steps that each fill a register for a whole tile. */
import { Body, storeAll, type Value } from './body.js';
import type { Context, Interpreter } from './context.js';
import { finishOf } from './folds.js';
import { prepareLoop } from './loop.js';
import { strideOf } from './panels.js';
import type { Product, Results, StoreBlock } from './product.js';

/** Prepares an epilogue, which runs row by row. */
function prepareBlock(product: Product, { reads, writes, sums, place }: Results, context: Context): StoreBlock {
  const { dtype } = product;
  const registers = context.registers();
  const sum: Value = { register: registers.take(dtype), dtype, constant: false };
  const values = [sum];
  const body = new Body(product.epilogue, values, registers, reads, [...product.batch, ...product.m, ...product.n]);
  const outputs = product.stores.map(({ value }, i) => ({ cursor: writes[i]!, value: values[value]! }));
  const finish = finishOf(dtype);
  return ({ rows, columns }, frame) => {
    const stride = strideOf(columns);
    body.enter(frame, columns);
    for (let row = 0; row < rows; row++) {
      place(row, 0);
      finish(sum.register, columns, sums, row * stride);
      body.run(columns, frame);
      storeAll(outputs, columns);
    }
  };
}

/** The interpreter. */
export const interpreter: Interpreter = { loop: prepareLoop, block: prepareBlock };
