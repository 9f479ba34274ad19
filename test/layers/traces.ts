/** `fit`, `evaluate` and `predict` against traces of Keras: every batch's logs, final weights and state, summaries. */
import { describe, expect, test } from '@jest/globals';
import type { Callback, CompileOptions, FitOptions, Logs, Model } from '@antler/layers';
import { input, layers, losses, model as functional, optimizers, sequential } from '@antler/layers';
import { type GoldenCase, goldenArrays, goldenCase, goldenCases } from '../golden/keras.js';
import { differences, numbered, onBackend, type Create } from './setup.js';

const sgd = { learningRate: 0.05, momentum: 0.9, nesterov: true };

/** How each trace was compiled and fitted, in our words. */
interface Trace {
  readonly compile: () => CompileOptions;
  readonly fit: FitOptions;
  /** What is not compared, and why. */
  readonly except?: {
    /** Weights whose gradients are zero but for rounding, which Adam amplifies. */
    readonly weights: readonly number[];
    /** Keras gives some layers several arguments, where they take a list here. */
    readonly config: true;
  };
}

const traces: Readonly<Record<string, Trace>> = {
  mlp: { compile: () => ({ optimizer: optimizers.sgd(sgd), loss: 'mse', metrics: ['mae'] }), fit: {} },
  mlp_valsplit: {
    compile: () => ({ optimizer: optimizers.sgd(sgd), loss: 'mse', metrics: ['mae'] }),
    fit: { validationSplit: 0.2 },
  },
  mlp_class_weight: {
    compile: () => ({
      optimizer: optimizers.sgd({ learningRate: 0.05 }),
      loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
      metrics: ['accuracy'],
      weightedMetrics: ['accuracy'],
    }),
    fit: { classWeight: { 0: 0.5, 1: 2 } },
  },
  lstm: {
    compile: () => ({
      optimizer: optimizers.rmsprop({ learningRate: 0.01, name: 'rm_sprop' }),
      loss: 'binaryCrossentropy',
      metrics: ['accuracy', 'auc'],
    }),
    fit: {},
  },
  transformer: {
    compile: () => ({
      optimizer: optimizers.adam({
        name: 'adam',
        beta2: 0.98,
        globalClipnorm: 1,
        learningRate: optimizers.schedules.cosineDecay({
          initialLearningRate: 0,
          decaySteps: 15,
          warmupTarget: 0.02,
          warmupSteps: 5,
        }),
      }),
      loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
      metrics: ['sparse_categorical_accuracy'],
    }),
    fit: {},
    except: { weights: [4], config: true },
  },
  cnn_bn: { compile: digits, fit: {} },
  cnn_bn_partial_batch: { compile: digits, fit: { batchSize: 6 } },
};

function digits(): CompileOptions {
  const optimizer = optimizers.adam({ learningRate: 0.01, name: 'adam' });
  return { optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] };
}

const models: Readonly<Record<string, () => Model>> = { mlp, cnn_bn: cnn, lstm, transformer };

