/** Losses against Keras: values, gradients, reductions, weights and masks. */
import { describe, expect, test } from '@jest/globals';
import { type Tensor, grad, multiply, sum, tensor } from '@antler/core';
import * as all from '@antler/layers';
import { Loss, losses } from '@antler/layers';
import { goldenArrays, goldenCases } from '../golden/keras.js';
import { camelCased, differences } from './setup.js';

const classes = all as unknown as Readonly<Record<string, (new (options: never) => Loss) | undefined>>;

/** Classes of cases that wait, and for what. */
const absent: Readonly<Record<string, string>> = {
  CTC: 'a walk over alignments, which needs an operation of its own in core',
};

const names = [...new Set(goldenCases('losses').map((entry) => entry.class))];

test('every class of Keras’s cases is here or waits for something', () => {
  const isHere = (name: string): boolean => classes[name]?.prototype instanceof Loss;
  expect(names.filter((name) => !isHere(name))).toEqual(Object.keys(absent));
});

for (const className of names.filter((name) => absent[name] === undefined)) {
  const Class = classes[className]!;
  describe(className, () => {
    test.each(goldenCases('losses', className).map((entry) => [entry.id, entry] as const))('%s', async (_id, entry) => {
      const arrays = goldenArrays(entry);
      const { reduction } = camelCased<{ reduction: string }>({ reduction: entry.reduction });
      const camel = reduction.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      const loss = new Class(camelCased<never>({ ...entry.kwargs, reduction: camel }));
      const truth = tensor(arrays.y_true!);
      const weight = arrays.sample_weight && tensor(arrays.sample_weight);
      const value = (yPred: Tensor): Tensor => loss.apply(truth, yPred, weight);
      const prediction = tensor(arrays.y_pred!);
      const gradient = grad((yPred: Tensor) => sum(multiply(value(yPred), tensor(arrays.cotangent!))))(prediction);
      const pairs = {
        output: [value(prediction), arrays.output!],
        gradient: [gradient, arrays.grad_y_pred!],
      } as const;
      expect(await differences(pairs, entry.tol)).toEqual({});
      expect(loss.getConfig()).toEqual(entry.config);
    });
  });
}

test('tversky is dice when both errors count half, and tells them apart otherwise', async () => {
  const [truth, prediction] = [tensor([[1, 1, 0, 0]]), tensor([[0.5, 1, 0.25, 0]])];
  const half = await losses.tversky().apply(truth, prediction).item();
  expect(half).toBeCloseTo(await losses.dice().apply(truth, prediction).item(), 6);
  // Overlap 1.5, missed 0.5, wrong 0.25.
  const loss = losses.tversky({ alpha: 0.2, beta: 0.8, axis: 1, reduction: 'sum' });
  expect(await loss.apply(truth, prediction).item()).toBeCloseTo(1 - 1.5 / (1.5 + 0.1 + 0.2), 6);
  expect(loss.getConfig()).toEqual({ name: 'tversky', reduction: 'sum', alpha: 0.2, beta: 0.8, axis: 1 });
});

test.each(['hinge', 'squaredHinge', 'poisson', 'huber', 'logCosh', 'binaryFocalCrossentropy'] as const)(
  '%s takes a vector for one column',
  async (name) => {
    const loss = losses[name]();
    const column = tensor([[0.25], [0.5], [0.75]]);
    const expected = await loss.apply(tensor([[1], [0], [1]]), column).item();
    expect(await loss.apply(tensor([1, 0, 1]), column).item()).toBe(expected);
  },
);

test('ignored classes do not count in a mean', async () => {
  const loss = losses.sparseCategoricalCrossentropy({ ignoreClass: -1 });
  const prediction = tensor([
    [0.5, 0.5],
    [0.25, 0.75],
    [0.9, 0.1],
  ]);
  const value = await loss.apply(tensor([0, -1, 0]), prediction).item();
  expect(value).toBeCloseTo((-Math.log(0.5) - Math.log(0.9)) / 2, 6);
});

test('a label that is no class is an IndexError that names the loss, the index and the limit', async () => {
  for (const fromLogits of [false, true]) {
    const loss = losses.sparseCategoricalCrossentropy({ fromLogits });
    const value = loss.apply(
      tensor(Int32Array.of(0, 7)),
      tensor([
        [0.5, 0.5],
        [0.5, 0.5],
      ]),
    );
    await expect(value.item()).rejects.toThrow(
      /sparse_categorical_crossentropy.*expected an index in \[-2, 2\), received 7/,
    );
  }
});

test('shapes that do not fit are refused with a hint', () => {
  const oneHot = tensor([
    [0, 1],
    [1, 0],
  ]);
  expect(() => losses.sparseCategoricalCrossentropy().apply(oneHot, oneHot)).toThrow(
    'sparseCategoricalCrossentropy: expected labels of shape [2] for predictions [2, 2], received [2, 2]. ' +
      'For one-hot truth use categoricalCrossentropy.',
  );
  expect(() => losses.categoricalCrossentropy().apply(tensor([0, 1]), oneHot)).toThrow(
    "categoricalCrossentropy: expected a truth of the predictions' shape [2, 2], received [2]. " +
      'For class numbers use sparseCategoricalCrossentropy.',
  );
  expect(() => losses.meanSquaredError({ reduction: 'average' as 'mean' })).toThrow(
    'mean_squared_error: reduction: expected one of sumOverBatchSize, sum, mean, meanWithSampleWeight, none, received "average".',
  );
});
