/** Convolutions: every output is a weighted sum of a window of the input, with the same weights everywhere. */
import {
  type PerAxis,
  ShapeError,
  ValueError,
  add,
  cast,
  conv,
  describe,
  type Tensor,
  type Variable,
} from '@antler/core';
import { type Activation, type ActivationName, activationName, resolveActivation } from '../activations.js';
import {
  type Initializer,
  type InitializerName,
  glorotUniform,
  initializerConfig,
  resolveInitializer,
  zeros,
} from '../initializers.js';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type Regularizer, type RegularizerName, regularizerConfig, resolveRegularizer } from '../regularizers.js';
import { type DataFormat, type LayerPadding, inChannelsLast, oneOf, perAxis } from './spatial.js';

/** Options of the convolutions. */
export interface ConvLayerOptions extends LayerOptions {
  /** Number of channels of the output. */
  readonly filters: number;
  /** Size of the window. */
  readonly kernelSize: PerAxis;
  /** Steps of the window. Default 1. */
  readonly strides?: PerAxis;
  /** Default valid. */
  readonly padding?: LayerPadding;
  /** Default channels_last. */
  readonly dataFormat?: DataFormat;
  /** Distance between the inputs of a window. Default 1. */
  readonly dilationRate?: PerAxis;
  /** Groups of channels that do not see each other. Default 1. */
  readonly groups?: number;
  /** Applied to the sum. Default linear. */
  readonly activation?: ActivationName | (string & {}) | Activation;
  /** Whether a bias is added. Default true. */
  readonly useBias?: boolean;
  /** Default glorotUniform. */
  readonly kernelInitializer?: InitializerName | (string & {}) | Initializer;
  /** Default zeros. */
  readonly biasInitializer?: InitializerName | (string & {}) | Initializer;
  readonly kernelRegularizer?: RegularizerName | (string & {}) | Regularizer;
  readonly biasRegularizer?: RegularizerName | (string & {}) | Regularizer;
}

/** Base: kernel [...kernelSize, channels / groups, filters], bias [filters]. */
export abstract class Convolution extends Layer {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: LayerPadding;
  readonly dataFormat: DataFormat;
  readonly dilationRate: readonly number[];
  readonly groups: number;
  readonly useBias: boolean;
  readonly activation: Activation;
  readonly #kernelInitializer: Initializer;
  readonly #biasInitializer: Initializer;
  readonly #kernelRegularizer: Regularizer | undefined;
  readonly #biasRegularizer: Regularizer | undefined;
  #kernel: Variable | undefined;
  #bias: Variable | undefined;

  constructor(rank: number, options: ConvLayerOptions) {
    super(options);
    const { filters, groups = 1, kernelRegularizer: kernelPenalty, biasRegularizer: biasPenalty } = options;
    const where = (name: string): string => `conv${rank}D: ${name}`;
    if (!Number.isInteger(filters) || filters <= 0 || !Number.isInteger(groups) || filters % groups !== 0) {
      const received = `${filters} filters, ${groups} groups`;
      throw new ValueError(describe(where('filters'), 'a whole number > 0 that groups divide', received));
    }
    this.filters = filters;
    this.groups = groups;
    this.kernelSize = perAxis(where('kernelSize'), options.kernelSize, rank);
    this.strides = perAxis(where('strides'), options.strides ?? 1, rank);
    this.dilationRate = perAxis(where('dilationRate'), options.dilationRate ?? 1, rank);
    this.padding = oneOf(where('padding'), options.padding ?? 'valid', ['valid', 'same']);
    this.dataFormat = oneOf(where('dataFormat'), options.dataFormat ?? 'channels_last', [
      'channels_last',
      'channels_first',
    ]);
    this.useBias = options.useBias ?? true;
    this.activation = resolveActivation(where('activation'), options.activation);
    this.#kernelInitializer = resolveInitializer(
      where('kernelInitializer'),
      options.kernelInitializer ?? glorotUniform(),
    );
    this.#biasInitializer = resolveInitializer(where('biasInitializer'), options.biasInitializer ?? zeros());
    this.#kernelRegularizer = kernelPenalty && resolveRegularizer(where('kernelRegularizer'), kernelPenalty);
    this.#biasRegularizer = biasPenalty && resolveRegularizer(where('biasRegularizer'), biasPenalty);
  }

  /** Shape of the kernel for an input of so many channels. */
  protected kernelShape(channels: number): readonly number[] {
    return [...this.kernelSize, channels / this.groups, this.filters];
  }

  /** The sums, of an input with channels last. */
  protected convolve(x: Tensor, kernel: Variable): Tensor {
    const { strides, padding, dilationRate } = this;
    return conv(x, kernel, { strides, padding, dilationRate });
  }

  override build(inputShape: PartialShape): void {
    const { filters, groups, kernelSize } = this;
    const channels = this.dataFormat === 'channels_last' ? inputShape.at(-1) : inputShape[1];
    if (inputShape.length !== kernelSize.length + 2 || typeof channels !== 'number' || channels % groups !== 0) {
      const parts = groups === 1 ? '' : ` that ${groups} groups divide`;
      const expected = `an input of rank ${kernelSize.length + 2} with a known number of channels${parts}`;
      throw new ShapeError(describe(this.name, expected, showPartialShape(inputShape)));
    }
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: this.kernelShape(channels),
      initializer: this.#kernelInitializer,
      regularizer: this.#kernelRegularizer,
    });
    if (!this.useBias) return;
    this.#bias = this.addWeight({
      name: 'bias',
      shape: [filters],
      initializer: this.#biasInitializer,
      regularizer: this.#biasRegularizer,
    });
  }

  call(x: Tensor): Tensor {
    const given = x.dtype === this.dtype ? x : cast(x, this.dtype);
    const y = inChannelsLast(given, this.dataFormat, (image) => {
      const sums = this.convolve(image, this.#kernel!);
      return this.#bias === undefined ? sums : add(sums, this.#bias);
    });
    return this.activation(y);
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernel_size: this.kernelSize,
      strides: this.strides,
      padding: this.padding,
      data_format: this.dataFormat,
      dilation_rate: this.dilationRate,
      groups: this.groups,
      activation: activationName(this.activation),
      use_bias: this.useBias,
      kernel_initializer: initializerConfig(this.#kernelInitializer),
      bias_initializer: initializerConfig(this.#biasInitializer),
      kernel_regularizer: regularizerConfig(this.#kernelRegularizer),
      bias_regularizer: regularizerConfig(this.#biasRegularizer),
      activity_regularizer: null,
      kernel_constraint: null,
      bias_constraint: null,
    };
  }
}

/** Convolution along sequences [batch, steps, channels]. */
export class Conv1D extends Convolution {
  static readonly className: string = 'Conv1D';

  constructor(options: ConvLayerOptions) {
    super(1, options);
  }
}

/**
 * Convolution over images [batch, height, width, channels].
 *
 * @example
 * new Conv2D({ filters: 32, kernelSize: 3, activation: 'relu' }).apply(ones([8, 28, 28, 1])).shape; // [8, 26, 26, 32]
 */
export class Conv2D extends Convolution {
  static readonly className: string = 'Conv2D';

  constructor(options: ConvLayerOptions) {
    super(2, options);
  }
}

/** Convolution over volumes [batch, depth, height, width, channels]. */
export class Conv3D extends Convolution {
  static readonly className: string = 'Conv3D';

  constructor(options: ConvLayerOptions) {
    super(3, options);
  }
}
