/** Looking at what was recorded: the graph that a tensor would be computed by. */
import { buildGraph } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import { stops } from '../runtime/window.js';
import type { Tensor } from '../tensor.js';

/**
 * The graph that computes tensors from what is already there; nothing is run. For a function compiled with `jit`, ask
 * `f.graph(...args)` instead.
 * @example console.log(printGraph(graphOf(relu(x.matmul(w)))))
 */
export function graphOf(...tensors: readonly Tensor[]): Graph {
  const values = tensors.map((tensor) => tensor.handle);
  return buildGraph(values, [], stops);
}
