/** Layers against Keras: outputs, gradients, state, shapes, counts and configurations, of every case whose class is here. */
import { describe, expect, test } from '@jest/globals';
import { type HostArray, type Tensor, type Variable, grad, multiply, sum, tensor } from '@antler/core';
import * as all from '@antler/layers';
import type { AnyLayer, PartialShape, Tensors } from '@antler/layers';
import { type GoldenCase, goldenArrays, goldenCases, goldenKinds } from '../golden/keras.js';
import { camelCased, differences, numbered } from './setup.js';

type Class = new (options: never) => AnyLayer;

const classes = Object.fromEntries(
  Object.entries(all).filter(([, value]) => typeof value === 'function' && value.prototype instanceof all.Layer),
) as unknown as Readonly<Record<string, Class>>;

/** Cases of present classes that wait, and for what. */
const later: Readonly<Record<string, string>> = {};

/** Classes that wait, and for what, so that a name that is neither here nor there fails. */
const absent: Readonly<Record<string, string>> = {
  ReversibleEmbedding: 'a layer that runs both ways',
  EinsumDense: 'shapes of weights out of equations',
  ActivityRegularization: 'penalties on what layers give',
  Dot: 'products along chosen axes of two inputs',
  AdaptiveMaxPooling1D: 'windows of unequal sizes',
  AdaptiveMaxPooling2D: 'windows of unequal sizes',
  AdaptiveMaxPooling3D: 'windows of unequal sizes',
  AdaptiveAveragePooling1D: 'windows of unequal sizes',
  AdaptiveAveragePooling2D: 'windows of unequal sizes',
  SpectralNormalization: 'a wrapper that changes the weights of another layer',
  Normalization: 'statistics of a data set (adapt)',
  SimpleRNNCell: 'cells as layers',
  GRUCell: 'cells as layers',
  RNN: 'cells as layers',
  ConvLSTM2D: 'a recurrence over images',
  Attention: 'scores without heads; MultiHeadAttention is here',
  GroupQueryAttention: 'heads that share keys',
  CategoryEncoding: 'preprocessing',
  Discretization: 'preprocessing',
  Resizing: 'preprocessing; image.resize of core is here',
  CenterCrop: 'preprocessing',
  RandomRotation: 'preprocessing',
};

const cases = goldenCases('layers').filter(
  ({ id, class: name }) => absent[name] === undefined && later[id] === undefined,
);

test('what waits is there, and nothing waits that is here', () => {
  const ids = new Set(goldenCases('layers').map(({ id }) => id));
  expect(Object.keys(later).filter((id) => !ids.has(id))).toEqual([]);
  const names = new Set(goldenCases('layers').map((entry) => entry.class));
  expect(Object.keys(absent).filter((name) => classes[name] !== undefined || !names.has(name))).toEqual([]);
  expect(cases.filter(({ class: name }) => classes[name] === undefined).map(({ id }) => id)).toEqual([]);
});

test('every kind of Keras’s cases is compared somewhere, or waits for something', () => {
  /** Kinds and the test that compares them; in brackets what is not there yet. */
  const kinds = {
    layers: 'test/layers/golden',
    activations: 'test/layers/layers',
    losses: 'test/layers/losses',
    metrics: 'test/layers/metrics',
    optimizers: 'test/layers/optimizers',
    schedules: 'test/layers/optimizers',
    initializers: 'test/layers/initializers',
    regularizers: 'test/layers/optimizers',
    constraints: '(what keeps weights in a set after each step: layers take none)',
    ops: 'test/golden/ops',
    utils: 'packages/layers/test/progress and dataAdapter (preprocessing of text and labels)',
    properties: '(statistics of draws, which have laws of their own in test/layers/wrappers)',
    traces: 'test/layers/traces',
  };
  expect(Object.keys(kinds)).toEqual(goldenKinds());
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

interface Saved {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The layer of a case: from what was passed to it; around the saved layer for wrappers. */
function make({ class: name, kwargs, config }: GoldenCase): AnyLayer {
  if ((kwargs as unknown) !== null) return new classes[name]!(camelCased<never>({ ...kwargs, name: 'l' }));
  const { class_name: inner, config: saved } = config.layer as Saved;
  const plain = Object.entries(saved).filter(([key, value]) => !/dtype|initializer/.test(key) && value !== null);
  const options = camelCased<{ name: string }>(Object.fromEntries(plain));
  const layer = new classes[inner]!({ ...options, name: options.name.replace('forward_', '') } as never);
  return new classes[name]!({ layer, mergeMode: config.merge_mode, name: 'l' } as never);
}

/** Keras notes the batch that a wrapped layer was built for. */
function withUnknownBatch(config: object): unknown {
  return JSON.parse(JSON.stringify(config).replaceAll(/"input_shape":\[\d+/g, '"input_shape":[null'));
}

async function check(entry: GoldenCase): Promise<void> {
  const arrays = goldenArrays(entry);
  const states = numbered(arrays, 'call.initial_state');
  const inputs = [...numbered(arrays, 'input'), ...states].map((array) => tensor(array));
  const isList = entry.inputs_as_list === true || inputs.length > 1;
  const layer = make(entry);
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
  expect(withUnknownBatch(layer.getConfig())).toEqual(withUnknownBatch(entry.config));
  expect(layer.countParams()).toBe(entry.count_params);
  const paths = [...(entry.weights as Weight[]), ...(entry.state as Weight[])].map(({ path }) => path);
  // Names of weights begin with the layer that made them; Keras puts the wrapper before it.
  const isWrapper = (entry.kwargs as unknown) === null;
  expect(layer.weights.map(({ name }) => name)).toEqual(paths.map((path) => (isWrapper ? path.slice(2) : path)));
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
