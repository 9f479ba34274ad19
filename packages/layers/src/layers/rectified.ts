/** ReLU and Softmax: activations with options, as layers. */
import {
  ValueError,
  clip,
  describe,
  greater,
  greaterEqual,
  minimum,
  multiply,
  relu,
  softmax,
  subtract,
  where,
} from '@antler/core';
import type { Tensor } from '@antler/core';
import { type CallContext, Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { firstMask } from '../masks.js';
import type { PartialShape } from '../partialShape.js';

/** Options of {@link ReLU}. */
export interface ReLUOptions extends LayerOptions {
  /** Upper bound of the output; null for none, the default. */
  readonly maxValue?: number | null;
  /** Slope below the threshold. Default 0. */
  readonly negativeSlope?: number;
  /** Where the output starts to follow the input. Default 0. */
  readonly threshold?: number;
}

/** x where x ≥ threshold, at most maxValue; negativeSlope · (x − threshold) below. */
export class ReLU extends Layer {
  static readonly className: string = 'ReLU';
  protected override readonly passesMask = true;
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;

  constructor(options: ReLUOptions = {}) {
    super(options);
    this.maxValue = options.maxValue ?? null;
    this.negativeSlope = options.negativeSlope ?? 0;
    this.threshold = options.threshold ?? 0;
    for (const [name, value] of Object.entries({ maxValue: this.maxValue ?? 0, negativeSlope: this.negativeSlope })) {
      if (!(value >= 0)) throw new ValueError(describe(`reLU: ${name}`, 'a number >= 0', String(value)));
    }
  }

  call(x: Tensor): Tensor {
    const { maxValue, negativeSlope, threshold } = this;
    if (negativeSlope === 0 && threshold === 0) return maxValue === null ? relu(x) : clip(x, 0, maxValue);
    const follows = threshold === 0 ? greater(x, 0) : greaterEqual(x, threshold);
    const above = maxValue === null ? x : minimum(x, maxValue);
    return where(follows, above, multiply(subtract(x, threshold), negativeSlope));
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    const { maxValue, negativeSlope, threshold } = this;
    return { ...super.getConfig(), max_value: maxValue, negative_slope: negativeSlope, threshold };
  }
}

/** Options of {@link Softmax}. */
export interface SoftmaxOptions extends LayerOptions {
  /** The axis along which probabilities sum to 1. Default −1. */
  readonly axis?: number;
}

/** exp(x) over its sum along an axis. */
export class Softmax extends Layer {
  static readonly className: string = 'Softmax';
  protected override readonly passesMask = true;
  readonly axis: number;

  constructor(options: SoftmaxOptions = {}) {
    super(options);
    this.axis = options.axis ?? -1;
  }

  /** Where a mask of the input's shape is false, the probability is 0; in a row that it hides whole, all are equal. */
  call(x: Tensor, { mask }: CallContext): Tensor {
    const seen = firstMask(mask);
    if (seen === undefined) return softmax(x, this.axis);
    return softmax(where(seen, x, -1e9), this.axis);
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis };
  }
}
