/** Metrics as functions: `metrics.binaryAccuracy()` is `new BinaryAccuracy()`. */
import { BinaryCrossentropy, CategoricalCrossentropy, type CrossentropyOptions } from '../losses/crossentropy.js';
import { type SmoothOptions, SparseCategoricalCrossentropy } from '../losses/crossentropy.js';
import { cosines, divergences, poissonLosses } from '../losses/divergence.js';
import { categoricalHingeLosses, hingeLosses, squaredHingeLosses } from '../losses/hinge.js';
import type { Loss } from '../losses/loss.js';
import { absoluteErrors, logCoshErrors, percentageErrors, squaredErrors } from '../losses/regression.js';
import { squaredLogarithmicErrors } from '../losses/regression.js';
import { Accuracy, BinaryAccuracy, type BinaryAccuracyOptions, CategoricalAccuracy } from './accuracy.js';
import { SparseCategoricalAccuracy, SparseTopKCategoricalAccuracy, type TopKOptions } from './accuracy.js';
import { TopKCategoricalAccuracy } from './accuracy.js';
import { AUC, type AUCOptions } from './auc.js';
import { type BestRateOptions, PrecisionAtRecall, RecallAtPrecision } from './bestRate.js';
import { SensitivityAtSpecificity, SpecificityAtSensitivity } from './bestRate.js';
import type { CountingOptions } from './confusion.js';
import { type CountOptions, FalseNegatives, FalsePositives, Precision } from './counts.js';
import { Recall, TrueNegatives, TruePositives } from './counts.js';
import { F1Score, type F1Options, FBetaScore, type FBetaOptions } from './fScore.js';
import { BinaryIoU, type BinaryIoUOptions, IoU, type IoUOptions, MeanIoU, type MeanIoUOptions } from './iou.js';
import { OneHotIoU, OneHotMeanIoU } from './iou.js';
import { Mean, MeanMetric } from './mean.js';
import type { MetricFunction, MetricOptions } from './metric.js';
import { R2Score, type R2Options, RootMeanSquaredError } from './regression.js';

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

/** How often predictions are the truth; see {@link Accuracy}. */
export function accuracy(options: MetricOptions = {}): Accuracy {
  return new Accuracy(options);
}

/** For one-hot truth, by the k highest scores; see {@link TopKCategoricalAccuracy}. */
export function topKCategoricalAccuracy(options: TopKOptions = {}): TopKCategoricalAccuracy {
  return new TopKCategoricalAccuracy(options);
}

/** For class numbers, by the k highest scores; see {@link SparseTopKCategoricalAccuracy}. */
export function sparseTopKCategoricalAccuracy(options: TopKOptions = {}): SparseTopKCategoricalAccuracy {
  return new SparseTopKCategoricalAccuracy(options);
}

/** The area under a curve; see {@link AUC}. */
export function auc(options: AUCOptions = {}): AUC {
  return new AUC(options);
}

/** The part of the predicted positives that are positive; see {@link Precision}. */
export function precision(options: CountingOptions = {}): Precision {
  return new Precision(options);
}

/** The part of the positives that are found; see {@link Recall}. */
export function recall(options: CountingOptions = {}): Recall {
  return new Recall(options);
}

/** Positives found; see {@link TruePositives}. */
export function truePositives(options: CountOptions = {}): TruePositives {
  return new TruePositives(options);
}

/** False alarms; see {@link FalsePositives}. */
export function falsePositives(options: CountOptions = {}): FalsePositives {
  return new FalsePositives(options);
}

/** Negatives left out; see {@link TrueNegatives}. */
export function trueNegatives(options: CountOptions = {}): TrueNegatives {
  return new TrueNegatives(options);
}

/** Positives missed; see {@link FalseNegatives}. */
export function falseNegatives(options: CountOptions = {}): FalseNegatives {
  return new FalseNegatives(options);
}

/** The best at a specificity of one's choice; see {@link SensitivityAtSpecificity}. */
export function sensitivityAtSpecificity(
  options: BestRateOptions & { readonly specificity: number },
): SensitivityAtSpecificity {
  return new SensitivityAtSpecificity(options);
}

/** The best at a sensitivity of one's choice; see {@link SpecificityAtSensitivity}. */
export function specificityAtSensitivity(
  options: BestRateOptions & { readonly sensitivity: number },
): SpecificityAtSensitivity {
  return new SpecificityAtSensitivity(options);
}

/** The best at a recall of one's choice; see {@link PrecisionAtRecall}. */
export function precisionAtRecall(options: BestRateOptions & { readonly recall: number }): PrecisionAtRecall {
  return new PrecisionAtRecall(options);
}

/** The best at a precision of one's choice; see {@link RecallAtPrecision}. */
export function recallAtPrecision(options: BestRateOptions & { readonly precision: number }): RecallAtPrecision {
  return new RecallAtPrecision(options);
}

/** Precision and recall in one number; see {@link F1Score}. */
export function f1Score(options: F1Options = {}): F1Score {
  return new F1Score(options);
}

/** Precision and recall, of which one counts more; see {@link FBetaScore}. */
export function fBetaScore(options: FBetaOptions = {}): FBetaScore {
  return new FBetaScore(options);
}

