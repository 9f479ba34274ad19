/** The IDX format of MNIST: two zero bytes, element type, rank, the sizes, then the elements, everything big-endian. */
import { AntlerError, describe, showShape, type DType, type HostArray, type TypedArray } from '@antler/core';

/** A file that is not what its format says: wrong magic number, truncated, too long. */
export class FormatError extends AntlerError {
  override readonly name: string = 'FormatError';
}

interface ElementType {
  readonly bytes: number;
  readonly dtype: DType;
  readonly array: new (length: number) => TypedArray;
  read(view: DataView, at: number): number;
}

/** Element types by their code. There is no int16 tensor, so 16-bit integers widen. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  0x08: { bytes: 1, dtype: 'uint8', array: Uint8Array, read: (view, at) => view.getUint8(at) },
  0x09: { bytes: 1, dtype: 'int8', array: Int8Array, read: (view, at) => view.getInt8(at) },
  0x0b: { bytes: 2, dtype: 'int32', array: Int32Array, read: (view, at) => view.getInt16(at) },
  0x0c: { bytes: 4, dtype: 'int32', array: Int32Array, read: (view, at) => view.getInt32(at) },
  0x0d: { bytes: 4, dtype: 'float32', array: Float32Array, read: (view, at) => view.getFloat32(at) },
  0x0e: { bytes: 8, dtype: 'float64', array: Float64Array, read: (view, at) => view.getFloat64(at) },
};

/** The array in the bytes of an IDX file, copied. Throws a FormatError that names `name` when the bytes are not one. */
export function readIdx(bytes: Uint8Array, name = 'readIdx'): HostArray {
  const fail = (expected: string, received: string, hint?: string): never => {
    throw new FormatError(describe(name, expected, received, hint));
  };
  const hex = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) fail('an IDX file', 'a gzip file', 'Decompress it first.');
  const type = elementTypes[bytes[2] ?? 0];
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || type === undefined) {
    return fail('an IDX file (00 00, element type 08 09 0b 0c 0d 0e, rank)', hex === '' ? 'no bytes' : `bytes ${hex}`);
  }
  const rank = bytes[3]!;
  const header = 4 + 4 * rank;
  if (bytes.length < header) fail(`a header of ${header} bytes for rank ${rank}`, `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, n) => product * n, 1);
  // Compared before anything is allocated: garbage sizes must not ask for terabytes.
  if (bytes.length !== header + size * type.bytes) {
    const what = `${header + size * type.bytes} bytes for shape ${showShape(shape)} of ${type.dtype}`;
    fail(
      what,
      `${bytes.length} bytes`,
      bytes.length < header + size * type.bytes ? 'The file is truncated.' : undefined,
    );
  }
  const data = new type.array(size);
  if (type.bytes === 1) data.set(new Uint8Array(bytes.buffer, bytes.byteOffset + header, size));
  else for (let i = 0; i < size; i++) data[i] = type.read(view, header + i * type.bytes);
  return { data, shape, dtype: type.dtype };
}
