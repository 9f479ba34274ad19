/** The same numbers in other places: samples whose inputs are not contiguous, as strided views of larger arrays are. */
import { broadcastTo, flip, slice, transpose, type Tensor } from '@antler/core';
import type { Sample } from './sample.js';
import { at, build, type Values } from './values.js';

/** How an array lies in memory: what is stored, and how it is taken out again. */
interface Layout {
  readonly name: string;
  /** Undefined where the layout means nothing for the array. */
  readonly store: (values: Values) => Values | undefined;
  readonly view: (stored: Tensor, values: Values) => Tensor;
}

const layouts: readonly Layout[] = [
  {
    name: 'transposed',
    store: (values) =>
      values.shape.length < 2
        ? undefined
        : build([...values.shape].reverse(), values.dtype, (index) => at(values, [...index].reverse())),
    view: (stored) => transpose(stored),
  },
  {
    // Every second element of each axis, between numbers that belong to nobody.
    name: 'sliced',
    store: (values) =>
      build(
        values.shape.map((n) => 2 * n + 1),
        values.dtype,
        (index) =>
          index.every((i) => i % 2 === 1)
            ? at(
                values,
                index.map((i) => (i - 1) / 2),
              )
            : 99,
      ),
    view: (stored, { shape }) =>
      slice(
        stored,
        shape.map(() => 1),
        shape.map((n) => 2 * n + 1),
        shape.map(() => 2),
      ),
  },
  {
    name: 'flipped',
    store: (values) =>
      build(values.shape, values.dtype, (index) =>
        at(
          values,
          index.map((i, axis) => values.shape[axis]! - 1 - i),
        ),
      ),
    view: (stored) => flip(stored),
  },
  {
    name: 'broadcast',
    store: (values) => {
      const axis = values.shape.findIndex((n, i) => n > 1 && isConstantAlong(values, i));
      if (axis < 0) return undefined;
      return build(
        values.shape.map((n, i) => (i === axis ? 1 : n)),
        values.dtype,
        (index) => at(values, index),
      );
    },
    view: (stored, { shape }) => broadcastTo(stored, shape),
  },
];

function isConstantAlong(values: Values, axis: number): boolean {
  const first = build(values.shape, values.dtype, (index) =>
    at(
      values,
      index.map((i, k) => (k === axis ? 0 : i)),
    ),
  );
  return values.numbers.every((value, i) => Object.is(value, first.numbers[i]));
}

/** The sample, and once for each layout with its inputs laid out so; those that do not fit stay as they are. */
export function inEveryLayout(sample: Sample): Sample[] {
  const others = layouts.flatMap(({ name, store, view }): Sample[] => {
    const stored = sample.inputs.map((values) => (values.shape.length === 0 ? undefined : store(values)));
    if (stored.every((values) => values === undefined)) return [];
    const f: Sample['f'] = (...tensors) =>
      sample.f(...tensors.map((x, i) => (stored[i] === undefined ? x : view(x, sample.inputs[i]!))));
    return [
      { ...sample, name: `${sample.name}, ${name}`, f, inputs: stored.map((values, i) => values ?? sample.inputs[i]!) },
    ];
  });
  return [sample, ...others];
}
