/** What was made of Adam: Adamax (largest gradients), Nadam (a look ahead), Lamb (steps in proportion to the weights). */
import {
  abs,
  add,
  cast,
  divide,
  full,
  greater,
  logicalAnd,
  maximum,
  multiply,
  power,
  sqrt,
  square,
} from '@antler/core';
import { subtract, sum, where, type Tensor, Variable } from '@antler/core';
import { Optimizer, type OptimizerOptions, store } from './optimizer.js';

/** Options of the optimizers that keep moments of the gradient. */
export interface MomentsOptions extends OptimizerOptions {
  /** Part of the first moment that is kept. Default 0.9. */
  readonly beta1?: number;
  /** Part of the second moment that is kept. Default 0.999. */
  readonly beta2?: number;
  /** Keeps quotients finite. Default 1e-7. */
  readonly epsilon?: number;
}

abstract class Moments extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(options: MomentsOptions) {
    super(options, 0.001);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-7;
  }

  protected get slots(): readonly string[] {
    return ['momentum', 'velocity'];
  }

  /** The number of the step, from 1. */
  protected get step(): Tensor {
    return cast(add(this.iterations, 1), 'float32');
  }

  /** mean ← mean + (x − mean)·(1 − β). */
  protected follow(mean: Variable, x: Tensor, beta: number): Tensor {
    const next = add(mean, multiply(subtract(x, mean), 1 - beta));
    store(mean, next);
    return next;
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta_1: beta1, beta_2: beta2, epsilon };
  }
}

/** Adam with the largest gradient in place of the second moment (Kingma & Ba 2015, section 7). Default learning rate 0.001. */
export class Adamax extends Moments {
  static readonly className: string = 'Adamax';

  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  protected override get slots(): readonly string[] {
    return ['momentum', 'norm'];
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { momentum, norm }: Readonly<Record<string, Variable>>,
  ): void {
    const m = this.follow(momentum!, gradient, this.beta1);
    const u = maximum(multiply(norm!, this.beta2), abs(gradient));
    store(norm!, u);
    const scale = multiply(add(u, this.epsilon), subtract(1, power(this.beta1, this.step)));
    store(variable, subtract(variable, divide(multiply(m, learningRate), scale)));
  }
}

/** Adam with Nesterov's look ahead, whose momentum warms up (Dozat, 2015). Default learning rate 0.001. */
export class Nadam extends Moments {
  static readonly className: string = 'Nadam';
  /** The product of the momenta of all steps. */
  readonly #product: Variable = new Variable(full([], 1), { name: `${this.name}/u_product`, trainable: false });

  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  override apply(gradients: readonly Tensor[], variables: readonly Variable[]): void {
    this.#product.assign(multiply(this.#product, this.#momentumOf(this.step)));
    super.apply(gradients, variables);
  }

  #momentumOf(step: Tensor): Tensor {
    return multiply(subtract(1, multiply(power(0.96, step), 0.5)), this.beta1);
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { momentum, velocity }: Readonly<Record<string, Variable>>,
  ): void {
    const { step } = this;
    const [now, next] = [this.#momentumOf(step), this.#momentumOf(add(step, 1))];
    const m = this.follow(momentum!, gradient, this.beta1);
    const v = this.follow(velocity!, square(gradient), this.beta2);
    const ahead = multiply(m, divide(next, subtract(1, multiply(this.#product, next))));
    const present = multiply(gradient, divide(subtract(1, now), subtract(1, this.#product)));
    const scale = add(sqrt(divide(v, subtract(1, power(this.beta2, step)))), this.epsilon);
    store(variable, subtract(variable, divide(multiply(add(ahead, present), learningRate), scale)));
  }

  override get variables(): readonly Variable[] {
    return [...super.variables, this.#product];
  }
}

/** Adam whose steps are as long as the weights are, times the learning rate (You et al., 2019). Default learning rate 0.001. */
export class Lamb extends Moments {
  static readonly className: string = 'Lamb';

  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { momentum, velocity }: Readonly<Record<string, Variable>>,
  ): void {
    const { step } = this;
    const m = divide(this.follow(momentum!, gradient, this.beta1), subtract(1, power(this.beta1, step)));
    const v = divide(this.follow(velocity!, square(gradient), this.beta2), subtract(1, power(this.beta2, step)));
    const direction = divide(m, add(sqrt(v), this.epsilon));
    const [size, length] = [variable.value, direction].map((x) => sqrt(sum(square(x)))) as [Tensor, Tensor];
    const some = logicalAnd(greater(size, 0), greater(length, 0));
    const ratio = where(some, divide(size, where(some, length, 1)), 1);
    store(variable, subtract(variable, multiply(multiply(direction, ratio), learningRate)));
  }
}

/** Adamax; see {@link Adamax}. */
export function adamax(options: MomentsOptions = {}): Adamax {
  return new Adamax(options);
}

/** Nadam; see {@link Nadam}. */
export function nadam(options: MomentsOptions = {}): Nadam {
  return new Nadam(options);
}

/** Lamb; see {@link Lamb}. */
export function lamb(options: MomentsOptions = {}): Lamb {
  return new Lamb(options);
}
