/** Noise in training: whole channels dropped, or random numbers added or multiplied. */
import { type Generator, ValueError, add, cast, describe, greaterEqual, multiply, ones } from '@antler/core';
import { where, type Tensor } from '@antler/core';
import * as random from '@antler/core/random';
import { type CallContext, Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import type { PartialShape } from '../partialShape.js';
import { type DataFormat, oneOf } from './spatial.js';

/** Options of the noises. */
export interface NoiseOptions extends LayerOptions {
  /** With a seed the layer has a generator of its own; without one it draws from the default generator. */
  readonly seed?: number;
}

/** Base: leaves the input alone outside of training. */
abstract class Noise extends Layer {
  protected override readonly passesMask = true;
  readonly seed: number | undefined;
  readonly #generator: Generator | undefined;

  constructor(options: NoiseOptions) {
    super(options);
    this.seed = options.seed;
    this.#generator = this.seed === undefined ? undefined : this.addGenerator(this.seed);
  }

  protected abstract disturb(x: Tensor, source: { readonly key?: Generator }): Tensor;

  call(x: Tensor, { training }: CallContext): Tensor {
    return training ? this.disturb(x, this.#generator === undefined ? {} : { key: this.#generator }) : x;
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), seed: this.seed ?? null };
  }
}

/** Options of the noises with a rate. */
export interface RateOptions extends NoiseOptions {
  /** Part of the inputs that is disturbed, in [0, 1). */
  readonly rate: number;
}

abstract class RateNoise extends Noise {
  readonly rate: number;

  constructor(where: string, options: RateOptions) {
    super(options);
    const { rate } = options;
    if (!(rate >= 0 && rate < 1)) throw new ValueError(describe(`${where}: rate`, 'a number in [0, 1)', String(rate)));
    this.rate = rate;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/** Options of the dropouts of whole channels. */
export interface SpatialDropoutOptions extends RateOptions {
  /** Default channels_last. */
  readonly dataFormat?: DataFormat;
}

abstract class SpatialDropout extends RateNoise {
  readonly dataFormat: DataFormat;

  constructor(where: string, options: SpatialDropoutOptions) {
    super(where, options);
    this.dataFormat = oneOf(`${where}: dataFormat`, options.dataFormat ?? 'channels_last', [
      'channels_last',
      'channels_first',
    ]);
  }

  protected disturb(x: Tensor, source: { readonly key?: Generator }): Tensor {
    const channel = this.dataFormat === 'channels_last' ? x.rank - 1 : 1;
    const shape = x.shape.map((size, axis) => (axis === 0 || axis === channel ? size : 1));
    return multiply(x, random.dropout(ones(shape, { dtype: x.dtype }), this.rate, source));
  }

  /** Keras leaves out whether it is trainable, and writes the dtype as a word. */
  override getConfig(): LayerConfig {
    const { name, dtype, rate, seed = null } = this;
    return { name, dtype, rate, seed };
  }
}

/** {@link Dropout} of whole channels of sequences [batch, steps, channels]. */
export class SpatialDropout1D extends SpatialDropout {
  static readonly className: string = 'SpatialDropout1D';

  constructor(options: Omit<SpatialDropoutOptions, 'dataFormat'>) {
    super('spatialDropout1D', options);
  }
}

/** {@link Dropout} of whole channels of images [batch, height, width, channels]. */
export class SpatialDropout2D extends SpatialDropout {
  static readonly className: string = 'SpatialDropout2D';

  constructor(options: SpatialDropoutOptions) {
    super('spatialDropout2D', options);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), data_format: this.dataFormat };
  }
}

/** {@link Dropout} of whole channels of volumes [batch, depth, height, width, channels]. */
export class SpatialDropout3D extends SpatialDropout {
  static readonly className: string = 'SpatialDropout3D';

  constructor(options: SpatialDropoutOptions) {
    super('spatialDropout3D', options);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), data_format: this.dataFormat };
  }
}

/** Options of {@link GaussianNoise}. */
export interface GaussianNoiseOptions extends NoiseOptions {
  readonly stddev: number;
}

/** Adds normal numbers of mean 0. */
export class GaussianNoise extends Noise {
  static readonly className: string = 'GaussianNoise';
  readonly stddev: number;

  constructor(options: GaussianNoiseOptions) {
    super(options);
    const { stddev } = options;
    if (!(stddev >= 0)) throw new ValueError(describe('gaussianNoise: stddev', 'a number >= 0', String(stddev)));
    this.stddev = stddev;
  }

  protected disturb(x: Tensor, source: { readonly key?: Generator }): Tensor {
    return add(x, random.normal(x.shape, { ...source, stddev: this.stddev, dtype: x.dtype }));
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), stddev: this.stddev };
  }
}

/** Multiplies by normal numbers of mean 1 and standard deviation √(rate / (1 − rate)) (Srivastava et al., 2014). */
export class GaussianDropout extends RateNoise {
  static readonly className: string = 'GaussianDropout';

  constructor(options: RateOptions) {
    super('gaussianDropout', options);
  }

  protected disturb(x: Tensor, source: { readonly key?: Generator }): Tensor {
    const stddev = Math.sqrt(this.rate / (1 - this.rate));
    return multiply(x, random.normal(x.shape, { ...source, mean: 1, stddev, dtype: x.dtype }));
  }
}

/** What selu goes to below 0: −α · scale. */
const FLOOR = -1.6732632423543772 * 1.0507009873554805;

/** Dropout that keeps mean and variance of what selu gives (Klambauer et al., 2017). */
export class AlphaDropout extends RateNoise {
  static readonly className: string = 'AlphaDropout';

  constructor(options: RateOptions) {
    super('alphaDropout', options);
  }

  protected disturb(x: Tensor, source: { readonly key?: Generator }): Tensor {
    const { rate } = this;
    const scale = ((1 - rate) * (1 + rate * FLOOR ** 2)) ** -0.5;
    const isKept = greaterEqual(random.uniform(x.shape, source), rate);
    return cast(add(multiply(where(isKept, x, FLOOR), scale), -scale * FLOOR * rate), x.dtype);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), noise_shape: null };
  }
}
