/** reduce and dot: loops over the folded axes. The numbers are small and whole, so that every order of adding is exact. */
import { dtypes, isFloat, type DType, type PrimitiveParams, type ReduceOp, type Shape } from '@antler/core';
import { folded } from '../../meaning.js';
import { wrapped } from '../../numbers.js';
import type { Sample } from '../sample.js';
import { at, build, indicesOf, of, type Values } from '../values.js';
import { record } from './record.js';

const everyNumber: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'int8', 'uint8'];

/** Small whole numbers with ties, zeros and, where the dtype has them, negative ones. */
function small(shape: Shape, dtype: DType, seed = 1): Values {
  const low = dtypes[dtype].range[0] < 0 ? -3 : 0;
  let state = seed;
  return build(shape, dtype, () => low + ((state = (state * 5 + 7) % 31) % 7));
}

function reduced(op: ReduceOp, x: Values, axes: readonly number[]): Sample {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const shape = kept.map((axis) => x.shape[axis]!);
  return {
    name: `${op} ${x.dtype} [${x.shape.join(', ')}] over [${axes.join(', ')}]`,
    inputs: [x],
    f: (value) => record('reduce', [value], { op, axes }),
    expected: build(shape, x.dtype, (index) => {
      const own = indicesOf(x.shape).filter((full) => kept.every((axis, i) => full[axis] === index[i]));
      return folded(op, own.map((full) => at(x, full)), x.dtype);
    }),
  }; // prettier-ignore
}

const ops: readonly ReduceOp[] = ['sum', 'prod', 'max', 'min'];

export const reduceSamples: readonly Sample[] = ops.flatMap((op) => [
  ...everyNumber.map((dtype) => reduced(op, small([2, 5], dtype), [1])),
  ...[[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]].map((axes) => reduced(op, small([2, 3, 4], 'float32'), axes)),
  reduced(op, small([40, 3], 'int32'), [0]),
  reduced(op, small([1, 1], 'float32'), [0]),
  ...everyNumber.map((dtype) => reduced(op, { dtype, shape: [2, 0], numbers: [] }, [1])),
  reduced(op, { dtype: 'float32', shape: [0, 2], numbers: [] }, [1]),
  reduced(op, of([[1, NaN, 2], [Infinity, -Infinity, 1], [-1, Infinity, 2]]), [1]),
  reduced(op, of([[100, 100, 27], [-128, -128, 1]], 'int8'), [1]),
  reduced(op, of([[4294967295, 2, 3]], 'uint32'), [1]),
]); // prettier-ignore

function contracted(name: string, a: Values, b: Values, params: PrimitiveParams['dot']): Sample {
  const { contract, batch } = params;
  const free = (x: Values, side: 0 | 1): number[] =>
    x.shape.map((_, axis) => axis).filter((axis) => !contract[side].includes(axis) && !batch[side].includes(axis));
  const [freeA, freeB] = [free(a, 0), free(b, 1)];
  const depth = contract[0].map((axis) => a.shape[axis]!);
  const shape = [...batch[0], ...freeA].map((axis) => a.shape[axis]!).concat(freeB.map((axis) => b.shape[axis]!));
  /** Index of an operand from the batch, its own free axes and the contracted ones. */
  const place = (
    rank: number,
    axes: readonly (readonly number[])[],
    parts: readonly (readonly number[])[],
  ): number[] => {
    const index = new Array<number>(rank).fill(0);
    axes.forEach((list, which) => list.forEach((axis, i) => (index[axis] = parts[which]![i]!)));
    return index;
  };
  return {
    name: `dot ${a.dtype}, ${name}`,
    inputs: [a, b],
    f: (x, y) => record('dot', [x, y], params),
    expected: build(shape, a.dtype, (index) => {
      const shared = index.slice(0, batch[0].length);
      const ofA = index.slice(shared.length, shared.length + freeA.length);
      const ofB = index.slice(shared.length + freeA.length);
      const terms = indicesOf(depth).map((k) => {
        const left = at(a, place(a.shape.length, [batch[0], freeA, contract[0]], [shared, ofA, k]));
        const right = at(b, place(b.shape.length, [batch[1], freeB, contract[1]], [shared, ofB, k]));
        return isFloat(a.dtype) ? left * right : wrapped(BigInt(left) * BigInt(right), a.dtype);
      });
      return folded('sum', terms, a.dtype);
    }),
  }; // prettier-ignore
}

const matrices: PrimitiveParams['dot'] = { contract: [[1], [0]], batch: [[], []] };
const batched: PrimitiveParams['dot'] = { contract: [[2], [1]], batch: [[0], [0]] };

export const dotSamples: readonly Sample[] = [
  ...everyNumber.map((dtype) => contracted('matrices', small([3, 4], dtype), small([4, 5], dtype, 2), matrices)),
  contracted('larger matrices', small([17, 33], 'float32'), small([33, 19], 'float32', 2), matrices),
  contracted('rows of both', small([3, 4], 'float32'), small([5, 4], 'float32', 2), { contract: [[1], [1]], batch: [[], []] }),
  contracted('columns of both', small([4, 3], 'float32'), small([4, 2], 'float32', 2), { contract: [[0], [0]], batch: [[], []] }),
  contracted('a batch', small([2, 3, 4], 'float32'), small([2, 4, 2], 'float32', 2), batched),
  contracted('a batch on other axes', small([3, 2, 4], 'float32'), small([4, 3, 2], 'float32', 2), { contract: [[2], [0]], batch: [[1], [2]] }),
  contracted('two contracted axes', small([2, 3, 4], 'float32'), small([4, 2, 5], 'float32', 2), { contract: [[0, 2], [1, 0]], batch: [[], []] }),
  contracted('vectors', small([6], 'float32'), small([6], 'float32', 2), { contract: [[0], [0]], batch: [[], []] }),
  contracted('an outer product', small([3], 'float32'), small([2], 'float32', 2), { contract: [[], []], batch: [[], []] }),
  contracted('a matrix and a vector', small([3, 4], 'float32'), small([4], 'float32', 2), matrices),
  contracted('size 1', small([1, 1], 'float32'), small([1, 1], 'float32', 2), matrices),
  contracted('nothing to add', { ...small([0], 'float32'), shape: [2, 0] }, { ...small([0], 'float32'), shape: [0, 3] }, matrices),
  contracted('no rows', { ...small([0], 'float32'), shape: [0, 2] }, small([2, 3], 'float32'), matrices),
  contracted('NaN and infinities', of([[NaN, 1], [Infinity, 0], [1, -Infinity]]), of([[1, 2], [0, 1]]), matrices),
  contracted('integers that wrap', of([[100, 100]], 'int8'), of([[2], [1]], 'int8'), matrices),
  contracted('large integers that wrap', of([[65537, 65537]], 'int32'), of([[65537], [2147483647]], 'int32'), matrices),
]; // prettier-ignore
