/**
 * Output shapes with unknown axes. The layer's call is recorded, never run, on two inputs whose unknown axes have different
 * primes for sizes; an axis of the result that differs between the two is unknown as well.
 */
import { type Tensor, jit, zeros } from '@antler/core';
import type { Layer } from './layer.js';
import type { PartialShape } from './partialShape.js';

/** Sizes of the unknown axes, first to last, in the first and in the second recording. */
const primes: readonly (readonly number[])[] = [
  [83, 97, 103, 109, 127],
  [89, 101, 107, 113, 131],
];

/** Shape of `layer.call` for an input of a shape. Builds the layer if it is not built. */
export function inferOutputShape(layer: Layer, inputShape: PartialShape): PartialShape {
  layer.ensureBuilt(inputShape);
  const [first, second] = primes.map((sizes) => shapeOfCall(layer, inputShape, sizes)) as [number[], number[]];
  return first.map((size, axis) => (size === second[axis] ? size : null));
}

function shapeOfCall(layer: Layer, inputShape: PartialShape, sizes: readonly number[]): readonly number[] {
  let unknown = 0;
  const shape = inputShape.map((size) => size ?? sizes[unknown++ % sizes.length]!);
  let result: readonly number[] = [];
  const record = jit((x: Tensor): Tensor => {
    const y = layer.call(x, { training: false });
    result = y.shape;
    return y;
  });
  record.graph(zeros(shape, { dtype: layer.dtype }));
  return result;
}
