/** The best of one rate where another is high enough, over many thresholds. */
import { ValueError, describe, greaterEqual, max, where, type Tensor } from '@antler/core';
import { CountingMetric, evenThresholds, type Outcome, outcomes } from './confusion.js';
import type { MetricOptions } from './metric.js';

/** Options that all of them have. */
export interface BestRateOptions extends MetricOptions {
  /** How many thresholds are tried. Default 200. */
  readonly numThresholds?: number;
  /** Looks at one class of the last axis alone. */
  readonly classId?: number;
}

type Rate = readonly [of: Outcome, against: Outcome];

abstract class BestRate extends CountingMetric {
  readonly #best: Rate;
  readonly #bound: Rate;
  readonly #least: readonly [name: string, value: number];
  readonly #classId: number | undefined;

  constructor(best: Rate, bound: Rate, least: readonly [name: string, value: number], options: BestRateOptions) {
    const { numThresholds: n = 200, classId } = options;
    const isOne = n === 1;
    const thresholds = isOne ? [0.5] : evenThresholds(least[0], n, 0);
    super(options, { outcomes, thresholds, isEven: !isOne, classId });
    if (!(least[1] >= 0 && least[1] <= 1)) {
      throw new ValueError(describe(`${this.name}: ${least[0]}`, 'a number in [0, 1]', String(least[1])));
    }
    this.#best = best;
    this.#bound = bound;
    this.#least = least;
    this.#classId = classId;
  }

  result(): Tensor {
    const isAllowed = greaterEqual(this.rate(...this.#bound), this.#least[1]);
    return max(where(isAllowed, this.rate(...this.#best), 0));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const [name, value] = this.#least;
    const numThresholds = this.counting.thresholds.length;
    return { ...super.getConfig(), class_id: this.#classId ?? null, num_thresholds: numThresholds, [name]: value };
  }
}

/** The best sensitivity (part of the positives found) where the specificity (part of the negatives left out) is high enough. */
export class SensitivityAtSpecificity extends BestRate {
  static readonly className: string = 'SensitivityAtSpecificity';

  constructor({ specificity, ...options }: BestRateOptions & { readonly specificity: number }) {
    const [best, bound]: Rate[] = [
      ['truePositives', 'falseNegatives'],
      ['trueNegatives', 'falsePositives'],
    ];
    super(best!, bound!, ['specificity', specificity], options);
  }
}

/** The best specificity where the sensitivity is high enough. */
export class SpecificityAtSensitivity extends BestRate {
  static readonly className: string = 'SpecificityAtSensitivity';

  constructor({ sensitivity, ...options }: BestRateOptions & { readonly sensitivity: number }) {
    const [best, bound]: Rate[] = [
      ['trueNegatives', 'falsePositives'],
      ['truePositives', 'falseNegatives'],
    ];
    super(best!, bound!, ['sensitivity', sensitivity], options);
  }
}

/** The best precision where the recall is high enough. */
export class PrecisionAtRecall extends BestRate {
  static readonly className: string = 'PrecisionAtRecall';

  constructor({ recall, ...options }: BestRateOptions & { readonly recall: number }) {
    const [best, bound]: Rate[] = [
      ['truePositives', 'falsePositives'],
      ['truePositives', 'falseNegatives'],
    ];
    super(best!, bound!, ['recall', recall], options);
  }
}

/** The best recall where the precision is high enough. */
export class RecallAtPrecision extends BestRate {
  static readonly className: string = 'RecallAtPrecision';

  constructor({ precision, ...options }: BestRateOptions & { readonly precision: number }) {
    const [best, bound]: Rate[] = [
      ['truePositives', 'falseNegatives'],
      ['truePositives', 'falsePositives'],
    ];
    super(best!, bound!, ['precision', precision], options);
  }
}
