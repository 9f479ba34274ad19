/** Functions that make tensors out of host data and out of nothing: dtypes chosen, data checked, copies taken. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ValueError, tensor } from '@antler/core';
import type * as creation from '../../../../packages/core/src/ops/creation.js';
import { of, type Nested, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
const hostArray = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };

export const creationRecords: Records<typeof creation> = {
  tensor: {
    samples: [
      call(() => tensor(3), [], of(3)),
      call(() => tensor([[1, 2], [3, 4]]), [], of([[1, 2], [3, 4]])),
      call(() => tensor([]), [], of([])),
      call(() => tensor([[], []]), [], { dtype: 'float32', shape: [2, 0], numbers: [] }),
      call(() => tensor([true, false]), [], of([1, 0], 'bool')),
      call(() => tensor(true), [], of(1, 'bool')),
      call(() => tensor([true, 2]), [], of([1, 2])),
      call(() => tensor(Float64Array.of(0.1)), [], of([0.1])),
      call(() => tensor(Float64Array.of(0.1), { dtype: 'float64' }), [], of([0.1], 'float64')),
      call(() => tensor(Int8Array.of(-1)), [], of([-1], 'int8')),
      call(() => tensor(Uint8Array.of(255)), [], of([255], 'uint8')),
      call(() => tensor(Uint8ClampedArray.of(300)), [], of([255], 'uint8')),
      call(() => tensor(Int16Array.of(-300)), [], int([-300])),
      call(() => tensor(Uint32Array.of(4294967295)), [], of([4294967295], 'uint32')),
      call(() => tensor(BigInt64Array.of(-5n)), [], int([-5])),
      call(() => tensor(Int32Array.of(1, 2, 3, 4), { shape: [2, 2] }), [], int([[1, 2], [3, 4]])),
      call(() => tensor([1.9, -1.9], { dtype: 'int32' }), [], int([1, -1])),
      call(() => tensor([0, 2], { dtype: 'bool' }), [], of([0, 1], 'bool')),
      call(() => tensor(hostArray), [], of([[1, 2], [3, 4]])),
      call(() => tensor({ ...hostArray, dtype: 'int32' }), [], int([[1, 2], [3, 4]])),
    ],
    refuses: [
      refusal(() => tensor([[1, 2], [3]]), ShapeError, 'equal lengths ([2, 2] by their first entries)', 'an array of length 1'),
      refusal(() => tensor([1, [2]]), ShapeError, 'equal lengths', 'an array of length 1'),
      refusal(() => tensor([1, 2, 3], { shape: [2, 2] }), ShapeError, 'data of 4 elements for shape [2, 2]', '3 elements'),
      refusal(() => tensor([1], { shape: [-1] }), ShapeError, 'whole numbers >= 0', '[-1]'),
      refusal(() => tensor([1], { shape: [2 ** 40, 2 ** 40] }), ShapeError, 'at most 2^53 - 1 elements'),
      refusal(() => tensor([1], { dtype: 'float' as never }), DTypeError, 'a dtype (', '"float"'),
      refusal(() => tensor([300], { dtype: 'uint8' }), DTypeError, 'in the range of uint8 [0, 255]', 'received 300'),
      refusal(() => tensor([NaN], { dtype: 'int32' }), DTypeError, 'in the range of int32', 'received NaN'),
      refusal(() => tensor(BigInt64Array.of(2n ** 40n)), DTypeError, 'in the range of int32', '1099511627776'),
      refusal(() => tensor('1' as never), ValueError, 'numbers, nested arrays or a typed array', '"1"'),
      refusal(() => tensor(null as never), ValueError, 'null'),
      refusal(() => tensor(['1'] as never), ShapeError, '"1"'),
      refusal(() => tensor(BigUint64Array.of(1n) as never), DTypeError, 'a typed array of numbers', 'BigUint64Array'),
    ],
  },
  zeros: {
    samples: [
      call(() => core.zeros([2, 1]), [], of([[0], [0]])),
      call(() => core.zeros([], { dtype: 'bool' }), [], of(0, 'bool')),
      call(() => core.zeros([0, 2]), [], { dtype: 'float32', shape: [0, 2], numbers: [] }),
    ],
    refuses: [refusal(() => core.zeros([-1]), ShapeError, 'whole numbers >= 0', '[-1]')],
  },
  ones: {
    samples: [call(() => core.ones([2], { dtype: 'uint8' }), [], of([1, 1], 'uint8'))],
    refuses: [refusal(() => core.ones([2], { dtype: 'byte' as never }), DTypeError, 'a dtype (', '"byte"')],
  },
  full: {
    samples: [
      call(() => core.full([0], 7), [], of([])),
      call(() => core.full([2], -0), [], of([-0, -0]), { signed: true }),
      call(() => core.full([1], -Infinity), [], of([-Infinity])),
      call(() => core.full([2], NaN), [], of([NaN, NaN])),
      call(() => core.full([1, 2], -3, { dtype: 'int8' }), [], of([[-3, -3]], 'int8')),
      call(() => core.full([1], 7, { dtype: 'bool' }), [], of([1], 'bool')),
      call(() => core.full([1], -1.9, { dtype: 'int32' }), [], int([-1])),
      call(() => core.full([], 0.1, { dtype: 'float64' }), [], of(0.1, 'float64')),
    ],
    refuses: [
      refusal(() => core.full([1], 256, { dtype: 'uint8' }), DTypeError, 'numbers in the range of uint8 [0, 255]', '256'),
      refusal(() => core.full([1], NaN, { dtype: 'int32' }), DTypeError, 'in the range of int32', 'NaN'),
      refusal(() => core.full([1.5], 0), ShapeError, 'whole numbers >= 0', '[1.5]'),
      refusal(() => core.full(3 as never, 0), ShapeError, 'a shape (an array of sizes)', 'received 3'),
      refusal(() => core.full([1], 0, { dtype: 'int' as never }), DTypeError, 'a dtype ('),
    ],
  },
  zerosLike: {
    samples: [
      call((x) => core.zerosLike(x), [of([[NaN, 2]])], of([[0, 0]])),
      call((x) => core.zerosLike(x), [of([])], of([])),
      call((x) => core.zerosLike(core.transpose(x)), [of([[1, 1]], 'bool')], of([[0], [0]], 'bool')),
    ],
  },
  onesLike: {
    samples: [
      call((x) => core.onesLike(x), [of([5, 6], 'int8')], of([1, 1], 'int8')),
      call((x) => core.onesLike(x), [of(NaN, 'float64')], of(1, 'float64')),
    ],
  },
  fullLike: {
    samples: [
      call((x) => core.fullLike(core.cast(x, 'float32'), 3), [int([[1, 2]])], of([[3, 3]])),
      call((x) => core.fullLike(core.cast(x, 'int8'), -2), [int([1])], of([-2], 'int8')),
      call((x) => core.fullLike(core.cast(x, 'bool'), 7), [int(0)], of(1, 'bool')),
    ],
    refuses: [refusal(() => core.fullLike(tensor(Uint8Array.of(1)), -1), DTypeError, 'in the range of uint8', '-1')],
  },
  identity: {
    samples: [
      call(() => core.identity(0), [], { dtype: 'float32', shape: [0, 0], numbers: [] }),
      call(() => core.identity(2, { dtype: 'int32' }), [], int([[1, 0], [0, 1]])),
    ],
  },
  eye: {
    samples: [
      call(() => core.eye(0), [], { dtype: 'float32', shape: [0, 0], numbers: [] }),
      call(() => core.eye(1, 1, { dtype: 'bool' }), [], of([[1]], 'bool')),
      call(() => core.eye(2), [], of([[1, 0], [0, 1]])),
      call(() => core.eye(2, 3, { dtype: 'int32' }), [], int([[1, 0, 0], [0, 1, 0]])),
      call(() => core.eye(3, 1), [], of([[1], [0], [0]])),
    ],
    refuses: [refusal(() => core.eye(2, 2, { dtype: 'real' as never }), DTypeError, '"real"')],
  },
  arange: {
    samples: [
      call(() => core.arange(4), [], int([0, 1, 2, 3])),
      call(() => core.arange(2, 8, 2), [], int([2, 4, 6])),
      call(() => core.arange(5, 0, -2), [], int([5, 3, 1])),
      call(() => core.arange(0, 1, 0.25), [], of([0, 0.25, 0.5, 0.75])),
      call(() => core.arange(0.5, 3), [], of([0.5, 1.5, 2.5])),
      call(() => core.arange(3, 3), [], int([])),
      call(() => core.arange(3, 1), [], int([])),
      call(() => core.arange(3, undefined, 1, { dtype: 'uint8' }), [], of([0, 1, 2], 'uint8')),
    ],
    refuses: [
      refusal(() => core.arange(0, 1, 0), ValueError, 'a step other than 0', '0, 1, 0'),
      refusal(() => core.arange(NaN), ValueError, 'finite bounds'),
      refusal(() => core.arange(0, Infinity), ValueError, 'finite bounds'),
    ],
  },
}; // prettier-ignore
