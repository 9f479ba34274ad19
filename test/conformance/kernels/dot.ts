/** Contractions: any axes in each of the four groups, any strides, epilogues, and empty axes. */
import { type DType } from '@antler/core';
import { seeded } from '../../seeded.js';
import { view, type Place } from '../builder.js';
import type { Case } from '../device.js';
import { expectEqual, expectWithin } from '../expect.js';
import { wrapped } from '../numbers.js';

type Sizes = readonly number[];

/** Sizes of the four groups of axes. */
interface Axes {
  readonly batch?: Sizes;
  readonly m?: Sizes;
  readonly n?: Sizes;
  readonly k?: Sizes;
}

function sizeOf(sizes: Sizes): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/** Small whole numbers: their products and sums are exact in every float format. */
function small(length: number, seed: number): number[] {
  const chance = seeded(seed);
  return Array.from({ length }, () => chance.whole(-4, 4));
}

/** The sum over k for row-major operands, element by element; `term` is used for the size of the terms too. */
function contracted(axes: Axes, a: Sizes, b: Sizes, term = (x: number, y: number): number => x * y): number[] {
  const { batch = [], m = [], n = [], k = [] } = axes;
  const [B, M, N, K] = [sizeOf(batch), sizeOf(m), sizeOf(n), sizeOf(k)];
  const out: number[] = [];
  for (let i = 0; i < B; i++) {
    for (let row = 0; row < M; row++) {
      for (let column = 0; column < N; column++) {
        let sum = 0;
        for (let j = 0; j < K; j++) sum += term(a[(i * M + row) * K + j]!, b[(i * K + j) * N + column]!);
        out.push(sum);
      }
    }
  }
  return out;
}

/** A case with row-major operands of small whole numbers, stored row-major. */
function plain(name: string, axes: Axes, dtype: DType = 'float32'): Case {
  const { batch = [], m = [], n = [], k = [] } = axes;
  return {
    name,
    dtypes: [dtype],
    async run(device): Promise<void> {
      const build = device.builder();
      const [left, right] = [
        [...batch, ...m, ...k],
        [...batch, ...k, ...n],
      ];
      const a = build.input(dtype, left, small(sizeOf(left), 1));
      const b = build.input(dtype, right, small(sizeOf(right), 2));
      const y = build.output(dtype, [...batch, ...m, ...n]);
      build.dot(axes, a, b, (sum, epilogue) => epilogue.store(y, sum));
      expectEqual((await device.run(build))(y), contracted(axes, a.values, b.values), 'out');
    },
  };
}

const shapes: Case[] = [
  plain('[2, 3] · [3, 4]', { m: [2], n: [4], k: [3] }),
  plain('[1, 1] · [1, 1]', { m: [1], n: [1], k: [1] }),
  plain('a row by a column: no axes but k', { k: [5] }),
  plain('matrix by vector', { m: [4], k: [5] }),
  plain('vector by matrix', { n: [4], k: [5] }),
  plain('outer product: no k', { m: [3], n: [4] }),
  plain('a batch of products', { batch: [3], m: [2], n: [4], k: [5] }),
  plain('a batch of numbers: nothing but batch', { batch: [6] }),
  plain('several axes in every group', { batch: [2, 2], m: [3, 2], n: [2, 3], k: [2, 4] }),
  plain('no rows', { m: [0], n: [4], k: [3] }),
  plain('an empty batch', { batch: [0], m: [2], n: [2], k: [2] }),
  plain('sizes that no block divides', { m: [67], n: [35], k: [129] }),
  plain('long k', { m: [2], n: [3], k: [4099] }),
  plain('wide n', { m: [1], n: [2049], k: [7] }),
  plain('tall m', { m: [2049], n: [1], k: [7] }),
  plain('64-bit floats', { m: [5], n: [6], k: [7] }, 'float64'),
  plain('16-bit floats', { m: [3], n: [4], k: [5] }, 'float16'),
  plain('bfloat16', { m: [3], n: [4], k: [5] }, 'bfloat16'),
  plain('int32', { m: [3], n: [4], k: [5] }, 'int32'),
];

