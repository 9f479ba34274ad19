/** Graphs and programs print themselves. */
import { expect, test } from '@jest/globals';
import { graphToMermaid, printGraph, printProgram, programToMermaid } from '../../src/graph/print.js';
import { record } from './recorder.js';
import { lowered } from './run.js';

const graph = record((g) => {
  const [x, w, rate, indices] = [g.input([4, 3]), g.input([3, 5]), g.scalar(), g.input([2, 1], 'int32')];
  g.scope = 'net/dense';
  const z = g.matmul(x, w);
  g.scope = 'net/head';
  const scaled = g.do('mul', z, g.spread(rate, [4, 5]));
  const rows = g.op('gather', { batch: 0 }, scaled, indices);
  return [g.sum(g.do('cos', rows), [0]), w];
});

test('a graph', () => {
  expect(printGraph(graph)).toBe(
    `
graph (%0 float32[4, 3], %1 float32[3, 5], %2 scalar float32[], %3 int32[2, 1]) → %9, %1
  %4 = dot float32[4, 5] %0 %1 {contract: [[1], [0]], batch: [[], []]}  # net/dense
  %5 = broadcast float32[4, 5] %2 {shape: [4, 5], axes: []}  # net/head
  %6 = mul float32[4, 5] %4 %5  # net/head
  %7 = gather float32[2, 5] %6 %3 {batch: 0}  # net/head
  %8 = cos float32[2, 5] %7  # net/head
  %9 = reduce float32[5] %8 {op: sum, axes: [0]}  # net/head
`.trim(),
  );
});

test('a program', () => {
  expect(printProgram(lowered(graph))).toBe(
    `
program: 4 kernels, 8 slots, 120 temporary bytes
  s0 input 48, s1 input 60, s2 input 8, s3 output 20, s4 output 60, s5 output 8, s6 temp 80, s7 temp 40
  scalars c0 float32
  faults in s5
  0 loop [15] s4 = s1
  1 dot [4]×[5]×[3] s6 = (s0 · s1) · c0  # net/dense, net/head
  2 gather s7 = s6[s2]  # net/head
  3 loop [5 | 2] s3{1, 0} = sum(cos(s7{1, 5}))  # net/head
`.trim(),
  );
});

test('graphs and kernels inside of others are indented', () => {
  const body = record((g) => {
    const [carry, x] = [g.input([2]), g.input([2])];
    return [g.do('add', carry, x)];
  });
  const cumulated = record((g) => {
    const [start, xs] = [g.input([2]), g.input([7, 2])];
    return [g.node('scan', { body, length: 7, carries: 1, sequences: 1, reverse: true }, start, xs)[0]!];
  });
  expect(printGraph(cumulated).split('\n').slice(1)).toEqual([
    '  %2, %3 = scan float32[2], float32[7, 2] %0 %1 {length: 7, carries: 1, sequences: 1, reverse: true}',
    '    graph (%0 float32[2], %1 float32[2]) → %2',
    '      %2 = add float32[2] %0 %1',
  ]);
  expect(printProgram(lowered(cumulated)).split('\n').slice(2)).toEqual([
    '  0 loop [2] s2 = s0',
    '  1 repeat 7',
    '    0 loop [2] s2 = s2 + s1+12+-2·t0',
  ]);
});

test('flowcharts name layers, operations and what flows', () => {
  const chart = graphToMermaid(graph);
  expect(chart.split('\n')[0]).toBe('flowchart TD');
  expect(chart).toContain('subgraph layer0 ["net/dense"]\n    n0["dot float32[4, 5]"]\n  end');
  expect(chart).toContain('  i0 --> n0');
  expect(chart).toContain('  n5 --> o0');
  const program = programToMermaid(lowered(graph));
  expect(program).toContain('subgraph layer1 ["net/dense"]\n    k1["1 dot"]');
  expect(program).toContain('  k1 -->|s6| k2');
  expect(program).toContain('  k3 --> o3');
  expect(program).toContain('  s5 --> o5');
});
