/** Element-wise composites: they dissolve in the loop around them, only their gradient is their own. */
import * as lax from '../../lax.js';
import type { Composite } from './composite.js';
import { like } from './rows.js';

/** max(x, 0); its gradient passes where x > 0. */
export const relu: Composite = {
  name: 'relu',
  inline: true,
  decompose: ([x]) => [lax.max(x!, like(x!, 0))],
  vjp: ({ inputs: [x], cotangents: [g] }) => {
    const zero = like(x!, 0);
    return [lax.select(lax.lt(zero, x!), g!, zero)];
  },
};

/** The inverse of sinh: an odd function, written on |x| so that it is exact near 0 and does not overflow. */
export const arcsinh: Composite = {
  name: 'arcsinh',
  inline: true,
  decompose: ([x]) => {
    const size = lax.abs(x!);
    const one = like(x!, 1);
    const isLarge = lax.lt(like(x!, 1e9), size);
    const inner = lax.select(isLarge, one, size);
    const square = lax.mul(inner, inner);
    const small = lax.log1p(lax.add(inner, lax.div(square, lax.add(one, lax.sqrt(lax.add(square, one))))));
    const large = lax.add(lax.log(lax.max(size, one)), like(x!, Math.LN2));
    const negative = lax.lt(x!, like(x!, 0));
    const y = lax.select(isLarge, large, small);
    return [lax.select(negative, lax.neg(y), y)];
  },
  vjp: ({ inputs: [x], cotangents: [g] }) => [lax.div(g!, lax.sqrt(lax.add(lax.mul(x!, x!), like(x!, 1))))],
};
