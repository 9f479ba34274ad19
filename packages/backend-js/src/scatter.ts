/** The scatter kernel: writes or folds slices into the places that indices choose; a bad index writes nothing. */
import type { ScatterKernel } from '@antler/core';
import { loadOf, storeOf } from './access.js';
import type { Context, Run } from './context.js';
import { IndexedRows } from './indexed.js';
import { routineOf } from './opcodes.js';

/** Prepares a scatter. Rows come in row-major order, so of several `set` at one place the last wins. */
export function prepareScatter(kernel: ScatterKernel, context: Context): Run {
  const { batch, index, limits, slice, mode } = kernel;
  const { dtype } = kernel.out;
  const out = context.cursor(kernel.out, [...batch, ...limits, ...slice]);
  const updates = context.cursor(kernel.updates, [...batch, ...index, ...slice]);
  const rows = new IndexedRows(kernel, out, updates, context);
  const registers = context.registers();
  const [update, old] = [registers.take(dtype), registers.take(dtype)];
  const [load, store] = [loadOf(dtype), storeOf(dtype)];
  const fold = mode === 'set' ? null : routineOf(mode, dtype, dtype);
  const visit = (count: number, found: boolean): void => {
    if (!found) return;
    load(update, count, updates);
    if (fold !== null) {
      load(old, count, out);
      fold(update, count, old, update, old, old);
    }
    store(update, count, out);
  };
  return (frame) => rows.walk(frame, visit);
}
