/** Layers against Keras: outputs, gradients, state, shapes, counts and configurations, of every case whose class is here. */
import { describe, expect, test } from '@jest/globals';
import { type HostArray, type Tensor, type Variable, grad, multiply, sum, tensor } from '@antler/core';
import * as all from '@antler/layers';
import type { AnyLayer, PartialShape, Tensors } from '@antler/layers';
import { type GoldenCase, goldenArrays, goldenCases } from '../golden/keras.js';
import { camelCased, differences, numbered } from './setup.js';

type Class = new (options: never) => AnyLayer;

const classes = Object.fromEntries(
  Object.entries(all).filter(([, value]) => typeof value === 'function' && value.prototype instanceof all.Layer),
) as unknown as Readonly<Record<string, Class>>;

/** Cases of present classes that wait, and for what. */
const later: Readonly<Record<string, string>> = {};

/** Classes that wait for later work, so that a name that is neither here nor there fails. */
const absent = new Set(
  (
    'Permute Identity Rescaling ReversibleEmbedding Masking EinsumDense ActivityRegularization LeakyReLU PReLU ELU Dot ' +
    'Conv1DTranspose Conv2DTranspose Conv3DTranspose DepthwiseConv1D DepthwiseConv2D ' +
    'SeparableConv1D SeparableConv2D ' +
    '' +
    'AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D AdaptiveAveragePooling1D ' +
    'AdaptiveAveragePooling2D ZeroPadding1D ZeroPadding2D ZeroPadding3D UpSampling1D UpSampling2D ' +
    'UnitNormalization SpectralNormalization Normalization SpatialDropout2D GaussianDropout AlphaDropout ' +
    'SimpleRNNCell Bidirectional GRUCell RNN TimeDistributed ConvLSTM2D Attention ' +
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

const asList = (y: Tensors): readonly Tensor[] => (Array.isArray(y) ? (y as readonly Tensor[]) : [y as Tensor]);

const onlyOne = <T>(list: readonly T[], isList: boolean): T | readonly T[] => (isList ? list : list[0]!);

/** Output shapes that Keras states wrongly: it takes the length of the query for that of the keys. */
const shapesNotCompared = new Set(['MultiHeadAttention.valuedim_outshape']);

/** What a call was told: masks and switches. States of a recurrent layer are further inputs. */
function contextOf(entry: GoldenCase, arrays: Readonly<Record<string, HostArray>>): object {
  const given = (name: string): Tensor | undefined => {
    const array = arrays[`call.${name}.0`];
    return array && tensor(array);
  };
  const several = ['query_mask', 'value_mask', 'key_mask'].map(given);
  const mask = given('mask') ?? (several.some((one) => one !== undefined) ? several : undefined);
  return {
    training: entry.training === true,
    ...camelCased<object>(entry.call as Readonly<Record<string, unknown>>),
    mask,
  };
}

async function check(entry: GoldenCase): Promise<void> {
  const arrays = goldenArrays(entry);
  const states = numbered(arrays, 'call.initial_state');
  const inputs = [...numbered(arrays, 'input'), ...states].map((array) => tensor(array));
  const isList = entry.inputs_as_list === true || inputs.length > 1;
  const layer = new classes[entry.class]!(camelCased<never>({ ...entry.kwargs, name: 'l' }));
  const shapes: PartialShape[] = inputs.map(({ shape }) => [null, ...shape.slice(1)]);
  const context = contextOf(entry, arrays);
  layer.ensureBuilt(onlyOne(shapes, isList));
  const state = numbered(arrays, 'state');
  layer.setWeights([...numbered(arrays, 'weight'), ...state]);
  const call = (xs: readonly Tensor[]): readonly Tensor[] => asList(layer.apply(onlyOne(xs, isList), context));
  const pairs: Record<string, readonly [Tensor, HostArray]> = {};
  if (entry.grad === true) {
    // Whole numbers have no gradient: the indices of an embedding.
    const floats = inputs.filter(({ dtype }) => dtype === 'float32');
    const gradients = grad(([given]: readonly [readonly Tensor[], readonly Variable[]]) => {
      const rest = [...given];
      const outputs = call(inputs.map((x) => (x.dtype === 'float32' ? rest.shift()! : x)));
      return outputs
        .map((output, i) => sum(multiply(output, tensor(arrays[`cotangent.${i}`]!))))
        .reduce((a, b) => a.add(b));
    })([floats, layer.trainableWeights]);
    const [ofInputs, ofWeights] = gradients as unknown as readonly [readonly Tensor[], readonly Tensor[]];
    inputs.forEach((x, i) => {
      const expected = arrays[`grad_input.${i}`];
      if (x.dtype === 'float32' && expected !== undefined) {
        pairs[`grad_input.${i}`] = [ofInputs[floats.indexOf(x)]!, expected];
      }
    });
    layer.trainableWeights.forEach(
      (_, i) => (pairs[`grad_weight.${i}`] = [ofWeights[i]!, arrays[`grad_weight.${i}`]!]),
    );
  }
  layer.setWeights([...numbered(arrays, 'weight'), ...state]);
  const outputs = call(inputs);
  expect(outputs.length).toBe((entry.outputs as unknown[]).length);
  outputs.forEach((output, i) => (pairs[`output.${i}`] = [output, arrays[`output.${i}`]!]));
  layer.nonTrainableWeights.forEach((variable, i) => {
    pairs[`state_after.${i}`] = [variable.value, arrays[`state_after.${i}`] ?? state[i]!];
  });
  expect(await differences(pairs, entry.tol)).toEqual({});
  expect(layer.getConfig()).toEqual(entry.config);
  expect(layer.countParams()).toBe(entry.count_params);
  const paths = [...(entry.weights as Weight[]), ...(entry.state as Weight[])].map(({ path }) => path);
  expect(layer.weights.map(({ name }) => name)).toEqual(paths);
  // Keras states no shapes of calls with masks.
  const stated = entry.symbolic_output_shape as unknown[] | null;
  if (stated === null || shapesNotCompared.has(entry.id)) return;
  const shape = layer.outputShape(onlyOne(shapes, isList));
  expect(outputs.length > 1 ? shape : [shape]).toEqual(stated);
}

interface Weight {
  readonly path: string;
}

describe.each([...new Set(cases.map((entry) => entry.class))])('%s', (name) => {
  test.each(cases.filter((entry) => entry.class === name).map((entry) => [entry.id, entry] as const))(
    '%s',
    (_id, entry) => check(entry),
  );
});
