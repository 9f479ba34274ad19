/**
 * How a loop kernel is walked, as nested loops. Its body lies in the outer and inner loops, its epilogue in the outer and
 * tail loops. Rows: the reduced axes are the inner loops, an accumulator is a local. Columns, where memory lies along a
 * kept axis: that axis is the innermost loop, and the only tail, and has an array of accumulators for a tile of it.
 */
import type { LoopKernel } from '@antler/core';
import { cost, mergeAxes } from '../axes.js';
import { tileSize, type Context, type Cursor } from '../context.js';
import { Text, type Level, type Path } from './text.js';

/** A view, or a position along an axis, in the text. */
export interface Access {
  /** Name of its array; empty for a position. */
  readonly name: string;
  readonly path: Path;
}

/** The loops of a kernel, and what it reads and writes in them. */
export interface Nest {
  readonly text: Text;
  readonly outer: readonly Level[];
  readonly inner: readonly Level[];
  readonly tail: readonly Level[];
  readonly paths: readonly Path[];
  /** How long the arrays of accumulators are in use: text, or null where accumulators are locals. */
  readonly columns: string | null;
  /** A line to begin the outer loops' inside with. */
  readonly prelude: string | null;
  /** One per load and position, by number of value. */
  readonly reads: ReadonlyMap<number, Access>;
  /** One per store. */
  readonly writes: readonly Access[];
  /** No index is kept, so there is nothing to do. */
  readonly empty: boolean;
}

/** The views and positions of a kernel. */
export interface Cursors {
  /** One per load and position, by number of value. */
  readonly reads: ReadonlyMap<number, Cursor>;
  /** One per store. */
  readonly writes: readonly Cursor[];
  /** From call to call they begin elsewhere; those with equal strides alike, if they begin at the same element now. */
  readonly moved: boolean;
}

/** Plans the loops. */
export function planNest(
  { shape, reduced: folded, body, stores }: LoopKernel,
  { reads, writes, moved }: Cursors,
  context: Context,
): Nest {
  const rank = shape.length - folded;
  const all = [...reads.values(), ...writes];
  const inside = [
    ...[...reads.keys()].map((value) => value < body.length),
    ...stores.map(({ value }) => value < body.length),
  ];
  const kept = mergeAxes(
    shape.slice(0, rank),
    all.map(({ strides }) => strides.slice(0, rank)),
  );
  const reduced = mergeAxes(
    shape.slice(rank),
    all.map(({ strides }) => strides.slice(rank)),
  );
  const costOf = (rows: readonly (readonly number[])[]): number => cost(rows.filter((_, i) => inside[i]));
  const columns = kept.sizes.length > 0 && reduced.sizes.length > 0 && costOf(kept.strides) < costOf(reduced.strides);

  const text = new Text();
  const paths = new Map<string, Path>();
  const accesses = all.map((cursor, i) => {
    const strides = [...kept.strides[i]!, ...reduced.strides[i]!];
    const key = `${cursor.turns ? `turning ${i}` : cursor.originAt([])} ${(moved ? cursor.strides : strides).join()}`;
    let path = paths.get(key);
    if (path === undefined) paths.set(key, (path = { start: text.origin(cursor, moved), strides }));
    return { name: cursor.array < 0 ? '' : text.array(cursor.array, context.kind(cursor.array)), path };
  });

  const levelOf = (axis: number, size: string): Level => ({ size, stride: ({ strides }) => strides[axis]! });
  const keptLevels = kept.sizes.map((size, axis) => levelOf(axis, text.number(size)));
  const reducedLevels = reduced.sizes.map((size, axis) => levelOf(kept.sizes.length + axis, text.number(size)));
  const loops = columns ? tiled(kept.sizes, keptLevels, text) : { outer: keptLevels, tail: [], prelude: null };
  return {
    ...loops,
    text,
    paths: [...paths.values()],
    inner: [...reducedLevels, ...loops.tail],
    columns: columns ? loops.tail[0].size : null,
    reads: new Map([...reads.keys()].map((value, i) => [value, accesses[i]!])),
    writes: accesses.slice(reads.size),
    empty: kept.sizes.includes(0),
  };
}

/** The last of the levels as tiles that the accumulators have room for. */
function tiled(
  sizes: readonly number[],
  levels: readonly Level[],
  text: Text,
): Pick<Nest, 'outer' | 'prelude'> & { readonly tail: readonly [Level] } {
  const last = levels.length - 1;
  const size = sizes[last]!;
  const { stride, size: whole } = levels[last]!;
  if (size <= tileSize)
    return { outer: levels.slice(0, last), tail: [{ ...levels[last]!, index: 'lane' }], prelude: null };
  const tiles: Level = {
    size: text.number(Math.ceil(size / tileSize)),
    index: 'tile',
    stride: (path) => tileSize * stride(path),
  };
  const prelude = `const width = Math.min(${tileSize}, ${whole} - ${tileSize} * tile);`;
  return { outer: [...levels.slice(0, last), tiles], tail: [{ size: 'width', stride, index: 'lane' }], prelude };
}
