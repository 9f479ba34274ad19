/** Activation: a function of each output as a layer of its own. */
import type { Tensor } from '@antler/core';
import {
  type Activation as ActivationFunction,
  type ActivationName,
  activationName,
  resolveActivation,
} from '../activations.js';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import type { PartialShape } from '../partialShape.js';

/** Options of {@link Activation}. */
export interface ActivationOptions extends LayerOptions {
  readonly activation: ActivationName | (string & {}) | ActivationFunction;
}

/**
 * Applies a function and keeps the shape.
 *
 * @example
 * sequential([dense({ units: 10 }), activation({ activation: 'softmax' })]);
 */
export class Activation extends Layer {
  static readonly className: string = 'Activation';
  protected override readonly passesMask = true;
  readonly activation: ActivationFunction;

  constructor(options: ActivationOptions) {
    super(options);
    this.activation = resolveActivation('activation: activation', options.activation);
  }

  call(x: Tensor): Tensor {
    return this.activation(x);
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), activation: activationName(this.activation) };
  }
}
