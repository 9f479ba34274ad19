/** Long graphs lower in time that grows with their length, and in kernels that stay small. */
import { describe, expect, test } from '@jest/globals';
import type { Graph } from '@antler/core';
import { record } from './recorder.js';
import { lowered } from './run.js';

const length = Number(process.env['LEN'] ?? 100_000);

function timed(graph: Graph, fuse: boolean): number {
  const start = performance.now();
  const { kernels } = lowered(graph, { fuse });
  const elapsed = performance.now() - start;
  console.log(elapsed, kernels.length);
  expect(elapsed).toBeLessThan(10_000);
  const longest = Math.max(...kernels.map((kernel) => (kernel.kind === 'loop' ? kernel.body.length : 0)));
  expect(longest).toBeLessThan(1200);
  return kernels.length;
}

const chain = (
  build: (g: Parameters<Parameters<typeof record>[0]>[0], x: number, i: number) => number,
  shape: number[],
): Graph =>
  record((g) => {
    let x = g.input(shape);
    for (let i = 0; i < length; i++) x = build(g, x, i);
    return [x];
  });

describe('a chain of 100,000 nodes', () => {
  const chains = {
    'of one operation': chain((g, x) => g.do('sin', x), [4]),
    'of scalars': chain((g, x) => g.do('sin', x), []),
    'that reads each value twice': chain((g, x) => g.do('mul', x, x), [4]),
    'of views': chain((g, x) => g.op('flip', { axes: [0] }, x), [4]),
    'of views between operations': chain((g, x, i) => (i % 2 === 0 ? g.transpose(x, [1, 0]) : g.do('neg', x)), [4, 3]),
    'of reductions': chain((g, x, i) => (i % 2 === 0 ? g.sum(x, [0]) : g.spread(x, [4, 3])), [4, 3]),
    'of products': chain((g, x) => g.matmul(x, x), [2, 2]),
  };
  for (const [name, graph] of Object.entries(chains)) {
    test(`${name}, fused`, () => {
      expect(timed(graph, true)).toBeLessThanOrEqual(length);
    }, 60_000);
    test(`${name}, in tier 0`, () => {
      expect(timed(graph, false)).toBeLessThanOrEqual(length);
    }, 60_000);
  }
});

describe('100,000 values', () => {
  test('that all read one input', () => {
    const graph = record((g) => {
      const x = g.input([4]);
      let sum = x;
      for (let i = 0; i < length / 2; i++) sum = g.do('add', sum, g.do('sin', g.do('mul', x, g.like(x, i))));
      return [sum];
    });
    timed(graph, true);
    timed(graph, false);
  }, 60_000);

  test('that are all outputs', () => {
    const graph = record((g) => {
      const x = g.input([4]);
      return Array.from({ length: 3000 }, (_, i) => g.do('add', x, g.like(x, i)));
    });
    expect(timed(graph, true)).toBeLessThan(1000);
    timed(graph, false);
  }, 60_000);
});
