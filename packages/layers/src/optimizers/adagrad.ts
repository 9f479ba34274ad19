/** Adagrad and Adadelta: steps scaled by all squared gradients so far, or by a running mean of them. */
import { add, divide, full, multiply, sqrt, square, subtract, type Tensor, type Variable } from '@antler/core';
import { Optimizer, type OptimizerOptions, store } from './optimizer.js';

/** Options of {@link Adagrad}. */
export interface AdagradOptions extends OptimizerOptions {
  /** What the sum of squares starts with. Default 0.1. */
  readonly initialAccumulatorValue?: number;
  /** Added to the sum, under the root. Default 1e-7. */
  readonly epsilon?: number;
}

/** a ← a + g², w ← w − r·g / √(a + ε) (Duchi et al., 2011). Default learning rate 0.001. */
export class Adagrad extends Optimizer {
  static readonly className: string = 'Adagrad';
  readonly initialAccumulatorValue: number;
  readonly epsilon: number;

  constructor(options: AdagradOptions = {}) {
    super(options, 0.001);
    this.initialAccumulatorValue = options.initialAccumulatorValue ?? 0.1;
    this.epsilon = options.epsilon ?? 1e-7;
  }

  protected get slots(): readonly string[] {
    return ['accumulator'];
  }

  protected override startOf(_slot: string, { shape, dtype }: Variable): Tensor {
    return full(shape, this.initialAccumulatorValue, { dtype });
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { accumulator }: Readonly<Record<string, Variable>>,
  ): void {
    const squares = add(accumulator!, square(gradient));
    store(accumulator!, squares);
    const step = divide(multiply(gradient, learningRate), sqrt(add(squares, this.epsilon)));
    store(variable, subtract(variable, step));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { initialAccumulatorValue, epsilon } = this;
    return { ...super.getConfig(), initial_accumulator_value: initialAccumulatorValue, epsilon };
  }
}

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Part of the means that is kept. Default 0.95. */
  readonly rho?: number;
  /** Added to the means, under the root. Default 1e-7. */
  readonly epsilon?: number;
}

/**
 * a ← ρ·a + (1 − ρ)·g², d = g·√(b + ε) / √(a + ε), b ← ρ·b + (1 − ρ)·d², w ← w − r·d (Zeiler, 2012).
 * Default learning rate 0.001.
 */
export class Adadelta extends Optimizer {
  static readonly className: string = 'Adadelta';
  readonly rho: number;
  readonly epsilon: number;

  constructor(options: AdadeltaOptions = {}) {
    super(options, 0.001);
    this.rho = options.rho ?? 0.95;
    this.epsilon = options.epsilon ?? 1e-7;
  }

  protected get slots(): readonly string[] {
    return ['accumulated_grad', 'accumulated_delta_var'];
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { accumulated_grad: squares, accumulated_delta_var: changes }: Readonly<Record<string, Variable>>,
  ): void {
    const { rho, epsilon } = this;
    const running = (mean: Variable, x: Tensor): Tensor => add(multiply(mean, rho), multiply(square(x), 1 - rho));
    const a = running(squares!, gradient);
    const step = divide(multiply(gradient, sqrt(add(changes!, epsilon))), sqrt(add(a, epsilon)));
    store(squares!, a);
    store(changes!, running(changes!, step));
    store(variable, subtract(variable, multiply(step, learningRate)));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...super.getConfig(), rho: this.rho, epsilon: this.epsilon };
  }
}

/** Adagrad; see {@link Adagrad}. */
export function adagrad(options: AdagradOptions = {}): Adagrad {
  return new Adagrad(options);
}

/** Adadelta; see {@link Adadelta}. */
export function adadelta(options: AdadeltaOptions = {}): Adadelta {
  return new Adadelta(options);
}
