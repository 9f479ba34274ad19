/** Masks on their way through a model into losses and metrics: padded steps count nowhere. Numbers are those of Keras 3.15.1. */
import { describe, expect, test } from '@jest/globals';
import { type Tensor, tensor } from '@antler/core';
import { type Model, type Reduction, type Tensors, input, layers, losses, metrics } from '@antler/layers';
import { model as functional, optimizers, sequential } from '@antler/layers';
import { masksOf } from '../../packages/layers/src/masks.js';
import './setup.js';

const ints = (rows: readonly (readonly number[])[]): { data: Int32Array; shape: number[] } => ({
  data: Int32Array.from(rows.flat()),
  shape: [rows.length, rows[0]!.length],
});
const x = ints([
  [1, 2, 0, 0],
  [3, 4, 1, 0],
  [2, 0, 0, 0],
  [4, 4, 4, 4],
  [1, 0, 0, 0],
]);
const y = ints([
  [0, 1, 2, 2],
  [2, 2, 1, 0],
  [1, 1, 1, 1],
  [0, 1, 0, 2],
  [2, 0, 0, 1],
]);
const weights = {
  data: Float32Array.of(1, 2, 3, 4, 0.5, 1, 1, 1, 2, 2, 2, 2, 1, 0, 1, 3, 1.5, 1, 1, 1),
  shape: [5, 4],
};

/** Weights that do not depend on a generator. */
function fill(model: Model): Model {
  model.setWeights(
    model.weights.map(({ shape }, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return { data: Float32Array.from({ length: size }, (_, j) => Math.sin(j * (i + 1) + 1)), shape };
    }),
  );
  return model;
}

function tagger(maskZero = true): Model {
  return fill(
    sequential([
      input({ shape: [4], dtype: 'int32' }),
      layers.embedding({ inputDim: 5, outputDim: 2, maskZero }),
      layers.lstm({ units: 2, returnSequences: true }),
      layers.dense({ units: 3 }),
    ]),
  );
}

/** Reduction, whether there are weights, loss, accuracy, weighted accuracy, sums of the weights after a step of SGD. */
const cases: readonly (readonly [Reduction, boolean, number, number, number, readonly number[]])[] = [
  ['sumOverBatchSize', false, 1.08859, 0.363636, 0.363636, [1.411736, 0.098953, 0.905992, -0.202775]],
  ['sumOverBatchSize', true, 1.355547, 0.363636, 0.571429, [1.410116, 0.096815, 0.904769, -0.199563]],
  ['sum', false, 11.974491, 0.363636, 0.363636, [1.417214, 0.103447, 0.904805, -0.171576]],
  ['sum', true, 14.911011, 0.363636, 0.571429, [1.39939, 0.079922, 0.891345, -0.136245]],
  ['meanWithSampleWeight', false, 1.08859, 0.363636, 0.363636, [1.411736, 0.098953, 0.905992, -0.202775]],
  ['meanWithSampleWeight', true, 1.065072, 0.363636, 0.571429, [1.410346, 0.097177, 0.905057, -0.20092]],
];

describe.each([true, false])('what is padded does not count, jit %s', (jit) => {
  test.each(cases)('%s, weights %s', async (reduction, isWeighted, loss, accuracy, weighted, sums) => {
    const model = tagger();
    model.compile({
      optimizer: optimizers.sgd({ learningRate: 0.1 }),
      loss: losses.sparseCategoricalCrossentropy({ fromLogits: true, reduction }),
      metrics: ['accuracy'],
      weightedMetrics: [metrics.sparseCategoricalAccuracy({ name: 'weighted' })],
      jit,
    });
    const sampleWeight = isWeighted ? weights : undefined;
    const expected = { loss, accuracy, weighted };
    const close = (logs: Readonly<Record<string, number>>): void => {
      for (const [name, value] of Object.entries(expected))
        expect([name, logs[name]]).toEqual([name, expect.closeTo(value, 5)]);
    };
    close(await model.evaluate(x, y, { batchSize: 5, verbose: 0, ...(sampleWeight && { sampleWeight }) }));
    close(await model.trainOnBatch(x, y, sampleWeight));
    const after = (await model.getWeights()).map(({ data }) => Array.from(data).reduce((a, b) => a + b));
    expect(after.slice(0, 4)).toEqual(sums.map((sum) => expect.closeTo(sum, 5)));
  });
});

