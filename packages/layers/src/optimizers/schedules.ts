/** Learning-rate schedules: the size of a step as a function of the number of steps, computed inside the step. */
import {
  type Tensor,
  ValueError,
  add,
  ceil,
  cos,
  describe,
  divide,
  floor,
  lessEqual,
  less,
  log,
  maximum,
  minimum,
  multiply,
  power,
  subtract,
  where,
} from '@antler/core';
import { classNameOf } from '../names.js';

/** Base of the schedules. One of your own has `call`. */
export abstract class LearningRateSchedule {
  /** The rate at step 0. */
  readonly initialLearningRate: number;

  constructor(initialLearningRate: number) {
    this.initialLearningRate = initialLearningRate;
  }

  /** Name of the class in saved models. */
  get className(): string {
    return classNameOf(this);
  }

  /** The rate, a scalar, after so many steps (a float32 scalar). */
  abstract call(step: Tensor): Tensor;

  /** What is needed to make it again, under Keras's keys. */
  abstract getConfig(): Readonly<Record<string, unknown>>;
}

/** How a saved configuration writes a schedule. */
export function scheduleConfig(schedule: LearningRateSchedule): Readonly<Record<string, unknown>> {
  const { className } = schedule;
  return {
    module: 'keras.optimizers.schedules',
    class_name: className,
    config: schedule.getConfig(),
    registered_name: null,
  };
}

/** Options of {@link ExponentialDecay} and {@link InverseTimeDecay}. */
export interface DecayOptions {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  /** Goes down in steps of `decaySteps` instead of smoothly. Default false. */
  readonly staircase?: boolean;
}

abstract class RateDecay extends LearningRateSchedule {
  readonly options: Required<DecayOptions>;

  constructor(options: DecayOptions) {
    super(options.initialLearningRate);
    this.options = { staircase: false, ...options };
    checkSteps(this.className, options.decaySteps);
  }

  /** Multiples of `decaySteps`. */
  protected progress(step: Tensor): Tensor {
    const part = divide(step, this.options.decaySteps);
    return this.options.staircase ? floor(part) : part;
  }

  getConfig(): Readonly<Record<string, unknown>> {
    const { initialLearningRate, decaySteps, decayRate, staircase } = this.options;
    return {
      initial_learning_rate: initialLearningRate,
      decay_steps: decaySteps,
      decay_rate: decayRate,
      staircase,
      name: this.className,
    };
  }
}

/** initial · rate^(step / decaySteps). */
export class ExponentialDecay extends RateDecay {
  static readonly className: string = 'ExponentialDecay';

  call(step: Tensor): Tensor {
    return multiply(power(this.options.decayRate, this.progress(step)), this.initialLearningRate);
  }
}

/** initial / (1 + rate · step / decaySteps). */
export class InverseTimeDecay extends RateDecay {
  static readonly className: string = 'InverseTimeDecay';

  call(step: Tensor): Tensor {
    return divide(this.initialLearningRate, add(1, multiply(this.progress(step), this.options.decayRate)));
  }
}

/** Options of {@link PiecewiseConstantDecay}. */
export interface PiecewiseOptions {
  /** Steps at which the rate changes, ascending. */
  readonly boundaries: readonly number[];
  /** The rates: up to and with the first boundary, up to the second, …, after the last. */
  readonly values: readonly number[];
}

/** One rate after the other. */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  static readonly className: string = 'PiecewiseConstantDecay';
  readonly boundaries: readonly number[];
  readonly values: readonly number[];

  constructor({ boundaries, values }: PiecewiseOptions) {
    super(values[0]!);
    if (values.length !== boundaries.length + 1) {
      const received = `${values.length} for ${boundaries.length} boundaries`;
      throw new ValueError(describe('piecewiseConstantDecay: values', 'one value more than boundaries', received));
    }
    this.boundaries = boundaries;
    this.values = values;
  }

  call(step: Tensor): Tensor {
    const last = multiply(step, 0).add(this.values.at(-1)!);
    return this.boundaries.reduceRight<Tensor>(
      (rest, boundary, i) => where(lessEqual(step, boundary), this.values[i]!, rest),
      last,
    );
  }

  getConfig(): Readonly<Record<string, unknown>> {
    return { boundaries: this.boundaries, values: this.values, name: 'PiecewiseConstant' };
  }
}

/** Options of {@link PolynomialDecay}. */
export interface PolynomialOptions {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  /** Default 0.0001. */
  readonly endLearningRate?: number;
  /** Default 1. */
  readonly power?: number;
  /** Starts over, over longer and longer times, instead of staying at the end. Default false. */
  readonly cycle?: boolean;
}

/** (initial − end) · (1 − step / decaySteps)^power + end. */
export class PolynomialDecay extends LearningRateSchedule {
  static readonly className: string = 'PolynomialDecay';
  readonly options: Required<PolynomialOptions>;

  constructor(options: PolynomialOptions) {
    super(options.initialLearningRate);
    this.options = { endLearningRate: 0.0001, power: 1, cycle: false, ...options };
    checkSteps('polynomialDecay', options.decaySteps);
  }

