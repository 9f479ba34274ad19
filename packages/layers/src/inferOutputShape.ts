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

/** Ends a recording that nobody wants to run. */
class Recorded extends Error {
  readonly shape: readonly number[];
  constructor(shape: readonly number[]) {
    super('recorded');
    this.shape = shape;
  }
}

function shapeOfCall(layer: Layer, inputShape: PartialShape, sizes: readonly number[]): readonly number[] {
  let unknown = 0;
  const shape = inputShape.map((size) => size ?? sizes[unknown++ % sizes.length]!);
  const record = jit((x: Tensor): Tensor => {
    throw new Recorded(layer.call(x, { training: false }).shape);
  });
  try {
    record(zeros(shape, { dtype: layer.dtype }));
  } catch (error) {
    if (error instanceof Recorded) return error.shape;
    throw error;
  }
  throw new Error('inferOutputShape: the recording ended without a shape');
}
