/** Shapes with unknown sizes: what is known of a layer's input and output before there is data. */
import { type Shape, ShapeError, describe, showShape } from '@antler/core';

/** Sizes of the axes; null where any size will do, as in the batch axis. */
export type PartialShape = readonly (number | null)[];

/** `(None, 28, 28)`, as Keras writes it in a summary. */
export function showPartialShape(shape: PartialShape): string {
  const sizes = shape.map((size) => size ?? 'None').join(', ');
  return shape.length === 1 ? `(${sizes},)` : `(${sizes})`;
}

/** The shape of a batch, with any number of rows. */
export function anyBatch(shape: Shape): PartialShape {
  return [null, ...shape.slice(1)];
}

/** Product of the sizes, null when one is unknown. */
export function partialSize(shape: PartialShape): number | null {
  return shape.reduce(
    (product, size) => (product === null || size === null ? null : product * size),
    1 as number | null,
  );
}

/** Checks that a batch is what a layer was built for; `where` names the layer. */
export function checkFits(where: string, expected: PartialShape, received: Shape): void {
  const fits =
    expected.length === received.length && expected.every((size, i) => size === null || size === received[i]);
  if (!fits) {
    throw new ShapeError(describe(where, `an input of shape ${showPartialShape(expected)}`, showShape(received)));
  }
}

/** True when two shapes, or two lists of shapes, are the same, unknown sizes included. */
export function sameShapes(
  a: PartialShape | readonly PartialShape[],
  b: PartialShape | readonly PartialShape[],
): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
