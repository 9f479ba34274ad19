/** Layers around a layer: Bidirectional walks sequences both ways, TimeDistributed goes through their steps. */
import { ShapeError, ValueError, add, concatenate, describe, divide, flip, multiply, reshape } from '@antler/core';
import type { Tensor } from '@antler/core';
import { type CallContext, Layer, type LayerConfig, type LayerOptions, type Mask } from '../layer.js';
import { firstMask } from '../masks.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type AnyLayer, type ShapesOf, type Tensors, asList, isShapeList } from '../symbolic.js';
import type { Recurrent } from './recurrent.js';

/** How the two outputs of a {@link Bidirectional} become one; null keeps both. */
export type MergeMode = 'concat' | 'sum' | 'ave' | 'mul' | null;

/** Options of {@link Bidirectional}. */
export interface BidirectionalOptions extends LayerOptions {
  /** What is done both ways: an LSTM, a GRU, a SimpleRNN. The wrapper uses two layers like it. */
  readonly layer: Recurrent<Tensors, Tensors>;
  /** Default concat. */
  readonly mergeMode?: MergeMode;
}

const merges: { readonly [M in Exclude<MergeMode, null>]: (a: Tensor, b: Tensor) => Tensor } = {
  concat: (a, b) => concatenate([a, b], -1),
  sum: (a, b) => add(a, b),
  ave: (a, b) => divide(add(a, b), 2),
  mul: (a, b) => multiply(a, b),
};

/**
 * A recurrent layer from the first step to the last and another from the last to the first (Schuster & Paliwal, 1997). Initial
 * states beside the sequence are those of the first layer, then those of the second; so are the last states that it gives.
 *
 * @example
 * layers.bidirectional({ layer: layers.lstm({ units: 32, returnSequences: true }) }); // [batch, steps, 64]
 */
export class Bidirectional<X extends Tensors = Tensor, Y extends Tensors = Tensor> extends Layer<X, Y> {
  static readonly className: string = 'Bidirectional';
  readonly mergeMode: MergeMode;
  readonly forwardLayer: Recurrent<Tensors, Tensors>;
  readonly backwardLayer: Recurrent<Tensors, Tensors>;

  constructor(options: BidirectionalOptions) {
    super(options);
    const { mergeMode = 'concat' } = options;
    if (mergeMode !== null && !Object.hasOwn(merges, mergeMode)) {
      const expected = `${Object.keys(merges).join(', ')} or null`;
      throw new ValueError(describe('bidirectional: mergeMode', expected, JSON.stringify(mergeMode)));
    }
    this.mergeMode = mergeMode;
    const { layer } = options;
    // Outputs of hidden steps are zeros, so that both ways have them at the same places.
    const both = { zeroOutputForMask: layer.returnSequences };
    this.forwardLayer = layer.variant({ ...both, name: `forward_${layer.name}` });
    this.backwardLayer = layer.variant({ ...both, name: `backward_${layer.name}`, goBackwards: !layer.goBackwards });
  }

  override build(inputShape: ShapesOf<X>): void {
    const shape = isShapeList(inputShape) ? inputShape[0]! : inputShape;
    for (const layer of [this.forwardLayer, this.backwardLayer]) layer.ensureBuilt(shape);
  }

  call(x: X, { training, mask }: CallContext): Y {
    const [sequence, ...states] = asList<Tensor>(x) as readonly [Tensor, ...Tensor[]];
    const half = states.length / 2;
    const context = { training, mask: firstMask(mask) };
    const walk = (layer: Recurrent<Tensors, Tensors>, own: readonly Tensor[]): readonly Tensor[] =>
      asList<Tensor>(layer.apply(own.length === 0 ? sequence : [sequence, ...own], context));
    const [there, ...first] = walk(this.forwardLayer, states.slice(0, half)) as [Tensor, ...Tensor[]];
    const [back, ...second] = walk(this.backwardLayer, states.slice(half)) as [Tensor, ...Tensor[]];
    const aligned = this.forwardLayer.returnSequences ? flip(back, 1) : back;
    const outputs = this.mergeMode === null ? [there, aligned] : [merges[this.mergeMode](there, aligned)];
    const all = [...outputs, ...first, ...second];
    return (all.length === 1 ? all[0] : all) as Y;
  }

  override computeMask(_x: X, mask: Mask | undefined): Tensor | undefined {
    return this.forwardLayer.returnSequences ? firstMask(mask) : undefined;
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      merge_mode: this.mergeMode,
      layer: wrappedConfig(this.forwardLayer),
      backward_layer: wrappedConfig(this.backwardLayer),
    };
  }
}

/** Options of {@link TimeDistributed}. */
export interface TimeDistributedOptions extends LayerOptions {
  /** Applied to each step. */
  readonly layer: Layer;
}

/**
 * A layer applied to every step of sequences [batch, steps, …] with the same weights.
 *
 * @example
 * layers.timeDistributed({ layer: layers.conv2D({ filters: 8, kernelSize: 3 }) }); // frames of films
 */
export class TimeDistributed extends Layer {
  static readonly className: string = 'TimeDistributed';
  protected override readonly passesMask = true;
  readonly layer: Layer;

  constructor(options: TimeDistributedOptions) {
    super(options);
    this.layer = options.layer;
  }

  override build(inputShape: PartialShape): void {
    if (inputShape.length < 3) {
      const expected = 'sequences [batch, steps, …]';
      throw new ShapeError(describe(`timeDistributed: ${this.name}`, expected, showPartialShape(inputShape)));
    }
    this.layer.ensureBuilt([null, ...inputShape.slice(2)]);
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    const [batch, steps, ...row] = x.shape as [number, number, ...number[]];
    const y = this.layer.apply(reshape(x, [batch * steps, ...row]), { training });
    return reshape(y, [batch, steps, ...y.shape.slice(1)]);
  }

  override outputShape([batch = null, steps = null, ...row]: PartialShape): PartialShape {
    return [batch, steps, ...this.layer.outputShape([null, ...row]).slice(1)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), layer: wrappedConfig(this.layer) };
  }
}

function wrappedConfig(layer: AnyLayer): LayerConfig {
  const { className, inputShape } = layer;
  return {
    module: 'keras.layers',
    class_name: className,
    config: layer.getConfig(),
    registered_name: null,
    ...(inputShape !== undefined && { build_config: { input_shape: inputShape } }),
  };
}
