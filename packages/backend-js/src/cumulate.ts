/** The cumulate kernel: running folds along rows, a tile at a time, with one accumulator in double precision per row. */
import { dtypes, foldIdentity, type CumulateKernel, type ReduceOp, type TypedArray } from '@antler/core';
import { loadOf, rounderOf, storeOf, type Kind } from './access.js';
import { Walk } from './axes.js';
import { tileSize, type Context, type Run } from './context.js';

/** One step of a running fold; integers wrap as in a reduction. */
type Step = (total: number, x: number) => number;

const steps: { readonly [R in ReduceOp]: Readonly<Record<Exclude<Kind, 'bool'>, Step>> } = {
  sum: { float: (total, x) => total + x, int: (total, x) => (total + x) | 0 },
  prod: { float: (total, x) => total * x, int: Math.imul },
  max: { float: Math.max, int: Math.max },
  min: { float: Math.min, int: Math.min },
};

/** Prepares a cumulate. */
export function prepareCumulate({ op, exclusive, shape, x, out }: CumulateKernel, context: Context): Run {
  const { dtype } = out;
  const kind = dtypes[dtype].kind as Exclude<Kind, 'bool'>;
  const step = steps[op][kind];
  const [load, store, round] = [loadOf(dtype), storeOf(dtype), rounderOf(dtype)];
  const length = shape.at(-1)!;
  const last = shape.length - 1;
  const walk = new Walk({ sizes: shape, strides: [x.strides, out.strides] }, last, tileSize);
  const [from, to] = [context.cursor(x), context.cursor(out)];
  for (const cursor of [from, to]) cursor.lanes = { stride: cursor.strides[last]!, table: null };
  const register = context.registers().take(dtype);
  const start = foldIdentity[op](dtype);
  const fold = (tile: TypedArray, count: number, before: number): number => {
    let total = before;
    for (let i = 0; i < count; i++) {
      const next = step(total, tile[i]!);
      tile[i] = exclusive ? total : next;
      total = next;
    }
    return total;
  };
  return (frame) => {
    from.enter(frame);
    to.enter(frame);
    let total = start;
    let done = 0;
    walk.each(([read, write], count) => {
      if (done === 0) total = start;
      done = (done + count) % length;
      from.base = from.origin + read!;
      to.base = to.origin + write!;
      load(register, count, from);
      total = fold(register, count, total);
      round?.(register, count);
      store(register, count, to);
    });
    from.leave();
    to.leave();
  };
}
