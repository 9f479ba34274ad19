/** Leaves, and the primitives that hold others: constants, counting, what is passed through, composites and scan. */
import { isFloat, relu, scan, softmax, tensor, type DType, type Tensor } from '@antler/core';
import type { Sample } from '../sample.js';
import { build, counted, of, upTo } from '../values.js';
import { record } from './record.js';

const everyDType: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'int8', 'uint8', 'bool'];

export const constSamples: readonly Sample[] = everyDType.flatMap((dtype) =>
  (dtype === 'bool' ? [0, 1] : isFloat(dtype) ? [0, -0, 0.1, NaN, Infinity, -Infinity, 1e30] : [0, 1, 127]).map(
    (value): Sample => ({
      name: `const ${value} ${dtype}`,
      inputs: [],
      f: () => record('const', [], { value, dtype }),
      expected: of(value, dtype),
      signed: true,
    }),
  ),
);

export const iotaSamples: readonly Sample[] = everyDType
  .filter((dtype) => dtype !== 'bool')
  .flatMap((dtype) =>
    [0, 1, 7].map((length): Sample => ({
      name: `iota ${length} ${dtype}`,
      inputs: [],
      f: () => record('iota', [], { length, dtype }),
      expected: { dtype, shape: [length], numbers: upTo(length) },
    })),
  );

/** Samples of a primitive that gives its inputs through. */
export function identitySamples(primitive: 'stopGradient' | 'barrier'): readonly Sample[] {
  const alone = everyDType.map((dtype): Sample => {
    const x = counted([2, 3], dtype);
    return { name: `${primitive} ${dtype}`, inputs: [x], f: (value) => record(primitive, [value], {}), expected: x };
  });
  const [x, y] = [of([NaN, -0]), of([[1], [2]], 'int32')];
  const several: Sample = {
    name: `${primitive} of two`,
    inputs: [x, y],
    f: (a, b) => record(primitive, [a, b], {}),
    expected: [x, y],
    signed: true,
  };
  return primitive === 'barrier' ? [...alone, several] : alone;
}

export const compositeSamples: readonly Sample[] = [
  {
    name: 'one that is written out',
    inputs: [of([[-2, -0.5, 0], [3, NaN, Infinity]])],
    f: (x) => relu(x),
    expected: of([[0, 0, 0], [3, NaN, Infinity]]),
  },
  {
    name: 'one that a backend may run itself',
    inputs: [of([[0, 0, 0, 0], [1000, 1000, -1000, -Infinity]])],
    f: (x) => softmax(x),
    expected: of([[0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0, 0]]),
  },
]; // prettier-ignore

const sums = (carry: Tensor, x: Tensor): readonly [Tensor, Tensor] => [carry.add(x), carry.add(x).mul(2)];

export const scanSamples: readonly Sample[] = [
  {
    name: 'sums so far',
    inputs: [of([0, 10]), of([[1, 2], [3, 4], [5, 6]])],
    f: (init, xs) => scan(sums, init, xs),
    expected: [of([9, 22]), of([[2, 24], [8, 32], [18, 44]])],
  },
  {
    name: 'from the last to the first',
    inputs: [of([0, 10]), of([[1, 2], [3, 4], [5, 6]])],
    f: (init, xs) => scan(sums, init, xs, { reverse: true }),
    expected: [of([9, 22]), of([[18, 44], [16, 40], [10, 32]])],
  },
  {
    name: 'two carries that change places, and a constant from outside',
    inputs: [of(1), of(2), of([10, 20, 30])],
    f: (a, b, xs) => {
      const two = tensor(2);
      const [[p, q], ys] = scan(
        ([x, y]: readonly [Tensor, Tensor], entry: Tensor) => [[y, x.mul(two)] as const, x.add(entry)],
        [a, b] as const,
        xs,
      );
      return [p, q, ys];
    },
    expected: [of(4), of(4), of([11, 22, 32])],
  },
  {
    name: 'without a sequence',
    inputs: [of([1, 3], 'int32')],
    f: (init) => scan((carry: Tensor) => [carry.add(carry), undefined], init, undefined, { length: 5 })[0],
    expected: of([32, 96], 'int32'),
  },
  {
    name: 'no steps',
    inputs: [of([1, 2]), { dtype: 'float32', shape: [0, 2], numbers: [] }],
    f: (init, xs) => scan(sums, init, xs),
    expected: [of([1, 2]), { dtype: 'float32', shape: [0, 2], numbers: [] }],
  },
  {
    name: 'one step',
    inputs: [of([1, 2]), of([[5, 6]])],
    f: (init, xs) => scan(sums, init, xs),
    expected: [of([6, 8]), of([[12, 16]])],
  },
  {
    name: 'many steps',
    inputs: [of(0, 'int32'), build([200], 'int32', ([i]) => i!)],
    f: (init, xs) => scan((carry: Tensor, x: Tensor) => [carry.add(x), undefined], init, xs)[0],
    expected: of(19900, 'int32'),
  },
]; // prettier-ignore
