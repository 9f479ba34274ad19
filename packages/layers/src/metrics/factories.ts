/** Metrics as functions: `metrics.binaryAccuracy()` is `new BinaryAccuracy()`. */
import { absoluteErrors, squaredErrors } from '../losses/regression.js';
import {
  BinaryAccuracy,
  type BinaryAccuracyOptions,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
} from './accuracy.js';
import { Mean, MeanMetric } from './mean.js';
import type { MetricOptions } from './metric.js';

/** For truth given as class numbers; see {@link SparseCategoricalAccuracy}. */
export function sparseCategoricalAccuracy(options: MetricOptions = {}): SparseCategoricalAccuracy {
  return new SparseCategoricalAccuracy(options);
}

/** For one-hot truth; see {@link CategoricalAccuracy}. */
export function categoricalAccuracy(options: MetricOptions = {}): CategoricalAccuracy {
  return new CategoricalAccuracy(options);
}

/** For yes-or-no truth; see {@link BinaryAccuracy}. */
export function binaryAccuracy(options: BinaryAccuracyOptions = {}): BinaryAccuracy {
  return new BinaryAccuracy(options);
}

/** Mean of numbers; see {@link Mean}. */
export function mean(options: MetricOptions = {}): Mean {
  return new Mean(options);
}

/** Mean of the squared differences. */
export function meanSquaredError({ name = 'mean_squared_error' }: MetricOptions = {}): MeanMetric {
  return new MeanMetric(squaredErrors, { name });
}

/** Mean of the absolute differences. */
export function meanAbsoluteError({ name = 'mean_absolute_error' }: MetricOptions = {}): MeanMetric {
  return new MeanMetric(absoluteErrors, { name });
}
