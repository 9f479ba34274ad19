/** What recurrent layers share: their weights, their options, and the walk along axis 1 with masks and states. */
import { ShapeError, ValueError, add, cast, describe, expandDims, flip, matmul, multiply, ones } from '@antler/core';
import { scan, slice, squeeze, transpose, where, zeros, type Tensor, type Variable } from '@antler/core';
import * as random from '@antler/core/random';
import { type Activation, type ActivationName, activationName, resolveActivation } from '../activations.js';
import * as initializers from '../initializers.js';
import { type Initializer, type InitializerName, initializerConfig, resolveInitializer } from '../initializers.js';
import { type CallContext, Layer, type LayerConfig, type LayerOptions, type Mask } from '../layer.js';
import { firstMask } from '../masks.js';
import { isShapeList, asList, type ShapesOf, type Tensors } from '../symbolic.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type Regularizer, type RegularizerName, regularizerConfig, resolveRegularizer } from '../regularizers.js';

type AnyInitializer = InitializerName | (string & {}) | Initializer;
type AnyRegularizer = RegularizerName | (string & {}) | Regularizer;
type AnyActivation = ActivationName | (string & {}) | Activation;

/** Options of all recurrent layers. */
export interface RecurrentOptions extends LayerOptions {
  /** Size of the state. */
  readonly units: number;
  /** Of the new state. Default tanh. */
  readonly activation?: AnyActivation;
  /** Whether biases are added. Default true. */
  readonly useBias?: boolean;
  /** Default glorotUniform. */
  readonly kernelInitializer?: AnyInitializer;
  /** Default orthogonal. */
  readonly recurrentInitializer?: AnyInitializer;
  /** Default zeros. */
  readonly biasInitializer?: AnyInitializer;
  readonly kernelRegularizer?: AnyRegularizer;
  readonly recurrentRegularizer?: AnyRegularizer;
  readonly biasRegularizer?: AnyRegularizer;
  /** Part of the inputs that is dropped in training, the same at each step. Default 0. */
  readonly dropout?: number;
  /** Part of the state that is dropped in training on its way into the products, the same at each step. Default 0. */
  readonly recurrentDropout?: number;
  /** Gives the outputs of all steps, not of the last one alone. Default false. */
  readonly returnSequences?: boolean;
  /** Gives the last states after the output. Default false. */
  readonly returnState?: boolean;
  /** From the last step to the first; outputs come in that order. Default false. */
  readonly goBackwards?: boolean;
  /** Outputs of masked steps are zeros, not those of the step before. Default false. */
  readonly zeroOutputForMask?: boolean;
}

/** Options of the layers with gates. */
export interface GatedOptions extends RecurrentOptions {
  /** Of the gates. Default sigmoid. */
  readonly recurrentActivation?: AnyActivation;
}

/** The weights of a step, as tensors or variables. */
export interface RecurrentWeights {
  readonly kernel: Variable;
  readonly recurrentKernel: Variable;
  readonly bias: Variable | undefined;
}

/** One step of a recurrence: the products of the input and the states give the next states, the first of which is the output. */
export type RecurrentStep = (products: Tensor, states: readonly Tensor[], seen: (state: Tensor) => Tensor) => Tensor[];

/** A sequence's products with the kernel, and the states that the walk begins with. */
export interface Start {
  readonly products: Tensor;
  readonly states: readonly Tensor[];
}

/** The outputs of all steps and the last states. */
export interface Walk {
  readonly outputs: Tensor;
  readonly states: readonly Tensor[];
}

/**
 * Base of layers that carry states along the steps of sequences [batch, steps, features]. Beside the sequence a call takes the
 * initial states, [batch, units] each, as further inputs; they are zeros otherwise. Masked steps (a mask [batch, steps]) leave the
 * states as they are.
 */
export abstract class Recurrent<X extends Tensors, Y extends Tensors> extends Layer<X, Y> {
  readonly units: number;
  readonly useBias: boolean;
  readonly activation: Activation;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly zeroOutputForMask: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly #options: RecurrentOptions;
  readonly #initializers: Readonly<Record<'kernel' | 'recurrent' | 'bias', Initializer>>;
  readonly #regularizers: Readonly<Record<'kernel' | 'recurrent' | 'bias', Regularizer | undefined>>;
  #weights: RecurrentWeights | undefined;

