/** Depthwise and separable convolutions: each channel has windows of its own; separable ones then mix the channels. */
import { ShapeError, ValueError, add, cast, conv, depthwiseConv, describe } from '@antler/core';
import type { PerAxis, Tensor, Variable } from '@antler/core';
import { type Activation, type ActivationName, activationName, resolveActivation } from '../activations.js';
import * as initializers from '../initializers.js';
import { type Initializer, type InitializerName, initializerConfig, resolveInitializer } from '../initializers.js';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type Regularizer, type RegularizerName, regularizerConfig, resolveRegularizer } from '../regularizers.js';
import { type DataFormat, type LayerPadding, inChannelsLast, oneOf, perAxis } from './spatial.js';

type AnyInitializer = InitializerName | (string & {}) | Initializer;
type AnyRegularizer = RegularizerName | (string & {}) | Regularizer;
type Role = 'depthwise' | 'pointwise' | 'bias';

/** Options of the depthwise convolutions. */
export interface DepthwiseOptions extends LayerOptions {
  /** Size of the window. */
  readonly kernelSize: PerAxis;
  /** Steps of the window. Default 1. */
  readonly strides?: PerAxis;
  /** Default valid. */
  readonly padding?: LayerPadding;
  /** Outputs for each channel of the input. Default 1. */
  readonly depthMultiplier?: number;
  /** Default channels_last. */
  readonly dataFormat?: DataFormat;
  /** Distance between the inputs of a window. Default 1. */
  readonly dilationRate?: PerAxis;
  /** Applied to the sum. Default linear. */
  readonly activation?: ActivationName | (string & {}) | Activation;
  /** Whether a bias is added. Default true. */
  readonly useBias?: boolean;
  /** Default glorotUniform. */
  readonly depthwiseInitializer?: AnyInitializer;
  /** Default zeros. */
  readonly biasInitializer?: AnyInitializer;
  readonly depthwiseRegularizer?: AnyRegularizer;
  readonly biasRegularizer?: AnyRegularizer;
}

/** Options of the separable convolutions. */
export interface SeparableOptions extends DepthwiseOptions {
  /** Number of channels of the output. */
  readonly filters: number;
  /** Default glorotUniform. */
  readonly pointwiseInitializer?: AnyInitializer;
  readonly pointwiseRegularizer?: AnyRegularizer;
}

/** Base: kernel [...kernelSize, channels, depthMultiplier], perhaps [1 …, channels · depthMultiplier, filters], bias. */
abstract class ChannelConvolution extends Layer {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: LayerPadding;
  readonly depthMultiplier: number;
  readonly dataFormat: DataFormat;
  readonly dilationRate: readonly number[];
  readonly activation: Activation;
  readonly useBias: boolean;
  protected readonly filters: number | undefined;
  readonly #initializers: Readonly<Record<Role, Initializer>>;
  readonly #regularizers: Readonly<Record<Role, Regularizer | undefined>>;
  readonly #weights = new Map<Role, Variable>();

