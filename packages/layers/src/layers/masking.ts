/** Masking: steps of a sequence that are padding, hidden from what follows. */
import { any, notEqual, where, type Tensor } from '@antler/core';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import type { PartialShape } from '../partialShape.js';

/** Options of {@link Masking}. */
export interface MaskingOptions extends LayerOptions {
  /** A step whose numbers are all this is padding. Default 0. */
  readonly maskValue?: number;
}

/**
 * Hides the steps of sequences [batch, steps, features] that have one value everywhere, and sets them to 0. Recurrent layers skip
 * them, losses and metrics do not count them.
 *
 * @example
 * sequential([layers.masking({ maskValue: -1 }), layers.lstm({ units: 32 })]);
 */
export class Masking extends Layer {
  static readonly className: string = 'Masking';
  readonly maskValue: number;

  constructor(options: MaskingOptions = {}) {
    super(options);
    this.maskValue = options.maskValue ?? 0;
  }

  call(x: Tensor): Tensor {
    return where(any(notEqual(x, this.maskValue), -1, true), x, 0);
  }

  override computeMask(x: Tensor): Tensor {
    return any(notEqual(x, this.maskValue), -1);
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), mask_value: this.maskValue };
  }
}
