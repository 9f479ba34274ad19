/**
 * The loop kernel: walks the index space in tiles of up to `tileSize` elements, runs the body on each as vectors in
 * registers, and folds tiles of a reduction into a panel of accumulators, on which the epilogue runs.
 *
 * A panel is a box of kept indices, and a tile is panel × a box of reduced indices, in one of two orders. Rows: the
 * reduced indices are innermost, as memory usually has them. Columns: the kept indices are innermost, for a reduction
 * over outer axes, so that memory is still read along its lines.
 */
import { ValueError, describe, dtypes, sizeOf, type DType, type LoopKernel } from '@antler/core';
import { Boxes, lanesOf, mergeAxes } from './axes.js';
import { Body, storeAll, type Value } from './body.js';
import { positionCursor, tileSize, type Context, type Cursor, type Run } from './context.js';
import { finishOf, folds, identityOf } from './folds.js';

/** Prepares a loop. */
export function prepareLoop(kernel: LoopKernel, context: Context): Run {
  const { shape } = kernel;
  const registers = context.registers();
  const values: Value[] = [];
  const place = {
    load: (input: number): Cursor => context.cursor(kernel.inputs[input]!, shape),
    position: (axis: number, dtype: DType): Cursor => positionCursor(axis, shape, dtype),
  };
  const body = new Body(kernel.body, values, registers, place);
  const reductions = kernel.reductions.map(({ op, value }) => {
    const { register, dtype } = values[value]!;
    const kind = dtypes[dtype].kind === 'float' ? 'float' : 'int';
    const result: Value = { register: registers.take(dtype), dtype, constant: false };
    const sums = registers.take('float64') as Float64Array;
    return { fold: folds[op][kind], finish: finishOf(dtype), identity: identityOf(op, dtype), register, result, sums };
  });
  for (const { result } of reductions) values.push(result);
  checkEpilogue(kernel, values);
  const epilogue = new Body(kernel.epilogue, values, registers, place);
  const outputs = kernel.stores.map(({ view, value }) => ({
    inner: value < kernel.body.length,
    cursor: context.cursor(view, shape),
    value: values[value]!,
  }));
  const innerOutputs = outputs.filter(({ inner }) => inner);
  const outerOutputs = outputs.filter(({ inner }) => !inner);
  const { panels, tiles, columns, inner, outer } = planWalk(
    shape,
    shape.length - kernel.reduced,
    [...body.cursors, ...innerOutputs.map(({ cursor }) => cursor)],
    [...epilogue.cursors, ...outerOutputs.map(({ cursor }) => cursor)],
  );
  const width = panels.size * Math.max(1, tiles.size);

  return (frame) => {
    if (panels.count === 0) return;
    for (const { cursor } of outputs) cursor.enter(frame);
    body.enter(frame, width);
    epilogue.enter(frame, width);
    for (let p = 0; p < panels.count; p++) {
      const panel = panels.enter(p);
      for (const { sums, identity } of reductions) sums.fill(identity, 0, panel);
      for (let t = 0; t < tiles.count; t++) {
        const depth = tiles.enter(t);
        for (let i = 0; i < inner.length; i++) move(inner[i]!, panels, tiles);
        body.run(panel * depth, frame);
        storeAll(innerOutputs, panel * depth);
        for (const { fold, sums, register } of reductions) {
          if (columns) fold(sums, register, panel, depth, 1, panel);
          else fold(sums, register, panel, depth, depth, 1);
        }
      }
      for (const { finish, result, sums } of reductions) finish(result.register, panel, sums, 0);
      for (let i = 0; i < outer.length; i++) move(outer[i]!, panels, null);
      epilogue.run(panel, frame);
      storeAll(outerOutputs, panel);
    }
    for (const { cursor } of inner) cursor.leave();
    for (const { cursor } of outer) cursor.leave();
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

/** A cursor with its strides over merged axes. */
interface Walker {
  readonly cursor: Cursor;
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
}

/** How a loop is walked: all panels, and all tiles of each. */
interface Walk {
  readonly panels: Boxes;
  readonly tiles: Boxes;
  readonly columns: boolean;
  /** Move with every tile. */
  readonly inner: readonly Walker[];
  /** Move with every panel. */
  readonly outer: readonly Walker[];
}

function planWalk(
  shape: readonly number[],
  rank: number,
  innerCursors: readonly Cursor[],
  outerCursors: readonly Cursor[],
): Walk {
  const all = [...innerCursors, ...outerCursors].map(({ strides }) => strides.slice(0, rank));
  const kept = mergeAxes(shape.slice(0, rank), all);
  const along = innerCursors.map(({ strides }) => strides.slice(rank));
  const reduced = mergeAxes(shape.slice(rank), along);
  const keptInside = kept.strides.slice(0, innerCursors.length);
  const columns = kept.sizes.length > 0 && reduced.sizes.length > 0 && cost(keptInside) < cost(reduced.strides);

  const depth = sizeOf(reduced.sizes);
  const panels = new Boxes(kept.sizes, columns ? tileSize : share(depth));
  const tiles = new Boxes(reduced.sizes, columns ? share(panels.size) : tileSize);
  const inner = innerCursors.map((cursor, i) => ({ cursor, kept: keptInside[i]!, reduced: reduced.strides[i]! }));
  const outer = outerCursors.map((cursor, i) => ({
    cursor,
    kept: kept.strides[innerCursors.length + i]!,
    reduced: [],
  }));
  for (const walker of inner) {
    walker.cursor.lanes = columns
      ? lanesOf([...tiles.shape, ...panels.shape], [...walker.reduced, ...walker.kept])
      : lanesOf([...panels.shape, ...tiles.shape], [...walker.kept, ...walker.reduced]);
  }
  for (const walker of outer) walker.cursor.lanes = lanesOf(panels.shape, walker.kept);
  return { panels, tiles, columns, inner, outer };
}

/** How many times `size` elements fit a tile, at least once. */
function share(size: number): number {
  return Math.max(1, Math.floor(tileSize / Math.max(1, size)));
}

/** How far the innermost axis makes the views step: neighbours are cheap, anything past a cache line is not. */
export function cost(views: readonly (readonly number[])[]): number {
  return views.reduce((sum, strides) => sum + Math.min(16, Math.abs(strides.at(-1) ?? 0)), 0);
}

function move({ cursor, kept, reduced }: Walker, panels: Boxes, tiles: Boxes | null): void {
  cursor.base = cursor.origin + panels.offset(kept) + (tiles?.offset(reduced) ?? 0);
}
