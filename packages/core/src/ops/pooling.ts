/** Pooling over one, two or three axes; channels come last. */
import { toValue, type Operand } from '../operand.js';
import { composite, type Composite } from './composites/composite.js';
import * as pools from './composites/pooling.js';
import { countWindows, type Widths } from './primitives/convolution.js';
import type { Value } from '../node.js';
import { toFloat, widened } from './numeric.js';
import type { PoolParams } from './composites/windows.js';
import { Tensor } from '../tensor.js';
import { checkCount, checkSpatial, perAxis, resolvePadding, type Padding, type PerAxis } from './spatial.js';

/** How a pool moves. */
export interface PoolOptions {
  /** Elements from one window to the next; default: the pool's size. */
  readonly strides?: PerAxis;
  /** Default 'valid'. What is around x is never the largest, and does not count in a mean. */
  readonly padding?: Padding;
}

/**
 * The largest of each window of x [n, ...spatial, channels]. Of several, the first gets the gradient.
 * @example
 * maxPool(ones([1, 28, 28, 8]), 2).shape; // [1, 14, 14, 8]
 */
export function maxPool(x: Operand, poolSize: PerAxis, options: PoolOptions = {}): Tensor {
  return pool(pools.maxPool, toValue('maxPool', x), poolSize, options);
}

/** The mean of each window of x [n, ...spatial, channels], over the elements of x in it. Integers become float32 first. */
export function averagePool(x: Operand, poolSize: PerAxis, options: PoolOptions = {}): Tensor {
  const value = toFloat(toValue('averagePool', x));
  return new Tensor(widened(value, (y) => pool(pools.averagePool, y, poolSize, options).handle));
}

function pool(definition: Composite<PoolParams>, x: Value, poolSize: PerAxis, options: PoolOptions): Tensor {
  const where = definition.name;
  const rank = checkSpatial(where, x);
  const sizes = perAxis(where, 'poolSize', poolSize, rank);
  const strides = perAxis(where, 'strides', options.strides ?? sizes, rank);
  const spatial = x.type.shape.slice(1, -1);
  const padding = resolvePadding(where, options.padding ?? 'valid', spatial, sizes, strides);
  sizes.forEach((size, i) => {
    const [low, high]: Widths = padding[i]!;
    checkCount(where, 'pool', x, sizes, countWindows(spatial[i]! + low + high, size, strides[i]!));
  });
  const params: PoolParams = { sizes, strides, padding };
  return new Tensor(composite(definition, [x], params)[0]!);
}
