/** Gradients of convolution and of sliding windows: each map of a convolution has the two others. */
import { composite } from '../ops/composites/composite.js';
import { unwindow } from '../ops/composites/pooling.js';
import { convRoles, type ConvMap } from '../convolution.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import type { VjpRule } from './rules.js';

/** The cotangent takes the place of the result; the map to an operand gives its cotangent. */
export const convRule: VjpRule<'conv'> = ({ inputs, cotangents, params, wanted }) => {
  const [a, b] = convRoles[params.map];
  const known = { [a]: inputs[0]!, [b]: inputs[1]!, [params.map]: cotangents[0]! } as Record<ConvMap, Value>;
  const to = (map: ConvMap): Value => {
    const [left, right] = convRoles[map];
    return lax.conv(known[left], known[right], { ...params, map });
  };
  return [wanted[0] ? to(a) : null, wanted[1] ? to(b) : null];
};

/** Every element gets the sum over the windows that show it. */
export const windowRule: VjpRule<'window'> = ({ inputs, cotangents, params }) =>
  composite(unwindow, [cotangents[0]!], { ...params, shape: inputs[0]!.type.shape });
