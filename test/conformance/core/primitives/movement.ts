/** Primitives that move elements and change none: where each element of the result comes from, index by index. */
import type { DType, PrimitiveParams, Shape } from '@antler/core';
import type { Sample } from '../sample.js';
import { at, build, counted, of, upTo, type Values } from '../values.js';
import { record } from './record.js';

/** Every element size and kind, since a move must not look at the number. */
const everyDType: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'int8', 'uint8', 'bool'];

type Movement = 'reshape' | 'transpose' | 'broadcast' | 'slice' | 'flip' | 'window';

/** A sample of a primitive with one input; `from` says which index of x an index of the result shows. */
function move<P extends Movement>(
  primitive: P,
  x: Values,
  params: PrimitiveParams[P],
  shape: Shape,
  from: (index: readonly number[]) => readonly number[],
): Sample {
  return {
    name: `${primitive} ${x.dtype} [${x.shape.join(', ')}] ${JSON.stringify(params)}`,
    inputs: [x],
    f: (value) => record(primitive, [value], params),
    expected: build(shape, x.dtype, (index) => at(x, from(index))),
    signed: true,
  };
}

const special = of([
  [NaN, -0, 0],
  [Infinity, -Infinity, 1e-3],
]);

const inEveryDType = (shape: Shape): Values[] => everyDType.map((dtype) => counted(shape, dtype));

function reshaped(x: Values, shape: Shape): Sample {
  return {
    name: `reshape ${x.dtype} [${x.shape.join(', ')}] to [${shape.join(', ')}]`,
    inputs: [x],
    f: (value) => record('reshape', [value], { shape }),
    expected: { ...x, shape },
    signed: true,
  };
}

export const reshapeSamples: readonly Sample[] = [
  ...inEveryDType([2, 3]).map((x) => reshaped(x, [3, 2])),
  reshaped(counted([2, 3, 4]), [24]),
  reshaped(counted([2, 3, 4]), [4, 3, 2]),
  reshaped(counted([6]), [1, 2, 1, 3, 1]),
  reshaped(counted([1, 1]), []),
  reshaped(counted([]), [1]),
  reshaped(counted([0, 3]), [2, 0]),
  reshaped(special, [6]),
];

function transposed(x: Values, permutation: readonly number[]): Sample {
  const shape = permutation.map((axis) => x.shape[axis]!);
  return move('transpose', x, { permutation }, shape, (index) => x.shape.map((_, i) => index[permutation.indexOf(i)]!));
}

export const transposeSamples: readonly Sample[] = [
  ...inEveryDType([2, 3]).map((x) => transposed(x, [1, 0])),
  ...[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].map((p) => transposed(counted([2, 3, 4]), p)), // prettier-ignore
  transposed(counted([2, 1, 3, 2]), [3, 1, 0, 2]),
  transposed(counted([]), []),
  transposed(counted([2, 0, 3]), [2, 1, 0]),
  transposed(special, [1, 0]),
];

function broadcasted(x: Values, shape: Shape, axes: readonly number[]): Sample {
  return move('broadcast', x, { shape, axes }, shape, (index) =>
    axes.map((axis, i) => (x.shape[i] === 1 ? 0 : index[axis]!)),
  );
}

export const broadcastSamples: readonly Sample[] = [
  ...inEveryDType([3]).map((x) => broadcasted(x, [2, 3], [1])),
  broadcasted(counted([3]), [3, 2], [0]),
  broadcasted(counted([2, 1]), [2, 3], [0, 1]),
  broadcasted(counted([1, 3]), [2, 3], [0, 1]),
  broadcasted(counted([2, 3]), [2, 4, 3], [0, 2]),
  broadcasted(counted([]), [2, 2], []),
  broadcasted(counted([1]), [0], [0]),
  broadcasted(counted([]), [], []),
  broadcasted(of([NaN, -0]), [2, 2], [0]),
];

function sliced(x: Values, start: readonly number[], limit: readonly number[], stride: readonly number[]): Sample {
  const shape = start.map((from, i) => Math.ceil((limit[i]! - from) / stride[i]!));
  return move('slice', x, { start, limit, stride }, shape, (index) =>
    index.map((i, axis) => start[axis]! + i * stride[axis]!),
  );
}

export const sliceSamples: readonly Sample[] = [
  ...inEveryDType([4, 5]).map((x) => sliced(x, [1, 0], [3, 5], [1, 2])),
  sliced(counted([7]), [2], [7], [3]),
  sliced(counted([7]), [0], [6], [2]),
  sliced(counted([7]), [6], [7], [9]),
  sliced(counted([7]), [3], [3], [1]),
  sliced(counted([7]), [7], [7], [1]),
  sliced(counted([2, 3, 4]), [0, 1, 1], [2, 2, 4], [1, 1, 2]),
  sliced(counted([0, 2]), [0, 1], [0, 2], [1, 1]),
  sliced(special, [0, 1], [2, 3], [1, 1]),
];

function flipped(x: Values, axes: readonly number[]): Sample {
  return move('flip', x, { axes }, x.shape, (index) =>
    index.map((i, axis) => (axes.includes(axis) ? x.shape[axis]! - 1 - i : i)),
  );
}

