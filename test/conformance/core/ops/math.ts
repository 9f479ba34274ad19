/** Element-wise functions: what they do beyond their primitive, which are promotion, broadcasting, numbers and edges. */
import * as core from '@antler/core';
import {
  DTypeError,
  ShapeError,
  ValueError,
  isFloat,
  tensor,
  type DType,
  type Opcode,
  type Tensor,
} from '@antler/core';
import type * as math from '../../../../packages/core/src/ops/math.js';
import { rounded } from '../../numbers.js';
import type { Tolerance } from '../../tolerance.js';
import type { Sample } from '../sample.js';
import { indicesOf, of, type Nested, type Values } from '../values.js';
import { call, refusal, type OpRecord, type Records, type Refusal } from './record.js';

type Unary = (x: core.Operand) => Tensor;
type Binary = (a: core.Operand, b: core.Operand) => Tensor;

const int = (nested: Nested): Values => of(nested, 'int32');
const bool = (nested: Nested): Values => of(nested, 'bool');

const notATensor = (f: (x: never) => unknown): Refusal[] => [
  refusal(() => f([1, 2] as never), ValueError, 'a Tensor, a Variable or a number', 'an array', 'tensor([...])'),
  refusal(() => f('1' as never), ValueError, '"1"'),
];

/** A function of one float; integers, booleans and numbers become float32. */
function float(f: Unary, formula: (x: number) => number, xs: readonly number[], ...ops: readonly Opcode[]): OpRecord {
  const within = { within: ulpsOf(ops) };
  const matrix: Values = { dtype: 'float32', shape: [xs.length, 1], numbers: xs };
  return {
    samples: [
      call((x) => f(x), [matrix], { ...matrix, numbers: xs.map((x) => formula(Math.fround(x))) }, within),
      call((x) => f(x), [int([0, 1, 2])], of([0, 1, 2].map(formula)), within),
      call((x) => f(x), [bool([0, 1])], of([0, 1].map(formula)), within),
      call(() => f(2), [], of(formula(2)), within),
      call((x) => f(x), [of([0.5, 2], 'float64')], of([0.5, 2].map(formula), 'float64'), {
        within: () => 8 * ops.length,
      }),
      call((x) => f(x), [of([])], of([])),
    ],
    refuses: notATensor(f),
  };
}

/** What the results of several opcodes, one after the other, may be away from the exact number. */
function ulpsOf(ops: readonly Opcode[]): (tolerance: Tolerance) => number {
  return (tolerance) => ops.reduce((sum, op) => sum + tolerance[op], ops.length > 1 ? 1 : 0);
}

/** The dtype of a result beside that in which the operands meet. */
type ResultOf = (dtype: DType) => DType;
const same: ResultOf = (dtype) => dtype;
const alwaysBool: ResultOf = () => 'bool';
const alwaysFloat: ResultOf = (dtype) => (isFloat(dtype) ? dtype : 'float32');

/** A function of two operands on numbers that every dtype has, in every way in which operands can meet. */
function binary(
  f: Binary,
  formula: (a: number, b: number) => number,
  result: ResultOf = same,
  ...ops: readonly Opcode[]
): OpRecord {
  const dtypes: DType[] = ['float32', 'float64', 'int32', 'uint32', 'int8', 'uint8'];
  const table = (a: Values, b: Values, meeting: DType): Values => {
    const dtype = result(meeting);
    const shape = Array.from({ length: Math.max(a.shape.length, b.shape.length) }, (_, i) => {
      const [m, n] = [a.shape.at(-1 - i) ?? 1, b.shape.at(-1 - i) ?? 1];
      return m === 1 ? n : m;
    }).reverse();
    const pick = ({ shape: own, numbers }: Values, index: readonly number[]): number => {
      const places = own.map((n, i) => (n === 1 ? 0 : index[index.length - own.length + i]!));
      return numbers[places.reduce((at, place, i) => at * own[i]! + place, 0)]!;
    };
    return {
      dtype,
      shape,
      numbers: indicesOf(shape).map((index) => rounded(formula(pick(a, index), pick(b, index)), dtype)),
    };
  };
  const within = { within: ulpsOf(ops) };
  const both = (a: Values, b: Values, dtype: DType): Sample =>
    call((x, y) => f(x, y), [a, b], table(a, b, dtype), within);
  const [a, b] = [
    [
      [9, 4, 6],
      [2, 8, 5],
    ],
    [
      [3, 4, 2],
      [1, 5, 5],
    ],
  ];
  const x = of([[9, 4, 6]]);
  return {
    samples: [
      ...dtypes.map((dtype) => both(of(a, dtype), of(b, dtype), dtype)),
      both(of(a), of(2), 'float32'),
      both(of([8, 4, 6]), of([[2], [4]]), 'float32'),
      both(of([[[8]], [[4]]]), of([[2, 1]]), 'float32'),
      both({ dtype: 'float32', shape: [0, 3], numbers: [] }, of([1, 2, 3]), 'float32'),
      both(of(a, 'int8'), of(b, 'uint8'), 'int32'),
      both(of(a, 'int32'), of(b, 'uint32'), 'int32'),
      both(of(a, 'int32'), of(b, 'int8'), 'int32'),
      both(of(a, 'uint32'), of(b), 'float32'),
      both(of(a), of(b, 'float64'), 'float64'),
      call((y) => f(y, 2), [x], table(x, of(2), 'float32'), within),
      call((y) => f(2, y), [x], table(of(2), x, 'float32'), within),
      call((y) => f(y, 2), [{ ...x, dtype: 'uint8' }], table(x, of(2), 'uint8'), within),
      call(() => f(8, 2), [], table(of(8), of(2), 'float32'), within),
    ],
    refuses: [
      ...notATensor((given) => f(given, 1)),
      refusal(() => f(tensor([1, 2, 3]), tensor([1, 2])), ShapeError, '[3] and [2]', 'shapes that broadcast together'),
      refusal(
        () =>
          f(
            tensor([[1], [2]]),
            tensor([
              [1, 2],
              [3, 4],
              [5, 6],
            ]),
          ),
        ShapeError,
        '[2, 1] and [3, 2]',
        'axis -2',
      ),
    ],
  };
}

