/** Metrics between numbers that are no plain means: the root of one, and R². */
import { ShapeError, add, broadcastTo, cast, describe, divide, expandDims, greater, isFinite } from '@antler/core';
import { mean, multiply, outside, square, sqrt, subtract, sum, tensor, where, type Tensor } from '@antler/core';
import { type Variable, isNaN, logicalOr } from '@antler/core';
import { alignRanks } from '../losses/reduction.js';
import type { PartialShape } from '../partialShape.js';
import { Averaging } from './mean.js';
import { Metric, type MetricOptions } from './metric.js';

/** The root of the mean of the squared differences. */
export class RootMeanSquaredError extends Averaging {
  static readonly className: string = 'RootMeanSquaredError';

  updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const [truth, prediction] = alignRanks(cast(yTrue, 'float32'), cast(yPred, 'float32'));
    this.include(square(subtract(prediction, truth)), sampleWeight);
  }

  override result(): Tensor {
    return sqrt(super.result());
  }
}

/** Options of {@link R2Score}. */
export interface R2Options extends MetricOptions {
  /** Over outputs: plain, by their variance, or (null) a result for each. Default uniform_average. */
  readonly classAggregation?: 'uniform_average' | 'variance_weighted_average' | null;
  /** Number of independent variables, for the adjusted score. Default 0: not adjusted. */
  readonly numRegressors?: number;
}

/** The part of the variance of the truth [batch, outputs] that predictions explain: 1 at best. */
export class R2Score extends Metric {
  static readonly className: string = 'R2Score';
  readonly #aggregation: NonNullable<R2Options['classAggregation']> | null;
  readonly #regressors: number;
  readonly #samples: Variable;
  #state: readonly [squares: Variable, sums: Variable, residuals: Variable, counts: Variable] | undefined;

  constructor({ name = 'r2_score', classAggregation = 'uniform_average', numRegressors = 0 }: R2Options = {}) {
    super({ name });
    this.#aggregation = classAggregation;
    this.#regressors = numRegressors;
    this.#samples = this.addState('num_samples');
  }

  override build(_yTrue: PartialShape, yPred: PartialShape): void {
    const outputs = yPred.at(-1);
    if (this.#state !== undefined) return;
    if (yPred.length !== 2 || typeof outputs !== 'number') {
      throw new ShapeError(describe(this.name, 'predictions [batch, outputs]', `of rank ${yPred.length}`));
    }
    const make = (name: string): Variable => this.addState(name, [outputs]);
    this.#state = outside(() => [make('squared_sum'), make('sum'), make('residual'), make('count')]);
  }

  updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const [truth, prediction] = alignRanks(cast(yTrue, 'float32'), cast(yPred, 'float32'));
    this.build(truth.shape, prediction.shape);
    const given = sampleWeight === undefined ? tensor(1) : cast(sampleWeight, 'float32');
    const weight = broadcastTo(given.rank === 1 ? expandDims(given, 1) : given, truth.shape);
    const weighted = multiply(truth, weight);
    const parts = [multiply(truth, weighted), weighted, multiply(square(subtract(truth, prediction)), weight), weight];
    this.#state!.forEach((variable, i) => variable.assign(add(variable, sum(parts[i]!, 0))));
    this.#samples.assign(add(this.#samples, truth.size));
  }

  result(): Tensor {
    const [squares, sums, residuals, counts] = this.#state!;
    const variance = subtract(squares, multiply(sums, divide(sums, counts)));
    const ratio = subtract(1, divide(residuals, variance));
    const scores = where(logicalOr(isFinite(ratio), isNaN(ratio)), ratio, 0);
    const score =
      this.#aggregation === null
        ? scores
        : this.#aggregation === 'uniform_average'
          ? mean(scores)
          : divide(sum(multiply(variance, scores)), sum(variance));
    if (this.#regressors === 0) return score;
    const freedom = subtract(this.#samples, this.#regressors + 1);
    const adjusted = subtract(1, divide(multiply(subtract(1, score), subtract(this.#samples, 1)), freedom));
    return where(greater(freedom, 0), adjusted, score);
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), class_aggregation: this.#aggregation, num_regressors: this.#regressors };
  }
}
