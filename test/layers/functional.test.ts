/** Functional models: several inputs and outputs, shared layers, models as layers, data and losses by name, the summary. */
import { describe, expect, test } from '@jest/globals';
import { type Tensor, ones, tensor } from '@antler/core';
import { type Functional, type Logs, input, layers, losses, model, optimizers, sequential } from '@antler/layers';
import './setup.js';

const quiet = { verbose: 0 } as const;
const silent = { print: (): void => undefined };

/** Two inputs, a shared layer, a residual, two outputs. */
function twoByTwo(): Functional<readonly Tensor[], readonly Tensor[]> {
  const left = input({ shape: [3], name: 'left' });
  const right = input({ shape: [3], name: 'right' });
  const shared = layers.dense({ units: 4, activation: 'tanh', name: 'shared', kernelInitializer: 'ones' });
  const [a, b] = [shared.apply(left), shared.apply(right)];
  const joined = layers.add({ name: 'joined' }).apply([a, b]);
  const both = layers.concatenate({ name: 'both' }).apply([joined, left]);
  const size = layers.dense({ units: 1, name: 'size', kernelInitializer: 'ones' }).apply(both);
  const kind = layers.dense({ units: 2, name: 'kind', kernelInitializer: 'zeros' }).apply(joined);
  return model({ inputs: [left, right], outputs: [size, kind], name: 'net' });
}

const rows = 6;
const left = { data: Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i)), shape: [rows, 3] };
const right = { data: Float32Array.from({ length: rows * 3 }, (_, i) => Math.cos(i)), shape: [rows, 3] };
const size = { data: Float32Array.from({ length: rows }, (_, i) => i / 6), shape: [rows, 1] };
const kind = { data: Int32Array.from({ length: rows }, (_, i) => i % 2), shape: [rows] };

describe('a model with one input and one output', () => {
  test('is what sequential makes', async () => {
    const image = input({ shape: [2, 2] });
    const flat = layers.flatten().apply(image);
    const out = layers.dense({ units: 3, kernelInitializer: 'ones' }).apply(flat);
    const functional = model({ inputs: image, outputs: out });
    expect(functional.inputShape).toEqual([null, 2, 2]);
    expect(functional.outputShape([null, 2, 2])).toEqual([null, 3]);
    const prediction: Tensor = await functional.predict(ones([5, 2, 2]), quiet);
    expect(await prediction.array()).toEqual(Array.from({ length: 5 }, () => [4, 4, 4]));
    expect(await functional.apply(ones([1, 2, 2])).array()).toEqual([[4, 4, 4]]);
    expect(functional.summary({ ...silent, lineLength: 80 })).not.toContain('Connected to');
  });

  test('trains as sequential does', async () => {
    const x = { data: left.data, shape: [rows, 3] };
    const row = sequential([input({ shape: [3] }), layers.dense({ units: 1, kernelInitializer: 'ones' })]);
    const entry = input({ shape: [3] });
    const graph = model({ inputs: entry, outputs: layers.dense({ units: 1, kernelInitializer: 'ones' }).apply(entry) });
    const histories = [];
    for (const each of [row, graph]) {
      each.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });
      histories.push((await each.fit(x, size, { epochs: 3, batchSize: 2, seed: 1, ...quiet })).history);
    }
    expect(histories[1]).toEqual(histories[0]);
  });
});

