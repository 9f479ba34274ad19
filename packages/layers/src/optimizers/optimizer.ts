/** Optimizer: how variables follow their gradients. All state is in variables, so that an update is part of a compiled step. */
import {
  ValueError,
  Variable,
  add,
  cast,
  describe,
  fence,
  full,
  multiply,
  subtract,
  withScope,
  zeros,
  type HostArray,
  type Tensor,
} from '@antler/core';
import { autoName, classNameOf } from '../names.js';
import { resolveName } from '../registry.js';
import { type ClipOptions, clipGradients } from './clip.js';
import { LearningRateSchedule, scheduleConfig } from './schedules.js';

/** What every optimizer can be told. */
export interface OptimizerOptions extends ClipOptions {
  readonly name?: string;
  /** Size of a step, or a schedule of sizes. It lives in a variable: `optimizer.learningRate = 0.01` compiles nothing. */
  readonly learningRate?: number | LearningRateSchedule;
  /** Before each update, variables shrink by this times the learning rate (decoupled weight decay). */
  readonly weightDecay?: number;
}

/** Names that `standardNames` gives. */
export type OptimizerName =
  | 'sgd' | 'adam' | 'adamw' | 'rmsprop' | 'nadam' | 'adamax' | 'lamb' | 'adagrad' | 'adadelta' | 'lion' | 'ftrl'
  | 'adafactor'; // prettier-ignore

/** Base of the optimizers. One of your own has `slots` (state per variable) and `updateStep`. */
export abstract class Optimizer {
  readonly name: string;
  /** Updates so far. */
  readonly iterations: Variable;
  /** Undefined with a schedule, which is computed from the iterations. */
  readonly #learningRate: Variable | undefined;
  #learningRateNumber: number;
  readonly #schedule: LearningRateSchedule | undefined;
  readonly #options: OptimizerOptions;
  readonly #slots = new Map<Variable, Readonly<Record<string, Variable>>>();

