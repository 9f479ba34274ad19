/** Flatten: one axis per row. */
import { reshape, transpose, type Tensor } from '@antler/core';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { type PartialShape, partialSize } from '../partialShape.js';

/** Options of {@link Flatten}. */
export interface FlattenOptions extends LayerOptions {
  /** Where the channels of the input are; they come last in the output either way. Default channels_last. */
  readonly dataFormat?: 'channels_last' | 'channels_first';
}

/**
 * Joins all axes after the batch into one; a batch of scalars gets an axis of size 1.
 *
 * @example
 * new Flatten().apply(ones([32, 28, 28])).shape; // [32, 784]
 */
export class Flatten extends Layer {
  static readonly className: string = 'Flatten';
  readonly dataFormat: 'channels_last' | 'channels_first';

  constructor(options: FlattenOptions = {}) {
    super(options);
    this.dataFormat = options.dataFormat ?? 'channels_last';
  }

  call(x: Tensor): Tensor {
    const [batch, ...rest] = x.shape as [number, ...number[]];
    const axes = rest.map((_, i) => i + 1);
    const ordered =
      this.dataFormat === 'channels_first' && axes.length > 1 ? transpose(x, [0, ...axes.slice(1), 1]) : x;
    return reshape(ordered, [batch, rest.reduce((product, size) => product * size, 1)]);
  }

  override outputShape([batch = null, ...rest]: PartialShape): PartialShape {
    return [batch, partialSize(rest)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), data_format: this.dataFormat };
  }
}
