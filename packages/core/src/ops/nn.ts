/** Functions of neural networks: activations and losses on logits. */
import { toValue, type Operand } from '../operand.js';
import { DTypeError, ShapeError, describe } from '../errors.js';
import { isFloat } from '../dtype.js';
import { composite, type Composite } from './composites/composite.js';
import { relu as reluComposite } from './composites/elementwise.js';
import * as softmaxes from './composites/softmax.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { toFloat } from './numeric.js';
import { checkAxis, sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** max(x, 0); its gradient is 1 where x > 0. */
export function relu(x: Operand): Tensor {
  return new Tensor(composite(reluComposite, [toFloat(toValue('relu', x))], {})[0]!);
}

/** exp(x) / Σ exp(x) along an axis, without overflow. */
export function softmax(x: Operand, axis = -1): Tensor {
  return new Tensor(alongAxis(softmaxes.softmax, x, axis));
}

/** log softmax(x) along an axis, without overflow. */
export function logSoftmax(x: Operand, axis = -1): Tensor {
  return new Tensor(alongAxis(softmaxes.logSoftmax, x, axis));
}

function alongAxis(definition: Composite, x: Operand, axis: number): Value {
  const { name } = definition;
  const value = toFloat(toValue(name, x));
  const rank = value.type.shape.length;
  const at = checkAxis(name, axis, rank);
  const order = value.type.shape.map((_, i) => (i === at ? rank - 1 : i === rank - 1 ? at : i));
  return lax.transpose(composite(definition, [lax.transpose(value, order)], {})[0]!, order);
}

/**
 * −log softmax(logits)[label] for each row of the last axis. Labels are integers in [−n, n); one outside is an IndexError at
 * the first read that depends on it, and variables assigned by the same step keep their values.
 */
export function sparseSoftmaxCrossEntropy(labels: Operand, logits: Operand): Tensor {
  const where = 'sparseSoftmaxCrossEntropy';
  const scores = toFloat(toValue(where, logits));
  const given = toValue(where, labels, 'int32');
  if (isFloat(given.type.dtype)) throw new DTypeError(describe(where, 'integer labels', given.type.dtype));
  const rows = scores.type.shape.slice(0, -1);
  if (scores.type.shape.length === 0 || !sameShape(rows, given.type.shape)) {
    throw new ShapeError(
      describe(
        where,
        `labels of shape ${showShape(rows)} for logits of ${showShape(scores.type.shape)}`,
        showShape(given.type.shape),
      ),
    );
  }
  return new Tensor(composite(softmaxes.sparseSoftmaxCrossEntropy, [scores, lax.cast(given, 'int32', where)], {})[0]!);
}

/** −Σ target · log softmax(logits) along the last axis. */
export function softmaxCrossEntropy(targets: Operand, logits: Operand): Tensor {
  const where = 'softmaxCrossEntropy';
  const scores = toFloat(toValue(where, logits));
  const target = lax.cast(toValue(where, targets), scores.type.dtype, where);
  if (!sameShape(scores.type.shape, target.type.shape)) {
    throw new ShapeError(describe(where, `targets of ${showShape(scores.type.shape)}`, showShape(target.type.shape)));
  }
  return new Tensor(composite(softmaxes.softmaxCrossEntropy, [scores, target], {})[0]!);
}
