/**
 * The 16-bit floats as numbers and as bits. JavaScript has no arithmetic for them, so whoever computes does so in a wider
 * float and rounds: once, from float64, to nearest with ties to even. There is one NaN of each: its bits carry nothing.
 */
import { dtypes, type DType, type TypedArray } from './dtype.js';

/** The dtypes of 16 bits. */
export type Half = 'float16' | 'bfloat16';

/** Conversions of one 16-bit float. */
export interface HalfFormat {
  /** The nearest number of the dtype; beyond the largest one by half a unit or more it is an infinity. */
  readonly round: (x: number) => number;
  /** The bits of the nearest number of the dtype. */
  readonly toBits: (x: number) => number;
  readonly fromBits: (bits: number) => number;
}

const word = new Float32Array(1);
const wordBits = new Uint32Array(word.buffer);

/**
 * By the biased exponent of a float32, what leaves `digits` binary digits of a number when it is added and taken away in
 * float64: the adder does the rounding. 1.5 times a power of two has room on either side.
 */
const adders = (digits: number, least: number): Float64Array =>
  Float64Array.from({ length: 256 }, (_, biased) => 1.5 * 2 ** (Math.max(biased - 127, least) + 53 - digits));
const float16Adders = adders(11, -14);
const bfloat16Adders = adders(8, -126);

function roundFloat16(x: number): number {
  word[0] = x;
  const adder = float16Adders[(wordBits[0]! >>> 23) & 255]!;
  const rounded = x + adder - adder;
  return rounded === 0 ? x * 0 : Math.abs(rounded) > 65504 ? rounded * Infinity : rounded;
}

function roundBfloat16(x: number): number {
  word[0] = x;
  const adder = bfloat16Adders[(wordBits[0]! >>> 23) & 255]!;
  const rounded = x + adder - adder;
  return rounded === 0 ? x * 0 : Math.abs(rounded) > 3.3895313892515355e38 ? rounded * Infinity : rounded;
}

function float16Bits(x: number): number {
  const rounded = roundFloat16(x);
  word[0] = rounded;
  const sign = (wordBits[0]! >>> 16) & 0x8000;
  const size = wordBits[0]! & 0x7fffffff;
  if (size < 0x38800000) return sign | (Math.abs(rounded) * 2 ** 24);
  if (size >= 0x7f800000) return size > 0x7f800000 ? 0x7e00 : sign | 0x7c00;
  return sign | ((size - 0x38000000) >>> 13);
}

function bfloat16Bits(x: number): number {
  word[0] = roundBfloat16(x);
  return Number.isNaN(x) ? 0x7fc0 : wordBits[0]! >>> 16;
}

function float16Of(bits: number): number {
  wordBits[0] = (bits & 0x7fff) << 13;
  const special = (bits & 0x3ff) === 0 ? Infinity : NaN;
  const size = (bits & 0x7c00) === 0x7c00 ? special : word[0]! * 2 ** 112;
  return (bits & 0x8000) === 0 ? size : -size;
}

function bfloat16Of(bits: number): number {
  wordBits[0] = bits << 16;
  return word[0]!;
}

/** The formats. */
export const halves: { readonly [D in Half]: HalfFormat } = {
  float16: { round: roundFloat16, toBits: float16Bits, fromBits: float16Of },
  bfloat16: { round: roundBfloat16, toBits: bfloat16Bits, fromBits: bfloat16Of },
};

/** True for float16 and bfloat16. */
export function isHalf(dtype: DType): dtype is Half {
  return dtype === 'float16' || dtype === 'bfloat16';
}

/** Numbers in the host's layout of a dtype, which for 16-bit floats is bits; integers wrap. */
export function elementsOf(dtype: DType, numbers: ArrayLike<number>): TypedArray {
  const elements = new dtypes[dtype].array(numbers.length);
  const { toBits } = isHalf(dtype) ? halves[dtype] : { toBits: (x: number): number => x };
  for (let i = 0; i < numbers.length; i++) elements[i] = toBits(numbers[i]!);
  return elements;
}

/** Elements in the host's layout as numbers: the array itself, for 16-bit floats a Float32Array. */
export function numbersOf(dtype: DType, elements: TypedArray): TypedArray {
  if (!isHalf(dtype)) return elements;
  const { fromBits } = halves[dtype];
  const numbers = new Float32Array(elements.length);
  for (let i = 0; i < elements.length; i++) numbers[i] = fromBits(elements[i]!);
  return numbers;
}
