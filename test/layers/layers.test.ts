/** Activations against Keras, dropout, what a layer of one's own gets, weights and errors. */
import { describe, expect, test } from '@jest/globals';
import { type Tensor, type Variable, elu, grad, hardShrink, jit, leakyRelu, multiply, ones } from '@antler/core';
import { softShrink, squareplus, sum, tensor } from '@antler/core';
import { Layer, activations, initializers, layers, type PartialShape } from '@antler/layers';
import { goldenArrays, goldenCases } from '../golden/keras.js';
import { differences } from './setup.js';

describe('activations', () => {
  /** With their options, where a case has some; the functions of core take them. */
  const functions: Readonly<Record<string, (x: Tensor, option?: number) => Tensor>> = {
    celu: (x) => activations.celu(x),
    elu: (x, alpha) => elu(x, alpha),
    hard_shrink: (x, threshold) => hardShrink(x, threshold),
    hard_swish: (x) => activations.hardSilu(x),
    hard_tanh: (x) => activations.hardTanh(x),
    leaky_relu: (x, slope) => leakyRelu(x, slope),
    linear: (x) => activations.linear(x),
    log_softmax: (x) => activations.logSoftmax(x),
    relu6: (x) => activations.relu6(x),
    sigmoid: (x) => activations.sigmoid(x),
    silu: (x) => activations.silu(x),
    soft_shrink: (x, threshold) => softShrink(x, threshold),
    sparsemax: (x) => activations.sparsemax(x),
    squareplus: (x, b) => squareplus(x, b),
    tanh: (x) => activations.tanh(x),
  };

  test('all of Keras’s cases are compared', () => {
    expect(Object.keys(functions)).toEqual([...new Set(goldenCases('activations').map((entry) => entry.class))]);
  });

  test.each(Object.entries(functions))('%s', async (name, withOption) => {
    for (const entry of goldenCases('activations', name)) {
      const arrays = goldenArrays(entry);
      const activation = (input: Tensor): Tensor => withOption(input, Object.values(entry.kwargs)[0] as number);
      const x = tensor(arrays['input.0']!);
      const gradient = grad((input: Tensor) => sum(multiply(activation(input), tensor(arrays['cotangent.0']!))))(x);
      const special = arrays['special.input'];
      const pairs = {
        output: [activation(x), arrays['output.0']!],
        gradient: [gradient, arrays['grad_input.0']!],
        ...(special && { special: [activation(tensor(special)), arrays['special.output']!] as const }),
      } as const;
      expect(await differences(pairs, entry.tol)).toEqual({});
    }
  });
});

describe('dropout in training', () => {
  test('drops the part it should, scales the rest, and draws anew each time', async () => {
    const layer = layers.dropout({ rate: 0.25, seed: 3 });
    const x = ones([100, 100]);
    const first = await layer.apply(x, { training: true }).data();
    const second = await layer.apply(x, { training: true }).data();
    const dropped = first.filter((value) => value === 0).length / first.length;
    expect(Math.abs(dropped - 0.25)).toBeLessThan(0.02);
    expect([...new Set(first)].sort()).toEqual([0, Math.fround(1 / 0.75)]);
    expect([...first]).not.toEqual([...second]);
  });

  test('a rate outside [0, 1] is an error', () => {
    expect(() => layers.dropout({ rate: 1.5 })).toThrow('dropout: rate: expected a number in [0, 1], received 1.5.');
  });
});

class Scale extends Layer {
  factor!: Variable;
  override build(shape: PartialShape): void {
    this.factor = this.addWeight({
      name: 'factor',
      shape: [shape.at(-1)!],
      initializer: initializers.constant({ value: 3 }),
    });
  }
  call(x: Tensor): Tensor {
    return multiply(x, this.factor);
  }
}

class Twice extends Layer {
  readonly first = new Scale();
  readonly rest = [layers.dense({ units: 2, useBias: false }), layers.flatten()];
  call(x: Tensor): Tensor {
    return this.rest.reduce((value, layer) => layer.apply(value), this.first.apply(x));
  }
}

