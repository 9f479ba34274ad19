/** All names of this package, in one table. Whoever imports it bundles everything; `antler` does. */
import * as activations from './activations.js';
import * as initializers from './initializers.js';
import * as losses from './losses/factories.js';
import * as metrics from './metrics/factories.js';
import { adam, adamw } from './optimizers/adam.js';
import { rmsprop } from './optimizers/rmsprop.js';
import { sgd } from './optimizers/sgd.js';
import type { NameTables } from './registry.js';
import { l1, l1l2, l2 } from './regularizers.js';

/** Keras's names in camelCase; where a name is looked up, case and underscores do not matter. */
export const standardNames: NameTables = {
  activation: {
    linear: activations.linear,
    relu: activations.relu,
    sigmoid: activations.sigmoid,
    tanh: activations.tanh,
    softmax: activations.softmax,
    logSoftmax: activations.logSoftmax,
    softplus: activations.softplus,
    exponential: activations.exponential,
    elu: activations.elu,
    selu: activations.selu,
    gelu: activations.gelu,
    silu: activations.silu,
    relu6: activations.relu6,
    leakyRelu: activations.leakyRelu,
    hardSigmoid: activations.hardSigmoid,
    hardSilu: activations.hardSilu,
    softsign: activations.softsign,
    mish: activations.mish,
    swish: activations.silu,
  },
  initializer: {
    zeros: initializers.zeros,
    ones: initializers.ones,
    constant: initializers.constant,
    glorotUniform: initializers.glorotUniform,
    glorotNormal: initializers.glorotNormal,
    heUniform: initializers.heUniform,
    heNormal: initializers.heNormal,
    lecunUniform: initializers.lecunUniform,
    lecunNormal: initializers.lecunNormal,
    randomUniform: initializers.randomUniform,
    randomNormal: initializers.randomNormal,
    truncatedNormal: initializers.truncatedNormal,
    orthogonal: initializers.orthogonal,
    identity: initializers.identity,
  },
  loss: {
    sparseCategoricalCrossentropy: losses.sparseCategoricalCrossentropy,
    categoricalCrossentropy: losses.categoricalCrossentropy,
    binaryCrossentropy: losses.binaryCrossentropy,
    meanSquaredError: losses.meanSquaredError,
    mse: losses.meanSquaredError,
    meanAbsoluteError: losses.meanAbsoluteError,
    mae: losses.meanAbsoluteError,
    meanAbsolutePercentageError: losses.meanAbsolutePercentageError,
    meanSquaredLogarithmicError: losses.meanSquaredLogarithmicError,
    logCosh: losses.logCosh,
    huber: losses.huber,
    cosineSimilarity: losses.cosineSimilarity,
    poisson: losses.poisson,
    klDivergence: losses.klDivergence,
    hinge: losses.hinge,
    squaredHinge: losses.squaredHinge,
    categoricalHinge: losses.categoricalHinge,
    binaryFocalCrossentropy: losses.binaryFocalCrossentropy,
    categoricalFocalCrossentropy: losses.categoricalFocalCrossentropy,
    categoricalGeneralizedCrossEntropy: losses.categoricalGeneralizedCrossEntropy,
    dice: losses.dice,
    tversky: losses.tversky,
    mape: losses.meanAbsolutePercentageError,
    msle: losses.meanSquaredLogarithmicError,
    kld: losses.klDivergence,
  },
  metric: {
    sparseCategoricalAccuracy: metrics.sparseCategoricalAccuracy,
    categoricalAccuracy: metrics.categoricalAccuracy,
    binaryAccuracy: metrics.binaryAccuracy,
    meanSquaredError: metrics.meanSquaredError,
    mse: metrics.meanSquaredError,
    meanAbsoluteError: metrics.meanAbsoluteError,
    mae: metrics.meanAbsoluteError,
  },
  optimizer: { sgd, adam, adamw, rmsprop },
  regularizer: { l1, l2, l1l2 },
};
