/** Losses of overlap between regions, such as those of a segmented image. */
import { add, divide, multiply, subtract, sum, type Tensor } from '@antler/core';
import { Loss, type LossOptions } from './loss.js';
import { EPSILON } from './reduction.js';

/** Options of {@link Dice}. */
export interface OverlapOptions extends LossOptions {
  /** The axes of a region. Default: all, the batch too. */
  readonly axis?: number | readonly number[];
}

/** 1 − twice the overlap over the sum of both regions (Dice, 1945). */
export class Dice extends Loss {
  static readonly className: string = 'Dice';
  readonly axis: number | readonly number[] | undefined;

  constructor({ axis, ...options }: OverlapOptions = {}) {
    super(options);
    this.axis = axis;
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [overlap, ...sizes] = [multiply(yTrue, yPred), yTrue, yPred].map((x) => sum(x, this.axis));
    return subtract(1, divide(multiply(overlap!, 2), add(add(sizes[0]!, sizes[1]!), EPSILON)));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), axis: this.axis ?? null };
  }
}

/** Options of {@link Tversky}. */
export interface TverskyOptions extends OverlapOptions {
  /** What counts of the truth that was missed. Default 0.5. */
  readonly alpha?: number;
  /** What counts of the predictions that are wrong. Default 0.5. */
  readonly beta?: number;
}

/** 1 − overlap / (overlap + α · missed + β · wrong): Dice with α = β = ½ (Salehi et al., 2017). */
export class Tversky extends Loss {
  static readonly className: string = 'Tversky';
  readonly axis: number | readonly number[] | undefined;
  readonly alpha: number;
  readonly beta: number;

  constructor({ axis, alpha = 0.5, beta = 0.5, ...options }: TverskyOptions = {}) {
    super(options);
    this.axis = axis;
    this.alpha = alpha;
    this.beta = beta;
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    const product = (a: Tensor, b: Tensor): Tensor => sum(multiply(a, b), this.axis);
    const overlap = product(yTrue, yPred);
    const missed = multiply(product(subtract(1, yPred), yTrue), this.alpha);
    const wrong = multiply(product(yPred, subtract(1, yTrue)), this.beta);
    return subtract(1, divide(overlap, add(add(add(overlap, missed), wrong), EPSILON)));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), alpha: this.alpha, beta: this.beta, axis: this.axis ?? null };
  }
}
