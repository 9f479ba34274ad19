/** The recurrent layers: SimpleRNN, LSTM, GRU. */
import * as core from '@antler/core';
import { add, concatenate, gru, lstm, matmul, multiply, split, subtract, zeros } from '@antler/core';
import type { Tensor, Variable } from '@antler/core';
import { type Activation, activationName, resolveActivation, sigmoid, tanh } from '../activations.js';
import { type Initializer, ones } from '../initializers.js';
import type { LayerConfig } from '../layer.js';
import type { Tensors } from '../symbolic.js';
import {
  Recurrent,
  type GatedOptions,
  type RecurrentOptions,
  type RecurrentStep,
  type RecurrentWeights,
  type Start,
  type Walk,
} from './recurrent.js';

/**
 * state = activation(x · kernel + state · recurrent kernel + bias) at each step.
 *
 * @example
 * new SimpleRNN({ units: 8 }).apply(ones([2, 5, 3])).shape; // [2, 8]
 */
export class SimpleRNN<X extends Tensors = Tensor, Y extends Tensors = Tensor> extends Recurrent<X, Y> {
  static readonly className: string = 'SimpleRNN';
  protected readonly cellName = 'simple_rnn_cell';
  protected readonly gates = 1;
  protected readonly stateCount = 1;

  constructor(options: RecurrentOptions) {
    super('simpleRNN', options);
  }

  protected step({ recurrentKernel }: RecurrentWeights): RecurrentStep {
    return (products, [state], seen) => [this.activation(add(products, matmul(seen(state!), recurrentKernel)))];
  }
}

/** Options of {@link LSTM}. */
export interface LSTMOptions extends GatedOptions {
  /** Starts the forget gate's bias at 1, so that the cell remembers at first. Default true. */
  readonly unitForgetBias?: boolean;
}

/** Base of what has gates with an activation of their own. */
abstract class Gated<X extends Tensors, Y extends Tensors> extends Recurrent<X, Y> {
  readonly recurrentActivation: Activation;

  constructor(where: string, options: GatedOptions) {
    super(where, options);
    this.recurrentActivation = resolveActivation(
      `${where}: recurrentActivation`,
      options.recurrentActivation ?? sigmoid,
    );
  }

  /** True when the activations are those of core's whole walks. */
  protected get isUsual(): boolean {
    return this.activation === tanh && this.recurrentActivation === sigmoid;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), recurrent_activation: activationName(this.recurrentActivation), seed: null };
  }
}

/**
 * Long short-term memory: gates decide what a cell takes in, forgets and shows. States: the output and the cell.
 *
 * @example
 * sequential([input({ shape: [64, 32] }), layers.lstm({ units: 128 }), layers.dense({ units: 10 })]);
 */
export class LSTM<X extends Tensors = Tensor, Y extends Tensors = Tensor> extends Gated<X, Y> {
  static readonly className: string = 'LSTM';
  protected readonly cellName = 'lstm_cell';
  protected readonly gates = 4;
  protected readonly stateCount = 2;
  readonly unitForgetBias: boolean;

  constructor(options: LSTMOptions) {
    super('lstm', options);
    this.unitForgetBias = options.unitForgetBias ?? true;
  }

  protected override startBias(initializer: Initializer): Initializer {
    if (!this.unitForgetBias) return initializer;
    const { units } = this;
    return {
      ...initializer,
      sample: (_shape, dtype) =>
        concatenate([
          initializer.sample([units], dtype),
          ones().sample([units], dtype),
          initializer.sample([2 * units], dtype),
        ]),
    };
  }

