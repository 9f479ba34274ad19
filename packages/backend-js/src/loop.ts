/**
 * The loop kernel: walks the index space in tiles of up to `tileSize` elements, runs the body on each as vectors in
 * registers, and folds tiles of a reduction into a panel of accumulators, on which the epilogue runs.
 *
 * A panel is a box of kept indices, and a tile is panel × a box of reduced indices, in one of two orders. Rows: the
 * reduced indices are innermost, as memory usually has them. Columns: the kept indices are innermost, for a reduction
 * over outer axes, so that memory is still read along its lines.
 */
import { dtypes, type LoopKernel } from '@antler/core';
import { Boxes, lanesOf, mergeAxes } from './axes.js';
import { Body, storeAll, type Output, type Value } from './body.js';
import { Cursor, positionCursor, tileSize, type Context, type Frame, type Run } from './context.js';
import { finishes, folds, identityOf } from './folds.js';

/** A cursor with its strides over merged axes. */
interface Walker {
  readonly cursor: Cursor;
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
}

/** Prepares a loop. */
export function prepareLoop(kernel: LoopKernel, context: Context): Run {
  const { shape } = kernel;
  const rank = shape.length - kernel.reduced;
  const registers = context.registers();
  const values: Value[] = [];
  const place = {
    load: (input: number): Cursor => context.cursor(kernel.inputs[input]!, shape),
    position: (axis: number, dtype: Value['dtype']): Cursor => positionCursor(axis, shape, dtype),
  };

  const body = new Body(kernel.body, values, registers, place);
  const reductions = kernel.reductions.map(({ op, value }) => {
    const { register, dtype } = values[value]!;
    const kind = dtypes[dtype].kind === 'float' ? 'float' : 'int';
    const result: Value = { register: registers.take(dtype), dtype, constant: false };
    const sums = registers.take('float64') as Float64Array;
    return { fold: folds[op][kind], finish: finishes[kind], identity: identityOf(op, dtype), register, result, sums };
  });
  for (const { result } of reductions) values.push(result);
  const epilogue = new Body(kernel.epilogue, values, registers, place);
  const outputs = kernel.stores.map(({ view, value }) => ({
    inner: value < kernel.body.length,
    output: { cursor: context.cursor(view, shape), value: values[value]! },
  }));
  const innerOutputs = outputs.filter(({ inner }) => inner).map(({ output }) => output);
  const outerOutputs = outputs.filter(({ inner }) => !inner).map(({ output }) => output);

  // Axes, merged as far as all views allow.
  const innerCursors = [...body.cursors, ...innerOutputs.map(({ cursor }) => cursor)];
  const outerCursors = [...epilogue.cursors, ...outerOutputs.map(({ cursor }) => cursor)];
  const cursors = [...innerCursors, ...outerCursors];
  const kept = mergeAxes(
    shape.slice(0, rank),
    cursors.map(({ strides }) => strides.slice(0, rank)),
  );
  const reduced = mergeAxes(
    shape.slice(rank),
    innerCursors.map(({ strides }) => strides.slice(rank)),
  );
  const depth = reduced.sizes.reduce((product, size) => product * size, 1);

  const columns =
    kept.sizes.length > 0 &&
    reduced.sizes.length > 0 &&
    cost(kept.strides, innerCursors) < cost(reduced.strides, innerCursors);
  const panels = new Boxes(kept.sizes, columns ? tileSize : Math.max(1, Math.floor(tileSize / Math.max(1, depth))));
  const tiles = new Boxes(
    reduced.sizes,
    columns ? Math.max(1, Math.floor(tileSize / Math.max(1, panels.size))) : tileSize,
  );

  const walkers: Walker[] = cursors.map((cursor, i) => ({
    cursor,
    kept: kept.strides[i]!,
    reduced: reduced.strides[i] ?? [],
  }));
  walkers.forEach(({ cursor, kept: across, reduced: along }, i) => {
    if (i >= innerCursors.length) cursor.lanes = lanesOf(panels.shape, across);
    else if (columns) cursor.lanes = lanesOf([...tiles.shape, ...panels.shape], [...along, ...across]);
    else cursor.lanes = lanesOf([...panels.shape, ...tiles.shape], [...across, ...along]);
  });
  const innerWalkers = walkers.slice(0, innerCursors.length);
  const outerWalkers = walkers.slice(innerCursors.length);
  const width = panels.size * Math.max(1, tiles.size);

  return (frame: Frame): void => {
    if (panels.count === 0) return;
    for (const { output } of outputs) output.cursor.enter(frame);
    body.enter(frame, width);
    epilogue.enter(frame, width);
    for (let p = 0; p < panels.count; p++) {
      const panel = panels.enter(p);
      for (const { sums, identity } of reductions) sums.fill(identity, 0, panel);
      for (let t = 0; t < tiles.count; t++) {
        const along = tiles.enter(t);
        const count = panel * along;
        for (let i = 0; i < innerWalkers.length; i++) move(innerWalkers[i]!, panels, tiles);
        body.run(count, frame);
        storeAll(innerOutputs, count);
        for (const { fold, sums, register } of reductions) {
          if (columns) fold(sums, register, panel, along, 1, panel);
          else fold(sums, register, panel, along, along, 1);
        }
      }
      for (const { finish, result, sums } of reductions) finish(result.register, panel, sums, 0);
      for (let i = 0; i < outerWalkers.length; i++) move(outerWalkers[i]!, panels, null);
      epilogue.run(panel, frame);
      storeAll(outerOutputs, panel);
    }
    for (const { cursor } of walkers) cursor.leave();
  };
}

/** How far the innermost of the given axes makes the views step: neighbours are cheap, anything past a cache line is not. */
function cost(strides: readonly (readonly number[])[], cursors: readonly Cursor[]): number {
  return cursors.reduce((sum, _, i) => sum + Math.min(16, Math.abs(strides[i]!.at(-1) ?? 0)), 0);
}

function move({ cursor, kept, reduced }: Walker, panels: Boxes, tiles: Boxes | null): void {
  let base = cursor.origin;
  for (let axis = 0; axis < kept.length; axis++) base += kept[axis]! * panels.position[axis]!;
  if (tiles !== null) for (let axis = 0; axis < reduced.length; axis++) base += reduced[axis]! * tiles.position[axis]!;
  cursor.base = base;
}
