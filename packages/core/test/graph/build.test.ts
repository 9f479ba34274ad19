/** What is recorded is taken for a known graph only if writing it down would give that very graph. */
import { describe, expect, test } from '@jest/globals';
import type { DType } from '@antler/core';
import { isGraphOf, nodesBelow, numberNodes, writeGraph, type Numbered } from '../../src/graph/build.js';
import * as lax from '../../src/lax.js';
import { sort } from '../../src/ops/primitives/ordering.js';
import { withScope } from '../../src/jit/trace.js';
import { isLeaf, leaf, type Value } from '../../src/node.js';

function input(shape: readonly number[] = [3, 3], dtype: DType = 'float32', host: number | null = null): Value {
  const value = leaf({ shape, dtype }, null);
  value.host = host;
  return value;
}

const numbered = (...outputs: readonly Value[]): Numbered =>
  numberNodes(nodesBelow(outputs, isLeaf), outputs, [], isLeaf);

type Build = () => readonly Value[];

const sum: Build = () => [lax.sum(lax.sub(input(), input()), [0])];

describe('a graph is recognized', () => {
  test.each<[string, Build]>([
    ['a difference and its sum', sum],
    ['minus zero', () => [lax.scalar(-0, 'float32')]],
    ['a number of the run', () => [lax.add(input([], 'float32', 1), input([], 'float32', 2))]],
    ['several outputs of a node', () => [sort([input(), input()], 0)[1]!]],
  ])('%s', (_name, build) => {
    const [one, other] = [numbered(...build()), numbered(...build())];
    expect(isGraphOf(writeGraph(one), other)).toBe(true);
    expect(writeGraph(other)).toEqual(writeGraph(one));
    expect(other.hash).toBe(one.hash);
  });
});

describe('a graph is told from one with', () => {
  const same = input();
  test.each<[string, Build, Build]>([
    ['another primitive', sum, () => [lax.sum(lax.add(input(), input()), [0])]],
    ['other parameters', sum, () => [lax.sum(lax.sub(input(), input()), [1])]],
    ['zero instead of minus zero', () => [lax.scalar(-0, 'float32')], () => [lax.scalar(0, 'float32')]],
    ['one leaf instead of two', sum, () => [lax.sum(lax.sub(same, same), [0])]],
    ['another shape', sum, () => [lax.sum(lax.sub(input([3, 4]), input([3, 4])), [0])]],
    ['another dtype', sum, () => [lax.sum(lax.sub(input([3, 3], 'int32'), input([3, 3], 'int32')), [0])]],
    ['a number in place of memory', () => [lax.neg(input([]))], () => [lax.neg(input([], 'float32', 1))]],
    ['another scope', sum, () => withScope('layer', sum)],
    ['more outputs', sum, () => [...sum(), ...sum()]],
    [
      'operands in another order',
      () => [lax.sub(lax.neg(same), lax.exp(same))],
      () => {
        const [a, b] = [lax.neg(same), lax.exp(same)];
        return [lax.sub(b, a)];
      },
    ],
    ['another output of a node', () => [sort([input(), input()], 0)[1]!], () => [sort([input(), input()], 0)[0]!]],
  ])('%s', (_name, build, other) => {
    expect(isGraphOf(writeGraph(numbered(...build())), numbered(...other()))).toBe(false);
  });
});
