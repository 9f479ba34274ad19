/** Gradients of the primitives that accumulate and sort. */
import { bind } from '../bind.js';
import type { Type } from '../graph/graph.js';
import { traceGraph } from '../jit/graph.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import type { CumulateParams } from '../ops/orders.js';
import type { VjpRule } from './rules.js';

/**
 * Each entry's influence is what comes before it times R, the cotangents of what comes after it as far as they feel it:
 * R_i = g_i + k_(i+1)·R_(i+1). For products k is x itself, so zeros need no care; for extrema k is 0 where a new one begins
 * (the first of equal ones), which ends the influence of the old one.
 */
export const cumulateRule: VjpRule<'cumulate'> = ({ inputs, cotangents, params }) => {
  const g = cotangents[0]!;
  const x = inputs[0]!;
  const { op, reverse } = params;
  if (op === 'sum') return [lax.cumulate(g, { ...params, reverse: !reverse })];
  const before = lax.cumulate(x, { ...params, exclusive: true });
  if (op === 'prod') return [lax.mul(before, felt(g, x, params))];
  const isNew = op === 'max' ? lax.lt(before, x) : lax.lt(x, before);
  const begins = lax.cast(isNew, x.type.dtype);
  return [lax.mul(begins, felt(g, lax.sub(lax.fill(x.type, 1), begins), params))];
};

/** R of the formula above: a scan against the direction of the accumulation. */
function felt(g: Value, k: Value, { axis, reverse, exclusive }: CumulateParams): Value {
  const { shape, dtype } = g.type;
  const front = [axis, ...shape.map((_, i) => i).filter((i) => i !== axis)];
  const entry: Type = { shape: shape.filter((_, i) => i !== axis), dtype };
  const { graph, captures } = traceGraph('cumulate gradient', [entry, entry, entry], ([carry, own, factor]) => {
    const kept = lax.mul(factor!, exclusive ? carry! : lax.add(own!, carry!));
    return exclusive ? [lax.add(own!, kept), carry!] : [kept, lax.add(own!, carry!)];
  });
  const sequences = [lax.transpose(g, front), lax.transpose(k, front)];
  const results = bind('cumulate', 'scan', [...captures, lax.fill(entry, 0), ...sequences], {
    body: graph,
    length: shape[axis]!,
    carries: 1,
    sequences: 2,
    reverse: !reverse,
  });
  return lax.transpose(
    results[1]!,
    front.map((_, i) => front.indexOf(i)),
  );
}

/** Cotangents go back to where their entries came from: sorting them by that place moves them there. */
export const sortRule: VjpRule<'sort'> = ({ inputs, cotangents, params: { axis, descending } }) => {
  const keys = inputs[0]!;
  const { shape } = keys.type;
  const places = lax.broadcast(lax.iota(shape[axis]!, 'int32'), shape, [axis]);
  const order = lax.sort([keys, places], axis, descending)[1]!;
  const given = cotangents.filter((g) => g !== null);
  const [, ...back] = lax.sort([order, ...given], axis);
  return cotangents.map((g) => (g === null ? null : back.shift()!));
};
