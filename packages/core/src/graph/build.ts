/** From recorded nodes to a Graph: canonical numbering in the order of recording, and the key that goes with it. */
import type { Node, Value } from '../node.js';
import { sameShape } from '../shape.js';
import type { Graph, GraphInput, GraphNode, Type } from './graph.js';
import { paramsKey } from './key.js';

/** Recorded nodes whose values are numbered as a graph's are: all that a graph says, not yet written down. */
export interface Numbered {
  readonly nodes: readonly Node[];
  readonly leaves: readonly Value[];
  /** Numbers of the inputs of all nodes, one node after the other. */
  readonly operands: readonly number[];
  readonly outputs: readonly number[];
  /** Alike for what makes the same graph, and seldom for anything else. */
  readonly hash: number;
}

/**
 * The graph of everything that `outputs` need. `known` leaves come first, whether used or not; others are found where
 * `isLeaf` says so, in order of first use.
 */
export function buildGraph(
  outputs: readonly Value[],
  known: readonly Value[],
  isLeaf: (value: Value) => boolean,
): Graph {
  const isKnown = new Set<Value>(known);
  const stops = (value: Value): boolean => isKnown.has(value) || isLeaf(value);
  return writeGraph(numberNodes(nodesBelow(outputs, stops), outputs, known, stops));
}

let walks = 0;

/** The nodes that values depend on, down to the stops, in the order of recording. Iterative: depth does not matter. */
export function nodesBelow(values: readonly Value[], stops: (value: Value) => boolean): Node[] {
  const walk = ++walks;
  const found: Node[] = [];
  const visit = (value: Value): void => {
    const { node } = value;
    if (node.walk === walk || stops(value)) return;
    node.walk = walk;
    found.push(node);
  };
  values.forEach(visit);
  // It grows meanwhile.
  for (const { inputs } of found) for (let i = 0; i < inputs.length; i++) visit(inputs[i]!);
  return found.sort((a, b) => a.id - b.id);
}

/** Numbers the values of nodes (in the order of recording) and of their leaves: leaves first, then output by output. */
export function numberNodes(
  nodes: readonly Node[],
  outputs: readonly Value[],
  known: readonly Value[],
  isLeaf: (value: Value) => boolean,
): Numbered {
  const leaves = [...known];
  const numbers = new Map<Value, number>(known.map((value, i) => [value, i]));
  const addLeaf = (value: Value): void => {
    if (isLeaf(value) && !numbers.has(value)) numbers.set(value, leaves.push(value) - 1);
  };
  for (const { inputs } of nodes) for (let i = 0; i < inputs.length; i++) addLeaf(inputs[i]!);
  outputs.forEach(addLeaf);
  // Outputs of a node that are leaves have their numbers as such; where the node is, they are computed anew, unused.
  const numberOf = (value: Value): number => numbers.get(value) ?? value.node.place + value.index;
  const operands: number[] = [];
  let next = leaves.length;
  let hash = next;
  const mix = (n: number): void => {
    hash = (Math.imul(hash, 31) + n) | 0;
  };
  for (const node of nodes) {
    const { inputs } = node;
    mix(node.primitive.charCodeAt(0) + node.primitive.charCodeAt(node.primitive.length - 1));
    for (let i = 0; i < inputs.length; i++) {
      const number = numberOf(inputs[i]!);
      operands.push(number);
      mix(number);
    }
    for (const size of node.outputs[0]!.type.shape) mix(size);
    node.place = next;
    next += node.outputs.length;
  }
  const given = outputs.map(numberOf);
  given.forEach(mix);
  return { nodes, leaves, operands, outputs: given, hash };
}

/** True when writing the nodes down would give this very graph, scopes included. */
export function isGraphOf(graph: Graph, { nodes, leaves, operands, outputs }: Numbered): boolean {
  let at = 0;
  return (
    graph.nodes.length === nodes.length &&
    graph.inputs.length === leaves.length &&
    sameShape(graph.outputs, outputs) &&
    leaves.every(({ type, host }, i) => {
      const { shape, dtype } = graph.types[i]!;
      return (
        (typeof host === 'number') === graph.inputs[i]!.scalar && type.dtype === dtype && sameShape(type.shape, shape)
      );
    }) &&
    nodes.every(({ primitive, params, scope, inputs }, i) => {
      const known = graph.nodes[i]!;
      return (
        primitive === known.primitive &&
        scope === known.scope &&
        inputs.length === known.inputs.length &&
        (params === known.params || paramsKey(params) === paramsKey(known.params)) &&
        known.inputs.every((number) => number === operands[at++])
      );
    })
  );
}

/** The graph of numbered nodes, with its key. */
export function writeGraph({ nodes, leaves, operands, outputs }: Numbered): Graph {
  const types: Type[] = leaves.map(({ type }) => type);
  const inputs = leaves.map(({ host }): GraphInput => ({ scalar: typeof host === 'number' }));
  const key = types.map((type, i) => `${inputs[i]!.scalar ? 's' : 'i'}:${typeKey(type)}`);
  let at = 0;
  const written = nodes.map((node): GraphNode => {
    const { primitive, definition, params, scope, stack } = node;
    const own = operands.slice(at, (at += node.inputs.length));
    key.push(`${primitive}${paramsKey(params)}(${own.join(',')})`);
    return {
      primitive,
      form: definition,
      params,
      inputs: own,
      outputs: node.outputs.map(({ type }) => types.push(type) - 1),
      scope,
      stack,
    } as GraphNode;
  });
  key.push(`>${outputs.join(',')}`);
  return { key: key.join(';'), inputs, types, nodes: written, outputs };
}

function typeKey({ shape, dtype }: Type): string {
  return `${dtype}[${shape.join(',')}]`;
}
