/** Scatter: each mode, duplicates in row-major order, and what a bad index leaves alone. */
import { dtypes, type ScatterMode } from '@antler/core';
import { viewOf } from '../builder.js';
import type { Case } from '../device.js';
import { indexed, scatter } from './indexed.js';

const modes: readonly (readonly [ScatterMode, readonly number[]])[] = [
  ['set', [7, 2, -5, 40]],
  ['add', [13, 2, 21, 40]],
  ['max', [10, 2, 30, 40]],
  ['min', [1, 2, -5, 40]],
];

/** Cases of scatter. */
export const scatterCases: readonly Case[] = [
  ...modes.map(([mode, expected]): Case => ({
    name: `scatter ${mode}: duplicates`,
    run: indexed((build) => {
      const out = build.inout('float32', [4], [10, 2, 30, 40]);
      const indices = build.input('int32', [5, 1], [0, 2, 0, -4, -2]);
      const updates = build.input('float32', [5], mode === 'add' ? [-5, -4, 1, 7, -5] : [1, -4, 3, 7, -5]);
      scatter(build, mode, { index: [5], limits: [4] }, indices, updates, out);
      return out;
    }, expected),
  })),
  ...(['int32', 'uint32', 'int8', 'uint8'] as const).map((dtype): Case => ({
    name: `scatter add: ${dtype} wraps around`,
    dtypes: [dtype, 'int32'],
    run: indexed(
      (build) => {
        const out = build.inout(dtype, [2], [dtypes[dtype].range[1], 5]);
        const indices = build.input('int32', [3, 1], [0, 1, 0]);
        const updates = build.input(dtype, [3], [1, 1, 1]);
        scatter(build, 'add', { index: [3], limits: [2] }, indices, updates, out);
        return out;
      },
      [dtypes[dtype].range[0] + 1, 6],
    ),
  })),
  {
    name: 'scatter set: of many duplicates the last in row-major order wins',
    run: indexed(
      (build) => {
        const out = build.inout('float32', [2, 3], [0, 0, 0, 0, 0, 0]);
        const indices = build.input(
          'int32',
          [500, 2, 1],
          Array.from({ length: 1000 }, (_, i) => i % 2),
        );
        const updates = build.input(
          'float32',
          [500, 2, 3],
          Array.from({ length: 3000 }, (_, i) => i),
        );
        scatter(build, 'set', { index: [500, 2], limits: [2], slice: [3] }, indices, updates, out);
        return out;
      },
      [2994, 2995, 2996, 2997, 2998, 2999],
    ),
  },
  {
    name: 'scatter add: a thousand duplicates',
    run: indexed(
      (build) => {
        const out = build.inout('float32', [3], [0, 0, 0]);
        const indices = build.input(
          'int32',
          [1000, 1],
          Array.from({ length: 1000 }, (_, i) => i % 3),
        );
        const updates = build.input('float32', [1000], new Array<number>(1000).fill(2));
        scatter(build, 'add', { index: [1000], limits: [3] }, indices, updates, out);
        return out;
      },
      [668, 666, 666],
    ),
  },
  {
    name: 'scatter max and min: NaN wins',
    async run(device) {
      for (const mode of ['max', 'min'] as const) {
        const run = indexed(
          (build) => {
            const out = build.inout('float32', [3], [1, NaN, 3]);
            const indices = build.input('int32', [3, 1], [0, 1, 2]);
            const updates = build.input('float32', [3], [NaN, 1, 3]);
            scatter(build, mode, { index: [3], limits: [3] }, indices, updates, out);
            return out;
          },
          [NaN, NaN, 3],
        );
        await run(device);
      }
    },
  },
  {
    name: 'scatter: two indexed axes and a batch',
    run: indexed(
      (build) => {
        const out = build.inout('float32', [2, 2, 2], [0, 0, 0, 0, 0, 0, 0, 0]);
        const indices = build.input('int32', [2, 1, 2], [0, 1, -1, 0]);
        const updates = build.input('float32', [2, 1], [5, 6]);
        scatter(build, 'add', { batch: [2], index: [1], limits: [2, 2] }, indices, updates, out);
        return out;
      },
      [0, 5, 0, 0, 0, 0, 6, 0],
    ),
  },
  {
    name: 'scatter: strides of its own on all three views',
    run: indexed(
      (build) => {
        const out = build.inout('float32', [2, 3], [0, 0, 0, 0, 0, 0]);
        const indices = build.input('int32', [4], [9, 2, 9, 0]);
        const updates = build.input('float32', [2, 2], [1, 2, 3, 4]);
        // out by columns, indices 1 and 3, updates transposed.
        scatter(
          build,
          'add',
          { index: [2], limits: [3], slice: [2] },
          { ...viewOf(indices), offset: 1, strides: [2, 1] },
          { ...viewOf(updates), strides: [1, 2] },
          { ...viewOf(out), strides: [1, 3] },
        );
        return out;
      },
      [2, 0, 1, 4, 0, 3],
    ),
  },
  {
    name: 'scatter: one update for all (stride 0)',
    run: indexed(
      (build) => {
        const out = build.inout('int32', [4], [1, 1, 1, 1]);
        const indices = build.input('int32', [3, 1], [3, 0, 3]);
        const updates = build.input('int32', [1], [5]);
        scatter(build, 'add', { index: [3], limits: [4] }, indices, { ...viewOf(updates), strides: [0] }, out);
        return out;
      },
      [6, 1, 1, 11],
    ),
  },
  {
    name: 'scatter: a bad index writes nothing, the others do',
    run: indexed(
      (build) => {
        const out = build.inout('float32', [3], [1, 2, 3]);
        const indices = build.input('int32', [3, 1], [0, -4, 2]);
        const updates = build.input('float32', [3], [10, 20, 30]);
        scatter(build, 'set', { index: [3], limits: [3] }, indices, updates, out);
        return out;
      },
      [10, 2, 30],
      [1, -4],
    ),
  },
  {
    name: 'scatter: nothing to write',
    run: indexed(
      (build) => {
        const out = build.inout('float32', [2], [1, 2]);
        const indices = build.input('int32', [0, 1], []);
        const updates = build.input('float32', [0], []);
        scatter(build, 'set', { index: [0], limits: [2] }, indices, updates, out);
        return out;
      },
      [1, 2],
    ),
  },
];
