/** Losses between directions and between distributions. */
import { add, clip, divide, log, mean, multiply, negative, normalize, subtract, sum, type Tensor } from '@antler/core';
import { Loss, type LossOptions } from './loss.js';
import { EPSILON, alignTruth } from './reduction.js';

/** Options of {@link CosineSimilarity}. */
export interface CosineSimilarityOptions extends LossOptions {
  /** The axis of the vectors. Default −1. */
  readonly axis?: number;
}

/** Minus the cosine of the angle between truth and prediction: −1 when they have one direction. */
export class CosineSimilarity extends Loss {
  static readonly className: string = 'CosineSimilarity';
  readonly axis: number;

  constructor({ axis = -1, ...options }: CosineSimilarityOptions = {}) {
    super(options);
    this.axis = axis;
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return negative(cosines(yTrue, yPred, this.axis));
  }
}

/** yPred − yTrue · log yPred, averaged over the last axis: for counts. */
export class Poisson extends Loss {
  static readonly className: string = 'Poisson';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return poissonLosses(yTrue, yPred);
  }
}

/** yTrue · log(yTrue / yPred), summed over the last axis: for distributions. */
export class KLDivergence extends Loss {
  static readonly className: string = 'KLDivergence';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return divergences(yTrue, yPred);
  }
}

/** The cosine of the angle between the vectors along an axis. */
export function cosines(yTrue: Tensor, yPred: Tensor, axis = -1): Tensor {
  const [a, b] = alignTruth('cosineSimilarity', yTrue, yPred);
  return sum(multiply(normalize(a, { axis, epsilon: EPSILON }), normalize(b, { axis, epsilon: EPSILON })), axis);
}

/** The Poisson losses of rows. */
export function poissonLosses(yTrue: Tensor, yPred: Tensor): Tensor {
  const [counts, rates] = alignTruth('poisson', yTrue, yPred);
  return mean(subtract(rates, multiply(counts, log(add(rates, EPSILON)))), -1);
}

/** The divergences of Kullback and Leibler of rows. */
export function divergences(yTrue: Tensor, yPred: Tensor): Tensor {
  const given = alignTruth('klDivergence', yTrue, yPred);
  const [truth, prediction] = given.map((x) => clip(x, EPSILON, 1)) as [Tensor, Tensor];
  return sum(multiply(truth, log(divide(truth, prediction))), -1);
}
