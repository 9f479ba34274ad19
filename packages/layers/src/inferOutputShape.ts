/**
 * Output shapes with unknown axes. The layer's call is recorded, never run, on two inputs whose unknown axes have different
 * primes for sizes; an axis of the result that differs between the two is unknown as well.
 */
import { type Tensor, jit, zeros } from '@antler/core';
import type { PartialShape } from './partialShape.js';
import { type AnyLayer, type Tensors, isShapeList, mapEach, mapShapes } from './symbolic.js';

/** Sizes of the unknown axes, first to last, in the first and in the second recording. */
const primes: readonly (readonly number[])[] = [
  [83, 97, 103, 109, 127],
  [89, 101, 107, 113, 131],
];

type Shapes = PartialShape | readonly PartialShape[];

/** What was found, by the input's shape. */
const found = new WeakMap<AnyLayer, Map<string, Shapes>>();

/** Shape of `layer.call` for an input of a shape, or shapes for shapes. Builds the layer if it is not built. */
export function inferOutputShape(layer: AnyLayer, inputShape: Shapes): Shapes {
  const known = found.get(layer) ?? new Map<string, Shapes>();
  found.set(layer, known);
  const key = JSON.stringify(inputShape);
  const shapes = known.get(key) ?? infer(layer, inputShape);
  known.set(key, shapes);
  return shapes;
}

function infer(layer: AnyLayer, inputShape: Shapes): Shapes {
  layer.ensureBuilt(inputShape);
  const [first, second] = primes.map((sizes) => shapesOfCall(layer, inputShape, sizes)) as [Shapes, Shapes];
  const others = isShapeList(second) ? second : [second];
  return mapShapes(first, (shape, i) => shape.map((size, axis) => (size === others[i]![axis] ? size : null)));
}

/** The unknown axes of all inputs have the same sizes in turn, since inputs share their rows. */
function shapesOfCall(layer: AnyLayer, inputShape: Shapes, sizes: readonly number[]): Shapes {
  let result: Shapes = [];
  const record = jit((): Tensors => {
    // Made inside, where nothing is computed.
    const x = mapShapes(inputShape, (shape) => {
      let unknown = 0;
      return zeros(
        shape.map((size) => size ?? sizes[unknown++ % sizes.length]!),
        { dtype: layer.dtype },
      );
    });
    const y = layer.call(x, { training: false });
    result = mapEach<Tensor, PartialShape>(y, ({ shape }) => shape);
    return y;
  });
  record.graph();
  return result;
}
