/** Transposed convolutions: every input is spread over a window of the output, with the same weights everywhere. */
import { ValueError, convTranspose, describe, type PerAxis, type Tensor, type Variable } from '@antler/core';
import type { LayerConfig } from '../layer.js';
import { type ConvLayerOptions, Convolution } from './conv.js';

/** Options of the transposed convolutions. */
export interface ConvTransposeLayerOptions extends Omit<ConvLayerOptions, 'groups'> {
  /** Elements added to one end of the output. Default: as many as make it size · stride (same), or at least that (valid). */
  readonly outputPadding?: PerAxis | null;
}

/** Base: kernel [...kernelSize, filters, channels], bias [filters]. */
abstract class TransposedConvolution extends Convolution {
  readonly outputPadding: readonly number[] | null;

  constructor(rank: number, options: ConvTransposeLayerOptions) {
    super(rank, options);
    const { outputPadding: given = null } = options;
    this.outputPadding = typeof given === 'number' ? new Array<number>(rank).fill(given) : given;
    if (this.outputPadding?.every((n, i) => Number.isInteger(n) && n >= 0 && n < this.strides[i]!) === false) {
      const expected = 'whole numbers >= 0, less than the strides';
      throw new ValueError(describe(`conv${rank}DTranspose: outputPadding`, expected, JSON.stringify(given)));
    }
  }

  protected override kernelShape(channels: number): readonly number[] {
    return [...this.kernelSize, this.filters, channels];
  }

  protected override convolve(x: Tensor, kernel: Variable): Tensor {
    const { strides, padding, dilationRate, outputPadding } = this;
    const extra = outputPadding === null ? {} : { outputPadding };
    return convTranspose(x, kernel, { strides, padding, dilationRate, ...extra });
  }

  override getConfig(): LayerConfig {
    const { groups: _, ...config } = super.getConfig();
    return { ...config, output_padding: this.outputPadding };
  }
}

/** Transposed convolution along sequences [batch, steps, channels]. */
export class Conv1DTranspose extends TransposedConvolution {
  static readonly className: string = 'Conv1DTranspose';

  constructor(options: ConvTransposeLayerOptions) {
    super(1, options);
  }
}

/**
 * Transposed convolution over images [batch, height, width, channels]; with strides it makes them larger.
 *
 * @example
 * new Conv2DTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: 'same' }).apply(ones([1, 7, 7, 16])).shape; // [1, 14, 14, 8]
 */
export class Conv2DTranspose extends TransposedConvolution {
  static readonly className: string = 'Conv2DTranspose';

  constructor(options: ConvTransposeLayerOptions) {
    super(2, options);
  }
}

/** Transposed convolution over volumes [batch, depth, height, width, channels]. */
export class Conv3DTranspose extends TransposedConvolution {
  static readonly className: string = 'Conv3DTranspose';

  constructor(options: ConvTransposeLayerOptions) {
    super(3, options);
  }
}
