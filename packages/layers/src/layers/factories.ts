/** Layers as functions: `layers.dense({ units: 10 })` is `new Dense({ units: 10 })`. */
import { Activation, type ActivationOptions } from './activation.js';
import { BatchNormalization, type BatchNormalizationOptions } from './batchNormalization.js';
import { Dense, type DenseOptions } from './dense.js';
import { Dropout, type DropoutOptions } from './dropout.js';
import { Embedding, type EmbeddingOptions } from './embedding.js';
import { Flatten, type FlattenOptions } from './flatten.js';
import { Add, Average, Concatenate, type ConcatenateOptions, Maximum, Minimum, Multiply, Subtract } from './merge.js';
import { ReLU, type ReLUOptions, Softmax, type SoftmaxOptions } from './rectified.js';
import { Reshape, type ReshapeOptions } from './reshape.js';
import {
  GroupNormalization,
  type GroupNormalizationOptions,
  LayerNormalization,
  type LayerNormalizationOptions,
  RMSNormalization,
  type RMSNormalizationOptions,
} from './layerNormalization.js';
import { MultiHeadAttention, type MultiHeadAttentionOptions } from './multiHeadAttention.js';
import type { RecurrentOptions } from './recurrent.js';
import { GRU, type GRUOptions, LSTM, type LSTMOptions, SimpleRNN } from './recurrences.js';
import { Identity, Permute, type PermuteOptions, RepeatVector, type RepeatVectorOptions } from './arrange.js';
import { ELU, type ELUOptions, LeakyReLU, type LeakyReLUOptions, PReLU, type PReLUOptions } from './leaky.js';
import { Masking, type MaskingOptions } from './masking.js';
import { AlphaDropout, GaussianDropout, GaussianNoise, type GaussianNoiseOptions, type RateOptions } from './noise.js';
import { SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, type SpatialDropoutOptions } from './noise.js';
import { Rescaling, type RescalingOptions, UnitNormalization, type UnitNormalizationOptions } from './scaling.js';
import { Bidirectional, type BidirectionalOptions, TimeDistributed, type TimeDistributedOptions } from './wrappers.js';
import type { Tensor } from '@antler/core';
import type { Tensors } from '../symbolic.js';
import type { LayerOptions } from '../layer.js';

export { input } from './inputLayer.js';
export * from './spatialFactories.js';

/** `activation(x · kernel + bias)`; see {@link Dense}. */
export function dense(options: DenseOptions): Dense {
  return new Dense(options);
}

/** Joins all axes after the batch; see {@link Flatten}. */
export function flatten(options: FlattenOptions = {}): Flatten {
  return new Flatten(options);
}

/** Applies a function; see {@link Activation}. */
export function activation(options: ActivationOptions): Activation {
  return new Activation(options);
}

/** Drops part of the inputs in training; see {@link Dropout}. */
export function dropout(options: DropoutOptions): Dropout {
  return new Dropout(options);
}

/** Rows in another shape; see {@link Reshape}. */
export function reshape(options: ReshapeOptions): Reshape {
  return new Reshape(options);
}

/** max(x, 0), with bounds and slopes; see {@link ReLU}. */
export function reLU(options: ReLUOptions = {}): ReLU {
  return new ReLU(options);
}

/** Probabilities along an axis; see {@link Softmax}. */
export function softmax(options: SoftmaxOptions = {}): Softmax {
  return new Softmax(options);
}

/** A vector for each number; see {@link Embedding}. */
export function embedding(options: EmbeddingOptions): Embedding {
  return new Embedding(options);
}

/** Normalizes channels over the batch; see {@link BatchNormalization}. */
export function batchNormalization(options: BatchNormalizationOptions = {}): BatchNormalization {
  return new BatchNormalization(options);
}

/** Normalizes each row; see {@link LayerNormalization}. */
export function layerNormalization(options: LayerNormalizationOptions = {}): LayerNormalization {
  return new LayerNormalization(options);
}

/** Normalizes groups of channels of each row; see {@link GroupNormalization}. */
export function groupNormalization(options: GroupNormalizationOptions = {}): GroupNormalization {
  return new GroupNormalization(options);
}

/** Gives each row a root mean square of 1; see {@link RMSNormalization}. */
export function rmsNormalization(options: RMSNormalizationOptions = {}): RMSNormalization {
  return new RMSNormalization(options);
}

/** Attention by several heads; see {@link MultiHeadAttention}. */
export function multiHeadAttention(options: MultiHeadAttentionOptions): MultiHeadAttention {
  return new MultiHeadAttention(options);
}

/** A state by one product; see {@link SimpleRNN}. */
export function simpleRNN<X extends Tensors = Tensor>(
  options: RecurrentOptions & { readonly returnState: true },
): SimpleRNN<X, readonly Tensor[]>;
export function simpleRNN<X extends Tensors = Tensor>(options: RecurrentOptions): SimpleRNN<X>;
export function simpleRNN(options: RecurrentOptions): SimpleRNN<Tensor, Tensors> {
  return new SimpleRNN(options);
}

