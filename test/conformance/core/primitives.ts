/** Every primitive against numbers that nothing of the library computed: rows by hand, or formulas in plain JavaScript. */
import type { Primitive } from '@antler/core';
import { caseOf, type Sample } from './sample.js';
import type { CoreCase } from './session.js';
import { elementwise, subnormal } from './primitives/elementwise.js';
import { convSamples } from './primitives/convolution.js';
import { dotSamples, reduceSamples } from './primitives/folds.js';
import { gatherSamples, scatterSamples } from './primitives/indexing.js';
import * as movement from './primitives/movement.js';
import { cumulateSamples, dynamicSliceSamples, dynamicUpdateSliceSamples, sortSamples } from './primitives/ordering.js';
import * as structure from './primitives/structure.js';
import { inEveryLayout } from './views.js';

/** The table. A primitive without samples does not compile. */
const samples: { readonly [P in Primitive]: readonly Sample[] } = {
  neg: elementwise('neg'),
  abs: elementwise('abs'),
  sign: elementwise('sign'),
  floor: elementwise('floor'),
  ceil: elementwise('ceil'),
  round: elementwise('round'),
  exp: elementwise('exp'),
  expm1: elementwise('expm1'),
  log: elementwise('log'),
  log1p: elementwise('log1p'),
  sqrt: elementwise('sqrt'),
  sin: elementwise('sin'),
  cos: elementwise('cos'),
  tanh: elementwise('tanh'),
  logistic: elementwise('logistic'),
  erf: elementwise('erf'),
  cast: elementwise('cast'),
  bitcast: elementwise('bitcast'),
  add: elementwise('add'),
  sub: elementwise('sub'),
  mul: elementwise('mul'),
  div: elementwise('div'),
  rem: elementwise('rem'),
  pow: elementwise('pow'),
  max: elementwise('max'),
  min: elementwise('min'),
  atan2: elementwise('atan2'),
  and: elementwise('and'),
  or: elementwise('or'),
  xor: elementwise('xor'),
  shl: elementwise('shl'),
  shr: elementwise('shr'),
  eq: elementwise('eq'),
  ne: elementwise('ne'),
  lt: elementwise('lt'),
  le: elementwise('le'),
  select: elementwise('select'),
  random: elementwise('random'),
  const: structure.constSamples,
  iota: structure.iotaSamples,
  reshape: movement.reshapeSamples,
  transpose: movement.transposeSamples,
  broadcast: movement.broadcastSamples,
  slice: movement.sliceSamples,
  pad: movement.padSamples,
  concat: movement.concatSamples,
  flip: movement.flipSamples,
  window: movement.windowSamples,
  dynamicSlice: dynamicSliceSamples,
  dynamicUpdateSlice: dynamicUpdateSliceSamples,
  cumulate: cumulateSamples,
  sort: sortSamples,
  gather: gatherSamples,
  scatter: scatterSamples,
  reduce: reduceSamples,
  dot: dotSamples,
  conv: convSamples,
  stopGradient: structure.identitySamples('stopGradient'),
  barrier: structure.identitySamples('barrier'),
  composite: structure.compositeSamples,
  scan: structure.scanSamples,
};

const names = Object.keys(samples) as Primitive[];

/** Cases of the layer: each primitive, on inputs in every layout. */
export const primitiveCases: readonly CoreCase[] = [
  ...names.map((name) => caseOf(name, samples[name].flatMap(inEveryLayout))),
  ...subnormal.map(([op, rows]) => caseOf(`${op}, subnormal numbers`, rows)),
];
