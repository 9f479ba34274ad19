/** Element-wise functions: what they do beyond their primitive, which are promotion, broadcasting, numbers and edges. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ValueError, tensor } from '@antler/core';
import type * as math from '../../../../packages/core/src/ops/math.js';
import { meaning } from '../../meaning.js';
import { of } from '../values.js';
import {
  alwaysBool,
  alwaysFloat,
  binary,
  bool,
  float,
  floatRecord,
  int,
  keeping,
  logical,
  notATensor,
  same,
  smallEdges,
} from './elementwise.js';
import { call, refusal, type Records } from './record.js';

const halves = [0.5, 1.5, 2.5, -0.5, -1.5, 3.2, -3.7, 1e10, -0];
const ordinary = [-2, -0.75, 0.001, 0.5, 1.25, 3];
const positive = [0.001, 0.5, 1, 2.5, 100];
const even = (x: number): number => {
  const low = Math.floor(x);
  return x - low === 0.5 ? (low % 2 === 0 ? low : low + 1) : Math.round(x);
};

/** JavaScript has no such function: by its series and its continued fraction. */
const erf = (x: number): number => (x === 0 ? x : meaning('erf', [x], ['float64'], 'float64'));
/** As IEEE 754 has it, which JavaScript has not for a base of ±1. */
const power = (a: number, b: number): number => meaning('pow', [a, b], ['float64', 'float64'], 'float64');
const sign = (x: number): number => (x > 0 ? 1 : x < 0 ? -1 : x);

