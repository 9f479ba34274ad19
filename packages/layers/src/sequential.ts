/** Sequential: a model that is a row of layers, each applied to what the one before gives. */
import { type Tensor, ValueError, describe } from '@antler/core';
import { type CallContext, Layer, type LayerConfig, type LayerOptions } from './layer.js';
import { InputLayer } from './layers/inputLayer.js';
import { Model } from './model.js';
import type { PartialShape } from './partialShape.js';
import { type AnyLayer, SymbolicTensor } from './symbolic.js';

/**
 * A row of layers. With `input` as its first entry it has its weights at once; without, when it sees the first data.
 *
 * @example
 * const model = sequential([
 *   input({ shape: [28, 28] }),
 *   layers.flatten(),
 *   layers.dense({ units: 128, activation: 'relu' }),
 *   layers.dense({ units: 10, activation: 'softmax' }),
 * ]);
 * model.summary();
 */
export class Sequential extends Model {
  static override readonly className: string = 'Sequential';
  readonly #row: Layer[] = [];

  constructor(layers: readonly (Layer | SymbolicTensor)[] = [], options: LayerOptions = {}) {
    super(options);
    for (const layer of layers) this.add(layer);
  }

  /** Puts a layer at the end. */
  add(entry: Layer | SymbolicTensor): void {
    const layer = entry instanceof SymbolicTensor ? (entry.origin.layer as Layer) : entry;
    if (entry instanceof SymbolicTensor && !(layer instanceof InputLayer)) {
      throw new ValueError(describe('sequential', 'layers', `the output of ${layer.name}`, 'Pass the layer itself.'));
    }
    if (!(layer instanceof Layer)) throw new ValueError(describe('sequential', 'layers', String(layer)));
    if (this.#row.some(({ name }) => name === layer.name)) {
      throw new ValueError(describe('sequential', 'layers of different names', `${JSON.stringify(layer.name)} twice`));
    }
    if (layer instanceof InputLayer && this.#row.length > 0) {
      throw new ValueError(describe('sequential', 'an input as the first entry only', `one at ${this.#row.length}`));
    }
    if (this.inputShape !== undefined) layer.ensureBuilt(this.outputShape(this.inputShape));
    this.#row.push(layer);
    if (layer instanceof InputLayer) this.ensureBuilt(layer.batchShape);
  }

  /** Takes the last layer away. */
  pop(): Layer | undefined {
    return this.#row.pop();
  }

  /** The layers, the input left out as in Keras. */
  override get layers(): readonly AnyLayer[] {
    return this.parts.filter((layer) => !(layer instanceof InputLayer));
  }

  protected override get parts(): readonly AnyLayer[] {
    return this.#row;
  }

  override build(inputShape: PartialShape): void {
    let shape = inputShape;
    for (const layer of this.#row) {
      layer.ensureBuilt(shape);
      shape = layer.outputShape(shape);
    }
  }

  call(x: Tensor, context: CallContext): Tensor {
    const { training } = context;
    return this.#row.reduce((value, layer, i) => layer.apply(value, i === 0 ? context : { training }), x);
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return this.#row.reduce((shape, layer) => layer.outputShape(shape), inputShape);
  }

  override getConfig(): LayerConfig {
    const layers = this.#row.map((layer) => ({
      module: 'keras.layers',
      class_name: layer.className,
      config: layer.getConfig(),
      registered_name: null,
      ...(layer instanceof InputLayer ? {} : { build_config: { input_shape: layer.inputShape ?? null } }),
    }));
    return { ...super.getConfig(), layers, build_input_shape: this.inputShape ?? null };
  }
}

/** A model that is a row of layers; see {@link Sequential}. */
export function sequential(layers: readonly (Layer | SymbolicTensor)[] = [], options: LayerOptions = {}): Sequential {
  return new Sequential(layers, options);
}
