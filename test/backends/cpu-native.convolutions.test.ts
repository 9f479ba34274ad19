/**
 * Convolutions that the native backend has a way of its own for, forwards and backwards beside the reference backend.
 */
import { expect, test } from '@jest/globals';
import { conv, grad, type ConvOptions, type Tensor } from '@antler/core';
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

const many = Array.from({ length: 16 }, (_, i) => i);

withNative((create) => {
  test.each(many)('taps of 3×3, %i', (seed) => expectSame(create, threeByThree(seed)));

  test.each([
    [[4, 12, 10, 20], [1, 1, 20, 24], [4, 6, 5, 24], 2],
    [[3, 13, 13, 32], [1, 1, 32, 48], [3, 5, 5, 48], 3],
  ] as const)('single taps that skip pixels, %j', (x, kernel, y, strides) =>
    expectSame(create, { seed: 1, shapes: [x, kernel, y], f: allMaps({ strides, padding: 'same' }) }),
  );

  test('no result depends on the number of threads', async () => {
    for (const one of [threeByThree(3), threeByThree(4)]) {
      const single = await valuesOn(() => createNativeBackend({ threads: 1 }), one);
      for (const threads of [2, 3, 5]) {
        expect(await valuesOn(() => createNativeBackend({ threads }), one)).toEqual(single);
      }
    }
  });
});
