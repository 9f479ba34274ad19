/** Dropout: in training, some of the inputs are zero, others each time. */
import { type Generator, ValueError, describe, type Tensor } from '@antler/core';
import * as random from '@antler/core/random';
import { type CallContext, Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import type { PartialShape } from '../partialShape.js';

/** Options of {@link Dropout}. */
export interface DropoutOptions extends LayerOptions {
  /** Part of the inputs to drop, in [0, 1]. */
  readonly rate: number;
  /** With a seed the layer has a generator of its own; without one it draws from the default generator. */
  readonly seed?: number;
}

/**
 * Sets a part `rate` of the inputs to zero and divides the rest by 1 − rate, so that the expected sum stays; does nothing
 * outside of training.
 *
 * @example
 * sequential([dense({ units: 128, activation: 'relu' }), dropout({ rate: 0.2 }), dense({ units: 10 })]);
 */
export class Dropout extends Layer {
  static readonly className: string = 'Dropout';
  protected override readonly passesMask = true;
  readonly rate: number;
  readonly seed: number | undefined;
  readonly #generator: Generator | undefined;

  constructor(options: DropoutOptions) {
    super(options);
    const { rate, seed } = options;
    if (!(rate >= 0 && rate <= 1)) throw new ValueError(describe('dropout: rate', 'a number in [0, 1]', String(rate)));
    this.rate = rate;
    this.seed = seed;
    this.#generator = seed === undefined ? undefined : this.addGenerator(seed);
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    if (!training || this.rate === 0) return x;
    return random.dropout(x, this.rate, this.#generator === undefined ? {} : { key: this.#generator });
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed ?? null, noise_shape: null };
  }
}
