/** Loops that reduce: any axes and strides, several folds at once, epilogues after them, and memory that is shared. */
import { view, type Builder, type Place } from '../builder.js';
import type { Case } from '../device.js';
import { expectEqual } from '../expect.js';

function ramp(length: number, start = 0): number[] {
  return Array.from({ length }, (_, i) => start + i);
}

/** One sum with any views and shapes. */
function sums(
  shape: readonly number[],
  reduced: number,
  define: (build: Builder) => { readonly from: Parameters<typeof view>; readonly to: Parameters<typeof view> },
  expected: readonly number[],
): Case['run'] {
  return async (device) => {
    const build = device.builder();
    const { from, to } = define(build);
    build.loop(shape, reduced, (body) => body.store(view(...to), body.reduce('sum', body.load(view(...from)))));
    expectEqual((await device.run(build))(to[0]), expected, 'sum');
  };
}

const shapes: Case[] = [
  {
    name: 'all axes',
    run: sums(
      [2, 3],
      2,
      (build) => {
        const x = build.input('float32', [2, 3], ramp(6));
        return { from: [x, [3, 1]], to: [build.output('float32', []), [0, 0]] };
      },
      [15],
    ),
  },
  {
    name: 'the outer axis, by strides',
    run: sums(
      [3, 2],
      1,
      (build) => {
        const x = build.input('float32', [2, 3], ramp(6));
        return { from: [x, [1, 3]], to: [build.output('float32', [3]), [1, 0]] };
      },
      [3, 5, 7],
    ),
  },
  {
    name: 'the middle axis, stored in another order',
    run: sums(
      [2, 2, 3],
      1,
      (build) => {
        const x = build.input('float32', [2, 3, 2], ramp(12));
        return { from: [x, [6, 1, 2]], to: [build.output('float32', [2, 2]), [1, 2, 0]] };
      },
      [6, 24, 9, 27],
    ),
  },
  {
    name: 'two axes that are not neighbours',
    run: sums(
      [3, 2, 2],
      2,
      (build) => {
        const x = build.input('float32', [2, 3, 2], ramp(12));
        return { from: [x, [2, 6, 1]], to: [build.output('float32', [3]), [1, 0, 0]] };
      },
      [14, 22, 30],
    ),
  },
  {
    name: 'a repeated element (stride 0 on a reduced axis)',
    run: sums(
      [2, 5],
      1,
      (build) => {
        const x = build.input('float32', [2], [3, 4]);
        return { from: [x, [1, 0]], to: [build.output('float32', [2]), [1, 0]] };
      },
      [15, 20],
    ),
  },
  {
    name: 'windows that overlap',
    run: sums(
      [4, 2],
      1,
      (build) => {
        const x = build.input('float32', [5], ramp(5));
        return { from: [x, [1, 1]], to: [build.output('float32', [4]), [1, 0]] };
      },
      [1, 3, 5, 7],
    ),
  },
  {
    name: 'a flipped view into a slice',
    run: sums(
      [2, 3],
      1,
      (build) => {
        const x = build.input('float32', [2, 3], ramp(6));
        return { from: [x, [-3, -1], 5], to: [build.inout('float32', [5], [9, 9, 9, 9, 9]), [2, 0], 1] };
      },
      [9, 12, 9, 3, 9],
    ),
  },
  {
    name: 'no kept entries',
    run: sums(
      [0, 3],
      1,
      (build) => {
        const x = build.input('float32', [0, 3], []);
        return { from: [x, [3, 1]], to: [build.inout('float32', [1], [7]), [1, 0]] };
      },
      [7],
    ),
  },
  {
    name: 'no reduced axes: a fold of one element each',
    run: sums(
      [3],
      0,
      (build) => {
        const x = build.input('float32', [3], [1, 2, 3]);
        return { from: [x, [1]], to: [build.output('float32', [3]), [1]] };
      },
      [1, 2, 3],
    ),
  },
];

/** Row sums of many sizes, because devices fold in stages and blocks. */
const sizes: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 100_003],
  [100_003, 1],
  [37, 1000],
  [1000, 37],
  [3, 4097],
  [255, 257],
];
const sized: Case[] = sizes.flatMap(([rows, columns]): Case[] => [
  {
    name: `rows of [${rows}, ${columns}]`,
    run: (device) => {
      const at = (row: number, column: number): number => ((row * 7 + column * 3) % 11) - 5;
      const values = ramp(rows * columns).map((i) => at(Math.floor(i / columns), i % columns));
      const totals = ramp(rows).map((row) => ramp(columns).reduce((sum, column) => sum + at(row, column), 0));
      return sums(
        [rows, columns],
        1,
        (build) => {
          const x = build.input('float32', [rows, columns], values);
          return { from: [x, [columns, 1]], to: [build.output('float32', [rows]), [1, 0]] };
        },
        totals,
      )(device);
    },
  },
  {
    name: `columns of [${columns}, ${rows}]`,
    run: (device) => {
      const at = (row: number, column: number): number => ((row * 5 + column * 2) % 13) - 6;
      const values = ramp(rows * columns).map((i) => at(i % rows, Math.floor(i / rows)));
      const totals = ramp(rows).map((row) => ramp(columns).reduce((sum, column) => sum + at(row, column), 0));
      return sums(
        [rows, columns],
        1,
        (build) => {
          const x = build.input('float32', [columns, rows], values);
          return { from: [x, [1, rows]], to: [build.output('float32', [rows]), [1, 0]] };
        },
        totals,
      )(device);
    },
  },
]);

