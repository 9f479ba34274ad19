/** Adam: steps scaled by running moments of the gradient (Kingma & Ba 2015, epsilon outside the root as in Keras). */
import {
  add,
  cast,
  divide,
  maximum,
  multiply,
  power,
  sqrt,
  square,
  subtract,
  type Tensor,
  type Variable,
} from '@antler/core';
import { Optimizer, type OptimizerOptions, store } from './optimizer.js';

/** Options of {@link Adam}. */
export interface AdamOptions extends OptimizerOptions {
  /** Part of the first moment that is kept. Default 0.9. */
  readonly beta1?: number;
  /** Part of the second moment that is kept. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default 1e-7. */
  readonly epsilon?: number;
  /** Divides by the largest second moment so far (Reddi et al. 2018). Default false. */
  readonly amsgrad?: boolean;
}

/**
 * m ← m + (g − m)(1 − β₁), v ← v + (g² − v)(1 − β₂), w ← w − r·√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε).
 * Default learning rate 0.001.
 *
 * @example
 * model.compile({ optimizer: adam({ learningRate: 1e-3 }), loss: 'sparseCategoricalCrossentropy' });
 */
export class Adam extends Optimizer {
  static readonly className: string = 'Adam';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly amsgrad: boolean;

  constructor(options: AdamOptions = {}) {
    super(options, 0.001);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-7;
    this.amsgrad = options.amsgrad ?? false;
  }

  protected get slots(): readonly string[] {
    return this.amsgrad ? ['momentum', 'velocity', 'velocity_hat'] : ['momentum', 'velocity'];
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { momentum, velocity, velocity_hat: largest }: Readonly<Record<string, Variable>>,
  ): void {
    const { beta1, beta2 } = this;
    const step = cast(add(this.iterations, 1), 'float32');
    const correction = divide(sqrt(subtract(1, power(beta2, step))), subtract(1, power(beta1, step)));
    const m = add(momentum!, multiply(subtract(gradient, momentum!), 1 - beta1));
    const v = add(velocity!, multiply(subtract(square(gradient), velocity!), 1 - beta2));
    store(momentum!, m);
    store(velocity!, v);
    const scale = largest === undefined ? v : maximum(largest, v);
    if (largest !== undefined) store(largest, scale);
    const change = divide(multiply(m, multiply(learningRate, correction)), add(sqrt(scale), this.epsilon));
    store(variable, subtract(variable, change));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { beta1, beta2, epsilon, amsgrad } = this;
    return { ...super.getConfig(), beta_1: beta1, beta_2: beta2, epsilon, amsgrad };
  }
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019): before each step variables shrink by it times the learning rate. */
export class AdamW extends Adam {
  static override readonly className: string = 'AdamW';

  constructor(options: AdamOptions = {}) {
    super({ weightDecay: 0.004, ...options });
  }
}

/** AdamW; see {@link AdamW}. */
export function adamw(options: AdamOptions = {}): AdamW {
  return new AdamW(options);
}

/** Adam; see {@link Adam}. */
export function adam(options: AdamOptions = {}): Adam {
  return new Adam(options);
}