const empty: Case = {
  name: 'k = 0 gives zeros',
  async run(device) {
    const build = device.builder();
    const a = build.input('float32', [2, 0], []);
    const b = build.input('float32', [0, 3], []);
    const y = build.output('float32', [2, 3]);
    build.dot({ m: [2], n: [3], k: [0] }, a, b, (sum, epilogue) => epilogue.store(y, sum));
    expectEqual((await device.run(build))(y), [0, 0, 0, 0, 0, 0], 'out');
  },
};

const emptyWithEpilogue: Case = {
  name: 'k = 0 with an epilogue gives the epilogue of zero',
  async run(device) {
    const build = device.builder();
    const a = build.input('float32', [2, 0], []);
    const b = build.input('float32', [0, 2], []);
    const y = build.output('float32', [2, 2]);
    build.dot({ m: [2], n: [2], k: [0] }, a, b, (sum, epilogue) => {
      epilogue.store(y, epilogue.op('add', [sum, epilogue.constant(3, 'float32')]));
    });
    expectEqual((await device.run(build))(y), [3, 3, 3, 3], 'out');
  },
};

const wrapping: Case = {
  name: 'integers wrap around',
  dtypes: ['int32'],
  async run(device) {
    const build = device.builder();
    const big = [2147483647, 65536, 123456789, -2147483648];
    const a = build.input('int32', [2, 2], big);
    const b = build.input('int32', [2, 1], [3, 65536]);
    const y = build.output('int32', [2, 1]);
    build.dot({ m: [2], n: [1], k: [2] }, a, b, (sum, epilogue) => epilogue.store(y, sum));
    const row = (i: number): number => wrapped(BigInt(big[i]!) * 3n + BigInt(big[i + 1]!) * 65536n, 'int32');
    expectEqual((await device.run(build))(y), [row(0), row(2)], 'out');
  },
};

