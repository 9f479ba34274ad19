/** MultiHeadAttention: several attentions side by side, each over projections of its own (Vaswani et al., 2017). */
import {
  ShapeError,
  ValueError,
  add,
  cast,
  describe,
  einsum,
  expandDims,
  lessEqual,
  arange,
  logicalAnd,
  matmul,
  reshape,
  scaledDotProductAttention,
  softmax,
  transpose,
  where,
  type Tensor,
  type Variable,
} from '@antler/core';
import * as random from '@antler/core/random';
import {
  type Initializer,
  type InitializerName,
  glorotUniform,
  initializerConfig,
  resolveInitializer,
  zeros,
} from '../initializers.js';
import { type CallContext, Layer, type LayerConfig, type LayerOptions, type Mask } from '../layer.js';
import { firstMask } from '../masks.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type Regularizer, type RegularizerName, regularizerConfig, resolveRegularizer } from '../regularizers.js';
import { asList, type Tensors } from '../symbolic.js';

/** Options of {@link MultiHeadAttention}. */
export interface MultiHeadAttentionOptions extends LayerOptions {
  readonly numHeads: number;
  /** Size of a head's queries and keys. */
  readonly keyDim: number;
  /** Size of a head's values. Default: that of the keys. */
  readonly valueDim?: number;
  /** Part of the weights that is dropped in training. Default 0. */
  readonly dropout?: number;
  /** Whether projections have a bias. Default true. */
  readonly useBias?: boolean;
  /** Last axes of the output. Default: the last axis of the query. */
  readonly outputShape?: number | readonly number[];
  /** Axes that are attended over. Default: all but the first and the last. */
  readonly attentionAxes?: number | readonly number[];
  /** Default glorotUniform. */
  readonly kernelInitializer?: InitializerName | (string & {}) | Initializer;
  /** Default zeros. */
  readonly biasInitializer?: InitializerName | (string & {}) | Initializer;
  readonly kernelRegularizer?: RegularizerName | (string & {}) | Regularizer;
  readonly biasRegularizer?: RegularizerName | (string & {}) | Regularizer;
}

/** What a call of {@link MultiHeadAttention} may be told. */
export interface AttentionContext extends CallContext {
  /** Which keys each query may see: bool [batch, queries, keys] (over one attention axis). */
  readonly attentionMask?: Tensor;
  /** A query sees the keys up to its own place. */
  readonly useCausalMask?: boolean;
  /** Gives [output, weights [batch, heads, queries, keys]]; not in functional models. */
  readonly returnAttentionScores?: boolean;
}

type Projection = 'query' | 'key' | 'value' | 'attention_output';

/**
 * Inputs: query, value, and on request key (else the values are the keys), [batch, …, features] each. The masks of values
 * and keys hide padding; that of the query is handed on, as in Keras. A query that may see nothing gets the mean of all values.
 *
 * @example
 * const attention = new MultiHeadAttention({ numHeads: 6, keyDim: 32 });
 * attention.apply([ones([2, 128, 192]), ones([2, 128, 192])], { useCausalMask: true }).shape; // [2, 128, 192]
 */
export class MultiHeadAttention<Y extends Tensors = Tensor> extends Layer<readonly Tensor[], Y, AttentionContext> {
  static readonly className: string = 'MultiHeadAttention';
  protected override readonly passesMask = true;
  readonly numHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly dropout: number;
  readonly useBias: boolean;
  readonly #outputSizes: readonly number[] | undefined;
  #axes: readonly number[] | undefined;
  readonly #kernelInitializer: Initializer;
  readonly #biasInitializer: Initializer;
  readonly #kernelRegularizer: Regularizer | undefined;
  readonly #biasRegularizer: Regularizer | undefined;
  readonly #projections = new Map<Projection, { readonly kernel: Variable; readonly bias: Variable | undefined }>();

