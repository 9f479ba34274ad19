/** Functions that fold axes: which axes, kept or not, which dtype comes out, what folds to what. */
import * as core from '@antler/core';
import { ShapeError, ValueError, tensor, zeros, type Tensor } from '@antler/core';
import type * as reduction from '../../../../packages/core/src/ops/reduction.js';
import type { Tolerance } from '../../tolerance.js';
import { counted, of, type Nested, type Values } from '../values.js';
import { call, refusal, type OpRecord, type Records, type Refusal } from './record.js';

type Fold = (x: core.Operand, axis?: core.Axes, keepDims?: boolean) => Tensor;

const int = (nested: Nested): Values => of(nested, 'int32');
const bool = (nested: Nested): Values => of(nested, 'bool');
const x = of([
  [
    [1, 5],
    [4, 2],
  ],
  [
    [0, 3],
    [9, 7],
  ],
]);
const nothing: Values = { dtype: 'float32', shape: [2, 0], numbers: [] };

const badAxes = (f: Fold): Refusal[] => [
  refusal(() => f(tensor([[1, 2]]), 2), ShapeError, 'an axis in [-2, 1]', 'received 2'),
  refusal(() => f(tensor([[1, 2]]), [0, -2]), ShapeError, 'each axis once', '[0, 0]'),
  refusal(() => f(tensor(1), 0), ShapeError, 'no axis (x is a scalar)'),
  refusal(() => f([1, 2] as never), ValueError, 'an array'),
];

/** Lists in which a careless fold goes wrong: of one, with NaN first and last, infinite, zeros of either sign. */
const lists = [[5], [NaN, 1], [1, NaN], [Infinity, 1], [-Infinity, 1], [Infinity, -Infinity], [0, -0], [-0, 0]]; // prettier-ignore

const added = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const averaged = (list: readonly number[]): number => added(list) / list.length;
const spread = (list: readonly number[]): number => averaged(list.map((value) => (value - averaged(list)) ** 2));
const logSumExpOf = (list: readonly number[]): number => {
  const top = Math.max(...list);
  return Math.abs(top) === Infinity ? top : top + Math.log(added(list.map((value) => Math.exp(value - top))));
};

/** Folds of x over every choice of axes: all, each one, two, none; of the lists above by a formula; then others. */
function fold(
  f: Fold,
  formula: (list: readonly number[]) => number,
  [all, first, last, outer]: readonly [Nested, Nested, Nested, Nested],
  others: OpRecord['samples'],
  refuses: readonly Refusal[] = [],
  within: (tolerance: Tolerance) => number = () => 0,
): OpRecord {
  const more = { within };
  return {
    samples: [
      call((y) => f(y), [x], of(all), more),
      call((y) => f(y, 0), [x], of(first), more),
      call((y) => f(y, -1), [x], of(last), more),
      call((y) => f(y, [0, 2]), [x], of(outer), more),
      call((y) => f(y, [-1, 0]), [x], of(outer), more),
      call((y) => f(y, undefined, true), [x], of([[[all]]]), more),
      ...(['float32', 'float64'] as const).flatMap((dtype) =>
        lists.map((list) => call((y) => f(y), [of(list, dtype)], of(formula(list), dtype), more)),
      ),
      call((y) => f(y, -1), [of([[3], [4]])], of([[3], [4]].map(formula)), more),
      call((y) => f(y, 0, true), [of([[3, 4]])], of([[3, 4].map((value) => formula([value]))]), more),
      call((y) => f(y), [of(7)], of(formula([7])), more),
      call((y) => f(y, []), [of([2, 3])], of([2, 3].map((value) => formula([value]))), more),
      call((y) => f(y, 1), [{ ...nothing, shape: [0, 3] }], { ...nothing, shape: [0] }, more),
      call((y) => f(y, [0, 2], true), [x], of([(outer as Nested[]).map((value) => [value])]), more),
      ...others,
    ],
    refuses: [...badAxes(f), ...refuses],
  };
}

const noChoice = (f: Fold): Refusal => refusal(() => f(zeros([2, 0]), 1), ShapeError, 'at least one element', '[2, 0]');

const y6 = of([[1, 2, 3], [4, 5, 9]]); // prettier-ignore

