/** Adafactor: second moments of matrices by their rows and columns, in little memory (Shazeer & Stern, 2018). */
import { add, cast, divide, expandDims, maximum, mean, minimum, multiply, power, rsqrt, sqrt } from '@antler/core';
import { square, subtract, zeros, type Tensor, type Variable } from '@antler/core';
import { Optimizer, type OptimizerOptions, store } from './optimizer.js';

/** Options of {@link Adafactor}. */
export interface AdafactorOptions extends OptimizerOptions {
  /** How fast the second moments come to keep more: 1 − stepᵗʰⁱˢ. Default −0.8. */
  readonly beta2Decay?: number;
  /** Added to squared gradients. Default 1e-30. */
  readonly epsilon1?: number;
  /** The least size of weights that steps are in proportion to. Default 0.001. */
  readonly epsilon2?: number;
  /** The largest root mean square of a step before it is scaled. Default 1. */
  readonly clipThreshold?: number;
  /** Part of Keras's configurations; as there, steps are at most 1 / √step either way. Default true. */
  readonly relativeStep?: boolean;
}

/** Steps in proportion to the weights, over second moments that rows and columns have in common. Default learning rate 0.001. */
export class Adafactor extends Optimizer {
  static readonly className: string = 'Adafactor';
  readonly beta2Decay: number;
  readonly epsilon1: number;
  readonly epsilon2: number;
  readonly clipThreshold: number;
  readonly relativeStep: boolean;

  constructor(options: AdafactorOptions = {}) {
    super(options, 0.001);
    this.beta2Decay = options.beta2Decay ?? -0.8;
    this.epsilon1 = options.epsilon1 ?? 1e-30;
    this.epsilon2 = options.epsilon2 ?? 1e-3;
    this.clipThreshold = options.clipThreshold ?? 1;
    this.relativeStep = options.relativeStep ?? true;
  }

  /** Rows and columns of a matrix (its last two axes); of a vector the moments themselves. */
  protected get slots(): readonly string[] {
    return ['row', 'column', 'velocity'];
  }

  protected override startOf(slot: string, { shape, dtype }: Variable): Tensor {
    const isMatrix = shape.length >= 2;
    const shapes: Readonly<Record<string, readonly number[]>> = {
      row: isMatrix ? shape.slice(0, -1) : [],
      column: isMatrix ? [...shape.slice(0, -2), shape.at(-1)!] : [],
      velocity: isMatrix ? [] : shape,
    };
    return zeros(shapes[slot]!, { dtype });
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    slots: Readonly<Record<string, Variable>>,
  ): void {
    const step = cast(add(this.iterations, 1), 'float32');
    const rate = minimum(learningRate, rsqrt(step));
    const size = multiply(maximum(rootMeanSquare(variable.value), this.epsilon2), rate);
    const squares = add(square(gradient), this.epsilon1);
    const part = power(step, this.beta2Decay);
    const follow = (slot: string, x: Tensor): Tensor => {
      const next = add(multiply(slots[slot]!, subtract(1, part)), multiply(x, part));
      store(slots[slot]!, next);
      return next;
    };
    const moments = (): Tensor => {
      if (variable.shape.length < 2) return follow('velocity', squares);
      const row = follow('row', mean(squares, -1));
      const column = follow('column', mean(squares, -2));
      return multiply(expandDims(divide(row, mean(row, -1, true)), -1), expandDims(column, -2));
    };
    const direction = divide(gradient, sqrt(moments()));
    const excess = maximum(divide(rootMeanSquare(direction), this.clipThreshold), 1);
    store(variable, subtract(variable, multiply(divide(direction, excess), size)));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep } = this;
    return {
      ...super.getConfig(),
      beta_2_decay: beta2Decay,
      epsilon_1: epsilon1,
      epsilon_2: epsilon2,
      clip_threshold: clipThreshold,
      relative_step: relativeStep,
    };
  }
}

function rootMeanSquare(x: Tensor): Tensor {
  return sqrt(mean(square(x)));
}

/** Adafactor; see {@link Adafactor}. */
export function adafactor(options: AdafactorOptions = {}): Adafactor {
  return new Adafactor(options);
}
