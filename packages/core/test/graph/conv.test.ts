/** Convolutions and windows through every way of lowering, against the evaluator: all maps, geometries and epilogues. */
import { describe, expect, test } from '@jest/globals';
import { printProgram } from '../../src/graph/print.js';
import {
  countWindows,
  reachOf,
  type ConvMap,
  type ConvParams,
  type Widths,
} from '../../src/ops/primitives/convolution.js';
import type { Kernel } from '@antler/core';
import { seeded } from '../../../../test/seeded.js';
import type { Numbers } from './evaluate.js';
import { record, type Recorder } from './recorder.js';
import { expectSame, run } from './run.js';

const chance = seeded(5);
const whole = (from: number, to: number): number => from + Math.floor(chance() * (to - from + 1));
const numbers = (shape: readonly number[]): Numbers =>
  Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => whole(-4, 4));

interface Geometry {
  readonly params: Omit<ConvParams, 'map'>;
  readonly shapes: Readonly<Record<ConvMap, readonly number[]>>;
}

/** A random geometry of one to three axes, whose padding leaves no rest; some widths are negative. */
function geometry(): Geometry {
  const rank = whole(1, 3);
  const axes = Array.from({ length: rank }, () => {
    const [taps, dilation, stride] = [whole(1, 3), whole(1, 2), whole(1, 3)];
    const reach = reachOf(taps, dilation);
    const size = whole(1, rank === 3 ? 3 : 6);
    const low = whole(size > 2 ? -1 : 0, 2);
    const high = Math.max(whole(0, 2), reach - size - low);
    const count = countWindows(size + low + high, reach, stride);
    return { taps, dilation, stride, size, low, high: (count - 1) * stride + reach - size - low, count };
  });
  const groups = whole(1, 2);
  const [n, c, f] = [whole(1, 2), whole(1, 3), groups * whole(1, 5)];
  return {
    params: {
      strides: axes.map(({ stride }) => stride),
      padding: axes.map(({ low, high }): Widths => [low, high]),
      dilation: axes.map(({ dilation }) => dilation),
      groups,
    },
    shapes: {
      input: [n, ...axes.map(({ size }) => size), c * groups],
      kernel: [...axes.map(({ taps }) => taps), c, f],
      output: [n, ...axes.map(({ count }) => count), f],
    },
  };
}

const roles = { output: ['input', 'kernel'], input: ['output', 'kernel'], kernel: ['input', 'output'] } as const;
const maps: readonly ConvMap[] = ['output', 'input', 'kernel'];

describe.each(maps)('map %s', (map) => {
  test.each(Array.from({ length: 12 }, (_, i) => i))('random geometry %i', () => {
    const { params, shapes } = geometry();
    const [a, b] = roles[map].map((role) => shapes[role]) as [readonly number[], readonly number[]];
    const graph = record((g) => {
      const [x, y] = [g.input(a), g.input(b)];
      return [g.op('conv', { map, ...params }, x, y)];
    });
    expect(graph.types.at(-1)!.shape).toEqual(shapes[map]);
    expectSame(graph, [numbers(a), numbers(b)]);
  });
});

const params: ConvParams = {
  map: 'output',
  strides: [1, 1],
  padding: [
    [1, 1],
    [1, 1],
  ],
  dilation: [1, 1],
  groups: 1,
};

/** relu(conv(x, w) + bias). */
function layer(g: Recorder): number[] {
  const [x, w, bias] = [g.input([2, 4, 5, 3]), g.input([3, 3, 3, 6]), g.input([6])];
  const sum = g.do('add', g.op('conv', params, x, w), g.spread(bias, [2, 4, 5, 6]));
  return [g.do('max', sum, g.like(sum, 0))];
}
const layerInputs = [numbers([2, 4, 5, 3]), numbers([3, 3, 3, 6]), numbers([6])];

