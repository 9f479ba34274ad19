/** All primitives by their names: for who has to know every one, as tests and tools do. Programs reach those that they use. */
import * as lax from '../lax.js';
import { compositePrimitive } from '../ops/composites/composite.js';
import { convPrimitive } from '../ops/primitives/conv.js';
import { dynamicSlicePrimitive, dynamicUpdateSlicePrimitive } from '../ops/primitives/dynamic.js';
import { gatherPrimitive, scatterPrimitive } from '../ops/primitives/indexing.js';
import { cumulatePrimitive, sortPrimitive } from '../ops/primitives/ordering.js';
import { randomPrimitive } from '../ops/primitives/random.js';
import { scanPrimitive } from '../ops/primitives/scan.js';
import { windowPrimitive } from '../ops/primitives/window.js';
import type { PrimitiveDefinition } from './form.js';
import type { Primitive } from './params.js';

/** The table. A primitive that is missing does not compile. */
export const primitives: { readonly [P in Primitive]: PrimitiveDefinition<P> } = {
  neg: lax.neg.primitive,
  abs: lax.abs.primitive,
  sign: lax.sign.primitive,
  floor: lax.floor.primitive,
  ceil: lax.ceil.primitive,
  round: lax.round.primitive,
  exp: lax.exp.primitive,
  expm1: lax.expm1.primitive,
  log: lax.log.primitive,
  log1p: lax.log1p.primitive,
  sqrt: lax.sqrt.primitive,
  sin: lax.sin.primitive,
  cos: lax.cos.primitive,
  tanh: lax.tanh.primitive,
  logistic: lax.logistic.primitive,
  erf: lax.erf.primitive,
  add: lax.add.primitive,
  sub: lax.sub.primitive,
  mul: lax.mul.primitive,
  div: lax.div.primitive,
  rem: lax.rem.primitive,
  pow: lax.pow.primitive,
  max: lax.max.primitive,
  min: lax.min.primitive,
  atan2: lax.atan2.primitive,
  and: lax.and.primitive,
  or: lax.or.primitive,
  xor: lax.xor.primitive,
  shl: lax.shl.primitive,
  shr: lax.shr.primitive,
  eq: lax.eq.primitive,
  ne: lax.ne.primitive,
  lt: lax.lt.primitive,
  le: lax.le.primitive,
  cast: lax.castPrimitive,
  bitcast: lax.bitcastPrimitive,
  select: lax.selectPrimitive,
  const: lax.constPrimitive,
  iota: lax.iotaPrimitive,
  reshape: lax.reshapePrimitive,
  transpose: lax.transposePrimitive,
  broadcast: lax.broadcastPrimitive,
  slice: lax.slicePrimitive,
  pad: lax.padPrimitive,
  concat: lax.concatPrimitive,
  flip: lax.flipPrimitive,
  reduce: lax.reducePrimitive,
  dot: lax.dotPrimitive,
  stopGradient: lax.stopGradientPrimitive,
  barrier: lax.barrierPrimitive,
  random: randomPrimitive,
  window: windowPrimitive,
  dynamicSlice: dynamicSlicePrimitive,
  dynamicUpdateSlice: dynamicUpdateSlicePrimitive,
  gather: gatherPrimitive,
  scatter: scatterPrimitive,
  cumulate: cumulatePrimitive,
  sort: sortPrimitive,
  conv: convPrimitive,
  scan: scanPrimitive,
  composite: compositePrimitive,
};
