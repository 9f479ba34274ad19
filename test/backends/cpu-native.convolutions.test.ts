/**
 * Convolutions that the native backend has a way of its own for, forwards and backwards beside the reference backend.
 */
import { describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { clip, conv, grad, relu, type ConvOptions, type Tensor } from '@antler/core';
import { createNativeBackend } from '@antler/backend-cpu-native';
import { seeded } from '../seeded.js';
import { expectSame, sizeOf, valuesOn, type Case } from './beside.js';
import { withNative } from './native.js';

/** y, and the gradients of Σ y · g. */
const allMaps =
  (options: ConvOptions) =>
  (x: Tensor, kernel: Tensor, g: Tensor): readonly Tensor[] => [
    conv(x, kernel, options),
    ...grad(([a, b]: readonly [Tensor, Tensor]) => conv(a, b, options).mul(g).sum())([x, kernel]),
  ];

/** Three by three taps in an image of `size`, with padding before and after. */
function threeByThree(seed: number): Case {
  const chance = seeded(seed);
  const [channels, filters] = [chance.pick([16, 32, 48]), chance.pick([16, 32, 64])];
  const padding = [0, 1].map(() => [chance.whole(0, 2), chance.whole(0, 2)] as const);
  const size = [chance.whole(7, 20), chance.whole(7, 20)];
  const out = size.map((n, i) => n + padding[i]![0] + padding[i]![1] - 2);
  const images = Math.ceil(2 ** 20 / (9 * channels * filters * sizeOf(out)));
  return {
    seed,
    shapes: [
      [images, ...size, channels],
      [3, 3, channels, filters],
      [images, ...out, filters],
    ],
    f: allMaps({ padding }),
  };
}

/** Kinds of convolutions that own loops take forwards: how many taps, channels and filters; in groups of one channel or in one. */
const windows = {
  'single taps': { taps: [1], channels: [8, 17, 40], filters: [5, 16, 24, 33, 70], steps: [1], isDepthwise: false },
  'few channels': {
    taps: [1, 2, 3, 5],
    channels: [1, 2, 3, 4],
    filters: [5, 32, 40],
    steps: [1, 2, 3],
    isDepthwise: false,
  },
  'each channel by itself': {
    taps: [1, 2, 3, 5],
    channels: [3, 16, 20, 48, 100, 144],
    filters: [1],
    steps: [1, 2, 3],
    isDepthwise: true,
  },
} as const;

/** With what a network does to the sums: batch normalization by numbers that are known, a shortcut, bounds. */
function finished(kind: keyof typeof windows, seed: number): Case {
  const chance = seeded(seed);
  const { isDepthwise, ...sizes } = windows[kind];
  const pick = (list: readonly number[]): number => chance.pick(list);
  const channels = pick(sizes.channels);
  const filters = isDepthwise ? channels : pick(sizes.filters);
  const taps = [pick(sizes.taps), pick(sizes.taps)];
  const strides = [pick(sizes.steps), pick(sizes.steps)];
  const dilation = [chance.whole(1, 2), isDepthwise ? chance.whole(1, 2) : 1];
  const isPadded = kind !== 'single taps';
  const padding = taps.map(() => [0, 0].map(() => (isPadded ? chance.whole(0, 3) : 0)) as [number, number]);
  const size = [chance.whole(9, 34), chance.whole(9, 34)];
  const out = size.map((n, i) => {
    const room = n + padding[i]![0] + padding[i]![1] - (taps[i]! - 1) * dilation[i]! - 1;
    return Math.floor(room / strides[i]!) + 1;
  });
  const perImage = sizeOf(out) * sizeOf(taps) * filters * (isDepthwise ? 1 : channels);
  const y = [Math.ceil(2 ** 16 / perImage), ...out, filters];
  const [isNormalized, hasShortcut, isBounded] = [0, 0, 0].map(() => chance.whole(0, 2) > 0);
  const options = { strides, dilationRate: dilation, padding };
  return {
    seed,
    shapes: [
      [y[0]!, ...size, channels],
      [...taps, isDepthwise ? 1 : channels, filters],
      [filters],
      [filters],
      [filters],
      y,
    ],
    f: (x, kernel, mean, factor, shift, shortcut) => {
      let sum = conv(x, kernel, options);
      if (isNormalized) sum = sum.sub(mean).mul(factor).add(shift);
      // Of relu so that it is a temporary, in which the result may lie.
      if (hasShortcut) sum = relu(shortcut).add(sum);
      return [isBounded ? clip(sum, 0, 0.5) : sum];
    },
  };
}

const many = Array.from({ length: 16 }, (_, i) => i);

withNative((create) => {
  test.each(many)('taps of 3×3, %i', (seed) => expectSame(create, threeByThree(seed)));

  test.each([
    [[4, 12, 10, 20], [1, 1, 20, 24], [4, 6, 5, 24], 2],
    [[3, 13, 13, 32], [1, 1, 32, 48], [3, 5, 5, 48], 3],
  ] as const)('single taps that skip pixels, %j', (x, kernel, y, strides) =>
    expectSame(create, { seed: 1, shapes: [x, kernel, y], f: allMaps({ strides, padding: 'same' }) }),
  );

  describe.each(['single taps', 'few channels', 'each channel by itself'] as const)('%s', (kind) => {
    test.each(many)('%i', (seed) => expectSame(create, finished(kind, seed)));
  });

  test('what is no number stays none through normalization and bounds', async () => {
    const holes = (values: Float32Array): Float32Array => values.map((value, i) => (i % 97 === 0 ? NaN : value));
    for (const kind of ['single taps', 'few channels', 'each channel by itself'] as const) {
      const one = { ...finished(kind, 1), change: holes };
      const isNone = (results: readonly Float32Array[]): boolean[] =>
        [...results[0]!].map((value) => Number.isNaN(value));
      const expected = isNone(await valuesOn(createJsBackend, one));
      expect(isNone(await valuesOn(create, one))).toEqual(expected);
      expect(expected).toContain(true);
      expect(expected).toContain(false);
    }
  });

  test('no result depends on the number of threads', async () => {
    const own = (['single taps', 'few channels', 'each channel by itself'] as const).flatMap((kind) =>
      [1, 2, 3, 4].map((seed) => finished(kind, seed)),
    );
    for (const one of [threeByThree(3), threeByThree(4), ...own]) {
      const single = await valuesOn(() => createNativeBackend({ threads: 1 }), one);
      for (const threads of [2, 3, 5]) {
        expect(await valuesOn(() => createNativeBackend({ threads }), one)).toEqual(single);
      }
    }
  });
});
