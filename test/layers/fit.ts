/** What `fit` does beside the numbers: orders, callbacks, batches from elsewhere, stopping, faults and errors, on any backend. */
import { describe, expect, jest, test } from '@jest/globals';
import { type Tensor, multiply, ones, tensor, valueAndGrad, zeros } from '@antler/core';
import {
  type Batch,
  type BatchData,
  type Callback,
  Model,
  type Output,
  Sequential,
  type StepResult,
} from '@antler/layers';
import { input, layers, losses, metrics, optimizers, sequential } from '@antler/layers';
import { onBackend, type Create } from './setup.js';

/** y = 2x − 1 on ten rows. */
const x = { data: Float32Array.from({ length: 10 }, (_, i) => i / 5 - 1), shape: [10, 1] };
const y = { data: x.data.map((value) => 2 * value - 1), shape: [10, 1] };

function line(options: { learningRate?: number } = {}): Sequential {
  const model = sequential([input({ shape: [1] }), layers.dense({ units: 1, kernelInitializer: 'zeros' })]);
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1, ...options }), loss: 'mse' });
  return model;
}

/** Collects what is written. */
class Recorder implements Output {
  text = '';
  readonly isTerminal = false;
  write(text: string): void {
    this.text += text;
  }
  now(): number {
    return 0;
  }
}

const quiet = { verbose: 0 } as const;

