/** The gather kernel: copies the slices that indices choose; a bad index gives NaN, or the smallest integer. */
import { dtypes, type GatherKernel } from '@antler/core';
import { loadOf, storeOf } from './access.js';
import type { Context, Run } from './context.js';
import { IndexedRows } from './indexed.js';

/** Prepares a gather. */
export function prepareGather(kernel: GatherKernel, context: Context): Run {
  const { dtype } = kernel.out;
  const x = context.cursor(kernel.x);
  const out = context.cursor(kernel.out);
  const rows = new IndexedRows(kernel, x, out, context);
  const register = context.registers().take(dtype);
  const [load, store] = [loadOf(dtype), storeOf(dtype)];
  const missing = dtypes[dtype].kind === 'float' ? NaN : dtypes[dtype].range[0];
  const visit = (count: number, found: boolean): void => {
    if (found) load(register, count, x);
    else register.fill(missing, 0, count);
    store(register, count, out);
  };
  return (frame) => rows.walk(frame, visit);
}