const truth =
  (formula: (a: boolean, b: boolean) => boolean) =>
  (a: number, b: number): number =>
    Number(formula(a !== 0, b !== 0));

/** A function of two truths. */
function logical(f: Binary, formula: (a: boolean, b: boolean) => boolean): OpRecord {
  const record = binary(f, truth(formula), alwaysBool);
  const [a, b] = [
    [0, 0, 1, 1],
    [0, 1, 0, 1],
  ];
  const expected = bool(a.map((_, i) => truth(formula)(a[i]!, b[i]!)));
  return {
    ...record,
    samples: [
      ...record.samples,
      call((x, y) => f(x, y), [bool(a), bool(b)], expected),
      call((x, y) => f(x, y), [of([0, -0, NaN, 0.1]), int([0, -1, 0, 256])], expected),
      call((x) => f(x, true), [bool([0, 1])], bool([0, 1].map((x) => truth(formula)(x, 1)))),
    ],
  };
}

const halves = [0.5, 1.5, 2.5, -0.5, -1.5, 3.2, -3.7, 1e10, -0];
const ordinary = [-2, -0.75, 0.001, 0.5, 1.25, 3];
const positive = [0.001, 0.5, 1, 2.5, 100];
const even = (x: number): number => {
  const low = Math.floor(x);
  return x - low === 0.5 ? (low % 2 === 0 ? low : low + 1) : Math.round(x);
};

/** Values of erf from tables (Abramowitz & Stegun 7.1), since JavaScript has no such function. */
const erfTable = new Map([
  [-1, -0.8427007929497149],
  [0, 0],
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [2, 0.9953222650189527],
]);

/** A function of one operand that keeps the dtype. */
function keeping(f: Unary, formula: (x: number) => number): OpRecord {
  const numbers = [3, 0, 1, 127];
  return {
    samples: [
      ...(['float32', 'float64', 'int32', 'int8'] as const).map((dtype) =>
        call(
          (x) => f(x),
          [of([...numbers, -2, -127], dtype)],
          of(
            [...numbers, -2, -127].map((x) => formula(x)),
            dtype,
          ),
        ),
      ),
      call((x) => f(x), [of([NaN, Infinity, -Infinity, 0.25])], of([NaN, Infinity, -Infinity, 0.25].map(formula))),
      call(() => f(-2), [], of(formula(-2))),
      call((x) => f(x), [of([])], of([])),
    ],
    refuses: notATensor(f),
  };
}

export const mathRecords: Records<typeof math> = {
  floor: float(core.floor, Math.floor, halves),
  ceil: float(core.ceil, Math.ceil, halves),
  round: float(core.round, even, halves),
  exp: float(core.exp, Math.exp, ordinary, 'exp'),
  expm1: float(core.expm1, Math.expm1, ordinary, 'expm1'),
  log: float(core.log, Math.log, positive, 'log'),
  log1p: float(core.log1p, Math.log1p, positive, 'log1p'),
  sqrt: float(core.sqrt, Math.sqrt, positive, 'sqrt'),
  sin: float(core.sin, Math.sin, ordinary, 'sin'),
  cos: float(core.cos, Math.cos, ordinary, 'cos'),
  tanh: float(core.tanh, Math.tanh, ordinary, 'tanh'),
  sigmoid: float(core.sigmoid, (x) => 1 / (1 + Math.exp(-x)), [...ordinary, 0, 88, -80], 'logistic'),
  erf: float(core.erf, (x) => erfTable.get(x)!, [-1, 0, 0.5, 1, 2], 'erf'),
  rsqrt: float(core.rsqrt, (x) => 1 / Math.sqrt(x), positive, 'sqrt', 'div'),
  softplus: float(core.softplus, (x) => Math.log1p(Math.exp(x)), [...ordinary, 20], 'exp', 'log1p'),
  negative: keeping(core.negative, (x) => -x),
  abs: keeping(core.abs, Math.abs),
  sign: keeping(core.sign, Math.sign),
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
  power: binary(core.power, Math.pow, same, 'pow'),
  equal: binary(core.equal, (a, b) => Number(a === b), alwaysBool),
  notEqual: binary(core.notEqual, (a, b) => Number(a !== b), alwaysBool),
  less: binary(core.less, (a, b) => Number(a < b), alwaysBool),
  lessEqual: binary(core.lessEqual, (a, b) => Number(a <= b), alwaysBool),
  greater: binary(core.greater, (a, b) => Number(a > b), alwaysBool),
  greaterEqual: binary(core.greaterEqual, (a, b) => Number(a >= b), alwaysBool),
  divide: binary(core.divide, (a, b) => a / b, alwaysFloat, 'div'),
  arctan2: binary(core.arctan2, Math.atan2, alwaysFloat, 'atan2'),
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
