/**
 * How far a result may be from the exact one. The defaults are the reference backend's; another backend states its own
 * numbers where it needs more, and the documentation shows them.
 */
import type { Opcode } from '@antler/core';

/**
 * Units in the last place per opcode; 0 asks for the correctly rounded result. `sum`, `prod` and `dot` are in machine
 * epsilons of the sum of the absolute terms (of the product).
 */
export type Tolerance = Readonly<Record<Opcode | 'sum' | 'prod' | 'dot', number>>;

/** Element-wise within 1 ULP; sums and products accumulate wider than the dtype. */
export const defaultTolerance: Tolerance = {
  neg: 0,
  abs: 0,
  sign: 0,
  floor: 0,
  ceil: 0,
  round: 0,
  exp: 1,
  expm1: 1,
  log: 1,
  log1p: 1,
  sqrt: 0,
  sin: 1,
  cos: 1,
  tanh: 1,
  logistic: 1,
  erf: 1,
  cast: 0,
  bitcast: 0,
  add: 0,
  sub: 0,
  mul: 0,
  div: 0,
  rem: 0,
  pow: 1,
  max: 0,
  min: 0,
  atan2: 1,
  and: 0,
  or: 0,
  xor: 0,
  shl: 0,
  shr: 0,
  eq: 0,
  ne: 0,
  lt: 0,
  le: 0,
  select: 0,
  random: 0,
  sum: 1,
  prod: 1,
  dot: 1,
};
