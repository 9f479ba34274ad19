/** Kernels that the native backend runs as one, forwards and backwards beside the reference backend, which runs each by itself. */
import { expect, test } from '@jest/globals';
import {
  conv,
  floor,
  grad,
  jit,
  lstm,
  matmul,
  maxPool,
  relu,
  tensor,
  type ConvOptions,
  type Tensor,
} from '@antler/core';
import { createNativeBackend } from '@antler/backend-cpu-native';
import { openFresh } from '../modes.js';
import { expectSame, sizeOf, valuesOn, type Case, type Shape } from './beside.js';
import { withNative } from './native.js';

/** Bias, relu and a pool of windows side by side; the gradient of the bias needs all of the image's slopes. */
function pooled(size: number, channels: number, filters: number, window: number): Case {
  const out = Math.floor((size - 2) / window);
  return {
    seed: size,
    shapes: [[3, size, size, channels], [3, 3, channels, filters], [filters], [3, out, out, filters]],
    f: (x, kernel, bias, g) => {
      const y = (w: Tensor, b: Tensor): Tensor => maxPool(relu(conv(x, w).add(b)), window);
      return [y(kernel, bias), ...grad(([w, b]: readonly [Tensor, Tensor]) => y(w, b).mul(g).sum())([kernel, bias])];
    },
  };
}

type PooledShape = readonly [images: number, size: number, channels: number, filters: number];

/**
 * Two convolutions with bias, relu and a pool of 2×2 windows each, and the gradients by all of their weights. The size of `steps`
 * gives ties: there, numbers are rounded to it.
 */
function twoPooled(
  [images, size, channels, filters]: PooledShape,
  { options = {}, steps = 0 }: { options?: ConvOptions; steps?: number } = {},
): Case {
  const taps = 2 * (options.dilationRate === undefined ? 1 : 2);
  const between = Math.floor((Math.floor((size - taps - 1) / ((options.strides as number | undefined) ?? 1)) + 1) / 2);
  const out = Math.floor((between - 2) / 2);
  const rounded = (x: Tensor): Tensor => (steps === 0 ? x : floor(x.div(steps)).mul(steps));
  return {
    seed: size,
    shapes: [
      [images, size, size, channels],
      [3, 3, channels, 32],
      [32],
      [3, 3, 32, filters],
      [filters],
      [images, out, out, filters],
    ],
    f: (x, first, bias1, second, bias2, g) => {
      const y = ([w1, b1, w2, b2]: readonly [Tensor, Tensor, Tensor, Tensor]): Tensor =>
        maxPool(relu(conv(maxPool(relu(conv(rounded(x), w1, options).add(b1)), 2), w2).add(b2)), 2);
      const weights = [rounded(first), rounded(bias1), second, bias2] as const;
      return [y(weights), ...grad((all: typeof weights) => y(all).mul(g).sum())([...weights])];
    },
  };
}

/** An LSTM on the products of its inputs, and the gradients of the sum of its squared states by all weights. */
function products(batch: number, steps: number, features: number, units: number, biased: boolean): Case {
  return {
    seed: features,
    shapes: [
      [batch, steps, features],
      [features, 4 * units],
      [units, 4 * units],
      [4 * units],
      [batch, units],
      [batch, units],
    ],
    f: (x, kernel, recurrent, bias, state, cell) => {
      const states = ([w, u, b]: readonly Tensor[]): Tensor => {
        const product = matmul(x, w!);
        return lstm(b === undefined ? product : product.add(b), u!, state, cell)[0];
      };
      const weights = [kernel, recurrent, ...(biased ? [bias] : [])];
      return [states(weights), ...grad((all: readonly Tensor[]) => states(all).mul(states(all)).sum())(weights)];
    },
  };
}

withNative((create) => {
  test.each([
    [28, 1, 32, 2],
    [13, 32, 64, 2],
    [9, 3, 5, 3],
    [12, 4, 16, 4],
  ])('bias, relu and pool, %i pixels, %i to %i channels, windows of %i', (...sizes) =>
    expectSame(create, pooled(...sizes)),
  );

  test.each<[PooledShape, Parameters<typeof twoPooled>[1]]>([
    [[3, 28, 1, 64], {}],
    [[2, 31, 3, 16], {}],
    [[3, 29, 1, 48], { options: { strides: 2 } }],
    [[2, 27, 2, 32], { options: { dilationRate: 2 } }],
    [[3, 28, 1, 64], { steps: 0.5 }],
  ])('two layers of bias, relu and pool, %j, %j', (shape, options) => expectSame(create, twoPooled(shape, options)));

  test('a pool whose input is asked for as well', async () => {
    const { shapes, seed } = pooled(13, 32, 64, 2);
    await expectSame(create, {
      seed,
      shapes,
      f: (x, kernel, bias) => {
        const y = relu(conv(x, kernel).add(bias));
        return [maxPool(y, 2), y];
      },
    });
  });

  test.each([
    [28, 1, 32],
    [13, 32, 64],
  ])('a pool without a way back, %i pixels, NaN in one of them', async (size, channels, filters) => {
    const f = (x: Tensor, kernel: Tensor, bias: Tensor): Tensor => maxPool(relu(conv(x, kernel).add(bias)), 2);
    const { shapes, seed } = pooled(size, channels, filters, 2);
    await expectSame(create, { seed, shapes, f: (x, kernel, bias) => [f(x, kernel, bias)] });
    await openFresh(create);
    const image = new Float32Array(size * size * channels).fill(1);
    image[0] = NaN;
    const ones = (shape: Shape): Tensor => tensor(new Float32Array(sizeOf(shape)).fill(1), { shape });
    const x = tensor(Float32Array.from([...image, ...image, ...image]), { shape: shapes[0]! });
    const y = await jit(f)(x, ones(shapes[1]!), ones(shapes[2]!)).data();
    expect([y[0], y[filters]]).toEqual([NaN, 9 * channels + 1]);
  });

  test.each([
    [5, 7, 8, 32, true],
    [13, 4, 16, 16, false],
    [6, 9, 20, 33, true],
    [4, 3, 40, 16, true],
  ])('products of an LSTM, batch %i, %i steps, %i features, %i units, a bias %s', (...sizes) =>
    expectSame(create, products(...sizes)),
  );

  test('no result depends on the number of threads', async () => {
    for (const one of [pooled(13, 32, 64, 2), twoPooled([5, 28, 1, 64], {}), products(13, 9, 20, 33, true)]) {
      const single = await valuesOn(() => createNativeBackend({ threads: 1 }), one);
      for (const threads of [2, 3, 5]) {
        expect(await valuesOn(() => createNativeBackend({ threads }), one)).toEqual(single);
      }
    }
  });
});
