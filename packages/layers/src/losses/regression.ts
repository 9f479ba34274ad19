/** Losses between numbers: the mean over the last axis of a distance is the loss of a row. */
import { abs, add, divide, lessEqual, log, maximum, mean, multiply } from '@antler/core';
import { softplus, square, subtract, where, type Tensor } from '@antler/core';
import { Loss, type LossOptions } from './loss.js';
import { EPSILON, alignTruth } from './reduction.js';

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

/** 100 · |yTrue − yPred| / |yTrue|, averaged over the last axis. */
export class MeanAbsolutePercentageError extends Loss {
  static readonly className: string = 'MeanAbsolutePercentageError';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return percentageErrors(yTrue, yPred);
  }
}

/** (log(yTrue + 1) − log(yPred + 1))², averaged over the last axis; negative numbers count as 0. */
export class MeanSquaredLogarithmicError extends Loss {
  static readonly className: string = 'MeanSquaredLogarithmicError';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return squaredLogarithmicErrors(yTrue, yPred);
  }
}

/** log cosh(yPred − yTrue), averaged over the last axis: a square for small errors, an absolute value for large ones. */
export class LogCosh extends Loss {
  static readonly className: string = 'LogCosh';

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return logCoshErrors(yTrue, yPred);
  }
}

/** Options of {@link Huber}. */
export interface HuberOptions extends LossOptions {
  /** Where the square ends and the line begins. Default 1. */
  readonly delta?: number;
}

/** e² / 2 for errors up to δ, δ·|e| − δ² / 2 beyond, averaged over the last axis. */
export class Huber extends Loss {
  static readonly className: string = 'Huber';
  readonly delta: number;

  constructor({ delta = 1, name = 'huber_loss', ...options }: HuberOptions = {}) {
    super({ name, ...options });
    this.delta = delta;
  }

  call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [a, b] = alignTruth('huber', yTrue, yPred);
    const [error, { delta }] = [subtract(b, a), this];
    const size = abs(error);
    const beyond = subtract(multiply(size, delta), 0.5 * delta * delta);
    return mean(where(lessEqual(size, delta), multiply(square(error), 0.5), beyond), -1);
  }
}

/** Mean over the last axis of the squared differences: one number per row. */
export function squaredErrors(yTrue: Tensor, yPred: Tensor): Tensor {
  const [a, b] = alignTruth('meanSquaredError', yTrue, yPred);
  return mean(square(subtract(a, b)), -1);
}

/** Mean over the last axis of the absolute differences: one number per row. */
export function absoluteErrors(yTrue: Tensor, yPred: Tensor): Tensor {
  const [a, b] = alignTruth('meanAbsoluteError', yTrue, yPred);
  return mean(abs(subtract(a, b)), -1);
}

/** Mean over the last axis of the differences in per cent of the truth: one number per row. */
export function percentageErrors(yTrue: Tensor, yPred: Tensor): Tensor {
  const [a, b] = alignTruth('meanAbsolutePercentageError', yTrue, yPred);
  return multiply(mean(abs(divide(subtract(a, b), maximum(abs(a), EPSILON))), -1), 100);
}

/** Mean over the last axis of the squared differences of logarithms: one number per row. */
export function squaredLogarithmicErrors(yTrue: Tensor, yPred: Tensor): Tensor {
  const [a, b] = alignTruth('meanSquaredLogarithmicError', yTrue, yPred).map((x) =>
    log(add(maximum(x, EPSILON), 1)),
  ) as [Tensor, Tensor];
  return mean(square(subtract(b, a)), -1);
}

/** Mean over the last axis of log cosh of the differences, x + softplus(−2x) − log 2, which does not overflow. */
export function logCoshErrors(yTrue: Tensor, yPred: Tensor): Tensor {
  const [a, b] = alignTruth('logCosh', yTrue, yPred);
  const error = subtract(b, a);
  return mean(subtract(add(error, softplus(multiply(error, -2))), Math.LN2), -1);
}
