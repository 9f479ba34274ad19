/** Lion: steps of one size, in the direction of the sign of a moment (Chen et al., 2023). */
import { ValueError, add, describe, multiply, sign, subtract, type Tensor, type Variable } from '@antler/core';
import { Optimizer, type OptimizerOptions, store } from './optimizer.js';

/** Options of {@link Lion}. */
export interface LionOptions extends OptimizerOptions {
  /** Part of the moment in a step. Default 0.9. */
  readonly beta1?: number;
  /** Part of the moment that is kept. Default 0.99. */
  readonly beta2?: number;
}

/** w ← w − r·sign(β₁·m + (1 − β₁)·g), m ← β₂·m + (1 − β₂)·g. Default learning rate 0.001. */
export class Lion extends Optimizer {
  static readonly className: string = 'Lion';
  readonly beta1: number;
  readonly beta2: number;

  constructor(options: LionOptions = {}) {
    super(options, 0.001);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.99;
    if (!(this.beta1 > 0 && this.beta1 <= 1)) {
      throw new ValueError(describe('lion: beta1', 'a number in (0, 1]', String(this.beta1)));
    }
  }

  protected get slots(): readonly string[] {
    return ['momentum'];
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { momentum }: Readonly<Record<string, Variable>>,
  ): void {
    const mix = (beta: number): Tensor => add(multiply(momentum!, beta), multiply(gradient, 1 - beta));
    const step = multiply(sign(mix(this.beta1)), learningRate);
    store(momentum!, mix(this.beta2));
    store(variable, subtract(variable, step));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), beta_1: this.beta1, beta_2: this.beta2 };
  }
}

/** Lion; see {@link Lion}. */
export function lion(options: LionOptions = {}): Lion {
  return new Lion(options);
}
