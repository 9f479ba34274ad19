/** Losses as functions: `losses.meanSquaredError()` is `new MeanSquaredError()`. */
import { BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy } from './crossentropy.js';
import type { SmoothOptions, SparseOptions } from './crossentropy.js';
import type { LossOptions } from './loss.js';
import { MeanAbsoluteError, MeanSquaredError } from './regression.js';

/** For truth given as class numbers; see {@link SparseCategoricalCrossentropy}. */
export function sparseCategoricalCrossentropy(options: SparseOptions = {}): SparseCategoricalCrossentropy {
  return new SparseCategoricalCrossentropy(options);
}

/** For truth given as distributions over classes; see {@link CategoricalCrossentropy}. */
export function categoricalCrossentropy(options: SmoothOptions = {}): CategoricalCrossentropy {
  return new CategoricalCrossentropy(options);
}

/** For yes-or-no truth; see {@link BinaryCrossentropy}. */
export function binaryCrossentropy(options: SmoothOptions = {}): BinaryCrossentropy {
  return new BinaryCrossentropy(options);
}

/** For numbers; see {@link MeanSquaredError}. */
export function meanSquaredError(options: LossOptions = {}): MeanSquaredError {
  return new MeanSquaredError(options);
}

/** For numbers with outliers; see {@link MeanAbsoluteError}. */
export function meanAbsoluteError(options: LossOptions = {}): MeanAbsoluteError {
  return new MeanAbsoluteError(options);
}
