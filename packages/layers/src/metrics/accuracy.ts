/** Accuracies: the part of the rows whose prediction is right. */
import { argmax, cast, equal, greater, squeeze, type Tensor } from '@antler/core';
import { alignRanks } from '../losses/reduction.js';
import { MeanMetric } from './mean.js';
import type { MetricOptions } from './metric.js';

/** Truth: class numbers [batch, …] (or [batch, …, 1]); predictions: a score per class. Right when the largest is the truth's. */
export class SparseCategoricalAccuracy extends MeanMetric {
  static readonly className: string = 'SparseCategoricalAccuracy';

  constructor({ name = 'sparse_categorical_accuracy' }: MetricOptions = {}) {
    super(sparseMatches, { name });
  }
}

/** Truth: one-hot, or a score per class, as the predictions. Right when the largest of both agree. */
export class CategoricalAccuracy extends MeanMetric {
  static readonly className: string = 'CategoricalAccuracy';

  constructor({ name = 'categorical_accuracy' }: MetricOptions = {}) {
    super(categoricalMatches, { name });
  }
}

/** Options of {@link BinaryAccuracy}. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** A prediction above it means 1. Default 0.5. */
  readonly threshold?: number;
}

/** Truth: 0 or 1; predictions: the probability of 1. */
export class BinaryAccuracy extends MeanMetric {
  static readonly className: string = 'BinaryAccuracy';
  readonly threshold: number;

  constructor({ name = 'binary_accuracy', threshold = 0.5 }: BinaryAccuracyOptions = {}) {
    super((yTrue, yPred) => binaryMatches(yTrue, yPred, threshold), { name });
    this.threshold = threshold;
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), threshold: this.threshold };
  }
}

function sparseMatches(yTrue: Tensor, yPred: Tensor): Tensor {
  const labels = yTrue.rank === yPred.rank && yTrue.shape.at(-1) === 1 ? squeeze(yTrue, -1) : yTrue;
  const matches = matching(labels, argmax(yPred, -1));
  return matches.rank > 1 && matches.shape.at(-1) === 1 ? squeeze(matches, -1) : matches;
}

function categoricalMatches(yTrue: Tensor, yPred: Tensor): Tensor {
  return matching(argmax(yTrue, -1), argmax(yPred, -1));
}

function binaryMatches(yTrue: Tensor, yPred: Tensor, threshold: number): Tensor {
  const [labels, prediction] = alignRanks(yTrue, yPred);
  return matching(labels, greater(prediction, threshold));
}

/** 1 where equal, else 0. */
function matching(truth: Tensor, prediction: Tensor): Tensor {
  return cast(equal(truth, cast(prediction, truth.dtype)), 'float32');
}

/** The accuracy that fits truth and predictions of these ranks and last sizes. */
export function accuracyFor(
  yTrue: { readonly shape: readonly (number | null)[] },
  yPred: { readonly shape: readonly (number | null)[] },
  name: string,
): MeanMetric {
  const classes = yPred.shape.at(-1);
  if (classes === 1) return new BinaryAccuracy({ name });
  const isSparse = yTrue.shape.length < yPred.shape.length || yTrue.shape.at(-1) === 1;
  return isSparse ? new SparseCategoricalAccuracy({ name }) : new CategoricalAccuracy({ name });
}
