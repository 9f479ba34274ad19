/** Activations and losses, at ordinary numbers and where a careless formula overflows. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ValueError, ones, tensor } from '@antler/core';
import type * as nn from '../../../../packages/core/src/ops/nn.js';
import type { Tolerance } from '../../tolerance.js';
import { of, type Nested, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const int = (nested: Nested): Values => of(nested, 'int32');
/** e^x / Σ e^x of each row, in double precision. */
const softmax = (rows: readonly number[][]): number[][] =>
  rows.map((row) => row.map((x) => 1 / row.reduce((sum, y) => sum + Math.exp(y - x), 0)));
const logSoftmax = (rows: readonly number[][]): number[][] =>
  rows.map((row) => row.map((x) => -Math.log(row.reduce((sum, y) => sum + Math.exp(y - x), 0))));

const x = [[1, 2, 3], [-1, 0, 0.5]]; // prettier-ignore
const wide = [[10000, -10000, 9999], [-10000, -10000, -10000]]; // prettier-ignore
const within = { within: ({ exp, sum, div }: Tolerance): number => exp + sum + div + 2 };
/** A difference of x and a logarithm; near 0 what is lost is lost against the size of x. */
const withinLog = { within: ({ exp, sum, log }: Tolerance): number => 2 * (exp + sum) + log + 4 };
const none = (...shape: number[]): Values => ({ dtype: 'float32', shape, numbers: [] });
const third = -Math.log(1 / 3);

export const nnRecords: Records<typeof nn> = {
  relu: {
    samples: [
      call((y) => core.relu(y), [none(2, 0)], none(2, 0)),
      call((y) => core.relu(y), [of([-1, -0, 0, 2, NaN, Infinity, -Infinity])], of([0, 0, 0, 2, NaN, Infinity, 0])),
      call((y) => core.relu(y), [int([-1, 3])], of([0, 3])),
      call(() => core.relu(-2), [], of(0)),
    ],
    refuses: [refusal(() => core.relu([1] as never), ValueError, 'an array')],
  },
  softmax: {
    samples: [
      call((y) => core.softmax(y), [none(2, 0)], none(2, 0)),
      call((y) => core.softmax(y), [none(0, 2)], none(0, 2)),
      call((y) => core.softmax(y), [of(x)], of(softmax(x)), within),
      call((y) => core.transpose(core.softmax(core.transpose(y), 0)), [of(x)], of(softmax(x)), within),
      call((y) => core.softmax(y, -2), [of([[[0], [0]]])], of([[[0.5], [0.5]]]), within),
      call((y) => core.softmax(y), [of(wide)], of(softmax(wide)), within),
      call((y) => core.softmax(y), [of([[0, -Infinity], [NaN, 0]])], of([[1, 0], [NaN, NaN]]), within),
      call((y) => core.softmax(y), [int([[0, 0]])], of([[0.5, 0.5]]), within),
      call((y) => core.softmax(y), [of([[7]])], of([[1]])),
    ],
    refuses: [
      refusal(() => core.softmax(tensor(1)), ShapeError, 'no axis (x is a scalar)'),
      refusal(() => core.softmax(ones([2]), 1), ShapeError, 'an axis in [-1, 0]', 'received 1'),
    ],
  },
  logSoftmax: {
    samples: [
      call((y) => core.logSoftmax(y), [none(0, 2)], none(0, 2)),
      call((y) => core.logSoftmax(y), [of([[7], [-Infinity]])], of([[0], [NaN]])),
      call((y) => core.logSoftmax(y), [of([[0, -Infinity], [NaN, 0]])], of([[0, -Infinity], [NaN, NaN]])),
      call((y) => core.logSoftmax(y), [of(x)], of(logSoftmax(x)), withinLog),
      call((y) => core.logSoftmax(y, 0), [of([[0, 0], [0, 0]])], of([[-Math.LN2, -Math.LN2], [-Math.LN2, -Math.LN2]]), withinLog),
      call((y) => core.logSoftmax(y), [of(wide)], of([[-0.31326168751822286, -20000.313261687517, -1.3132616875182228], [-third, -third, -third]]), withinLog),
    ],
    refuses: [refusal(() => core.logSoftmax(ones([2]), -2), ShapeError, 'an axis in [-1, 0]', 'received -2')],
  },
  sparseSoftmaxCrossEntropy: {
    samples: [
      call((l, y) => core.sparseSoftmaxCrossEntropy(l, y), [{ ...none(0), dtype: 'int32' }, none(0, 3)], none(0)),
      call((l, y) => core.sparseSoftmaxCrossEntropy(l, y), [int([0, 1]), of([[0, -Infinity], [0, -Infinity]])], of([0, Infinity])),
      call((l, y) => core.sparseSoftmaxCrossEntropy(l, y), [int([2, 0]), of(x)], of([-logSoftmax(x)[0]![2]!, -logSoftmax(x)[1]![0]!]), withinLog),
      call((l, y) => core.sparseSoftmaxCrossEntropy(l, y), [int([-1, -3]), of(x)], of([-logSoftmax(x)[0]![2]!, -logSoftmax(x)[1]![0]!]), withinLog),
      call((l, y) => core.sparseSoftmaxCrossEntropy(l, y), [of(1, 'uint8'), of([0, 0])], of(Math.LN2), withinLog),
      call((l, y) => core.sparseSoftmaxCrossEntropy(l, y), [int([1, 2]), of(wide)], of([20000.313261687517, third]), withinLog),
    ],
    refuses: [
      refusal(() => core.sparseSoftmaxCrossEntropy(tensor([0]), ones([1, 2])), DTypeError, 'integer labels', 'float32'),
      refusal(() => core.sparseSoftmaxCrossEntropy(tensor(Int32Array.of(0, 1)), ones([3, 2])), ShapeError, 'labels of shape [3] for logits of [3, 2]', '[2]'),
      refusal(() => core.sparseSoftmaxCrossEntropy(0, tensor(1)), ShapeError, 'logits of []'),
    ],
  },
  softmaxCrossEntropy: {
    samples: [
      call((t, y) => core.softmaxCrossEntropy(t, y), [none(0, 3), none(0, 3)], none(0)),
      call((t, y) => core.softmaxCrossEntropy(t, y), [of([1]), of([5])], of(0)),
      call((t, y) => core.softmaxCrossEntropy(t, y), [of([[0, 0, 1], [0.5, 0.5, 0]]), of(x)], of([-logSoftmax(x)[0]![2]!, -(logSoftmax(x)[1]![0]! + logSoftmax(x)[1]![1]!) / 2]), withinLog),
      call((t, y) => core.softmaxCrossEntropy(t, y), [int([[0, 1, 0], [1, 0, 0]]), of(wide)], of([20000.313261687517, third]), withinLog),
    ],
    refuses: [refusal(() => core.softmaxCrossEntropy(ones([2]), ones([3])), ShapeError, 'targets of [3]', '[2]')],
  },
}; // prettier-ignore
