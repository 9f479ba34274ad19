/** Shape and dtype rules of the primitives that accumulate, sort, and move windows to computed places. */
import { DTypeError, ShapeError, describe } from '../errors.js';
import type { Type } from '../graph/graph.js';
import type { ReduceOp } from '../graph/program.js';
import { sameShape, showShape, type Shape } from '../shape.js';

/** `reverse`: from the last entry to the first. */
export interface CumulateParams {
  readonly op: ReduceOp;
  readonly axis: number;
  readonly reverse: boolean;
  readonly exclusive: boolean;
}

type Infer<Params> = (where: string, inputs: readonly Type[], params: Params) => readonly Type[];

function checkStarts(where: string, x: Type, starts: Type): void {
  if (starts.dtype === 'int32' && sameShape(starts.shape, [x.shape.length])) return;
  throw new ShapeError(
    describe(where, `int32 starts of shape [${x.shape.length}]`, `${starts.dtype} ${showShape(starts.shape)}`),
  );
}

function checkWindow(where: string, x: Type, sizes: Shape): void {
  if (sizes.length === x.shape.length && sizes.every((n, axis) => n >= 0 && n <= x.shape[axis]!)) return;
  throw new ShapeError(describe(where, `a window within ${showShape(x.shape)}`, showShape(sizes)));
}

/** A window of the given sizes. */
export const inferDynamicSlice: Infer<{ readonly sizes: readonly number[] }> = (where, inputs, { sizes }) => {
  const [x, starts] = inputs as readonly [Type, Type];
  checkStarts(where, x, starts);
  checkWindow(where, x, sizes);
  return [{ shape: sizes, dtype: x.dtype }];
};

/** The type of x. */
export const inferDynamicUpdateSlice: Infer<object> = (where, inputs) => {
  const [x, starts, updates] = inputs as readonly [Type, Type, Type];
  checkStarts(where, x, starts);
  checkWindow(where, x, updates.shape);
  if (updates.dtype !== x.dtype) throw new DTypeError(describe(where, `updates of ${x.dtype}`, updates.dtype));
  return [x];
};

/** The type of x, which has to be a number. */
export const inferCumulate: Infer<object> = (where, inputs) => {
  const [x] = inputs as readonly [Type];
  if (x.dtype === 'bool')
    throw new DTypeError(describe(where, 'a number dtype', 'bool', 'Convert with cast(x, dtype).'));
  return [x];
};

/** The types of all inputs, which have one shape. */
export const inferSort: Infer<object> = (where, inputs) => {
  const [keys] = inputs as readonly [Type];
  for (const { shape } of inputs) {
    if (sameShape(shape, keys.shape)) continue;
    throw new ShapeError(describe(where, `payloads of shape ${showShape(keys.shape)}`, showShape(shape)));
  }
  return inputs;
};
