/** gather and scatter: one index at a time, in the order in which a program would do it by hand. */
import type { DType, ScatterMode } from '@antler/core';
import type { Sample } from '../sample.js';
import { at, build, counted, indicesOf, of, type Values } from '../values.js';
import { record } from './record.js';

/** The place in x that an index of [batch, index, slice] stands for; places count from the end when negative. */
function placeOf(x: Values, indices: Values, batch: number, index: readonly number[]): number[] {
  const count = indices.shape.length - 1;
  const indexed = indices.shape[count]!;
  const chosen = Array.from({ length: indexed }, (_, k) => {
    const given = at(indices, [...index.slice(0, count), k]);
    return given < 0 ? given + x.shape[batch + k]! : given;
  });
  return [...index.slice(0, batch), ...chosen, ...index.slice(count)];
}

function resultShape(x: Values, indices: Values, batch: number): number[] {
  return [...indices.shape.slice(0, -1), ...x.shape.slice(batch + indices.shape.at(-1)!)];
}

function gathered(name: string, x: Values, indices: Values, batch = 0): Sample {
  return {
    name: `gather ${x.dtype}, ${name}`,
    inputs: [x, indices],
    f: (value, places) => record('gather', [value, places], { batch }),
    expected: build(resultShape(x, indices, batch), x.dtype, (index) => at(x, placeOf(x, indices, batch, index))),
    signed: true,
  };
}

const int = (nested: Parameters<typeof of>[0]): Values => of(nested, 'int32');
const empty: Values = { dtype: 'int32', shape: [0, 1], numbers: [] };
const everyDType: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'int8', 'uint8', 'bool'];
const numberDTypes = everyDType.filter((dtype) => dtype !== 'bool');

export const gatherSamples: readonly Sample[] = [
  ...everyDType.map((dtype) => gathered('rows', counted([4, 3], dtype), int([[2], [0], [2], [-1]]))),
  gathered('single elements', counted([4, 3]), int([[3, 0], [-4, -3], [0, 2]])),
  gathered('rows of a cube by two indices', counted([2, 3, 2]), int([[[1, 2]], [[0, -1]]])),
  gathered('in a batch', counted([2, 3, 2]), int([[[2], [0]], [[1], [-3]]]), 1),
  gathered('in two batches', counted([2, 2, 3]), int([[[[0]], [[2]]], [[[1]], [[-1]]]]), 2),
  gathered('one scalar', counted([5]), int([3])),
  gathered('nothing', counted([4, 3]), empty),
  gathered('empty rows', { ...counted([0]), shape: [3, 0] }, int([[1], [0]])),
  gathered('special numbers', of([NaN, -0, Infinity]), int([[1], [0], [2]])),
]; // prettier-ignore

const modes: { readonly [M in ScatterMode]: (old: number, update: number) => number } = {
  set: (_old, update) => update,
  add: (old, update) => old + update,
  max: Math.max,
  min: Math.min,
};

function scattered(name: string, mode: ScatterMode, x: Values, indices: Values, updates: Values, batch = 0): Sample {
  const result = new Map(indicesOf(x.shape).map((index) => [index.join(), at(x, index)]));
  for (const index of indicesOf(updates.shape)) {
    const place = placeOf(x, indices, batch, index).join();
    result.set(place, modes[mode](result.get(place)!, at(updates, index)));
  }
  return {
    name: `scatter ${mode} ${x.dtype}, ${name}`,
    inputs: [x, indices, updates],
    f: (value, places, given) => record('scatter', [value, places, given], { batch, mode }),
    expected: build(x.shape, x.dtype, (index) => result.get(index.join())!),
  };
}

const modeNames = Object.keys(modes) as ScatterMode[];
const base = (dtype: DType): Values => build([4, 2], dtype, ([i, j]) => 10 + ((3 * i! + j!) % 5));
const fresh = (dtype: DType): Values => of([[12, 11], [9, 13], [14, 10], [8, 20]], dtype); // prettier-ignore
const twice = int([[1], [-1], [1], [0]]);

export const scatterSamples: readonly Sample[] = [
  ...modeNames.flatMap((mode) =>
    numberDTypes.map((dtype) => scattered('one place twice', mode, base(dtype), twice, fresh(dtype))),
  ),
  scattered('bool', 'set', of([1, 0, 1], 'bool'), int([[0], [1]]), of([0, 1], 'bool')),
  scattered('single elements', 'add', counted([3, 3]), int([[0, 0], [2, -1], [0, 0]]), of([1, 2, 4])),
  scattered('in a batch', 'set', counted([2, 3]), int([[[2], [2]], [[0], [-1]]]), of([[10, 20], [30, 40]]), 1),
  scattered('nothing', 'set', counted([3]), empty, { dtype: 'float32', shape: [0], numbers: [] }),
  scattered('NaN', 'set', counted([3]), int([[1]]), of([NaN])),
  scattered('NaN', 'add', counted([3]), int([[1]]), of([NaN])),
  scattered('NaN', 'max', counted([3]), int([[1], [2]]), of([NaN, -1])),
  scattered('NaN', 'min', of([NaN, 1]), int([[0], [1]]), of([-5, Infinity])),
]; // prettier-ignore
