/** Functional models: a graph of layers, given by its inputs and its outputs. Layers may be shared, models may be layers. */
import { type Tensor, ValueError, describe } from '@antler/core';
import type { CallContext, LayerConfig } from './layer.js';
import { InputLayer } from './layers/inputLayer.js';
import { Model } from './model.js';
import { underscored } from './names.js';
import { sameShapes } from './partialShape.js';
import type { SummaryContent } from './summary.js';
import { sortCalls } from './topology.js';
import {
  type AnyLayer,
  type ShapesOf,
  type SymbolicCall,
  type SymbolicTensor,
  type Symbols,
  type Tensors,
  type TensorsOf,
  asList,
  mapEach,
} from './symbolic.js';

/** What a functional model is made of. */
export interface ModelOptions<I extends Symbols, O extends Symbols> {
  /** What `input` gave, one or several. */
  readonly inputs: I;
  /** What layers gave when they were applied to these inputs, or to each other's results. */
  readonly outputs: O;
  readonly name?: string;
  readonly trainable?: boolean;
}

/** A model whose layers form a graph; see {@link model}. */
export class Functional<X extends Tensors = Tensor, Y extends Tensors = Tensor> extends Model<X, Y> {
  static override readonly className: string = 'Functional';
  readonly #inputs: Symbols;
  readonly #outputs: Symbols;
  /** In an order in which each comes after those it depends on. */
  readonly #calls: readonly SymbolicCall[];
  readonly #layers: readonly AnyLayer[];

  constructor({ inputs, outputs, ...options }: ModelOptions<Symbols, Symbols>) {
    super(options);
    this.#inputs = inputs;
    this.#outputs = outputs;
    for (const { origin } of asList(inputs)) {
      if (origin.layer instanceof InputLayer) continue;
      throw new ValueError(describe('model: inputs', 'what input() gives', `an output of ${origin.layer.name}`));
    }
    const { calls, layers } = sortCalls(asList(outputs));
    const given = new Set(asList(inputs).map(({ origin }) => origin));
    const missing = calls.find((call) => call.layer instanceof InputLayer && !given.has(call));
    if (missing !== undefined) {
      throw new ValueError(
        describe('model: inputs', 'every input that the outputs depend on', `none for ${missing.layer.name}`),
      );
    }
    const twice = layers.find(({ name }, i) => layers.findIndex((layer) => layer.name === name) < i);
    if (twice !== undefined) {
      throw new ValueError(describe('model', 'layers of different names', `${JSON.stringify(twice.name)} twice`));
    }
    this.#calls = calls;
    const unused = asList(inputs).flatMap(({ origin }) => (layers.includes(origin.layer) ? [] : [origin.layer]));
    this.#layers = [...layers, ...unused];
    this.ensureBuilt(mapEach(inputs, ({ shape }) => shape) as ShapesOf<X>);
  }

  override get inputNames(): readonly string[] {
    return asList(this.#inputs).map(({ origin }) => origin.layer.name);
  }

  override get outputNames(): readonly string[] {
    return asList(this.#outputs).map(({ origin }) => origin.layer.name);
  }

  /** All layers, those farthest from the outputs first; inputs are layers here, as in Keras. */
  override get layers(): readonly AnyLayer[] {
    return this.#layers;
  }

  protected override get parts(): readonly AnyLayer[] {
    return this.#layers;
  }

  call(x: X, { training }: CallContext): Y {
    const given = asList<Tensor>(x);
    const names = this.inputNames;
    if (given.length !== names.length) {
      throw new ValueError(describe(this.name, `${names.length} inputs (${names.join(', ')})`, String(given.length)));
    }
    const values = new Map<SymbolicCall, Tensors>(
      asList(this.#inputs).map(({ origin }, i) => [origin, origin.layer.apply(given[i]!)]),
    );
    const valueOf = ({ origin, output }: SymbolicTensor): Tensor => asList<Tensor>(values.get(origin)!)[output]!;
    for (const call of this.#calls) {
      if (!values.has(call))
        values.set(call, call.layer.apply(mapEach(call.inputs, valueOf), { training, ...call.context }));
    }
    return mapEach(this.#outputs, valueOf) as Y;
  }

  override outputShape(inputShape: ShapesOf<X>): ShapesOf<Y> {
    const known = this.inputShape !== undefined && sameShapes(this.inputShape, inputShape);
    return known ? (mapEach(this.#outputs, ({ shape }) => shape) as ShapesOf<Y>) : super.outputShape(inputShape);
  }

  protected override summaryContent(): SummaryContent {
    const isRow =
      this.#layers.length === this.#calls.length && this.#calls.every((call) => asList(call.inputs).length < 2);
    const isLine = isRow && new Set(this.#calls.map((call) => asList(call.inputs)[0])).size === this.#calls.length;
    const rows = this.#layers.map((layer) => {
      const calls = this.#calls.filter((call) => call.layer === layer);
      const connections = calls.flatMap(({ inputs }) => asList(inputs).map(String));
      return {
        layer,
        outputShape: layer.inputShape === undefined ? undefined : layer.outputShape(layer.inputShape),
        connections: connections.length === 0 ? '-' : connections.join(', '),
      };
    });
    return { ...super.summaryContent(), rows: isLine ? rows.map(({ connections: _, ...row }) => row) : rows };
  }

  override getConfig(): LayerConfig {
    const place = ({ origin, output }: SymbolicTensor): unknown[] => [origin.layer.name, origin.index, output];
    const layers = this.#layers.map((layer) => ({
      module: 'keras.layers',
      class_name: layer.className,
      config: layer.getConfig(),
      registered_name: null,
      ...(layer.weights.length > 0 && { build_config: { input_shape: layer.inputShape ?? null } }),
      name: layer.name,
      inbound_nodes: this.#calls
        .filter((call) => call.layer === layer && !(layer instanceof InputLayer))
        .map(({ inputs, context }) => ({
          args: [mapEach(inputs, (symbol) => symbolConfig(symbol, place(symbol)))],
          kwargs: Object.fromEntries(Object.entries(context).map(([key, value]) => [underscored(key), value])),
        })),
    }));
    const { name, trainable } = this;
    return {
      name,
      trainable,
      layers,
      input_layers: mapEach(this.#inputs, place),
      output_layers: mapEach(this.#outputs, place),
    };
  }
}

function symbolConfig({ shape, origin }: SymbolicTensor, place: readonly unknown[]): LayerConfig {
  const dtype = origin.layer instanceof InputLayer ? origin.layer.inputDType : origin.layer.dtype;
  return { class_name: '__keras_tensor__', config: { shape, dtype, keras_history: place } };
}

/**
 * A model given by its inputs and outputs.
 *
 * @example
 * const image = input({ shape: [28, 28, 1] });
 * const features = layers.flatten().apply(image);
 * const hidden = layers.dense({ units: 784, activation: 'relu' }).apply(features);
 * const digits = layers.dense({ units: 10, name: 'digit' }).apply(layers.add().apply([features, hidden]));
 * const classifier = model({ inputs: image, outputs: digits });
 */
export function model<I extends Symbols, O extends Symbols>(
  options: ModelOptions<I, O>,
): Functional<TensorsOf<I>, TensorsOf<O>> {
  return new Functional<TensorsOf<I>, TensorsOf<O>>(options);
}
