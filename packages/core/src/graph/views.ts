/**
 * Affine view algebra. Where a loop reads a value is one row-major position, affine in the loop's axes. Reshapes leave it as
 * it is; every other movement splits it into one affine index per axis, moves those, and joins them again.
 */
import type { ViewForm } from '../primitives/form.js';
import type { Primitive, PrimitiveParams } from '../primitives/params.js';
import { stridesOf, type Shape } from '../shape.js';

/** Row-major position (or the index along one axis) read for each index of a loop: offset + Σ strides · index. */
export interface Access {
  readonly offset: number;
  /** One per axis of the loop. */
  readonly strides: readonly number[];
}

/** Every element of a value, in a loop over its own shape. */
export function whole(shape: Shape): Access {
  return { offset: 0, strides: stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride)) };
}

/**
 * The indices per axis of `shape` that a position stands for, or undefined when one of them is not affine. Each stride is
 * written in the mixed radix of the shape; the result is right exactly when no sum of digits can carry.
 */
export function split(access: Access, space: Shape, shape: Shape): Access[] | undefined {
  if (shape.includes(0)) return shape.map(() => ({ offset: 0, strides: space.map(() => 0) }));
  const radix = stridesOf(shape);
  let offset = access.offset;
  // A negative stride is a positive one that starts at the other end.
  const steps = access.strides.map((stride, i) => {
    if (space[i] === 1) return 0;
    if (stride < 0) offset += stride * (space[i]! - 1);
    return Math.abs(stride);
  });
  const parts: Access[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis]!;
    const unit = radix[axis]!;
    const start = size === 1 ? 0 : Math.floor(offset / unit);
    offset -= start * unit;
    let first = start;
    let last = start;
    const strides = steps.map((step, i) => {
      const digit = size === 1 ? 0 : Math.floor(step / unit);
      steps[i] = step - digit * unit;
      const reach = digit * (space[i]! - 1);
      last += reach;
      if (access.strides[i]! >= 0) return digit;
      first += reach;
      return digit === 0 ? 0 : -digit;
    });
    if (last >= size) return undefined;
    parts.push({ offset: first, strides });
  }
  return parts;
}

/** The position that indices per axis make, for memory with these strides. */
export function join(parts: readonly Access[], strides: readonly number[], rank: number): Access {
  const sums = new Array<number>(rank).fill(0);
  let offset = 0;
  parts.forEach((part, axis) => {
    offset += part.offset * strides[axis]!;
    for (let i = 0; i < rank; i++) sums[i]! += part.strides[i]! * strides[axis]!;
  });
  return { offset, strides: sums };
}

/** Where the input of a view is read when its result is read at `access`; undefined when that is not affine. */
export function through(
  { move }: ViewForm,
  params: PrimitiveParams[Primitive],
  input: Shape,
  result: Shape,
  access: Access,
  space: Shape,
): Access | undefined {
  if (move === null) return access;
  const parts = split(access, space, result);
  return parts && join(move(parts, params, input), stridesOf(input), space.length);
}
