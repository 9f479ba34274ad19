/** Tracing a function on values into a closed Graph: the heart of jit, and the bodies of scans and composites. */
import { buildGraph } from '../graph/build.js';
import type { Graph, Type } from '../graph/graph.js';
import { isLeaf, type Value } from '../node.js';
import { type Cell, Trace, currentFrame, currentTrace, inFrame, lift } from './trace.js';

/** A traced function. Inputs of the graph: captured values, variables, then the arguments. */
export interface TracedGraph {
  readonly graph: Graph;
  /** Values of the surrounding frame that the function used. */
  readonly captures: readonly Value[];
  /** Variables that it read or assigned, when no trace surrounds it (else they are among the captures). */
  readonly variables: readonly Cell[];
  /** Variables that it assigned; their new values are the graph's last outputs, in this order. */
  readonly assigned: readonly Cell[];
}

/** Runs `body` on placeholders of the given types. `seeds`: variables that stand for an argument, by position. */
export function traceGraph(
  name: string,
  types: readonly Type[],
  body: (args: readonly Value[]) => readonly Value[],
  seeds: readonly (readonly [cell: Cell, argument: number])[] = [],
): TracedGraph {
  const trace = new Trace(name);
  const args = types.map((type) => trace.placeholder(type));
  const standIns = new Map(seeds.map(([cell, i]) => [cell, args[i]!]));
  const { result, assigned } = inFrame(name, trace, standIns, () => {
    const results = body(args);
    const values = [...results, ...currentFrame()!.assigned.values()];
    return values.map((value) => lift(name, value));
  });
  const { variables, captures } = trace;
  if (currentTrace() === null) {
    // What is assigned comes in as well, read or not: its memory is overwritten, and kept when the run meets a fault.
    for (const cell of assigned.keys()) if (!standIns.has(cell)) trace.standIn(variables, cell, cell.current.type);
  }
  const graph = buildGraph(result, [...captures.values(), ...variables.values(), ...args], isLeaf);
  return { graph, captures: [...captures.keys()], variables: [...variables.keys()], assigned: [...assigned.keys()] };
}
