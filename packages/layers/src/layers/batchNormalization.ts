/** BatchNormalization: each channel gets mean 0 and variance 1 over the batch, then a scale and a shift that are learned. */
import {
  ShapeError,
  ValueError,
  add,
  batchNormalization,
  batchNormalizationTraining,
  describe,
  multiply,
} from '@antler/core';
import type { Tensor, Variable } from '@antler/core';
import {
  type Initializer,
  type InitializerName,
  initializerConfig,
  ones,
  resolveInitializer,
  zeros,
} from '../initializers.js';
import { type CallContext, Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type Regularizer, type RegularizerName, regularizerConfig, resolveRegularizer } from '../regularizers.js';

type AnyInitializer = InitializerName | (string & {}) | Initializer;
type AnyRegularizer = RegularizerName | (string & {}) | Regularizer;

/** Options of {@link BatchNormalization}. */
export interface BatchNormalizationOptions extends LayerOptions {
  /** The axis of the channels. Default −1. */
  readonly axis?: number;
  /** Part of the moving statistics that is kept in a step. Default 0.99. */
  readonly momentum?: number;
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
  /** Default zeros. */
  readonly movingMeanInitializer?: AnyInitializer;
  /** Default ones. */
  readonly movingVarianceInitializer?: AnyInitializer;
  readonly betaRegularizer?: AnyRegularizer;
  readonly gammaRegularizer?: AnyRegularizer;
}

/**
 * γ · (x − mean) / √(variance + ε) + β (Ioffe & Szegedy 2015). In training, mean and variance are those of the batch, which
 * also enter moving ones; elsewhere, and when the layer is not trainable, they are the moving ones.
 *
 * @example
 * sequential([layers.dense({ units: 64, useBias: false }), layers.batchNormalization(), layers.reLU()]);
 */
export class BatchNormalization extends Layer {
  static readonly className: string = 'BatchNormalization';
  protected override readonly passesMask = true;
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly #initializers: Readonly<Record<Weight, Initializer>>;
  readonly #regularizers: { readonly gamma: Regularizer | undefined; readonly beta: Regularizer | undefined };
  #weights: Partial<Record<Weight, Variable>> = {};

  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
    const { axis = -1, momentum = 0.99, epsilon = 0.001, center = true, scale = true } = options;
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new ValueError(describe('batchNormalization: momentum', 'a number in [0, 1]', String(momentum)));
    }
    this.axis = axis;
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.center = center;
    this.scale = scale;
    const initializer = (name: string, given: AnyInitializer): Initializer =>
      resolveInitializer(`batchNormalization: ${name}`, given);
    this.#initializers = {
      gamma: initializer('gammaInitializer', options.gammaInitializer ?? ones()),
      beta: initializer('betaInitializer', options.betaInitializer ?? zeros()),
      moving_mean: initializer('movingMeanInitializer', options.movingMeanInitializer ?? zeros()),
      moving_variance: initializer('movingVarianceInitializer', options.movingVarianceInitializer ?? ones()),
    };
    const { gammaRegularizer, betaRegularizer } = options;
    this.#regularizers = {
      gamma: gammaRegularizer && resolveRegularizer('batchNormalization: gammaRegularizer', gammaRegularizer),
      beta: betaRegularizer && resolveRegularizer('batchNormalization: betaRegularizer', betaRegularizer),
    };
  }

  override build(inputShape: PartialShape): void {
    const channels = inputShape.at(this.axis);
    if (channels === null || channels === undefined) {
      const expected = `an input whose axis ${this.axis} has a known size`;
      throw new ShapeError(describe(`batchNormalization: ${this.name}`, expected, showPartialShape(inputShape)));
    }
    const make = (name: Weight, trainable: boolean): Variable =>
      this.addWeight({
        name,
        shape: [channels],
        initializer: this.#initializers[name],
        trainable,
        ...(trainable && { regularizer: this.#regularizers[name as 'gamma' | 'beta'] }),
      });
    this.#weights = {
      ...(this.scale && { gamma: make('gamma', true) }),
      ...(this.center && { beta: make('beta', true) }),
      moving_mean: make('moving_mean', false),
      moving_variance: make('moving_variance', false),
    };
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    const { gamma: scale, beta: offset, moving_mean: movingMean, moving_variance: movingVariance } = this.#weights;
    const { axis, epsilon } = this;
    const options = { axis, epsilon, scale, offset };
    if (!training || !this.trainable) return batchNormalization(x, movingMean!, movingVariance!, options);
    const [y, mean, variance] = batchNormalizationTraining(x, options);
    this.#follow(movingMean!, mean);
    this.#follow(movingVariance!, variance);
    return y;
  }

  /** Moves a statistic towards that of the batch. */
  #follow(moving: Variable, batch: Tensor): void {
    moving.assign(add(multiply(moving, this.momentum), multiply(batch, 1 - this.momentum)));
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    const { axis, momentum, epsilon, center, scale } = this;
    return {
      ...super.getConfig(),
      axis,
      momentum,
      epsilon,
      center,
      scale,
      beta_initializer: initializerConfig(this.#initializers.beta),
      gamma_initializer: initializerConfig(this.#initializers.gamma),
      moving_mean_initializer: initializerConfig(this.#initializers.moving_mean),
      moving_variance_initializer: initializerConfig(this.#initializers.moving_variance),
      beta_regularizer: regularizerConfig(this.#regularizers.beta),
      gamma_regularizer: regularizerConfig(this.#regularizers.gamma),
      beta_constraint: null,
      gamma_constraint: null,
      synchronized: false,
      renorm: false,
      renorm_clipping: null,
      renorm_momentum: 0.99,
    };
  }
}

type Weight = 'gamma' | 'beta' | 'moving_mean' | 'moving_variance';
