/** Metrics against Keras: results after every batch, weights and state. */
import { describe, expect, test } from '@jest/globals';
import { tensor } from '@antler/core';
import * as all from '@antler/layers';
import { Metric, input, layers, metrics, sequential } from '@antler/layers';
import { goldenArrays, goldenCases } from '../golden/keras.js';
import { camelCased, differences, numbered } from './setup.js';

const classes = all as unknown as Readonly<Record<string, (new (options: never) => Metric) | undefined>>;
const functions = metrics as unknown as Readonly<Record<string, ((options: never) => Metric) | undefined>>;

/** Classes of cases that wait, and for what. */
const absent: Readonly<Record<string, string>> = {};

const names = [...new Set(goldenCases('metrics').map((entry) => entry.class))];

/** What makes the metric of a class; many are plain means, which have a function and no class. */
function makerOf(name: string): ((kwargs: never) => Metric) | undefined {
  const Class = classes[name];
  if (Class?.prototype instanceof Metric) return (kwargs) => new Class(kwargs);
  return functions[`${name[0]!.toLowerCase()}${name.slice(1)}`];
}

test('every class of Keras’s cases is here or waits for something', () => {
  expect(names.filter((name) => makerOf(name) === undefined)).toEqual(Object.keys(absent));
});

for (const className of names.filter((name) => absent[name] === undefined)) {
  const make = makerOf(className)!;
  describe(className, () => {
    test.each(goldenCases('metrics', className).map((entry) => [entry.id, entry] as const))(
      '%s',
      async (_id, entry) => {
        const arrays = goldenArrays(entry);
        const metric = make(camelCased<never>(entry.kwargs));
        const run = async (): Promise<void> => {
          const predictions = numbered(arrays, 'y_pred');
          expect(predictions.length).toBe(3);
          for (const [b, prediction] of predictions.entries()) {
            const weight = arrays[`sample_weight.${b}`];
            metric.updateState(tensor(arrays[`y_true.${b}`]!), tensor(prediction), weight && tensor(weight));
            expect(
              await differences({ [`result.${b}`]: [metric.result(), arrays[`result.${b}`]!] }, entry.tol),
            ).toEqual({});
          }
          const states = numbered(arrays, 'state').map(
            (expected, i) => [`state.${i}`, [metric.variables[i]!.value, expected]] as const,
          );
          expect(states.length).toBe(metric.variables.length);
          expect(await differences(Object.fromEntries(states), entry.tol)).toEqual({});
        };
        await run();
        metric.resetState();
        await run();
        expect(metric.getConfig()).toEqual(entry.config);
      },
    );
  });
}

test('a mean of numbers, weighted', async () => {
  const mean = metrics.mean({ name: 'm' });
  expect(await mean.result().item()).toBe(0);
  mean.update(tensor([1, 3, 5, 7]));
  expect(await mean.result().item()).toBe(4);
  mean.resetState();
  mean.update(tensor([1, 3, 5, 7]), tensor([1, 1, 0, 0]));
  expect(await mean.result().item()).toBe(2);
});