  protected step({ recurrentKernel }: RecurrentWeights): RecurrentStep {
    const { activation, recurrentActivation } = this;
    return (products, [state, cell], seen) => {
      const sums = add(products, matmul(seen(state!), recurrentKernel));
      const [i, f, c, o] = split(sums, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
      const kept = multiply(recurrentActivation(f), cell!);
      const next = add(kept, multiply(recurrentActivation(i), activation(c)));
      return [multiply(recurrentActivation(o), activation(next)), next];
    };
  }

  protected override walk({ products, states }: Start, { recurrentKernel }: RecurrentWeights): Walk | undefined {
    if (!this.isUsual) return undefined;
    const [outputs, ...last] = lstm(products, recurrentKernel, states[0]!, states[1]!);
    return { outputs, states: last };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), unit_forget_bias: this.unitForgetBias };
  }
}

/** A row of the two biases of a GRU. */
const row = (bias: Variable, at: number): Tensor => core.squeeze(core.slice(bias, [at], [at + 1]), 0);

/** Options of {@link GRU}. */
export interface GRUOptions extends GatedOptions {
  /** The reset gate acts on the product of the state, which has a bias of its own; else on the state. Default true. */
  readonly resetAfter?: boolean;
}

/**
 * Gated recurrent unit: one state, of which an update gate keeps a part and a reset gate hides a part.
 *
 * @example
 * new GRU({ units: 8, returnSequences: true }).apply(ones([2, 5, 3])).shape; // [2, 5, 8]
 */
export class GRU<X extends Tensors = Tensor, Y extends Tensors = Tensor> extends Gated<X, Y> {
  static readonly className: string = 'GRU';
  protected readonly cellName = 'gru_cell';
  protected readonly gates = 3;
  protected readonly stateCount = 1;
  readonly resetAfter: boolean;

  constructor(options: GRUOptions) {
    super('gru', options);
    this.resetAfter = options.resetAfter ?? true;
  }

  protected override get biasShape(): readonly number[] {
    const width = 3 * this.units;
    return this.resetAfter ? [2, width] : [width];
  }

  protected override inputBias(bias: Variable): Variable | Tensor {
    return this.resetAfter ? row(bias, 0) : bias;
  }

  #recurrentBias({ bias }: RecurrentWeights): Tensor {
    return bias === undefined ? zeros([3 * this.units], { dtype: this.dtype }) : row(bias, 1);
  }

  protected step(weights: RecurrentWeights): RecurrentStep {
    const { activation, recurrentActivation, units } = this;
    const { recurrentKernel } = weights;
    const blend = (z: Tensor, state: Tensor, next: Tensor): Tensor[] => [
      add(multiply(z, state), multiply(subtract(1, z), next)),
    ];
    if (this.resetAfter) {
      const bias = this.#recurrentBias(weights);
      return (products, [state], seen) => {
        const [xz, xr, xh] = split(products, 3, -1) as [Tensor, Tensor, Tensor];
        const own = split(add(matmul(seen(state!), recurrentKernel), bias), 3, -1) as [Tensor, Tensor, Tensor];
        const r = recurrentActivation(add(xr, own[1]));
        const next = activation(add(xh, multiply(r, own[2])));
        return blend(recurrentActivation(add(xz, own[0])), state!, next);
      };
    }
    return (products, [state], seen) => {
      const [xz, xr, xh] = split(products, 3, -1) as [Tensor, Tensor, Tensor];
      const of = (first: number, last: number): Tensor =>
        core.slice(recurrentKernel, [0, first * units], [units, last * units]);
      const own = split(matmul(seen(state!), of(0, 2)), 2, -1) as [Tensor, Tensor];
      const r = recurrentActivation(add(xr, own[1]));
      const next = activation(add(xh, matmul(multiply(r, seen(state!)), of(2, 3))));
      return blend(recurrentActivation(add(xz, own[0])), state!, next);
    };
  }

  protected override walk({ products, states }: Start, weights: RecurrentWeights): Walk | undefined {
    if (!this.isUsual || !this.resetAfter) return undefined;
    const [outputs, last] = gru(products, weights.recurrentKernel, this.#recurrentBias(weights), states[0]!);
    return { outputs, states: [last] };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), reset_after: this.resetAfter };
  }
}
