/** Rescaling and UnitNormalization: numbers brought to a size that suits what follows. */
import { add, cast, multiply, normalize, type Tensor } from '@antler/core';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import type { PartialShape } from '../partialShape.js';

/** Options of {@link Rescaling}. */
export interface RescalingOptions extends LayerOptions {
  readonly scale: number;
  /** Default 0. */
  readonly offset?: number;
}

/**
 * scale · x + offset.
 *
 * @example
 * new Rescaling({ scale: 1 / 127.5, offset: -1 }).apply(pixels); // bytes to [−1, 1]
 */
export class Rescaling extends Layer {
  static readonly className: string = 'Rescaling';
  protected override readonly passesMask = true;
  readonly scale: number;
  readonly offset: number;

  constructor(options: RescalingOptions) {
    super(options);
    this.scale = options.scale;
    this.offset = options.offset ?? 0;
  }

  call(x: Tensor): Tensor {
    return add(multiply(cast(x, this.dtype), this.scale), this.offset);
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }
}

/** Options of {@link UnitNormalization}. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** The axis of the vectors. Default −1. */
  readonly axis?: number;
}

/** Vectors of length 1. */
export class UnitNormalization extends Layer {
  static readonly className: string = 'UnitNormalization';
  protected override readonly passesMask = true;
  readonly axis: number;

  constructor(options: UnitNormalizationOptions = {}) {
    super(options);
    this.axis = options.axis ?? -1;
  }

  call(x: Tensor): Tensor {
    return normalize(x, { axis: this.axis });
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis };
  }
}
