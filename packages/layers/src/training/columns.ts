/** Columns: what a model with several inputs or outputs is given, as a list in their order or by their names. */
import { Tensor, ValueError, describe } from '@antler/core';
import { type ArrayData, isHostArray } from './hostRows.js';

/** Data for all inputs, or the truth for all outputs: one array, or several that have the same rows. */
export type Data = ArrayData | readonly ArrayData[] | Readonly<Record<string, ArrayData>>;

/** The arrays of some data, in the order of the names. A list of arrays is several; nested lists of numbers are one. */
export function columnsOf(where: string, data: Data, names: readonly string[]): ArrayData | readonly ArrayData[] {
  if (isRecord(data)) {
    const columns = byName(where, data, names);
    return columns.length === 1 ? columns[0]! : columns;
  }
  const columns = data;
  if (isList(columns) && names.length > 0 && names.length !== columns.length) {
    throw new ValueError(describe(where, `${names.length} arrays (${names.join(', ')})`, String(columns.length)));
  }
  return columns;
}

/** The values of a record in the order of the names, all of which it must have. */
export function byName<T>(where: string, record: Readonly<Record<string, T>>, names: readonly string[]): readonly T[] {
  const unknown = Object.keys(record).filter((name) => !names.includes(name));
  const missing = names.filter((name) => !Object.hasOwn(record, name));
  if (names.length === 0 || unknown.length > 0 || missing.length > 0) {
    const expected = names.length === 0 ? 'no names (only functional models have them)' : names.join(', ');
    throw new ValueError(describe(where, expected, Object.keys(record).join(', ')));
  }
  return names.map((name) => record[name]!);
}

/** Tells several arrays from one. */
export function isList(data: ArrayData | readonly ArrayData[]): data is readonly ArrayData[] {
  return Array.isArray(data) && data.length > 0 && data.every(isArrayObject);
}

function isArrayObject(value: unknown): boolean {
  return value instanceof Tensor || isHostArray(value) || ArrayBuffer.isView(value);
}

function isRecord(data: Data): data is Readonly<Record<string, ArrayData>> {
  return typeof data === 'object' && !Array.isArray(data) && !isArrayObject(data);
}