describe('a layer of one’s own', () => {
  test('builds, computes, and finds its output shape', async () => {
    const layer = new Scale({ name: 'scale_of_mine' });
    expect(layer.built).toBe(false);
    expect(await layer.apply(ones([2, 3])).array()).toEqual([
      [3, 3, 3],
      [3, 3, 3],
    ]);
    expect(layer.weights.map(({ name }) => name)).toEqual(['scale_of_mine/factor']);
    expect(layer.outputShape([null, 3])).toEqual([null, 3]);
    expect(layer.className).toBe('Scale');
  });

  test('owns the weights of its parts, and freezes them with itself', () => {
    const layer = new Twice();
    expect(layer.outputShape([null, 5, 4])).toEqual([null, 10]);
    expect(layer.weights.map(({ shape }) => shape)).toEqual([[4], [4, 2]]);
    expect(layer.countParams()).toBe(12);
    layer.first.trainable = false;
    expect(layer.trainableWeights.map(({ shape }) => shape)).toEqual([[4, 2]]);
    expect(layer.nonTrainableWeights.map(({ shape }) => shape)).toEqual([[4]]);
    layer.trainable = false;
    expect(layer.trainableWeights).toEqual([]);
    expect(layer.weights.length).toBe(2);
  });
});

test('a layer may be built inside of a gradient and of jit', async () => {
  const layer = layers.dense({ units: 1, kernelInitializer: 'ones' });
  const gradient = grad((x: Tensor) => layer.apply(x).sum())(ones([1, 3]));
  expect(await gradient.array()).toEqual([[1, 1, 1]]);
  const other = layers.dense({ units: 1, kernelInitializer: 'ones' });
  const run = jit((x: Tensor) => other.apply(x));
  expect(await run(ones([1, 3])).array()).toEqual([[3]]);
  other.setWeights([[[2], [2], [2]], [1]]);
  expect(await run(ones([1, 3])).array()).toEqual([[7]]);
});

describe('weights', () => {
  test('come out and go in', async () => {
    const layer = layers.dense({ units: 2 });
    layer.ensureBuilt([null, 2]);
    layer.setWeights([
      [
        [1, 2],
        [3, 4],
      ],
      [5, 6],
    ]);
    const weights = await layer.getWeights();
    expect(weights.map(({ data, shape }) => [[...data], shape])).toEqual([
      [
        [1, 2, 3, 4],
        [2, 2],
      ],
      [[5, 6], [2]],
    ]);
    expect(await layer.apply(tensor([[1, 1]])).array()).toEqual([[9, 12]]);
  });

  test('of other shapes are refused, and nothing has changed', async () => {
    const layer = layers.dense({ units: 2, name: 'd', kernelInitializer: 'ones' });
    expect(() => layer.setWeights([[1]])).toThrow(
      'setWeights: d: expected 0 weights, received 1. The layer has no weights until it is built.',
    );
    layer.ensureBuilt([null, 2]);
    expect(() => layer.setWeights([[[1, 2]], [1, 2]])).toThrow(
      'setWeights: d: expected shape [2, 2] for d/kernel, received [1, 2].',
    );
    expect([...(await layer.getWeights())[0]!.data]).toEqual([1, 1, 1, 1]);
  });
});

test('errors of Dense name the layer and what came', () => {
  expect(() => layers.dense({ units: 0 })).toThrow('dense: units: expected a whole number > 0, received 0.');
  const layer = layers.dense({ units: 2, name: 'd' });
  expect(() => layer.ensureBuilt([null])).toThrow(
    'dense: d: expected an input of rank 2 or more whose last axis has a known size, received (None).',
  );
  layer.ensureBuilt([null, 3]);
  expect(() => layer.apply(ones([4, 5]))).toThrow('dense: d: expected an input whose last axis is 3, received [4, 5].');
});