  constructor(options: MultiHeadAttentionOptions) {
    super(options);
    const { numHeads, keyDim, valueDim = keyDim, dropout = 0 } = options;
    for (const [name, value] of Object.entries({ numHeads, keyDim, valueDim })) {
      if (Number.isInteger(value) && value > 0) continue;
      throw new ValueError(describe(`multiHeadAttention: ${name}`, 'a whole number > 0', String(value)));
    }
    if (!(dropout >= 0 && dropout <= 1)) {
      throw new ValueError(describe('multiHeadAttention: dropout', 'a number in [0, 1]', String(dropout)));
    }
    this.numHeads = numHeads;
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    this.dropout = dropout;
    this.useBias = options.useBias ?? true;
    this.#outputSizes = options.outputShape === undefined ? undefined : [options.outputShape].flat();
    this.#axes = options.attentionAxes === undefined ? undefined : [options.attentionAxes].flat();
    const {
      kernelInitializer = glorotUniform(),
      biasInitializer = zeros(),
      kernelRegularizer,
      biasRegularizer,
    } = options;
    this.#kernelInitializer = resolveInitializer('multiHeadAttention: kernelInitializer', kernelInitializer);
    this.#biasInitializer = resolveInitializer('multiHeadAttention: biasInitializer', biasInitializer);
    this.#kernelRegularizer =
      kernelRegularizer && resolveRegularizer('multiHeadAttention: kernelRegularizer', kernelRegularizer);
    this.#biasRegularizer =
      biasRegularizer && resolveRegularizer('multiHeadAttention: biasRegularizer', biasRegularizer);
  }

  override build(inputShape: readonly PartialShape[]): void {
    const [query, value, key = value] = inputShape;
    const sizes = [query, value, key].map((shape) => shape?.at(-1));
    if (inputShape.length < 2 || inputShape.length > 3 || !sizes.every((size) => typeof size === 'number')) {
      const expected = 'query, value and, on request, key, whose last axes have known sizes';
      const received = inputShape.map(showPartialShape).join(', ');
      throw new ShapeError(describe(`multiHeadAttention: ${this.name}`, expected, received));
    }
    this.#axes ??= query!.slice(1, -1).map((_, i) => i + 1);
    const { numHeads, keyDim, valueDim } = this;
    const [queryFeatures, valueFeatures, keyFeatures] = sizes as [number, number, number];
    const outputs = this.#outputSizes ?? [queryFeatures];
    this.#project('query', [queryFeatures], [numHeads, keyDim]);
    this.#project('key', [keyFeatures], [numHeads, keyDim]);
    this.#project('value', [valueFeatures], [numHeads, valueDim]);
    this.#project('attention_output', [numHeads, valueDim], outputs);
  }

