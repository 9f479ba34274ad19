/** Convolutions by hand: every map, views of every kind, epilogues. What geometries mean is shown with the primitive. */
import { convRoles, type ConvMap, type DType } from '@antler/core';
import { rowMajor, view, type Builder, type Place } from '../builder.js';
import { convolved, type Geometry } from '../convolution.js';
import type { Case } from '../device.js';
import { expectEqual, expectWithin } from '../expect.js';
import { seeded } from '../../seeded.js';

const maps: readonly ConvMap[] = ['output', 'input', 'kernel'];

/** Strides, dilation, padding and groups at once. */
const shapes: Omit<Geometry, 'map'> = {
  input: [2, 6, 7, 4],
  kernel: [3, 2, 2, 6],
  output: [2, 3, 3, 6],
  strides: [2, 3],
  padding: [
    [1, 0],
    [0, 1],
  ],
  dilation: [1, 1],
  groups: 2,
};

/** One channel a group, each with two results. */
const depthwise = { ...shapes, kernel: [3, 2, 1, 8], output: [2, 3, 3, 8], groups: 4 };

/** Groups with so many channels that a backend may choose another way. */
const wide = { ...shapes, input: [2, 6, 7, 20], kernel: [3, 2, 10, 22], output: [2, 3, 3, 22] };

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Small whole numbers. */
function small(shape: readonly number[], seed: number): number[] {
  const chance = seeded(seed);
  return Array.from({ length: sizeOf(shape) }, () => chance.whole(-3, 3));
}

interface Setting {
  readonly geometry: Geometry;
  readonly a: Place;
  readonly b: Place;
  readonly expected: number[];
}

function setting(build: Builder, map: ConvMap, dtype: DType = 'float32', given = shapes): Setting {
  const geometry = { ...given, map };
  const [left, right] = convRoles[map];
  const a = build.input(dtype, geometry[left], small(geometry[left], 1));
  const b = build.input(dtype, geometry[right], small(geometry[right], 2));
  return { geometry, a, b, expected: convolved(geometry, a.values, b.values) };
}

const plain = (map: ConvMap, dtype: DType = 'float32', name = `${map}, ${dtype}`, given = shapes): Case => ({
  name,
  dtypes: [dtype],
  async run(device): Promise<void> {
    const build = device.builder();
    const { geometry, a, b, expected } = setting(build, map, dtype, given);
    const y = build.output(dtype, geometry[map]);
    build.conv(geometry, a, b, (sum, epilogue) => epilogue.store(y, sum));
    expectEqual((await device.run(build))(y), expected, map);
  },
});

/** Axes of an array in the opposite order: [n, h, w, c] lies as [c, w, h, n]. */
function turned(values: readonly number[], shape: readonly number[]): number[] {
  const strides = rowMajor(shape);
  const indices = [...shape]
    .reverse()
    .reduce<number[][]>((all, size) => all.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])), [[]]);
  return indices.map((index) => values[[...index].reverse().reduce((at, i, axis) => at + i * strides[axis]!, 0)]!);
}

const turnedStrides = (shape: readonly number[]): number[] => rowMajor([...shape].reverse()).reverse();

const strided = (map: ConvMap): Case => ({
  name: `${map}, all arrays with their axes in the opposite order, the result inside of a larger one`,
  async run(device): Promise<void> {
    const build = device.builder();
    const geometry = { ...shapes, map };
    const [left, right] = convRoles[map].map((role) => geometry[role]) as [readonly number[], readonly number[]];
    const [x, w] = [small(left, 3), small(right, 4)];
    const a = build.input('float32', [...left].reverse(), turned(x, left));
    const b = build.input('float32', [...right].reverse(), turned(w, right));
    const shape = geometry[map];
    const size = sizeOf(shape);
    const y = build.inout('float32', [size + 8], new Array<number>(size + 8).fill(-7));
    build.conv(geometry, view(a, turnedStrides(left)), view(b, turnedStrides(right)), (sum, epilogue) =>
      epilogue.store(view(y, turnedStrides(shape), 5), sum),
    );
    const edge = (count: number): number[] => new Array<number>(count).fill(-7);
    const expected = [...edge(5), ...turned(convolved(geometry, x, w), shape), ...edge(3)];
    expectEqual((await device.run(build))(y), expected, map);
  },
});

const biased = (map: ConvMap): Case => ({
  name: `${map}, bias and activation; before and after it, in two dtypes`,
  async run(device): Promise<void> {
    const build = device.builder();
    const { geometry, a, b, expected } = setting(build, map);
    const shape = geometry[map];
    const channels = shape.at(-1)!;
    const bias = build.input('float32', [channels], small([channels], 5));
    const y = build.output('float32', shape);
    const positive = build.output('bool', shape);
    const perChannel = shape.map((_, axis) => (axis === shape.length - 1 ? 1 : 0));
    build.conv(geometry, a, b, (sum, epilogue) => {
      const zero = epilogue.constant(0, 'float32');
      const all = epilogue.op('add', [sum, epilogue.load(view(bias, perChannel))]);
      epilogue.store(y, epilogue.op('max', [all, zero]));
      epilogue.store(positive, epilogue.op('lt', [zero, all]));
    });
    const sums = expected.map((sum, i) => sum + bias.values[i % channels]!);
    const results = await device.run(build);
    expectEqual(
      results(y),
      sums.map((sum) => Math.max(sum, 0)),
      'relu',
    );
    expectEqual(
      results(positive),
      sums.map((sum) => Number(sum > 0)),
      'sum > 0',
    );
  },
});

