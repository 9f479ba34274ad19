/** How one loss per row becomes one number, and how weights and masks enter: Keras's rules. */
import {
  type DType,
  type Operand,
  ShapeError,
  type Tensor,
  ValueError,
  broadcastTo,
  cast,
  describe,
  divide,
  expandDims,
  multiply,
  notEqual,
  reshape,
  squeeze,
  sum,
  where,
  showShape,
} from '@antler/core';

/** What is done with the losses of the rows. `mean` is another name of `sumOverBatchSize`. */
export type Reduction = 'sumOverBatchSize' | 'sum' | 'mean' | 'meanWithSampleWeight' | 'none';

/** Keras's small number: keeps logarithms and quotients finite. */
export const EPSILON = 1e-7;

const keras: { readonly [R in Reduction]: string } = {
  sumOverBatchSize: 'sum_over_batch_size',
  sum: 'sum',
  mean: 'mean',
  meanWithSampleWeight: 'mean_with_sample_weight',
  none: 'none',
};

/** How a saved configuration writes a reduction. */
export function reductionConfig(reduction: Reduction): string {
  return keras[reduction];
}

/** Checks that a name is a reduction. */
export function checkReduction(where: string, reduction: string): Reduction {
  if (Object.hasOwn(keras, reduction)) return reduction as Reduction;
  const names = Object.keys(keras).join(', ');
  throw new ValueError(describe(`${where}: reduction`, `one of ${names}`, JSON.stringify(reduction)));
}

/** a / b, and 0 where b is 0. */
export function divideNoNaN(a: Operand, b: Operand): Tensor {
  const some = notEqual(b, 0);
  return where(some, divide(a, where(some, b, 1)), 0);
}

/** When one of two ranks is one higher and its last size is 1, removes that axis there or adds it to a vector here. */
export function alignRanks(a: Tensor, b: Tensor): [Tensor, Tensor] {
  if (a.rank === b.rank + 1 && a.shape.at(-1) === 1) {
    return b.rank === 1 ? [a, expandDims(b, -1)] : [squeeze(a, -1), b];
  }
  if (b.rank === a.rank + 1 && b.shape.at(-1) === 1) {
    return a.rank === 1 ? [expandDims(a, -1), b] : [a, squeeze(b, -1)];
  }
  return [a, b];
}

/** Truth and predictions of one rank; a ShapeError, which names the loss, when they do not broadcast. */
export function alignTruth(where: string, yTrue: Tensor, yPred: Tensor): [truth: Tensor, prediction: Tensor] {
  const [truth, prediction] = alignRanks(yTrue, yPred);
  const fits = truth.shape.every((size, i) => size === prediction.shape[i] || size === 1 || prediction.shape[i] === 1);
  if (truth.rank === prediction.rank && fits) return [truth, prediction];
  const expected = `a truth of the predictions' shape ${showShape(yPred.shape)}`;
  throw new ShapeError(describe(where, expected, showShape(yTrue.shape)));
}

/** One number (or, with `none`, the weighted losses). Rows that the mask leaves out do not count in a mean. */
export function reduceLosses(
  losses: Tensor,
  reduction: Reduction,
  sampleWeight: Tensor | undefined,
  mask: Tensor | undefined,
): Tensor {
  const weight = mask === undefined ? sampleWeight : maskedWeight(mask, sampleWeight, reduction, losses.dtype);
  if (weight === undefined) return reduceWeighted(losses, undefined, reduction);
  const [values, aligned] = alignWeights(losses, cast(weight, losses.dtype));
  return reduceWeighted(multiply(values, aligned), aligned, reduction);
}

function reduceWeighted(values: Tensor, weight: Tensor | undefined, reduction: Reduction): Tensor {
  if (reduction === 'none' || values.rank === 0 || values.size === 0) return values;
  const total = sum(values);
  if (reduction === 'sum') return total;
  if (reduction === 'meanWithSampleWeight' && weight !== undefined) return divideNoNaN(total, sum(weight));
  return divide(total, values.size);
}

/** Losses and weights of one rank. Weights of rows count for all entries of their row, also where Keras would take them for steps. */
function alignWeights(losses: Tensor, weights: Tensor): [losses: Tensor, weights: Tensor] {
  const [a, b] = alignRanks(losses, weights);
  if (b.rank >= a.rank) return [a, b];
  return [a, broadcastTo(reshape(b, [...b.shape, ...a.shape.slice(b.rank).fill(1)]), a.shape)];
}

/**
 * A mask as weights, on top of weights that there are: 1 where it holds, else 0. For a mean it is total / valid where it holds, so
 * that a mean over all entries is the mean over the valid ones.
 */
export function maskedWeight(
  mask: Tensor,
  sampleWeight: Tensor | undefined,
  reduction: Reduction,
  dtype: DType = 'float32',
): Tensor {
  const valid = cast(mask, dtype);
  const isMean = reduction === 'mean' || reduction === 'sumOverBatchSize';
  const scaled = isMean ? multiply(valid, divideNoNaN(mask.size, sum(valid))) : valid;
  if (sampleWeight === undefined) return scaled;
  return multiply(...alignWeights(scaled, cast(sampleWeight, dtype)));
}