/** Operands stored in other orders than the groups name them; the result must be that of row-major ones. */
const strided: Case[] = [
  {
    name: 'both operands transposed, the result too',
    async run(device) {
      const axes = { m: [3], n: [4], k: [5] };
      const build = device.builder();
      const a = build.input('float32', [5, 3], small(15, 3));
      const b = build.input('float32', [4, 5], small(20, 4));
      const y = build.output('float32', [4, 3]);
      build.dot(axes, view(a, [1, 3]), view(b, [1, 5]), (sum, epilogue) => epilogue.store(view(y, [1, 3]), sum));
      const rows = transposed(a.values, 5, 3);
      const expected = contracted(axes, rows, transposed(b.values, 4, 5));
      expectEqual((await device.run(build))(y), transposed(expected, 3, 4), 'out');
    },
  },
  {
    name: 'a batch whose b is shared (stride 0)',
    async run(device) {
      const axes = { batch: [3], m: [2], n: [2], k: [4] };
      const build = device.builder();
      const a = build.input('float32', [3, 2, 4], small(24, 5));
      const b = build.input('float32', [4, 2], small(8, 6));
      const y = build.output('float32', [3, 2, 2]);
      build.dot(axes, a, view(b, [0, 2, 1]), (sum, epilogue) => epilogue.store(y, sum));
      const repeated = [...b.values, ...b.values, ...b.values];
      expectEqual((await device.run(build))(y), contracted(axes, a.values, repeated), 'out');
    },
  },
  {
    name: 'heads of attention: batch axes inside of the rows, nothing is copied',
    async run(device) {
      // Queries and keys are [tokens, heads, width]; scores are [heads, tokens, tokens].
      const [tokens, heads, width] = [3, 2, 4];
      const axes = { batch: [heads], m: [tokens], n: [tokens], k: [width] };
      const build = device.builder();
      const q = build.input('float32', [tokens, heads, width], small(24, 7));
      const k = build.input('float32', [tokens, heads, width], small(24, 8));
      const y = build.output('float32', [heads, tokens, tokens]);
      const [left, right] = [view(q, [width, heads * width, 1]), view(k, [width, 1, heads * width])];
      build.dot(axes, left, right, (sum, epilogue) => epilogue.store(y, sum));
      const at = (place: Place, t: number, h: number, w: number): number => place.values[(t * heads + h) * width + w]!;
      const expected: number[] = [];
      for (let h = 0; h < heads; h++) {
        for (let t = 0; t < tokens; t++) {
          for (let s = 0; s < tokens; s++) {
            expected.push([0, 1, 2, 3].reduce((sum, w) => sum + at(q, t, h, w) * at(k, s, h, w), 0));
          }
        }
      }
      expectEqual((await device.run(build))(y), expected, 'scores');
    },
  },
  {
    name: 'the result goes to a slice of a larger array',
    async run(device) {
      const build = device.builder();
      const a = build.input('float32', [2, 2], [1, 2, 3, 4]);
      const b = build.input('float32', [2, 2], [1, 0, 0, 1]);
      const y = build.inout('float32', [3, 4], new Array<number>(12).fill(-1));
      build.dot({ m: [2], n: [2], k: [2] }, a, b, (sum, epilogue) => epilogue.store(view(y, [4, 1], 5), sum));
      expectEqual((await device.run(build))(y), [-1, -1, -1, -1, -1, 1, 2, -1, -1, 3, 4, -1], 'y');
    },
  },
  {
    name: 'windows of one array are the rows of a (convolution in one dimension)',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [6], [1, 2, 3, 4, 5, 6]);
      const w = build.input('float32', [3, 1], [1, 0, -1]);
      const y = build.output('float32', [4, 1]);
      build.dot({ m: [4], n: [1], k: [3] }, view(x, [1, 1]), w, (sum, epilogue) => epilogue.store(y, sum));
      expectEqual((await device.run(build))(y), [-2, -2, -2, -2], 'y');
    },
  },
  {
    name: 'flipped operands (negative strides)',
    async run(device) {
      const build = device.builder();
      const a = build.input('float32', [2, 3], [1, 2, 3, 4, 5, 6]);
      const b = build.input('float32', [3, 1], [1, 10, 100]);
      const y = build.output('float32', [2, 1]);
      build.dot({ m: [2], n: [1], k: [3] }, view(a, [3, -1], 2), b, (sum, epilogue) => epilogue.store(y, sum));
      expectEqual((await device.run(build))(y), [123, 456], 'y');
    },
  },
  {
    name: 'one array by itself',
    async run(device) {
      const axes = { m: [3], n: [3], k: [4] };
      const build = device.builder();
      const x = build.input('float32', [3, 4], small(12, 9));
      const y = build.output('float32', [3, 3]);
      build.dot(axes, x, view(x, [1, 4]), (sum, epilogue) => epilogue.store(y, sum));
      expectEqual((await device.run(build))(y), contracted(axes, x.values, transposed(x.values, 3, 4)), 'x · xᵀ');
    },
  },
];

