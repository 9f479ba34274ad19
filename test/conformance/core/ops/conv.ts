/** Convolution and pooling: small ones by hand, others by their definition; and what does not fit is said. */
import * as core from '@antler/core';
import { ShapeError, ValueError, ones, tensor } from '@antler/core';
import type * as conv from '../../../../packages/core/src/ops/conv.js';
import type * as pooling from '../../../../packages/core/src/ops/pooling.js';
import { convolved, type Geometry } from '../../convolution.js';
import type { Sample } from '../sample.js';
import { build, counted, of, type Nested, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const [image, kernel] = [counted([1, 3, 3, 1]), of([[[[1]], [[0]]], [[[0]], [[2]]]])]; // prettier-ignore

/** Small whole numbers, so that every order of adding is exact. */
const small = (shape: readonly number[], seed: number): Values => {
  let state = seed;
  return build(shape, 'float32', () => ((state = (state * 5 + 7) % 31) % 7) - 3);
};

/** A convolution as its definition has it. */
function defined(f: Sample['f'], geometry: Omit<Geometry, 'map' | 'groups'> & Partial<Pick<Geometry, 'groups' | 'map'>>, kernelShape = geometry.kernel): Sample {
  const all: Geometry = { map: 'output', groups: 1, ...geometry };
  const [from, to] = all.map === 'output' ? [all.input, all.output] : [all.output, all.input];
  const [x, w] = [small(from, 1), small(all.kernel, 2)];
  const numbers = convolved(all, x.numbers, w.numbers);
  return call(f, [x, { ...w, shape: kernelShape }], { dtype: 'float32', shape: to, numbers });
} // prettier-ignore

const none = (...shape: number[]): Values => ({ dtype: 'float32', shape, numbers: [] });
const column = (numbers: readonly number[]): Nested => [numbers.map((n) => [n])];
const line = (...numbers: number[]): Values => of(column(numbers));
const one = [1, 1] as const;

export const convRecords: Records<typeof conv> = {
  conv: {
    samples: [
      call((x, w) => core.conv(x, w), [none(0, 3, 1), counted([2, 1, 2])], none(0, 2, 2)),
      call((x, w) => core.conv(x, w), [none(1, 3, 0), none(2, 0, 2)], of([[[0, 0], [0, 0]]])),
      call((x, w) => core.conv(x, w), [line(5), of([[[3]]])], line(15)),
      call((x, w) => core.conv(x, w), [line(1, NaN, 2, Infinity), of([[[1]], [[0]]])], line(NaN, NaN, NaN)),
      call((x, w) => core.conv(x, w), [of([[[1], [2]]], 'float64'), of([[[0.5]]])], of([[[0.5], [1]]], 'float64')),
      call((x, w) => core.conv(x, w), [image, kernel], of([[[[8], [11]], [[17], [20]]]])),
      call((x, w) => core.conv(x, w, { padding: 'same' }), [image, kernel], of([[[[8], [11], [2]], [[17], [20], [5]], [[6], [7], [8]]]])),
      call((x, w) => core.conv(x, w, { strides: 2, padding: 'same' }), [image, kernel], of([[[[8], [2]], [[6], [8]]]])),
      call((x, w) => core.conv(x, w, { padding: [[1, 0], [0, 1]] }), [image, kernel], of([[[[2], [4], [0]], [[8], [11], [2]], [[17], [20], [5]]]])),
      call((x, w) => core.conv(x, w, { dilationRate: 2 }), [image, kernel], of([[[[16]]]])),
      call((x, w) => core.conv(x, w), [of([[[1], [2], [3]]], 'int32'), of([[[0.5]], [[1]]])], of([[[2.5], [4]]])),
      defined((x, w) => core.conv(x, w, { strides: [2, 1] }), { input: [2, 5, 4, 3], kernel: [3, 2, 3, 2], output: [2, 2, 3, 2], strides: [2, 1], padding: [[0, 0], [0, 0]], dilation: one }),
      defined((x, w) => core.conv(x, w, { padding: 'same' }), { input: [1, 4, 4, 4], kernel: [3, 3, 2, 6], output: [1, 4, 4, 6], strides: one, padding: [[1, 1], [1, 1]], dilation: one, groups: 2 }),
      defined((x, w) => core.conv(x, w), { input: [1, 3, 4, 3, 1], kernel: [2, 2, 2, 1, 2], output: [1, 2, 3, 2, 2], strides: [1, 1, 1], padding: [[0, 0], [0, 0], [0, 0]], dilation: [1, 1, 1] }),
    ],
    refuses: [
      refusal(() => core.conv(ones([3, 3]), ones([2, 2, 1, 1])), ShapeError, '3, 4 or 5 axes', '[3, 3]', 'expandDims(x, 0)'),
      refusal(() => core.conv(ones([1, 3, 3, 1]), ones([2, 1, 1])), ShapeError, 'a kernel with 4 axes', '[2, 1, 1]'),
      refusal(() => core.conv(ones([1, 3, 3, 3]), ones([2, 2, 2, 1])), ShapeError, '[1, 3, 3, 3]', '[2, 2, 2, 1]'),
      refusal(() => core.conv(ones([1, 3, 3, 1]), ones([4, 4, 1, 1])), ShapeError, 'the kernel ([4, 4]) fits into', "padding 'same'"),
      refusal(() => core.conv(ones([1, 3, 3, 1]), ones([2, 2, 1, 1]), { strides: 0 }), ValueError, 'strides as a whole number >= 1', 'received 0'),
      refusal(() => core.conv(ones([1, 3, 3, 1]), ones([2, 2, 1, 1]), { strides: [1] }), ValueError, 'or 2 of them', '[1]'),
      refusal(() => core.conv(ones([1, 3, 3, 1]), ones([2, 2, 1, 1]), { padding: 'full' as never }), ValueError, "'valid', 'same'", '"full"'),
    ],
  },
  convTranspose: {
    samples: [
      call((x, w) => core.convTranspose(x, w), [none(0, 2, 1), counted([2, 2, 1])], none(0, 3, 2)),
      call((x, w) => core.convTranspose(x, w, { strides: 2, outputPadding: 1 }), [line(1, 2), of([[[10]], [[1]]])], line(10, 1, 20, 2, 0)),
      call((x, w) => core.convTranspose(x, w), [of([[[[1], [2]], [[3], [4]]]]), kernel], of([[[[1], [2], [0]], [[3], [6], [4]], [[0], [6], [8]]]])),
      call((x, w) => core.convTranspose(x, w, { strides: 2 }), [line(1, 2), of([[[10]], [[1]]])], line(10, 1, 20, 2)),
      call((x, w) => core.convTranspose(x, w, { strides: 2, padding: 'same' }), [line(1, 2), of([[[10]], [[1]], [[5]]])], line(10, 1, 25, 2)),
      defined((x, w) => core.convTranspose(x, w, { strides: 2 }), { map: 'input', input: [1, 7, 7, 2], kernel: [3, 3, 2, 3], output: [1, 3, 3, 3], strides: [2, 2], padding: [[0, 0], [0, 0]], dilation: one }),
    ],
    refuses: [
      refusal(() => core.convTranspose(ones([1, 2, 1]), ones([2, 1, 1]), { padding: [[0, 0]] as never }), ValueError, "'valid' or 'same'", '[[0,0]]'),
      refusal(() => core.convTranspose(ones([1, 2, 3]), ones([2, 1, 1])), ShapeError, '[1, 2, 3]'),
    ],
  },
  depthwiseConv: {
    samples: [
      call((x, w) => core.depthwiseConv(x, w), [none(0, 2, 1), counted([2, 1, 2])], none(0, 1, 2)),
      call((x, w) => core.depthwiseConv(x, w), [of([[[1, 10], [2, 20], [3, 30]]]), of([[[1, 0], [2, 1]], [[1, 1], [0, 1]]])], of([[[3, 2, 20, 30], [5, 3, 40, 50]]])),
      defined((x, w) => core.depthwiseConv(x, w, { padding: 'same' }), { input: [1, 4, 4, 3], kernel: [3, 3, 1, 6], output: [1, 4, 4, 6], strides: one, padding: [[1, 1], [1, 1]], dilation: one, groups: 3 }, [3, 3, 3, 2]),
    ],
    refuses: [refusal(() => core.depthwiseConv(ones([1, 3, 3, 2]), ones([2, 2, 3, 1])), ShapeError, 'channels of x ([1, 3, 3, 2])', '2 and 3', '[...size, channels, multiplier]')],
  },
  separableConv: {
    samples: [
      call((x, w, v) => core.separableConv(x, w, v), [none(0, 2, 1), counted([2, 1, 2]), counted([1, 2, 3])], none(0, 1, 3)),
      call((x, w, v) => core.separableConv(x, w, v), [of([[[1, 10], [2, 20]]]), of([[[1], [1]], [[1], [2]]]), of([[[1, 2], [10, 0]]])], of([[[503, 6]]])),
    ],
    refuses: [refusal(() => core.separableConv(ones([1, 3, 2]), ones([2, 2, 1]), ones([1, 3, 1])), ShapeError, '[1, 3, 1]')],
  },
}; // prettier-ignore

const grid = of([[[[1], [5], [2]], [[4], [3], [9]], [[7], [8], [6]]]]); // prettier-ignore

export const poolingRecords: Records<typeof pooling> = {
  maxPool: {
    samples: [
      call((x) => core.maxPool(x, 2), [none(0, 2, 1)], none(0, 1, 1)),
      call((x) => core.maxPool(x, 1), [line(5)], line(5)),
      call((x) => core.maxPool(x, 2, { padding: 'same', strides: 1 }), [line(-Infinity, -Infinity)], line(-Infinity, -Infinity)),
      call((x) => core.maxPool(x, 2, { padding: 'same' }), [of([[[-3], [-5], [-128]]], 'int8')], of([[[-3], [-128]]], 'int8')),
      call((x) => core.maxPool(x, 2), [grid], of([[[[5]]]])),
      call((x) => core.maxPool(x, 2, { strides: 1 }), [grid], of([[[[5], [9]], [[8], [9]]]])),
      call((x) => core.maxPool(x, 2, { padding: 'same' }), [grid], of([[[[5], [9]], [[8], [6]]]])),
      call((x) => core.maxPool(x, [3, 1], { strides: 1 }), [grid], of([[[[7], [8], [9]]]])),
      call((x) => core.maxPool(x, 2, { padding: 'same' }), [line(-1, -2, -3)], line(-1, -3)),
      call((x) => core.maxPool(x, 2, { strides: 1 }), [line(NaN, 1, 2)], line(NaN, 2)),
      call((x) => core.maxPool(x, 2), [of([[[1], [2]]], 'int32')], of([[[2]]], 'int32')),
    ],
    refuses: [
      refusal(() => core.maxPool(tensor([1, 2]), 2), ShapeError, '3, 4 or 5 axes', '[2]'),
      refusal(() => core.maxPool(ones([1, 3, 1]), 4), ShapeError, 'the pool ([4]) fits into', '[1, 3, 1]'),
      refusal(() => core.maxPool(ones([1, 3, 1]), 0), ValueError, 'poolSize as a whole number >= 1'),
    ],
  },
  averagePool: {
    samples: [
      call((x) => core.averagePool(x, 2), [none(0, 2, 1)], none(0, 1, 1)),
      call((x) => core.averagePool(x, 2, { strides: 1 }), [line(1, NaN, 2, 4)], line(NaN, NaN, 3)),
      call((x) => core.averagePool(x, 3, { padding: 'same', strides: 1 }), [line(Infinity, 1, -1)], line(Infinity, Infinity, 0)),
      call((x) => core.averagePool(x, 2), [grid], of([[[[3.25]]]])),
      call((x) => core.averagePool(x, 2, { strides: 1 }), [grid], of([[[[3.25], [4.75]], [[5.5], [6.5]]]])),
      call((x) => core.averagePool(x, 2, { padding: 'same' }), [line(1, 2, 5)], line(1.5, 5)),
      call((x) => core.averagePool(x, 2), [of([[[1], [2]]], 'int32')], of([[[1.5]]])),
    ],
    refuses: [refusal(() => core.averagePool(ones([1, 3, 1]), [2, 2]), ValueError, 'poolSize', '[2,2]')],
  },
}; // prettier-ignore
