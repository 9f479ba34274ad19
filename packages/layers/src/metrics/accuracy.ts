/** Accuracies: the part of the rows whose prediction is right. */
import {
  argmax,
  cast,
  equal,
  expandDims,
  greater,
  isNaN,
  less,
  squeeze,
  sum,
  takeAlongAxis,
  where,
} from '@antler/core';
import { type Tensor } from '@antler/core';
import { classNumbers } from '../losses/crossentropy.js';
import { alignRanks } from '../losses/reduction.js';
import type { PartialShape } from '../partialShape.js';
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
    super((yTrue, yPred) => binaryMatches(yTrue, yPred, threshold), { name }, { threshold });
    this.threshold = threshold;
  }
}

/** How often predictions are the truth itself. For classes by scores, see {@link SparseCategoricalAccuracy}. */
export class Accuracy extends MeanMetric {
  static readonly className: string = 'Accuracy';

  constructor({ name = 'accuracy' }: MetricOptions = {}) {
    super(exactMatches, { name });
  }
}

/** Options of the accuracies by the k highest scores. */
export interface TopKOptions extends MetricOptions {
  /** Default 5. */
  readonly k?: number;
}

/** Truth: one-hot, or a score per class. Right when its largest is among the k largest of the predictions. */
export class TopKCategoricalAccuracy extends MeanMetric {
  static readonly className: string = 'TopKCategoricalAccuracy';

  constructor({ name = 'top_k_categorical_accuracy', k = 5 }: TopKOptions = {}) {
    super((yTrue, yPred) => topKMatches(argmax(yTrue, -1), yPred, k), { name }, { k });
  }
}

/** Truth: class numbers [batch, …] (or [batch, …, 1]). Right when the class is among the k largest of the predictions. */
export class SparseTopKCategoricalAccuracy extends MeanMetric {
  static readonly className: string = 'SparseTopKCategoricalAccuracy';

  constructor({ name = 'sparse_top_k_categorical_accuracy', k = 5 }: TopKOptions = {}) {
    super((yTrue, yPred) => topKMatches(classNumbers(yTrue, yPred), yPred, k), { name }, { k });
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

function exactMatches(yTrue: Tensor, yPred: Tensor): Tensor {
  const [truth, prediction] = alignRanks(yTrue, yPred);
  return cast(equal(cast(truth, prediction.dtype), prediction), 'float32');
}

/** Fewer than k classes have a higher score than the true one. A score that is NaN is the lowest. */
function topKMatches(labels: Tensor, yPred: Tensor, k: number): Tensor {
  const score = takeAlongAxis(yPred, expandDims(cast(labels, 'int32'), -1), -1);
  const higher = greater(yPred, where(isNaN(score), -Infinity, score));
  return cast(less(sum(cast(higher, 'int32'), -1), k), 'float32');
}

/** 1 where equal, else 0. */
function matching(truth: Tensor, prediction: Tensor): Tensor {
  return cast(equal(truth, cast(prediction, truth.dtype)), 'float32');
}

/** The accuracy that fits truth and predictions of these shapes: what the name `accuracy` means. */
export function accuracyFor(options: MetricOptions, yTrue: PartialShape, yPred: PartialShape): MeanMetric {
  if (yPred.at(-1) === 1) return new BinaryAccuracy(options);
  const isSparse = yTrue.length < yPred.length || yTrue.at(-1) === 1;
  return isSparse ? new SparseCategoricalAccuracy(options) : new CategoricalAccuracy(options);
}
