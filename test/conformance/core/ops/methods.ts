/** The methods of tensors, which are functions of the same meaning; their errors begin with their own names. */
import { DTypeError, ShapeError, ValueError, ones, tensor, type Operand, type Tensor } from '@antler/core';
import { of, type Nested, type Values } from '../values.js';
import { call, refusal, type OpRecord, type Refusal } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
const x = of([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const none: Values = { dtype: 'float32', shape: [0], numbers: [] };
const matrix = (): Tensor => tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore

/** A record for every method that gives a tensor. A new one without a record does not compile. */
type MethodRecords = {
  readonly [M in keyof Tensor as Tensor[M] extends (...args: never) => Tensor ? M : never]: OpRecord;
};

const meeting = (f: (a: Tensor, b: Operand) => unknown): Refusal[] => [
  refusal(() => f(ones([2]), ones([3])), ShapeError, '[2] and [3]', 'broadcast together'),
  refusal(() => f(ones([2]), [1, 2] as never), ValueError, 'an array'),
];
const axes = (f: (a: Tensor, axis: number) => unknown): Refusal =>
  refusal(() => f(matrix(), 2), ShapeError, 'an axis in [-2, 1]', 'received 2');

export const methodRecords: MethodRecords = {
  add: { samples: [call((a, b) => a.add(b), [x, of([1, 0, NaN])], of([[2, 2, NaN], [5, 5, NaN]]))], refuses: meeting((a, b) => a.add(b)) },
  sub: { samples: [call((a) => a.sub(0.5), [int([1, 2])], of([0.5, 1.5]))], refuses: meeting((a, b) => a.sub(b)) },
  mul: { samples: [call((a, b) => a.mul(b), [x, of([[2], [-1]])], of([[2, 4, 6], [-4, -5, -6]]))], refuses: meeting((a, b) => a.mul(b)) },
  div: { samples: [call((a) => a.div(2), [int([1, 2])], of([0.5, 1]))], refuses: meeting((a, b) => a.div(b)) },
  pow: { samples: [call((a) => a.pow(2), [of([-3, 0, NaN])], of([9, 0, NaN]), { within: ({ pow }) => pow })], refuses: meeting((a, b) => a.pow(b)) },
  neg: { samples: [call((a) => a.neg(), [of([0, -2])], of([-0, 2]), { signed: true }), call((a) => a.neg(), [none], none)] },
  matmul: {
    samples: [call((a) => a.matmul(a.transpose()), [x], of([[14, 32], [32, 77]]))],
    refuses: [refusal(() => matrix().matmul(matrix()), ShapeError, 'the last axis of a ([2, 3])', '3 and 2')],
  },
  sum: { samples: [call((a) => a.sum(-1, true), [x], of([[6], [15]])), call((a) => a.sum(), [none], of(0))], refuses: [axes((a, axis) => a.sum(axis))] },
  mean: { samples: [call((a) => a.mean(0), [x], of([2.5, 3.5, 4.5])), call((a) => a.mean(), [none], of(NaN))], refuses: [axes((a, axis) => a.mean(axis))] },
  max: { samples: [call((a) => a.max(1, true), [x], of([[3], [6]]))], refuses: [axes((a, axis) => a.max(axis))] },
  min: { samples: [call((a) => a.min([0, 1]), [x], of(1))], refuses: [axes((a, axis) => a.min(axis))] },
  reshape: {
    samples: [call((a) => a.reshape([3, -1]), [x], of([[1, 2], [3, 4], [5, 6]]))],
    refuses: [refusal(() => matrix().reshape([4]), ShapeError, 'a shape of 6 elements for x of [2, 3]', '[4]')],
  },
  transpose: {
    samples: [call((a) => a.transpose(), [x], of([[1, 4], [2, 5], [3, 6]])), call((a) => a.transpose([-1, 0]), [x], of([[1, 4], [2, 5], [3, 6]]))],
    refuses: [
      refusal(() => matrix().transpose([0]), ShapeError, 'a permutation of 2 axes', '[0]'),
      refusal(() => matrix().transpose([0, 2]), ShapeError, 'an axis in [-2, 1]', 'received 2'),
    ],
  },
  cast: {
    samples: [call((a) => a.cast('int32'), [of([1.9, NaN, -Infinity])], int([1, 0, -2147483648]))],
    refuses: [refusal(() => matrix().cast('int64' as never), DTypeError, 'a dtype (', '"int64"')],
  },
}; // prettier-ignore
