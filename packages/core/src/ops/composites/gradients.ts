/** Composites that stand for a function of the user's, with a gradient of another kind. */
import type { Graph } from '../../graph/graph.js';
import * as lax from '../../lax.js';
import type { Composite } from './composite.js';

/**
 * Inputs: y, then the inputs that it is a function of, then what the pullback uses. Gives y; its cotangent goes through the
 * pullback alone, a graph of what it uses and of the cotangent.
 */
export const customGradient: Composite<{ readonly pullback: Graph; readonly inputs: number }> = {
  name: 'customGradient',
  inline: true,
  decompose: ([y]) => [y!],
  vjp: ({ inputs, cotangents: [g], params }) => {
    const used = inputs.slice(1 + params.inputs);
    return [null, ...lax.inline(params.pullback, [...used, g!]), ...used.map(() => null)];
  },
};

/**
 * A function whose gradient computes its values again. Inputs and cotangents pass a barrier, so that the second computation is
 * not taken for the first one and does not begin before the cotangents are there.
 */
export const checkpoint: Composite = {
  name: 'checkpoint',
  inline: true,
  decompose: (inputs) => inputs,
  vjp: ({ inputs, cotangents, again }) => {
    const held = lax.barrier([...inputs, ...cotangents.filter((g) => g !== null)]);
    let next = inputs.length;
    return again(
      held.slice(0, inputs.length),
      cotangents.map((g) => (g === null ? null : held[next++]!)),
    );
  },
};
