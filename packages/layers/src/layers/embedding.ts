/** Embedding: a vector for each number. */
import { ValueError, cast, describe, isFloat, notEqual, take, type Tensor, type Variable } from '@antler/core';
import {
  type Initializer,
  type InitializerName,
  initializerConfig,
  randomUniform,
  resolveInitializer,
} from '../initializers.js';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import type { PartialShape } from '../partialShape.js';
import { type Regularizer, type RegularizerName, regularizerConfig, resolveRegularizer } from '../regularizers.js';

/** Options of {@link Embedding}. */
export interface EmbeddingOptions extends LayerOptions {
  /** How many different numbers there are: 0 … inputDim − 1. */
  readonly inputDim: number;
  /** Length of the vectors. */
  readonly outputDim: number;
  /** Default randomUniform. */
  readonly embeddingsInitializer?: InitializerName | (string & {}) | Initializer;
  /** True hides the number 0, which then means padding, from the layers that follow. Default false. */
  readonly maskZero?: boolean;
  readonly embeddingsRegularizer?: RegularizerName | (string & {}) | Regularizer;
}

/**
 * Rows of a table [inputDim, outputDim], chosen by whole numbers of any shape. One outside of [−inputDim, inputDim) is an
 * IndexError at the first read that depends on it.
 *
 * @example
 * new Embedding({ inputDim: 1000, outputDim: 16 }).apply(tensor([[4, 20]], { dtype: 'int32' })).shape; // [1, 2, 16]
 */
export class Embedding extends Layer {
  static readonly className: string = 'Embedding';
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
  readonly #initializer: Initializer;
  readonly #regularizer: Regularizer | undefined;
  #table: Variable | undefined;

  constructor(options: EmbeddingOptions) {
    super(options);
    const { inputDim, outputDim, embeddingsInitializer = randomUniform(), embeddingsRegularizer } = options;
    for (const [name, value] of Object.entries({ inputDim, outputDim })) {
      if (Number.isInteger(value) && value > 0) continue;
      throw new ValueError(describe(`embedding: ${name}`, 'a whole number > 0', String(value)));
    }
    this.inputDim = inputDim;
    this.outputDim = outputDim;
    this.maskZero = options.maskZero ?? false;
    this.#initializer = resolveInitializer('embedding: embeddingsInitializer', embeddingsInitializer);
    this.#regularizer =
      embeddingsRegularizer && resolveRegularizer('embedding: embeddingsRegularizer', embeddingsRegularizer);
  }

  override build(): void {
    this.#table = this.addWeight({
      name: 'embeddings',
      shape: [this.inputDim, this.outputDim],
      initializer: this.#initializer,
      regularizer: this.#regularizer,
    });
  }

  call(x: Tensor): Tensor {
    return take(this.#table!, isFloat(x.dtype) ? cast(x, 'int32') : x, 0);
  }

  override computeMask(x: Tensor): Tensor | undefined {
    return this.maskZero ? notEqual(x, 0) : undefined;
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return [...inputShape, this.outputDim];
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      input_dim: this.inputDim,
      output_dim: this.outputDim,
      embeddings_initializer: initializerConfig(this.#initializer),
      embeddings_regularizer: regularizerConfig(this.#regularizer),
      activity_regularizer: null,
      embeddings_constraint: null,
      mask_zero: this.maskZero,
      quantization_config: null,
    };
  }
}
