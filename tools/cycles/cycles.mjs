// Finds cycles in a directed graph: a shortest one through each strongly connected component.

/**
 * One cycle per group of nodes that reach each other, as its nodes in order, without the first repeated at the end.
 * A graph is without cycles exactly if the result is empty.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @returns {string[][]}
 */
export function findCycles(graph) {
  return components(graph).flatMap((component) => {
    const [first] = component;
    const inside = new Set(component);
    return first === undefined ? [] : (shortestWayBack(graph, first, inside) ?? []);
  });
}

/**
 * Strongly connected components (Tarjan 1972), with a stack of its own, since imports may run deep.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @returns {string[][]}
 */
function components(graph) {
  /** @type {Map<string, { order: number, low: number, open: boolean }>} */
  const seen = new Map();
  /** @type {string[]} */
  const open = [];
  /** @type {string[][]} */
  const found = [];
  for (const root of graph.keys()) {
    if (seen.has(root)) continue;
    const walk = [enter(root)];
    for (let step = walk.at(-1); step !== undefined; step = walk.at(-1)) {
      const { node, state, rest } = step;
      const next = rest.pop();
      if (next !== undefined) {
        const known = seen.get(next);
        if (known === undefined) walk.push(enter(next));
        else if (known.open) state.low = Math.min(state.low, known.order);
        continue;
      }
      walk.pop();
      const parent = walk.at(-1)?.state;
      if (parent !== undefined) parent.low = Math.min(parent.low, state.low);
      if (state.low !== state.order) continue;
      const component = open.splice(open.lastIndexOf(node));
      for (const member of component) {
        const memberState = seen.get(member);
        if (memberState !== undefined) memberState.open = false;
      }
      found.push(component);
    }
  }
  return found;

  /** @param {string} node */
  function enter(node) {
    const state = { order: seen.size, low: seen.size, open: true };
    seen.set(node, state);
    open.push(node);
    return { node, state, rest: [...(graph.get(node) ?? [])] };
  }
}

/**
 * Breadth-first search from a node to itself within a component.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @param {string} start
 * @param {ReadonlySet<string>} inside
 * @returns {[string[]] | undefined} the cycle, wrapped so that it can be spread; undefined if there is none
 */
function shortestWayBack(graph, start, inside) {
  /** @type {Map<string, string>} */
  const cameFrom = new Map();
  const queue = [start];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const cycle = [node];
        for (let at = cameFrom.get(node); at !== undefined; at = cameFrom.get(at)) cycle.unshift(at);
        return [cycle];
      }
      if (!inside.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
}