/** Intersection over union of some classes; see {@link IoU}. */
export function iou(options: IoUOptions): IoU {
  return new IoU(options);
}

/** Intersection over union of all classes; see {@link MeanIoU}. */
export function meanIoU(options: MeanIoUOptions): MeanIoU {
  return new MeanIoU(options);
}

/** Intersection over union of some classes by scores; see {@link OneHotIoU}. */
export function oneHotIoU(options: Omit<IoUOptions, 'sparseYTrue'>): OneHotIoU {
  return new OneHotIoU(options);
}

/** Intersection over union of all classes by scores; see {@link OneHotMeanIoU}. */
export function oneHotMeanIoU(options: Omit<MeanIoUOptions, 'sparseYTrue'>): OneHotMeanIoU {
  return new OneHotMeanIoU(options);
}

/** Intersection over union of yes and no; see {@link BinaryIoU}. */
export function binaryIoU(options: BinaryIoUOptions = {}): BinaryIoU {
  return new BinaryIoU(options);
}

/** The root of the mean of the squared differences; see {@link RootMeanSquaredError}. */
export function rootMeanSquaredError(options: MetricOptions = {}): RootMeanSquaredError {
  return new RootMeanSquaredError(options);
}

/** The part of the variance that is explained; see {@link R2Score}. */
export function r2Score(options: R2Options = {}): R2Score {
  return new R2Score(options);
}

/** Mean of the differences in per cent of the truth. */
export function meanAbsolutePercentageError({
  name = 'mean_absolute_percentage_error',
}: MetricOptions = {}): MeanMetric {
  return new MeanMetric(percentageErrors, { name });
}

/** Mean of the squared differences of logarithms. */
export function meanSquaredLogarithmicError({
  name = 'mean_squared_logarithmic_error',
}: MetricOptions = {}): MeanMetric {
  return new MeanMetric(squaredLogarithmicErrors, { name });
}

/** Mean of log cosh of the differences. */
export function logCoshError({ name = 'logcosh' }: MetricOptions = {}): MeanMetric {
  return new MeanMetric(logCoshErrors, { name });
}

/** Mean of the Poisson losses. */
export function poisson({ name = 'poisson' }: MetricOptions = {}): MeanMetric {
  return new MeanMetric(poissonLosses, { name });
}

/** Mean of the divergences of Kullback and Leibler. */
export function klDivergence({ name = 'kl_divergence' }: MetricOptions = {}): MeanMetric {
  return new MeanMetric(divergences, { name });
}

/** Mean of the hinge losses. */
export function hinge({ name = 'hinge' }: MetricOptions = {}): MeanMetric {
  return new MeanMetric(hingeLosses, { name });
}

/** Mean of the squared hinge losses. */
export function squaredHinge({ name = 'squared_hinge' }: MetricOptions = {}): MeanMetric {
  return new MeanMetric(squaredHingeLosses, { name });
}

/** Mean of the categorical hinge losses. */
export function categoricalHinge({ name = 'categorical_hinge' }: MetricOptions = {}): MeanMetric {
  return new MeanMetric(categoricalHingeLosses, { name });
}

/** Mean of the cosines of the angles between truth and prediction, along an axis. */
export function cosineSimilarity({
  name = 'cosine_similarity',
  axis = -1,
}: MetricOptions & { readonly axis?: number } = {}): MeanMetric {
  return new MeanMetric((yTrue, yPred) => cosines(yTrue, yPred, axis), { name });
}

/** Mean of the losses of {@link BinaryCrossentropy}. */
export function binaryCrossentropy(options: Omit<SmoothOptions, 'reduction'> = {}): MeanMetric {
  const { fromLogits = false, labelSmoothing = 0 } = options;
  const loss = new BinaryCrossentropy({ ...options, reduction: 'none' });
  return new MeanMetric(lossesOf(loss), loss, { from_logits: fromLogits, label_smoothing: labelSmoothing });
}

/** Mean of the losses of {@link CategoricalCrossentropy}. */
export function categoricalCrossentropy(options: Omit<SmoothOptions, 'reduction'> = {}): MeanMetric {
  const { fromLogits = false, labelSmoothing = 0 } = options;
  const loss = new CategoricalCrossentropy({ ...options, reduction: 'none' });
  return new MeanMetric(lossesOf(loss), loss, { from_logits: fromLogits, label_smoothing: labelSmoothing, axis: -1 });
}

/** Mean of the losses of {@link SparseCategoricalCrossentropy}. */
export function sparseCategoricalCrossentropy(options: Omit<CrossentropyOptions, 'reduction'> = {}): MeanMetric {
  const { fromLogits = false } = options;
  const loss = new SparseCategoricalCrossentropy({ ...options, reduction: 'none' });
  return new MeanMetric(lossesOf(loss), loss, { from_logits: fromLogits, ignore_class: null, axis: -1 });
}

/** The losses of rows, as a metric averages them. */
function lossesOf(loss: Loss): MetricFunction {
  return (yTrue, yPred) => loss.apply(yTrue, yPred);
}
