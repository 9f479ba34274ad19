/**
 * The composites that the native backend runs as one kernel, each beside its naive twin: its decomposition on the reference
 * backend. The inputs of a gradient are what the twin of its composite gives.
 */
import { expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { createNativeBackend } from '@antler/backend-cpu-native';
import {
  averagePool,
  batchNormalizationTraining,
  dtypes,
  grad,
  gru,
  layerNormalization,
  logSoftmax,
  lower,
  lstm,
  maxPool,
  scaledDotProductAttention,
  softmax,
  softmaxCrossEntropy,
  tensor,
  viewAs,
  type Backend,
  type DType,
  type Program,
  type Tensor,
  type Type,
} from '@antler/core';
import { traceGraph } from '../../packages/core/src/jit/graph.js';
import { composite, type Composite } from '../../packages/core/src/ops/composites/composite.js';
import { attention, attentionGradient } from '../../packages/core/src/ops/composites/attention.js';
import * as normalizations from '../../packages/core/src/ops/composites/normalization.js';
import * as pools from '../../packages/core/src/ops/composites/pooling.js';
import * as recurrences from '../../packages/core/src/ops/composites/recurrent.js';
import * as softmaxes from '../../packages/core/src/ops/composites/softmax.js';
import { openFresh } from '../modes.js';
import { seeded } from '../seeded.js';
import { withNative } from './native.js';

/** Numbers with their type. */
interface Array_ extends Type {
  readonly values: readonly number[];
}

/** Composites by their names. */
const composites = {
  attention,
  attentionGradient,
  ...normalizations,
  ...pools,
  ...recurrences,
  ...softmaxes,
} as unknown as Readonly<Record<string, Composite>>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The program of one composite, and what it gives. */
async function run(
  backend: Backend,
  name: string,
  params: object,
  inputs: readonly Array_[],
): Promise<[Program, Array_[]]> {
  const { graph } = traceGraph(name, inputs, (args) => composite(composites[name]!, args, params));
  const program = lower(graph, { target: backend, fuse: true, donate: [] });
  const types = graph.outputs.map((value) => graph.types[value]!);
  const slots = program.slots.filter(({ role }) => role !== 'temp');
  const regions = slots.map(({ bytes }) => ({ buffer: backend.alloc(Math.max(bytes, 8)), byteOffset: 0 }));
  inputs.forEach(({ values, dtype }, i) => {
    const data = viewAs(dtype, new ArrayBuffer(values.length * dtypes[dtype].bytes), 0, values.length);
    values.forEach((value, j) => (data[j] = value));
    backend.write(regions[i]!, data, dtype);
  });
  backend.run(await backend.compile(program), regions, new Float64Array());
  const outputs: Array_[] = [];
  for (const [i, { shape, dtype }] of types.entries()) {
    const bytes = await backend.read(regions[inputs.length + i]!, sizeOf(shape), dtype);
    outputs.push({ shape, dtype, values: Array.from(viewAs(dtype, bytes, 0, sizeOf(shape)), Number) });
  }
  return [program, outputs];
}

/** Numbers that differ by no more than rounding, and are NaN and infinite in the same places. */
function expectClose(received: Array_, expected: Array_, tolerance: number, what: string): void {
  const finite = expected.values.filter(Number.isFinite).map(Math.abs);
  const scale = finite.reduce((a, b) => Math.max(a, b), 0.2);
  const far = expected.values.findIndex((value, i) => {
    const other = received.values[i]!;
    if (!Number.isFinite(value)) return !Object.is(value, other);
    return !(Math.abs(value - other) <= tolerance * Math.max(scale * 0.25, Math.abs(value)));
  });
  const at =
    far < 0
      ? 'nowhere'
      : `${what} [${far}] of ${expected.shape.join('×')}: ${received.values[far]} for ${expected.values[far]}`;
  expect(at).toBe('nowhere');
}

const js = createJsBackend();
let native: Backend;

/** Runs both; gives what the twin computed. */
async function compare(name: string, params: object, inputs: readonly Array_[], tolerance = 4e-6): Promise<Array_[]> {
  const [program, received] = await run(native, name, params, inputs);
  expect(program.kernels.map((kernel) => (kernel.kind === 'composite' ? kernel.name : kernel.kind))).toEqual([name]);
  const [, expected] = await run(js, name, params, inputs);
  expected.forEach((array, i) => expectClose(received[i]!, array, tolerance, `${name} output ${i}`));
  return expected;
}

const chance = seeded(11);
const whole = (low: number, high: number): number => low + Math.floor(chance() * (high - low + 1));
const one = <T>(list: readonly T[]): T => list[whole(0, list.length - 1)]!;
/** Numbers around 0, rounded to float32. */
const floats = (shape: readonly number[], scale = 1, offset = 0): Array_ => ({
  shape,
  dtype: 'float32',
  values: Array.from({ length: sizeOf(shape) }, () => Math.fround(offset + scale * (2 * chance() - 1))),
});
/** The same with some entries replaced. */
const strewn = (array: Array_, specials: readonly number[], share: number): Array_ => ({
  ...array,
  values: array.values.map((value) => (chance() < share ? one(specials) : value)),
});
const listOf = (dtype: DType, shape: readonly number[], draw: () => number): Array_ => ({
  shape,
  dtype,
  values: Array.from({ length: sizeOf(shape) }, draw),
});

const many = Array.from({ length: 24 }, (_, i) => i);

withNative((create) => {
  native = create();

  test.each(many)('softmax, its logarithm and cross-entropies, %i', async (i) => {
    const n = one([1, 2, 3, 10, 15, 16, 17, 33, 96, 128, 257]);
    const shape = [...one([[], [1], [7], [3, 5], [40, 2]]), n];
    const x = i % 4 === 3 ? strewn(floats(shape, 20), [NaN, Infinity, -Infinity], 0.1) : floats(shape, one([1, 30]));
    const lonely = { ...x, values: x.values.map((value, j) => (i % 4 === 2 && j < n ? -Infinity : value)) };
    const outer = shape.slice(0, -1);
    const [y] = await compare('softmax', {}, [lonely]);
    const [log] = await compare('logSoftmax', {}, [lonely]);
    const g = floats(shape);
    await compare('softmaxGradient', {}, [y!, g]);
    await compare('logSoftmaxGradient', {}, [log!, g], 1e-5);
    const targets = { ...floats(shape), values: floats(shape).values.map(Math.abs) };
    await compare('softmaxCrossEntropy', {}, [x, targets], 1e-5);
    await compare('softmaxCrossEntropyGradient', {}, [x, targets, floats(outer)], 1e-5);
    const labels = listOf('int32', outer, () => whole(-n, n - 1));
    await compare('sparseSoftmaxCrossEntropyGradient', {}, [x, labels, floats(outer)]);
  });

  test.each(many)('pools, %i', async (i) => {
    const axes = one([1, 2]);
    const draw = (low: number, high: number): number[] => Array.from({ length: axes }, () => whole(low, high));
    const spatial = draw(3, 9);
    const sizes = i % 3 === 0 ? spatial.map(() => 2) : draw(1, 3);
    const strides = i % 3 === 0 ? sizes : draw(1, 4);
    const padding = sizes.map((size) => [whole(0, size - 1), whole(0, size - 1)] as [number, number]);
    const params = { sizes, strides, padding: i % 3 === 0 ? sizes.map(() => [0, 0]) : padding };
    const shape = [whole(1, 4), ...spatial, one([1, 3, 16, 20, 33])];
    // Small whole numbers, so that windows have several maxima.
    const ties = listOf('float32', shape, () => whole(-2, 2));
    const x = i % 4 === 3 ? strewn(ties, [NaN, Infinity, -Infinity], 0.2) : ties;
    const [y] = await compare('maxPool', params, [x]);
    await compare('maxPoolGradient', params, [x, y!, floats(y!.shape)]);
    const [mean] = await compare('averagePool', params, [floats(shape)]);
    await compare('averagePoolGradient', { ...params, shape }, [floats(mean!.shape)]);
  });

  test.each(many)('normalizations, %i', async (i) => {
    const n = one([1, 2, 3, 10, 16, 32, 64, 100, 192]);
    const shape = [...one([[1], [2], [130], [3, 5], [4, 20, 21]]), n];
    const plain = floats(shape, 2, i % 3 === 1 ? 100 : 0);
    const x = i % 6 === 5 ? strewn(plain, [NaN], 0.05) : plain;
    const [gamma, beta] = [floats([n]), floats([n])];
    // Where numbers are far from 0 their distances from the mean have lost digits in float32, in both twins.
    const tolerance = i % 3 === 1 ? 2e-4 : 2e-5;
    const params = { epsilon: 1e-3 };
    const [, mean, inverse] = await compare('layerNorm', params, [x, gamma, beta], tolerance);
    await compare('layerNormGradient', {}, [x, gamma, mean!, inverse!, floats(shape)], tolerance);
    const [, means, variances] = await compare('batchNorm', params, [x, gamma, beta], tolerance);
    await compare('batchNormGradient', params, [x, gamma, means!, variances!, floats(shape)], tolerance);
  });

  test.each(many)('attention, %i', async (i) => {
    const [b, t, h] = [whole(1, 2), one([1, 2, 5, 16, 17, 40]), whole(1, 3)];
    const s = i % 2 === 0 ? t : one([1, 3, 16, 33, 50]);
    const [d, e] = [one([1, 3, 8, 16, 32, 40]), one([1, 4, 16, 32, 33])];
    const params = { scale: one([1, 0.25, 1 / Math.sqrt(d)]), causal: i % 3 !== 0 };
    const q = i % 8 === 7 ? strewn(floats([b, t, h, d]), [NaN], 0.02) : floats([b, t, h, d], 2);
    const [k, v] = [floats([b, s, h, d], 2), floats([b, s, h, e])];
    // Some queries see nothing at all.
    const blind = listOf('bool', [b, h, t], () => Number(chance() < 0.2)).values;
    const mask = listOf('bool', [b, h, t, s], () => 0);
    const masks =
      i % 4 < 2
        ? []
        : [
            {
              ...mask,
              values: mask.values.map((_, j) => (blind[Math.floor(j / s)] === 1 ? 0 : Number(chance() < 0.6))),
            },
          ];
    const [y, top, sum] = await compare('attention', params, [q, k, v, ...masks], 1e-5);
    await compare('attentionGradient', params, [q, k, v, y!, top!, sum!, floats(y!.shape), ...masks], 2e-5);
  });

  test.each(many.slice(0, 12))('recurrences, %i', async () => {
    const [b, t, u] = [one([1, 3, 8, 13]), one([1, 2, 9]), one([1, 2, 15, 16, 33, 64])];
    const kernel = (gates: number): Array_ => floats([u, gates * u], 1 / Math.sqrt(u));
    const state = floats([b, u]);
    const [, , , cells, states, gates] = await compare('lstm', {}, [
      floats([b, t, 4 * u], 2),
      kernel(4),
      state,
      floats([b, u]),
    ]);
    for (const stepwise of [false, true]) {
      const outputs = stepwise ? [floats([b, t, u])] : [];
      const back = [kernel(4), cells!, states!, gates!, floats([b, u]), floats([b, u]), ...outputs];
      await compare('lstmGradient', { stepwise }, back, 2e-5);
    }
    const [, , before, activated] = await compare('gru', {}, [
      floats([b, t, 3 * u], 2),
      kernel(3),
      floats([3 * u]),
      state,
    ]);
    for (const stepwise of [false, true]) {
      const outputs = stepwise ? [floats([b, t, u])] : [];
      await compare('gruGradient', { stepwise }, [kernel(3), before!, activated!, floats([b, u]), ...outputs], 2e-5);
    }
  });

  test('no result depends on the number of threads', async () => {
    const bits = async (threads: number): Promise<unknown> => {
      const draw = seeded(5);
      const some = (...shape: number[]): Array_ => ({
        shape,
        dtype: 'float32',
        values: Array.from({ length: sizeOf(shape) }, () => Math.fround(2 * draw() - 1)),
      });
      const backend = createNativeBackend({ threads });
      const all: Array_[][] = [];
      const give = async (name: string, params: object, inputs: readonly Array_[]): Promise<Array_[]> => {
        const [, outputs] = await run(backend, name, params, inputs);
        all.push(outputs);
        return outputs;
      };
      const x = some(11, 23, 29, 24);
      const [scale, epsilon] = [some(24), { epsilon: 1e-3 }];
      const [, mean, variance] = await give('batchNorm', epsilon, [x, scale, scale]);
      await give('batchNormGradient', epsilon, [x, scale, mean!, variance!, x]);
      const [, means, inverses] = await give('layerNorm', epsilon, [x, scale, scale]);
      await give('layerNormGradient', {}, [x, scale, means!, inverses!, x]);
      await give('softmax', {}, [x]);
      const pool = { sizes: [3, 2], strides: [2, 2], padding: [[1, 1], [0, 0]] }; // prettier-ignore
      const [y] = await give('maxPool', pool, [x]);
      await give('maxPoolGradient', pool, [x, y!, y!]);
      const [q, causal] = [some(3, 40, 3, 20), { scale: 0.3, causal: true }];
      const [mixed, top, sum] = await give('attention', causal, [q, q, q]);
      await give('attentionGradient', causal, [q, q, q, mixed!, top!, sum!, q]);
      const [kernel, state] = [some(33, 132), some(13, 33)];
      const [, , , cells, states, gates] = await give('lstm', {}, [some(13, 9, 132), kernel, state, state]);
      await give('lstmGradient', { stepwise: false }, [kernel, cells!, states!, gates!, state, state]);
      const recurrent = some(33, 99);
      const [, , before, activated] = await give('gru', {}, [some(13, 9, 99), recurrent, some(99), state]);
      await give('gruGradient', { stepwise: false }, [recurrent, before!, activated!, state]);
      return all;
    };
    const one = await bits(1);
    for (const threads of [2, 3, 5]) expect(await bits(threads)).toEqual(one);
  });

  const gradients: readonly [string, (...inputs: Tensor[]) => Tensor, readonly (readonly number[])[]][] = [
    ['softmax', (x) => softmax(x), [[3, 5]]],
    ['logSoftmax', (x) => logSoftmax(x), [[3, 5]]],
    ['softmaxCrossEntropy', (x, z) => softmaxCrossEntropy(x, z), [[3, 5], [3, 5]]], // prettier-ignore
    ['maxPool', (x) => maxPool(x.mul(x), 2, { strides: 1, padding: 'same' }), [[1, 3, 3, 2]]],
    ['averagePool', (x) => averagePool(x.mul(x), 2), [[1, 4, 4, 2]]],
    ['layerNormalization', (x, scale) => layerNormalization(x, { scale, epsilon: 1e-3 }), [[2, 4], [4]]], // prettier-ignore
    ['batchNormalization', (x, scale) => batchNormalizationTraining(x, { scale })[0], [[5, 2], [2]]], // prettier-ignore
    ['attention', (q, k, v) => scaledDotProductAttention(q, k, v, { causal: true }), [[1, 3, 2, 2], [1, 4, 2, 2], [1, 4, 2, 3]]], // prettier-ignore
    ['lstm', (z, u, h, c) => lstm(z, u, h, c)[0], [[2, 3, 8], [2, 8], [2, 2], [2, 2]]], // prettier-ignore
    ['gru', (x, u, b, h) => gru(x, u, b, h)[0], [[2, 3, 6], [2, 6], [6], [2, 2]]], // prettier-ignore
  ];

  test.each(gradients)('gradients of first and second order, %s', async (_, f, shapes) => {
    const values = shapes.map((shape) => Float32Array.from({ length: sizeOf(shape) }, () => 0.2 + 1.3 * chance()));
    const on = async (create: () => Backend): Promise<number[][]> => {
      await openFresh(create);
      const inputs = shapes.map((shape, i) => tensor(values[i]!, { shape }));
      // Squares, so that every element of a gradient has a cotangent of its own.
      const slopes = grad((xs: readonly Tensor[]) =>
        f(...xs)
          .mul(f(...xs))
          .sum(),
      );
      const bends = grad((xs: readonly Tensor[]) => slopes(xs).map((g) => g.mul(g).sum()).reduce((a, b) => a.add(b))); // prettier-ignore
      const results = [...slopes(inputs), ...bends(inputs)];
      return Promise.all(results.map(async (result) => [...(await result.data())]));
    };
    const expected = await on(createJsBackend);
    const received = await on(create);
    expected.forEach((list, i) => {
      const as = (numbers: readonly number[]): Array_ => ({
        shape: [numbers.length],
        dtype: 'float32',
        values: numbers,
      });
      expectClose(as(received[i]!), as(list), 1e-4, `gradient ${i}`);
    });
  });

  test('what the addon has no kernel for is refused, and runs as its decomposition', async () => {
    const name = 'maxPool';
    const params = { sizes: [2, 2, 2], strides: [2, 2, 2], padding: [[0, 0], [0, 0], [0, 0]] }; // prettier-ignore
    const x = floats([1, 4, 4, 4, 2]);
    const [program, received] = await run(native, name, params, [x]);
    expect(program.kernels.some(({ kind }) => kind === 'composite')).toBe(false);
    const [, expected] = await run(js, name, params, [x]);
    expectClose(received[0]!, expected[0]!, 0, name);
  });
});
