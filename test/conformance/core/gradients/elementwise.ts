/** Gradients of element-wise functions. */
import * as antler from '@antler/core';
import type { Tensor } from '@antler/core';
import type * as activations from '../../../../packages/core/src/ops/activations.js';
import type * as elementary from '../../../../packages/core/src/ops/elementary.js';
import type * as math from '../../../../packages/core/src/ops/math.js';
import { as, between, discrete, flat, on, type Differentiable, type Gradients } from './row.js';

type Unary = (x: Tensor) => Tensor;

const m23 = [2, 3] as const;
const anywhere = (f: Unary): Differentiable[] => [on((x) => f(x), m23)];
const above = (f: Unary, low = 0.3, high = 2): Differentiable[] => [
  between(
    low,
    high,
    on((x) => f(x), m23),
  ),
];
const inside = (f: Unary): Differentiable[] => above(f, -0.9, 0.9);
const two = (f: (a: Tensor, b: Tensor) => Tensor): Differentiable[] => [on((x, y) => f(x, y), m23, m23)];
const positive = (row: Differentiable): Differentiable => between(0.3, 2, row);

export const mathGradients: Gradients<typeof math> = {
  floor: flat(antler.floor),
  ceil: flat(antler.ceil),
  round: flat(antler.round),
  sign: flat(antler.sign),
  exp: anywhere(antler.exp),
  expm1: anywhere(antler.expm1),
  log: above(antler.log),
  log1p: above(antler.log1p),
  sqrt: above(antler.sqrt),
  rsqrt: above(antler.rsqrt),
  square: anywhere(antler.square),
  sin: anywhere(antler.sin),
  cos: anywhere(antler.cos),
  tanh: anywhere(antler.tanh),
  sigmoid: anywhere(antler.sigmoid),
  softplus: anywhere(antler.softplus),
  erf: anywhere(antler.erf),
  negative: anywhere(antler.negative),
  abs: anywhere(antler.abs),
  add: [on((x, y) => antler.add(x, y), m23, [3])],
  subtract: [on((x, y) => antler.subtract(x, y), [2, 1], m23)],
  multiply: [on((x, y) => antler.multiply(x, y), m23, [1, 3])],
  divide: [positive(on((x, y) => antler.divide(x, y), m23, m23))],
  remainder: [positive(on((x, y) => antler.remainder(x, y), [4], [4]))],
  power: [positive(on((x, y) => antler.power(x, y), m23, m23)), as('whole exponent', (x) => antler.power(x, 3), m23)],
  maximum: two(antler.maximum),
  minimum: two(antler.minimum),
  arctan2: [positive(on((x, y) => antler.arctan2(x, y), m23, m23))],
  where: [on((x, y) => antler.where(antler.less(x, 0), x, y), m23, m23)],
  clip: [on((x) => antler.clip(x, -0.5, 0.5), m23)],
  cast: [on((x) => antler.cast(x, 'float32').cast(x.dtype).mul(0).add(x), m23)],
  equal: discrete,
  notEqual: discrete,
  less: discrete,
  lessEqual: discrete,
  greater: discrete,
  greaterEqual: discrete,
  logicalAnd: discrete,
  logicalOr: discrete,
  logicalXor: discrete,
  logicalNot: discrete,
  isNaN: discrete,
  isFinite: discrete,
};

export const elementaryGradients: Gradients<typeof elementary> = {
  reciprocal: above(antler.reciprocal),
  log2: above(antler.log2),
  log10: above(antler.log10),
  exp2: anywhere(antler.exp2),
  cbrt: [...above(antler.cbrt), { ...above(antler.cbrt, -2, -0.3)[0]!, variant: 'below 0' }],
  tan: inside(antler.tan),
  arcsin: inside(antler.arcsin),
  arccos: inside(antler.arccos),
  arctan: anywhere(antler.arctan),
  sinh: anywhere(antler.sinh),
  cosh: anywhere(antler.cosh),
  arcsinh: anywhere(antler.arcsinh),
  arccosh: above(antler.arccosh, 1.2, 3),
  arctanh: inside(antler.arctanh),
  logaddexp: [on((x, y) => antler.logaddexp(x, y), m23, [3])],
  hypot: [on((x, y) => antler.hypot(x, y), m23, [3])],
  logaddexp2: [on((x, y) => antler.logaddexp2(x, y), m23, [3])],
  heaviside: [on((x, y) => antler.heaviside(antler.trunc(x), y), [4], [4])],
  sinc: [...above(antler.sinc), { ...above(antler.sinc, -2, -0.3)[0]!, variant: 'below 0' }],
  divideNoNan: [positive(on((x, y) => antler.divideNoNan(x, y), m23, m23))],
  isClose: discrete,
  floorDivide: flat((x) => antler.floorDivide(x, 0.75)),
  mod: [positive(on((x, y) => antler.mod(x, y), [4], [4])), as('of either sign', (x) => antler.mod(x, -0.7), m23)],
  trunc: flat(antler.trunc),
  isInf: discrete,
  nanToNum: [on((x) => antler.nanToNum(x.mul(x)), m23)],
};

export const activationGradients: Gradients<typeof activations> = {
  gelu: [...anywhere(antler.gelu), as('by tanh', (x) => antler.gelu(x, { approximate: true }), m23)],
  silu: anywhere(antler.silu),
  elu: anywhere((x) => antler.elu(x, 0.7)),
  selu: anywhere(antler.selu),
  celu: anywhere((x) => antler.celu(x, 0.7)),
  leakyRelu: anywhere((x) => antler.leakyRelu(x)),
  relu6: anywhere((x) => antler.relu6(x.mul(8))),
  hardSigmoid: anywhere((x) => antler.hardSigmoid(x.mul(4))),
  hardSilu: anywhere((x) => antler.hardSilu(x.mul(4))),
  hardTanh: anywhere(antler.hardTanh),
  softsign: anywhere(antler.softsign),
  mish: anywhere(antler.mish),
  logSigmoid: anywhere(antler.logSigmoid),
  tanhShrink: anywhere(antler.tanhShrink),
  hardShrink: anywhere((x) => antler.hardShrink(x)),
  softShrink: anywhere((x) => antler.softShrink(x)),
  threshold: anywhere((x) => antler.threshold(x, 0.2, -1)),
  squareplus: anywhere((x) => antler.squareplus(x)),
  glu: [on((x) => antler.glu(x), [2, 4])],
  sparsemax: anywhere((x) => antler.sparsemax(x)),
};
