/** Hinge losses: nothing once a prediction is on the right side by a margin of 1. */
import { add, all, equal, logicalOr, max, maximum, mean, multiply } from '@antler/core';
import { square, subtract, sum, where, type Tensor } from '@antler/core';
import { Loss } from './loss.js';
import { alignTruth } from './reduction.js';

/** max(1 − yTrue · yPred, 0), averaged over the last axis; a truth of 0 and 1 stands for −1 and 1. */
export class Hinge extends Loss {
  static readonly className: string = 'Hinge';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return hingeLosses(yTrue, yPred);
  }
}

/** The square of what {@link Hinge} takes, averaged over the last axis. */
export class SquaredHinge extends Loss {
  static readonly className: string = 'SquaredHinge';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return squaredHingeLosses(yTrue, yPred);
  }
}

/** max(largest wrong score − right score + 1, 0), with a one-hot truth. */
export class CategoricalHinge extends Loss {
  static readonly className: string = 'CategoricalHinge';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return categoricalHingeLosses(yTrue, yPred);
  }
}

/** The hinge losses of rows. */
export function hingeLosses(yTrue: Tensor, yPred: Tensor): Tensor {
  return mean(margins(yTrue, yPred), -1);
}

/** The squared hinge losses of rows. */
export function squaredHingeLosses(yTrue: Tensor, yPred: Tensor): Tensor {
  return mean(square(margins(yTrue, yPred)), -1);
}

/** The categorical hinge losses of rows. */
export function categoricalHingeLosses(yTrue: Tensor, yPred: Tensor): Tensor {
  const right = sum(multiply(yTrue, yPred), -1);
  const wrong = max(multiply(subtract(1, yTrue), yPred), -1);
  return maximum(add(subtract(wrong, right), 1), 0);
}

/** What is missing to a margin of 1. */
function margins(yTrue: Tensor, yPred: Tensor): Tensor {
  const [truth, scores] = alignTruth('hinge', yTrue, yPred);
  const isBinary = all(logicalOr(equal(truth, 0), equal(truth, 1)));
  const signs = where(isBinary, subtract(multiply(truth, 2), 1), truth);
  return maximum(subtract(1, multiply(signs, scores)), 0);
}
