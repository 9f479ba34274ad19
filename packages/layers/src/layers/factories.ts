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
