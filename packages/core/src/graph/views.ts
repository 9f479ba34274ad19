/**
 * Affine view algebra. Where a loop reads a value is one row-major position, affine in the loop's axes. Reshapes leave it as
 * it is; every other movement splits it into one affine index per axis, moves those, and joins them again.
 */
import type { PrimitiveParams, Primitive } from '../primitives.js';
import { stridesOf, type Shape } from '../shape.js';

/** Row-major position (or the index along one axis) read for each index of a loop: offset + Σ strides · index. */
export interface Access {
  readonly offset: number;
  /** One per axis of the loop. */
  readonly strides: readonly number[];
}

/** The primitives that only move elements. */
export type Movement = 'reshape' | 'transpose' | 'broadcast' | 'slice' | 'flip' | 'window';

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

type Move<P extends Primitive> = (parts: readonly Access[], params: PrimitiveParams[P], input: Shape) => Access[];

const map = (part: Access, factor: number, offset: number): Access => ({
  offset: part.offset * factor + offset,
  strides: part.strides.map((stride) => stride * factor || 0),
});

/** Index per axis of the input, from the index per axis of the result. */
const moves: { readonly [P in Exclude<Movement, 'reshape'>]: Move<P> } = {
  transpose(parts, { permutation }) {
    const moved = new Array<Access>(parts.length);
    permutation.forEach((axis, i) => (moved[axis] = parts[i]!));
    return moved;
  },
  broadcast: (parts, { axes }, input) =>
    axes.map((axis, i) => (input[i] === 1 ? map(parts[axis]!, 0, 0) : parts[axis]!)),
  slice: (parts, { start, stride }) => parts.map((part, axis) => map(part, stride[axis]!, start[axis]!)),
  flip: (parts, { axes }, input) =>
    parts.map((part, axis) => (axes.includes(axis) ? map(part, -1, input[axis]! - 1) : part)),
  window: (parts, { axes, strides, dilation }, input) =>
    input.map((_, axis) => {
      const i = axes.indexOf(axis);
      if (i < 0) return parts[axis]!;
      const [windows, taps] = [parts[axis]!, parts[input.length + i]!];
      return join([windows, taps], [strides[i]!, dilation[i]!], windows.strides.length);
    }),
};

/** Where the input of a movement is read when its result is read at `access`; undefined when that is not affine. */
export function through<P extends Movement>(
  primitive: P,
  params: PrimitiveParams[P],
  input: Shape,
  result: Shape,
  access: Access,
  space: Shape,
): Access | undefined {
  if (primitive === 'reshape') return access;
  const parts = split(access, space, result);
  if (parts === undefined) return undefined;
  const move = moves[primitive as Exclude<P, 'reshape'>] as unknown as Move<P>;
  return join(move(parts, params, input), stridesOf(input), space.length);
}
