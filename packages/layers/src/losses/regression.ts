/** Losses between numbers: the mean over the last axis of a distance is the loss of a row. */
import { abs, mean, square, subtract, type Tensor } from '@antler/core';
import { Loss } from './loss.js';
import { alignRanks } from './reduction.js';

/** (yTrue − yPred)², averaged over the last axis. */
export class MeanSquaredError extends Loss {
  static readonly className: string = 'MeanSquaredError';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return squaredErrors(yTrue, yPred);
  }
}

/** |yTrue − yPred|, averaged over the last axis. */
export class MeanAbsoluteError extends Loss {
  static readonly className: string = 'MeanAbsoluteError';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return absoluteErrors(yTrue, yPred);
  }
}

/** Mean over the last axis of the squared differences: one number per row. */
export function squaredErrors(yTrue: Tensor, yPred: Tensor): Tensor {
  const [a, b] = alignRanks(yTrue, yPred);
  return mean(square(subtract(a, b)), -1);
}

/** Mean over the last axis of the absolute differences: one number per row. */
export function absoluteErrors(yTrue: Tensor, yPred: Tensor): Tensor {
  const [a, b] = alignRanks(yTrue, yPred);
  return mean(abs(subtract(a, b)), -1);
}
