/** Cross-entropies that make less of some rows: of those that are easy (focal) or of labels that may be wrong (generalized). */
import { ValueError, add, cast, clip, describe, divide, log, mean, multiply, negative } from '@antler/core';
import { power, sigmoid, softmax, subtract, sum, type Tensor } from '@antler/core';
import { type SmoothOptions, binaryFromProbabilities, classNumbers, pick } from './crossentropy.js';
import { Loss, type LossOptions } from './loss.js';
import { EPSILON, alignTruth } from './reduction.js';

/** Options of the focal cross-entropies. */
export interface FocalOptions extends SmoothOptions {
  /** Factor of the class 1, or of all classes. Default 0.25. */
  readonly alpha?: number;
  /** How much less easy rows count: the power of 1 − probability of the truth. Default 2. */
  readonly gamma?: number;
}

/** Options of {@link BinaryFocalCrossentropy}. */
export interface BinaryFocalOptions extends FocalOptions {
  /** Whether `alpha` weighs class 1, and 1 − alpha class 0. Default false. */
  readonly applyClassBalancing?: boolean;
}

abstract class Focal extends Loss {
  readonly alpha: number;
  readonly gamma: number;
  readonly fromLogits: boolean;
  readonly labelSmoothing: number;

  constructor(options: FocalOptions) {
    super(options);
    this.alpha = options.alpha ?? 0.25;
    this.gamma = options.gamma ?? 2;
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = options.labelSmoothing ?? 0;
  }

  /** The truth, mixed with a uniform distribution over so many classes. */
  protected smooth(yTrue: Tensor, classes: number): Tensor {
    const { labelSmoothing: part } = this;
    return part === 0 ? yTrue : add(multiply(yTrue, 1 - part), part / classes);
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { fromLogits, labelSmoothing, alpha, gamma } = this;
    return {
      ...super.getConfig(),
      from_logits: fromLogits,
      label_smoothing: labelSmoothing,
      axis: -1,
      alpha,
      gamma,
    };
  }
}

/** (1 − p)^γ · −log p, where p is the probability of the truth, averaged over the last axis (Lin et al., 2018). */
export class BinaryFocalCrossentropy extends Focal {
  static readonly className: string = 'BinaryFocalCrossentropy';
  readonly applyClassBalancing: boolean;

  constructor(options: BinaryFocalOptions = {}) {
    super(options);
    this.applyClassBalancing = options.applyClassBalancing ?? false;
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, scores] = alignTruth('binaryFocalCrossentropy', yTrue, yPred);
    const truth = this.smooth(labels, 2);
    const p = this.fromLogits ? sigmoid(scores) : scores;
    const choose = (one: Tensor | number, zero: Tensor | number): Tensor =>
      add(multiply(truth, one), multiply(subtract(1, truth), zero));
    const focus = power(subtract(1, choose(p, subtract(1, p))), this.gamma);
    const losses = multiply(focus, binaryFromProbabilities(truth, p));
    return mean(this.applyClassBalancing ? multiply(choose(this.alpha, 1 - this.alpha), losses) : losses, -1);
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), apply_class_balancing: this.applyClassBalancing };
  }
}

/** α · (1 − p)^γ · −log p of the true class, summed over the classes. */
export class CategoricalFocalCrossentropy extends Focal {
  static readonly className: string = 'CategoricalFocalCrossentropy';

  constructor(options: FocalOptions = {}) {
    super(options);
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    const truth = this.smooth(yTrue, yTrue.shape.at(-1)!);
    const scores = this.fromLogits ? softmax(yPred) : yPred;
    const p = clip(divide(scores, sum(scores, -1, true)), EPSILON, 1 - EPSILON);
    const weight = multiply(power(subtract(1, p), this.gamma), this.alpha);
    return sum(multiply(weight, multiply(negative(truth), log(p))), -1);
  }
}

/** Options of {@link CategoricalGeneralizedCrossEntropy}. */
export interface GeneralizedOptions extends LossOptions {
  /** In (0, 1): near 0 a cross-entropy, near 1 a mean absolute error. Default 0.5. */
  readonly q?: number;
}

/** (1 − p^q) / q, where p is the probability of the true class, a number: forgives wrong labels (Zhang & Sabuncu, 2018). */
export class CategoricalGeneralizedCrossEntropy extends Loss {
  static readonly className: string = 'CategoricalGeneralizedCrossEntropy';
  readonly q: number;

  constructor({ q = 0.5, ...options }: GeneralizedOptions = {}) {
    super(options);
    if (!(q > 0 && q < 1)) throw new ValueError(describe(`${this.name}: q`, 'a number in (0, 1)', String(q)));
    this.q = q;
  }

  /** Class numbers. */
  protected override prepareTruth(yTrue: Tensor): Tensor {
    return cast(yTrue, 'int32');
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return divide(subtract(1, power(pick(yPred, classNumbers(yTrue, yPred)), this.q)), this.q);
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), q: this.q };
  }
}
