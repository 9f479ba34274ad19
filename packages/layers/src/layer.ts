/** Layer: weights that are made when the input's shape is known, and a function of a tensor that uses them. */
import {
  Generator,
  ShapeError,
  Tensor,
  ValueError,
  Variable,
  describe,
  isFloat,
  outside,
  tensor,
  withScope,
  showShape,
} from '@antler/core';
import type { DType, HostArray, Shape, TensorData } from '@antler/core';
import { type Initializer, resolveInitializer } from './initializers.js';
import { inferOutputShape } from './inferOutputShape.js';
import { firstMask, masksOf, noteMask } from './masks.js';
import { autoName, classNameOf } from './names.js';
import { partialSize } from './partialShape.js';
import { type Regularizer, resolveRegularizer } from './regularizers.js';
import {
  type AnyLayer,
  type ShapesOf,
  type SymbolsOf,
  type Tensors,
  isSymbolic,
  mapEach,
  shapesOf,
  symbolicCall,
} from './symbolic.js';

/** What every layer can be told. */
export interface LayerOptions {
  /** Appears in summaries, errors and saved models; by default the class name and a number. */
  readonly name?: string;
  /** False keeps its weights as they are in training. Default true. */
  readonly trainable?: boolean;
  /** Dtype of weights and of the computation. Default float32. */
  readonly dtype?: DType;
}

/** What a call is for. */
export interface CallContext {
  /** True in `fit`, false in `evaluate` and `predict`: dropout and batch normalization differ. */
  readonly training: boolean;
  /** Which entries count: true where they do, [batch, …]. Layers hand it on by themselves; given here, it is used instead. */
  readonly mask?: Mask | undefined;
}

/** The mask of one input, or of each of several. */
export type Mask = Tensor | readonly (Tensor | undefined)[];

/** What `addWeight` needs to know. */
export interface WeightOptions {
  readonly name: string;
  readonly shape: Shape;
  /** Default `glorotUniform`, as a name or an object. */
  readonly initializer: Initializer | string;
  readonly trainable?: boolean;
  readonly dtype?: DType;
  /** What the weight adds to the loss, as a name or an object. */
  readonly regularizer?: Regularizer | string | undefined;
}

/** A configuration as Keras writes it: JSON with Keras's keys. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/**
 * Base of all layers and models. A layer of your own has a `call`, and a `build` if it has weights; layers that it keeps in
 * its fields (or in arrays in its fields) are part of it. `X` and `Y` say whether it takes and gives one tensor or several, `C`
 * what its call may be told beside them.
 *
 * @example
 * class Scale extends Layer {
 *   factor!: Variable;
 *   override build(shape: PartialShape): void {
 *     this.factor = this.addWeight({ name: 'factor', shape: [shape.at(-1)!], initializer: ones() });
 *   }
 *   call(x: Tensor): Tensor {
 *     return multiply(x, this.factor);
 *   }
 * }
 */
export abstract class Layer<
  X extends Tensors = Tensor,
  Y extends Tensors = Tensor,
  C extends CallContext = CallContext,
