/** Columns: host arrays that belong together row by row, in the structure the user chose, such as `{ x, y }` or `[x, y]`. */
import { ShapeError, ValueError, describe, showShape, type HostArray } from '@antler/core';
import { emptyLike, isHostArray } from './host.js';

/** One host array, a list of them or a record of them. */
export type Columns = HostArray | readonly HostArray[] | { readonly [name: string]: HostArray };

/** Applies `f` to every column and keeps the structure. */
export function mapColumns<T extends Columns>(columns: T, f: (column: HostArray, name: string) => HostArray): T {
  if (isHostArray(columns)) return f(columns, '') as T;
  if (isList(columns)) return columns.map((column, i) => f(column, String(i))) as unknown as T;
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, f(column, name)])) as T;
}

/** The columns in order, each with its name (its position in a list, '' when alone). */
export function listColumns(where: string, columns: Columns): [name: string, column: HostArray][] {
  const list: [string, unknown][] = isHostArray(columns) ? [['', columns]] : Object.entries(columns);
  for (const [name, column] of list) {
    if (isHostArray(column)) continue;
    const hint = 'Wrap typed arrays with hostArray(data, shape).';
    throw new ValueError(describe(where, 'host arrays { data, shape, dtype }', `${String(column)} as '${name}'`, hint));
  }
  if (list.length === 0) throw new ValueError(describe(where, 'at least one host array', 'none'));
  return list as [string, HostArray][];
}

/** Number of rows, the first size of every column. Throws a ShapeError where columns disagree or have no rows axis. */
export function countRows(where: string, columns: Columns): number {
  const list = listColumns(where, columns);
  const rows = list[0]![1].shape[0];
  if (rows === undefined || list.some(([, column]) => column.shape[0] !== rows)) {
    const shapes = list.map(([name, { shape }]) => `${name === '' ? '' : `${name}: `}${showShape(shape)}`);
    throw new ShapeError(describe(where, 'arrays with the same number of rows', shapes.join(', ')));
  }
  return rows;
}

/** One row as a view, without the rows axis. */
export function row(column: HostArray, index: number): HostArray {
  const shape = column.shape.slice(1);
  const width = shape.reduce((product, n) => product * n, 1);
  return { ...column, data: column.data.subarray(index * width, (index + 1) * width), shape };
}

/** A copy of the rows at `indices`, in that order. */
export function gatherRows(column: HostArray, indices: Uint32Array): HostArray {
  const rest = column.shape.slice(1);
  const width = rest.reduce((product, n) => product * n, 1);
  const from = column.data;
  const data = emptyLike(from, indices.length * width);
  let out = 0;
  for (const index of indices) {
    if (width < wideRow) for (let at = index * width, end = at + width; at < end; at++) data[out++] = from[at]!;
    else {
      data.set(from.subarray(index * width, (index + 1) * width), out);
      out += width;
    }
  }
  return { ...column, data, shape: [indices.length, ...rest] };
}

/** Elements from which one block copy beats a loop, measured. */
const wideRow = 64;

/** Puts equal-shaped examples one above the other, column by column. */
export function stackRows<T extends Columns>(where: string, examples: readonly T[]): T {
  for (const example of examples) listColumns(where, example);
  return mapColumns(examples[0]!, (first, name) => {
    const data = emptyLike(first.data, first.data.length * examples.length);
    examples.forEach((example, i) => {
      const part = isHostArray(example) ? example : (example as Readonly<Record<string, HostArray>>)[name];
      if (part === undefined || part.dtype !== first.dtype || part.shape.join() !== first.shape.join()) {
        const show = (array: HostArray): string => `${array.dtype ?? ''} ${showShape(array.shape)}`.trimStart();
        const expected = `examples alike (${show(first)}${name === '' ? '' : ` as '${name}'`})`;
        const received = part === undefined ? 'an example without it' : show(part);
        throw new ShapeError(describe(where, expected, received, 'Pad or cut them with map() first.'));
      }
      data.set(part.data, i * first.data.length);
    });
    return { ...first, data, shape: [examples.length, ...first.shape] };
  });
}

function isList(columns: Columns): columns is readonly HostArray[] {
  return Array.isArray(columns);
}
