/** Running folds, sorts and windows at computed places: each element by its definition, however long that takes. */
import type { DType, ReduceOp } from '@antler/core';
import { folded } from '../../meaning.js';
import type { Sample } from '../sample.js';
import { at, build, counted, indicesOf, of, upTo, type Values } from '../values.js';
import { record } from './record.js';

const everyNumber: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'int8', 'uint8'];
const ops: readonly ReduceOp[] = ['sum', 'prod', 'max', 'min'];

function cumulated(op: ReduceOp, x: Values, axis: number, reverse = false, exclusive = false): Sample {
  return {
    name: `cumulate ${op} ${x.dtype} [${x.shape.join(', ')}] along ${axis}${reverse ? ' reversed' : ''}${exclusive ? ' exclusive' : ''}`,
    inputs: [x],
    f: (value) => record('cumulate', [value], { op, axis, reverse, exclusive }),
    expected: build(x.shape, x.dtype, (index) => {
      const i = index[axis]!;
      const before = upTo(x.shape[axis]!).filter((k) => (reverse ? k > i : k < i) || (k === i && !exclusive));
      return folded(op, before.map((k) => at(x, index.with(axis, k))), x.dtype);
    }),
  }; // prettier-ignore
}

const small = (dtype: DType): Values => build([2, 3, 4], dtype, (index) => ((index[0]! + 3 * index[1]! + 5 * index[2]!) % 7) - (dtype.startsWith('u') ? 0 : 3)); // prettier-ignore

/** Each fold along each axis, both ways. */
export const cumulateSamples: readonly Sample[] = ops.flatMap((op) => [
  ...everyNumber.map((dtype) => cumulated(op, small(dtype), 2)),
  ...[0, 1, 2].flatMap((axis) => [false, true].flatMap((exclusive) => [
    cumulated(op, small('float32'), axis, false, exclusive),
    cumulated(op, small('int32'), axis, true, exclusive),
  ])),
  cumulated(op, of([1, NaN, Infinity, -Infinity]), 0),
  cumulated(op, of([[5], [4]]), 1, false, true),
  cumulated(op, { dtype: 'float32', shape: [2, 0], numbers: [] }, 1),
  cumulated(op, of([100, 100, 27], 'int8'), 0),
]); // prettier-ignore

function sorted(name: string, keys: Values, axis: number, descending: boolean): Sample {
  const places = build(keys.shape, 'int32', (index) => index[axis]!);
  const before = (a: number, b: number): number => {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a === b ? 0 : a < b === descending ? 1 : -1;
  };
  const rows = new Map<string, number[]>();
  for (const row of indicesOf(keys.shape.with(axis, Math.min(1, keys.shape[axis]!)))) {
    const entries = upTo(keys.shape[axis]!);
    entries.sort((a, b) => before(at(keys, row.with(axis, a)), at(keys, row.with(axis, b))));
    rows.set(row.with(axis, 0).join(), entries);
  }
  const taken = (x: Values): Values =>
    build(x.shape, x.dtype, (index) => at(x, index.with(axis, rows.get(index.with(axis, 0).join())![index[axis]!]!)));
  return {
    name: `sort ${keys.dtype}, ${name}${descending ? ', descending' : ''}`,
    inputs: [keys, places],
    f: (x, payload) => record('sort', [x, payload], { axis, descending }),
    expected: [taken(keys), taken(places)],
    signed: true,
  };
}

const tied = (dtype: DType): Values => build([2, 6], dtype, ([i, j]) => (5 * i! + 3 * j!) % 4);

/** Keys with ties and special numbers, along each axis. */
export const sortSamples: readonly Sample[] = [false, true].flatMap((descending) => [
  ...[...everyNumber, 'bool' as const].map((dtype) => sorted('ties', dtype === 'bool' ? build([2, 3], 'bool', ([i, j]) => (i! + j!) % 2) : tied(dtype), 1, descending)),
  ...[0, 1, 2].map((axis) => sorted(`along ${axis}`, small('float32'), axis, descending)),
  sorted('special numbers', of([NaN, 1, -Infinity, 0, -0, NaN, Infinity, -1]), 0, descending),
  sorted('large ones', of([4294967295, 0, 2147483648], 'uint32'), 0, descending),
  sorted('one', of([[3]]), 0, descending),
  sorted('nothing', { dtype: 'float32', shape: [2, 0], numbers: [] }, 1, descending),
]); // prettier-ignore

const int = (numbers: number[]): Values => of(numbers, 'int32');
const clamped = (starts: readonly number[], shape: readonly number[], sizes: readonly number[]): number[] =>
  starts.map((start, axis) => Math.min(Math.max(start, 0), shape[axis]! - sizes[axis]!));

function windowed(x: Values, starts: number[], sizes: readonly number[]): Sample {
  const from = clamped(starts, x.shape, sizes);
  return {
    name: `dynamicSlice ${x.dtype} at [${starts.join(', ')}]`,
    inputs: [x, int(starts)],
    f: (value, places) => record('dynamicSlice', [value, places], { sizes }),
    expected: build(sizes, x.dtype, (index) => at(x, index.map((i, axis) => from[axis]! + i))),
    signed: true,
  }; // prettier-ignore
}

function replaced(x: Values, starts: number[], updates: Values): Sample {
  const from = clamped(starts, x.shape, updates.shape);
  const isInside = (index: readonly number[]): boolean =>
    index.every((i, axis) => i >= from[axis]! && i < from[axis]! + updates.shape[axis]!);
  return {
    name: `dynamicUpdateSlice ${x.dtype} at [${starts.join(', ')}]`,
    inputs: [x, int(starts), updates],
    f: (value, places, given) => record('dynamicUpdateSlice', [value, places, given], {}),
    expected: build(x.shape, x.dtype, (index) =>
      isInside(index) ? at(updates, index.map((i, axis) => i - from[axis]!)) : at(x, index),
    ),
  }; // prettier-ignore
}

const starts = [[0, 0], [1, 2], [-3, 1], [9, 9], [2, -1]]; // prettier-ignore

/** Windows inside, at the ends, and beyond them. */
export const dynamicSliceSamples: readonly Sample[] = [
  ...starts.map((place) => windowed(counted([4, 5]), place, [2, 3])),
  ...[...everyNumber, 'bool' as const].map((dtype) => windowed(counted([3, 2], dtype), [1, 0], [2, 2])),
  windowed(counted([4]), [2], [0]),
  windowed(counted([4]), [2], [4]),
];

/** Windows inside, at the ends, and beyond them. */
export const dynamicUpdateSliceSamples: readonly Sample[] = [
  ...starts.map((place) =>
    replaced(
      counted([4, 5]),
      place,
      build([2, 3], 'float32', ([i, j]) => 100 + 10 * i! + j!),
    ),
  ),
  ...[...everyNumber, 'bool' as const].map((dtype) => replaced(counted([3, 2], dtype), [1, 0], of([[1, 0]], dtype))),
  replaced(counted([4]), [2], of([])),
  replaced(counted([2]), [2], of([7, 8])),
];
