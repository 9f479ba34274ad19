/** The calls that make some outputs, in order, and their layers by their distance from the outputs, as Keras lists them. */
import { type AnyLayer, type SymbolicCall, type SymbolicTensor, asList } from './symbolic.js';

/** A graph of layers, sorted. */
export interface Topology {
  /** Each call after those whose results it takes. */
  readonly calls: readonly SymbolicCall[];
  /** Each layer once: the farthest from the outputs first, of equals the one that was met first. */
  readonly layers: readonly AnyLayer[];
}

/** Sorts all calls that outputs depend on. */
export function sortCalls(outputs: readonly SymbolicTensor[]): Topology {
  const calls: SymbolicCall[] = [];
  const met = new Map<AnyLayer, number>();
  const seen = new Set<SymbolicCall>();
  // Depth first, with a stack of one's own: a call is finished when all of its inputs are.
  for (const { origin } of outputs) {
    const open: { readonly call: SymbolicCall; next: number }[] = [];
    const enter = (call: SymbolicCall): void => {
      if (seen.has(call)) return;
      seen.add(call);
      if (!met.has(call.layer)) met.set(call.layer, met.size);
      open.push({ call, next: 0 });
    };
    enter(origin);
    while (open.length > 0) {
      const top = open.at(-1)!;
      const input = asList(top.call.inputs)[top.next++];
      if (input !== undefined) enter(input.origin);
      else calls.push(open.pop()!.call);
    }
  }
  const depths = layerDepths(calls);
  const layers = [...met.keys()].sort((a, b) => depths.get(b)! - depths.get(a)! || met.get(a)! - met.get(b)!);
  return { calls, layers };
}

/** Longest distance of each layer from the outputs. */
function layerDepths(calls: readonly SymbolicCall[]): ReadonlyMap<AnyLayer, number> {
  const ofCall = new Map<SymbolicCall, number>();
  const ofLayer = new Map<AnyLayer, number>();
  for (const call of [...calls].reverse()) {
    const depth = Math.max(ofCall.get(call) ?? 0, ofLayer.get(call.layer) ?? 0);
    ofCall.set(call, depth);
    ofLayer.set(call.layer, depth);
    for (const { origin } of asList(call.inputs)) {
      ofCall.set(origin, Math.max(ofCall.get(origin) ?? 0, depth + 1));
    }
  }
  return ofLayer;
}
