/** Simplification drops what changes no bit, and nothing else. */
import { describe, expect, test } from '@jest/globals';
import type { DType, Graph, Primitive } from '@antler/core';
import { fold } from '../../src/graph/fold.js';
import { simplify } from '../../src/graph/simplify.js';
import { record, type Recorder } from './recorder.js';

const simplified = (graph: Graph): Graph => simplify(graph, () => true);
const namesOf = (graph: Graph): Primitive[] => simplified(graph).nodes.map(({ primitive }) => primitive);

/** Nodes that are left of a function of one input. */
const left = (
  build: (g: Recorder, x: number) => number,
  shape: readonly number[] = [2, 3],
  dtype: DType = 'float32',
): Primitive[] => namesOf(record((g) => [build(g, g.input(shape, dtype))]));

describe('what is nothing', () => {
  test.each<[string, (g: Recorder, x: number) => number]>([
    ['x · 1', (g, x) => g.do('mul', x, g.like(x, 1))],
    ['1 · x', (g, x) => g.do('mul', g.like(x, 1), x)],
    ['x / 1', (g, x) => g.do('div', x, g.like(x, 1))],
    ['x − 0', (g, x) => g.do('sub', x, g.like(x, 0))],
    ['x + (−0)', (g, x) => g.do('add', x, g.like(x, -0))],
    ['a cast to its own dtype', (g, x) => g.op('cast', { dtype: 'float32' }, x)],
    ['a stopped gradient', (g, x) => g.do('stopGradient', x)],
    ['a reshape to its own shape', (g, x) => g.reshape(g.reshape(x, [6]), [2, 3])],
    ['a transpose and back', (g, x) => g.transpose(g.transpose(x, [1, 0]), [1, 0])],
    ['a whole slice', (g, x) => g.op('slice', { start: [0, 0], limit: [2, 3], stride: [1, 1] }, x)],
    ['padding by nothing', (g, x) => g.op('pad', { low: [0, 0], high: [0, 0], interior: [0, 0] }, x, g.constant(1))],
    ['a choice that is known', (g, x) => g.do('select', g.spread(g.constant(1, 'bool'), [2, 3]), x, g.do('exp', x))],
    ['a flip of axes of size 1', (g, x) => g.reshape(g.op('flip', { axes: [0] }, g.reshape(x, [1, 6])), [2, 3])],
  ])('%s', (_name, build) => {
    expect(left(build).filter((name) => name !== 'reshape')).toEqual([]);
  });

  test('x + 0 and x − (−0) stay: they lose the sign of −0', () => {
    expect(left((g, x) => g.do('add', x, g.like(x, 0)))).toContain('add');
    expect(left((g, x) => g.do('sub', x, g.like(x, -0)))).toContain('sub');
    expect(left((g, x) => g.do('add', x, g.like(x, 0)), [3], 'int32')).toEqual([]);
  });
});

describe('common nodes', () => {
  test('equal nodes are one; barriers are not', () => {
    const graph = record((g) => {
      const x = g.input([2]);
      const [a] = g.node('barrier', {}, x);
      const [b] = g.node('barrier', {}, x);
      return [g.do('add', g.do('exp', x), g.do('exp', x)), g.do('exp', a!), g.do('exp', b!)];
    });
    expect(namesOf(graph)).toEqual(['barrier', 'barrier', 'exp', 'add', 'exp', 'exp']);
  });

  test('parameters tell nodes apart, −0 from 0 and NaN from null', () => {
    const graph = record((g) => {
      const x = g.input([2]);
      return [0, -0, NaN, Infinity].map((value) => g.do('pow', x, g.like(x, value)));
    });
    expect(namesOf(graph).filter((name) => name === 'const')).toHaveLength(4);
  });

  test('nodes that no output needs are gone, inside of composites too', () => {
    const body = record((g) => {
      const x = g.input([2]);
      return [g.do('exp', x), g.do('sin', x)];
    });
    const graph = record((g) => {
      const x = g.input([2]);
      g.do('cos', x);
      return [g.node('composite', { name: 'pair', params: {}, body, inline: true }, x)[1]!];
    });
    expect(namesOf(graph)).toEqual(['sin']);
  });

  test('what relu stored answers where it was cut', () => {
    const graph = record((g) => {
      const x = g.input([4]);
      const relu = g.do('max', x, g.like(x, 0));
      return [relu, g.do('select', g.do('lt', g.like(x, 0), x), x, g.like(x, 0))];
    });
    const { nodes } = simplified(graph);
    const [max, lt] = [nodes.find((node) => node.primitive === 'max')!, nodes.find((node) => node.primitive === 'lt')!];
    expect(lt.inputs[1]).toBe(max.outputs[0]);
  });
});

describe('constants', () => {
  test('scalar expressions are computed, with the rounding of the dtype', () => {
    const graph = record((g) => {
      const sum = g.do('add', g.constant(0.1), g.constant(0.2));
      return [g.spread(g.do('mul', sum, g.constant(3)), [2])];
    });
    const { nodes } = simplified(graph);
    expect(nodes.map(({ primitive }) => primitive)).toEqual(['const', 'broadcast']);
    expect(nodes[0]!.params).toMatchObject({
      value: Math.fround(Math.fround(Math.fround(0.1) + Math.fround(0.2)) * 3),
    });
  });

  test('folding leaves to the device what devices may do in their own way', () => {
    expect(fold('exp', [1], 'float32', 'float32')).toBeUndefined();
    expect(fold('add', [2147483647, 1], 'int32', 'int32')).toBeUndefined();
    expect(fold('cast', [300], 'float32', 'uint8')).toBeUndefined();
    expect(fold('cast', [2.5], 'float32', 'int32')).toBeUndefined();
    expect(fold('div', [1, 2], 'int32', 'int32')).toBeUndefined();
    expect(fold('neg', [0], 'float32', 'float32')).toBe(-0);
    expect(fold('neg', [0], 'int32', 'int32')).toBe(0);
    expect(fold('lt', [1, 2], 'int32', 'bool')).toBe(1);
    expect(fold('select', [0, 1, 2], 'int32', 'int32')).toBe(2);
    expect(fold('max', [NaN, 1], 'float32', 'float32')).toBeNaN();
  });

  test('folding rounds to the dtype, of 16 bits too', () => {
    expect(fold('add', [2048, 1], 'float16', 'float16')).toBe(2048);
    expect(fold('add', [256, 1], 'bfloat16', 'bfloat16')).toBe(256);
    expect(fold('div', [1, 3], 'float16', 'float16')).toBe(0.333251953125);
    expect(fold('cast', [65520], 'float32', 'float16')).toBe(Infinity);
  });

  test('folding over nothing is a constant', () => {
    const graph = record((g) => {
      const x = g.input([3, 0]);
      return [g.sum(x, [1]), g.matmul(x, g.reshape(x, [0, 3]))];
    });
    expect(new Set(namesOf(graph))).toEqual(new Set(['const', 'broadcast']));
  });
});
