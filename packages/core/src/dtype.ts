/** Element types: their names, sizes, kinds, promotion, and the typed arrays that carry them on the host. */
import { DTypeError, describe } from './errors.js';

/** Every element type Antler knows. A backend lists the ones it supports. */
export type DType = 'float32' | 'float64' | 'float16' | 'bfloat16' | 'int32' | 'uint32' | 'int8' | 'uint8' | 'bool';

/** What family a dtype belongs to: promotion and gradients look at this alone. */
type Kind = 'float' | 'int' | 'bool';

/** Typed arrays that can carry tensor elements on the host. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Int8Array | Uint8Array | Uint16Array;

interface DTypeRow {
  readonly kind: Kind;
  /** Bytes of an element on the host. */
  readonly bytes: 1 | 2 | 4 | 8;
  /** Higher wins when two dtypes of one kind meet. */
  readonly rank: number;
  /** Smallest and largest value; integers wrap inside, floats saturate to infinity. */
  readonly range: readonly [number, number];
  /** Array that holds the raw elements on the host (float16 and bfloat16 as their bits). */
  readonly array: new (length: number) => TypedArray;
}

const upTo = (limit: number): readonly [number, number] => [-limit, limit];

/** The table of dtypes. */
export const dtypes: { readonly [D in DType]: DTypeRow } = {
  bool: { kind: 'bool', bytes: 1, rank: 0, range: [0, 1], array: Uint8Array },
  int8: { kind: 'int', bytes: 1, rank: 1, range: [-128, 127], array: Int8Array },
  uint8: { kind: 'int', bytes: 1, rank: 2, range: [0, 255], array: Uint8Array },
  int32: { kind: 'int', bytes: 4, rank: 3, range: [-2147483648, 2147483647], array: Int32Array },
  uint32: { kind: 'int', bytes: 4, rank: 4, range: [0, 4294967295], array: Uint32Array },
  bfloat16: { kind: 'float', bytes: 2, rank: 5, range: upTo(3.3895313892515355e38), array: Uint16Array },
  float16: { kind: 'float', bytes: 2, rank: 6, range: upTo(65504), array: Uint16Array },
  float32: { kind: 'float', bytes: 4, rank: 7, range: upTo(3.4028234663852886e38), array: Float32Array },
  float64: { kind: 'float', bytes: 8, rank: 8, range: upTo(Number.MAX_VALUE), array: Float64Array },
};

/** True for float16, bfloat16, float32 and float64. */
export function isFloat(dtype: DType): boolean {
  return dtypes[dtype].kind === 'float';
}

/** True for signed and unsigned integers, not for bool. */
export function isInteger(dtype: DType): boolean {
  return dtypes[dtype].kind === 'int';
}

/** True for the integers without a sign. */
export function isUnsigned(dtype: DType): boolean {
  return dtype === 'uint32' || dtype === 'uint8';
}

/**
 * Dtype in which two operands meet: bool gives way to anything, an integer to a float,
 * the two 16-bit floats to float32, a signed and an unsigned integer to int32.
 */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  const low = dtypes[a].rank < dtypes[b].rank ? a : b;
  const high = low === a ? b : a;
  if (low === 'bfloat16' && high === 'float16') return 'float32';
  if (isInteger(low) && isInteger(high) && isUnsigned(low) !== isUnsigned(high)) return 'int32';
  return high;
}

/** Checks that a name is a dtype; `where` names the function that was given it. */
export function checkDType(where: string, dtype: string): DType {
  if (Object.hasOwn(dtypes, dtype)) return dtype as DType;
  throw new DTypeError(describe(where, `a dtype (${Object.keys(dtypes).join(', ')})`, JSON.stringify(dtype)));
}

const constructorNames: Readonly<Record<string, DType>> = {
  Float32Array: 'float32',
  Float64Array: 'float32',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
  Int16Array: 'int32',
  Uint16Array: 'int32',
  BigInt64Array: 'int32',
};

/** Dtype that a typed array becomes when nobody asks for another; undefined when it cannot become a tensor. */
export function dtypeOfArray(data: ArrayBufferView): DType | undefined {
  return constructorNames[(data as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? ''];
}

/** Typed array over (part of) a buffer, reading its raw elements as `dtype`. */
export function viewAs(dtype: DType, buffer: ArrayBuffer, byteOffset: number, length: number): TypedArray {
  const Constructor = dtypes[dtype].array as unknown as new (b: ArrayBuffer, o: number, n: number) => TypedArray;
  return new Constructor(buffer, byteOffset, length);
}
