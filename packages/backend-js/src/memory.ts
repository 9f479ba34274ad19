/**
 * Device memory that is host memory: ArrayBuffers, which the collector frees. Elements lie as on the host, but 16-bit floats,
 * which are float32 here, so that no kernel knows of their bits, and 8-bit types, if the backend was made with wider ones.
 */
import {
  DTypeError,
  ResourceError,
  ValueError,
  describe,
  dtypes,
  elementsOf,
  isHalf,
  numbersOf,
  viewAs,
  type DType,
  type Region,
  type TypedArray,
} from '@antler/core';

/** Bytes of an element in device memory; absent = not supported. */
export type ElementBytes = Readonly<Partial<Record<DType, 1 | 2 | 4 | 8>>>;

/** 2 GiB: every element's position, in any dtype, fits the 32-bit integers that V8 is fast with. */
export const maxBufferBytes: number = 2 ** 31;

/** Sizes of all dtypes, unless a backend is made with others. */
export const usualBytes: ElementBytes = Object.fromEntries(
  Object.entries(dtypes).map(([dtype, { bytes }]) => [dtype, isHalf(dtype as DType) ? 4 : bytes]),
);

const widened: Partial<Record<DType, DType>> = {
  int8: 'int32',
  uint8: 'uint32',
  bool: 'uint32',
  float16: 'float32',
  bfloat16: 'float32',
};

/** The dtype whose host array has the layout that `dtype` has in device memory. */
export function storageOf(dtype: DType, bytes: ElementBytes): DType {
  const size = bytes[dtype];
  if (size === undefined) {
    throw new DTypeError(describe('js backend', `a dtype among ${Object.keys(bytes).join(', ')}`, dtype));
  }
  const storage = size === dtypes[dtype].bytes && !isHalf(dtype) ? dtype : widened[dtype];
  if (storage === undefined || size !== dtypes[storage].bytes) {
    throw new ValueError(describe('createJsBackend', `${dtype} of ${usualBytes[dtype]} bytes`, `${size} bytes`));
  }
  return storage;
}

/** Fresh zeros. Throws a ResourceError that says how much was asked for and how much there may be. */
export function allocate(bytes: number): ArrayBuffer {
  if (!(bytes >= 0 && bytes <= maxBufferBytes)) {
    throw new ResourceError(describe('alloc', `at most ${maxBufferBytes} bytes in one buffer`, `${bytes} bytes`));
  }
  try {
    return new ArrayBuffer(bytes);
  } catch {
    throw new ResourceError(
      describe('alloc', `room for ${bytes} bytes (limit ${maxBufferBytes})`, 'a refusal from the JavaScript engine'),
    );
  }
}

/** Copies host elements into device memory. */
export function writeRegion(region: Region<ArrayBuffer>, data: ArrayBufferView, dtype: DType, storage: DType): void {
  if (storage === dtype) {
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(region.buffer, region.byteOffset, data.byteLength).set(source);
  } else {
    const count = data.byteLength / dtypes[dtype].bytes;
    const source = viewAs(dtype, data.buffer as ArrayBuffer, data.byteOffset, count);
    viewAs(storage, region.buffer, region.byteOffset, count).set(numbersOf(dtype, source));
  }
}

/** A fresh host copy of device elements. */
export function readRegion(region: Region<ArrayBuffer>, count: number, dtype: DType, storage: DType): ArrayBuffer {
  const source = viewAs(storage, region.buffer, region.byteOffset, count);
  if (isHalf(dtype)) return elementsOf(dtype, source).buffer as ArrayBuffer;
  const copy: TypedArray = new dtypes[dtype].array(count);
  copy.set(source);
  return copy.buffer as ArrayBuffer;
}