export const flipSamples: readonly Sample[] = [
  ...inEveryDType([2, 3]).map((x) => flipped(x, [1])),
  flipped(counted([2, 3, 4]), [0]),
  flipped(counted([2, 3, 4]), [0, 2]),
  flipped(counted([2, 3, 4]), [0, 1, 2]),
  flipped(counted([2, 3]), []),
  flipped(counted([]), []),
  flipped(counted([0, 3]), [0, 1]),
  flipped(special, [0, 1]),
];

function windows(x: Values, axes: number[], sizes: number[], strides: number[], dilation: number[]): Sample {
  const counts = x.shape.map((n, axis) => {
    const i = axes.indexOf(axis);
    if (i < 0) return n;
    // Counted by trying: how many starts leave room for the last tap.
    const [step, reach] = [strides[i]!, (sizes[i]! - 1) * dilation[i]!];
    return upTo(n).filter((start) => start % step === 0 && start + reach < n).length;
  });
  const rank = x.shape.length;
  return move('window', x, { axes, sizes, strides, dilation }, [...counts, ...sizes], (index) =>
    counts.map((_, axis) => {
      const i = axes.indexOf(axis);
      return i < 0 ? index[axis]! : index[axis]! * strides[i]! + index[rank + i]! * dilation[i]!;
    }),
  );
}

export const windowSamples: readonly Sample[] = [
  ...inEveryDType([2, 7]).map((x) => windows(x, [1], [3], [2], [1])),
  windows(counted([7]), [0], [7], [1], [1]),
  windows(counted([7]), [0], [1], [3], [1]),
  windows(counted([9]), [0], [3], [2], [3]),
  windows(counted([5, 6, 2]), [0, 1], [2, 3], [1, 2], [2, 1]),
  windows(counted([5, 2, 6]), [2, 0], [2, 3], [4, 1], [1, 2]),
  windows(counted([0, 4]), [1], [2], [1], [1]),
  windows(special, [1], [2], [1], [1]),
];

function padded(
  x: Values,
  value: number,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[],
): Sample {
  const shape = x.shape.map((n, i) => low[i]! + high[i]! + n + Math.max(n - 1, 0) * interior[i]!);
  const rule = (index: readonly number[]): number => {
    const places = index.map((i, axis) => (i - low[axis]!) / (interior[axis]! + 1));
    const inside = places.every((place, axis) => Number.isInteger(place) && place >= 0 && place < x.shape[axis]!);
    return inside ? at(x, places) : value;
  };
  return {
    name: `pad ${x.dtype} [${x.shape.join(', ')}] low [${low.join(', ')}] high [${high.join(', ')}] interior [${interior.join(', ')}]`,
    inputs: [x, of(value, x.dtype)],
    f: (given, filler) => record('pad', [given, filler], { low, high, interior }),
    expected: build(shape, x.dtype, rule),
    signed: true,
  };
}

export const padSamples: readonly Sample[] = [
  ...inEveryDType([2, 3]).map((x) => padded(x, 1, [1, 0], [0, 2], [0, 0])),
  padded(counted([4]), -1, [-1], [2], [0]),
  padded(counted([4]), -1, [2], [-3], [0]),
  padded(counted([4]), -1, [-2], [-2], [0]),
  padded(counted([4]), -1, [1], [1], [2]),
  padded(counted([4]), -1, [-2], [-1], [1]),
  padded(counted([2, 3]), NaN, [1, -1], [-1, 1], [1, 0]),
  padded(counted([2, 3]), -0, [0, 1], [1, 0], [0, 1]),
  padded(counted([0]), 7, [2], [1], [3]),
  padded(counted([0, 2]), 7, [0, 1], [0, 1], [0, 0]),
  padded(counted([]), 7, [], [], []),
  padded(special, Infinity, [0, 0], [1, 0], [0, 0]),
];

function joined(parts: readonly Values[], axis: number): Sample {
  const [first] = parts as readonly [Values];
  const places = parts.flatMap((part, which) => upTo(part.shape[axis]!).map((i) => ({ part: parts[which]!, i })));
  const shape = first.shape.map((n, i) => (i === axis ? places.length : n));
  return {
    name: `concat ${first.dtype} ${parts.map((part) => `[${part.shape.join(', ')}]`).join(' ')} along ${axis}`,
    inputs: parts,
    f: (...xs) => record('concat', xs, { axis }),
    expected: build(shape, first.dtype, (index) => {
      const { part, i } = places[index[axis]!]!;
      return at(
        part,
        index.map((k, n) => (n === axis ? i : k)),
      );
    }),
    signed: true,
  };
}

export const concatSamples: readonly Sample[] = [
  ...everyDType.map((dtype) => joined([counted([2, 2], dtype), counted([2, 1], dtype)], 1)),
  joined([counted([1, 3]), counted([2, 3])], 0),
  joined([counted([2, 1, 2]), counted([2, 3, 2]), counted([2, 2, 2])], 1),
  joined([counted([3]), counted([0]), counted([2])], 0),
  joined([counted([0, 2]), counted([0, 2])], 0),
  joined([counted([3])], 0),
  joined(upTo(12).map((i) => counted([1 + (i % 3), 2])), 0),
  joined([special, special], 1),
]; // prettier-ignore
