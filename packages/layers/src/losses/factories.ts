/** Losses as functions: `losses.meanSquaredError()` is `new MeanSquaredError()`. */
import { BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy } from './crossentropy.js';
import type { SmoothOptions, SparseOptions } from './crossentropy.js';
import { CosineSimilarity, type CosineSimilarityOptions, KLDivergence, Poisson } from './divergence.js';
import { BinaryFocalCrossentropy, CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy } from './focal.js';
import type { BinaryFocalOptions, FocalOptions, GeneralizedOptions } from './focal.js';
import { CategoricalHinge, Hinge, SquaredHinge } from './hinge.js';
import type { LossOptions } from './loss.js';
import { Dice, type OverlapOptions, Tversky, type TverskyOptions } from './overlap.js';
import { Huber, type HuberOptions, LogCosh, MeanAbsoluteError, MeanAbsolutePercentageError } from './regression.js';
import { MeanSquaredError, MeanSquaredLogarithmicError } from './regression.js';

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

/** For numbers whose relative errors matter; see {@link MeanAbsolutePercentageError}. */
export function meanAbsolutePercentageError(options: LossOptions = {}): MeanAbsolutePercentageError {
  return new MeanAbsolutePercentageError(options);
}

/** For numbers whose orders of magnitude matter; see {@link MeanSquaredLogarithmicError}. */
export function meanSquaredLogarithmicError(options: LossOptions = {}): MeanSquaredLogarithmicError {
  return new MeanSquaredLogarithmicError(options);
}

/** For numbers with outliers, smooth; see {@link LogCosh}. */
export function logCosh(options: LossOptions = {}): LogCosh {
  return new LogCosh(options);
}

/** For numbers with outliers: a square, then a line; see {@link Huber}. */
export function huber(options: HuberOptions = {}): Huber {
  return new Huber(options);
}

/** For directions; see {@link CosineSimilarity}. */
export function cosineSimilarity(options: CosineSimilarityOptions = {}): CosineSimilarity {
  return new CosineSimilarity(options);
}

/** For counts; see {@link Poisson}. */
export function poisson(options: LossOptions = {}): Poisson {
  return new Poisson(options);
}

/** For distributions; see {@link KLDivergence}. */
export function klDivergence(options: LossOptions = {}): KLDivergence {
  return new KLDivergence(options);
}

/** For yes-or-no truth and scores; see {@link Hinge}. */
export function hinge(options: LossOptions = {}): Hinge {
  return new Hinge(options);
}

/** For yes-or-no truth and scores, squared; see {@link SquaredHinge}. */
export function squaredHinge(options: LossOptions = {}): SquaredHinge {
  return new SquaredHinge(options);
}

/** For one-hot truth and scores; see {@link CategoricalHinge}. */
export function categoricalHinge(options: LossOptions = {}): CategoricalHinge {
  return new CategoricalHinge(options);
}

/** For yes-or-no truth that is mostly easy; see {@link BinaryFocalCrossentropy}. */
export function binaryFocalCrossentropy(options: BinaryFocalOptions = {}): BinaryFocalCrossentropy {
  return new BinaryFocalCrossentropy(options);
}

/** For one-hot truth that is mostly easy; see {@link CategoricalFocalCrossentropy}. */
export function categoricalFocalCrossentropy(options: FocalOptions = {}): CategoricalFocalCrossentropy {
  return new CategoricalFocalCrossentropy(options);
}

/** For class numbers that may be wrong; see {@link CategoricalGeneralizedCrossEntropy}. */
export function categoricalGeneralizedCrossEntropy(
  options: GeneralizedOptions = {},
): CategoricalGeneralizedCrossEntropy {
  return new CategoricalGeneralizedCrossEntropy(options);
}

/** For regions; see {@link Dice}. */
export function dice(options: OverlapOptions = {}): Dice {
  return new Dice(options);
}

/** For regions, where missed and wrong count differently; see {@link Tversky}. */
export function tversky(options: TverskyOptions = {}): Tversky {
  return new Tversky(options);
}
