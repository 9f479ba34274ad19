/** Public functions that make tensors and stand in no module of operations: loops and cut gradients. */
import * as core from '@antler/core';
import { ShapeError, ValueError, ones, scan, tensor, type Tensor } from '@antler/core';
import { of, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

const none = (...shape: number[]): Values => ({ dtype: 'float32', shape, numbers: [] });
const sums = (c: Tensor, x: Tensor): readonly [Tensor, Tensor] => [c.add(x), c.mul(x)];
const x = of([[1, 2], [3, 4], [5, 6]]); // prettier-ignore

export const otherRecords: Records<Pick<typeof core, 'scan' | 'stopGradient'>> = {
  scan: {
    samples: [
      call((y) => scan(sums, core.zeros([2]), y), [x], [of([9, 12]), of([[0, 0], [3, 8], [20, 36]])]),
      call((y) => scan(sums, core.zeros([2]), y, { reverse: true }), [x], [of([9, 12]), of([[8, 20], [15, 24], [0, 0]])]),
      call((c, y) => scan(sums, c, y), [of(1), none(0)], [of(1), none(0)]),
      call((c, y) => scan(sums, c, y), [of(2), of([5])], [of(7), of([10])]),
      // No sequence, only a length; a carry that is a tree; results that nobody gives.
      call((c) => [scan((n: Tensor) => [n.mul(2), null], c, undefined, { length: 5 })[0]], [of(1)], of(32)),
      call((c) => { const [{ a, b }] = scan(({ a, b }: { a: Tensor; b: Tensor }) => [{ a: b, b: a.add(b) }, null], { a: c, b: c }, null, { length: 4 }); return [a, b]; }, [of(1)], [of(5), of(8)]),
      call((c) => [scan((n: Tensor) => [n.add(1), n], c, undefined, { length: 0 })[1]], [of(1, 'int32')], { ...none(0), dtype: 'int32' }),
      call((y, w) => scan((c: Tensor, e: Tensor) => [core.matmul(w, c).add(e), c], core.zeros([2]), y), [x, of([[0, 1], [1, 0]])], [of([10, 11]), of([[0, 0], [1, 2], [5, 5]])]),
    ],
    refuses: [
      refusal(() => scan(sums, tensor(0), tensor(1)), ShapeError, 'sequences with an axis to run along', 'a scalar'),
      refusal(() => scan(sums, tensor(0), undefined as never), ShapeError, 'sequences or a length', 'neither'),
      refusal(() => scan((c: Tensor, [a]: Tensor[]) => [c, a], tensor(0), [ones([2]), ones([3])]), ShapeError, 'one length for all sequences', '2, 3'),
      refusal(() => scan(sums, tensor(0), ones([2]), { length: 3 }), ShapeError, 'one length for all sequences', '2, 3'),
      refusal(() => scan((c: Tensor) => [c, null], tensor(0), null, { length: -1 }), ShapeError, 'one length', '-1'),
      refusal(() => scan((c: Tensor) => [c.reshape([1]), null], tensor(0), null, { length: 1 }), ShapeError, 'the body to keep carry 0 at float32 []', 'float32 [1]'),
      refusal(() => scan((c: Tensor) => [c.cast('int32'), null], tensor(0), null, { length: 1 }), ShapeError, 'carry 0 at float32 []', 'int32 []'),
      refusal(() => scan((c: Tensor) => c as never, tensor(0), null, { length: 1 }), ValueError, 'the body to return [carry, result]'),
      refusal(() => scan((c: unknown) => [c, null], 'x', null, { length: 1 }), ValueError, 'trees of tensors', 'string'),
    ],
  },
  stopGradient: {
    samples: [
      call((y) => core.stopGradient(y), [of([NaN, -0, Infinity, 2])], of([NaN, -0, Infinity, 2]), { signed: true }),
      call((y) => core.stopGradient(y), [of([1, 2], 'int8')], of([1, 2], 'int8')),
      call((y) => core.stopGradient(y), [none(2, 0)], none(2, 0)),
      call((y) => core.stopGradient(y), [of(3)], of(3)),
    ],
    refuses: [refusal(() => core.stopGradient([1] as never), ValueError, 'an array')],
  },
}; // prettier-ignore