const placed = (map: ConvMap): Case => ({
  name: `${map}, in place, with positions of all axes and a run-time scalar`,
  async run(device): Promise<void> {
    const build = device.builder();
    const { geometry, a, b, expected } = setting(build, map);
    const shape = geometry[map];
    const w = build.inout('float32', shape, small(shape, 6));
    const rate = build.scalar('float32', 0.5);
    build.conv(geometry, a, b, (sum, epilogue) => {
      const scaled = epilogue.op('mul', [sum, epilogue.scalar(rate, 'float32')]);
      const positions = shape.map((_, axis) =>
        epilogue.op('mul', [epilogue.index(axis, 'float32'), epilogue.constant(10 ** axis, 'float32')]),
      );
      const place = positions.reduce((all, position) => epilogue.op('add', [all, position]));
      epilogue.store(w, epilogue.op('add', [epilogue.op('sub', [epilogue.load(w), scaled]), place]));
    });
    const strides = rowMajor(shape);
    const placeOf = (i: number): number =>
      strides.reduce((sum, stride, axis) => sum + (Math.floor(i / stride) % shape[axis]!) * 10 ** axis, 0);
    const after = expected.map((sum, i) => w.values[i]! - sum / 2 + placeOf(i));
    expectEqual((await device.run(build))(w), after, 'w − sum / 2 + place');
  },
});

const repeated: Case = {
  name: 'in a repeat: every turn its own image and result',
  async run(device): Promise<void> {
    const build = device.builder();
    const geometry: Geometry = { ...shapes, map: 'output' };
    const [own, kernel, out] = [sizeOf(geometry.input), geometry.kernel, sizeOf(geometry.output)];
    const x = build.input('float32', [3, ...geometry.input], small([3 * own], 7));
    const w = build.input('float32', kernel, small(kernel, 8));
    const y = build.output('float32', [3, ...geometry.output]);
    build.repeat(3, () => {
      const a = view(x, rowMajor(geometry.input), 0, [own]);
      build.conv(geometry, a, view(w, rowMajor(kernel), 0, [0]), (sum, epilogue) =>
        epilogue.store(view(y, rowMajor(geometry.output), 0, [out]), sum),
      );
    });
    const expected = [0, 1, 2].flatMap((turn) =>
      convolved(geometry, x.values.slice(turn * own, (turn + 1) * own), w.values),
    );
    expectEqual((await device.run(build))(y), expected, 'y');
  },
};

const notANumber: Case = {
  name: 'NaN is not lost at a tap that is zero',
  async run(device): Promise<void> {
    const build = device.builder();
    const one = { strides: [1], padding: [[1, 1]] as const, dilation: [1], groups: 1 };
    const geometry: Geometry = { map: 'output', input: [1, 3, 1], kernel: [3, 1, 1], output: [1, 3, 1], ...one };
    const x = build.input('float32', [1, 3, 1], [1, 2, NaN]);
    const w = build.input('float32', [3, 1, 1], [1, 1, 0]);
    const y = build.output('float32', [1, 3, 1]);
    build.conv(geometry, x, w, (sum, epilogue) => epilogue.store(y, sum));
    expectEqual((await device.run(build))(y), [1, NaN, NaN], 'y');
  },
};

const precision = (map: ConvMap, dtype: DType): Case => ({
  name: `${map}, ${dtype} numbers stay within the tolerance`,
  dtypes: [dtype],
  async run(device): Promise<void> {
    const build = device.builder();
    const chance = seeded(21);
    const round = dtype === 'float32' ? Math.fround : (x: number): number => x;
    const numbers = (shape: readonly number[]): number[] =>
      Array.from({ length: sizeOf(shape) }, () => round(chance() * 2 - 1));
    const geometry: Geometry = {
      map,
      ...{ input: [2, 12, 9, 11], kernel: [3, 3, 11, 7], output: [2, 12, 9, 7] },
      ...{ strides: [1, 1], padding: [[1, 1], [1, 1]], dilation: [1, 1], groups: 1 },
    }; // prettier-ignore
    const [left, right] = convRoles[map];
    const a = build.input(dtype, geometry[left], numbers(geometry[left]));
    const b = build.input(dtype, geometry[right], numbers(geometry[right]));
    const y = build.output(dtype, geometry[map]);
    build.conv(geometry, a, b, (sum, epilogue) => epilogue.store(y, sum));
    const epsilon = dtype === 'float32' ? 2 ** -24 : 2 ** -46;
    const sizes = convolved(geometry, a.values, b.values, (x, w) => Math.abs(x * w));
    const margins = sizes.map((size) => device.tolerance.dot * epsilon * size);
    expectWithin((await device.run(build))(y), convolved(geometry, a.values, b.values), margins, map);
  },
});

/** Cases of the layer. */
export const convCases: readonly Case[] = [
  ...maps.map((map) => plain(map)),
  ...maps.map((map) => plain(map, 'float64')),
  ...maps.map((map) => plain(map, 'float16')),
  ...maps.map((map) => plain(map, 'float32', `${map}, each channel by itself`, depthwise)),
  ...maps.map((map) => plain(map, 'float32', `${map}, groups of many channels`, wide)),
  ...maps.map(strided),
  ...maps.map(biased),
  ...maps.map(placed),
  repeated,
  notANumber,
  ...maps.flatMap((map) => [precision(map, 'float32'), precision(map, 'float64')]),
];
