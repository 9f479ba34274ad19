/**
 * The loop kernel: walks the index space in tiles, runs the body on each as vectors in registers, and folds the tiles of a
 * reduction into a panel of accumulators, on which the epilogue runs.
 *
 * A tile is a stretch of up to `tileSize` elements of one axis. Rows: of the innermost reduced axis, and a panel is one
 * kept index. Columns: of a kept axis, and a panel is that stretch.
 */
import { ValueError, describe, dtypes, foldIdentity, type LoopKernel } from '@antler/core';
import { Walk, laneOf, mergeAxes, priceOf } from './axes.js';
import { Body, storeAll, type Value } from './body.js';
import { readsOf, tileSize, type Context, type Run } from './context.js';
import { finishOf, folds } from './folds.js';

/** Prepares a loop. */
export function prepareLoop(kernel: LoopKernel, context: Context): Run {
  const { shape } = kernel;
  const registers = context.registers();
  const values: Value[] = [];
  const body = new Body(kernel.body, values, registers, readsOf(kernel, kernel.body, 0, context), shape);
  const reductions = kernel.reductions.map(({ op, value }) => {
    const { register, dtype } = values[value]!;
    const kind = dtypes[dtype].kind === 'float' ? 'float' : 'int';
    const result: Value = { register: registers.take(dtype), dtype, constant: false };
    const sums = registers.take('float64') as Float64Array;
    return {
      fold: folds[op][kind],
      finish: finishOf(dtype),
      identity: foldIdentity[op](dtype),
      register,
      result,
      sums,
    };
  });
  for (const { result } of reductions) values.push(result);
  checkEpilogue(kernel, values);
  const epilogue = new Body(
    kernel.epilogue,
    values,
    registers,
    readsOf(kernel, kernel.epilogue, values.length, context),
    shape,
  );
  const outputs = kernel.stores.map(({ view, value }) => ({
    inner: value < kernel.body.length,
    cursor: context.cursor(view),
    value: values[value]!,
  }));
  const innerOutputs = outputs.filter(({ inner }) => inner);
  const outerOutputs = outputs.filter(({ inner }) => !inner);
  const inner = [...body.cursors, ...innerOutputs.map(({ cursor }) => cursor)];
  const outer = [...epilogue.cursors, ...outerOutputs.map(({ cursor }) => cursor)];
  const cursors = [...inner, ...outer];

  const rank = shape.length - kernel.reduced;
  const kept = mergeAxes(
    shape.slice(0, rank),
    cursors.map(({ strides }) => strides.slice(0, rank)),
  );
  const reduced = mergeAxes(
    shape.slice(rank),
    inner.map(({ strides }) => strides.slice(rank)),
  );
  const lane = laneOf(kept, tileSize);
  const row = reduced.sizes.length - 1;
  const rows = row >= 0 && (lane < 0 || priceOf(reduced, row, tileSize) <= priceOf(kept, lane, tileSize));
  const panels = rows ? new Walk(kept) : new Walk(kept, lane, tileSize);
  const tiles = rows ? new Walk(reduced, row, tileSize) : new Walk(reduced);
  cursors.forEach((cursor, i) => {
    const stride = rows ? reduced.strides[i]?.[row] : kept.strides[i]![lane];
    cursor.lanes = { stride: stride ?? 0, table: null };
  });
  const width = Math.min(tileSize, (rows ? reduced.sizes[row] : kept.sizes[lane]) ?? 1);

  return (frame) => {
    for (const { cursor } of outputs) cursor.enter(frame);
    body.enter(frame, width);
    epilogue.enter(frame, width);
    panels.each((at, panel) => {
      for (const { sums, identity } of reductions) sums.fill(identity, 0, panel);
      tiles.each((within, depth) => {
        const count = panel * depth;
        for (let i = 0; i < inner.length; i++) inner[i]!.base = inner[i]!.origin + at[i]! + within[i]!;
        body.run(count, frame);
        storeAll(innerOutputs, count);
        for (const { fold, sums, register } of reductions) fold(sums, register, panel, depth);
      });
      for (const { finish, result, sums } of reductions) finish(result.register, panel, sums, 0);
      for (let i = inner.length; i < cursors.length; i++) cursors[i]!.base = cursors[i]!.origin + at[i]!;
      epilogue.run(panel, frame);
      storeAll(outerOutputs, panel);
    });
    for (const cursor of cursors) cursor.leave();
  };
}

/** A body value has many values for one index of the epilogue, unless it is constant. */
function checkEpilogue({ body, epilogue, reduced }: LoopKernel, values: readonly Value[]): void {
  for (const instruction of epilogue) {
    const args = 'args' in instruction ? instruction.args : [];
    const bad = args.find((value) => reduced > 0 && value < body.length && !values[value]!.constant);
    if (bad !== undefined) {
      throw new ValueError(describe('loop', 'an epilogue over reductions and constants', `body value ${bad}`));
    }
  }
}
