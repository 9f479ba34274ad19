/** Gather: which elements move, negative indices, and what a bad index leaves behind. */
import { dtypes, isFloat, type DType } from '@antler/core';
import { viewOf } from '../builder.js';
import type { Case } from '../device.js';
import { expectEqual, expectThat } from '../expect.js';
import { gather, indexed } from './indexed.js';

const table = [0, 1, 10, 11, 20, 21, 30, 31];

const gathers: Case[] = [
  {
    name: 'gather: rows of a table',
    run: indexed(
      (build) => {
        const x = build.input('float32', [4, 2], table);
        const indices = build.input('int32', [3, 1], [2, 0, 2]);
        const y = build.output('float32', [3, 2]);
        gather(build, { index: [3], limits: [4], slice: [2] }, x, indices, y);
        return y;
      },
      [20, 21, 0, 1, 20, 21],
    ),
  },
  {
    name: 'gather: negative indices count from the end',
    run: indexed(
      (build) => {
        const x = build.input('float32', [4, 2], table);
        const indices = build.input('int32', [2, 1], [-1, -4]);
        const y = build.output('float32', [2, 2]);
        gather(build, { index: [2], limits: [4], slice: [2] }, x, indices, y);
        return y;
      },
      [30, 31, 0, 1],
    ),
  },
  {
    name: 'gather: two indexed axes',
    run: indexed(
      (build) => {
        const x = build.input('float32', [2, 4], [0, 1, 2, 3, 10, 11, 12, 13]);
        const indices = build.input('int32', [3, 2], [1, 3, 0, -4, -1, 2]);
        const y = build.output('float32', [3]);
        gather(build, { index: [3], limits: [2, 4] }, x, indices, y);
        return y;
      },
      [13, 0, 12],
    ),
  },
  {
    name: 'gather: a batch, several index axes, several slice axes',
    run: indexed(
      (build) => {
        const x = build.input('float32', [2, 3, 2, 1], [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]);
        const indices = build.input('int32', [2, 1, 2, 1], [2, 0, 1, 1]);
        const y = build.output('float32', [2, 1, 2, 2, 1]);
        gather(build, { batch: [2], index: [1, 2], limits: [3], slice: [2, 1] }, x, indices, y);
        return y;
      },
      [4, 5, 0, 1, 12, 13, 12, 13],
    ),
  },
  {
    name: 'gather: one element by one index',
    run: indexed(
      (build) => {
        const x = build.input('int32', [3], [7, 8, 9]);
        const indices = build.input('int32', [1], [1]);
        const y = build.output('int32', []);
        gather(build, { limits: [3] }, x, indices, y);
        return y;
      },
      [8],
    ),
  },
  {
    name: 'gather: strides of its own on all three views',
    run: indexed(
      (build) => {
        const x = build.input('float32', [4, 2], table);
        const indices = build.input('int32', [2, 3], [9, 0, 9, 9, 3, 9]);
        const y = build.inout('float32', [2, 4], new Array<number>(8).fill(-1));
        const views = [x, indices, y].map(viewOf);
        // The table's columns become rows; every third index from the second on; every second place of the result.
        gather(
          build,
          { batch: [2], index: [2], limits: [4] },
          { ...views[0]!, strides: [1, 2] },
          { ...views[1]!, offset: 1, strides: [0, 3, 1] },
          { ...views[2]!, offset: 1, strides: [4, 2] },
        );
        return y;
      },
      [-1, 0, -1, 30, -1, 1, -1, 31],
    ),
  },
  {
    name: 'gather: nothing to gather',
    run: indexed((build) => {
      const x = build.input('float32', [4, 2], table);
      const indices = build.input('int32', [0, 1], []);
      const y = build.output('float32', [0, 2]);
      gather(build, { index: [0], limits: [4], slice: [2] }, x, indices, y);
      return y;
    }, []),
  },
  {
    name: 'gather: from an empty axis every index is bad',
    run: indexed(
      (build) => {
        const x = build.input('float32', [0], []);
        const indices = build.input('int32', [1, 1], [0]);
        const y = build.output('float32', [1]);
        gather(build, { index: [1], limits: [0] }, x, indices, y);
        return y;
      },
      [NaN],
      [1, 0],
    ),
  },
];

/** A bad index among good ones, for each dtype: NaN, or the smallest value. */
const badGathers: Case[] = (Object.keys(dtypes) as DType[]).map((dtype) => ({
  name: `gather: a bad index gives ${isFloat(dtype) ? 'NaN' : 'the smallest value'} of ${dtype}`,
  dtypes: [dtype, 'int32'],
  run: indexed(
    (build) => {
      const x = build.input(dtype, [3, 2], [1, 1, 0, 1, 1, 0]);
      const indices = build.input('int32', [3, 1], [2, 3, 0]);
      const y = build.output(dtype, [3, 2]);
      gather(build, { index: [3], limits: [3], slice: [2] }, x, indices, y);
      return y;
    },
    [1, 0, ...new Array<number>(2).fill(isFloat(dtype) ? NaN : dtypes[dtype].range[0]), 1, 1],
    [1, 3],
  ),
}));

