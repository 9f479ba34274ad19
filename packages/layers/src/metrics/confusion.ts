/**
 * Metrics that count right and wrong decisions at thresholds: a prediction above a threshold is positive. Thresholds that are evenly
 * spread over [0, 1] are compared as Keras does it, by the step between two thresholds that a prediction falls in.
 */
import {
  ShapeError,
  ValueError,
  add,
  broadcastTo,
  ceil,
  clip,
  describe,
  expandDims,
  greater,
  greaterEqual,
} from '@antler/core';
import { multiply, notEqual, oneHot, outside, relu, reshape, slice, squeeze, subtract } from '@antler/core';
import { cast, sum, tensor, topK, where, withScope, type Tensor, type Variable } from '@antler/core';
import { alignRanks, divideNoNaN } from '../losses/reduction.js';
import { underscored } from '../names.js';
import type { PartialShape } from '../partialShape.js';
import { Metric, type MetricOptions } from './metric.js';

/** What a decision was: right or wrong, about a positive or a negative. */
export type Outcome = 'truePositives' | 'falsePositives' | 'trueNegatives' | 'falseNegatives';

/** All outcomes, in Keras's order. */
export const outcomes: readonly Outcome[] = ['truePositives', 'falsePositives', 'trueNegatives', 'falseNegatives'];

/** What a counting metric looks at. */
export interface CountingOptions extends MetricOptions {
  /** One threshold, or several, for each of which there is a result. Default 0.5. */
  readonly thresholds?: number | readonly number[] | undefined;
  /** The k highest scores of a row are positive. With it the default threshold is −∞. */
  readonly topK?: number | undefined;
  /** Looks at one class of the last axis alone. */
  readonly classId?: number | undefined;
}

/** How a counting metric counts. */
export interface Counting {
  readonly outcomes: readonly Outcome[];
  readonly thresholds: readonly number[];
  /** True when the thresholds are i / (n − 1), the first and the last perhaps a little outside of [0, 1]. */
  readonly isEven?: boolean;
  readonly topK?: number | undefined;
  readonly classId?: number | undefined;
  /** Counts for each entry of the last axis by itself. */
  readonly perLabel?: boolean;
  /** Weights of the entries of the last axis. */
  readonly labelWeights?: readonly number[] | undefined;
  /** Name of the state of the only outcome. */
  readonly stateName?: string;
}

const LOWEST = -1e10;

/** Base of the metrics that count outcomes, with weights, at each threshold. */
export abstract class CountingMetric extends Metric {
  readonly counting: Counting;
  #counts: Readonly<Partial<Record<Outcome, Variable>>> | undefined;

  constructor(options: MetricOptions, counting: Counting) {
    super(options);
    this.counting = counting;
    if (counting.perLabel !== true) this.#makeCounts([counting.thresholds.length]);
  }

  override build(_yTrue: PartialShape, yPred: PartialShape): void {
    const labels = yPred.at(-1);
    if (this.#counts !== undefined) return;
    if (yPred.length !== 2 || typeof labels !== 'number') {
      throw new ShapeError(describe(this.name, 'predictions [batch, labels]', `of rank ${yPred.length}`));
    }
    this.#makeCounts([this.counting.thresholds.length, labels]);
  }

  #makeCounts(shape: readonly number[]): void {
    const { outcomes: names, stateName } = this.counting;
    this.#counts = outside(() =>
      Object.fromEntries(names.map((name) => [name, this.addState(stateName ?? underscored(name), shape)])),
    );
  }

  /** Takes in a batch: truth and scores of one shape [batch, …], weights for rows or for all. */
  updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    this.build(yTrue.shape, yPred.shape);
    withScope(this.name, () => {
      const sums = countOutcomes(this.counting, yTrue, this.prepare(yPred), sampleWeight);
      for (const [name, count] of Object.entries(this.#counts!) as [Outcome, Variable][]) {
        count.assign(add(count, sums[name]));
      }
    });
  }

  /** Scores as they are compared. */
  protected prepare(yPred: Tensor): Tensor {
    return yPred;
  }

  /** The count of an outcome at each threshold. */
  protected count(outcome: Outcome): Tensor {
    return this.#counts![outcome]!.value;
  }

  /** The part that one outcome has of itself and another. */
  protected rate(outcome: Outcome, other: Outcome): Tensor {
    const count = this.count(outcome);
    return divideNoNaN(count, add(count, this.count(other)));
  }
}

