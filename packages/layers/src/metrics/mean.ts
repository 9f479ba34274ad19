/** Means over batches: of numbers, and of what a function says of truth and prediction. */
import { add, broadcastTo, cast, mean, multiply, sum, withScope, type Tensor, type Variable } from '@antler/core';
import { alignRanks, divideNoNaN, maskedWeight } from '../losses/reduction.js';
import { firstMask, masksOf } from '../masks.js';
import { snakeCase } from '../names.js';
import { Metric, type MetricFunction, type MetricOptions } from './metric.js';

/** State and arithmetic of a weighted mean; what is averaged is a matter of the classes below. */
export abstract class Averaging extends Metric {
  readonly #total: Variable = this.addState('total');
  readonly #count: Variable = this.addState('count');

  /** Adds values [rows, …] with weights [rows] or one per value; values of a row are averaged first. */
  protected include(values: Tensor, sampleWeight: Tensor | undefined): void {
    const { rows, weight } = perRow(cast(values, 'float32'), sampleWeight);
    const count = weight === undefined ? (rows.rank === 0 ? 1 : rows.shape[0]!) : sum(weight);
    this.#total.assign(add(this.#total, sum(rows)));
    this.#count.assign(add(this.#count, count));
  }

  result(): Tensor {
    return divideNoNaN(this.#total, this.#count);
  }
}

/** Weighted values, one per row, and the weights that they count with. */
function perRow(values: Tensor, sampleWeight: Tensor | undefined): { rows: Tensor; weight: Tensor | undefined } {
  if (sampleWeight === undefined) return { rows: averageFrom(values, 1), weight: undefined };
  const [aligned, weight] = alignRanks(values, cast(sampleWeight, 'float32'));
  const reduced = averageFrom(aligned, weight.rank);
  const broadcast = broadcastTo(weight, reduced.shape);
  return { rows: averageFrom(multiply(reduced, broadcast), 1), weight: averageFrom(broadcast, 1) };
}

function averageFrom(x: Tensor, firstAxis: number): Tensor {
  if (x.rank <= firstAxis) return x;
  return mean(
    x,
    Array.from({ length: x.rank - firstAxis }, (_, i) => firstAxis + i),
  );
}

/**
 * Mean of numbers.
 *
 * @example
 * const gradientNorm = new Mean({ name: 'gradient_norm' });
 * gradientNorm.update(norm);
 */
export class Mean extends Averaging {
  static readonly className: string = 'Mean';

  /** Takes in values, weighted by a number or by a weight per row. */
  update(values: Tensor, sampleWeight?: Tensor): void {
    this.include(values, sampleWeight);
  }

  /** Takes in predictions; the truth does not matter. */
  updateState(_yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    this.include(yPred, sampleWeight);
  }
}

/** Mean over the rows of what a function says of truth and prediction. */
export class MeanMetric extends Averaging {
  readonly #values: MetricFunction;

  readonly #config: Readonly<Record<string, unknown>>;

  /** `config` is what a saved configuration says beside the name. */
  constructor(values: MetricFunction, options: MetricOptions = {}, config: Readonly<Record<string, unknown>> = {}) {
    super({ name: options.name ?? snakeCase(values.name === '' ? 'metric' : values.name) });
    this.#values = values;
    this.#config = config;
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), ...this.#config };
  }

  /** Takes in a batch. What the mask of the predictions hides does not count. */
  updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    withScope(this.name, () => {
      const mask = firstMask(masksOf(yPred));
      const weight = mask === undefined ? sampleWeight : maskedWeight(mask, sampleWeight, 'sum');
      this.include(this.#values(yTrue, yPred), weight);
    });
  }
}
