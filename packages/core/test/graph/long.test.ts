/** Long graphs lower in time that grows with their length, and in kernels that stay small. */
import { describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { lower, type Graph } from '@antler/core';
import { record, type Recorder } from './recorder.js';

const js = createJsBackend();

/** Milliseconds of computing: far below what anything quadratic takes, far above what is needed. */
const limit = 20_000;

/** Number of kernels. */
function kernelsOf(graph: Graph, fuse: boolean): number {
  const start = process.cpuUsage();
  const { kernels } = lower(graph, { target: js, fuse, donate: [] });
  // Of this process's own, whatever else the machine is doing.
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(limit);
  const longest = kernels.reduce((most, kernel) => Math.max(most, kernel.kind === 'loop' ? kernel.body.length : 0), 0);
  expect(longest).toBeLessThan(1200);
  return kernels.length;
}

function chain(length: number, shape: readonly number[], link: (g: Recorder, x: number, i: number) => number): Graph {
  return record((g) => {
    let x = g.input(shape);
    for (let i = 0; i < length; i++) x = link(g, x, i);
    return [x];
  });
}

test('a chain of 100,000 nodes', () => {
  const graph = chain(100_000, [4], (g, x) => g.do('sin', x));
  // 64 instructions an expression, 16 expressions a kernel.
  expect(kernelsOf(graph, true)).toBe(98);
  expect(kernelsOf(graph, false)).toBe(100_000);
}, 120_000);

describe('chains of 10,000 nodes', () => {
  const chains: Readonly<Record<string, (g: Recorder, x: number, i: number) => number>> = {
    'that read each value twice': (g, x) => g.do('mul', x, x),
    'of views': (g, x) => g.op('flip', { axes: [0] }, x),
    'of views between operations': (g, x, i) => (i % 2 === 0 ? g.transpose(x, [1, 0]) : g.do('neg', x)),
    'of sums and repetitions': (g, x, i) => (i % 2 === 0 ? g.sum(x, [0]) : g.spread(x, [3, 3])),
    'of products': (g, x) => g.matmul(x, x),
    'of barriers': (g, x) => g.node('barrier', {}, x, x)[1]!,
    'of padding and cutting': (g, x, i) =>
      i % 2 === 0
        ? g.op('pad', { low: [1, 0], high: [0, 0], interior: [0, 0] }, x, g.constant(0))
        : g.op('slice', { start: [1, 0], limit: [4, 3], stride: [1, 1] }, x),
  };
  for (const [name, link] of Object.entries(chains)) {
    test(
      name,
      () => {
        const graph = chain(10_000, [3, 3], link);
        expect(kernelsOf(graph, true)).toBeLessThanOrEqual(kernelsOf(graph, false));
      },
      2 * limit,
    );
  }
});

test('20,000 terms of one input', () => {
  const graph = record((g) => {
    const x = g.input([4]);
    let sum = x;
    for (let i = 0; i < 20_000; i++) sum = g.do('add', sum, g.do('sin', g.do('mul', x, g.like(x, i))));
    return [sum];
  });
  expect(kernelsOf(graph, true)).toBeLessThan(200);
}, 60_000);

test('3,000 outputs of one input', () => {
  const graph = record((g) => {
    const x = g.input([4]);
    return Array.from({ length: 3000 }, (_, i) => g.do('add', x, g.like(x, i + 1)));
  });
  expect(kernelsOf(graph, true)).toBe(Math.ceil(3000 / 16));
}, 60_000);