test('bias and activation are the epilogue of one kernel', () => {
  const graph = record(layer);
  expectSame(graph, layerInputs);
  const { program } = run(graph, layerInputs);
  expect(program.kernels.map(({ kind }) => kind)).toEqual(['conv']);
  expect(printProgram(program)).toContain(
    '0 conv output [2, 4, 5, 3]∗[3, 3, 3, 6]→[2, 4, 5, 6] padding [[1, 1], [1, 1]] s3 = max(s0 ∗ s1 + s2{0, 0, 0, 1}, 0)',
  );
});

test('a refused epilogue becomes a loop, a refused convolution windows and a product', () => {
  const kinds = (accepts: (kernel: Kernel) => boolean): string[] =>
    run(record(layer), layerInputs, { accepts }).program.kernels.map(({ kind }) => kind);
  expect(kinds((kernel) => kernel.kind !== 'conv' || kernel.epilogue.length === 0)).toEqual(['conv', 'loop']);
  // Zeros, x inside of them, the product with the same epilogue: no matrix of windows.
  expect(kinds(({ kind }) => kind !== 'conv')).toEqual(['loop', 'loop', 'dot']);
});

test('operands and results in other orders than row-major are no copies', () => {
  const graph = record((g) => {
    const [x, w] = [g.input([2, 3, 4, 5]), g.input([6, 3, 3, 3])];
    const y = g.op('conv', params, g.transpose(x, [0, 2, 3, 1]), g.transpose(w, [2, 3, 1, 0]));
    return [g.transpose(g.do('neg', y), [0, 3, 1, 2])];
  });
  const inputs = [numbers([2, 3, 4, 5]), numbers([6, 3, 3, 3])];
  expectSame(graph, inputs);
});

test('sums over nothing are zeros', () => {
  const graph = record((g) => {
    const [x, w] = [g.input([2, 4, 4, 0]), g.input([3, 3, 0, 2])];
    const [empty, kernel] = [g.input([0, 4, 4, 1]), g.input([3, 3, 1, 2])];
    const output = g.input([0, 4, 4, 2]);
    return [
      g.op('conv', params, x, w),
      g.op('conv', params, empty, kernel),
      g.op('conv', { ...params, map: 'kernel' }, empty, output),
    ];
  });
  expectSame(
    graph,
    graph.inputs.map((_, i) => numbers(graph.types[i]!.shape)),
  );
});

describe('window', () => {
  const slide = { axes: [1, 2], sizes: [2, 3], strides: [2, 1], dilation: [1, 2] };

  test('is a view: a fold over windows is one loop', () => {
    const graph = record((g) => {
      const windows = g.op('window', slide, g.input([2, 5, 7, 3]));
      return [g.op('reduce', { op: 'max', axes: [4, 5] }, windows)];
    });
    const inputs = [numbers([2, 5, 7, 3])];
    expectSame(graph, inputs);
    expect(run(graph, inputs).program.kernels.map(({ kind }) => kind)).toEqual(['loop']);
  });

  test('what is costly is computed before it is shown many times', () => {
    const graph = record((g) => {
      const windows = g.op('window', slide, g.do('exp', g.input([2, 5, 7, 3])));
      return [g.op('reduce', { op: 'sum', axes: [4, 5] }, windows)];
    });
    const inputs = [numbers([2, 5, 7, 3])];
    expectSame(graph, inputs);
    expect(run(graph, inputs).program.kernels).toHaveLength(2);
  });

  test('of windows, transposed and flipped', () => {
    const graph = record((g) => {
      const x = g.op('flip', { axes: [0] }, g.transpose(g.input([6, 7]), [1, 0]));
      const one = g.op('window', { axes: [0], sizes: [4], strides: [3], dilation: [1] }, x);
      return [g.op('window', { axes: [2, 1], sizes: [2, 3], strides: [1, 2], dilation: [2, 1] }, one)];
    });
    expectSame(graph, [numbers([6, 7])]);
  });
});
