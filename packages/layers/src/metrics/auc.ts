/** AUC: the area under a curve that thresholds draw. */
import {
  ValueError,
  add,
  describe,
  divide,
  equal,
  greater,
  log,
  logicalAnd,
  maximum,
  mean,
  minimum,
} from '@antler/core';
import { multiply, sigmoid, slice, subtract, sum, tensor, where, type Tensor } from '@antler/core';
import { EPSILON, divideNoNaN } from '../losses/reduction.js';
import { CountingMetric, evenThresholds, outcomes } from './confusion.js';
import type { MetricOptions } from './metric.js';

/** Options of {@link AUC}. */
export interface AUCOptions extends MetricOptions {
  /** How many thresholds draw the curve. Default 200. */
  readonly numThresholds?: number;
  /** ROC: sensitivity over the rate of false alarms; PR: precision over recall; PRGAIN: their gains. Default ROC. */
  readonly curve?: 'ROC' | 'PR' | 'PRGAIN';
  /** Heights between two points: their mean, their minimum or their maximum. Default interpolation. */
  readonly summationMethod?: 'interpolation' | 'minoring' | 'majoring';
  /** Thresholds of one's own, without the ends, in place of `numThresholds`. */
  readonly thresholds?: readonly number[];
  /** A curve for each label [batch, labels]; the result is the mean of the areas. Default false. */
  readonly multiLabel?: boolean;
  /** Number of labels, with `multiLabel`. Default: that of the first batch. */
  readonly numLabels?: number;
  /** What labels count, in the mean of areas or in the one curve. */
  readonly labelWeights?: readonly number[];
  /** True when predictions are scores before a sigmoid. Default false. */
  readonly fromLogits?: boolean;
}

const curves: readonly string[] = ['ROC', 'PR', 'PRGAIN'];
const methods: readonly string[] = ['interpolation', 'minoring', 'majoring'];

/**
 * The area under the curve of a yes-or-no decision: 1 when scores tell positives from negatives, ½ when they say nothing.
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: [metrics.auc()] });
 */
export class AUC extends CountingMetric {
  static readonly className: string = 'AUC';
  readonly #options: AUCOptions;

  constructor(options: AUCOptions = {}) {
    const { numThresholds = 200, thresholds, multiLabel: perLabel = false, labelWeights } = options;
    const own = thresholds && [-EPSILON, ...[...thresholds].sort((a, b) => a - b), 1 + EPSILON];
    const all = own ?? evenThresholds('auc', numThresholds, EPSILON);
    super(options, { outcomes, thresholds: all, isEven: own === undefined, perLabel, labelWeights });
    const { curve = 'ROC', summationMethod = 'interpolation', numLabels } = options;
    for (const [name, word, words] of [
      ['curve', curve, curves],
      ['summationMethod', summationMethod, methods],
    ] as const) {
      if (!words.includes(word)) throw new ValueError(describe(`auc: ${name}`, words.join(', '), JSON.stringify(word)));
    }
    if (numLabels !== undefined && !perLabel) {
      throw new ValueError(describe('auc: numLabels', 'multiLabel beside it', String(numLabels)));
    }
    this.#options = options;
    if (numLabels !== undefined) this.build([null, numLabels], [null, numLabels]);
  }

  protected override prepare(yPred: Tensor): Tensor {
    return this.#options.fromLogits === true ? sigmoid(yPred) : yPred;
  }

  result(): Tensor {
    const { curve = 'ROC', summationMethod = 'interpolation', multiLabel = false, labelWeights } = this.#options;
    const isSmooth = curve === 'PR' && summationMethod === 'interpolation';
    const areas = sum(isSmooth ? this.#interpolated() : this.#rectangles(), 0);
    if (!multiLabel) return areas;
    if (labelWeights === undefined) return mean(areas);
    const weights = tensor([...labelWeights]);
    return divideNoNaN(sum(multiply(areas, weights)), sum(weights));
  }

  /** Areas between neighbouring points. */
  #rectangles(): Tensor {
    const { curve = 'ROC', summationMethod = 'interpolation' } = this.#options;
    const [x, y] = curve === 'ROC' ? this.#roc() : curve === 'PR' ? this.#pr() : this.#gains();
    const [a, b] = [first(y), rest(y)];
    const heights =
      summationMethod === 'interpolation'
        ? divide(add(a, b), 2)
        : summationMethod === 'minoring'
          ? minimum(a, b)
          : maximum(a, b);
    return multiply(subtract(first(x), rest(x)), heights);
  }

  #roc(): readonly [Tensor, Tensor] {
    return [this.rate('falsePositives', 'trueNegatives'), this.rate('truePositives', 'falseNegatives')];
  }

  #pr(): readonly [Tensor, Tensor] {
    return [this.rate('truePositives', 'falseNegatives'), this.rate('truePositives', 'falsePositives')];
  }

  /** Gains over a decision that is always positive (Flach & Kull, 2015); 0 where recall is lower than that one's. */
  #gains(): readonly [Tensor, Tensor] {
    const [tp, fp, tn, fn] = outcomes.map((outcome) => this.count(outcome)) as [Tensor, Tensor, Tensor, Tensor];
    const scale = divideNoNaN(add(tp, fn), add(tn, fp));
    const gain = (errors: Tensor, otherwise: number): Tensor =>
      where(equal(tp, 0), otherwise, subtract(1, multiply(scale, divideNoNaN(errors, tp))));
    return [maximum(gain(fn, 0), 0), gain(fp, 1)];
  }

  /** Precision between two points is no straight line (Davis & Goadrich, 2006): the number of true positives is. */
  #interpolated(): Tensor {
    const [tp, fn] = [this.count('truePositives'), this.count('falseNegatives')];
    const p = add(tp, this.count('falsePositives'));
    const [p0, p1] = [first(p), rest(p)];
    const found = subtract(first(tp), rest(tp));
    const slope = divideNoNaN(found, maximum(subtract(p0, p1), 0));
    const intercept = subtract(rest(tp), multiply(slope, p1));
    const ratio = where(logicalAnd(greater(p0, 0), greater(p1, 0)), divideNoNaN(p0, maximum(p1, 0)), 1);
    const area = multiply(slope, add(found, multiply(intercept, log(ratio))));
    return divideNoNaN(area, maximum(add(rest(tp), rest(fn)), 0));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { curve = 'ROC', summationMethod = 'interpolation', multiLabel = false, numLabels = null } = this.#options;
    const { labelWeights = null, fromLogits = false, thresholds } = this.#options;
    return {
      ...super.getConfig(),
      num_thresholds: this.counting.thresholds.length,
      curve,
      summation_method: summationMethod,
      multi_label: multiLabel,
      num_labels: numLabels,
      label_weights: labelWeights,
      from_logits: fromLogits,
      ...(thresholds && { thresholds }),
    };
  }
}

/** All points but the last. */
function first(x: Tensor): Tensor {
  return slice(x, [0], [x.shape[0]! - 1]);
}

/** All points but the first. */
function rest(x: Tensor): Tensor {
  return slice(x, [1]);
}
