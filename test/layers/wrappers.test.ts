/** Layers that Keras's cases reach in part: noise in training, margins, wrappers with states and masks, misuse. */
import { describe, expect, test } from '@jest/globals';
import { type Tensor, arange, ones, random, tensor } from '@antler/core';
import { type AnyLayer, type Layer, input, layers, losses, model, sequential } from '@antler/layers';
import './setup.js';

const x = (): Tensor => random.normal([2, 3, 4], { key: random.key(5) });

/** Mean and variance of a layer's output in training. */
async function statistics(layer: Layer, input: Tensor = ones([200, 200])): Promise<readonly [number, number]> {
  const values = Array.from(await layer.apply(input, { training: true }).data());
  const mean = values.reduce((sum, v) => sum + v) / values.length;
  return [mean, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length];
}

describe('noise', () => {
  test('gaussianNoise adds, gaussianDropout multiplies, both around what they are given', async () => {
    const [mean, variance] = await statistics(layers.gaussianNoise({ stddev: 0.5, seed: 1 }));
    expect([mean, variance]).toEqual([expect.closeTo(1, 1), expect.closeTo(0.25, 1)]);
    const [kept, spread] = await statistics(layers.gaussianDropout({ rate: 0.2, seed: 1 }), ones([200, 200]).mul(2));
    expect([kept, spread]).toEqual([expect.closeTo(2, 1), expect.closeTo(4 * 0.25, 1)]);
  });

  test('alphaDropout keeps mean and variance of standard numbers', async () => {
    const standard = random.normal([300, 300], { key: random.key(2) });
    const [mean, variance] = await statistics(layers.alphaDropout({ rate: 0.3, seed: 1 }), standard);
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  });

  test('spatialDropout drops whole channels', async () => {
    const layer = layers.spatialDropout2D({ rate: 0.5, seed: 4 });
    const y = (await layer.apply(ones([8, 3, 3, 16]), { training: true }).array()) as number[][][][];
    const channels = y.flatMap((image) => image[0]![0]!.map((_, c) => image.flat().map((pixel) => pixel[c]!)));
    expect(channels.every((values) => new Set(values).size === 1)).toBe(true);
    expect(new Set(channels.flat())).toEqual(new Set([0, 2]));
    const first = layers.spatialDropout3D({ rate: 0.5, seed: 4, dataFormat: 'channels_first' });
    const [row] = (await first.apply(ones([1, 2, 2, 2, 2]), { training: true }).array()) as number[][][][][];
    for (const channel of row!) expect(new Set(channel.flat(3)).size).toBe(1);
  });

  test('a seed gives each layer its own draws, and all are off outside of training', async () => {
    const rates = { rate: 0.5, seed: 3 };
    const make = (): Layer[] => [
      layers.gaussianNoise({ stddev: 1, seed: 3 }),
      layers.gaussianDropout(rates),
      layers.alphaDropout(rates),
      layers.spatialDropout1D(rates),
    ];
    const [a, b] = [make(), make()];
    for (const [i, layer] of a.entries()) {
      const same = await b[i]!.apply(x(), { training: true }).array();
      expect(await layer.apply(x(), { training: true }).array()).toEqual(same);
      expect(await layer.apply(x(), { training: true }).array()).not.toEqual(same);
      expect(await layer.apply(x()).array()).toEqual(await x().array());
      expect(layer.randomStates.length).toBe(1);
    }
  });
});

test('margins: cropping undoes padding; a vector repeated; sizes known beforehand', async () => {
  const pairs: readonly (readonly [Layer, Layer, Tensor])[] = [
    [layers.zeroPadding1D({ padding: [1, 2] }), layers.cropping1D({ cropping: [1, 2] }), x()],
    [layers.zeroPadding2D({ padding: [2, 1] }), layers.cropping2D({ cropping: [[2, 2], [1, 1]] }), ones([1, 2, 3, 2])],
    [layers.zeroPadding3D(), layers.cropping3D(), ones([1, 2, 3, 2, 2])],
  ]; // prettier-ignore
  for (const [pad, crop, given] of pairs) {
    const padded = pad.apply(given);
    expect(padded.shape).toEqual(pad.outputShape(given.shape));
    expect(padded.size).toBeGreaterThan(given.size);
    expect(await crop.apply(padded).array()).toEqual(await given.array());
  }
  const repeated = layers.repeatVector({ n: 2 });
  expect(await repeated.apply(tensor([[1, 2]])).array()).toEqual([[[1, 2], [1, 2]]]); // prettier-ignore
  expect(repeated.outputShape([null, 2])).toEqual([null, 2, 2]);
  const rows = layers.upSampling2D({ dataFormat: 'channels_first' }).apply(arange(4).reshape([1, 1, 2, 2]));
  expect(await rows.array()).toEqual([[[[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]]]); // prettier-ignore
});

describe('bidirectional', () => {
  test('is the layer and a second one on the steps backwards', async () => {
    const both = layers.bidirectional({ layer: layers.gru({ units: 2, returnSequences: true, name: 'g' }) });
    const y = both.apply(x());
    expect(both.outputShape([null, 3, 4])).toEqual([null, 3, 4]);
    const there = await (both.forwardLayer.apply(x()) as Tensor).array();
    const back = await (both.backwardLayer.apply(x()) as Tensor).array();
    const rows = (await y.array()) as number[][][];
    expect(rows.map((steps) => steps.map((step) => step.slice(0, 2)))).toEqual(there);
    expect(rows.map((steps) => steps.map((step) => step.slice(2)).reverse())).toEqual(back);
    expect([both.weights.length, both.trainableWeights.length]).toEqual([6, 6]);
  });

  test('takes and gives the states of both, and may keep both outputs', async () => {
    const layer = layers.lstm({ units: 3, returnState: true });
    const both = layers.bidirectional<readonly Tensor[], readonly Tensor[]>({ layer, mergeMode: null });
    const outputs = both.apply([x()]);
    expect(outputs.map(({ shape }) => shape)).toEqual(new Array(6).fill([2, 3]));
    const again = both.apply([x(), ...outputs.slice(2)]);
    const own = both.backwardLayer.apply([x(), ...outputs.slice(4)]) as readonly Tensor[];
    expect(await again[1]!.array()).toEqual(await own[0]!.array());
  });

  test('sequences end where their mask does, in both directions, and learn', async () => {
    const tokens = { data: Int32Array.of(1, 2, 0, 2, 1, 1), shape: [2, 3] };
    const word = input({ shape: [3], dtype: 'int32' });
    const vectors = layers.embedding({ inputDim: 3, outputDim: 4, maskZero: true }).apply(word);
    const walked = layers
      .bidirectional({ layer: layers.lstm({ units: 2, returnSequences: true }), mergeMode: 'ave' })
      .apply(vectors);
    const net = model({
      inputs: word,
      outputs: layers.timeDistributed({ layer: layers.dense({ units: 2 }) }).apply(walked),
    });
    net.compile({ optimizer: 'adam', loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) });
    const truth = (last: number): object => ({ data: Int32Array.of(0, 1, last, 1, 0, 0), shape: [2, 3] });
    const first = await net.evaluate(tokens, truth(0) as never, { verbose: 0 });
    expect(await net.evaluate(tokens, truth(1) as never, { verbose: 0 })).toEqual(first);
    const { history } = await net.fit(tokens, truth(0) as never, { epochs: 20, verbose: 0 });
    expect(history.loss!.at(-1)).toBeLessThan(history.loss![0]!);
  });
});

