/** 16-bit floats through every kind of kernel: computed wider, rounded once to nearest even, kept as bits. */
import type { ReduceOp } from '@antler/core';
import { viewOf, type Builder, type Place } from '../builder.js';
import type { Case } from '../device.js';
import { expectEqual } from '../expect.js';
import { folded } from '../meaning.js';
import { rounded } from '../numbers.js';
import { gather, scatter } from './indexed.js';

const halves = ['float16', 'bfloat16'] as const;
type Half = (typeof halves)[number];

type Define = (build: Builder, dtype: Half) => readonly (readonly [Place, readonly number[]])[];

/** A case for either dtype: a program whose results are compared place by place. */
function onBoth(name: string, define: Define): Case[] {
  return halves.map((dtype) => ({
    name: `${name}: ${dtype}`,
    dtypes: [dtype, 'int32', 'float32'],
    async run(device): Promise<void> {
      const build = device.builder();
      const expected = define(build, dtype);
      const results = await device.run(build);
      expected.forEach(([place, values], i) => expectEqual(results(place), values, `result ${i}`));
    },
  }));
}

/** The first whole number that the dtype has to round: 2049 or 257. */
const firstGap = { float16: 2049, bfloat16: 257 } as const;
const ramp = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Cases of the layer. */
export const halfCases: readonly Case[] = [
  ...onBoth('every value of a loop is rounded before it is used', (build, dtype) => {
    const gap = firstGap[dtype];
    const x = build.input(dtype, [3], [gap - 1, gap + 1, 1 - gap]);
    const y = build.output(dtype, [3]);
    // gap − 1 + 1 is a tie that goes down to gap − 1; unrounded, taking away gap − 1 would leave 1.
    build.loop([3], 0, (body) => {
      const sum = body.op('add', [body.load(x), body.constant(1, dtype)]);
      body.store(y, body.op('sub', [sum, body.load(x)]));
    });
    return [[y, [0, 2, 1]]];
  }),
  ...onBoth('constants, scalars and positions are rounded', (build, dtype) => {
    const gap = firstGap[dtype];
    const tenth = build.scalar(dtype, 0.1);
    const [y, z, w] = [build.output(dtype, [gap + 3]), build.output(dtype, []), build.output(dtype, [])];
    build.loop([gap + 3], 0, (body) => body.store(y, body.index(0, dtype)));
    build.loop([], 0, (body) => {
      body.store(z, body.scalar(tenth, dtype));
      body.store(w, body.op('mul', [body.constant(0.1, dtype), body.constant(3, dtype)]));
    });
    const one = rounded(0.1, dtype);
    return [
      [y, ramp(gap + 3).map((i) => rounded(i, dtype))],
      [z, [one]],
      [w, [rounded(3 * one, dtype)]],
    ];
  }),
  ...onBoth('sums are rounded once, over rows and columns', (build, dtype) => {
    const [rows, columns] = [40, 300];
    const values = ramp(rows * columns).map((i) => rounded(((i * 37) % 101) / 8 - 3, dtype));
    const x = build.input(dtype, [rows, columns], values);
    const across = build.output(dtype, [rows]);
    const down = build.output(dtype, [columns]);
    build.loop([rows, columns], 1, (body) =>
      body.store({ ...viewOf(across), strides: [1, 0] }, body.reduce('sum', body.load(x))),
    );
    build.loop([columns, rows], 1, (body) =>
      body.store(
        { ...viewOf(down), strides: [1, 0] },
        body.reduce('sum', body.load({ ...viewOf(x), strides: [1, columns] })),
      ),
    );
    const sum = (at: (i: number) => number, n: number): number => folded('sum', ramp(n).map(at), dtype);
    return [
      [across, ramp(rows).map((row) => sum((i) => values[row * columns + i]!, columns))],
      [down, ramp(columns).map((column) => sum((i) => values[i * columns + column]!, rows))],
    ];
  }),
  ...onBoth('a product of matrices is rounded once, and again by its epilogue', (build, dtype) => {
    const [m, n, k] = [5, 7, 300];
    const a = build.input(
      dtype,
      [m, k],
      ramp(m * k).map((i) => rounded((i % 19) / 4, dtype)),
    );
    const b = build.input(
      dtype,
      [k, n],
      ramp(k * n).map((i) => rounded((i % 23) / 8 - 1, dtype)),
    );
    const [y, z] = [build.output(dtype, [m, n]), build.output(dtype, [m, n])];
    build.dot({ m: [m], n: [n], k: [k] }, a, b, (sum, epilogue) => {
      epilogue.store(y, sum);
      epilogue.store(z, epilogue.op('add', [sum, epilogue.constant(0.1, dtype)]));
    });
    const sums = ramp(m * n).map((i) => {
      const [row, column] = [Math.floor(i / n), i % n];
      const terms = ramp(k).map((j) => a.values[row * k + j]! * b.values[j * n + column]!);
      return folded('sum', terms, dtype);
    });
    return [
      [y, sums],
      [z, sums.map((sum) => rounded(sum + rounded(0.1, dtype), dtype))],
    ];
  }),
  ...onBoth('gather, and scatter by adding', (build, dtype) => {
    const gap = firstGap[dtype];
    build.faults();
    const x = build.input(dtype, [3, 2], [1, 0.5, -2, Infinity, NaN, -0]);
    const indices = build.input('int32', [3, 1], [2, 0, 1]);
    const y = build.output(dtype, [3, 2]);
    gather(build, { index: [3], limits: [3], slice: [2] }, x, indices, y);
    const w = build.inout(dtype, [2], [gap - 1, 3]);
    const twice = build.input('int32', [2, 1], [0, 0]);
    const updates = build.input(dtype, [2], [1, 1]);
    scatter(build, 'add', { index: [2], limits: [2] }, twice, updates, w);
    return [
      [y, [NaN, -0, 1, 0.5, -2, Infinity]],
      [w, [gap - 1, 3]],
    ];
  }),
  ...onBoth('running sums are rounded when stored, not on the way', (build, dtype) => {
    const gap = firstGap[dtype];
    const values = [gap - 1, 1, 1, 1, 1, 0.5];
    const x = build.input(dtype, [6], values);
    const y = build.output(dtype, [6]);
    const kernel = { kind: 'cumulate', op: 'sum' as ReduceOp, exclusive: false, shape: [6], scopes: [] } as const;
    build.kernel({ ...kernel, x: viewOf(x), out: viewOf(y) });
    return [[y, values.map((_, i) => folded('sum', values.slice(0, i + 1), dtype))]];
  }),
  ...onBoth('sorting by keys of 16 bits', (build, dtype) => {
    const keys = [3, -1, NaN, -Infinity, 0.5, -0, 2];
    const x = build.input(dtype, [7], keys);
    const payload = build.input('int32', [7], ramp(7));
    const [y, places] = [build.output(dtype, [7]), build.output('int32', [7])];
    const [inputs, outputs] = [
      [x, payload],
      [y, places],
    ].map((list) => list.map((place) => viewOf(place)));
    build.kernel({ kind: 'sort', descending: false, shape: [7], inputs: inputs!, outputs: outputs!, scopes: [] });
    return [
      [y, [-Infinity, -1, -0, 0.5, 2, 3, NaN]],
      [places, [3, 1, 5, 4, 6, 0, 2]],
    ];
  }),
];
