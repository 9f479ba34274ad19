/**
 * Cross-entropies: −log of the probability that a prediction gave to the truth. Predictions are probabilities, clipped to
 * [1e-7, 1 − 1e-7] as in Keras, or logits with `fromLogits`.
 */
import {
  ShapeError,
  add,
  cast,
  clip,
  describe,
  divide,
  expandDims,
  log,
  mean,
  multiply,
  negative,
  notEqual,
  showShape,
} from '@antler/core';
import { softmaxCrossEntropy, softplus, sparseSoftmaxCrossEntropy, squeeze, subtract, sum } from '@antler/core';
import { takeAlongAxis, where, type Tensor } from '@antler/core';
import { Loss, type LossOptions } from './loss.js';
import { EPSILON, alignRanks } from './reduction.js';

/** Options of all cross-entropies. */
export interface CrossentropyOptions extends LossOptions {
  /** True when predictions are scores before softmax (or sigmoid): more exact than probabilities. Default false. */
  readonly fromLogits?: boolean;
}

/** Options of the cross-entropies whose truth is a distribution. */
export interface SmoothOptions extends CrossentropyOptions {
  /** Mixes this part of a uniform distribution into the truth. Default 0. */
  readonly labelSmoothing?: number;
}

/** Options of {@link SparseCategoricalCrossentropy}. */
export interface SparseOptions extends CrossentropyOptions {
  /** Rows of this class have no loss and do not count in the mean. */
  readonly ignoreClass?: number;
}

/** The logarithm of predicted probabilities, made to sum to 1 along the last axis. */
function logProbabilities(yPred: Tensor): Tensor {
  return log(clip(divide(yPred, sum(yPred, -1, true)), EPSILON, 1 - EPSILON));
}

/**
 * Truth: class numbers [batch, …] (or [batch, …, 1]); predictions: [batch, …, classes].
 * A class number outside [−classes, classes) is an IndexError when the loss, or anything computed from it, is read.
 *
 * @example
 * model.compile({ optimizer: adam(), loss: sparseCategoricalCrossentropy({ fromLogits: true }) });
 */
export class SparseCategoricalCrossentropy extends Loss {
  static readonly className: string = 'SparseCategoricalCrossentropy';
  readonly fromLogits: boolean;
  readonly ignoreClass: number | undefined;

  constructor(options: SparseOptions = {}) {
    super(options);
    this.fromLogits = options.fromLogits ?? false;
    this.ignoreClass = options.ignoreClass;
  }

  /** Class numbers. */
  protected override prepareTruth(yTrue: Tensor): Tensor {
    return cast(yTrue, 'int32');
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    const labels = classNumbers(yTrue, yPred);
    const valid = this.mask(yTrue, yPred);
    const checked = valid === undefined ? labels : where(valid, labels, 0);
    const losses = this.fromLogits
      ? sparseSoftmaxCrossEntropy(checked, yPred)
      : negative(pick(logProbabilities(yPred), checked));
    return valid === undefined ? losses : where(valid, losses, 0);
  }

  override mask(yTrue: Tensor, yPred: Tensor): Tensor | undefined {
    return this.ignoreClass === undefined ? undefined : notEqual(classNumbers(yTrue, yPred), this.ignoreClass);
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), from_logits: this.fromLogits, ignore_class: this.ignoreClass ?? null };
  }
}

/** The number of each row's class. */
export function pick(x: Tensor, labels: Tensor): Tensor {
  return squeeze(takeAlongAxis(x, expandDims(labels, -1), -1), -1);
}

/** Labels with one axis less than the predictions. */
export function classNumbers(yTrue: Tensor, yPred: Tensor): Tensor {
  const labels = yTrue.rank === yPred.rank && yTrue.shape.at(-1) === 1 ? squeeze(yTrue, -1) : yTrue;
  if (labels.shape.join() !== yPred.shape.slice(0, -1).join()) {
    throw new ShapeError(
      describe(
        'sparseCategoricalCrossentropy',
        `labels of shape ${showShape(yPred.shape.slice(0, -1))} for predictions ${showShape(yPred.shape)}`,
        showShape(yTrue.shape),
        yTrue.shape.join() === yPred.shape.join() ? 'For one-hot truth use categoricalCrossentropy.' : undefined,
      ),
    );
  }
  return labels;
}

/** Truth and predictions: distributions of one shape [batch, …, classes]. */
export class CategoricalCrossentropy extends Loss {
  static readonly className: string = 'CategoricalCrossentropy';
  readonly fromLogits: boolean;
  readonly labelSmoothing: number;

  constructor(options: SmoothOptions = {}) {
    super(options);
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = options.labelSmoothing ?? 0;
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    checkSameShapes('categoricalCrossentropy', yTrue, yPred, 'For class numbers use sparseCategoricalCrossentropy.');
    const { labelSmoothing: part } = this;
    const truth = part === 0 ? yTrue : add(multiply(yTrue, 1 - part), part / yPred.shape.at(-1)!);
    if (this.fromLogits) return softmaxCrossEntropy(truth, yPred);
    return negative(sum(multiply(truth, logProbabilities(yPred)), -1));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { fromLogits, labelSmoothing } = this;
    return { ...super.getConfig(), from_logits: fromLogits, label_smoothing: labelSmoothing, axis: -1 };
  }
}

/** Truth: 0 or 1 (or between); predictions: the probability of 1. The mean over the last axis is the loss of a row. */
export class BinaryCrossentropy extends Loss {
  static readonly className: string = 'BinaryCrossentropy';
  readonly fromLogits: boolean;
  readonly labelSmoothing: number;

  constructor(options: SmoothOptions = {}) {
    super(options);
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = options.labelSmoothing ?? 0;
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, prediction] = alignRanks(yTrue, yPred);
    checkSameShapes('binaryCrossentropy', labels, prediction);
    const { labelSmoothing: part } = this;
    const truth = part === 0 ? labels : add(multiply(labels, 1 - part), 0.5 * part);
    return mean(this.fromLogits ? binaryFromLogits(truth, prediction) : binaryFromProbabilities(truth, prediction), -1);
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { fromLogits, labelSmoothing } = this;
    return { ...super.getConfig(), from_logits: fromLogits, label_smoothing: labelSmoothing, axis: -1 };
  }
}

/** −y·log σ(z) − (1 − y)·log σ(−z), with log σ(z) = −softplus(−z). */
function binaryFromLogits(truth: Tensor, logits: Tensor): Tensor {
  return add(multiply(truth, softplus(negative(logits))), multiply(subtract(1, truth), softplus(logits)));
}

/** −y·log p − (1 − y)·log(1 − p), with p clipped. */
export function binaryFromProbabilities(truth: Tensor, probabilities: Tensor): Tensor {
  const p = clip(probabilities, EPSILON, 1 - EPSILON);
  return negative(add(multiply(truth, log(p)), multiply(subtract(1, truth), log(subtract(1, p)))));
}

function checkSameShapes(where: string, yTrue: Tensor, yPred: Tensor, hint?: string): void {
  if (yTrue.shape.join() === yPred.shape.join()) return;
  throw new ShapeError(
    describe(where, `a truth of the predictions' shape ${showShape(yPred.shape)}`, showShape(yTrue.shape), hint),
  );
}
