/** Normalizations of every row by itself: LayerNormalization, RMSNormalization, GroupNormalization. */
import {
  ShapeError,
  describe,
  groupNormalization,
  layerNormalization,
  rmsNormalization,
  type Tensor,
  type Variable,
} from '@antler/core';
import {
  type Initializer,
  type InitializerName,
  initializerConfig,
  ones,
  resolveInitializer,
  zeros,
} from '../initializers.js';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type Regularizer, type RegularizerName, regularizerConfig, resolveRegularizer } from '../regularizers.js';

type AnyInitializer = InitializerName | (string & {}) | Initializer;
type AnyRegularizer = RegularizerName | (string & {}) | Regularizer;

/** What the normalizations with a scale and a shift share. */
export interface ScaleShiftOptions extends LayerOptions {
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number;
  /** Whether there is a shift. Default true. */
  readonly center?: boolean;
  /** Whether there is a scale. Default true. */
  readonly scale?: boolean;
  /** Default zeros. */
  readonly betaInitializer?: AnyInitializer;
  /** Default ones. */
  readonly gammaInitializer?: AnyInitializer;
  readonly betaRegularizer?: AnyRegularizer;
  readonly gammaRegularizer?: AnyRegularizer;
}

/** Base of layers that have a scale γ and a shift β after they normalize. */
abstract class ScaleShift extends Layer {
  protected override readonly passesMask = true;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  protected gamma: Variable | undefined;
  protected beta: Variable | undefined;
  readonly #initializers: { readonly gamma: Initializer; readonly beta: Initializer };
  readonly #regularizers: { readonly gamma: Regularizer | undefined; readonly beta: Regularizer | undefined };

  constructor(where: string, options: ScaleShiftOptions) {
    super(options);
    this.epsilon = options.epsilon ?? 0.001;
    this.center = options.center ?? true;
    this.scale = options.scale ?? true;
    this.#initializers = {
      gamma: resolveInitializer(`${where}: gammaInitializer`, options.gammaInitializer ?? ones()),
      beta: resolveInitializer(`${where}: betaInitializer`, options.betaInitializer ?? zeros()),
    };
    const { gammaRegularizer, betaRegularizer } = options;
    this.#regularizers = {
      gamma: gammaRegularizer && resolveRegularizer(`${where}: gammaRegularizer`, gammaRegularizer),
      beta: betaRegularizer && resolveRegularizer(`${where}: betaRegularizer`, betaRegularizer),
    };
  }

  /** Makes the weights, of the shape of the given axes. */
  protected makeWeights(where: string, inputShape: PartialShape, axes: readonly number[]): void {
    const shape = axes.map((axis) => inputShape.at(axis));
    if (!shape.every((size) => typeof size === 'number')) {
      const expected = `an input whose axes ${axes.join(', ')} have known sizes`;
      throw new ShapeError(describe(`${where}: ${this.name}`, expected, showPartialShape(inputShape)));
    }
    const make = (name: 'gamma' | 'beta'): Variable =>
      this.addWeight({
        name,
        shape,
        initializer: this.#initializers[name],
        regularizer: this.#regularizers[name],
      });
    if (this.scale) this.gamma = make('gamma');
    if (this.center) this.beta = make('beta');
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    const { epsilon, center, scale } = this;
    return {
      ...super.getConfig(),
      epsilon,
      center,
      scale,
      beta_initializer: initializerConfig(this.#initializers.beta),
      gamma_initializer: initializerConfig(this.#initializers.gamma),
      beta_regularizer: regularizerConfig(this.#regularizers.beta),
      gamma_regularizer: regularizerConfig(this.#regularizers.gamma),
      beta_constraint: null,
      gamma_constraint: null,
    };
  }
}

/** Options of {@link LayerNormalization}. */
export interface LayerNormalizationOptions extends ScaleShiftOptions {
  /** The axes that are normalized together. Default −1. */
  readonly axis?: number | readonly number[];
}

/**
 * γ · (x − mean) / √(variance + ε) + β along the last axis, or along several (Ba et al., 2016).
 *
 * @example
 * new LayerNormalization().apply(tensor([[1, 3]])); // [[-0.9995, 0.9995]]
 */
export class LayerNormalization extends ScaleShift {
  static readonly className: string = 'LayerNormalization';
  readonly axis: number | readonly number[];

  constructor(options: LayerNormalizationOptions = {}) {
    super('layerNormalization', options);
    this.axis = options.axis ?? -1;
  }

  override build(inputShape: PartialShape): void {
    this.makeWeights('layerNormalization', inputShape, [this.axis].flat());
  }

  call(x: Tensor): Tensor {
    const { axis, epsilon, gamma: scale, beta: offset } = this;
    return layerNormalization(x, { axis, epsilon, scale, offset });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Options of {@link GroupNormalization}. */
export interface GroupNormalizationOptions extends ScaleShiftOptions {
  /** Number of groups of channels; −1: one for each channel. Default 32. */
  readonly groups?: number;
  /** The axis of the channels. Default −1. */
  readonly axis?: number;
}

/**
 * Groups of channels of each row get mean 0 and variance 1, then γ and β for each channel (Wu & He, 2018).
 *
 * @example
 * new GroupNormalization({ groups: 2 }).apply(ones([8, 16, 16, 4])).shape; // [8, 16, 16, 4]
 */
export class GroupNormalization extends ScaleShift {
  static readonly className: string = 'GroupNormalization';
  readonly groups: number;
  readonly axis: number;

  constructor(options: GroupNormalizationOptions = {}) {
    super('groupNormalization', options);
    this.groups = options.groups ?? 32;
    this.axis = options.axis ?? -1;
  }

  override build(inputShape: PartialShape): void {
    this.makeWeights('groupNormalization', inputShape, [this.axis]);
  }

  call(x: Tensor): Tensor {
    const { axis, epsilon, gamma: scale, beta: offset } = this;
    const groups = this.groups === -1 ? x.shape.at(axis)! : this.groups;
    return groupNormalization(x, { groups, axis, epsilon, scale, offset });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), groups: this.groups, axis: this.axis };
  }
}

/** Options of {@link RMSNormalization}. */
export interface RMSNormalizationOptions extends LayerOptions {
  /** The axes that are normalized together. Default −1. */
  readonly axis?: number | readonly number[];
  /** Added to the mean square. Default 1e-6. */
  readonly epsilon?: number;
}

/** scale · x / √(mean x² + ε) along the last axis, or along several (Zhang & Sennrich, 2019). */
export class RMSNormalization extends Layer {
  static readonly className: string = 'RMSNormalization';
  protected override readonly passesMask = true;
  readonly axis: number | readonly number[];
  readonly epsilon: number;
  #scale: Variable | undefined;

  constructor(options: RMSNormalizationOptions = {}) {
    super(options);
    this.axis = options.axis ?? -1;
    this.epsilon = options.epsilon ?? 1e-6;
  }

  override build(inputShape: PartialShape): void {
    const shape = [this.axis].flat().map((axis) => inputShape.at(axis));
    if (!shape.every((size) => typeof size === 'number')) {
      const expected = 'an input whose normalized axes have known sizes';
      throw new ShapeError(describe(`rmsNormalization: ${this.name}`, expected, showPartialShape(inputShape)));
    }
    this.#scale = this.addWeight({ name: 'scale', shape, initializer: ones() });
  }

  call(x: Tensor): Tensor {
    return rmsNormalization(x, { axis: this.axis, epsilon: this.epsilon, scale: this.#scale });
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis, epsilon: this.epsilon };
  }
}
