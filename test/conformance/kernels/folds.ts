/** The folds themselves: sum, prod, max and min on every number dtype, of nothing, of NaN and infinities, and their precision. */
import { dtypes, isFloat, type DType, type ReduceOp } from '@antler/core';
import { seeded } from '../../seeded.js';
import { view } from '../builder.js';
import type { Case } from '../device.js';
import { expectEqual, expectWithin } from '../expect.js';
import { folded } from '../meaning.js';

const folds: readonly ReduceOp[] = ['sum', 'prod', 'max', 'min'];
const numbers = (Object.keys(dtypes) as DType[]).filter((dtype) => dtype !== 'bool');

function ramp(length: number, start = 0): number[] {
  return Array.from({ length }, (_, i) => start + i);
}

/** All folds of one dtype over the rows of a matrix, each in a loop of its own. */
const everyFold: Case[] = numbers.map((dtype) => ({
  name: `sum, prod, max and min of ${dtype}`,
  dtypes: [dtype],
  async run(device): Promise<void> {
    const signs = dtype.startsWith('u') ? [3, 1, 2, 5] : [3, -1, 2, -5];
    // Integer sums and products of these wrap around in 8 bits and in 32.
    const wide = isFloat(dtype) ? [0.5, 4, -2, 1] : [dtypes[dtype].range[1], 2, 7, dtypes[dtype].range[1]];
    const rows = [signs, wide, [0, 0, 0, 0]];
    const build = device.builder();
    const x = build.input(dtype, [3, 4], rows.flat());
    const places = folds.map(() => build.output(dtype, [3]));
    folds.forEach((op, i) => {
      build.loop([3, 4], 1, (body) => body.store(view(places[i]!, [1, 0]), body.reduce(op, body.load(x))));
    });
    const results = await device.run(build);
    folds.forEach((op, i) => {
      expectEqual(
        results(places[i]!),
        rows.map((row) => folded(op, row, dtype)),
        `${op} of ${dtype}`,
      );
    });
  },
}));

const emptyFolds: Case[] = numbers.map((dtype) => ({
  name: `folds of nothing give the neutral element of ${dtype}`,
  dtypes: [dtype],
  async run(device): Promise<void> {
    const build = device.builder();
    const x = build.input(dtype, [2, 0], []);
    const places = folds.map(() => build.output(dtype, [2]));
    folds.forEach((op, i) => {
      build.loop([2, 0], 1, (body) => body.store(view(places[i]!, [1, 0]), body.reduce(op, body.load(x))));
    });
    const results = await device.run(build);
    folds.forEach((op, i) => {
      expectEqual(results(places[i]!), [folded(op, [], dtype), folded(op, [], dtype)], `${op} of no ${dtype}`);
    });
  },
}));

const notANumber: Case = {
  name: 'NaN wins in every fold, wherever it is',
  async run(device) {
    const columns = 300;
    const rows = [0, 1, 150, 299].map((bad) => ramp(columns).map((i) => (i === bad ? NaN : i - 100)));
    const build = device.builder();
    const x = build.input('float32', [rows.length, columns], rows.flat());
    const places = folds.map(() => build.output('float32', [rows.length]));
    build.loop([rows.length, columns], 1, (body) => {
      const value = body.load(x);
      folds.forEach((op, i) => body.store(view(places[i]!, [1, 0]), body.reduce(op, value)));
    });
    const results = await device.run(build);
    folds.forEach((op, i) =>
      expectEqual(
        results(places[i]!),
        rows.map(() => NaN),
        op,
      ),
    );
  },
};

const infinities: Case = {
  name: 'infinities and signs of infinity in folds',
  async run(device) {
    const rows = [
      [1, Infinity, 2],
      [-Infinity, 5, -Infinity],
      [-Infinity, -Infinity, -Infinity],
    ];
    const build = device.builder();
    const x = build.input('float32', [3, 3], rows.flat());
    const places = folds.map(() => build.output('float32', [3]));
    build.loop([3, 3], 1, (body) => {
      const value = body.load(x);
      folds.forEach((op, i) => body.store(view(places[i]!, [1, 0]), body.reduce(op, value)));
    });
    const results = await device.run(build);
    folds.forEach((op, i) =>
      expectEqual(
        results(places[i]!),
        rows.map((row) => folded(op, row, 'float32')),
        op,
      ),
    );
  },
};

const precision: Case = {
  name: 'a long sum and a long product stay within their tolerance',
  async run(device) {
    const chance = seeded(7);
    const length = 50_000;
    const values = ramp(length).map(() => Math.fround(chance() * 2 - 1));
    const factors = ramp(200).map(() => Math.fround(0.9 + 0.2 * chance()));
    const build = device.builder();
    const x = build.input('float32', [length], values);
    const f = build.input('float32', [200], factors);
    const sum = build.output('float32', []);
    const product = build.output('float32', []);
    build.loop([length], 1, (body) => body.store(view(sum, [0]), body.reduce('sum', body.load(x))));
    build.loop([200], 1, (body) => body.store(view(product, [0]), body.reduce('prod', body.load(f))));
    const results = await device.run(build);
    const epsilon = 2 ** -24;
    const total = values.reduce((a, b) => a + b, 0);
    const margin = device.tolerance.sum * epsilon * values.reduce((a, b) => a + Math.abs(b), 0);
    expectWithin(results(sum), [total], [margin], 'sum');
    const exact = factors.reduce((a, b) => a * b, 1);
    expectWithin(results(product), [exact], [device.tolerance.prod * epsilon * 2 * Math.abs(exact)], 'prod');
  },
};

/** Cases of the folds. */
export const foldCases: readonly Case[] = [...everyFold, ...emptyFolds, notANumber, infinities, precision];