describe('what Keras’s cases do not reach', () => {
  const truth = tensor([0, 0, 1, 1]);
  const scores = tensor([0.1, 0.4, 0.35, 0.8]);
  const after = (metric: Metric): Promise<number> => {
    metric.updateState(truth, scores);
    return metric.result().item();
  };

  test('by hand: two negatives, two positives, one pair in the wrong order', async () => {
    // ROC: of the four pairs of a positive and a negative, three are in the right order.
    expect(await after(metrics.auc())).toBeCloseTo(0.75, 6);
    expect(await after(metrics.auc({ thresholds: [0.2, 0.375, 0.6] }))).toBeCloseTo(0.75, 6);
    // PR, from the right: (tp, predicted) goes (0, 0), (1, 1), (1, 2), (2, 3), (2, 4). Precision is 1 up to recall ½; then between
    // 2 and 3 predictions tp = p − 1, and the integral of tp / p over tp is 1 − ln(3/2), of 2 positives.
    expect(await after(metrics.auc({ curve: 'PR' }))).toBeCloseTo(0.5 + (1 - Math.log(1.5)) / 2, 6);
    expect(await after(metrics.recall({ thresholds: 0.3 }))).toBe(1);
    expect(await after(metrics.recall())).toBe(0.5);
    expect(await after(metrics.falseNegatives())).toBe(1);
    expect(await after(metrics.specificityAtSensitivity({ sensitivity: 1 }))).toBe(0.5);
    expect(await after(metrics.specificityAtSensitivity({ sensitivity: 0.5 }))).toBe(1);
  });

  test('one threshold, one class, weights of labels', async () => {
    const several = metrics.precision({ thresholds: [0.2, 0.9] });
    several.updateState(truth, scores);
    expect([...(await several.result().data())]).toEqual([Math.fround(2 / 3), 0]);
    const ofClass = metrics.recall({ classId: 1 });
    ofClass.updateState(tensor([[0, 1], [1, 1]]), tensor([[0.9, 0.1], [0.2, 0.7]])); // prettier-ignore
    expect(await ofClass.result().item()).toBe(0.5);
    const labels = metrics.auc({ multiLabel: true, labelWeights: [1, 3] });
    labels.updateState(tensor([[0, 1], [1, 0]]), tensor([[0.2, 0.2], [0.7, 0.7]])); // prettier-ignore
    expect(await labels.result().item()).toBeCloseTo(0.25, 6);
  });

  test('state whose shape depends on the data is there before the first step is compiled', async () => {
    const model = sequential([input({ shape: [2] }), layers.dense({ units: 3, activation: 'sigmoid' })]);
    const given = [metrics.auc({ multiLabel: true }), metrics.f1Score({ average: 'macro' }), metrics.r2Score()];
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: given });
    const x = { data: Float32Array.from({ length: 8 }, (_, i) => i / 8), shape: [4, 2] };
    const y = { data: Float32Array.from({ length: 12 }, (_, i) => (i * i) % 2), shape: [4, 3] };
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: 2, verbose: 0 });
    expect(Object.keys(history)).toEqual(['auc', 'f1_score', 'loss', 'r2_score']);
    const logs = await model.evaluate(x, y, { batchSize: 2, verbose: 0 });
    const prediction = await model.predict(x, { verbose: 0 });
    const alone = metrics.r2Score();
    alone.updateState(tensor(y), prediction);
    expect(logs.r2_score).toBeCloseTo(await alone.result().item(), 5);
    const adjusted = metrics.r2Score({ numRegressors: 2, name: 'adjusted' });
    adjusted.updateState(tensor(y), prediction);
    // 12 numbers count as samples, as in Keras.
    expect(await adjusted.result().item()).toBeCloseTo(1 - ((1 - (await alone.result().item())) * 11) / 9, 4);
  });

  test('a result for each class cannot be in the logs', async () => {
    const model = sequential([input({ shape: [2] }), layers.dense({ units: 3 })]);
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [metrics.f1Score()] });
    const ones = (columns: number): { data: Float32Array; shape: number[] } => ({
      data: new Float32Array(2 * columns).fill(1),
      shape: [2, columns],
    });
    await expect(model.fit(ones(2), ones(3), { verbose: 0 })).rejects.toThrow(
      'logs: f1_score: expected a scalar, received shape [3]. A metric with a result for each class needs an average to be in the logs.',
    );
  });

  test('misuse is refused by name', () => {
    expect(() => metrics.auc({ curve: 'roc' as 'ROC' })).toThrow(
      'auc: curve: expected ROC, PR, PRGAIN, received "roc".',
    );
    expect(() => metrics.auc({ numThresholds: 1 })).toThrow(
      'auc: numThresholds: expected a whole number > 1, received 1.',
    );
    expect(() => metrics.auc({ numLabels: 2 })).toThrow('auc: numLabels: expected multiLabel beside it, received 2.');
    expect(() => metrics.recallAtPrecision({ precision: 2 })).toThrow(
      'recall_at_precision: precision: expected a number in [0, 1], received 2.',
    );
    expect(() => metrics.iou({ numClasses: 2, targetClassIds: [2] })).toThrow(
      'io_u: targetClassIds: expected classes in [0, 2), received [2].',
    );
    expect(() => metrics.f1Score({ threshold: 2 })).toThrow(
      'f1_score: threshold: expected a number in (0, 1], received 2.',
    );
    expect(() => metrics.f1Score().updateState(tensor([1]), tensor([1]))).toThrow(
      'f1_score: expected predictions [batch, classes], received of rank 1.',
    );
  });
});