> {
  readonly name: string;
  readonly dtype: DType;
  trainable: boolean;
  #inputShape: ShapesOf<X> | undefined;
  readonly #weights: Variable[] = [];
  readonly #generators: Generator[] = [];
  readonly #regularized: (readonly [Variable, Regularizer])[] = [];

  constructor(options: LayerOptions = {}) {
    this.name = options.name ?? autoName(this.className);
    this.trainable = options.trainable ?? true;
    this.dtype = options.dtype ?? 'float32';
    if (!isFloat(this.dtype)) {
      throw new ValueError(
        describe(this.className, 'a float dtype for weights', this.dtype, 'Inputs may have any dtype.'),
      );
    }
  }

  /** Name of the class, in summaries and saved models. Classes state it themselves, because bundlers rename classes. */
  get className(): string {
    return classNameOf(this);
  }

  /** Makes the weights. Called once, with the shape of the first input, its batch axis unknown. */
  build(_inputShape: ShapesOf<X>): void {}

  /** The computation: a function of `x` and of the weights. */
  abstract call(x: X, context: C): Y;

  /** Shape that `call` gives. Found by recording `call`; a layer may say it itself. */
  outputShape(inputShape: ShapesOf<X>): ShapesOf<Y> {
    return inferOutputShape(this, inputShape) as ShapesOf<Y>;
  }

  /** True when the mask of the input is that of the output; by default what follows sees every entry. */
  protected readonly passesMask: boolean = false;

  /** The mask of the output, given that of the input. */
  computeMask(_x: X, mask: Mask | undefined): Tensor | undefined {
    return this.passesMask ? firstMask(mask) : undefined;
  }

  /** True when rows of a batch influence each other, so that `predict` must not fill up a batch. */
  get mixesRows(): boolean {
    return this.parts.some((part) => part.mixesRows);
  }

  /**
   * Builds on first use, then calls; what is recorded carries the layer's name. Applied to what `input` gives, it only notes
   * the call: so a functional model is made.
   */
  apply(x: X, context?: Partial<C>): Y;
  apply(x: SymbolsOf<X>, context?: Partial<C>): SymbolsOf<Y>;
  apply(x: X | SymbolsOf<X>, context: Partial<C> = {}): Y | SymbolsOf<Y> {
    if (isSymbolic(x)) {
      const shapes = mapEach(x, ({ shape }) => shape) as ShapesOf<X>;
      this.ensureBuilt(shapes);
      return symbolicCall(this, x, this.outputShape(shapes), context) as SymbolsOf<Y>;
    }
    return withScope(this.name, () => {
      this.ensureBuilt(shapesOf(x as X));
      const mask = context.mask ?? masksOf(x as X);
      const y = this.call(x as X, { training: false, ...context, mask } as C);
      noteMask(y, this.computeMask(x as X, mask));
      return y;
    });
  }

  /** Builds for inputs of a shape, unless it is built. */
  ensureBuilt(inputShape: ShapesOf<X>): void {
    if (this.#inputShape !== undefined) return;
    outside(() => this.build(inputShape));
    this.#inputShape = inputShape;
  }

  get built(): boolean {
    return this.#inputShape !== undefined;
  }

  /** Shape it was built for; undefined before. */
  get inputShape(): ShapesOf<X> | undefined {
    return this.#inputShape;
  }

  /** Makes a variable that belongs to this layer. For use in `build`. */
  protected addWeight(options: WeightOptions): Variable {
    const { name, shape, initializer, trainable = true, dtype = this.dtype, regularizer } = options;
    const initial = resolveInitializer(`${this.name}: ${name} initializer`, initializer).sample(shape, dtype);
    const weight = new Variable(initial, { name: `${this.name}/${name}`, trainable, dtype });
    this.#weights.push(weight);
    if (regularizer !== undefined) {
      this.#regularized.push([weight, resolveRegularizer(`${this.name}: ${name} regularizer`, regularizer)]);
    }
    return weight;
  }

  /** Makes a source of random keys whose state belongs to this layer, and so to a checkpoint. */
  protected addGenerator(seed: number): Generator {
    const generator = new Generator(seed);
    this.#generators.push(generator);
    return generator;
  }

  /** The states of the generators of this layer and its parts. */
  get randomStates(): readonly Variable[] {
    return [...this.#generators.map(({ state }) => state), ...this.parts.flatMap((part) => part.randomStates)];
  }

  /** What its weights, and those of its parts, add to the loss: a scalar for each that has a regularizer. */
  regularizationLosses(): readonly Tensor[] {
    return [
      ...this.#regularized.map(([weight, regularizer]) => regularizer.penalty(weight.value)),
      ...this.parts.flatMap((part) => part.regularizationLosses()),
    ];
  }

  /** The layers it is made of: those in its fields, in order. */
  protected get parts(): readonly AnyLayer[] {
    return Object.values(this)
      .flat()
      .filter((value): value is AnyLayer => value instanceof Layer);
  }

  /** All variables: its own (trainable ones first), then those of its parts. */
  get weights(): readonly Variable[] {
    const own = this.#weights;
    return [
      ...own.filter((weight) => weight.trainable),
      ...own.filter((weight) => !weight.trainable),
      ...this.parts.flatMap((part) => part.weights),
    ];
  }

  /** What training changes; nothing when the layer is not trainable. */
  get trainableWeights(): readonly Variable[] {
    if (!this.trainable) return [];
    const own = this.#weights.filter((weight) => weight.trainable);
    return [...own, ...this.parts.flatMap((part) => part.trainableWeights)];
  }

  /** What training leaves alone. */
  get nonTrainableWeights(): readonly Variable[] {
    const trainable = new Set(this.trainableWeights);
    return this.weights.filter((weight) => !trainable.has(weight));
  }

  /** Number of numbers in its weights. */
  countParams(): number {
    return this.weights.reduce((count, weight) => count + partialSize(weight.shape)!, 0);
  }

  /** Copies of the weights, in the order of `weights`. */
  async getWeights(): Promise<HostArray[]> {
    return Promise.all(
      this.weights.map(async ({ value }) => ({ data: await value.data(), shape: value.shape, dtype: value.dtype })),
    );
  }

  /** Replaces the weights, in the order of `weights`; shapes must be the same. */
  setWeights(values: readonly (Tensor | TensorData)[]): void {
    const { weights } = this;
    const where = `setWeights: ${this.name}`;
    if (values.length !== weights.length) {
      const hint = this.built ? undefined : 'The layer has no weights until it is built.';
      throw new ValueError(describe(where, `${weights.length} weights`, String(values.length), hint));
    }
    const tensors = values.map((value, i) => toTensor(value, weights[i]!.dtype));
    tensors.forEach(({ shape }, i) => {
      const weight = weights[i]!;
      if (shape.join() === weight.shape.join()) return;
      throw new ShapeError(describe(where, `shape ${showShape(weight.shape)} for ${weight.name}`, showShape(shape)));
    });
    weights.forEach((weight, i) => weight.assign(tensors[i]!));
  }

  /** What is needed to make it again, under Keras's keys. Classes add theirs. */
  getConfig(): LayerConfig {
    return { name: this.name, trainable: this.trainable, dtype: dtypePolicy(this.dtype) };
  }
}

function toTensor(value: Tensor | TensorData, dtype: DType): Tensor {
  return value instanceof Tensor ? value : tensor(value, { dtype });
}

function dtypePolicy(dtype: DType): LayerConfig {
  return { module: 'keras', class_name: 'DTypePolicy', config: { name: dtype }, registered_name: null };
}
