/** Layers against Keras: outputs, gradients, state, shapes, counts and configurations, of every case whose class is here. */
import { describe, expect, test } from '@jest/globals';
import { type HostArray, type Tensor, type Variable, grad, multiply, sum, tensor } from '@antler/core';
import * as all from '@antler/layers';
import type { AnyLayer, PartialShape } from '@antler/layers';
import { type GoldenCase, goldenArrays, goldenCases } from '../golden/keras.js';
import { camelCased, differences, numbered } from './setup.js';

type Class = new (options: never) => AnyLayer;

const classes = Object.fromEntries(
  Object.entries(all).filter(([, value]) => typeof value === 'function' && value.prototype instanceof all.Layer),
) as unknown as Readonly<Record<string, Class>>;

/** Cases of present classes that wait, and for what. */
const later: Readonly<Record<string, string>> = {
  'Dense.rank4_gelu': 'the activation gelu',
  'Activation.gelu': 'the activation gelu',
  'Activation.elu': 'the activation elu',
  'Softmax.mask': 'masks as arguments of a call',
  'GlobalAveragePooling1D.mask': 'masks as arguments of a call',
};

/** Classes that wait for later work, so that a name that is neither here nor there fails. */
const absent = new Set(
  (
    'Permute Identity Rescaling ReversibleEmbedding Masking EinsumDense ActivityRegularization LeakyReLU PReLU ELU Dot ' +
    'Conv1DTranspose Conv2DTranspose Conv3DTranspose DepthwiseConv1D DepthwiseConv2D ' +
    'SeparableConv1D SeparableConv2D ' +
    '' +
    'AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D AdaptiveAveragePooling1D ' +
    'AdaptiveAveragePooling2D ZeroPadding1D ZeroPadding2D ZeroPadding3D UpSampling1D UpSampling2D GroupNormalization ' +
    'UnitNormalization SpectralNormalization Normalization SpatialDropout2D GaussianDropout AlphaDropout SimpleRNN ' +
    'SimpleRNNCell Bidirectional LSTM GRU GRUCell RNN TimeDistributed ConvLSTM2D Attention MultiHeadAttention ' +
    'GroupQueryAttention CategoryEncoding Discretization Resizing CenterCrop RandomRotation'
  ).split(' '),
);

const cases = goldenCases('layers').filter(({ id, class: name }) => !absent.has(name) && later[id] === undefined);

test('what waits is there, and nothing waits that is here', () => {
  const ids = new Set(goldenCases('layers').map(({ id }) => id));
  expect(Object.keys(later).filter((id) => !ids.has(id))).toEqual([]);
  expect([...absent].filter((name) => classes[name] !== undefined)).toEqual([]);
  expect(cases.filter(({ class: name }) => classes[name] === undefined).map(({ id }) => id)).toEqual([]);
});

const onlyOne = <T>(list: readonly T[], isList: boolean): T | readonly T[] => (isList ? list : list[0]!);

async function check(entry: GoldenCase): Promise<void> {
  const arrays = goldenArrays(entry);
  const isList = entry.inputs_as_list === true;
  const layer = new classes[entry.class]!(camelCased<never>({ ...entry.kwargs, name: 'l' }));
  const inputs = numbered(arrays, 'input').map((array) => tensor(array));
  const shapes: PartialShape[] = inputs.map(({ shape }) => [null, ...shape.slice(1)]);
  const context = { training: entry.training === true };
  layer.ensureBuilt(onlyOne(shapes, isList));
  const state = numbered(arrays, 'state');
  layer.setWeights([...numbered(arrays, 'weight'), ...state]);
  const call = (xs: readonly Tensor[]): Tensor => layer.apply(onlyOne(xs, isList), context) as Tensor;
  const pairs: Record<string, readonly [Tensor, HostArray]> = {};
  if (entry.grad === true) {
    // Whole numbers have no gradient: the indices of an embedding.
    const floats = inputs.filter(({ dtype }) => dtype === 'float32');
    const gradients = grad(([given]: readonly [readonly Tensor[], readonly Variable[]]) => {
      const rest = [...given];
      const output = call(inputs.map((x) => (x.dtype === 'float32' ? rest.shift()! : x)));
      return sum(multiply(output, tensor(arrays['cotangent.0']!)));
    })([floats, layer.trainableWeights]);
    const [ofInputs, ofWeights] = gradients as unknown as readonly [readonly Tensor[], readonly Tensor[]];
    inputs.forEach(({ dtype }, i) => {
      if (dtype === 'float32')
        pairs[`grad_input.${i}`] = [ofInputs[floats.indexOf(inputs[i]!)]!, arrays[`grad_input.${i}`]!];
    });
    layer.trainableWeights.forEach(
      (_, i) => (pairs[`grad_weight.${i}`] = [ofWeights[i]!, arrays[`grad_weight.${i}`]!]),
    );
  }
  layer.setWeights([...numbered(arrays, 'weight'), ...state]);
  pairs.output = [call(inputs), arrays['output.0']!];
  layer.nonTrainableWeights.forEach((variable, i) => {
    pairs[`state_after.${i}`] = [variable.value, arrays[`state_after.${i}`] ?? state[i]!];
  });
  expect(await differences(pairs, entry.tol)).toEqual({});
  expect(layer.getConfig()).toEqual(entry.config);
  expect(layer.countParams()).toBe(entry.count_params);
  expect([layer.outputShape(onlyOne(shapes, isList) as PartialShape)]).toEqual(entry.symbolic_output_shape);
}

describe.each([...new Set(cases.map((entry) => entry.class))])('%s', (name) => {
  test.each(cases.filter((entry) => entry.class === name).map((entry) => [entry.id, entry] as const))(
    '%s',
    (_id, entry) => check(entry),
  );
});
