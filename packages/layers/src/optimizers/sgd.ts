/** Stochastic gradient descent, with momentum and Nesterov's look ahead. */
import { ValueError, add, describe, multiply, subtract, type Tensor, type Variable } from '@antler/core';
import { Optimizer, type OptimizerOptions, store } from './optimizer.js';

/** Options of {@link SGD}. */
export interface SGDOptions extends OptimizerOptions {
  /** Part of the last step that is kept, in [0, 1]. Default 0. */
  readonly momentum?: number;
  /** Evaluates the step ahead of the momentum. Default false. */
  readonly nesterov?: boolean;
}

/**
 * With learning rate r, momentum μ and gradient g: v ← μ·v − r·g, then w ← w + v, or w + μ·v − r·g with Nesterov.
 * Default learning rate 0.01.
 *
 * @example
 * model.compile({ optimizer: sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }), loss: 'mse' });
 */
export class SGD extends Optimizer {
  static readonly className: string = 'SGD';
  readonly momentum: number;
  readonly nesterov: boolean;

  constructor(options: SGDOptions = {}) {
    super(options, 0.01);
    this.momentum = options.momentum ?? 0;
    this.nesterov = options.nesterov ?? false;
    if (!(this.momentum >= 0 && this.momentum <= 1)) {
      throw new ValueError(describe('sgd: momentum', 'a number in [0, 1]', String(this.momentum)));
    }
  }

  protected get slots(): readonly string[] {
    return this.momentum === 0 ? [] : ['momentum'];
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { momentum: velocity }: Readonly<Record<string, Variable>>,
  ): void {
    const step = multiply(gradient, learningRate);
    if (velocity === undefined) {
      store(variable, subtract(variable, step));
      return;
    }
    const next = subtract(multiply(velocity, this.momentum), step);
    store(velocity, next);
    store(variable, add(variable, this.nesterov ? subtract(multiply(next, this.momentum), step) : next));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov };
  }
}

/** Stochastic gradient descent; see {@link SGD}. */
export function sgd(options: SGDOptions = {}): SGD {
  return new SGD(options);
}