const faults: Case[] = [
  ...[4, -5, 2147483647, -2147483648].map((bad): Case => ({
    name: `fault: index ${bad} of 4`,
    run: indexed(
      (build) => {
        const x = build.input('float32', [4], [1, 2, 3, 4]);
        const indices = build.input('int32', [2, 1], [1, bad]);
        const y = build.output('float32', [2]);
        gather(build, { index: [2], limits: [4] }, x, indices, y);
        return y;
      },
      [2, NaN],
      [1, bad],
    ),
  })),
  {
    name: 'fault: the site of the second indexed axis',
    run: indexed(
      (build) => {
        const x = build.input('float32', [2, 2], [1, 2, 3, 4]);
        const indices = build.input('int32', [2, 2], [1, 1, 0, 2]);
        const y = build.output('float32', [2]);
        gather(build, { index: [2], limits: [2, 2] }, x, indices, y);
        return y;
      },
      [4, NaN],
      [2, 2],
    ),
  },
  {
    name: 'fault: the site of the second kernel',
    run: indexed(
      (build) => {
        const x = build.input('float32', [2], [1, 2]);
        const good = build.input('int32', [1, 1], [1]);
        const bad = build.input('int32', [1, 1], [7]);
        const y = build.output('float32', [2]);
        gather(build, { index: [1], limits: [2] }, x, good, { ...viewOf(y), strides: [1] });
        gather(build, { index: [1], limits: [2] }, x, bad, { ...viewOf(y), offset: 1, strides: [1] });
        return y;
      },
      [2, NaN],
      [2, 7],
    ),
  },
  {
    name: 'fault: one of several bad indices is reported, with its own site',
    async run(device) {
      const build = device.builder();
      const words = build.faults();
      const x = build.input('float32', [2], [1, 2]);
      const indices = build.input('int32', [4, 1], [5, 1, -7, 9]);
      const others = build.input('int32', [2, 1], [11, 12]);
      const y = build.output('float32', [4]);
      const z = build.output('float32', [2]);
      gather(build, { index: [4], limits: [2] }, x, indices, y);
      gather(build, { index: [2], limits: [2] }, x, others, z);
      const results = await device.run(build);
      expectEqual(results(y), [NaN, 2, NaN, NaN], 'the first gather');
      expectEqual(results(z), [NaN, NaN], 'the second gather');
      const [site, index] = results(words);
      const known = (site === 1 && [5, -7, 9].includes(index!)) || (site === 2 && [11, 12].includes(index!));
      expectThat(known, `expected one bad index with its site, received site ${site} and index ${index}`);
    },
  },
  {
    name: 'fault: an inout slot keeps the fault of an earlier run, and takes one where there is none',
    async run(device) {
      for (const earlier of [
        [7, -9],
        [0, 0],
      ] as const) {
        const build = device.builder();
        const words = build.faults(earlier);
        const x = build.input('float32', [2], [1, 2]);
        const indices = build.input('int32', [1, 1], [5]);
        const y = build.output('float32', [1]);
        gather(build, { index: [1], limits: [2] }, x, indices, y);
        const results = await device.run(build);
        expectEqual(results(y), [NaN], 'y');
        expectEqual(results(words), earlier[0] === 0 ? [1, 5] : earlier, 'fault words');
      }
    },
  },
  {
    name: 'fault: later kernels can read it and leave things alone',
    async run(device) {
      for (const bad of [false, true]) {
        const build = device.builder();
        const words = build.faults();
        const x = build.input('float32', [2], [1, 2]);
        const indices = build.input('int32', [1, 1], [bad ? 2 : 1]);
        const w = build.inout('float32', [3], [5, 6, 7]);
        const row = build.temp('float32', [1]);
        gather(build, { index: [1], limits: [2] }, x, indices, row);
        build.loop([3], 0, (body) => {
          const fine = body.op('eq', [body.load({ ...viewOf(words), strides: [0] }), body.constant(0, 'int32')]);
          const sum = body.op('add', [body.load(w), body.load({ ...viewOf(row), strides: [0] })]);
          body.store(w, body.op('select', [fine, sum, body.load(w)]));
        });
        const results = await device.run(build);
        expectEqual(results(w), bad ? [5, 6, 7] : [7, 8, 9], bad ? 'after a fault' : 'without a fault');
      }
    },
  },
];

/** Cases of gather. */
export const gatherCases: readonly Case[] = [...gathers, ...badGathers, ...faults];
