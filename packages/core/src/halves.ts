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

/** A format of so many binary digits, whose smallest normal number is 2^least. Both have a float32's bits, but fewer. */
function format(dtype: Half, digits: number, least: number): HalfFormat {
  const [, largest] = dtypes[dtype].range;
  const infinity = 0x7fff & (-1 << (digits - 1));
  const nan = infinity | (1 << (digits - 2));
  const shift = 24 - digits;
  // From this format's exponents to those of a float32, in a float32's bits; the smallest normal number there.
  const offset = (126 + least) << 23;
  const normal = (127 + least) << 23;
  const scale = 2 ** (126 + least);
  const unit = 2 ** (least - digits + 1);
  // By the biased exponent of a float32, what leaves `digits` digits of a number when it is added and taken away in float64:
  // the adder does the rounding. 1.5 times a power of two has room on either side.
  const adders = Float64Array.from({ length: 256 }, (_, e) => 1.5 * 2 ** (Math.max(e - 127, least) + 53 - digits));

  const round = (x: number): number => {
    word[0] = x;
    const adder = adders[(wordBits[0]! >>> 23) & 255]!;
    const rounded = x + adder - adder;
    return rounded === 0 ? x * 0 : Math.abs(rounded) > largest ? rounded * Infinity : rounded;
  };
  return {
    round,
    toBits(x) {
      const rounded = (word[0] = round(x));
      const sign = (wordBits[0]! >>> 16) & 0x8000;
      const size = wordBits[0]! & 0x7fffffff;
      if (size < normal) return sign | (Math.abs(rounded) / unit);
      if (size >= 0x7f800000) return size > 0x7f800000 ? nan : sign | infinity;
      return sign | ((size - offset) >>> shift);
    },
    fromBits(bits) {
      if ((bits & 0x7fff) > infinity) return NaN;
      wordBits[0] = (bits & 0x7fff) << shift;
      const size = (bits & infinity) === infinity ? Infinity : word[0]! * scale;
      return (bits & 0x8000) === 0 ? size : -size;
    },
  };
}

/** The formats. */
export const halves: { readonly [D in Half]: HalfFormat } = {
  float16: format('float16', 11, -14),
  bfloat16: format('bfloat16', 8, -126),
};

/** True for float16 and bfloat16. */
export function isHalf(dtype: DType): dtype is Half {
  return dtype === 'float16' || dtype === 'bfloat16';
}

/** Numbers in the host's layout of a dtype, which for 16-bit floats is bits; integers wrap. */
export function elementsOf(dtype: DType, numbers: ArrayLike<number>): TypedArray {
  const elements = new dtypes[dtype].array(numbers.length);
  const toElement = isHalf(dtype) ? halves[dtype].toBits : (x: number): number => x;
  for (let i = 0; i < numbers.length; i++) elements[i] = toElement(numbers[i]!);
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