  constructor(where: string, options: RecurrentOptions) {
    super(options);
    const { units, dropout = 0, recurrentDropout = 0 } = options;
    if (!Number.isInteger(units) || units <= 0) {
      throw new ValueError(describe(`${where}: units`, 'a whole number > 0', String(units)));
    }
    for (const [name, rate] of Object.entries({ dropout, recurrentDropout })) {
      if (!(rate >= 0 && rate <= 1))
        throw new ValueError(describe(`${where}: ${name}`, 'a number in [0, 1]', String(rate)));
    }
    this.#options = options;
    this.units = units;
    this.useBias = options.useBias ?? true;
    this.activation = resolveActivation(`${where}: activation`, options.activation ?? 'tanh');
    this.returnSequences = options.returnSequences ?? false;
    this.returnState = options.returnState ?? false;
    this.goBackwards = options.goBackwards ?? false;
    this.zeroOutputForMask = options.zeroOutputForMask ?? false;
    this.dropout = dropout;
    this.recurrentDropout = recurrentDropout;
    const { glorotUniform, orthogonal, zeros: none } = initializers;
    this.#initializers = {
      kernel: resolveInitializer(`${where}: kernelInitializer`, options.kernelInitializer ?? glorotUniform()),
      recurrent: resolveInitializer(`${where}: recurrentInitializer`, options.recurrentInitializer ?? orthogonal()),
      bias: resolveInitializer(`${where}: biasInitializer`, options.biasInitializer ?? none()),
    };
    const regularizer = (name: string, given: AnyRegularizer | undefined): Regularizer | undefined =>
      given && resolveRegularizer(`${where}: ${name}`, given);
    this.#regularizers = {
      kernel: regularizer('kernelRegularizer', options.kernelRegularizer),
      recurrent: regularizer('recurrentRegularizer', options.recurrentRegularizer),
      bias: regularizer('biasRegularizer', options.biasRegularizer),
    };
  }

  /** A new layer like this one, with some options changed. */
  variant(changes: Partial<RecurrentOptions>): this {
    return new (this.constructor as new (options: RecurrentOptions) => this)({ ...this.#options, ...changes });
  }

  /** How the weights are called before their own names, as in Keras. */
  protected abstract get cellName(): string;
  /** How many times `units` the products are wide. */
  protected abstract get gates(): number;
  /** How many states there are. */
  protected abstract get stateCount(): number;
  /** Shape of the bias. */
  protected get biasShape(): readonly number[] {
    return [this.gates * this.units];
  }
  /** What the bias starts with. */
  protected startBias(initializer: Initializer): Initializer {
    return initializer;
  }
  /** Part of the bias that is added to the inputs' products. */
  protected inputBias(bias: Variable): Variable | Tensor {
    return bias;
  }
  /** One step, when the walk cannot be done as a whole. */
  protected abstract step(weights: RecurrentWeights): RecurrentStep;
  /** The whole walk by an operation of core; undefined when its activations are not those that it knows. */
  protected walk(_start: Start, _weights: RecurrentWeights): Walk | undefined {
    return undefined;
  }

  override build(inputShape: ShapesOf<X>): void {
    const shape = sequenceShape(inputShape);
    const features = shape.at(-1);
    if (shape.length !== 3 || typeof features !== 'number') {
      const expected = 'sequences [batch, steps, features] whose number of features is known';
      throw new ShapeError(describe(this.name, expected, showPartialShape(shape)));
    }
    const { cellName, units } = this;
    const width = this.gates * units;
    const make = (name: string, size: readonly number[], role: 'kernel' | 'recurrent' | 'bias'): Variable =>
      this.addWeight({
        name: `${cellName}/${name}`,
        shape: size,
        initializer: role === 'bias' ? this.startBias(this.#initializers.bias) : this.#initializers[role],
        regularizer: this.#regularizers[role],
      });
    this.#weights = {
      kernel: make('kernel', [features, width], 'kernel'),
      recurrentKernel: make('recurrent_kernel', [units, width], 'recurrent'),
      bias: this.useBias ? make('bias', this.biasShape, 'bias') : undefined,
    };
  }

  call(x: X, { training, mask: given }: CallContext): Y {
    const weights = this.#weights!;
    const [sequence, ...initial] = asList<Tensor>(x) as readonly [Tensor, ...Tensor[]];
    if (sequence.rank !== 3 || (initial.length > 0 && initial.length !== this.stateCount)) {
      const expected = `sequences [batch, steps, features], alone or with ${this.stateCount} initial states`;
      const received = [sequence, ...initial].map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
      throw new ShapeError(describe(this.name, expected, received));
    }
    const batch = sequence.shape[0]!;
    const whole = sequence.dtype === this.dtype ? sequence : cast(sequence, this.dtype);
    const ordered = this.goBackwards ? flip(whole, 1) : whole;
    const dropped =
      training && this.dropout > 0
        ? multiply(ordered, this.#kept(this.dropout, [batch, 1, sequence.shape[2]!]))
        : ordered;
    const product = matmul(dropped, weights.kernel);
    const start = {
      products: weights.bias === undefined ? product : add(product, this.inputBias(weights.bias)),
      states:
        initial.length > 0
          ? initial
          : Array.from({ length: this.stateCount }, () => zeros([batch, this.units], { dtype: this.dtype })),
    };
    const isDropped = training && this.recurrentDropout > 0;
    const mask = firstMask(given);
    const fast = isDropped || mask !== undefined ? undefined : this.walk(start, weights);
    const { outputs, states } = fast ?? this.#steps(start, weights, mask, isDropped);
    const steps = sequence.shape[1]!;
    const output = this.returnSequences
      ? outputs
      : fast !== undefined
        ? states[0]!
        : squeeze(slice(outputs, [0, steps - 1], [batch, steps]), 1);
    return (this.returnState ? [output, ...states] : output) as Y;
  }

  /** Zeros and, for what is kept, 1 / (1 − rate). */
  #kept(rate: number, shape: readonly number[]): Tensor {
    return random.dropout(ones(shape, { dtype: this.dtype }), rate);
  }

  #steps(start: Start, weights: RecurrentWeights, mask: Tensor | undefined, isDropped: boolean): Walk {
    const step = this.step(weights);
    const kept = isDropped ? this.#kept(this.recurrentDropout, start.states[0]!.shape) : undefined;
    const seen = (state: Tensor): Tensor => (kept === undefined ? state : multiply(state, kept));
    const body = (states: readonly Tensor[], [products, counts]: readonly Tensor[]): [readonly Tensor[], Tensor] => {
      const next = step(products!, states, seen);
      if (counts === undefined) return [next, next[0]!];
      const shown = this.zeroOutputForMask ? zeros(next[0]!.shape, { dtype: this.dtype }) : states[0]!;
      return [next.map((state, i) => where(counts, state, states[i]!)), where(counts, next[0]!, shown)];
    };
    const along = transpose(start.products, [1, 0, 2]);
    const ordered = mask !== undefined && this.goBackwards ? flip(mask, 1) : mask;
    const entries = ordered === undefined ? [along] : [along, expandDims(transpose(ordered), -1)];
    const [states, outputs] = scan<readonly Tensor[], readonly Tensor[], Tensor>(body, start.states, entries);
    return { outputs: transpose(outputs, [1, 0, 2]), states };
  }

  override computeMask(_x: X, mask: Mask | undefined): Tensor | undefined {
    return this.returnSequences ? firstMask(mask) : undefined;
  }

  override outputShape(inputShape: ShapesOf<X>): ShapesOf<Y> {
    const [batch, steps] = sequenceShape(inputShape) as readonly [number | null, number | null];
    const state: PartialShape = [batch, this.units];
    const output: PartialShape = this.returnSequences ? [batch, steps, this.units] : state;
    const states = Array.from({ length: this.stateCount }, () => state);
    return (this.returnState ? [output, ...states] : output) as ShapesOf<Y>;
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      return_sequences: this.returnSequences,
      return_state: this.returnState,
      go_backwards: this.goBackwards,
      stateful: false,
      unroll: false,
      zero_output_for_mask: this.zeroOutputForMask,
      units: this.units,
      activation: activationName(this.activation),
      use_bias: this.useBias,
      kernel_initializer: initializerConfig(this.#initializers.kernel),
      recurrent_initializer: initializerConfig(this.#initializers.recurrent),
      bias_initializer: initializerConfig(this.#initializers.bias),
      kernel_regularizer: regularizerConfig(this.#regularizers.kernel),
      recurrent_regularizer: regularizerConfig(this.#regularizers.recurrent),
      bias_regularizer: regularizerConfig(this.#regularizers.bias),
      activity_regularizer: null,
      kernel_constraint: null,
      recurrent_constraint: null,
      bias_constraint: null,
      dropout: this.dropout,
      recurrent_dropout: this.recurrentDropout,
    };
  }
}

/** The shape of the sequence among the inputs. */
function sequenceShape(inputShape: PartialShape | readonly PartialShape[]): PartialShape {
  return isShapeList(inputShape) ? inputShape[0]! : inputShape;
}
