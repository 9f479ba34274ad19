/** FTRL: follows the regularized leader, for sparse linear models (McMahan et al., 2013). */
import { ValueError, add, clip, describe, divide, full, multiply, power, square, subtract } from '@antler/core';
import { zeros, type Tensor, type Variable } from '@antler/core';
import { Optimizer, type OptimizerOptions, store } from './optimizer.js';

/** Options of {@link Ftrl}. */
export interface FtrlOptions extends OptimizerOptions {
  /** How fast steps become small; at most 0. Default −0.5. */
  readonly learningRatePower?: number;
  /** What the sum of squares starts with. Default 0.1. */
  readonly initialAccumulatorValue?: number;
  /** Default 0. */
  readonly l1RegularizationStrength?: number;
  /** Default 0. */
  readonly l2RegularizationStrength?: number;
  /** A penalty on the size, that enters the gradient. Default 0. */
  readonly l2ShrinkageRegularizationStrength?: number;
  /** Default 0. */
  readonly beta?: number;
}

/** The weights that would have been best so far, under penalties that make many of them 0. Default learning rate 0.001. */
export class Ftrl extends Optimizer {
  static readonly className: string = 'Ftrl';
  readonly options: Required<Omit<FtrlOptions, keyof OptimizerOptions>>;

  constructor(options: FtrlOptions = {}) {
    super(options, 0.001);
    const {
      learningRatePower = -0.5,
      initialAccumulatorValue = 0.1,
      l1RegularizationStrength = 0,
      l2RegularizationStrength = 0,
      l2ShrinkageRegularizationStrength = 0,
      beta = 0,
    } = options;
    if (!(learningRatePower <= 0)) {
      throw new ValueError(describe('ftrl: learningRatePower', 'a number <= 0', String(learningRatePower)));
    }
    const positive = {
      initialAccumulatorValue,
      l1RegularizationStrength,
      l2RegularizationStrength,
      l2ShrinkageRegularizationStrength,
    };
    for (const [name, value] of Object.entries(positive)) {
      if (!(value >= 0)) throw new ValueError(describe(`ftrl: ${name}`, 'a number >= 0', String(value)));
    }
    this.options = { ...positive, learningRatePower, beta };
  }

  protected get slots(): readonly string[] {
    return ['accumulator', 'linear'];
  }

  protected override startOf(slot: string, { shape, dtype }: Variable): Tensor {
    return slot === 'linear' ? zeros(shape, { dtype }) : full(shape, this.options.initialAccumulatorValue, { dtype });
  }

  protected updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    { accumulator, linear }: Readonly<Record<string, Variable>>,
  ): void {
    const { learningRatePower, l1RegularizationStrength: l1, l2RegularizationStrength: l2, beta } = this.options;
    const shrunk = add(gradient, multiply(variable, 2 * this.options.l2ShrinkageRegularizationStrength));
    const squares = add(accumulator!, square(gradient));
    const [before, after] = [accumulator!, squares].map((x) => power(x, -learningRatePower)) as [Tensor, Tensor];
    const pull = multiply(divide(subtract(after, before), learningRate), variable);
    const next = add(linear!, subtract(shrunk, pull));
    const slope = add(divide(after, learningRate), add(divide(beta, learningRate), 2 * l2));
    store(accumulator!, squares);
    store(linear!, next);
    store(variable, divide(subtract(clip(next, -l1, l1), next), slope));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { learningRatePower, initialAccumulatorValue, l1RegularizationStrength, ...rest } = this.options;
    return {
      ...super.getConfig(),
      learning_rate_power: learningRatePower,
      initial_accumulator_value: initialAccumulatorValue,
      l1_regularization_strength: l1RegularizationStrength,
      l2_regularization_strength: rest.l2RegularizationStrength,
      l2_shrinkage_regularization_strength: rest.l2ShrinkageRegularizationStrength,
      beta: rest.beta,
    };
  }
}

/** FTRL; see {@link Ftrl}. */
export function ftrl(options: FtrlOptions = {}): Ftrl {
  return new Ftrl(options);
}