/** Mean and variance of rows in one loop: two sums, an epilogue, and a second pass that normalizes. */
const statistics: Case = {
  name: 'several folds in one loop, combined by the epilogue',
  async run(device) {
    const build = device.builder();
    const x = build.input('float32', [2, 4], [1, 2, 3, 6, -4, 0, 4, 8]);
    const mean = build.output('float32', [2]);
    const variance = build.output('float32', [2]);
    const largest = build.output('float32', [2]);
    build.loop([2, 4], 1, (body) => {
      const value = body.load(x);
      const total = body.reduce('sum', value);
      const squares = body.reduce('sum', body.op('mul', [value, value]));
      const top = body.reduce('max', value);
      const quarter = body.constant(0.25, 'float32', 'epilogue');
      const average = body.op('mul', [total, quarter]);
      const square = body.op('mul', [average, average]);
      body.store(view(mean, [1, 0]), average);
      body.store(view(variance, [1, 0]), body.op('sub', [body.op('mul', [squares, quarter]), square]));
      body.store(view(largest, [1, 0]), top);
    });
    const results = await device.run(build);
    expectEqual(results(mean), [3, 2], 'mean');
    expectEqual(results(variance), [3.5, 20], 'variance');
    expectEqual(results(largest), [6, 8], 'max');
  },
};

/** An epilogue that loads: places with stride 0 on the reduced axes, scalars and positions of kept axes. */
const epilogueLeaves: Case = {
  name: 'an epilogue loads inputs, scalars and positions',
  async run(device) {
    const build = device.builder();
    const x = build.input('float32', [3, 2], ramp(6));
    const bias = build.input('float32', [3], [100, 200, 300]);
    const y = build.output('float32', [3]);
    const rate = build.scalar('float32', 10);
    build.loop([3, 2], 1, (body) => {
      const sum = body.reduce('sum', body.load(x));
      const scaled = body.op('mul', [sum, body.scalar(rate, 'float32', 'epilogue')]);
      const shifted = body.op('add', [scaled, body.load(view(bias, [1, 0]), 'epilogue')]);
      body.store(view(y, [1, 0]), body.op('add', [shifted, body.index(0, 'float32', 'epilogue')]));
    });
    expectEqual((await device.run(build))(y), [110, 251, 392], 'sum · rate + bias + row');
  },
};

function inPlace(define: (build: Builder) => Place, expected: readonly number[]): Case['run'] {
  return async (device) => {
    const build = device.builder();
    const place = define(build);
    expectEqual((await device.run(build))(place), expected, 'the slot that is read and written');
  };
}

const memory: Case[] = [
  {
    name: 'body values are stored beside the folds',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [2, 3], ramp(6));
      const doubled = build.output('float32', [2, 3]);
      const total = build.output('float32', [2]);
      build.loop([2, 3], 1, (body) => {
        const value = body.op('mul', [body.load(x), body.constant(2, 'float32')]);
        body.store(doubled, value);
        body.store(view(total, [1, 0]), body.reduce('sum', value));
      });
      const results = await device.run(build);
      expectEqual(results(doubled), [0, 2, 4, 6, 8, 10], '2x');
      expectEqual(results(total), [6, 24], 'sums of 2x');
    },
  },
  {
    name: 'in place after the fold: an accumulator is added to',
    run: inPlace(
      (build) => {
        const x = build.input('float32', [2, 3], ramp(6));
        const total = build.inout('float32', [2], [100, 200]);
        build.loop([2, 3], 1, (body) => {
          const place = view(total, [1, 0]);
          const sum = body.reduce('sum', body.load(x));
          body.store(place, body.op('add', [body.load(place, 'epilogue'), sum]));
        });
        return total;
      },
      [103, 212],
    ),
  },
  {
    name: 'in place in the body, with a fold beside it',
    run: inPlace(
      (build) => {
        const x = build.inout('float32', [2, 3], ramp(6));
        const total = build.output('float32', [2]);
        build.loop([2, 3], 1, (body) => {
          const value = body.op('neg', [body.load(x)]);
          body.store(x, value);
          body.store(view(total, [1, 0]), body.reduce('sum', value));
        });
        return x;
      },
      [0, -1, -2, -3, -4, -5],
    ),
  },
  {
    name: 'a fold of a computed bool, by way of int32',
    run: inPlace(
      (build) => {
        const x = build.input('float32', [2, 4], [1, -1, 2, -2, 5, 5, 5, -5]);
        const count = build.output('int32', [2]);
        build.loop([2, 4], 1, (body) => {
          const positive = body.op('lt', [body.constant(0, 'float32'), body.load(x)]);
          body.store(view(count, [1, 0]), body.reduce('sum', body.op('cast', [positive], 'int32')));
        });
        return count;
      },
      [2, 3],
    ),
  },
  {
    name: 'an epilogue on a fold of nothing still runs',
    run: inPlace(
      (build) => {
        const x = build.input('float32', [2, 0], []);
        const y = build.output('float32', [2]);
        build.loop([2, 0], 1, (body) => {
          const sum = body.reduce('sum', body.load(x));
          body.store(view(y, [1, 0]), body.op('add', [sum, body.constant(5, 'float32', 'epilogue')]));
        });
        return y;
      },
      [5, 5],
    ),
  },
];

/** Cases of loops that reduce. */
export const reductionCases: readonly Case[] = [...shapes, ...sized, statistics, epilogueLeaves, ...memory];
