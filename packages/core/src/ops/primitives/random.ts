/** Random bits: one opcode. */
import { bindOne } from '../../bind.js';
import { NO_PARAMS, type Value } from '../../node.js';
import { elementwise } from '../../primitives/elementwise.js';
import { define, none, type PrimitiveDefinition } from '../../primitives/form.js';

/** The primitive `random`. */
export const randomPrimitive: PrimitiveDefinition<'random'> = /* @__PURE__ */ define(elementwise('random'), none);

/** First Threefry word for key (a, b) and counter (c, d), all uint32 of one shape. */
export function randomBits(a: Value, b: Value, c: Value, d: Value): Value {
  return bindOne('random', randomPrimitive, [a, b, c, d], NO_PARAMS);
}
