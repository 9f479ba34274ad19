/** Bits of integers: every dtype, signs, counts beyond the width. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, tensor } from '@antler/core';
import type * as bits from '../../../../packages/core/src/ops/bits.js';
import { bool, int, notATensor, type Binary } from './elementwise.js';
import { of, type Values } from '../values.js';
import { call, refusal, type OpRecord, type Records } from './record.js';

const none = (dtype: core.DType): Values => ({ dtype, shape: [0], numbers: [] });
const [low, high] = [[6, 5, 0, 255], [3, 5, 7, 15]]; // prettier-ignore

function combining(f: Binary, formula: (a: number, b: number) => number): OpRecord {
  const both = low.map((a, i) => formula(a, high[i]!));
  return {
    samples: [
      ...(['int32', 'uint32', 'uint8'] as const).map((dtype) =>
        call((a, b) => f(a, b), [of(low, dtype), of(high, dtype)], of(both, dtype)),
      ),
      call((a, b) => f(a, b), [of([-1, -128, 5], 'int8'), of([127, -1, -6], 'int8')], of([formula(-1, 127), formula(-128, -1), formula(5, -6)], 'int8')),
      call((a, b) => f(a, b), [int([-2147483648, -7]), int([2147483647, 12])], int([formula(-2147483648, 2147483647), formula(-7, 12)])),
      call((a, b) => f(a, b), [bool([0, 0, 1, 1]), bool([0, 1, 0, 1])], bool([0, 0, 1, 1].map((a, i) => formula(a, i % 2)))),
      call((a) => f(a, 3), [of([[6], [1]], 'uint8')], of([[formula(6, 3)], [formula(1, 3)]], 'uint8')),
      call((a, b) => f(a, b), [int([[1], [2]]), int([4, 8])], int([[formula(1, 4), formula(1, 8)], [formula(2, 4), formula(2, 8)]])),
      call((a) => f(a, 1), [none('int32')], none('int32')),
    ],
    refuses: [
      ...notATensor((x) => f(x, 1)),
      refusal(() => f(tensor([1]), 1), DTypeError, 'integers or bools', 'float32', "cast(x, 'int32')"),
      refusal(() => f(tensor(Int32Array.of(1, 2)), tensor(Int32Array.of(1, 2, 3))), ShapeError, '[2] and [3]'),
    ],
  };
} // prettier-ignore

function moving(f: Binary, samples: OpRecord['samples']): OpRecord {
  return {
    samples,
    refuses: [
      ...notATensor((x) => f(x, 1)),
      refusal(() => f(tensor([1]), 1), DTypeError, 'integers', 'float32', "cast(x, 'int32')"),
      refusal(() => f(tensor([true]), true), DTypeError, 'integers', 'bool'),
    ],
  };
}

export const bitsRecords: Records<typeof bits> = {
  bitwiseAnd: combining(core.bitwiseAnd, (a, b) => a & b),
  bitwiseOr: combining(core.bitwiseOr, (a, b) => a | b),
  bitwiseXor: combining(core.bitwiseXor, (a, b) => a ^ b),
  bitwiseNot: {
    samples: [
      call((x) => core.bitwiseNot(x), [int([0, -1, 5, -2147483648])], int([-1, 0, -6, 2147483647])),
      call((x) => core.bitwiseNot(x), [of([0, 127, -128], 'int8')], of([-1, -128, 127], 'int8')),
      call((x) => core.bitwiseNot(x), [of([[0], [200]], 'uint8')], of([[255], [55]], 'uint8')),
      call((x) => core.bitwiseNot(x), [of([0, 4294967295], 'uint32')], of([4294967295, 0], 'uint32')),
      call((x) => core.bitwiseNot(x), [bool([0, 1])], bool([1, 0])),
      call((x) => core.bitwiseNot(x), [none('uint8')], none('uint8')),
    ],
    refuses: [
      ...notATensor(core.bitwiseNot),
      refusal(() => core.bitwiseNot(tensor([1])), DTypeError, 'integers or bools', 'float32'),
    ],
  },
  leftShift: moving(core.leftShift, [
    call((x) => core.leftShift(x, 2), [int([1, -3, 1073741824])], int([4, -12, 0])),
    call((x, n) => core.leftShift(x, n), [int([1, 1, 1]), int([31, 32, 33])], int([-2147483648, 1, 2])),
    call((x) => core.leftShift(x, 1), [of([255, 64], 'uint8')], of([254, 128], 'uint8')),
    call((x) => core.leftShift(x, 1), [of([64, -1], 'int8')], of([-128, -2], 'int8')),
    call((x) => core.leftShift(x, 4), [of([[4294967295]], 'uint32')], of([[4294967280]], 'uint32')),
  ]),
  rightShift: moving(core.rightShift, [
    call((x) => core.rightShift(x, 2), [int([12, -8, -1])], int([3, -2, -1])),
    call((x, n) => core.rightShift(x, n), [int([-2147483648, 8, 8]), int([31, 32, 33])], int([-1, 8, 4])),
    call((x) => core.rightShift(x, 1), [of([255, 64], 'uint8')], of([127, 32], 'uint8')),
    call((x) => core.rightShift(x, 1), [of([-128, 1], 'int8')], of([-64, 0], 'int8')),
    call((x) => core.rightShift(x, 28), [of([[4294967295]], 'uint32')], of([[15]], 'uint32')),
  ]),
}; // prettier-ignore
