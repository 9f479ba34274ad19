/** Gradients of gather and scatter, and of their windows: each is written with the other. */
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { sizeOf } from '../shape.js';
import type { VjpRule } from './rules.js';

/** Every place that was read adds its cotangent to where it was read from. */
export const gatherRule: VjpRule<'gather'> = ({ inputs, cotangents, params }) => {
  const [x, indices] = inputs as readonly [Value, Value];
  return [lax.scatter(lax.fill(x.type, 0), indices, cotangents[0]!, params.batch, 'add'), null];
};

/** The window's cotangent, at its place. */
export const dynamicSliceRule: VjpRule<'dynamicSlice'> = ({ inputs, cotangents }) => {
  const [x, starts] = inputs as readonly [Value, Value];
  return [lax.dynamicUpdateSlice(lax.fill(x.type, 0), starts, cotangents[0]!), null];
};

/** What was replaced gets nothing. */
export const dynamicUpdateSliceRule: VjpRule<'dynamicUpdateSlice'> = ({ inputs, cotangents, wanted }) => {
  const g = cotangents[0]!;
  const [, starts, updates] = inputs as readonly [Value, Value, Value];
  return [
    wanted[0] ? lax.dynamicUpdateSlice(g, starts, lax.fill(updates.type, 0)) : null,
    null,
    wanted[2] ? lax.dynamicSlice(g, starts, updates.type.shape) : null,
  ];
};

/** Updates get the cotangents of where they went; what they replaced gets none. */
export const scatterRule: VjpRule<'scatter'> = ({ inputs, outputs, cotangents, params, wanted }) => {
  const g = cotangents[0]!;
  const [x, indices, updates] = inputs as readonly [Value, Value, Value];
  const { batch, mode } = params;
  const at = (value: Value): Value => lax.gather(value, indices, batch);
  if (mode === 'add') return [g, null, wanted[2] ? at(g) : null];
  if (mode === 'set') {
    const untouched = wanted[0] ? lax.scatter(g, indices, lax.fill(updates.type, 0), batch, 'set') : null;
    if (!wanted[2]) return [untouched, null, null];
    // Of several updates of one place, only the one that remained has influence: its own number came back.
    const count = sizeOf(updates.type.shape);
    const own = lax.reshape(lax.iota(count, 'int32'), updates.type.shape);
    const last = at(lax.scatter(lax.fill({ shape: x.type.shape, dtype: 'int32' }, -1), indices, own, batch, 'set'));
    return [untouched, null, lax.select(lax.eq(last, own), at(g), lax.fill(updates.type, 0))];
  }
  // max, min: whoever equals the result shares its cotangent.
  const y = outputs[0]!;
  const dtype = x.type.dtype;
  const winsX = lax.cast(lax.eq(x, y), dtype);
  const winsUpdates = lax.cast(lax.eq(updates, at(y)), dtype);
  const share = lax.div(g, lax.scatter(winsX, indices, winsUpdates, batch, 'add'));
  return [lax.mul(winsX, share), null, wanted[2] ? lax.mul(winsUpdates, at(share)) : null];
};
