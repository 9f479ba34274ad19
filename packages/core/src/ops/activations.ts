/** Activation functions, under Keras's names and with its constants. */
import * as orders from './primitives/ordering.js';
import { toValue, type Operand } from '../operand.js';
import { composite } from './composites/composite.js';
import { gelu as geluComposite, relu as reluComposite } from './composites/elementwise.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { toFloat, unaryFloat } from './numeric.js';
import { checkAxis } from '../shape.js';
import { Tensor } from '../tensor.js';
import { clip, softplus } from './math.js';
import { hypot } from './elementary.js';
import { relu } from './nn.js';

const like = (x: Value, value: number): Value => lax.fill(x.type, value);

/** An activation written on the value of a float operand. */
function of(where: string, x: Operand, f: (x: Value) => Value): Tensor {
  return new Tensor(f(toFloat(toValue(where, x))));
}

/** x where it is positive, else the other value. Where it is not taken, `other` is computed at 0, so that it is finite. */
function positiveOr(x: Value, other: (x: Value) => Value): Value {
  const zero = like(x, 0);
  const isPositive = lax.lt(zero, x);
  return lax.select(isPositive, x, other(lax.select(isPositive, zero, x)));
}

const expm1 = (x: Value): Value => unaryFloat('expm1', lax.expm1, { handle: x });

/**
 * Gaussian error linear unit x · Φ(x): exact by default, by tanh with `approximate`.
 * @example await gelu(tensor([0, 1])).array() // [0, 0.8413…]
 */
export function gelu(x: Operand, options: { readonly approximate?: boolean } = {}): Tensor {
  const { approximate = false } = options;
  return of('gelu', x, (value) => composite(geluComposite, [value], { approximate })[0]!);
}

/**
 * x · sigmoid(x), also called swish.
 * @example await silu(tensor([0])).array() // [0]
 */
export function silu(x: Operand): Tensor {
  return of('silu', x, (value) => lax.mul(value, lax.logistic(value)));
}

/**
 * x above 0, alpha · (exp x − 1) below.
 * @example await elu(tensor([1, 0])).array() // [1, 0]
 */
export function elu(x: Operand, alpha = 1): Tensor {
  return of('elu', x, (value) => positiveOr(value, (y) => lax.mul(expm1(y), like(y, alpha))));
}

/**
 * Scaled elu, which keeps mean 0 and variance 1 through layers (Klambauer et al., 2017).
 * @example await selu(tensor([1])).array() // [1.0507…]
 */
export function selu(x: Operand): Tensor {
  const [alpha, scale] = [1.6732632423543772, 1.0507009873554805];
  return of('selu', x, (value) =>
    lax.mul(
      positiveOr(value, (y) => lax.mul(expm1(y), like(y, alpha))),
      like(value, scale),
    ),
  );
}

/**
 * max(x, 0) + min(alpha · (exp(x / alpha) − 1), 0).
 * @example await celu(tensor([1, 0])).array() // [1, 0]
 */
export function celu(x: Operand, alpha = 1): Tensor {
  return of('celu', x, (value) => positiveOr(value, (y) => lax.mul(expm1(lax.div(y, like(y, alpha))), like(y, alpha))));
}

/**
 * x above 0, slope · x below.
 * @example await leakyRelu(tensor([-10, 1])).array() // [-2, 1]
 */
export function leakyRelu(x: Operand, negativeSlope = 0.2): Tensor {
  return of('leakyRelu', x, (value) => positiveOr(value, (y) => lax.mul(y, like(y, negativeSlope))));
}

/**
 * x limited to [0, 6].
 * @example await relu6(tensor([-1, 7])).array() // [0, 6]
 */
export function relu6(x: Operand): Tensor {
  return of('relu6', x, (value) => lax.min(relu(new Tensor(value)).handle, like(value, 6)));
}

/**
 * x / 6 + 1/2, limited to [0, 1].
 * @example await hardSigmoid(tensor([-3, 0, 3])).array() // [0, 0.5, 1]
 */
export function hardSigmoid(x: Operand): Tensor {
  return of('hardSigmoid', x, (value) => {
    const lifted = relu6(new Tensor(lax.add(value, like(value, 3)))).handle;
    return lax.div(lifted, like(value, 6));
  });
}

/**
 * x · hardSigmoid(x), also called hard swish.
 * @example await hardSilu(tensor([-3, 3])).array() // [0, 3]
 */
export function hardSilu(x: Operand): Tensor {
  return of('hardSilu', x, (value) => lax.mul(value, hardSigmoid(new Tensor(value)).handle));
}

/**
 * x limited to [−1, 1].
 * @example await hardTanh(tensor([-2, 0.5])).array() // [-1, 0.5]
 */
export function hardTanh(x: Operand): Tensor {
  return of('hardTanh', x, (value) => clip(new Tensor(value), -1, 1).handle);
}

/**
 * x / (1 + |x|).
 * @example await softsign(tensor([1, -3])).array() // [0.5, -0.75]
 */
export function softsign(x: Operand): Tensor {
  return of('softsign', x, (value) => lax.div(value, lax.add(lax.abs(value), like(value, 1))));
}

/**
 * x · tanh(softplus(x)).
 * @example await mish(tensor([0])).array() // [0]
 */
