/** Layers as functions: `layers.dense({ units: 10 })` is `new Dense({ units: 10 })`. */
import { Activation, type ActivationOptions } from './activation.js';
import { Dense, type DenseOptions } from './dense.js';
import { Dropout, type DropoutOptions } from './dropout.js';
import { Flatten, type FlattenOptions } from './flatten.js';

export { input } from './inputLayer.js';

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
