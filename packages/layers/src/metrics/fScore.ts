/** F scores: precision and recall of classes in one number. */
import {
  ShapeError,
  ValueError,
  abs,
  add,
  cast,
  describe,
  divide,
  expandDims,
  greater,
  greaterEqual,
} from '@antler/core';
import { logicalAnd, max, mean, multiply, outside, subtract, sum, type Tensor, type Variable } from '@antler/core';
import { EPSILON } from '../losses/reduction.js';
import type { PartialShape } from '../partialShape.js';
import { Metric, type MetricOptions } from './metric.js';

/** Options of {@link F1Score}. */
export interface F1Options extends MetricOptions {
  /** Over classes: of the sums (micro), plain (macro) or by their rows (weighted). Default: a result for each class. */
  readonly average?: 'micro' | 'macro' | 'weighted' | undefined;
  /** A score above it is positive. Default: the largest of a row is. */
  readonly threshold?: number | undefined;
}

/** Options of {@link FBetaScore}. */
export interface FBetaOptions extends F1Options {
  /** How much more recall counts than precision. Default 1. */
  readonly beta?: number;
}

const averages: readonly unknown[] = ['micro', 'macro', 'weighted', undefined];

/** (1 + β²) · precision · recall / (β² · precision + recall), of truth and scores [batch, classes]. */
export class FBetaScore extends Metric {
  static readonly className: string = 'FBetaScore';
  readonly average: F1Options['average'];
  readonly threshold: number | undefined;
  readonly beta: number;
  #state: readonly [hits: Variable, alarms: Variable, misses: Variable, truth: Variable] | undefined;

  constructor({ name = 'fbeta_score', average, threshold, beta = 1 }: FBetaOptions = {}) {
    super({ name });
    if (!averages.includes(average)) {
      throw new ValueError(describe(`${name}: average`, 'micro, macro, weighted or none', JSON.stringify(average)));
    }
    if (!(beta > 0)) throw new ValueError(describe(`${name}: beta`, 'a number > 0', String(beta)));
    if (threshold !== undefined && !(threshold > 0 && threshold <= 1)) {
      throw new ValueError(describe(`${name}: threshold`, 'a number in (0, 1]', String(threshold)));
    }
    this.average = average;
    this.threshold = threshold;
    this.beta = beta;
  }

  override build(_yTrue: PartialShape, yPred: PartialShape): void {
    const classes = yPred.at(-1);
    if (this.#state !== undefined) return;
    if (yPred.length !== 2 || typeof classes !== 'number') {
      throw new ShapeError(describe(this.name, 'predictions [batch, classes]', `of rank ${yPred.length}`));
    }
    const make = (name: string): Variable => this.addState(name, this.average === 'micro' ? [] : [classes]);
    this.#state = outside(() => [
      make('true_positives'),
      make('false_positives'),
      make('false_negatives'),
      make('intermediate_weights'),
    ]);
  }

  updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    this.build(yTrue.shape, yPred.shape);
    const truth = cast(yTrue, 'float32');
    const chosen = cast(
      this.threshold === undefined
        ? logicalAnd(greaterEqual(yPred, max(yPred, -1, true)), greater(abs(yPred), 1e-9))
        : greater(yPred, this.threshold),
      'float32',
    );
    const total = (x: Tensor): Tensor => {
      const weighted = sampleWeight === undefined ? x : multiply(x, expandDims(cast(sampleWeight, 'float32'), 1));
      return sum(weighted, this.average === 'micro' ? undefined : 0);
    };
    const sums = [
      multiply(chosen, truth),
      multiply(chosen, subtract(1, truth)),
      multiply(subtract(1, chosen), truth),
      truth,
    ];
    this.#state!.forEach((variable, i) => variable.assign(add(variable, total(sums[i]!))));
  }

  result(): Tensor {
    const [hits, alarms, misses, truth] = this.#state!;
    const precision = divide(hits, add(add(hits, alarms), EPSILON));
    const recall = divide(hits, add(add(hits, misses), EPSILON));
    const square = this.beta ** 2;
    const sums = add(add(multiply(precision, square), recall), EPSILON);
    const scores = multiply(divide(multiply(precision, recall), sums), 1 + square);
    if (this.average === undefined) return scores;
    return this.average === 'weighted' ? sum(multiply(scores, divide(truth, add(sum(truth), EPSILON)))) : mean(scores);
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { average = null, threshold = null, beta } = this;
    return { ...super.getConfig(), average, beta, threshold };
  }
}

/** The harmonic mean of precision and recall. */
export class F1Score extends FBetaScore {
  static override readonly className: string = 'F1Score';

  constructor({ name = 'f1_score', ...options }: F1Options = {}) {
    super({ name, ...options });
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { beta: _, ...config } = super.getConfig();
    return config;
  }
}
