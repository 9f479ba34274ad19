/** The reverse walk: from cotangents of some values to cotangents of the values they were computed from. */
import { isFloat } from '../dtype.js';
import { nodesBelow } from '../graph/build.js';
import { currentScope, recordedBy } from '../jit/trace.js';
import * as lax from '../lax.js';
import { isLeaf, type Node, type Value } from '../node.js';
import { none } from '../primitives/form.js';

/**
 * Cotangents of `inputs`, given those of `outputs` (null: none). The result has null where an input has no influence.
 * Everything is recorded, so the result can be differentiated again. Iterative: depth does not matter.
 */
export function backward(
  outputs: readonly Value[],
  cotangents: readonly (Value | null)[],
  inputs: readonly Value[],
): (Value | null)[] {
  const first = Math.min(...inputs.map((value) => value.node.id));
  const targets = new Set<Value>(inputs);
  // Nothing recorded before the first input can depend on it.
  const below = nodesBelow(outputs, (value) => value.node.id < first || isLeaf(value) || targets.has(value));
  const active = new Set<Value>(inputs);
  const path: Node[] = [];
  for (const node of below) {
    if (node.definition === null || node.definition.vjp === none) continue;
    if (!node.inputs.some((value) => active.has(value))) continue;
    const reached = node.outputs.filter((value) => isFloat(value.type.dtype));
    if (reached.length === 0) continue;
    for (const value of reached) active.add(value);
    path.push(node);
  }
  const sums = new Map<Value, Value>();
  const accumulate = (value: Value, cotangent: Value): void => {
    const sum = sums.get(value);
    sums.set(value, sum === undefined ? cotangent : lax.add(sum, cotangent));
  };
  outputs.forEach((value, i) => {
    const cotangent = cotangents[i] ?? null;
    if (cotangent !== null && active.has(value)) accumulate(value, cotangent);
  });
  for (let node = path.pop(); node !== undefined; node = path.pop()) {
    const incoming = node.outputs.map((value) => sums.get(value) ?? null);
    if (incoming.every((cotangent) => cotangent === null)) continue;
    for (const value of node.outputs) if (!targets.has(value)) sums.delete(value);
    const { definition, params, scope, stack } = node;
    const wanted = node.inputs.map((value) => active.has(value));
    const context = { inputs: node.inputs, outputs: node.outputs, cotangents: incoming, params, wanted, backward };
    const given = recordedBy({ scope: scope || currentScope(), stack }, () => definition!.vjp(context));
    node.inputs.forEach((value, i) => {
      const cotangent = given[i] ?? null;
      if (wanted[i] === true && cotangent !== null) accumulate(value, cotangent);
    });
  }
  return inputs.map((value) => sums.get(value) ?? null);
}