  constructor(options: OptimizerOptions, defaultLearningRate: number) {
    const { learningRate = defaultLearningRate, clipnorm, globalClipnorm, clipvalue } = options;
    this.name = options.name ?? autoName(this.className);
    const clips = [clipnorm, globalClipnorm, clipvalue].filter((limit) => limit !== undefined);
    if (clips.length > 1 || clips.some((limit) => !(limit > 0))) {
      const received = `{ clipnorm: ${clipnorm}, globalClipnorm: ${globalClipnorm}, clipvalue: ${clipvalue} }`;
      throw new ValueError(describe(this.name, 'at most one of clipnorm, globalClipnorm and clipvalue, > 0', received));
    }
    this.#options = options;
    this.#schedule = learningRate instanceof LearningRateSchedule ? learningRate : undefined;
    const first = learningRate instanceof LearningRateSchedule ? learningRate.initialLearningRate : learningRate;
    this.#learningRateNumber = checkLearningRate(this.name, first);
    this.iterations = new Variable(full([], 0, { dtype: 'int32' }), {
      name: `${this.name}/iteration`,
      trainable: false,
    });
    if (this.#schedule !== undefined) return;
    this.#learningRate = new Variable(full([], first), { name: `${this.name}/learning_rate`, trainable: false });
  }

  /** Name of the class in saved models. */
  get className(): string {
    return classNameOf(this);
  }

  /** Size of a step; with a schedule, of the first one. Setting it takes effect with the next step. */
  get learningRate(): number {
    return this.#learningRateNumber;
  }

  set learningRate(value: number) {
    if (this.#learningRate === undefined) {
      const hint = 'Compile with a number to set it later.';
      throw new ValueError(describe(`${this.name}: learningRate`, 'no assignment to a schedule', String(value), hint));
    }
    this.#learningRateNumber = checkLearningRate(this.name, value);
    this.#learningRate.assign(full([], value));
  }

  /** Names of the state that each variable needs. */
  protected abstract get slots(): readonly string[];

  /** What a slot of a variable starts with. By default zeros of the variable's shape. */
  protected startOf(_slot: string, { shape, dtype }: Variable): Tensor {
    return zeros(shape, { dtype });
  }

  /** One update of one variable; `slot` has its state. Assigns to both. */
  protected abstract updateStep(
    gradient: Tensor,
    variable: Variable,
    learningRate: Variable | Tensor,
    slot: Readonly<Record<string, Variable>>,
  ): void;

  /** Makes the state of variables that have none yet. `apply` does it as well; inside of `jit` it must have been done before. */
  build(variables: readonly Variable[]): void {
    for (const variable of variables) {
      if (this.#slots.has(variable)) continue;
      const stem = `${this.name}/${variable.name.replaceAll('/', '_')}`;
      const make = (slot: string): [string, Variable] => [
        slot,
        new Variable(this.startOf(slot, variable), { name: `${stem}_${slot}`, trainable: false }),
      ];
      this.#slots.set(variable, Object.fromEntries(this.slots.map(make)));
    }
  }

  /** True once it has state for some variable. */
  get built(): boolean {
    return this.#slots.size > 0;
  }

  /** Clips the gradients, updates each variable with its own, and counts the iteration. */
  apply(gradients: readonly Tensor[], variables: readonly Variable[]): void {
    if (gradients.length !== variables.length) {
      throw new ValueError(
        describe(`${this.name}.apply`, 'a gradient for each variable', `${gradients.length} for ${variables.length}`),
      );
    }
    this.build(variables);
    withScope(this.name, () => {
      const { weightDecay } = this.#options;
      const learningRate = this.#learningRate ?? this.#schedule!.call(cast(this.iterations, 'float32'));
      clipGradients(gradients, this.#options).forEach((gradient, i) => {
        const variable = variables[i]!;
        if (weightDecay !== undefined) {
          store(variable, subtract(variable, multiply(multiply(variable, weightDecay), learningRate)));
        }
        this.updateStep(gradient, variable, learningRate, this.#slots.get(variable)!);
      });
      this.iterations.assign(add(this.iterations, 1));
    });
    fence();
  }

  /** All state: the counter, the learning rate (without a schedule), then what belongs to each variable. */
  get variables(): readonly Variable[] {
    const rate = this.#learningRate === undefined ? [] : [this.#learningRate];
    return [this.iterations, ...rate, ...[...this.#slots.values()].flatMap((slot) => Object.values(slot))];
  }

  /** Told that the variables have these values from now on. */
  restored(values: readonly HostArray[]): void {
    if (this.#learningRate !== undefined) this.#learningRateNumber = values[1]!.data[0]!;
  }

  /** What is needed to make it again, under Keras's keys. */
  getConfig(): Readonly<Record<string, unknown>> {
    const { weightDecay, clipnorm, globalClipnorm, clipvalue } = this.#options;
    return {
      name: this.name,
      learning_rate: this.#schedule === undefined ? Math.fround(this.learningRate) : scheduleConfig(this.#schedule),
      weight_decay: weightDecay ?? null,
      clipnorm: clipnorm ?? null,
      global_clipnorm: globalClipnorm ?? null,
      clipvalue: clipvalue ?? null,
      use_ema: false,
      ema_momentum: 0.99,
      ema_overwrite_frequency: null,
      loss_scale_factor: null,
      gradient_accumulation_steps: null,
    };
  }
}

/** Assigns a number of any float dtype: updates of 16-bit variables are computed in float32 and rounded once, here. */
export function store(variable: Variable, value: Tensor): void {
  variable.assign(value.dtype === variable.dtype ? value : cast(value, variable.dtype));
}

function checkLearningRate(where: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new ValueError(describe(`${where}: learningRate`, 'a finite number', String(value)));
}

/** The optimizer that an argument of `compile` means. */
export function resolveOptimizer(optimizer: Optimizer | string): Optimizer {
  if (typeof optimizer === 'string') return resolveName('compile: optimizer', 'optimizer', optimizer)();
  if (optimizer instanceof Optimizer) return optimizer;
  throw new ValueError(describe('compile: optimizer', 'an optimizer or its name', String(optimizer)));
}
