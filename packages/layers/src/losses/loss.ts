/** Loss: a number for how far predictions are from the truth, made of one number per row. */
import { type DType, ValueError, cast, describe, logicalAnd, withScope, type Tensor } from '@antler/core';
import { firstMask, masksOf } from '../masks.js';
import { classNameOf, snakeCase } from '../names.js';
import { resolveName } from '../registry.js';
import { type Reduction, checkReduction, reduceLosses, reductionConfig } from './reduction.js';

/** What every loss can be told. */
export interface LossOptions {
  /** Default: the class name in Keras's spelling, such as `mean_squared_error`. */
  readonly name?: string;
  /** Default sumOverBatchSize: the mean over the batch. */
  readonly reduction?: Reduction;
  /** Dtype of the computation. Default float32. */
  readonly dtype?: DType;
}

/** A loss as a function: one number per row (or per row and step). */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** Names that `standardNames` gives. */
export type LossName =
  | 'sparseCategoricalCrossentropy' | 'categoricalCrossentropy' | 'binaryCrossentropy'
  | 'meanSquaredError' | 'mse' | 'meanAbsoluteError' | 'mae' | 'meanAbsolutePercentageError' | 'mape'
  | 'meanSquaredLogarithmicError' | 'msle' | 'logCosh' | 'huber' | 'cosineSimilarity' | 'poisson' | 'klDivergence' | 'kld'
  | 'hinge' | 'squaredHinge' | 'categoricalHinge' | 'binaryFocalCrossentropy' | 'categoricalFocalCrossentropy'
  | 'categoricalGeneralizedCrossEntropy' | 'dice' | 'tversky'; // prettier-ignore

/** Base of the losses. One of your own has a `call`. */
export abstract class Loss {
  readonly name: string;
  readonly reduction: Reduction;
  readonly dtype: DType;

  constructor({ name, reduction = 'sumOverBatchSize', dtype = 'float32' }: LossOptions = {}) {
    this.name = name ?? snakeCase(this.className);
    this.reduction = checkReduction(this.name, reduction);
    this.dtype = dtype;
  }

  /** Name of the class in saved models. */
  get className(): string {
    return classNameOf(this);
  }

  /** Losses per row. Both arguments have the loss's dtype. */
  abstract call(yTrue: Tensor, yPred: Tensor): Tensor;

  /** Which losses count; undefined when all do. */
  mask(_yTrue: Tensor, _yPred: Tensor): Tensor | undefined {
    return undefined;
  }

  /**
   * The reduced loss of a batch. `sampleWeight` has a weight per row, or one per loss. Entries that the mask of the predictions
   * hides, such as padded steps of a sequence, do not count.
   */
  apply(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): Tensor {
    return withScope(this.name, () => {
      const truth = this.prepareTruth(yTrue);
      const prediction = cast(yPred, this.dtype);
      const losses = this.call(truth, prediction);
      const [seen, valid] = [firstMask(masksOf(yPred)), this.mask(truth, prediction)];
      const mask = seen === undefined || valid === undefined ? (seen ?? valid) : logicalAnd(seen, valid);
      return reduceLosses(losses, this.reduction, sampleWeight, mask);
    });
  }

  /** The truth as `call` gets it: in the dtype of the predictions. */
  protected prepareTruth(yTrue: Tensor): Tensor {
    return cast(yTrue, this.dtype);
  }

  /** What is needed to make it again, under Keras's keys. */
  getConfig(): Readonly<Record<string, unknown>> {
    return { name: this.name, reduction: reductionConfig(this.reduction) };
  }
}

/** A loss made of a function. */
class FunctionLoss extends Loss {
  readonly #losses: LossFunction;

  constructor(losses: LossFunction) {
    super({ name: snakeCase(losses.name === '' ? 'loss' : losses.name) });
    this.#losses = losses;
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.#losses(yTrue, yPred);
  }
}

/** The loss that an argument of `compile` means. */
export function resolveLoss(loss: Loss | LossFunction | string): Loss {
  if (typeof loss === 'string') return resolveName('compile: loss', 'loss', loss)();
  if (typeof loss === 'function') return new FunctionLoss(loss);
  if (loss instanceof Loss) return loss;
  throw new ValueError(describe('compile: loss', 'a loss, its name or a function', String(loss)));
}
