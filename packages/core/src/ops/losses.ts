/** Cross-entropies under the names of `keras.ops`: a loss for each row, from probabilities or from logits. */
import { meet, toValue, type Operand } from '../operand.js';
import { isFloat } from '../dtype.js';
import { DTypeError, ShapeError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { takeAlongAxis } from './indexing.js';
import { clip, softplus } from './math.js';
import { softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from './nn.js';
import { toFloat } from './numeric.js';

/** What predictions are. */
export interface CrossentropyFormOptions {
  /** True when the output is scores before sigmoid or softmax: more exact than probabilities. Default false. */
  readonly fromLogits?: boolean;
}

/** Probabilities are kept this far from 0 and 1. */
const EPSILON = 1e-7;
const tensorOf = (value: Value): Tensor => new Tensor(value);
const probabilities = (x: Value): Value => clip(tensorOf(x), EPSILON, 1 - EPSILON).handle;

/** Probabilities that sum to 1 along the last axis, as logarithms. */
function logShares(output: Value): Value {
  const { shape } = output.type;
  const sums = lax.sum(output, [shape.length - 1]);
  const total = lax.broadcast(
    sums,
    shape,
    sums.type.shape.map((_, i) => i),
  );
  return lax.log(probabilities(lax.div(output, total)));
}

/**
 * −(y log p + (1 − y) log(1 − p)), element by element, for targets y and outputs p of one shape.
 * @example await binaryCrossentropy(tensor([1]), tensor([0]), { fromLogits: true }).array() // [0.6931…]
 */
export function binaryCrossentropy(target: Operand, output: Operand, options: CrossentropyFormOptions = {}): Tensor {
  const [y, given] = meet('binaryCrossentropy', target, output).map(toFloat) as [Value, Value];
  const one = lax.fill(y.type, 1);
  if (options.fromLogits === true) {
    // −log σ(z) = softplus(−z), −log(1 − σ(z)) = softplus(z).
    const miss = (z: Value): Value => softplus(tensorOf(z)).handle;
    return tensorOf(lax.add(lax.mul(y, miss(lax.neg(given))), lax.mul(lax.sub(one, y), miss(given))));
  }
  const p = probabilities(given);
  const hit = lax.mul(y, lax.log(p));
  return tensorOf(lax.neg(lax.add(hit, lax.mul(lax.sub(one, y), lax.log(lax.sub(one, p))))));
}

/**
 * −Σ target · log output along the last axis, for distributions of one shape [..., classes].
 * @example await categoricalCrossentropy(tensor([[0, 1]]), tensor([[0.5, 0.5]])).array() // [0.6931…]
 */
export function categoricalCrossentropy(
  target: Operand,
  output: Operand,
  options: CrossentropyFormOptions = {},
): Tensor {
  const where = 'categoricalCrossentropy';
  const given = toFloat(toValue(where, output));
  const y = lax.cast(toValue(where, target, given.type.dtype), given.type.dtype, where);
  if (given.type.shape.length === 0 || !sameShape(y.type.shape, given.type.shape)) {
    const expected = `a target of the output's shape ${showShape(given.type.shape)}`;
    throw new ShapeError(describe(where, expected, showShape(y.type.shape)));
  }
  if (options.fromLogits === true) return softmaxCrossEntropy(tensorOf(y), tensorOf(given));
  return tensorOf(lax.neg(lax.sum(lax.mul(y, logShares(given)), [y.type.shape.length - 1])));
}

/**
 * −log output[target] along the last axis, for class numbers [...] in [−classes, classes) and outputs [..., classes].
 * @example await sparseCategoricalCrossentropy(tensor([1], { dtype: 'int32' }), tensor([[0.5, 0.5]])).array() // [0.6931…]
 */
export function sparseCategoricalCrossentropy(
  target: Operand,
  output: Operand,
  options: CrossentropyFormOptions = {},
): Tensor {
  const where = 'sparseCategoricalCrossentropy';
  const given = toFloat(toValue(where, output));
  const numbers = toValue(where, target, 'int32');
  if (isFloat(numbers.type.dtype)) throw new DTypeError(describe(where, 'integer labels', numbers.type.dtype));
  const labels = lax.cast(numbers, 'int32', where);
  const rows = given.type.shape.slice(0, -1);
  if (given.type.shape.length === 0 || !sameShape(labels.type.shape, rows)) {
    const expected = `a target of shape ${showShape(rows)} for an output of ${showShape(given.type.shape)}`;
    throw new ShapeError(describe(where, expected, showShape(labels.type.shape)));
  }
  if (options.fromLogits === true) return sparseSoftmaxCrossEntropy(tensorOf(labels), tensorOf(given));
  const picked = takeAlongAxis(tensorOf(logShares(given)), tensorOf(lax.reshape(labels, [...rows, 1])), -1);
  return tensorOf(lax.neg(lax.reshape(picked.handle, rows)));
}
