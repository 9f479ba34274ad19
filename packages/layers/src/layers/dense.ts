/** Dense: every output is a weighted sum of every input. */
import { ShapeError, ValueError, add, cast, describe, matmul, showShape } from '@antler/core';
import type { Tensor, Variable } from '@antler/core';
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
import type { PartialShape } from '../partialShape.js';
import { type Regularizer, type RegularizerName, regularizerConfig, resolveRegularizer } from '../regularizers.js';

/** Options of {@link Dense}. */
export interface DenseOptions extends LayerOptions {
  /** Size of the last axis of the output. */
  readonly units: number;
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

/**
 * `activation(x · kernel + bias)` over the last axis of `x`; all other axes are kept.
 * Kernel: [last axis of x, units]; bias: [units].
 *
 * @example
 * const hidden = new Dense({ units: 128, activation: 'relu' });
 * hidden.apply(ones([32, 784])).shape; // [32, 128]
 */
export class Dense extends Layer {
  static readonly className: string = 'Dense';
  protected override readonly passesMask = true;
  readonly units: number;
  readonly useBias: boolean;
  readonly activation: Activation;
  readonly #kernelInitializer: Initializer;
  readonly #biasInitializer: Initializer;
  readonly #kernelRegularizer: Regularizer | undefined;
  readonly #biasRegularizer: Regularizer | undefined;
  #kernel: Variable | undefined;
  #bias: Variable | undefined;

  constructor(options: DenseOptions) {
    super(options);
    const {
      units,
      activation,
      useBias = true,
      kernelInitializer = glorotUniform(),
      biasInitializer = zeros(),
      kernelRegularizer: kernelPenalty,
      biasRegularizer: biasPenalty,
    } = options;
    if (!Number.isInteger(units) || units <= 0) {
      throw new ValueError(describe('dense: units', 'a whole number > 0', String(units)));
    }
    this.units = units;
    this.useBias = useBias;
    this.activation = resolveActivation('dense: activation', activation);
    this.#kernelInitializer = resolveInitializer('dense: kernelInitializer', kernelInitializer);
    this.#biasInitializer = resolveInitializer('dense: biasInitializer', biasInitializer);
    this.#kernelRegularizer = kernelPenalty && resolveRegularizer('dense: kernelRegularizer', kernelPenalty);
    this.#biasRegularizer = biasPenalty && resolveRegularizer('dense: biasRegularizer', biasPenalty);
  }

  override build(inputShape: PartialShape): void {
    const features = inputShape.at(-1);
    if (inputShape.length < 2 || features === null || features === undefined) {
      throw new ShapeError(
        describe(
          `dense: ${this.name}`,
          'an input of rank 2 or more whose last axis has a known size',
          `(${inputShape.map((size) => size ?? 'None').join(', ')})`,
        ),
      );
    }
    const { units } = this;
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: [features, units],
      initializer: this.#kernelInitializer,
      regularizer: this.#kernelRegularizer,
    });
    if (!this.useBias) return;
    this.#bias = this.addWeight({
      name: 'bias',
      shape: [units],
      initializer: this.#biasInitializer,
      regularizer: this.#biasRegularizer,
    });
  }

  call(x: Tensor): Tensor {
    const kernel = this.#kernel!;
    if (x.shape.at(-1) !== kernel.shape[0]) {
      throw new ShapeError(
        describe(`dense: ${this.name}`, `an input whose last axis is ${kernel.shape[0]}`, showShape(x.shape)),
      );
    }
    const product = matmul(x.dtype === this.dtype ? x : cast(x, this.dtype), kernel);
    return this.activation(this.#bias === undefined ? product : add(product, this.#bias));
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return [...inputShape.slice(0, -1), this.units];
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: activationName(this.activation),
      use_bias: this.useBias,
      kernel_initializer: initializerConfig(this.#kernelInitializer),
      bias_initializer: initializerConfig(this.#biasInitializer),
      kernel_regularizer: regularizerConfig(this.#kernelRegularizer),
      bias_regularizer: regularizerConfig(this.#biasRegularizer),
      kernel_constraint: null,
      bias_constraint: null,
      quantization_config: null,
    };
  }
}
