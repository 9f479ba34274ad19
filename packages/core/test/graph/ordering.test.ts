/** Windows, running folds and sorts, lowered on a roomy and on a narrow device, against what the graph means. */
import { describe, expect, test } from '@jest/globals';
import { seeded } from '../../../../test/seeded.js';
import type { Numbers } from './evaluate.js';
import { record } from './recorder.js';
import { expectSame } from './run.js';

const chance = seeded(11);
const floats = (count: number): Numbers => Array.from({ length: count }, () => Math.fround(chance() * 4 - 2));
const wholes = (count: number, low: number, high: number): Numbers =>
  Array.from({ length: count }, () => chance.whole(low, high));

describe('windows at computed places', () => {
  test('dynamicSlice of a transposed operand; starts beyond the ends are clamped', () => {
    const graph = record((g) => {
      const [x, starts] = [g.input([4, 3, 5]), g.input([3], 'int32')];
      return [g.op('dynamicSlice', { sizes: [2, 4, 1] }, g.transpose(x, [2, 0, 1]), starts)];
    });
    for (const starts of [
      [1, 0, 2],
      [-7, 3, 9],
      [4, -1, 0],
    ]) {
      const outcomes = expectSame(graph, [floats(60), starts]);
      for (const { program } of outcomes) expect(program.faults).toBeNull();
    }
  });

  test('dynamicUpdateSlice, also of a whole axis', () => {
    const graph = record((g) => {
      const [x, starts, updates] = [g.input([4, 3]), g.input([2], 'int32'), g.input([2, 3])];
      return [g.op('dynamicUpdateSlice', {}, g.do('neg', x), starts, g.do('exp', updates)), x];
    });
    for (const starts of [
      [1, 0],
      [-1, 2],
      [9, 9],
    ])
      expectSame(graph, [floats(12), starts, floats(6)]);
  });

  test('windows of everything and of nothing are no kernels', () => {
    const graph = record((g) => {
      const [x, starts, none] = [g.input([4]), g.input([1], 'int32'), g.input([0])];
      return [
        g.do('neg', g.op('dynamicSlice', { sizes: [4] }, x, starts)),
        g.op('dynamicSlice', { sizes: [0] }, x, starts),
        g.op('dynamicUpdateSlice', {}, x, starts, none),
      ];
    });
    expectSame(graph, [floats(4), [2], []]);
  });
});

describe('cumulate', () => {
  const ops = ['sum', 'prod', 'max', 'min'] as const;
  test.each(ops)('%s, of every axis, both ways, with and without the entry itself', (op) => {
    const graph = record((g) => {
      const x = g.input([2, 3, 4]);
      const all = [false, true];
      return [0, 1, 2].flatMap((axis) =>
        all.flatMap((reverse) =>
          all.map((exclusive) => g.op('cumulate', { op, axis, reverse, exclusive }, g.do('neg', x))),
        ),
      );
    });
    expectSame(graph, [floats(24)]);
  });

  test.each(ops)('%s of integers and of one entry', (op) => {
    const graph = record((g) => {
      const [x, one] = [g.input([7], 'int32'), g.input([2, 1], 'int32')];
      const both = (value: number, axis: number): number[] =>
        [false, true].map((exclusive) => g.op('cumulate', { op, axis, reverse: false, exclusive }, value));
      return [...both(x, 0), ...both(one, 1)];
    });
    expectSame(graph, [wholes(7, -5, 5), [3, 4]]);
  });
});

describe('sort', () => {
  test.each([false, true])('keys with NaN and ties, and payloads (descending: %s)', (descending) => {
    const graph = record((g) => {
      const [keys, a, b, c, d] = [
        g.input([3, 5]),
        g.input([3, 5]),
        g.input([3, 5], 'int32'),
        g.input([3, 5]),
        g.input([3, 5]),
      ];
      return g.node('sort', { axis: 1, descending }, keys, a, b, c, d);
    });
    const keys = [2, NaN, -1, 2, 0, 0, -0, NaN, NaN, -Infinity, Infinity, 1, 1, 1, 1];
    expectSame(graph, [keys, floats(15), wholes(15, -9, 9), floats(15), floats(15)]);
  });

  test('another axis, one entry, none', () => {
    const graph = record((g) => {
      const [x, one, none] = [g.input([4, 2, 3]), g.input([1]), g.input([2, 0])];
      return [
        ...g.node('sort', { axis: 0, descending: false }, x),
        ...g.node('sort', { axis: 1, descending: true }, g.do('exp', x), x),
        ...g.node('sort', { axis: 0, descending: false }, one),
        ...g.node('sort', { axis: 1, descending: false }, none),
      ];
    });
    expectSame(graph, [floats(24), [5], []]);
  });
});
