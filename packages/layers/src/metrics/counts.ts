/** Counts of outcomes and their quotients: precision, recall. */
import { slice, squeeze, type Tensor } from '@antler/core';
import { CountingMetric, type CountingOptions, type Outcome, thresholdsOf } from './confusion.js';

/** Options of the counts. */
export type CountOptions = Pick<CountingOptions, 'name' | 'thresholds'>;

/** A single number where there is one threshold. */
function perThreshold(x: Tensor): Tensor {
  return x.size === 1 ? squeeze(slice(x, [0], [1]), 0) : x;
}

abstract class OutcomeCount extends CountingMetric {
  readonly #outcome: Outcome;
  readonly #thresholds: CountOptions['thresholds'];

  constructor(outcome: Outcome, options: CountOptions) {
    super(options, { outcomes: [outcome], thresholds: thresholdsOf(options), stateName: 'accumulator' });
    this.#outcome = outcome;
    this.#thresholds = options.thresholds;
  }

  result(): Tensor {
    return perThreshold(this.count(this.#outcome));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), thresholds: this.#thresholds ?? null };
  }
}

/** Positives that are predicted to be positive. */
export class TruePositives extends OutcomeCount {
  static readonly className: string = 'TruePositives';

  constructor(options: CountOptions = {}) {
    super('truePositives', options);
  }
}

/** Negatives that are predicted to be positive. */
export class FalsePositives extends OutcomeCount {
  static readonly className: string = 'FalsePositives';

  constructor(options: CountOptions = {}) {
    super('falsePositives', options);
  }
}

/** Negatives that are predicted to be negative. */
export class TrueNegatives extends OutcomeCount {
  static readonly className: string = 'TrueNegatives';

  constructor(options: CountOptions = {}) {
    super('trueNegatives', options);
  }
}

/** Positives that are predicted to be negative. */
export class FalseNegatives extends OutcomeCount {
  static readonly className: string = 'FalseNegatives';

  constructor(options: CountOptions = {}) {
    super('falseNegatives', options);
  }
}

abstract class HitRate extends CountingMetric {
  readonly #other: Outcome;
  readonly #options: CountingOptions;

  constructor(other: Outcome, options: CountingOptions) {
    const { topK, classId } = options;
    super(options, { outcomes: ['truePositives', other], thresholds: thresholdsOf(options), topK, classId });
    this.#other = other;
    this.#options = options;
  }

  result(): Tensor {
    return perThreshold(this.rate('truePositives', this.#other));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { thresholds = null, topK = null, classId = null } = this.#options;
    return { ...super.getConfig(), thresholds, top_k: topK, class_id: classId };
  }
}

/** The part of the predicted positives that are positive. */
export class Precision extends HitRate {
  static readonly className: string = 'Precision';

  constructor(options: CountingOptions = {}) {
    super('falsePositives', options);
  }
}

/** The part of the positives that are predicted to be positive. */
export class Recall extends HitRate {
  static readonly className: string = 'Recall';

  constructor(options: CountingOptions = {}) {
    super('falseNegatives', options);
  }
}