/** Registers the cases for a backend. */
export function describeFit(name: string, create: Create): void {
  onBackend(name, create, () => {
    describe('learning', () => {
      test('a line is learned, from arrays, typed arrays, nested numbers and tensors alike', async () => {
        const nested = [...x.data].map((value) => [value]);
        const forms = [
          [x, y],
          [nested, [...y.data].map((value) => [value])],
          [tensor(x), tensor(y)],
          [{ data: Float64Array.from(x.data), shape: [10, 1] }, y],
        ] as const;
        const losses: number[] = [];
        for (const [a, b] of forms) {
          const { history } = await line().fit(a, b, { epochs: 60, batchSize: 5, ...quiet });
          losses.push(history.loss!.at(-1)!);
        }
        expect(losses[0]).toBeLessThan(1e-3);
        expect(losses.slice(1)).toEqual([losses[0], losses[0], losses[0]]);
      });

      test('the loss of an epoch is the mean weighted by the length of the batches', async () => {
        const model = line({ learningRate: 1e-30 });
        const { history } = await model.fit(x, y, { batchSize: 4, ...quiet });
        const expected = y.data.reduce((sum, value) => sum + value * value, 0) / 10;
        expect(history.loss![0]).toBeCloseTo(expected, 5);
        expect((await model.evaluate(x, y, { batchSize: 3, ...quiet })).loss).toBeCloseTo(expected, 5);
      });

      test('the order of rows is that of the seed', async () => {
        const run = async (options: object): Promise<number> => {
          const { history } = await line().fit(x, y, { epochs: 2, batchSize: 3, ...quiet, ...options });
          return history.loss![1]!;
        };
        const same = await run({ seed: 1 });
        expect(await run({ seed: 1 })).toBe(same);
        expect(await run({ seed: 2 })).not.toBe(same);
        expect(await run({ shuffle: false })).not.toBe(same);
        expect(await run({})).toBe(await run({}));
      });

      test('a learning rate may change between steps', async () => {
        const model = line();
        const weights = async (): Promise<string> => (await model.getWeights()).map(({ data }) => data.join()).join();
        await model.fit(x, y, { ...quiet });
        const before = await weights();
        await model.fit(x, y, {
          ...quiet,
          callbacks: [{ onTrainBatchBegin: () => void (model.optimizer.learningRate = 0) }],
        });
        expect(await weights()).toBe(before);
      });

      test('fit goes on from initialEpoch', async () => {
        const { epoch } = await line().fit(x, y, { initialEpoch: 3, epochs: 5, ...quiet });
        expect(epoch).toEqual([3, 4]);
      });
    });

    describe('callbacks', () => {
      test('run in order and are awaited', async () => {
        const events: string[] = [];
        const later = async (event: string): Promise<void> => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          events.push(event);
        };
        const callback: Callback = {
          setModel: (model) => void events.push(model.className),
          onTrainBegin: () => later('train'),
          onEpochBegin: (epoch) => later(`epoch ${epoch}`),
          onTrainBatchBegin: (batch) => later(`batch ${batch}`),
          onTrainBatchEnd: (batch) => later(`batch ${batch} end`),
          onTestBegin: () => later('test'),
          onTestBatchEnd: (batch) => later(`test batch ${batch} end`),
          onTestEnd: () => later('test end'),
          onEpochEnd: (_epoch, logs) => later(`epoch end ${Object.keys(logs).join()}`),
          onTrainEnd: () => later('train end'),
        };
        await line().fit(x, y, { batchSize: 4, validationSplit: 0.2, callbacks: [callback], ...quiet });
        expect(events.join(', ')).toBe(
          'Sequential, train, epoch 0, batch 0, batch 0 end, batch 1, batch 1 end, test, test batch 0 end, test end, ' +
            'epoch end loss,val_loss, train end',
        );
      });

      test('logs of a batch are read when asked for', async () => {
        const seen: number[] = [];
        let refused = '';
        await line().fit(x, y, {
          ...quiet,
          batchSize: 5,
          callbacks: [
            {
              async onTrainBatchEnd(_batch, logs) {
                try {
                  void logs.numbers;
                } catch (error) {
                  refused = (error as Error).message;
                }
                seen.push((await logs.read()).loss!);
              },
            },
          ],
        });
        expect(refused).toBe(
          'logs.numbers: expected logs that were read, received logs still on the device. Await logs.read(), or set batchLogs = true.',
        );
        expect(seen.every((loss) => loss > 0)).toBe(true);
        expect(seen.length).toBe(2);
      });

      test('may stop training', async () => {
        const model = line();
        let batches = 0;
        const { epoch } = await model.fit(x, y, {
          ...quiet,
          epochs: 5,
          batchSize: 2,
          callbacks: [
            {
              onTrainBatchEnd: () => void batches++,
              onTrainBatchBegin: (batch) => void (model.stopTraining = batches > 5 && batch === 1),
            },
          ],
        });
        expect([epoch, batches]).toEqual([[0, 1], 7]);
      });

      test('a failing one ends fit, after which the model can fit again', async () => {
        const model = line();
        const failing = { onEpochBegin: () => Promise.reject(new Error('no')) };
        await expect(model.fit(x, y, { ...quiet, callbacks: [failing] })).rejects.toThrow('no');
        await model.fit(x, y, quiet);
      });
    });

    describe('batches from elsewhere', () => {
      const rows = (from: number, to: number): BatchData => [
        { data: x.data.subarray(from, to), shape: [to - from, 1] },
        { data: y.data.subarray(from, to), shape: [to - from, 1] },
      ];

      test('a list of batches is what arrays cut in order are', async () => {
        const options = { epochs: 2, shuffle: false, batchSize: 4, ...quiet } as const;
        const expected = await line().fit(x, y, options);
        const set = new Set([rows(0, 4), rows(4, 8), rows(8, 10)]);
        expect((await line().fit(set, { epochs: 2, ...quiet })).history).toEqual(expected.history);
        const stream = {
          async *[Symbol.asyncIterator](): AsyncGenerator<BatchData> {
            yield* set;
          },
        };
        expect((await line().fit(stream, { epochs: 2, ...quiet })).history).toEqual(expected.history);
        expect(await line().evaluate(set, quiet)).toEqual(await line().evaluate(x, y, { batchSize: 4, ...quiet }));
      });

      test('a generator without end needs the number of steps', async () => {
        let made = 0;
        function* endless(): Generator<BatchData> {
          for (;;) {
            made++;
            yield rows(0, 5);
          }
        }
        const { history } = await line().fit(endless(), { epochs: 3, stepsPerEpoch: 4, ...quiet });
        expect([history.loss!.length, made]).toEqual([3, 12]);
      });

      test('a generator that ends is used up', async () => {
        function* once(): Generator<BatchData> {
          yield rows(0, 5);
        }
        await expect(line().fit(once(), { epochs: 2, ...quiet })).rejects.toThrow(
          'fit: x: expected at least one batch per epoch, received none. ' +
            'A generator can be used for one epoch only: pass what makes a new iterator each time.',
        );
      });

      test('validation may come as batches too', async () => {
        const { history } = await line().fit(x, y, {
          validationData: new Set([rows(0, 10)]),
          validationFreq: 2,
          epochs: 4,
          ...quiet,
        });
        expect(history.val_loss!.length).toBe(2);
      });
    });

    describe('predict', () => {
      test('fills up the last batch and cuts its rows', async () => {
        const model = line();
        model.setWeights([[[2]], [-1]]);
        for (const batchSize of [1, 3, 4, 10, 32]) {
          const prediction = await model.predict(x, { batchSize, ...quiet });
          expect(prediction.shape).toEqual([10, 1]);
          expect([...(await prediction.data())]).toEqual([...y.data].map((value) => expect.closeTo(value, 5)));
        }
        expect(await model.predictOnBatch([[1], [2]]).array()).toEqual([[1], [3]]);
      });

      test('works without compile', async () => {
        const model = sequential([layers.flatten(), layers.dense({ units: 3, kernelInitializer: 'ones' })]);
        const prediction = await model.predict(ones([5, 2, 2]), quiet);
        expect(await prediction.array()).toEqual(Array.from({ length: 5 }, () => [4, 4, 4]));
      });
    });

    test('classification: sparse, one-hot and binary accuracy by the shapes', async () => {
      const labels = Int32Array.from(x.data, (value) => (value > 0.1 ? 1 : 0));
      const oneHot = { data: Float32Array.from([...labels].flatMap((label) => [1 - label, label])), shape: [10, 2] };
      const cases = [
        {
          units: 2,
          activation: 'softmax',
          loss: 'sparseCategoricalCrossentropy',
          truth: { data: labels, shape: [10] },
        },
        { units: 2, activation: 'softmax', loss: 'categoricalCrossentropy', truth: oneHot },
        { units: 1, activation: 'sigmoid', loss: 'binaryCrossentropy', truth: { data: labels, shape: [10, 1] } },
      ] as const;
      for (const { units, activation, loss, truth } of cases) {
        const model = sequential([input({ shape: [1] }), layers.dense({ units, activation })]);
        model.compile({ optimizer: optimizers.adam({ learningRate: 0.2 }), loss, metrics: ['accuracy'] });
        const { history } = await model.fit(x, truth, { epochs: 60, ...quiet });
        expect(history.accuracy!.at(-1)).toBe(1);
        expect(history.loss!.at(-1)).toBeLessThan(history.loss![0]! / 2);
      }
    });

    test('a bad label is an IndexError that names the loss, and the weights are as before', async () => {
      const model = sequential([input({ shape: [1] }), layers.dense({ units: 2, kernelInitializer: 'ones' })], {
        name: 'm',
      });
      model.compile({ optimizer: 'adam', loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) });
      const truth = { data: Int32Array.from({ length: 10 }, (_, i) => (i === 7 ? 9 : 0)), shape: [10] };
      await expect(model.fit(x, truth, { batchSize: 10, ...quiet })).rejects.toMatchObject({
        name: 'IndexError',
        message: expect.stringMatching(/sparse_categorical_crossentropy.*expected an index in \[-2, 2\), received 9/),
      });
      expect((await model.getWeights()).map(({ data }) => [...data])).toEqual([
        [1, 1],
        [0, 0],
      ]);
      const early = { data: Int32Array.from({ length: 10 }, (_, i) => (i === 1 ? -3 : 0)), shape: [10] };
      await expect(model.fit(x, early, { batchSize: 2, shuffle: false, ...quiet })).rejects.toThrow('received -3');
      await model.fit(x, { data: new Int32Array(10), shape: [10] }, quiet);
    });

    test('steps of one’s own', async () => {
      class Doubled extends Sequential {
        override trainStep({ x: rows, y: truth }: Batch): StepResult {
          const variables = this.trainableWeights;
          const [loss, gradients] = valueAndGrad((_: typeof variables) =>
            multiply(2, this.computeLoss({ x: rows, y: truth! }, this.apply(rows))),
          )(variables);
          this.optimizer.apply(gradients, variables);
          return { doubled: loss };
        }
      }
      const model = new Doubled([input({ shape: [1] }), layers.dense({ units: 1, kernelInitializer: 'zeros' })]);
      model.compile({ optimizer: optimizers.sgd({ learningRate: 0.05 }), loss: 'mse' });
      const own = await model.fit(x, y, { batchSize: 10, epochs: 3, ...quiet });
      const usual = await line().fit(x, y, { batchSize: 10, epochs: 3, ...quiet });
      expect(own.history.doubled!.map((value) => value / 2)).toEqual(
        usual.history.loss!.map((value) => expect.closeTo(value, 5)),
      );
    });

    test('a model of one’s own', async () => {
      class Residual extends Model {
        readonly hidden = layers.dense({ units: 4, activation: 'tanh', name: 'hidden' });
        readonly out = layers.dense({ units: 1, name: 'out' });
        call(rows: Tensor): Tensor {
          return rows.add(this.out.apply(this.hidden.apply(rows)));
        }
      }
      const model = new Residual();
      model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: 'mse', metrics: ['mae'] });
      const { history } = await model.fit(x, y, { epochs: 60, ...quiet });
      expect(history.loss!.at(-1)).toBeLessThan(history.loss![0]! / 20);
      expect(model.countParams()).toBe(13);
      const text = model.summary({ print: () => undefined });
      expect(text).toContain('Model: "residual');
      expect(text).toContain('│ hidden (Dense)                  │ (None, 4)              │             8 │');
      expect((await model.predict(x, quiet)).shape).toEqual([10, 1]);
    });

    test('sample weights are what class weights stand for', async () => {
      const labels = { data: Int32Array.from(x.data, (value) => (value > 0 ? 1 : 0)), shape: [10] };
      const run = async (options: object): Promise<unknown> => {
        const model = sequential([input({ shape: [1] }), layers.dense({ units: 2, kernelInitializer: 'ones' })]);
        const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true });
        model.compile({ optimizer: 'sgd', loss, metrics: ['accuracy'], weightedMetrics: ['accuracy'] });
        return (await model.fit(x, labels, { epochs: 2, ...quiet, ...options })).history;
      };
      const weights = Float32Array.from(labels.data, (label) => (label === 1 ? 3 : 1));
      expect(await run({ classWeight: { 1: 3 } })).toEqual(await run({ sampleWeight: weights }));
      expect(await run({ classWeight: { 1: 3 } })).not.toEqual(await run({}));
    });

    test('a loss that is no number is reported once', async () => {
      const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      const model = line({ learningRate: 1e30 });
      await model.fit(x, y, { epochs: 4, ...quiet });
      expect(warn.mock.calls.map(([text]) => String(text).replace(/sequential\w*/, 'm'))).toEqual([
        'fit: the loss of m is Infinity after epoch 2. A smaller learningRate or clipnorm may help, or the data hold such numbers.',
      ]);
      warn.mockRestore();
    });

    test('single batches', async () => {
      const model = line();
      const first = await model.trainOnBatch(x, y);
      const second = await model.testOnBatch(x, y);
      expect(second.loss).toBeLessThan(first.loss!);
      // Logs are of each batch alone, as Keras has it.
      expect(await model.testOnBatch(x, y)).toEqual(second);
    });

    test('metrics may be objects and functions', async () => {
      const model = sequential([input({ shape: [1] }), layers.dense({ units: 1, kernelInitializer: 'zeros' })]);
      function bias(_truth: Tensor, prediction: Tensor): Tensor {
        return prediction.sum(-1);
      }
      model.compile({
        optimizer: 'sgd',
        loss: 'mse',
        metrics: [metrics.meanAbsoluteError({ name: 'distance' }), bias],
      });
      const logs = await model.evaluate(zeros([4, 1]), ones([4, 1]), quiet);
      expect(logs).toEqual({ bias: 0, distance: 1, loss: 1 });
    });

    test('what is printed away from a terminal', async () => {
      const output = new Recorder();
      await line({ learningRate: 0 }).fit(x, y, { epochs: 2, batchSize: 5, validationSplit: 0.5, output });
      const bar = '1/1 ━━━━━━━━━━━━━━━━━━━━ 0s 0s/step - loss: 5.1600 - val_loss: 0.3600\n';
      expect(output.text).toBe(`Epoch 1/2\n${bar}Epoch 2/2\n${bar}`);
    });

    describe('errors', () => {
      const cases: readonly (readonly [string, () => Promise<unknown> | void, string])[] = [
        [
          'fit before compile',
          () =>
            sequential([layers.dense({ units: 1 })], { name: 'm' })
              .fit(x, y)
              .then(() => undefined),
          'fit: expected a compiled model, received m, which is not. Call model.compile({ optimizer, loss }) first.',
        ],
        ['rows that differ', () => line().fit(x, [[1]]), 'fit: y: expected 10 rows as x, received 1.'],
        ['no truth', () => line().fit(x, undefined as never), 'fit: y: expected the truth for x, received undefined.'],
        [
          'no rows',
          () => line().fit(new Float32Array(0), new Float32Array(0)),
          'fit: x: expected at least one row, received none.',
        ],
        [
          'a wrong shape',
          () => line().fit(zeros([4, 2]), zeros([4, 1]), quiet),
          'expected an input of shape (None, 1), received [4, 2].',
        ],
        [
          'a wrong batch size',
          () => line().fit(x, y, { batchSize: 0 }),
          'fit: batchSize: expected a whole number >= 1, received 0.',
        ],
        [
          'an impossible split',
          () => line().fit(x, y, { validationSplit: 0.99 }),
          'fit: validationSplit: expected a part that leaves rows on both sides of 10, received 0.99.',
        ],
        [
          'an unknown optimizer',
          async () => sequential().compile({ optimizer: 'adm', loss: 'mse' }),
          'compile: optimizer: expected one of sgd, adam, adamw, rmsprop, nadam, adamax, lamb, adagrad, adadelta, lion, ftrl, adafactor, received "adm". Did you mean "adam"?',
        ],
        [
          'no loss',
          async () => sequential().compile({ optimizer: 'sgd' } as never),
          'compile: loss: expected a loss, its name or a function, received undefined.',
        ],
        [
          'an unknown metric',
          async () => sequential().compile({ optimizer: 'sgd', loss: 'mse', metrics: ['acuracy'] }),
          'received "acuracy". Did you mean "accuracy"?',
        ],
        [
          'a metric that is no list',
          async () => sequential().compile({ optimizer: 'sgd', loss: 'mse', metrics: 'mae' as never }),
          'compile: metrics: expected a list of metrics, received "mae". Write ["mae"].',
        ],
        [
          'compile without options',
          async () => sequential().compile(undefined as never),
          'compile: expected { optimizer, loss, metrics }, received undefined.',
        ],
        [
          'a truth of another shape',
          () => {
            const model = sequential([input({ shape: [1] }), layers.dense({ units: 2 })]);
            model.compile({ optimizer: 'sgd', loss: 'mse' });
            return model.fit(x, zeros([10, 3]), quiet);
          },
          "meanSquaredError: expected a truth of the predictions' shape [10, 2], received [10, 3].",
        ],
        [
          'a truth of another rank',
          () => line().fit(x, zeros([10, 3, 2]), quiet),
          "meanSquaredError: expected a truth of the predictions' shape [10, 1], received [10, 3, 2].",
        ],
        [
          'a number as text',
          () => line().fit(x, y, { ...quiet, epochs: '3' as never }),
          'fit: epochs: expected a whole number >= 0, received "3".',
        ],
        [
          'callbacks that are no list',
          () => line().fit(x, y, { ...quiet, callbacks: 'log' as never }),
          'fit: callbacks: expected a list of callbacks, received string.',
        ],
        [
          'validation without a truth',
          () => line().fit(x, y, { ...quiet, validationData: [x] as never }),
          'fit: validationData: expected [x, y] or [x, y, sampleWeight], received a list of 1.',
        ],
        [
          'an unknown verbosity',
          () => line().fit(x, y, { verbose: 3 as never }),
          'verbose: expected auto, 0, 1, 2, received 3.',
        ],
        [
          'two layers of one name',
          async () => sequential([layers.flatten({ name: 'a' }), layers.flatten({ name: 'a' })]),
          'sequential: expected layers of different names, received "a" twice.',
        ],
      ];
      test.each(cases)('%s', async (_name, run, message) => {
        await expect(run()).rejects.toThrow(message);
      });

      test('a second fit while one runs', async () => {
        const model = line();
        const first = model.fit(x, y, quiet);
        await expect(model.fit(x, y, quiet)).rejects.toThrow('fit: expected a model that is not fitting');
        await first;
      });
    });
  });
}
