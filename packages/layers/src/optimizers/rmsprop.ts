/** RMSprop: steps scaled by a running mean of the squared gradient (Tieleman & Hinton 2012). */
import {
  type Tensor,
  type Variable,
  ValueError,
  add,
  describe,
  divide,
  multiply,
  sqrt,
  square,
  subtract,
} from '@antler/core';
import { Optimizer, type OptimizerOptions, store } from './optimizer.js';

/** Options of {@link RMSprop}. */
export interface RMSpropOptions extends OptimizerOptions {
  /** Part of the mean that is kept. Default 0.9. */
  readonly rho?: number;
  /** Part of the last step that is kept. Default 0. */
  readonly momentum?: number;
  /** Added to the mean, under the root. Default 1e-7. */
  readonly epsilon?: number;
  /** Subtracts the square of the mean gradient, so that the scale is a variance. Default false. */
  readonly centered?: boolean;
}

/**
 * v ← ρ·v + (1 − ρ)·g², step = r·g / √(v + ε), with momentum m ← μ·m + step; w ← w − step (or − m).
 * Default learning rate 0.001.
 *
 * @example
 * model.compile({ optimizer: rmsprop({ momentum: 0.9 }), loss: 'mse' });
 */
export class RMSprop extends Optimizer {
  static readonly className: string = 'RMSprop';
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;

  constructor(options: RMSpropOptions = {}) {
    super(options, 0.001);
    this.rho = options.rho ?? 0.9;
    this.momentum = options.momentum ?? 0;
    this.epsilon = options.epsilon ?? 1e-7;
    this.centered = options.centered ?? false;
    if (!(this.rho >= 0 && this.rho <= 1)) {
      throw new ValueError(describe('rmsprop: rho', 'a number in [0, 1]', String(this.rho)));
    }
  }

  protected get slots(): readonly string[] {
    return ['velocity', ...(this.momentum > 0 ? ['momentum'] : []), ...(this.centered ? ['average_gradient'] : [])];
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { velocity, momentum, average_gradient: average }: Readonly<Record<string, Variable>>,
  ): void {
    const { rho, epsilon } = this;
    const running = (mean: Variable, value: Tensor): Tensor => add(multiply(mean, rho), multiply(value, 1 - rho));
    const v = running(velocity!, square(gradient));
    store(velocity!, v);
    let scale = v;
    if (average !== undefined) {
      const mean = running(average, gradient);
      store(average, mean);
      scale = subtract(v, square(mean));
    }
    const step = divide(multiply(gradient, learningRate), sqrt(add(scale, epsilon)));
    if (momentum === undefined) {
      store(variable, subtract(variable, step));
      return;
    }
    const next = add(multiply(momentum, this.momentum), step);
    store(momentum, next);
    store(variable, subtract(variable, next));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { rho, momentum, epsilon, centered } = this;
    return { ...super.getConfig(), rho, momentum, epsilon, centered };
  }
}

/** RMSprop; see {@link RMSprop}. */
export function rmsprop(options: RMSpropOptions = {}): RMSprop {
  return new RMSprop(options);
}
