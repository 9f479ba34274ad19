/** LeakyReLU, ELU, PReLU: activations that let something through below 0, as layers. */
import { ShapeError, ValueError, describe, elu, leakyRelu, minimum, multiply, relu, add } from '@antler/core';
import type { Tensor, Variable } from '@antler/core';
import {
  type Initializer,
  type InitializerName,
  initializerConfig,
  resolveInitializer,
  zeros,
} from '../initializers.js';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type Regularizer, type RegularizerName, regularizerConfig, resolveRegularizer } from '../regularizers.js';

/** Options of {@link LeakyReLU}. */
export interface LeakyReLUOptions extends LayerOptions {
  /** Slope below 0. Default 0.3. */
  readonly negativeSlope?: number;
}

/** x above 0, negativeSlope · x below. */
export class LeakyReLU extends Layer {
  static readonly className: string = 'LeakyReLU';
  protected override readonly passesMask = true;
  readonly negativeSlope: number;

  constructor(options: LeakyReLUOptions = {}) {
    super(options);
    this.negativeSlope = options.negativeSlope ?? 0.3;
    if (!(this.negativeSlope >= 0)) {
      throw new ValueError(describe('leakyReLU: negativeSlope', 'a number >= 0', String(this.negativeSlope)));
    }
  }

  call(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), negative_slope: this.negativeSlope };
  }
}

/** Options of {@link ELU}. */
export interface ELUOptions extends LayerOptions {
  /** What it goes to below 0, with a minus. Default 1. */
  readonly alpha?: number;
}

/** x above 0, alpha · (exp(x) − 1) below. */
export class ELU extends Layer {
  static readonly className: string = 'ELU';
  protected override readonly passesMask = true;
  readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    super(options);
    this.alpha = options.alpha ?? 1;
  }

  call(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** Options of {@link PReLU}. */
export interface PReLUOptions extends LayerOptions {
  /** Default zeros. */
  readonly alphaInitializer?: InitializerName | (string & {}) | Initializer;
  readonly alphaRegularizer?: RegularizerName | (string & {}) | Regularizer;
  /** Axes (from 1) along which the slope is the same. Default none. */
  readonly sharedAxes?: readonly number[] | null;
}

/** x above 0, alpha · x below, where alpha is learned (He et al., 2015). */
export class PReLU extends Layer {
  static readonly className: string = 'PReLU';
  protected override readonly passesMask = true;
  readonly sharedAxes: readonly number[] | null;
  readonly #initializer: Initializer;
  readonly #regularizer: Regularizer | undefined;
  #alpha: Variable | undefined;

  constructor(options: PReLUOptions = {}) {
    super(options);
    this.sharedAxes = options.sharedAxes ?? null;
    this.#initializer = resolveInitializer('preLU: alphaInitializer', options.alphaInitializer ?? zeros());
    const { alphaRegularizer: penalty } = options;
    this.#regularizer = penalty && resolveRegularizer('preLU: alphaRegularizer', penalty);
  }

  override build([, ...row]: PartialShape): void {
    const shape = row.map((size, i) => (this.sharedAxes?.includes(i + 1) === true ? 1 : size));
    if (!shape.every((size) => typeof size === 'number')) {
      throw new ShapeError(describe(`preLU: ${this.name}`, 'axes of known sizes, or shared', showPartialShape(row)));
    }
    this.#alpha = this.addWeight({
      name: 'alpha',
      shape,
      initializer: this.#initializer,
      regularizer: this.#regularizer,
    });
  }

  call(x: Tensor): Tensor {
    return add(relu(x), multiply(this.#alpha!, minimum(x, 0)));
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      alpha_initializer: initializerConfig(this.#initializer),
      alpha_regularizer: regularizerConfig(this.#regularizer),
      alpha_constraint: null,
      shared_axes: this.sharedAxes,
    };
  }
}