function transposed(values: Sizes, rows: number, columns: number): number[] {
  return Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

const epilogues: Case[] = [
  {
    name: 'bias and activation',
    async run(device) {
      const axes = { m: [3], n: [4], k: [5] };
      const build = device.builder();
      const a = build.input('float32', [3, 5], small(15, 10));
      const b = build.input('float32', [5, 4], small(20, 11));
      const bias = build.input('float32', [4], [1, -2, 3, -4]);
      const y = build.output('float32', [3, 4]);
      build.dot(axes, a, b, (sum, epilogue) => {
        const biased = epilogue.op('add', [sum, epilogue.load(view(bias, [0, 1]))]);
        epilogue.store(y, epilogue.op('max', [biased, epilogue.constant(0, 'float32')]));
      });
      const expected = contracted(axes, a.values, b.values).map((sum, i) => Math.max(0, sum + bias.values[i % 4]!));
      expectEqual((await device.run(build))(y), expected, 'relu(a · b + bias)');
    },
  },
  {
    name: 'before and after the activation, two stores of two dtypes',
    async run(device) {
      const axes = { batch: [2], m: [2], n: [3], k: [4] };
      const build = device.builder();
      const a = build.input('float32', [2, 2, 4], small(16, 12));
      const b = build.input('float32', [2, 4, 3], small(24, 13));
      const before = build.output('float32', [2, 2, 3]);
      const positive = build.output('bool', [2, 2, 3]);
      build.dot(axes, a, b, (sum, epilogue) => {
        epilogue.store(before, sum);
        epilogue.store(positive, epilogue.op('lt', [epilogue.constant(0, 'float32'), sum]));
      });
      const expected = contracted(axes, a.values, b.values);
      const results = await device.run(build);
      expectEqual(results(before), expected, 'sum');
      expectEqual(
        results(positive),
        expected.map((sum) => Number(sum > 0)),
        'sum > 0',
      );
    },
  },
  {
    name: 'positions of the axes and a run-time scalar',
    async run(device) {
      const build = device.builder();
      const a = build.input('float32', [2, 1], [1, 2]);
      const b = build.input('float32', [1, 3], [1, 2, 3]);
      const y = build.output('float32', [2, 3]);
      const rate = build.scalar('float32', 0.5);
      build.dot({ m: [2], n: [3], k: [1] }, a, b, (sum, epilogue) => {
        const scaled = epilogue.op('mul', [sum, epilogue.scalar(rate, 'float32')]);
        const place = epilogue.op('add', [
          epilogue.op('mul', [epilogue.index(0, 'float32'), epilogue.constant(100, 'float32')]),
          epilogue.index(1, 'float32'),
        ]);
        epilogue.store(y, epilogue.op('add', [scaled, place]));
      });
      expectEqual((await device.run(build))(y), [0.5, 2, 3.5, 101, 103, 105], 'sum / 2 + 100 row + column');
    },
  },
  {
    name: 'in place: a product is added to what is there',
    async run(device) {
      const axes = { m: [3], n: [3], k: [4] };
      const build = device.builder();
      const a = build.input('float32', [3, 4], small(12, 14));
      const b = build.input('float32', [4, 3], small(12, 15));
      const w = build.inout('float32', [3, 3], small(9, 16));
      build.dot(axes, a, b, (sum, epilogue) => epilogue.store(w, epilogue.op('sub', [epilogue.load(w), sum])));
      const expected = contracted(axes, a.values, b.values).map((sum, i) => w.values[i]! - sum);
      expectEqual((await device.run(build))(w), expected, 'w − a · b');
    },
  },
];

const notANumber: Case = {
  name: 'NaN and infinity times zero are not lost',
  async run(device) {
    const build = device.builder();
    const a = build.input('float32', [3, 2], [NaN, 1, Infinity, 1, 2, 3]);
    const b = build.input('float32', [2, 1], [0, 1]);
    const y = build.output('float32', [3, 1]);
    build.dot({ m: [3], n: [1], k: [2] }, a, b, (sum, epilogue) => epilogue.store(y, sum));
    expectEqual((await device.run(build))(y), [NaN, NaN, 3], 'y');
  },
};

function precision(dtype: DType): Case {
  return {
    name: `${dtype} numbers stay within the tolerance`,
    dtypes: [dtype],
    async run(device): Promise<void> {
      const axes = { m: [33], n: [17], k: [300] };
      const chance = seeded(21);
      const round = dtype === 'float32' ? Math.fround : (x: number): number => x;
      const numbers = (length: number): number[] => Array.from({ length }, () => round(chance() * 2 - 1));
      const build = device.builder();
      const a = build.input(dtype, [33, 300], numbers(33 * 300));
      const b = build.input(dtype, [300, 17], numbers(300 * 17));
      const y = build.output(dtype, [33, 17]);
      build.dot(axes, a, b, (sum, epilogue) => epilogue.store(y, sum));
      const epsilon = dtype === 'float32' ? 2 ** -24 : 2 ** -46;
      const sizes = contracted(axes, a.values, b.values, (x, y_) => Math.abs(x * y_));
      const margins = sizes.map((size) => device.tolerance.dot * epsilon * size);
      expectWithin((await device.run(build))(y), contracted(axes, a.values, b.values), margins, 'out');
    },
  };
}

/** Cases of the layer. */
export const dotCases: readonly Case[] = [
  ...shapes,
  empty,
  emptyWithEpilogue,
  wrapping,
  ...strided,
  ...epilogues,
  notANumber,
  precision('float32'),
  precision('float64'),
];
