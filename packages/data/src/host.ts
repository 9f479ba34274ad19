/** Host arrays: the plain data that pipelines carry until a program needs it on a device. */
import {
  DTypeError,
  ShapeError,
  describe,
  dtypeOfArray,
  type DType,
  type HostArray,
  type TypedArray,
} from '@antler/core';

/**
 * A host array over `data`, which is not copied. Without `shape` it is a vector; without `dtype` it is what a tensor made of
 * `data` would be. Throws a ShapeError when the shape does not hold exactly the elements of `data`.
 *
 * @example hostArray(new Float32Array([1, 2, 3, 4]), [2, 2])
 */
export function hostArray(data: TypedArray, shape: readonly number[] = [data.length], dtype?: DType): HostArray {
  const known = dtype ?? dtypeOfArray(data);
  if (known === undefined) throw new DTypeError(describe('hostArray', 'a typed array of numbers', String(data)));
  const size = shape.reduce((product, n) => product * n, 1);
  if (size !== data.length || shape.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ShapeError(
      describe('hostArray', `a shape of ${data.length} elements`, `[${shape.join(', ')}] (${size} elements)`),
    );
  }
  return { data, shape: [...shape], dtype: known };
}

/** True for `{ data, shape, dtype }` with a typed array inside. */
export function isHostArray(value: unknown): value is HostArray {
  return (
    typeof value === 'object' && value !== null && 'shape' in value && 'data' in value && ArrayBuffer.isView(value.data)
  );
}

/** An array of the same element type as `like`, filled with zeros. */
export function emptyLike(like: TypedArray, length: number): TypedArray {
  return new (like.constructor as new (length: number) => TypedArray)(length);
}
