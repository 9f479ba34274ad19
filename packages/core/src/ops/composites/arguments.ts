/** Where extrema are. */
import * as lax from '../../lax.js';
import { otherAxes } from '../../shape.js';
import type { Composite } from './composite.js';

/** Position of the first largest or smallest entry of an axis, int32; a NaN is more extreme than any number. */
export const argReduce: Composite<{ readonly op: 'max' | 'min'; readonly axis: number }> = {
  name: 'argReduce',
  inline: false,
  decompose: ([x], { op, axis }) => {
    const { shape } = x!.type;
    const kept = otherAxes(shape.length, [axis]);
    const best = lax.broadcast(lax.reduce(op, x!, [axis]), shape, kept);
    const index = lax.broadcast(lax.iota(shape[axis]!, 'int32'), shape, [axis]);
    // Where NaN is the extremum nothing equals it, but it differs from itself.
    const isBest = lax.or(lax.eq(x!, best), lax.ne(x!, x!));
    return [lax.reduce('min', lax.select(isBest, index, lax.fill(index.type, shape[axis]!)), [axis])];
  },
};