  #project(name: Projection, from: readonly number[], to: readonly number[]): void {
    const kernel = this.addWeight({
      name: `${name}/kernel`,
      shape: [...from, ...to],
      initializer: this.#kernelInitializer,
      regularizer: this.#kernelRegularizer,
    });
    const bias = this.useBias
      ? this.addWeight({
          name: `${name}/bias`,
          shape: to,
          initializer: this.#biasInitializer,
          regularizer: this.#biasRegularizer,
        })
      : undefined;
    this.#projections.set(name, { kernel, bias });
  }

  /** The last axis, or the last two, times a kernel: [batch, length, from] → [batch, length, ...to]. */
  #projected(name: Projection, x: Tensor): Tensor {
    const { kernel, bias } = this.#projections.get(name)!;
    const [batch, length, from] = x.shape as readonly [number, number, number];
    const to = kernel.shape.slice(name === 'attention_output' ? 2 : 1);
    const product = matmul(x, reshape(kernel, [from, -1]));
    const sum = bias === undefined ? product : add(product, reshape(bias, [-1]));
    return reshape(sum, [batch, length, ...to]);
  }

  call(x: readonly Tensor[], context: AttentionContext): Y {
    const [query, value, key = value] = x.map((one) => (one.dtype === this.dtype ? one : cast(one, this.dtype)));
    if (query === undefined || value?.rank !== query.rank) {
      const received = x.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
      throw new ShapeError(describe(`multiHeadAttention: ${this.name}`, 'query and value of one rank', received));
    }
    const { rows, back } = this.#lines(query);
    const q = this.#projected('query', rows);
    const k = this.#projected('key', this.#lines(key!).rows);
    const v = this.#projected('value', this.#lines(value).rows);
    const masks = this.#masks(context);
    const { training, useCausalMask: causal = false, returnAttentionScores = false } = context;
    const isDropped = training && this.dropout > 0;
    const attend = (): readonly [Tensor, Tensor?] =>
      isDropped || returnAttentionScores
        ? this.#weighed(q, k, v, masks, causal, isDropped)
        : [scaledDotProductAttention(q, k, v, { mask: masks, causal })];
    const [mixed, weights] = attend();
    const flat = reshape(mixed, [mixed.shape[0]!, mixed.shape[1]!, -1]);
    const output = back(this.#projected('attention_output', flat));
    return (returnAttentionScores ? [output, weights!] : output) as Y;
  }

  /** [batch and other axes, attention axes, features], and what takes a result apart again. */
  #lines(x: Tensor): { readonly rows: Tensor; readonly back: (y: Tensor) => Tensor } {
    const axes = this.#axes!.map((axis) => (axis < 0 ? axis + x.rank : axis));
    const others = x.shape.flatMap((_, axis) => (axes.includes(axis) || axis === x.rank - 1 ? [] : [axis]));
    const order = [...others, ...axes, x.rank - 1];
    const moved = transpose(x, order);
    const sizes = (list: readonly number[]): number[] => list.map((axis) => x.shape[axis]!);
    const size = (list: readonly number[]): number => sizes(list).reduce((a, b) => a * b, 1);
    const rows = reshape(moved, [size(others), size(axes), x.shape.at(-1)!]);
    const back = (y: Tensor): Tensor => {
      const last = y.shape.slice(2);
      const whole = reshape(y, [...sizes(others), ...sizes(axes), ...last]);
      const inverse = [...others, ...axes].map((_, axis) => order.indexOf(axis));
      return transpose(whole, [...inverse, ...last.map((_, i) => inverse.length + i)]);
    };
    return { rows, back };
  }

  /** The given masks as one, of rank 4: [batch, 1, queries, keys]. */
  #masks({ mask, attentionMask }: AttentionContext): Tensor | undefined {
    const [, ofValue, ofKey] = asList<Tensor | undefined>(mask);
    const given = [ofValue && expandDims(ofValue, 1), ofKey && expandDims(ofKey, 1), attentionMask].filter(
      (one) => one !== undefined,
    );
    return given.length === 0
      ? undefined
      : expandDims(
          given.reduce((a, b) => logicalAnd(a, b)),
          1,
        );
  }

  /** Attention with its weights written out: to drop some of them, or to show them. */
  #weighed(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | undefined,
    causal: boolean,
    isDropped: boolean,
  ): readonly [Tensor, Tensor] {
    const scores = einsum('bthd,bshd->bhts', q, k).mul(1 / Math.sqrt(this.keyDim));
    const [t, s] = scores.shape.slice(2) as [number, number];
    const past = causal ? lessEqual(arange(s), expandDims(arange(t), -1)) : undefined;
    const seen = mask !== undefined && past !== undefined ? logicalAnd(mask, past) : (mask ?? past);
    const weights = softmax(seen === undefined ? scores : where(seen, scores, -1e9));
    const used = isDropped ? random.dropout(weights, this.dropout) : weights;
    return [einsum('bhts,bshd->bthd', used, v), weights];
  }

  override computeMask(_x: readonly Tensor[], mask: Mask | undefined): Tensor | undefined {
    return firstMask(mask);
  }

  override outputShape(inputShape: readonly PartialShape[]): never {
    const query = inputShape[0]!;
    return [...query.slice(0, -1), ...(this.#outputSizes ?? [query.at(-1)!])] as never;
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      num_heads: this.numHeads,
      key_dim: this.keyDim,
      value_dim: this.valueDim,
      dropout: this.dropout,
      use_bias: this.useBias,
      use_gate: false,
      output_shape: this.#outputSizes ?? null,
      attention_axes: this.#axes ?? null,
      sliding_window: null,
      kernel_initializer: initializerConfig(this.#kernelInitializer),
      bias_initializer: initializerConfig(this.#biasInitializer),
      kernel_regularizer: regularizerConfig(this.#kernelRegularizer),
      bias_regularizer: regularizerConfig(this.#biasRegularizer),
      activity_regularizer: null,
      kernel_constraint: null,
      bias_constraint: null,
      seed: null,
    };
  }
}
