/** Activations: functions of one tensor, each named as in Keras. */
import * as core from '@antler/core';
import type { Tensor } from '@antler/core';
import { underscored } from './names.js';
import { nameOf, resolveName } from './registry.js';

/** A function applied to a layer's output. */
export type Activation = (x: Tensor) => Tensor;

/** Names that `standardNames` gives. */
export type ActivationName =
  | 'linear' | 'relu' | 'sigmoid' | 'tanh' | 'softmax' | 'logSoftmax' | 'softplus' | 'exponential'
  | 'elu' | 'selu' | 'gelu' | 'silu' | 'relu6' | 'leakyRelu'
  | 'hardSigmoid' | 'hardSilu' | 'softsign' | 'mish' | 'celu' | 'hardTanh' | 'hardShrink' | 'softShrink' | 'tanhShrink'
  | 'logSigmoid' | 'squareplus' | 'sparsemax'; // prettier-ignore

/** x itself. */
export function linear(x: Tensor): Tensor {
  return x;
}

/** max(x, 0). */
export function relu(x: Tensor): Tensor {
  return core.relu(x);
}

/** 1 / (1 + exp(−x)). */
export function sigmoid(x: Tensor): Tensor {
  return core.sigmoid(x);
}

/** The hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return core.tanh(x);
}

/** exp(x) over its sum along the last axis: a probability for each class. */
export function softmax(x: Tensor): Tensor {
  return core.softmax(x);
}

/** The logarithm of softmax along the last axis, computed without overflow. */
export function logSoftmax(x: Tensor): Tensor {
  return core.logSoftmax(x);
}

/** log(1 + exp(x)). */
export function softplus(x: Tensor): Tensor {
  return core.softplus(x);
}

/** exp(x). */
export function exponential(x: Tensor): Tensor {
  return core.exp(x);
}

/** x above 0, exp(x) − 1 below. */
export function elu(x: Tensor): Tensor {
  return core.elu(x);
}

/** Scaled elu, which keeps mean 0 and variance 1 through layers. */
export function selu(x: Tensor): Tensor {
  return core.selu(x);
}

/** x · Φ(x), the Gaussian error linear unit. */
export function gelu(x: Tensor): Tensor {
  return core.gelu(x);
}

/** x · sigmoid(x), also called swish. */
export function silu(x: Tensor): Tensor {
  return core.silu(x);
}

/** x limited to [0, 6]. */
export function relu6(x: Tensor): Tensor {
  return core.relu6(x);
}

/** x above 0, 0.2 x below. */
export function leakyRelu(x: Tensor): Tensor {
  return core.leakyRelu(x);
}

/** x / 6 + 1/2, limited to [0, 1]. */
export function hardSigmoid(x: Tensor): Tensor {
  return core.hardSigmoid(x);
}

/** x · hardSigmoid(x). */
export function hardSilu(x: Tensor): Tensor {
  return core.hardSilu(x);
}

/** x / (1 + |x|). */
export function softsign(x: Tensor): Tensor {
  return core.softsign(x);
}

/** x · tanh(softplus(x)). */
export function mish(x: Tensor): Tensor {
  return core.mish(x);
}

/** x above 0, exp(x) − 1 below; smooth for every alpha, which is 1 here. */
export function celu(x: Tensor): Tensor {
  return core.celu(x);
}

/** x limited to [−1, 1]. */
export function hardTanh(x: Tensor): Tensor {
  return core.hardTanh(x);
}

/** x, and 0 where |x| ≤ 1/2. */
export function hardShrink(x: Tensor): Tensor {
  return core.hardShrink(x);
}

/** x moved towards 0 by 1/2, and 0 where |x| ≤ 1/2. */
export function softShrink(x: Tensor): Tensor {
  return core.softShrink(x);
}

/** x − tanh(x). */
export function tanhShrink(x: Tensor): Tensor {
  return core.tanhShrink(x);
}

/** The logarithm of sigmoid, computed without overflow. */
export function logSigmoid(x: Tensor): Tensor {
  return core.logSigmoid(x);
}

/** (x + √(x² + 4)) / 2. */
export function squareplus(x: Tensor): Tensor {
  return core.squareplus(x);
}

/** Probabilities along the last axis of which many are 0 (Martins & Astudillo, 2016). */
export function sparsemax(x: Tensor): Tensor {
  return core.sparsemax(x);
}

/** The function that an argument means: itself, what its name stands for, or `linear` when there is none. */
export function resolveActivation(where: string, activation: Activation | string | undefined): Activation {
  if (activation === undefined) return linear;
  return typeof activation === 'string' ? resolveName(where, 'activation', activation) : activation;
}

/** How a configuration writes an activation: Keras's name, or the function's own. */
export function activationName(activation: Activation): string {
  if (activation === linear) return 'linear';
  const name = nameOf('activation', activation) ?? activation.name;
  return underscored(name);
}
