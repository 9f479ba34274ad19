/** From recorded nodes to a Graph: canonical numbering in the order of recording, and the key that goes with it. */
import type { Node, Value } from '../node.js';
import type { Graph, GraphInput, GraphNode, Type } from './graph.js';
import { paramsKey } from './key.js';

/** A graph and the values that its inputs stand for. */
export interface Built {
  readonly graph: Graph;
  readonly leaves: readonly Value[];
}

/**
 * Numbers everything that `outputs` need. `known` leaves come first, whether used or not; others are found where `isLeaf`
 * says so, in order of first use. Iterative: depth does not matter.
 */
export function buildGraph(
  outputs: readonly Value[],
  known: readonly Value[],
  isLeaf: (value: Value) => boolean,
): Built {
  const leaves = [...known];
  const isKnown = new Set<Value>(known);
  const stops = (value: Value): boolean => isKnown.has(value) || isLeaf(value);
  const nodes = nodesBelow(outputs, stops);
  const addLeaf = (value: Value): void => {
    if (isKnown.has(value) || !isLeaf(value)) return;
    isKnown.add(value);
    leaves.push(value);
  };
  for (const node of nodes) node.inputs.forEach(addLeaf);
  outputs.forEach(addLeaf);

  const numbers = new Map<Value, number>();
  const types: Type[] = [];
  const number = (value: Value): number => {
    const next = types.length;
    numbers.set(value, next);
    types.push(value.type);
    return next;
  };
  leaves.forEach(number);
  const key: string[] = leaves.map(({ type, host }) => `${typeof host === 'number' ? 's' : 'i'}:${typeKey(type)}`);
  const graphNodes = nodes.map((node): GraphNode => {
    const inputs = node.inputs.map((value) => numbers.get(value)!);
    key.push(`${node.primitive}${paramsKey(node.params)}(${inputs.join(',')})`);
    const { primitive, params, scope, stack } = node;
    // The outputs of a node that are leaves already have their numbers as inputs; here they are computed anew, unused.
    const numbered = node.outputs.map((value) => (isKnown.has(value) ? types.push(value.type) - 1 : number(value)));
    return { primitive, params, inputs, outputs: numbered, scope, stack } as GraphNode;
  });
  const outputNumbers = outputs.map((value) => numbers.get(value)!);
  key.push(`>${outputNumbers.join(',')}`);
  const inputs = leaves.map(({ host }): GraphInput => ({ scalar: typeof host === 'number' }));
  return { graph: { key: key.join(';'), inputs, types, nodes: graphNodes, outputs: outputNumbers }, leaves };
}

/** The nodes that values depend on, down to the stops, in the order of recording. */
export function nodesBelow(values: readonly Value[], stops: (value: Value) => boolean): Node[] {
  const seen = new Set<Node>();
  const stack: Node[] = [];
  const visit = (value: Value): void => {
    if (seen.has(value.node) || stops(value)) return;
    seen.add(value.node);
    stack.push(value.node);
  };
  values.forEach(visit);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) node.inputs.forEach(visit);
  return [...seen].sort((a, b) => a.id - b.id);
}

function typeKey({ shape, dtype }: Type): string {
  return `${dtype}[${shape.join(',')}]`;
}