test('timeDistributed applies the layer to each step', async () => {
  const dense = layers.dense({ units: 2 });
  const layer = layers.timeDistributed({ layer: dense });
  const y = await layer.apply(x()).array();
  expect(y).toEqual(await dense.apply(x()).array());
  const frames = layers.timeDistributed({ layer: layers.conv2D({ filters: 2, kernelSize: 3 }) });
  expect(frames.outputShape([null, 5, 8, 8, 1])).toEqual([null, 5, 6, 6, 2]);
  expect(sequential([input({ shape: [5, 8, 8, 1] }), frames]).countParams()).toBe(20);
});

const misuse: readonly (readonly [string, () => unknown, string])[] = [
  [
    'dims',
    () => layers.permute({ dims: [1, 1] }),
    'permute: dims: expected the axes 1, 2, … in some order, received [1, 1].',
  ],
  ['n', () => layers.repeatVector({ n: 0 }), 'repeatVector: n: expected a whole number > 0, received 0.'],
  ['rate', () => layers.alphaDropout({ rate: 1 }), 'alphaDropout: rate: expected a number in [0, 1), received 1.'],
  ['stddev', () => layers.gaussianNoise({ stddev: -1 }), 'gaussianNoise: stddev: expected a number >= 0, received -1.'],
  [
    'slope',
    () => layers.leakyReLU({ negativeSlope: -1 }),
    'leakyReLU: negativeSlope: expected a number >= 0, received -1.',
  ],
  [
    'padding',
    () => layers.zeroPadding2D({ padding: [1] }),
    'zeroPadding2D: padding: expected whole numbers >= 0: one, 2, or 2 pairs, received [1].',
  ],
  [
    'mergeMode',
    () => layers.bidirectional({ layer: layers.lstm({ units: 1 }), mergeMode: 'min' as 'sum' }),
    'bidirectional: mergeMode: expected concat, sum, ave, mul or null, received "min".',
  ],
  [
    'outputPadding',
    () => layers.conv2DTranspose({ filters: 1, kernelSize: 3, outputPadding: 1 }),
    'conv2DTranspose: outputPadding: expected whole numbers >= 0, less than the strides, received 1.',
  ],
  [
    'depthMultiplier',
    () => layers.depthwiseConv2D({ kernelSize: 3, depthMultiplier: 0 }),
    'depthwiseConv2D: depthMultiplier: expected a whole number > 0, received 0.',
  ],
];
test.each(misuse)('%s is checked', (_name, run, message) => {
  expect(run).toThrow(message);
});

test.each<[string, () => AnyLayer | Layer, readonly number[], string]>([
  ['permute', () => layers.permute({ dims: [2, 1], name: 'p' }), [1, 2], 'permute: p: expected an input of rank 3'],
  ['padding', () => layers.zeroPadding1D({ name: 'z' }), [1, 2], 'z: expected an input of rank 3'],
  [
    'timeDistributed',
    () => layers.timeDistributed({ layer: layers.flatten(), name: 't' }),
    [1, 2],
    'timeDistributed: t: expected sequences [batch, steps, …]',
  ],
  [
    'separable',
    () => layers.separableConv2D({ filters: 2, kernelSize: 1, name: 's' }),
    [1, 2],
    's: expected an input of rank 4 with a known number of channels',
  ],
])('%s refuses other ranks', (_name, make, shape, message) => {
  expect(() => (make() as Layer).apply(ones(shape))).toThrow(message);
});