export const reductionRecords: Records<typeof reduction> = {
  moments: {
    samples: [
      call((y) => core.moments(y), [y6], [of(4), of(20 / 3)], { within: () => 2 }),
      call((y) => core.moments(y, 0, true), [y6], [of([[2.5, 3.5, 6]]), of([[2.25, 2.25, 9]])]),
      call((y) => core.moments(y), [of([])], [of(NaN), of(NaN)]),
    ],
    refuses: [refusal(() => core.moments([1] as never), ValueError, 'an array'), refusal(() => core.moments(tensor([1]), 1), ShapeError, 'an axis in [-1, 0]')],
  },
  sum: fold(core.sum, added, [31, [[1, 8], [13, 9]], [[6, 6], [3, 16]], [9, 22]], [
    call((y) => core.sum(y, []), [x], x),
    call((y) => core.sum(y, 1), [nothing], of([0, 0])),
    call((y) => core.sum(y), [bool([[1, 0], [1, 1]])], int(3)),
    call((y) => core.sum(y), [of([100, 100], 'int8')], of(-56, 'int8')),
    call((y) => core.sum(y), [of([1, Infinity])], of(Infinity)),
    call((y) => core.sum(y), [of([1, NaN])], of(NaN)),
    call(() => core.sum(3), [], of(3)),
  ]),
  prod: fold(core.prod, (list) => list.reduce((a, b) => a * b, 1), [0, [[0, 15], [36, 14]], [[5, 8], [0, 63]], [0, 504]], [
    call((y) => core.prod(y, 1), [nothing], of([1, 1])),
    call((y) => core.prod(y), [int([65536, 65536])], int(0)),
  ]),
  max: fold(core.max, (list) => Math.max(...list), [9, [[1, 5], [9, 7]], [[5, 4], [3, 9]], [5, 9]], [
    call((y) => core.max(y, 0), [of([[1, NaN], [2, 3]])], of([2, NaN])),
    call((y) => core.max(y, 0), [nothing], { ...nothing, shape: [0] }),
    call((y) => core.max(y), [of([3, 200], 'uint8')], of(200, 'uint8')),
    call((y) => core.max(y), [of([-Infinity, -Infinity])], of(-Infinity)),
    call((y) => core.max(y), [bool([0, 1])], int(1)),
  ], [noChoice(core.max)]),
  min: fold(core.min, (list) => Math.min(...list), [0, [[0, 3], [4, 2]], [[1, 2], [0, 7]], [0, 2]], [
    call((y) => core.min(y, 0), [of([[1, NaN], [2, 3]])], of([1, NaN])),
    call((y) => core.min(y), [of([3, -128], 'int8')], of(-128, 'int8')),
  ], [noChoice(core.min)]),
  mean: fold(core.mean, averaged, [31 / 8, [[0.5, 4], [6.5, 4.5]], [[3, 3], [1.5, 8]], [2.25, 5.5]], [
    call((y) => core.mean(y), [int([1, 2])], of(1.5)),
    call((y) => core.mean(y), [bool([1, 0, 0, 0])], of(0.25)),
    call((y) => core.mean(y, 1), [nothing], of([NaN, NaN])),
    call((y) => core.mean(y), [of([0.1, 0.1, 0.1])], of(0.1), { within: (tolerance) => tolerance.sum }),
  ]),
  variance: fold(core.variance, spread, [8.109375, [[0.25, 1], [6.25, 6.25]], [[4, 1], [2.25, 1]], [3.6875, 7.25]], [
    call((y) => core.variance(y), [of([5])], of(0)),
    call((y) => core.variance(y), [int([1, 3])], of(1)),
    call((y) => core.variance(y), [of([10000, 10001, 10002, 10003])], of(1.25)),
  ], [], (tolerance) => tolerance.sum + 1),
  std: fold(core.std, (list) => Math.sqrt(spread(list)), [Math.sqrt(8.109375), [[0.5, 1], [2.5, 2.5]], [[2, 1], [1.5, 1]], [Math.sqrt(3.6875), Math.sqrt(7.25)]], [
    call((y) => core.std(y), [of([5])], of(0)),
    call((y) => core.std(y), [int([1, 3])], of(1)),
  ], [], (tolerance) => tolerance.sum + tolerance.sqrt + 1),
  nanSum: {
    samples: [
      call((y) => [core.nanSum(y), core.nanSum(y, 0), core.nanSum(y, 1, true)], [of([[1, NaN], [NaN, NaN]])], [of(1), of([1, 0]), of([[1], [0]])]), // prettier-ignore
      call((y) => core.nanSum(y), [int([2, 3])], of(5)),
    ],
    refuses: [{ call: () => core.nanSum(zeros([2]), 1), kind: ShapeError, says: ['an axis in [-1, 0]', '1'] }],
  },
  nanMean: {
    samples: [
      call((y) => [core.nanMean(y), core.nanMean(y, 1)], [of([[1, NaN, 3], [NaN, NaN, NaN]])], [of(2), of([2, NaN])]), // prettier-ignore
    ],
    refuses: [{ call: () => core.nanMean(zeros([2]), 1), kind: ShapeError, says: ['an axis in [-1, 0]', '1'] }],
  },
  logSumExp: fold(core.logSumExp, logSumExpOf, [
    9.152067118461721,
    [[1.3132616875182228, 5.126928011042972], [9.006715348489118, 7.006715348489118]],
    [[5.0181499279178094, 4.126928011042972], [3.048587351573742, 9.126928011042972]],
    [5.148755180944401, 9.13364335953209],
  ], [
    call((y) => core.logSumExp(y), [of([1000, 1000])], of(1000 + Math.LN2), { within: (tolerance) => tolerance.log + 1 }),
    call((y) => core.logSumExp(y), [of([-1000, -1000])], of(-1000 + Math.LN2), { within: (tolerance) => tolerance.log + 1 }),
    call((y) => core.logSumExp(y), [of([-Infinity, -Infinity])], of(-Infinity)),
    call((y) => core.logSumExp(y), [of([Infinity, 1])], of(Infinity)),
    call((y) => core.logSumExp(y), [of([NaN, 1])], of(NaN)),
    call((y) => core.logSumExp(y, 1), [nothing], of([-Infinity, -Infinity])),
    call((y) => core.logSumExp(y), [int([3])], of(3)),
  ], [], (tolerance) => tolerance.exp + tolerance.sum + tolerance.log + 1),
  all: {
    samples: [
      call((y) => core.all(y, 1), [bool([[1, 1], [1, 0]])], bool([1, 0])),
      call((y) => core.all(y), [of([NaN, -1, 0.1])], bool(1)),
      call((y) => core.all(y, 1), [nothing], bool([1, 1])),
      call((y) => core.all(y, 0, true), [int([[1, 0]])], bool([[1, 0]])),
      call((y) => core.all(y), [nothing], bool(1)),
      call((y) => core.all(y), [of(0)], bool(0)),
      call((y) => core.all(y, [0, -1]), [of([[[1], [2]], [[3], [-0]]])], bool([1, 0])),
    ],
    refuses: badAxes(core.all),
  },
  any: {
    samples: [
      call((y) => core.any(y, 1), [bool([[0, 0], [1, 0]])], bool([0, 1])),
      call((y) => core.any(y), [of([0, -0])], bool(0)),
      call((y) => core.any(y, 1), [nothing], bool([0, 0])),
      call((y) => core.any(y, 0, true), [of([[1, 0]], 'uint8')], bool([[1, 0]])),
      call((y) => core.any(y), [nothing], bool(0)),
      call((y) => core.any(y), [of(NaN)], bool(1)),
      call((y) => core.any(y, [0, -1]), [of([[[0], [2]], [[0], [-0]]])], bool([0, 1])),
    ],
    refuses: badAxes(core.any),
  },
  argmax: {
    samples: [
      call((y) => core.argmax(y), [x], int([[1, 0], [1, 0]])),
      call((y) => core.argmax(y, 0), [x], int([[0, 0], [1, 1]])),
      call((y) => core.argmax(y, 1, true), [x], int([[[1, 0]], [[1, 1]]])),
      call((y) => core.argmax(y), [of([3, 7, 7, 1])], int(1)),
      call((y) => core.argmax(y), [of([3, NaN, 7, NaN])], int(1)),
      call((y) => core.argmax(y), [of([-Infinity, -Infinity])], int(0)),
      call((y) => core.argmax(y), [int([-5, -2147483648, -4])], int(2)),
      call((y) => core.argmax(y), [bool([0, 1, 1])], int(1)),
      call((y) => core.argmax(y), [of([0, -0])], int(0)),
      call((y) => core.argmax(y), [of([-0, 0])], int(0)),
      call((y) => core.argmax(y), [of([[5], [6]])], int([0, 0])),
      call((y) => core.argmax(y), [of([1, Infinity, NaN, Infinity], 'float64')], int(2)),
      call((y) => core.argmax(y, 0), [nothing], { dtype: 'int32', shape: [0], numbers: [] }),
    ],
    refuses: [
      refusal(() => core.argmax(zeros([2, 0])), ShapeError, 'at least one element', '[2, 0]'),
      refusal(() => core.argmax(tensor([1]), 1), ShapeError, 'an axis in [-1, 0]'),
    ],
  },
  argmin: {
    samples: [
      call((y) => core.argmin(y), [x], int([[0, 1], [0, 1]])),
      call((y) => core.argmin(y), [of([3, 1, 7, 1])], int(1)),
      call((y) => core.argmin(y), [of([3, NaN, 1])], int(1)),
      call((y) => core.argmin(y), [of([Infinity, Infinity])], int(0)),
      call((y) => core.argmin(y), [of([0, -0])], int(0)),
      call((y) => core.argmin(y, 0), [nothing], { dtype: 'int32', shape: [0], numbers: [] }),
      call((y) => core.argmin(y), [counted([3], 'uint8')], int(0)),
      call((y) => core.argmin(y, 0, true), [of([[2], [1]])], int([[1]])),
    ],
    refuses: [refusal(() => core.argmin(zeros([0])), ShapeError, 'at least one element', '[0]')],
  },
  countNonzero: {
    samples: [
      call((y) => core.countNonzero(y), [of([0, -0, NaN, 2])], int(2)),
      call((y) => core.countNonzero(y, 0), [int([[0, 5], [256, 6]])], int([1, 2])),
      call((y) => core.countNonzero(y), [nothing], int(0)),
      call((y) => core.countNonzero(y), [of(-Infinity)], int(1)),
      call((y) => core.countNonzero(y, 1, true), [bool([[1, 1], [0, 0]])], int([[2], [0]])),
    ],
    refuses: badAxes(core.countNonzero),
  },
}; // prettier-ignore
