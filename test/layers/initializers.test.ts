/** Initializers against Keras: exact where they are, moments and bounds where they draw. */
import { describe, expect, test } from '@jest/globals';
import { abs, eye, matmul, random, transpose, type Shape } from '@antler/core';
import { type Initializer, initializers } from '@antler/layers';
import { goldenArrays, goldenCases } from '../golden/keras.js';
import { camelCased, differences } from './setup.js';

const makers: Readonly<Record<string, (options: never) => Initializer>> = {
  GlorotUniform: initializers.glorotUniform,
  GlorotNormal: initializers.glorotNormal,
  HeNormal: initializers.heNormal,
  LecunUniform: initializers.lecunUniform,
  VarianceScaling: initializers.varianceScaling,
  Identity: initializers.identity,
  Zeros: initializers.zeros,
  Constant: initializers.constant,
};

interface Expected {
  readonly low?: number;
  readonly bound?: number;
  readonly mean: number;
  readonly std: number;
}

test('all of Keras’s cases are compared', () => {
  const named = new Set(goldenCases('initializers').map((entry) => entry.class));
  // Orthogonal has a description of its own.
  expect([...named].filter((name) => makers[name] === undefined)).toEqual(['Orthogonal']);
});

for (const [className, make] of Object.entries(makers)) {
  describe(className, () => {
    test.each(goldenCases('initializers', className).map((entry) => [entry.id, entry] as const))(
      '%s',
      async (_id, entry) => {
        const sample = make(camelCased<never>(entry.kwargs)).sample(entry.shape as Shape, 'float32');
        if (entry.deterministic === true) {
          expect(await differences({ output: [sample, goldenArrays(entry).output!] }, entry.tol)).toEqual({});
          return;
        }
        const { low, bound, mean, std } = entry.expected as Expected;
        const values = [...(await sample.data())];
        const average = values.reduce((a, b) => a + b, 0) / values.length;
        const deviation = Math.sqrt(values.reduce((a, b) => a + (b - average) ** 2, 0) / values.length);
        expect(Math.abs(average - mean)).toBeLessThan((5 * std) / Math.sqrt(values.length));
        expect(Math.abs(deviation / std - 1)).toBeLessThan(0.06);
        const limit = bound ?? (low === undefined ? Infinity : -low);
        expect(values.every((value) => Math.abs(value) <= limit * (1 + 1e-6))).toBe(true);
        if (limit < Infinity) expect(Math.max(...values)).toBeGreaterThan(limit * 0.95);
      },
    );
  });
}

describe('Orthogonal', () => {
  test.each(goldenCases('initializers', 'Orthogonal').map((entry) => [entry.id, entry] as const))(
    '%s',
    async (_id, entry) => {
      const { gain } = entry.kwargs as { readonly gain: number };
      const shape = entry.shape as Shape;
      const matrix = initializers
        .orthogonal({ gain })
        .sample(shape, 'float32')
        .reshape([-1, shape.at(-1)!]);
      const isTall = matrix.shape[0]! >= matrix.shape[1]!;
      const products = isTall ? matmul(transpose(matrix), matrix) : matmul(matrix, transpose(matrix));
      const n = products.shape[0]!;
      const error = abs(products.div(gain * gain).sub(eye(n))).max();
      expect(await error.item()).toBeLessThan(1e-5);
    },
  );

  test('has every sign', async () => {
    const diagonal = await initializers.orthogonal({ seed: 3 }).sample([64, 64], 'float32').mul(eye(64)).sum(0).data();
    const positive = diagonal.filter((value) => value > 0).length;
    expect(Math.abs(positive - 32)).toBeLessThan(20);
  });
});

test('a seed gives the same numbers, no seed gives others, and random.seed all of them', async () => {
  const draw = async (seed?: number): Promise<string> =>
    [
      ...(await initializers
        .heUniform(seed === undefined ? {} : { seed })
        .sample([3, 4], 'float32')
        .data()),
    ].join();
  expect(await draw(1)).toBe(await draw(1));
  expect(await draw(1)).not.toBe(await draw(2));
  expect(await draw()).not.toBe(await draw());
  random.seed(5);
  const first = await draw();
  random.seed(5);
  expect(await draw()).toBe(first);
});