  call(step: Tensor): Tensor {
    const { decaySteps, endLearningRate: end, power: exponent, cycle } = this.options;
    const rounds = maximum(ceil(divide(step, decaySteps)), 1);
    const part = cycle ? divide(step, multiply(rounds, decaySteps)) : divide(minimum(step, decaySteps), decaySteps);
    return add(multiply(power(subtract(1, part), exponent), this.initialLearningRate - end), end);
  }

  getConfig(): Readonly<Record<string, unknown>> {
    const { initialLearningRate, decaySteps, endLearningRate, power: exponent, cycle } = this.options;
    return {
      initial_learning_rate: initialLearningRate,
      decay_steps: decaySteps,
      end_learning_rate: endLearningRate,
      power: exponent,
      cycle,
      name: this.className,
    };
  }
}

/** Options of {@link CosineDecay}. */
export interface CosineOptions {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  /** The least rate, as a part of the first (or of `warmupTarget`). Default 0. */
  readonly alpha?: number;
  /** With it, the rate first rises to this in `warmupSteps` steps. */
  readonly warmupTarget?: number | null;
  /** Default 0. */
  readonly warmupSteps?: number;
}

/** Half a cosine wave down, after an optional rise (Loshchilov & Hutter 2016). */
export class CosineDecay extends LearningRateSchedule {
  static readonly className: string = 'CosineDecay';
  readonly options: Required<CosineOptions>;

  constructor(options: CosineOptions) {
    super(options.initialLearningRate);
    this.options = { alpha: 0, warmupTarget: null, warmupSteps: 0, ...options };
    checkSteps('cosineDecay', options.decaySteps);
  }

  call(step: Tensor): Tensor {
    const { initialLearningRate, decaySteps, alpha, warmupTarget: top, warmupSteps } = this.options;
    const decay = (from: Tensor, rate: number): Tensor => {
      const part = divide(minimum(from, decaySteps), decaySteps);
      return multiply(add(multiply(halfCosine(part), 1 - alpha), alpha), rate);
    };
    if (top === null) return decay(step, initialLearningRate);
    const rise = add(multiply(divide(step, warmupSteps), top - initialLearningRate), initialLearningRate);
    return where(less(step, warmupSteps), rise, decay(subtract(step, warmupSteps), top));
  }

  getConfig(): Readonly<Record<string, unknown>> {
    const { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps } = this.options;
    return {
      initial_learning_rate: initialLearningRate,
      decay_steps: decaySteps,
      alpha,
      name: this.className,
      warmup_target: warmupTarget,
      warmup_steps: warmupSteps,
    };
  }
}

/** Options of {@link CosineDecayRestarts}. */
export interface RestartOptions {
  readonly initialLearningRate: number;
  readonly firstDecaySteps: number;
  /** Length of a wave over that of the one before. Default 2. */
  readonly tMul?: number;
  /** Height of a wave over that of the one before. Default 1. */
  readonly mMul?: number;
  /** The least rate, as a part of the first. Default 0. */
  readonly alpha?: number;
}

/** Half cosine waves, one after the other (Loshchilov & Hutter 2016). */
export class CosineDecayRestarts extends LearningRateSchedule {
  static readonly className: string = 'CosineDecayRestarts';
  readonly options: Required<RestartOptions>;

  constructor(options: RestartOptions) {
    super(options.initialLearningRate);
    this.options = { tMul: 2, mMul: 1, alpha: 0, ...options };
    checkSteps('cosineDecayRestarts', options.firstDecaySteps);
  }

  call(step: Tensor): Tensor {
    const { firstDecaySteps, tMul, mMul, alpha } = this.options;
    const waves = divide(step, firstDecaySteps);
    // Lengths are a geometric series: wave n begins at (1 − tⁿ) / (1 − t) first lengths.
    const index = tMul === 1 ? floor(waves) : floor(divide(log(add(1, multiply(waves, tMul - 1))), Math.log(tMul)));
    const length = power(tMul, index);
    const begin = tMul === 1 ? index : divide(subtract(length, 1), tMul - 1);
    const wave = multiply(halfCosine(divide(subtract(waves, begin), length)), power(mMul, index));
    return multiply(add(multiply(wave, 1 - alpha), alpha), this.initialLearningRate);
  }

  getConfig(): Readonly<Record<string, unknown>> {
    const { initialLearningRate, firstDecaySteps, tMul, mMul, alpha } = this.options;
    return {
      initial_learning_rate: initialLearningRate,
      first_decay_steps: firstDecaySteps,
      t_mul: tMul,
      m_mul: mMul,
      alpha,
      name: 'SGDRDecay',
    };
  }
}

/** From 1 at 0 to 0 at 1. */
function halfCosine(part: Tensor): Tensor {
  return multiply(add(cos(multiply(part, Math.PI)), 1), 0.5);
}

function checkSteps(where: string, steps: number): void {
  if (!(steps > 0)) throw new ValueError(describe(`${where}: decaySteps`, 'a number > 0', String(steps)));
}
