/** The scatter kernel: writes or folds slices into the places that indices choose; a bad index writes nothing. */
import type { ScatterKernel, ScatterMode } from '@antler/core';
import { loadOf, rounderOf, storeOf } from './access.js';
import type { Context, Run } from './context.js';
import { IndexedRows } from './indexed.js';

/** What becomes of an element and its update. Registers round and wrap it. */
const folds: { readonly [M in Exclude<ScatterMode, 'set'>]: (old: number, update: number) => number } = {
  add: (old, update) => old + update,
  max: Math.max,
  min: Math.min,
};

/** Prepares a scatter. Rows come in row-major order, so of several `set` at one place the last wins. */
export function prepareScatter(kernel: ScatterKernel, context: Context): Run {
  const { mode } = kernel;
  const { dtype } = kernel.out;
  const out = context.cursor(kernel.out);
  const updates = context.cursor(kernel.updates);
  const rows = new IndexedRows(kernel, out, updates, context);
  const registers = context.registers();
  const [update, old] = [registers.take(dtype), registers.take(dtype)];
  const [load, store] = [loadOf(dtype), storeOf(dtype)];
  const fold = mode === 'set' ? null : folds[mode];
  const round = rounderOf(dtype);
  const visit = (count: number, found: boolean): void => {
    if (!found) return;
    load(update, count, updates);
    if (fold !== null) {
      load(old, count, out);
      for (let i = 0; i < count; i++) update[i] = fold(old[i]!, update[i]!);
      round?.(update, count);
    }
    store(update, count, out);
  };
  return (frame) => rows.walk(frame, visit);
}