function countOutcomes(
  { thresholds, isEven = false, topK: k, classId, perLabel = false, labelWeights }: Counting,
  yTrue: Tensor,
  yPred: Tensor,
  sampleWeight: Tensor | undefined,
): Readonly<Record<Outcome, Tensor>> {
  const [given, labels] = alignRanks(cast(yPred, 'float32'), cast(notEqual(yTrue, 0), 'float32'));
  const ofClass = (x: Tensor): Tensor => {
    if (classId === undefined) return x;
    return slice(x, [...Array<number>(x.rank - 1).fill(0), classId], [...x.shape.slice(0, -1), classId + 1]);
  };
  const scores = ofClass(k === undefined ? given : highest(given, k));
  const truth = ofClass(labels);
  let weight = tensor(1);
  if (sampleWeight !== undefined) {
    weight = cast(sampleWeight, 'float32');
    while (weight.rank < truth.rank) weight = expandDims(weight, -1);
    if (weight.rank > truth.rank) weight = squeeze(weight, -1);
  }
  if (labelWeights !== undefined && !perLabel) weight = multiply(weight, tensor([...labelWeights]));
  const weights = broadcastTo(weight, truth.shape);
  // One axis for the thresholds, one for all entries of the batch, and one for the labels when they are apart.
  const shape = perLabel ? [1, ...truth.shape] : [1, truth.size];
  const [s, positive, negative] = [scores, multiply(weights, truth), multiply(weights, subtract(1, truth))].map((x) =>
    reshape(x, shape),
  ) as [Tensor, Tensor, Tensor];
  const column = (values: readonly number[]): Tensor =>
    reshape(tensor([...values]), [values.length, ...shape.slice(1).fill(1)]);
  const isAbove = isEven
    ? greaterEqual(steps(s, thresholds), column(thresholds.map((_, i) => i)))
    : greater(s, column(thresholds));
  const above = (x: Tensor): Tensor => sum(where(isAbove, x, 0), 1);
  const [hits, alarms] = [above(positive), above(negative)];
  return {
    truePositives: hits,
    falsePositives: alarms,
    trueNegatives: subtract(sum(negative, 1), alarms),
    falseNegatives: subtract(sum(positive, 1), hits),
  };
}

/** The number of the last threshold that each score is above, from −1; from 0 when the first threshold is below 0. */
function steps(scores: Tensor, thresholds: readonly number[]): Tensor {
  const step = subtract(ceil(multiply(clip(scores, 0, 1), thresholds.length - 1)), 1);
  return thresholds[0]! < 0 ? relu(step) : step;
}

/** The k highest scores of each row; the others are lower than any threshold. */
function highest(scores: Tensor, k: number): Tensor {
  const [, places] = topK(scores, k);
  const chosen = sum(oneHot(places, scores.shape.at(-1)!), -2);
  return where(notEqual(chosen, 0), scores, LOWEST);
}

/** The thresholds that an argument means. */
export function thresholdsOf({ thresholds, topK: k }: CountingOptions): readonly number[] {
  if (thresholds === undefined) return [k === undefined ? 0.5 : LOWEST];
  return typeof thresholds === 'number' ? [thresholds] : thresholds;
}

/** n thresholds evenly over [0, 1], whose ends are this far outside. */
export function evenThresholds(where: string, n: number, margin: number): readonly number[] {
  if (!Number.isInteger(n) || n < 2) {
    throw new ValueError(describe(`${where}: numThresholds`, 'a whole number > 1', String(n)));
  }
  return Array.from({ length: n }, (_, i) => (i === 0 ? -margin : i === n - 1 ? 1 + margin : i / (n - 1)));
}
