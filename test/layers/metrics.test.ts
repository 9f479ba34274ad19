/** Metrics against Keras: results after every batch, weights and state. */
import { describe, expect, test } from '@jest/globals';
import { tensor } from '@antler/core';
import { BinaryAccuracy, CategoricalAccuracy, type Metric, SparseCategoricalAccuracy, metrics } from '@antler/layers';
import { goldenArrays, goldenCases } from '../golden/keras.js';
import { camelCased, differences, numbered } from './setup.js';

const makers: Readonly<Record<string, (kwargs: never) => Metric>> = {
  BinaryAccuracy: (kwargs) => new BinaryAccuracy(kwargs),
  CategoricalAccuracy: (kwargs) => new CategoricalAccuracy(kwargs),
  SparseCategoricalAccuracy: (kwargs) => new SparseCategoricalAccuracy(kwargs),
  MeanSquaredError: (kwargs) => metrics.meanSquaredError(kwargs),
  MeanAbsoluteError: (kwargs) => metrics.meanAbsoluteError(kwargs),
};

for (const [className, make] of Object.entries(makers)) {
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
