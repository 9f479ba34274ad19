/** Misuse of layers, compile, fit and their neighbours: each answered by a typed error at the user's line. */
import { beforeAll, beforeEach } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { IndexError, ShapeError, ValueError, ones, registerBackends, setBackend, tensor, zeros } from '@antler/core';
import {
  SGD,
  input,
  installNames,
  layers,
  losses,
  resetNames,
  sequential,
  standardNames,
  type BatchData,
  type Sequential,
} from '@antler/layers';
import { describeMisuses, misuse } from './describe.js';

/** What untyped code may pass. */
const anything = (x: unknown): never => x as never;
const data = ones([6, 4]);
const labels = tensor(Int32Array.of(0, 1, 2, 0, 1, 2));
const quiet = { verbose: 0 } as const;

beforeAll(async () => {
  installNames(standardNames);
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

beforeEach(resetNames);

function model(): Sequential {
  return sequential([input({ shape: [4] }), layers.dense({ units: 3, activation: 'softmax' })]);
}

function compiled(): Sequential {
  const made = model();
  made.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return made;
}

const cases = [
  misuse('no units', ValueError, 'dense: units: expected a whole number > 0, received 0.', () =>
    layers.dense({ units: 0 }),
  ),
  misuse('negative units', ValueError, 'dense: units: expected a whole number > 0, received -3.', () =>
    layers.dense({ units: -3 }),
  ),
  misuse('units of NaN', ValueError, 'dense: units: expected a whole number > 0, received NaN.', () =>
    layers.dense({ units: NaN }),
  ),
  misuse('units that are missing', ValueError, 'dense: units: expected a whole number > 0, received undefined.', () =>
    layers.dense(anything({})),
  ),
  misuse(
    'an unknown activation',
    ValueError,
    'dense: activation: expected one of …, received "rellu". Did you mean "relu"?',
    () => layers.dense({ units: 3, activation: anything('rellu') }),
  ),
  misuse(
    'an unknown initializer',
    ValueError,
    'dense: kernelInitializer: expected one of …, received "zero". Did you mean "zeros"?',
    () => layers.dense({ units: 3, kernelInitializer: anything('zero') }),
  ),
  misuse('a rate of dropout above 1', ValueError, 'dropout: rate: expected a number in [0, 1], received 2.', () =>
    layers.dropout({ rate: 2 }),
  ),
  misuse(
    'an input of negative size',
    ShapeError,
    'input: shape: expected sizes that are whole numbers >= 0, received -4.',
    () => input({ shape: [-4] }),
  ),
  misuse('something that is no layer', ValueError, 'sequential: expected layers, received dense.', () =>
    sequential([anything('dense')]),
  ),
  misuse(
    'the same layer twice',
    ValueError,
    'sequential: expected layers of different names, received "dense" twice.',
    () => {
      const layer = layers.dense({ units: 4 });
      return sequential([layer, layer]);
    },
  ),
  misuse(
    'a layer on too few axes',
    ShapeError,
    'dense: dense: expected an input of rank 2 or more whose last axis has a known size, received (None).',
    () => layers.dense({ units: 3 }).apply(tensor([1, 2])),
  ),
  misuse(
    'a layer on other inputs than it was built for',
    ShapeError,
    'input: input_layer: expected an input of shape (None, 4), received [6, 5].',
    () => model().apply(ones([6, 5])),
  ),
  misuse(
    'compile without a loss',
    ValueError,
    'compile: loss: expected a loss, its name or a function, received undefined.',
    () => model().compile(anything({ optimizer: 'sgd' })),
  ),
  misuse(
    'an unknown optimizer',
    ValueError,
    'compile: optimizer: expected one of …, received "adamm". Did you mean "adam"?',
    () => model().compile({ optimizer: anything('adamm'), loss: 'meanSquaredError' }),
  ),
  misuse('an unknown loss', ValueError, 'compile: loss: expected one of …, received "mse2". Did you mean "mse"?', () =>
    model().compile({ optimizer: 'sgd', loss: anything('mse2') }),
  ),
  misuse('an unknown metric', ValueError, 'compile: metrics: expected one of …, received "speed".', () =>
    model().compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: [anything('speed')] }),
  ),
  misuse(
    'a learning rate of NaN',
    ValueError,
    'sgd: learningRate: expected a finite number, received NaN.',
    () => new SGD({ learningRate: NaN }),
  ),
  misuse(
    'fit before compile',
    ValueError,
    'fit: expected a compiled model, received sequential, which is not. Call model.compile({ optimizer, loss }) first.',
    () => model().fit(data, labels, quiet),
  ),
  misuse(
    'evaluate before compile',
    ValueError,
    'evaluate: expected a compiled model, received sequential, which is not. Call model.compile({ optimizer, loss }) first.',
    () => model().evaluate(data, labels, quiet),
  ),
  misuse(
    'trainOnBatch before compile',
    ValueError,
    'trainOnBatch: expected a compiled model, received sequential, which is not. Call model.compile({ optimizer, loss }) first.',
    () => model().trainOnBatch(data, labels),
  ),
  misuse(
    'the optimizer before compile',
    ValueError,
    'optimizer: expected a compiled model, received sequential, which is not. Call model.compile({ optimizer, loss }) first.',
    () => model().optimizer,
  ),
  misuse(
    'a second fit while fitting',
    ValueError,
    'fit: expected a model that is not fitting, received sequential, which is. Await the first fit.',
    async () => {
      const busy = compiled();
      const first = busy.fit(data, labels, quiet);
      try {
        await busy.fit(data, labels, quiet);
      } finally {
        await first;
      }
    },
  ),
  misuse('fit without a truth', ValueError, 'fit: y: expected the truth for x, received undefined.', async () => {
    await compiled().fit(data, anything(undefined), quiet);
  }),
  misuse(
    'fit on as many labels as there are not',
    ValueError,
    'fit: y: expected 6 rows as x, received 2.',
    async () => {
      await compiled().fit(data, tensor(Int32Array.of(0, 1)), quiet);
    },
  ),
  misuse('fit on no rows', ValueError, 'fit: x: expected at least one row, received none.', async () => {
    await compiled().fit(zeros([0, 4]), tensor(new Int32Array(0)), quiet);
  }),
  misuse(
    'fit on rows of another length',
    ShapeError,
    'input: input_layer: expected an input of shape (None, 4), received [6, 5].',
    async () => {
      await compiled().fit(ones([6, 5]), labels, quiet);
    },
  ),
  misuse(
    'fit in batches of nothing',
    ValueError,
    'fit: batchSize: expected a whole number >= 1, received 0.',
    async () => {
      await compiled().fit(data, labels, { ...quiet, batchSize: 0 });
    },
  ),
  misuse(
    'an option that fit does not have',
    ValueError,
    'fit: options: expected one of batchSize, epochs, initialEpoch, verbose, callbacks, validationSplit, validationData, validationBatchSize, validationFreq, shuffle, seed, sampleWeight, classWeight, stepsPerEpoch, validationSteps, resumeFrom, onNonFinite, output, received "batch_size".',
    async () => {
      await compiled().fit(data, labels, { ...quiet, batch_size: 2 } as never);
    },
  ),
  misuse(
    'an option that predict does not have',
    ValueError,
    'predict: options: expected one of batchSize, verbose, callbacks, steps, output, received "batch".',
    async () => {
      await compiled().predict(data, { batch: 2 } as never);
    },
  ),
  misuse(
    'an option that compile does not have',
    ValueError,
    'compile: options: expected one of optimizer, loss, lossWeights, metrics, weightedMetrics, jit, received "metric".',
    () => {
      model().compile({ optimizer: 'sgd', loss: 'mse', metric: ['mae'] } as never);
    },
  ),
  misuse('fit for NaN epochs', ValueError, 'fit: epochs: expected a whole number >= 0, received NaN.', async () => {
    await compiled().fit(data, labels, { ...quiet, epochs: NaN });
  }),
  misuse(
    'a validation split of all rows',
    ValueError,
    'fit: validationSplit: expected a number in [0, 1), received 1.',
    async () => {
      await compiled().fit(data, labels, { ...quiet, validationSplit: 1 });
    },
  ),
  misuse('weights for too few rows', ValueError, 'fit: sampleWeight: expected 6 rows as x, received 2.', async () => {
    await compiled().fit(data, labels, { ...quiet, sampleWeight: ones([2]) });
  }),
  misuse(
    'a label that is no class',
    IndexError,
    'gather in sparse_categorical_crossentropy: expected an index in [-3, 3), received 3. Variables keep the values they had before this step.',
    async () => {
      await compiled().fit(data, tensor(Int32Array.of(0, 1, 2, 3, 1, 2)), { ...quiet, batchSize: 6 });
    },
  ),
  misuse('batches that are none', ValueError, 'fit: x: expected at least one batch, received none.', async () => {
    await compiled().fit(new Set<BatchData>(), quiet);
  }),
  misuse(
    'predict on a number',
    ShapeError,
    'predict: x: expected an array with at least one axis, the rows, received a number.',
    async () => {
      await model().predict(anything(3));
    },
  ),
  misuse(
    'weights of another shape',
    ShapeError,
    'setWeights: sequential: expected shape [4, 3] for dense/kernel, received [4, 4].',
    () => model().setWeights([ones([4, 4]), ones([3])]),
  ),
  misuse('too few weights', ValueError, 'setWeights: sequential: expected 2 weights, received 1.', () =>
    model().setWeights([ones([4, 3])]),
  ),
  misuse(
    'a loss of shapes that differ',
    ShapeError,
    "meanSquaredError: expected a truth of the predictions' shape [4], received [3].",
    () => losses.meanSquaredError().apply(ones([3]), ones([4])),
  ),
];

describeMisuses(cases, Infinity);
