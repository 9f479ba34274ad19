/** Attention: each query gets a weighted mean of the values, with weights by how well its key fits. */
import { toValue, type Operand } from '../operand.js';
import * as lax from '../lax.js';
import { composite } from './composites/composite.js';
import { attention } from './composites/attention.js';
import { DTypeError, ShapeError, describe } from '../errors.js';
import type { Value } from '../node.js';
import { toFloat } from './numeric.js';
import { promote } from '../dtype.js';
import { showShape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** What attention may be told. */
export interface AttentionOptions {
  /** Bool, broadcast to [batch, heads, queries, keys]: which keys a query may see. Default: all. */
  readonly mask?: Operand | undefined;
  /** A query sees the keys up to its own place. Default false. */
  readonly causal?: boolean | undefined;
  /** Factor of the products. Default 1 / √depth. */
  readonly scale?: number | undefined;
}

/**
 * softmax(scale · q kᵀ) v for query [batch, queries, heads, depth], key [batch, keys, heads, depth] and value
 * [batch, keys, heads, size]; gives [batch, queries, heads, size]. A query that may see nothing gets the mean of all values, as
 * in Keras, whose `ops.dot_product_attention` it is.
 * @example
 * scaledDotProductAttention(ones([2, 5, 3, 8]), ones([2, 7, 3, 8]), ones([2, 7, 3, 4])).shape; // [2, 5, 3, 4]
 */
export function scaledDotProductAttention(
  query: Operand,
  key: Operand,
  value: Operand,
  options: AttentionOptions = {},
): Tensor {
  const where = 'scaledDotProductAttention';
  const given = [query, key, value].map((x) => toFloat(toValue(where, x)));
  const dtype = given.map(({ type }) => type.dtype).reduce(promote);
  const [q, k, v] = given.map((x) => lax.cast(x, dtype, where)) as [Value, Value, Value];
  const shapes = [q, k, v].map(({ type }) => type.shape);
  if (shapes.some((shape) => shape.length !== 4)) {
    const expected = 'query, key and value of rank 4: [batch, length, heads, depth]';
    throw new ShapeError(describe(where, expected, shapes.map(showShape).join(', ')));
  }
  const [[batch, queries, heads, depth], [keyBatch, keys, keyHeads, keyDepth], [valueBatch, values, valueHeads]] =
    shapes as [number[], number[], number[]];
  const fits =
    [keyBatch, valueBatch].every((n) => n === batch) &&
    [keyHeads, valueHeads].every((n) => n === heads) &&
    keyDepth === depth &&
    values === keys;
  if (!fits || keys === 0) {
    const expected =
      'one batch and number of heads, one depth of queries and keys, as many values as keys (at least one)';
    throw new ShapeError(describe(where, expected, shapes.map(showShape).join(', ')));
  }
  const { scale = 1 / Math.sqrt(depth!), causal = false, mask } = options;
  const seen = mask === undefined ? [] : [maskValue(where, mask, [batch!, heads!, queries!, keys!])];
  return new Tensor(composite(attention, [q, k, v, ...seen], { scale, causal })[0]!);
}

function maskValue(where: string, mask: Operand, shape: readonly number[]): Value {
  const value = toValue(where, mask);
  if (value.type.dtype !== 'bool') throw new DTypeError(describe(`${where}: mask`, 'a bool mask', value.type.dtype));
  const own = value.type.shape;
  const fits = own.length <= 4 && own.every((n, i) => n === 1 || n === shape[4 - own.length + i]);
  if (!fits) {
    throw new ShapeError(describe(`${where}: mask`, `a mask that broadcasts to ${showShape(shape)}`, showShape(own)));
  }
  return lax.broadcastLike(value, shape, where);
}