test('a weight for a row counts for all steps of it, where the numbers of rows and steps agree as well', async () => {
  const rows = 4;
  const part = <T extends { data: Int32Array; shape: number[] }>({
    data,
  }: T): { data: Int32Array; shape: number[] } => ({
    data: data.subarray(0, 4 * rows),
    shape: [rows, 4],
  });
  const loss = async (
    sampleWeight: { data: Float32Array; shape: number[] },
    maskZero: boolean,
    reduction: Reduction,
  ): Promise<number> => {
    const model = tagger(maskZero);
    model.compile({ optimizer: 'sgd', loss: losses.sparseCategoricalCrossentropy({ fromLogits: true, reduction }) });
    return (await model.testOnBatch(part(x), part(y), sampleWeight)).loss!;
  };
  const perRow = Float32Array.of(1, 2, 0, 0.5);
  const perStep = Float32Array.from({ length: 4 * rows }, (_, i) => perRow[Math.floor(i / 4)]!);
  for (const maskZero of [true, false]) {
    for (const reduction of ['sumOverBatchSize', 'sum', 'meanWithSampleWeight'] as const) {
      const expected = await loss({ data: perStep, shape: [rows, 4] }, maskZero, reduction);
      expect(await loss({ data: perRow, shape: [rows] }, maskZero, reduction)).toBe(expected);
    }
  }
});

describe('layers that join', () => {
  const embed = (maskZero: boolean): Tensor =>
    layers.embedding({ inputDim: 3, outputDim: 2, maskZero }).apply(tensor(ints([[1, 0, 2, 0]])));
  const shifted = (): Tensor =>
    layers.embedding({ inputDim: 3, outputDim: 2, maskZero: true }).apply(tensor(ints([[1, 1, 0, 0]])));
  const seen = async (y: Tensors): Promise<unknown> => {
    const mask = masksOf(y) as Tensor | undefined;
    return mask === undefined ? undefined : mask.cast('int32').array();
  };

  test('show what any input shows; one without a mask shows all', async () => {
    expect(await seen(layers.add().apply([embed(true), shifted()]))).toEqual([[1, 1, 1, 0]]);
    expect(await seen(layers.multiply().apply([embed(true), embed(false)]))).toBeUndefined();
    expect(await seen(layers.concatenate().apply([embed(true), shifted()]))).toEqual([[1, 1, 1, 0]]);
    expect(await seen(layers.concatenate().apply([embed(true), embed(false)]))).toEqual([[1, 1, 1, 1]]);
    expect(await seen(layers.concatenate({ axis: 1 }).apply([embed(true), shifted()]))).toEqual([
      [1, 0, 1, 0, 1, 1, 0, 0],
    ]);
    expect(await seen(layers.concatenate({ axis: 1 }).apply([embed(false), embed(false)]))).toBeUndefined();
  });

  test('hand masks to what follows in a functional model', async () => {
    const word = input({ shape: [4], dtype: 'int32' });
    const vectors = layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true }).apply(word);
    const more = layers.dense({ units: 3 }).apply(vectors);
    const outputs = layers.add().apply([vectors, more]);
    const model = fill(functional({ inputs: word, outputs }));
    model.compile({ optimizer: 'sgd', loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) });
    const whole = (await model.testOnBatch(x, y)).loss;
    const other = Int32Array.from(y.data, (label, i) => (x.data[i] === 0 ? (label + 1) % 3 : label));
    expect((await model.testOnBatch(x, { data: other, shape: y.shape })).loss).toBe(whole);
  });
});