/** A functional model: convolutions, normalization over the batch, pooling. */
function cnn(): Model {
  const image = input({ shape: [8, 8, 1], name: 'img' });
  const row = [
    layers.conv2D({ filters: 4, kernelSize: 3, padding: 'same', useBias: false, name: 'c1' }),
    layers.batchNormalization({ name: 'bn1' }),
    layers.reLU({ name: 'r1' }),
    layers.maxPooling2D({ name: 'p1' }),
    layers.conv2D({ filters: 6, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', name: 'c2' }),
    layers.batchNormalization({ momentum: 0.8, name: 'bn2' }),
    layers.globalAveragePooling2D({ name: 'gap' }),
    layers.dense({ units: 3, activation: 'softmax', name: 'head' }),
  ];
  return functional({ inputs: image, outputs: row.reduce((x, layer) => layer.apply(x), image), name: 'cnn_bn' });
}

/** Two recurrent layers over numbers of which 0 is padding: the mask goes through both. */
function lstm(): Model {
  return sequential(
    [
      input({ shape: [7], dtype: 'int32', name: 'tok' }),
      layers.embedding({ inputDim: 11, outputDim: 5, maskZero: true, name: 'emb' }),
      layers.lstm({ units: 6, returnSequences: true, name: 'l1' }),
      layers.lstm({ units: 4, name: 'l2' }),
      layers.dense({ units: 1, activation: 'sigmoid', name: 'head' }),
    ],
    { name: 'lstm' },
  );
}

/** A block of attention to what came before, and of a network at each place. */
function transformer(): Model {
  const tokens = input({ shape: [6], dtype: 'int32', name: 'tok' });
  const x = layers.embedding({ inputDim: 13, outputDim: 8, name: 'emb' }).apply(tokens);
  const attention = layers.multiHeadAttention({ numHeads: 2, keyDim: 4, name: 'mha' });
  const seen = attention.apply([x, x], { useCausalMask: true });
  const normal = (name: string) => layers.layerNormalization({ epsilon: 1e-6, name });
  const first = normal('ln1').apply(layers.add({ name: 'a1' }).apply([x, seen]));
  const hidden = layers.dense({ units: 16, activation: 'gelu', name: 'ff1' }).apply(first);
  const second = layers.add({ name: 'a2' }).apply([first, layers.dense({ units: 8, name: 'ff2' }).apply(hidden)]);
  const outputs = layers.dense({ units: 13, name: 'logits' }).apply(normal('ln2').apply(second));
  return functional({ inputs: tokens, outputs, name: 'transformer' });
}

function mlp(): Model {
  return sequential(
    [
      input({ shape: [4], name: 'in' }),
      layers.dense({ units: 8, activation: 'relu', name: 'd1' }),
      layers.dense({ units: 6, activation: 'tanh', name: 'd2' }),
      layers.dense({ units: 2, name: 'd3' }),
    ],
    { name: 'mlp' },
  );
}

/** Keeps the numbers of every batch. */
class BatchRecorder implements Callback {
  readonly batchLogs = true;
  readonly rows: Logs[] = [];
  onTrainBatchEnd(batch: number, logs: { readonly numbers: Logs }): void {
    this.rows.push({ batch, ...logs.numbers });
  }
}

function expectClose(received: Logs, expected: Logs, tolerance: number): void {
  expect(Object.keys(received)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    expect(Math.abs(received[name]! - value)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
  }
}

/** Configurations without the arguments `mask: null` of recorded calls: calls have no masks yet. */
function withoutMasks(config: object): unknown {
  return JSON.parse(JSON.stringify(config).replaceAll('"kwargs":{"mask":null}', '"kwargs":{}'));
}

async function runTrace(entry: GoldenCase, isCompiled: boolean): Promise<void> {
  const arrays = goldenArrays(entry);
  const { compile, fit, except } = traces[entry.id]!;
  const [x, y] = [arrays.x!, arrays.y!];
  const model = models[entry.class]!();
  expect(model.countParams()).toBe(entry.count_params);
  const { config } = entry.model_json as { readonly config: object };
  if (except?.config !== true) expect(model.getConfig()).toEqual(withoutMasks(config));
  model.setWeights(numbered(arrays, 'weight_init'));
  model.compile({ ...compile(), jit: isCompiled });
  const recorder = new BatchRecorder();
  const options = { epochs: 4, batchSize: 4, shuffle: false, verbose: 0, ...fit } as const;
  const { history, epoch } = await model.fit(x, y, { ...options, callbacks: [recorder] });

  const tolerance = entry.tol * 10;
  const expectedLogs = entry.batch_logs as Logs[];
  expect(recorder.rows.length).toBe(expectedLogs.length);
  recorder.rows.forEach((row, i) => expectClose(row, expectedLogs[i]!, tolerance));
  expect(epoch).toEqual([0, 1, 2, 3]);
  const expectedHistory = entry.history as Record<string, number[]>;
  expect(Object.keys(history)).toEqual(Object.keys(expectedHistory));
  for (const [name, values] of Object.entries(expectedHistory)) {
    values.forEach((value, i) => expectClose({ [name]: history[name]![i]! }, { [name]: value }, tolerance));
  }
  const finalWeights = numbered(arrays, 'weight_final');
  expect(finalWeights.length).toBe(model.weights.length);
  const pairs = Object.fromEntries(
    finalWeights.map((expected, i) => [`weight.${i}`, [model.weights[i]!.value, expected]] as const),
  );
  const state = model.optimizer.variables;
  const isLeftOut = (name: string): boolean =>
    except?.weights.some((i) => name.includes(`/${model.weights[i]!.name.replaceAll('/', '_')}_`)) === true;
  for (const i of except?.weights ?? []) delete pairs[`weight.${i}`];
  for (let i = 1; i < state.length; i++) {
    if (isLeftOut(state[i]!.name)) continue;
    pairs[`optvar.${i}`] = [state[i]!.value, arrays[`optvar_final.${i}`]!];
  }
  expect(state.length).toBe((entry.optimizer_variables as string[]).length);
  expect(await differences(pairs, tolerance)).toEqual({});
  expectClose(
    await model.evaluate(x, y, { batchSize: options.batchSize, verbose: 0 }),
    entry.evaluate as Logs,
    tolerance,
  );
  const prediction = await model.predict(x, { batchSize: options.batchSize, verbose: 0 });
  expect(await differences({ prediction: [prediction, arrays.predict!] }, tolerance)).toEqual({});
  // Terminals of 80 and 100 columns; Keras draws at most 88, and 108 where there are connections to show.
  const lineLengths = { summary_80: 76, summary_100: entry.id === 'transformer' ? 96 : 88 } as const;
  for (const [field, lineLength] of Object.entries(lineLengths)) {
    expect(`${model.summary({ lineLength, print: () => undefined })}\n`).toBe(entry[field]);
  }
}

/** Registers the traces for a backend. */
export function describeTraces(name: string, create: Create): void {
  onBackend(name, create, () => {
    test('all of Keras’s traces are compared', () => {
      expect(Object.keys(traces).sort()).toEqual(goldenCases('traces').map(({ id }) => id).sort()); // prettier-ignore
    });

    describe.each([true, false])('fit with jit %s', (isCompiled) => {
      test.each(Object.keys(traces))('trace %s', (id) => runTrace(goldenCase('traces', id), isCompiled));
    });

    test('optimizer state has Keras’s names', async () => {
      const { id } = goldenCase('traces', 'mlp');
      const model = mlp();
      model.compile({ ...traces[id]!.compile(), optimizer: optimizers.sgd({ ...sgd, name: 'sgd' }) });
      model.optimizer.build(model.trainableWeights);
      const expected = (goldenCase('traces', 'mlp').optimizer_variables as string[]).map((path) =>
        path.replace('mlp_', ''),
      );
      expect(model.optimizer.variables.map(({ name }) => name)).toEqual(expected);
    });
  });
}