  constructor(kind: string, rank: number, options: DepthwiseOptions & Partial<SeparableOptions>) {
    super(options);
    const where = (name: string): string => `${kind}${rank}D: ${name}`;
    const { depthMultiplier = 1, filters, useBias = true, dataFormat = 'channels_last' } = options;
    for (const [name, value] of Object.entries({ depthMultiplier, filters: filters ?? 1 })) {
      if (Number.isInteger(value) && value > 0) continue;
      throw new ValueError(describe(where(name), 'a whole number > 0', String(value)));
    }
    this.kernelSize = perAxis(where('kernelSize'), options.kernelSize, rank);
    this.strides = perAxis(where('strides'), options.strides ?? 1, rank);
    this.dilationRate = perAxis(where('dilationRate'), options.dilationRate ?? 1, rank);
    this.padding = oneOf(where('padding'), options.padding ?? 'valid', ['valid', 'same']);
    this.dataFormat = oneOf(where('dataFormat'), dataFormat, ['channels_last', 'channels_first']);
    this.activation = resolveActivation(where('activation'), options.activation);
    this.depthMultiplier = depthMultiplier;
    this.useBias = useBias;
    this.filters = filters;
    const { glorotUniform, zeros } = initializers;
    const start = (name: string, given: AnyInitializer): Initializer => resolveInitializer(where(name), given);
    this.#initializers = {
      depthwise: start('depthwiseInitializer', options.depthwiseInitializer ?? glorotUniform()),
      pointwise: start('pointwiseInitializer', options.pointwiseInitializer ?? glorotUniform()),
      bias: start('biasInitializer', options.biasInitializer ?? zeros()),
    };
    const penalty = (name: string, given: AnyRegularizer | undefined): Regularizer | undefined =>
      given && resolveRegularizer(where(name), given);
    this.#regularizers = {
      depthwise: penalty('depthwiseRegularizer', options.depthwiseRegularizer),
      pointwise: penalty('pointwiseRegularizer', options.pointwiseRegularizer),
      bias: penalty('biasRegularizer', options.biasRegularizer),
    };
  }

  override build(inputShape: PartialShape): void {
    const { kernelSize, depthMultiplier, filters } = this;
    const channels = this.dataFormat === 'channels_last' ? inputShape.at(-1) : inputShape[1];
    if (inputShape.length !== kernelSize.length + 2 || typeof channels !== 'number') {
      const expected = `an input of rank ${kernelSize.length + 2} with a known number of channels`;
      throw new ShapeError(describe(this.name, expected, showPartialShape(inputShape)));
    }
    const make = (role: Role, name: string, shape: readonly number[]): unknown =>
      this.#weights.set(
        role,
        this.addWeight({ name, shape, initializer: this.#initializers[role], regularizer: this.#regularizers[role] }),
      );
    const spread = channels * depthMultiplier;
    make('depthwise', filters === undefined ? 'kernel' : 'depthwise_kernel', [
      ...kernelSize,
      channels,
      depthMultiplier,
    ]);
    if (filters !== undefined) make('pointwise', 'pointwise_kernel', [...kernelSize.map(() => 1), spread, filters]);
    if (this.useBias) make('bias', 'bias', [filters ?? spread]);
  }

  call(x: Tensor): Tensor {
    const { strides, padding, dilationRate } = this;
    const given = x.dtype === this.dtype ? x : cast(x, this.dtype);
    const y = inChannelsLast(given, this.dataFormat, (image) => {
      const [pointwise, bias] = [this.#weights.get('pointwise'), this.#weights.get('bias')];
      const each = depthwiseConv(image, this.#weights.get('depthwise')!, { strides, padding, dilationRate });
      const sums = pointwise === undefined ? each : conv(each, pointwise);
      return bias === undefined ? sums : add(sums, bias);
    });
    return this.activation(y);
  }

  override getConfig(): LayerConfig {
    const { depthwise, pointwise, bias } = this.#initializers;
    const penalties = this.#regularizers;
    return {
      ...super.getConfig(),
      depth_multiplier: this.depthMultiplier,
      kernel_size: this.kernelSize,
      strides: this.strides,
      padding: this.padding,
      data_format: this.dataFormat,
      dilation_rate: this.dilationRate,
      activation: activationName(this.activation),
      use_bias: this.useBias,
      depthwise_initializer: initializerConfig(depthwise),
      bias_initializer: initializerConfig(bias),
      depthwise_regularizer: regularizerConfig(penalties.depthwise),
      bias_regularizer: regularizerConfig(penalties.bias),
      activity_regularizer: null,
      depthwise_constraint: null,
      bias_constraint: null,
      ...(this.filters !== undefined && {
        filters: this.filters,
        pointwise_initializer: initializerConfig(pointwise),
        pointwise_regularizer: regularizerConfig(penalties.pointwise),
        pointwise_constraint: null,
      }),
    };
  }
}

/** Depthwise convolution along sequences [batch, steps, channels]. */
export class DepthwiseConv1D extends ChannelConvolution {
  static readonly className: string = 'DepthwiseConv1D';

  constructor(options: DepthwiseOptions) {
    super('depthwiseConv', 1, options);
  }
}

/** Depthwise convolution over images [batch, height, width, channels]. */
export class DepthwiseConv2D extends ChannelConvolution {
  static readonly className: string = 'DepthwiseConv2D';

  constructor(options: DepthwiseOptions) {
    super('depthwiseConv', 2, options);
  }
}

/** Depthwise convolution along sequences, then a mixture of the channels of each step. */
export class SeparableConv1D extends ChannelConvolution {
  static readonly className: string = 'SeparableConv1D';

  constructor(options: SeparableOptions) {
    super('separableConv', 1, options);
  }
}

/** Depthwise convolution over images, then a mixture of the channels of each pixel (Chollet, 2017). */
export class SeparableConv2D extends ChannelConvolution {
  static readonly className: string = 'SeparableConv2D';

  constructor(options: SeparableOptions) {
    super('separableConv', 2, options);
  }
}
