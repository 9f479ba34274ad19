/** Numbers of every dtype: rounding, host layout, and distances, written apart from the library that is tested. */
import { dtypes, viewAs, type DType } from '@antler/core';

/** Bits of the significand (the leading one included) and smallest exponent of a normal number. */
const formats: Partial<Record<DType, { readonly digits: number; readonly least: number }>> = {
  float64: { digits: 53, least: -1022 },
  float32: { digits: 24, least: -126 },
  float16: { digits: 11, least: -14 },
  bfloat16: { digits: 8, least: -126 },
};

const widths: Partial<Record<DType, number>> = { int32: 32, uint32: 32, int8: 8, uint8: 8 };

/** Bits of an integer dtype. */
export function widthOf(dtype: DType): number {
  const width = widths[dtype];
  if (width === undefined) throw new Error(`${dtype} is not an integer dtype`);
  return width;
}

/** Distance between neighbours of `dtype` around a finite value. */
export function spacing(value: number, dtype: DType): number {
  const { digits, least } = formats[dtype]!;
  return 2 ** (Math.max(exponentOf(value), least) - digits + 1);
}

/** Smallest positive normal number. */
export function smallestNormal(dtype: DType): number {
  return 2 ** formats[dtype]!.least;
}

function exponentOf(value: number): number {
  const size = Math.abs(value);
  if (size === 0) return -Infinity;
  let exponent = Math.min(1023, Math.floor(Math.log2(size)));
  // log2 may round across a power of two.
  while (2 ** exponent > size) exponent--;
  while (exponent < 1023 && 2 ** (exponent + 1) <= size) exponent++;
  return exponent;
}

/** The nearest value of `dtype`: floats half to even, integers wrapped, bool by `≠ 0`. */
export function rounded(value: number, dtype: DType): number {
  if (dtype === 'bool') return value !== 0 ? 1 : 0;
  if (formats[dtype] === undefined) return wrapped(BigInt(value), dtype);
  if (dtype === 'float64' || !Number.isFinite(value) || value === 0) return value;
  const unit = spacing(value, dtype);
  const nearest = halfToEven(value / unit) * unit;
  if (Math.abs(nearest) > dtypes[dtype].range[1]) return value > 0 ? Infinity : -Infinity;
  return nearest === 0 && value < 0 ? -0 : nearest;
}

/** An integer modulo the width of `dtype`. */
export function wrapped(value: bigint, dtype: DType): number {
  const width = widthOf(dtype);
  return Number(dtype.startsWith('u') ? BigInt.asUintN(width, value) : BigInt.asIntN(width, value));
}

/** Nearest whole number, ties to the even one. */
export function halfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** Values in the host's layout of `dtype`. */
export function encode(values: readonly number[], dtype: DType): ArrayBuffer {
  const buffer = new ArrayBuffer(values.length * dtypes[dtype].bytes);
  const array = viewAs(dtype, buffer, 0, values.length);
  values.forEach((value, i) => {
    const isHalf = dtype === 'float16' || dtype === 'bfloat16';
    array[i] = isHalf ? halfBits(value, dtype) : rounded(value, dtype);
  });
  return buffer;
}

/** Values out of the host's layout of `dtype`. */
export function decode(buffer: ArrayBuffer, dtype: DType): number[] {
  const array = viewAs(dtype, buffer, 0, buffer.byteLength / dtypes[dtype].bytes);
  if (dtype === 'float16' || dtype === 'bfloat16') return Array.from(array, (bits) => fromHalfBits(bits, dtype));
  return Array.from(array);
}

/** The 16 bits of a float16 or bfloat16. */
export function halfBits(value: number, dtype: 'float16' | 'bfloat16'): number {
  const { digits, least } = formats[dtype]!;
  const fraction = digits - 1;
  const infinity = 0x7fff & (-1 << fraction);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const x = Math.abs(rounded(value, dtype));
  if (Number.isNaN(x)) return infinity | (1 << (fraction - 1));
  if (x === Infinity) return sign | infinity;
  if (x < 2 ** least) return sign | (x / 2 ** (least - fraction));
  const exponent = exponentOf(x);
  return sign | ((exponent - least + 1) << fraction) | ((x / 2 ** exponent - 1) * 2 ** fraction);
}

/** The number in 16 bits. */
export function fromHalfBits(bits: number, dtype: 'float16' | 'bfloat16'): number {
  const { digits, least } = formats[dtype]!;
  const fraction = digits - 1;
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits & 0x7fff) >> fraction;
  const rest = (bits & ((1 << fraction) - 1)) / 2 ** fraction;
  if (exponent === 0) return sign * rest * 2 ** least;
  if (exponent === 0x7fff >> fraction) return rest === 0 ? sign * Infinity : NaN;
  return sign * (1 + rest) * 2 ** (exponent - 1 + least);
}
