/** The further element-wise functions, beside what JavaScript computes in double precision. */
import * as core from '@antler/core';
import { isFloat, type DType } from '@antler/core';
import type * as elementary from '../../../../packages/core/src/ops/elementary.js';
import { of } from '../values.js';
import { alwaysFloat, binary, bool, edges, float, floatRecord, int, notATensor, smallEdges } from './elementwise.js';
import { call, type OpRecord, type Records } from './record.js';

const ordinary = [-2, -0.75, 0.001, 0.5, 1.25, 3];
const positive = [0.001, 0.5, 1, 2.5, 100];
const inside = [-0.9, -0.5, -1e-6, 1e-4, 0.25, 0.99];

/** log(exp a + exp b) for every pair of numbers and infinities. */
function logaddexp(a: number, b: number): number {
  if (a === b) return a + (Math.abs(a) === Infinity ? 0 : Math.LN2);
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** The same to base 2. */
const logaddexp2 = (a: number, b: number): number => {
  if (a === b) return a + (Math.abs(a) === Infinity ? 0 : 1);
  return Math.max(a, b) + Math.log1p(2 ** -Math.abs(a - b)) / Math.LN2;
};

/** sin(πx) / πx; of a whole number exactly 0. */
const sinc = (x: number): number => {
  if (x === 0) return 1;
  const whole = Math.round(x);
  const height = (whole % 2 === 0 ? 1 : -1) * Math.sin(Math.PI * (x - whole));
  return height / (Math.PI * x);
};

/** Rounded down; JavaScript's remainder has the sign of a, ours that of b. */
const mod = (a: number, b: number): number => {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};
/** By 0 as a division; of what is infinite no multiple can be counted. A quotient that underflows has a sign all the same. */
const floorDivide = (a: number, b: number): number => {
  if (b === 0) return a / b;
  if (!Number.isFinite(a)) return NaN;
  if (a !== 0 && a / b === 0) return a < 0 === b < 0 ? 0 : -1;
  return Math.floor(a / b);
};

/** float32, or what it was when it was a float. */
const rounding: (dtype: DType) => DType = (dtype) => (isFloat(dtype) ? dtype : dtype === 'bool' ? 'int32' : dtype);

/** Whole numbers divided and what remains: signs, zero, the ends of the dtypes. */
const whole: OpRecord['samples'] = [
  call((a, b) => core.floorDivide(a, b), [int([7, -7, 6, -6, 1]), int([2, 2, -4, -3, 0])], int([3, -4, -2, 2, -1])),
  call((a, b) => core.floorDivide(a, b), [of([7, 255], 'uint8'), of([2, 16], 'uint8')], of([3, 15], 'uint8')),
  call((a, b) => core.floorDivide(a, b), [bool([1, 1]), bool([1, 0])], int([1, -1])),
];
const remainders: OpRecord['samples'] = [
  call((a, b) => core.mod(a, b), [int([7, -7, 7, -6, 5]), int([3, 3, -3, -3, 0])], int([1, 2, -2, 0, 5])),
  call((a, b) => core.mod(a, b), [of([7, 255], 'uint8'), of([2, 16], 'uint8')], of([1, 15], 'uint8')),
];

function withMore(record: OpRecord, more: OpRecord['samples']): OpRecord {
  return { ...record, samples: [...record.samples, ...more] };
}

export const elementaryRecords: Records<typeof elementary> = {
  reciprocal: float(core.reciprocal, (x) => 1 / x, ordinary, 'div'),
  log2: float(core.log2, Math.log2, positive, 'log', 'div', 1),
  log10: float(core.log10, Math.log10, positive, 'log', 'div', 1),
  exp2: float(core.exp2, (x) => 2 ** x, ordinary, 'pow'),
  cbrt: float(core.cbrt, Math.cbrt, [...ordinary, 1e30, -27], 'pow', 2),
  tan: floatRecord({ f: core.tan, formula: Math.tan, xs: ordinary, steps: ['sin', 'cos', 'div', 1], at: smallEdges, signed: false }),
  arcsin: float(core.arcsin, Math.asin, inside, 'atan2', 2),
  arccos: float(core.arccos, Math.acos, inside, 'atan2', 2),
  arctan: float(core.arctan, Math.atan, ordinary, 'atan2'),
  sinh: float(core.sinh, Math.sinh, [...inside, ...ordinary, 89, -89], 'expm1', 'expm1', 2),
  cosh: float(core.cosh, Math.cosh, [...inside, ...ordinary, 89, -89], 'exp', 'exp', 2),
  arcsinh: float(core.arcsinh, Math.asinh, [...inside, ...ordinary, 1e30, -1e30], 'log1p', 3),
  arccosh: float(core.arccosh, Math.acosh, [1, 1.0001, 1.25, 3, 1e5, 1e30], 'log1p', 3),
  arctanh: float(core.arctanh, Math.atanh, inside, 'log1p', 'log1p', 2),
  logaddexp: binary(core.logaddexp, logaddexp, alwaysFloat, ['exp', 'log1p', 1]),
  logaddexp2: binary(core.logaddexp2, logaddexp2, alwaysFloat, ['exp', 'log1p', 3]),
  heaviside: binary(core.heaviside, (a, b) => (a === 0 ? b : a > 0 ? 1 : a < 0 ? 0 : NaN), alwaysFloat),
  sinc: float(core.sinc, sinc, [-0.75, 0.001, 0.5, 1.25, 2.5], 'sin', 'div', 3),
  divideNoNan: binary(core.divideNoNan, (a, b) => (b === 0 ? 0 : a / b), alwaysFloat, ['div']),
  isClose: {
    samples: [
      call((a, b) => core.isClose(a, b), [of([1, 1, Infinity, Infinity, NaN, 0]), of([1.000001, 2, Infinity, -Infinity, NaN, 1e-9])], bool([1, 0, 1, 0, 0, 1])),
      call((a, b) => core.isClose(a, b, { equalNaN: true }), [of([NaN, NaN]), of([NaN, 1])], bool([1, 0])),
      call((a) => core.isClose(a, 10, { relative: 0.1, absolute: 0 }), [int([[11], [12], [9]])], bool([[1], [0], [1]])),
      call((a, b) => core.isClose(a, b, { relative: 0, absolute: 0.5 }), [of([1, 1], 'float64'), of([1.5, Infinity], 'float64')], bool([1, 0])),
    ],
    refuses: notATensor((x) => core.isClose(x, 1)),
  },
  hypot: binary(core.hypot, Math.hypot, alwaysFloat, ['div', 'sqrt', 1]),
  floorDivide: withMore(binary(core.floorDivide, floorDivide, rounding), whole),
  mod: withMore(binary(core.mod, mod, rounding), remainders),
  trunc: float(core.trunc, Math.trunc, [0.5, 1.7, -1.7, -0.5, 8388607.5, 1e30]),
  isInf: {
    samples: [
      call((x) => core.isInf(x), [of([...edges, 2 ** -149])], bool([...edges, 0].map((x) => Number(Math.abs(x) === Infinity)))),
      call((x) => core.isInf(x), [of([[Infinity], [0]], 'float64')], bool([[1], [0]])),
      call((x) => core.isInf(x), [int([2147483647, 0])], bool([0, 0])),
      call((x) => core.isInf(x), [of([])], { dtype: 'bool', shape: [0], numbers: [] }),
      call(() => core.isInf(-Infinity), [], of(1, 'bool')),
    ],
    refuses: notATensor(core.isInf),
  },
  nanToNum: {
    samples: [
      ...(['float32', 'float64'] as const).map((dtype) => {
        const most = core.dtypes[dtype].range[1];
        const numbers = [NaN, Infinity, -Infinity, -0, 2, -most];
        return call((x) => core.nanToNum(x), [of(numbers, dtype)], of([0, most, -most, -0, 2, -most], dtype), { signed: true });
      }),
      call((x) => core.nanToNum(x, { nan: -1, posInf: 5, negInf: 7 }), [of([[NaN], [Infinity], [-Infinity]])], of([[-1], [5], [7]])),
      // What is put in is not replaced again.
      call((x) => core.nanToNum(x, { nan: Infinity, posInf: -Infinity, negInf: 3 }), [of([NaN, Infinity, -Infinity])], of([Infinity, -Infinity, 3])),
      call((x) => core.nanToNum(x), [int([1, -2])], of([1, -2])),
      call((x) => core.nanToNum(x), [of([])], of([])),
      call(() => core.nanToNum(NaN), [], of(0)),
    ],
    refuses: notATensor(core.nanToNum),
  },
}; // prettier-ignore
