/** Gradients of graphs inside of primitives. */
import { bind } from '../bind.js';
import type { Graph } from '../graph/graph.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import type { Backward } from '../primitives/form.js';

/** Records a graph on inputs and walks back through it. */
export function differentiate(
  body: Graph,
  inputs: readonly Value[],
  cotangents: readonly (Value | null)[],
  wanted: readonly boolean[],
  backward: Backward,
): (Value | null)[] {
  const own = inputs.map((value, i) => (wanted[i] ? alias(value) : value));
  const outputs = lax.inline(body, own);
  const targets = own.filter((_, i) => wanted[i]);
  const given = backward(outputs, cotangents, targets);
  let next = 0;
  return inputs.map((_, i) => (wanted[i] ? given[next++]! : null));
}

/** The same value under a node of its own, so that its uses inside a function can be told from others. */
export function alias(value: Value): Value {
  return bind('grad', lax.reshapePrimitive, [value], { shape: value.type.shape })[0]!;
}