export function mish(x: Operand): Tensor {
  return of('mish', x, (value) => lax.mul(value, lax.tanh(softplus(new Tensor(value)).handle)));
}

/**
 * log sigmoid(x), without overflow.
 * @example await logSigmoid(tensor([0])).array() // [-0.6931…]
 */
export function logSigmoid(x: Operand): Tensor {
  return of('logSigmoid', x, (value) => lax.neg(softplus(new Tensor(lax.neg(value))).handle));
}

/**
 * x − tanh(x).
 * @example await tanhShrink(tensor([0])).array() // [0]
 */
export function tanhShrink(x: Operand): Tensor {
  return of('tanhShrink', x, (value) => lax.sub(value, lax.tanh(value)));
}

/**
 * x where |x| > threshold, else 0; NaN stays.
 * @example await hardShrink(tensor([0.3, -1])).array() // [0, -1]
 */
export function hardShrink(x: Operand, threshold = 0.5): Tensor {
  return of('hardShrink', x, (value) =>
    lax.select(lax.le(lax.abs(value), like(value, threshold)), like(value, 0), value),
  );
}

/**
 * x moved towards 0 by threshold, and 0 where it would cross it; NaN stays.
 * @example await softShrink(tensor([0.3, -1])).array() // [0, -0.5]
 */
export function softShrink(x: Operand, threshold = 0.5): Tensor {
  return of('softShrink', x, (value) => {
    const moved = lax.sub(value, lax.mul(lax.sign(value), like(value, threshold)));
    return lax.select(lax.le(lax.abs(value), like(value, threshold)), like(value, 0), moved);
  });
}

/**
 * x where it exceeds the threshold, else another number; NaN stays.
 * @example await threshold(tensor([1, 3]), 2, -1).array() // [-1, 3]
 */
export function threshold(x: Operand, limit: number, otherwise: number): Tensor {
  return of('threshold', x, (value) => lax.select(lax.le(value, like(value, limit)), like(value, otherwise), value));
}

/**
 * (x + √(x² + b)) / 2, for b ≥ 0.
 * @example await squareplus(tensor([0])).array() // [1]
 */
export function squareplus(x: Operand, b = 4): Tensor {
  return of('squareplus', x, (value) => {
    const root = hypot(new Tensor(value), Math.sqrt(b)).handle;
    const [half, halfRoot] = [lax.mul(value, like(value, 0.5)), lax.mul(root, like(value, 0.5))];
    const isNegative = lax.lt(value, like(value, 0));
    // Below 0 the sum would cancel: it is b / 2 / (√(x² + b) − x).
    const distance = lax.select(isNegative, lax.sub(halfRoot, half), like(value, 1));
    return lax.select(isNegative, lax.div(like(value, b / 4), distance), lax.add(half, halfRoot));
  });
}

/**
 * First half of an axis times the sigmoid of its second half.
 * @example await glu(tensor([4, 0])).array() // [2]
 */
export function glu(x: Operand, axis = -1): Tensor {
  return of('glu', x, (value) => {
    const { shape } = value.type;
    const at = checkAxis('glu', axis, shape.length);
    const half = shape[at]! / 2;
    if (!Number.isInteger(half)) {
      throw new ShapeError(describe('glu', 'an axis of even size', String(shape[at])));
    }
    const part = (k: 0 | 1): Value =>
      lax.slice(
        value,
        shape.map((_, i) => (i === at ? k * half : 0)),
        shape.map((n, i) => (i === at ? (k + 1) * half : n)),
      );
    return lax.mul(part(0), lax.logistic(part(1)));
  });
}

/**
 * The point of the simplex nearest to x along an axis: a softmax with exact zeros (Martins and Astudillo, 2016).
 * @example await sparsemax(tensor([2, 0])).array() // [1, 0]
 */
export function sparsemax(x: Operand, axis = -1): Tensor {
  return of('sparsemax', x, (value) => {
    const { shape } = value.type;
    const at = checkAxis('sparsemax', axis, shape.length);
    if (shape[at] === 0) throw new ValueError(describe('sparsemax', 'at least one entry', 'none'));
    const kept = shape.map((_, i) => i).filter((i) => i !== at);
    // A shift changes nothing; beside large numbers the 1 below would be lost.
    const top = lax.stopGradient(lax.reduce('max', value, [at]));
    const shifted = lax.sub(value, lax.broadcast(top, shape, kept));
    const sorted = orders.sort([shifted], at, true)[0]!;
    const sums = orders.cumulate(sorted, { op: 'sum', axis: at, reverse: false, exclusive: false });
    const place = lax.broadcast(
      lax.add(lax.iota(shape[at]!, value.type.dtype), lax.fill({ shape: [shape[at]!], dtype: value.type.dtype }, 1)),
      shape,
      [at],
    );
    const isInside = lax.lt(sums, lax.add(like(value, 1), lax.mul(place, sorted)));
    const count = lax.sum(lax.cast(isInside, value.type.dtype), [at]);
    // The sum of the entries inside, which are the largest ones.
    const total = lax.sum(lax.select(isInside, sorted, like(sorted, 0)), [at]);
    const limit = lax.div(lax.sub(total, like(total, 1)), count);
    return composite(reluComposite, [lax.sub(shifted, lax.broadcast(limit, shape, kept))], {})[0]!;
  });
}