/** Long short-term memory; see {@link LSTM}. With initial states beside the sequence it is `lstm<readonly Tensor[]>`. */
export function lstm<X extends Tensors = Tensor>(
  options: LSTMOptions & { readonly returnState: true },
): LSTM<X, readonly Tensor[]>;
export function lstm<X extends Tensors = Tensor>(options: LSTMOptions): LSTM<X>;
export function lstm(options: LSTMOptions): LSTM<Tensor, Tensors> {
  return new LSTM(options);
}

/** Gated recurrent unit; see {@link GRU}. */
export function gru<X extends Tensors = Tensor>(
  options: GRUOptions & { readonly returnState: true },
): GRU<X, readonly Tensor[]>;
export function gru<X extends Tensors = Tensor>(options: GRUOptions): GRU<X>;
export function gru(options: GRUOptions): GRU<Tensor, Tensors> {
  return new GRU(options);
}

/** The sum of several inputs. */
export function add(options: LayerOptions = {}): Add {
  return new Add(options);
}

/** The difference of two inputs. */
export function subtract(options: LayerOptions = {}): Subtract {
  return new Subtract(options);
}

/** The product of several inputs. */
export function multiply(options: LayerOptions = {}): Multiply {
  return new Multiply(options);
}

/** The mean of several inputs. */
export function average(options: LayerOptions = {}): Average {
  return new Average(options);
}

/** The largest of several inputs. */
export function maximum(options: LayerOptions = {}): Maximum {
  return new Maximum(options);
}

/** The smallest of several inputs. */
export function minimum(options: LayerOptions = {}): Minimum {
  return new Minimum(options);
}

/** Several inputs one after the other; see {@link Concatenate}. */
export function concatenate(options: ConcatenateOptions = {}): Concatenate {
  return new Concatenate(options);
}

/** What it is given; see {@link Identity}. */
export function identity(options: LayerOptions = {}): Identity {
  return new Identity(options);
}

/** Axes in another order; see {@link Permute}. */
export function permute(options: PermuteOptions): Permute {
  return new Permute(options);
}

/** Rows as sequences of equal steps; see {@link RepeatVector}. */
export function repeatVector(options: RepeatVectorOptions): RepeatVector {
  return new RepeatVector(options);
}

/** A small slope below 0; see {@link LeakyReLU}. */
export function leakyReLU(options: LeakyReLUOptions = {}): LeakyReLU {
  return new LeakyReLU(options);
}

/** An exponential below 0; see {@link ELU}. */
export function elu(options: ELUOptions = {}): ELU {
  return new ELU(options);
}

/** A learned slope below 0; see {@link PReLU}. */
export function prelu(options: PReLUOptions = {}): PReLU {
  return new PReLU(options);
}

/** Hides padded steps; see {@link Masking}. */
export function masking(options: MaskingOptions = {}): Masking {
  return new Masking(options);
}

/** scale · x + offset; see {@link Rescaling}. */
export function rescaling(options: RescalingOptions): Rescaling {
  return new Rescaling(options);
}

/** Vectors of length 1; see {@link UnitNormalization}. */
export function unitNormalization(options: UnitNormalizationOptions = {}): UnitNormalization {
  return new UnitNormalization(options);
}

/** Normal numbers added in training; see {@link GaussianNoise}. */
export function gaussianNoise(options: GaussianNoiseOptions): GaussianNoise {
  return new GaussianNoise(options);
}

/** Normal numbers multiplied in training; see {@link GaussianDropout}. */
export function gaussianDropout(options: RateOptions): GaussianDropout {
  return new GaussianDropout(options);
}

/** Dropout after selu; see {@link AlphaDropout}. */
export function alphaDropout(options: RateOptions): AlphaDropout {
  return new AlphaDropout(options);
}

/** Dropout of channels of sequences; see {@link SpatialDropout1D}. */
export function spatialDropout1D(options: Omit<SpatialDropoutOptions, 'dataFormat'>): SpatialDropout1D {
  return new SpatialDropout1D(options);
}

/** Dropout of channels of images; see {@link SpatialDropout2D}. */
export function spatialDropout2D(options: SpatialDropoutOptions): SpatialDropout2D {
  return new SpatialDropout2D(options);
}

/** Dropout of channels of volumes; see {@link SpatialDropout3D}. */
export function spatialDropout3D(options: SpatialDropoutOptions): SpatialDropout3D {
  return new SpatialDropout3D(options);
}

/** A recurrent layer both ways; see {@link Bidirectional}. */
export function bidirectional<X extends Tensors = Tensor, Y extends Tensors = Tensor>(
  options: BidirectionalOptions,
): Bidirectional<X, Y> {
  return new Bidirectional(options);
}

/** A layer applied to each step; see {@link TimeDistributed}. */
export function timeDistributed(options: TimeDistributedOptions): TimeDistributed {
  return new TimeDistributed(options);
}
