/** Shapes: sizes, strides, axes and broadcasting, with every size checked before anything is allocated. */
import { ShapeError, describe } from './errors.js';

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements of a shape. Throws a ShapeError past 2^53 − 1 instead of wrapping. */
export function sizeOf(shape: Shape, where = 'size'): number {
  let size = 1;
  for (const n of shape) size *= n;
  if (size > Number.MAX_SAFE_INTEGER) {
    throw new ShapeError(describe(where, 'at most 2^53 - 1 elements', `shape ${showShape(shape)}`));
  }
  return size;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** `[2, 3]`, as messages show it. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** True when both shapes have the same sizes. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Checks that what a caller without types passed is a list of sizes. */
export function checkIsShape(where: string, shape: Shape): void {
  if (!Array.isArray(shape)) throw new ShapeError(describe(where, 'a shape (an array of sizes)', String(shape)));
}

/** Checks that every size is a non-negative safe integer and that their product is one too; returns a copy. */
export function checkShape(where: string, shape: Shape): number[] {
  checkIsShape(where, shape);
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new ShapeError(describe(where, 'sizes that are whole numbers >= 0', showShape(shape)));
    }
  }
  sizeOf(shape, where);
  return [...shape];
}

/** An axis in [−rank, rank) as a number in [0, rank). */
export function checkAxis(where: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const range = rank === 0 ? 'no axis (x is a scalar)' : `an axis in [${-rank}, ${rank - 1}]`;
    throw new ShapeError(describe(where, range, String(axis)));
  }
  return axis < 0 ? axis + rank : axis;
}

/** Several axes, or all of them when undefined: normalized, sorted, without repetition. */
export function checkAxes(where: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = [axes].flat().map((axis) => checkAxis(where, axis, rank));
  if (new Set(list).size !== list.length) {
    throw new ShapeError(describe(where, 'each axis once', `[${list.join(', ')}]`));
  }
  return list.sort((a, b) => a - b);
}

/** Shape that two operands broadcast to, by NumPy's rule. */
export function broadcastShapes(where: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      const expected = 'shapes that broadcast together';
      const hint = `Sizes ${m} and ${n} at axis -${i} differ and neither is 1.`;
      throw new ShapeError(describe(where, expected, `${showShape(a)} and ${showShape(b)}`, hint));
    }
    out[rank - i] = m === 1 ? n : m;
  }
  sizeOf(out, where);
  return out;
}

/** The axes that are not in `axes`, in order. */
export function otherAxes(rank: number, axes: readonly number[]): number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
}

/** Sizes of the given axes. */
export function sizesAt(shape: Shape, axes: readonly number[]): number[] {
  return axes.map((axis) => shape[axis]!);
}