describe('several inputs and outputs', () => {
  test('shapes, weights of a shared layer once, values', async () => {
    const net = twoByTwo();
    expect(net.inputNames).toEqual(['left', 'right']);
    expect(net.outputNames).toEqual(['size', 'kind']);
    expect(net.layers.map(({ name }) => name)).toEqual(['left', 'right', 'shared', 'joined', 'both', 'size', 'kind']);
    expect(net.weights.map(({ name }) => name)).toEqual([
      'shared/kernel',
      'shared/bias',
      'size/kernel',
      'size/bias',
      'kind/kernel',
      'kind/bias',
    ]);
    const [first, second] = net.apply([ones([1, 3]), ones([1, 3])]);
    expect(await first!.item()).toBeCloseTo(8 * Math.tanh(3) + 3, 5);
    expect(await second!.array()).toEqual([[0, 0]]);
  });

  test('fit, evaluate and predict, by order and by name, give the same numbers', async () => {
    const run = async (byName: boolean): Promise<readonly unknown[]> => {
      const net = twoByTwo();
      const classes = losses.sparseCategoricalCrossentropy({ fromLogits: true });
      net.compile({
        optimizer: optimizers.sgd({ learningRate: 0.05 }),
        loss: byName ? { kind: classes, size: 'mse' } : ['mse', classes],
        lossWeights: byName ? { size: 2, kind: 0.5 } : [2, 0.5],
        metrics: byName ? { kind: ['accuracy'], size: 'mae' } : [['mae'], ['accuracy']],
      });
      const x = byName ? { right, left } : [left, right];
      const y = byName ? { kind, size } : [size, kind];
      const { history } = await net.fit(x, y, { epochs: 3, batchSize: 4, validationSplit: 0.34, seed: 3, ...quiet });
      const logs = await net.evaluate(x, y, { batchSize: 4, ...quiet });
      const predictions = await net.predict(x, { batchSize: 4, ...quiet });
      return [history, logs, await Promise.all(predictions.map((prediction) => prediction.array()))];
    };
    const [history, logs, predictions] = (await run(false)) as [Record<string, number[]>, Logs, number[][][]];
    expect(await run(true)).toEqual([history, logs, predictions]);
    expect(Object.keys(logs)).toEqual(['kind_accuracy', 'kind_loss', 'loss', 'size_loss', 'size_mae']);
    expect(logs.loss).toBeCloseTo(2 * logs.size_loss! + 0.5 * logs.kind_loss!, 5);
    expect(history.loss!.at(-1)).toBeLessThan(history.loss![0]!);
    expect(history.val_kind_loss!.length).toBe(3);
    expect(predictions.map((output) => [output.length, output[0]!.length])).toEqual([
      [rows, 1],
      [rows, 2],
    ]);
  });

  test('batches give lists or names; a weight counts for every output, or there is one for each', async () => {
    const weight = Float32Array.from({ length: rows }, (_, i) => i);
    const run = async (batch: object, compiled: object = {}): Promise<Logs> => {
      const net = twoByTwo();
      net.compile({ optimizer: 'sgd', loss: 'mse', ...compiled });
      return net.evaluate(new Set([batch]) as never, quiet);
    };
    const truth = [size, { data: new Float32Array(2 * rows), shape: [rows, 2] }];
    const expected = await run([[left, right], truth, [weight, weight]]);
    expect(await run({ x: { left, right }, y: { size: truth[0], kind: truth[1] }, sampleWeight: weight })).toEqual(
      expected,
    );
    expect(await run([[left, right], truth])).not.toEqual(expected);
  });
});

describe('models as layers', () => {
  test('a nested model has its weights once, and is applied twice', async () => {
    const inner = sequential([input({ shape: [2] }), layers.dense({ units: 2, kernelInitializer: 'ones' })], {
      name: 'inner',
    });
    const x = input({ shape: [2] });
    const outer = model({ inputs: x, outputs: inner.apply(inner.apply(x)), name: 'outer' });
    expect(outer.countParams()).toBe(6);
    expect(await outer.apply(tensor([[1, 2]])).array()).toEqual([[6, 6]]);
  });
});

test('the summary of a graph says what is connected', () => {
  const text = twoByTwo().summary({ ...silent, lineLength: 100 });
  const lines = text.split('\n').filter((line) => line.startsWith('│'));
  expect(
    lines.map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ),
  ).toEqual([
    ['left (InputLayer)', '(None, 3)', '0', '-'],
    ['right (InputLayer)', '(None, 3)', '0', '-'],
    ['shared (Dense)', '(None, 4)', '16', 'left[0][0], right[0][0]'],
    ['joined (Add)', '(None, 4)', '0', 'shared[0][0],'],
    ['', '', '', 'shared[1][0]'],
    ['both (Concatenate)', '(None, 7)', '0', 'joined[0][0],'],
    ['', '', '', 'left[0][0]'],
    ['size (Dense)', '(None, 1)', '8', 'both[0][0]'],
    ['kind (Dense)', '(None, 2)', '10', 'joined[0][0]'],
  ]);
});

describe('errors', () => {
  test('name what is missing', async () => {
    const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [2], name: 'b' })];
    const sum = layers.add({ name: 'sum' }).apply([a, b]);
    expect(() => model({ inputs: a, outputs: sum })).toThrow(
      'model: inputs: expected every input that the outputs depend on, received none for b.',
    );
    expect(() => model({ inputs: sum, outputs: sum })).toThrow(
      'model: inputs: expected what input() gives, received an output of sum.',
    );
    const net = model({ inputs: [a, b], outputs: sum, name: 'net' });
    expect(() => net.apply([ones([1, 2])])).toThrow('net: expected 2 inputs (a, b), received 1.');
    await expect(net.predict({ a: ones([1, 2]), c: ones([1, 2]) }, quiet)).rejects.toThrow(
      'predict: x: expected a, b, received a, c.',
    );
    expect(() => net.compile({ optimizer: 'sgd', loss: ['mse', 'mse'] })).toThrow(
      'compile: loss: expected one for each of sum, received 2.',
    );
  });
});