export const mathRecords: Records<typeof math> = {
  floor: float(core.floor, Math.floor, halves),
  ceil: float(core.ceil, Math.ceil, halves),
  round: float(core.round, even, halves),
  exp: float(core.exp, Math.exp, ordinary, 'exp'),
  expm1: float(core.expm1, Math.expm1, ordinary, 'expm1'),
  log: float(core.log, Math.log, positive, 'log'),
  log1p: float(core.log1p, Math.log1p, positive, 'log1p'),
  sqrt: float(core.sqrt, Math.sqrt, positive, 'sqrt'),
  sin: floatRecord({ f: core.sin, formula: Math.sin, xs: ordinary, steps: ['sin'], at: smallEdges, signed: false }),
  cos: floatRecord({ f: core.cos, formula: Math.cos, xs: ordinary, steps: ['cos'], at: smallEdges }),
  tanh: float(core.tanh, Math.tanh, ordinary, 'tanh'),
  sigmoid: float(core.sigmoid, (x) => 1 / (1 + Math.exp(-x)), [...ordinary, 0, 88, -80], 'logistic'),
  erf: float(core.erf, erf, [-1, 0, 0.5, 1, 2, 5], 'erf'),
  rsqrt: float(core.rsqrt, (x) => 1 / Math.sqrt(x), positive, 'sqrt', 'div'),
  softplus: float(core.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), [...ordinary, 20], 'exp', 'log1p'),
  negative: keeping(core.negative, (x) => -x),
  abs: keeping(core.abs, Math.abs),
  sign: keeping(core.sign, sign),
  square: {
    samples: [
      call((x) => core.square(x), [of([-3, 0.5, NaN])], of([9, 0.25, NaN])),
      call((x) => core.square(x), [int([-3, 65536])], int([9, 0])),
    ],
    refuses: notATensor(core.square),
  },
  add: binary(core.add, (a, b) => a + b),
  subtract: binary(core.subtract, (a, b) => a - b === 0 ? 0 : a - b),
  multiply: binary(core.multiply, (a, b) => a * b),
  remainder: binary(core.remainder, (a, b) => a % b),
  maximum: binary(core.maximum, Math.max),
  minimum: binary(core.minimum, Math.min),
  power: binary(core.power, power, same, ['pow'], smallEdges),
  equal: binary(core.equal, (a, b) => Number(a === b), alwaysBool),
  notEqual: binary(core.notEqual, (a, b) => Number(a !== b), alwaysBool),
  less: binary(core.less, (a, b) => Number(a < b), alwaysBool),
  lessEqual: binary(core.lessEqual, (a, b) => Number(a <= b), alwaysBool),
  greater: binary(core.greater, (a, b) => Number(a > b), alwaysBool),
  greaterEqual: binary(core.greaterEqual, (a, b) => Number(a >= b), alwaysBool),
  divide: binary(core.divide, (a, b) => a / b, alwaysFloat, ['div']),
  arctan2: binary(core.arctan2, Math.atan2, alwaysFloat, ['atan2']),
  logicalAnd: logical(core.logicalAnd, (a, b) => a && b),
  logicalOr: logical(core.logicalOr, (a, b) => a || b),
  logicalXor: logical(core.logicalXor, (a, b) => a !== b),
  logicalNot: {
    samples: [
      call((x) => core.logicalNot(x), [bool([0, 1])], bool([1, 0])),
      call((x) => core.logicalNot(x), [of([0, -0, NaN, 0.1])], bool([1, 1, 0, 0])),
      call((x) => core.logicalNot(x), [of([0, 128], 'uint8')], bool([1, 0])),
    ],
    refuses: notATensor(core.logicalNot),
  },
  where: {
    samples: [
      call((c, a, b) => core.where(c, a, b), [bool([[1, 0], [0, 1]]), of([[1, 2], [3, 4]]), of([10, 20])], of([[1, 20], [10, 4]])),
      call((c) => core.where(c, 1, 0), [bool([1, 0])], of([1, 0])),
      call((c, a) => core.where(c, a, -1), [int([0, 5]), int([7, 8])], int([-1, 8])),
      call((c, a) => core.where(c, a, 0.5), [bool([0, 1]), int([7, 8])], of([0.5, 8])),
      call((a, b) => core.where(true, a, b), [bool([0]), int([7])], int([0])),
      call((c, a) => core.where(c, NaN, a), [bool([[0], [1]]), of([1, 2])], of([[1, 2], [NaN, NaN]])),
    ],
    refuses: [
      refusal(() => core.where(tensor([true, false]), tensor([1, 2, 3]), 0), ShapeError, '[2] and [3]'),
      refusal(() => core.where(true, [1] as never, 0), ValueError, 'an array'),
    ],
  },
  clip: {
    samples: [
      call((x) => core.clip(x, -1, 0.5), [of([-2, -1, 0, 0.5, 3, NaN, -Infinity])], of([-1, -1, 0, 0.5, 0.5, NaN, -1])),
      call((x) => core.clip(x, 2, 5), [of([0, 3, 9], 'uint8')], of([2, 3, 5], 'uint8')),
    ],
    refuses: notATensor((x) => core.clip(x, 0, 1)),
  },
  cast: {
    samples: [
      call((x) => core.cast(x, 'int32'), [of([1.9, -1.9, NaN, 1e10, -Infinity])], int([1, -1, 0, 2147483647, -2147483648])),
      call((x) => core.cast(x, 'uint8'), [of([-1, 255.9, 300])], of([0, 255, 255], 'uint8')),
      call((x) => core.cast(x, 'int8'), [int([200, -129])], of([-56, 127], 'int8')),
      call((x) => core.cast(x, 'bool'), [of([0, -0, 0.1, NaN])], bool([0, 0, 1, 1])),
      call((x) => core.cast(x, 'float32'), [bool([0, 1])], of([0, 1])),
      call((x) => core.cast(x, 'float64'), [of([0.1])], of([Math.fround(0.1)], 'float64')),
      call((x) => core.cast(x, 'float32'), [of([0.1], 'float32')], of([0.1])),
    ],
    refuses: [
      refusal(() => core.cast(1, 'int64' as never), DTypeError, 'a dtype (', '"int64"'),
      ...notATensor((x) => core.cast(x, 'int32')),
    ],
  },
  isNaN: {
    samples: [
      call((x) => core.isNaN(x), [of([NaN, 0, Infinity])], bool([1, 0, 0])),
      call((x) => core.isNaN(x), [int([0, 1])], bool([0, 0])),
    ],
    refuses: notATensor(core.isNaN),
  },
  isFinite: {
    samples: [
      call((x) => core.isFinite(x), [of([NaN, 0, Infinity, -Infinity, 3e38])], bool([0, 1, 0, 0, 1])),
      call((x) => core.isFinite(x), [int([0, 2147483647])], bool([1, 1])),
    ],
    refuses: notATensor(core.isFinite),
  },
}; // prettier-ignore
