/** Element-wise composites: they dissolve in the loop around them, only their gradient is their own. */
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
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

/** √(2 / π) · (x + 0.044715 x³): where tanh has about the shape of erf. */
function curved(x: Value): Value {
  const cube = lax.mul(lax.mul(x, x), x);
  return lax.mul(lax.add(x, lax.mul(cube, like(x, 0.044715))), like(x, Math.sqrt(2 / Math.PI)));
}

/** The distribution function of the standard normal, as half of 1 + erf (or tanh). */
const half = (x: Value, bend: Value): Value => lax.mul(lax.add(bend, like(x, 1)), like(x, 0.5));

/**
 * x · Φ(x), with Φ by erf or by tanh. The gradient Φ(x) + x · φ(x) is written on −x, so that it shares nothing with the value
 * but x itself, and x alone is kept until then.
 */
export const gelu: Composite<{ readonly approximate: boolean }> = {
  name: 'gelu',
  inline: true,
  decompose: ([x], { approximate }) => {
    const bend = approximate ? lax.tanh(curved(x!)) : lax.erf(lax.mul(x!, like(x!, Math.SQRT1_2)));
    return [lax.mul(x!, half(x!, bend))];
  },
  vjp: ({ inputs: [x], cotangents: [g], params: { approximate } }) => {
    const other = lax.neg(x!);
    if (!approximate) {
      const bend = lax.neg(lax.erf(lax.mul(other, like(x!, Math.SQRT1_2))));
      const density = lax.mul(
        lax.exp(lax.mul(lax.mul(x!, other), like(x!, 0.5))),
        like(x!, 1 / Math.sqrt(2 * Math.PI)),
      );
      return [lax.mul(g!, lax.add(half(x!, bend), lax.mul(x!, density)))];
    }
    const bend = lax.neg(lax.tanh(curved(other)));
    const steep = lax.mul(
      lax.add(lax.mul(lax.mul(x!, x!), like(x!, 3 * 0.044715)), like(x!, 1)),
      like(x!, Math.sqrt(2 / Math.PI)),
    );
    const density = lax.mul(lax.mul(lax.sub(like(x!, 1), lax.mul(bend, bend)), steep), like(x!, 0.5));
    return [lax.mul(g!, lax.add(half(x!, bend), lax.mul(x!, density)))];
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
