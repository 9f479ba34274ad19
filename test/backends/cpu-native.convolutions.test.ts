/**
 * Convolutions that the native backend has a way of its own for, and what it runs together with their neighbours: forwards
 * and backwards beside the reference backend.
 */
import { describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import {
  clip,
  conv,
  floor,
  grad,
  jit,
  maxPool,
  relu,
  tensor,
  type Backend,
  type ConvOptions,
  type Tensor,
} from '@antler/core';
import { createNativeBackend } from '@antler/backend-cpu-native';
import { openFresh } from '../modes.js';
import { seeded } from '../seeded.js';
import { withNative } from './native.js';

type Shape = readonly number[];

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** A function of arrays of given shapes, whose entries come from a seed. */
interface Case {
  readonly seed: number;
  readonly shapes: readonly Shape[];
  readonly f: (...inputs: Tensor[]) => readonly Tensor[];
  /** Something else instead of the first input's entries. */
  readonly change?: (values: Float32Array) => Float32Array;
}

async function valuesOn(create: () => Backend, { seed, shapes, f, change }: Case): Promise<Float32Array[]> {
  await openFresh(create);
  const chance = seeded(seed);
  const inputs = shapes.map((shape, i) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => 2 * chance() - 1);
    return tensor(i === 0 && change !== undefined ? change(values) : values, { shape });
  });
  const results = jit(f)(...inputs);
  return Promise.all(results.map(async (result) => Float32Array.from(await result.data())));
}

/** Largest distance, in parts of the largest number. */
function distance(received: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - received[i]!)), 0) / scale;
}

async function expectSame(create: () => Backend, one: Case): Promise<void> {
  const expected = await valuesOn(createJsBackend, one);
  const received = await valuesOn(create, one);
  expected.forEach((values, i) => {
    expect(received[i]).toHaveLength(values.length);
    expect(distance(received[i]!, values)).toBeLessThan(2e-6);
  });
}

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

const many = Array.from({ length: 16 }, (_, i) => i);

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

withNative((create) => {
  test.each(many)('taps of 3×3, %i', (seed) => expectSame(create, threeByThree(seed)));

  test.each([
    [[4, 12, 10, 20], [1, 1, 20, 24], [4, 6, 5, 24], 2],
    [[3, 13, 13, 32], [1, 1, 32, 48], [3, 5, 5, 48], 3],
  ] as const)('single taps that skip pixels, %j', (x, kernel, y, strides) =>
    expectSame(create, { seed: 1, shapes: [x, kernel, y], f: allMaps({ strides, padding: 'same' }) }),
  );

  test.each([
    [28, 1, 32, 2],
    [13, 32, 64, 2],
    [9, 3, 5, 3],
    [12, 4, 16, 4],
  ])('bias, relu and pool, %i pixels, %i to %i channels, windows of %i', (...sizes) =>
    expectSame(create, pooled(...sizes)),
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

  test('no result depends on the number of threads', async () => {
    const own = (['single taps', 'few channels', 'each channel by itself'] as const).flatMap((kind) =>
      [1, 2, 3, 4].map((seed) => finished(kind, seed)),
    );
    for (const one of [threeByThree(3), threeByThree(4), pooled(13, 32, 64, 2), twoPooled([5, 28, 1, 64]), ...own]) {
      const single = await valuesOn(() => createNativeBackend({ threads: 1 }), one);
      for (const threads of [2, 3, 5]) {
        expect(await valuesOn(() => createNativeBackend({ threads }), one)).toEqual(single);
      }
    }
  });
});
