// The 16-bit floats as bits. Every number of either is a float32; what is wider is rounded once, to nearest, ties to even.
// All that is here is each file's own, as those of the instruction sets share no code.
#pragma once

#include <cstdint>

namespace antler {
namespace {

inline uint32_t bitsOfFloat(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof(bits));
  return bits;
}

inline float floatOfBits(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof(x));
  return x;
}

/** Five bits of exponent, ten of fraction. Formulas without branches, of which the compiler makes vectors. */
struct Float16 {
  uint16_t bits;

  static float wide(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
    const uint32_t size = static_cast<uint32_t>(half & 0x7fff) << 13;
    // The exponent's bias; subnormal numbers come right by themselves.
    const uint32_t scaled = bitsOfFloat(floatOfBits(size) * 0x1p112f);
    return floatOfBits(sign | (size >= 0x0f800000 ? size | 0x7f800000 : scaled));
  }

  static uint16_t narrow(float x) {
    const uint32_t all = bitsOfFloat(x);
    const uint32_t size = all & 0x7fffffff;
    // Beside 0.5 the last digit of a float is that of a subnormal half: the adder rounds.
    const uint32_t small = bitsOfFloat(floatOfBits(size < 0x38800000 ? size : 0) + 0.5f) - 0x3f000000;
    const uint32_t normal = (size - 0x38000000 + 0xfff + ((size >> 13) & 1)) >> 13;
    const uint32_t large = size > 0x7f800000 ? 0x7e00 : 0x7c00;
    const uint32_t half = size < 0x38800000 ? small : size < 0x47800000 ? normal : large;
    return static_cast<uint16_t>(size > 0x7f800000 ? half : half | (all >> 16 & 0x8000));
  }
};

/** The upper half of a float32. */
struct Bfloat16 {
  uint16_t bits;

  static float wide(uint16_t half) { return floatOfBits(static_cast<uint32_t>(half) << 16); }

  static uint16_t narrow(float x) {
    const uint32_t all = bitsOfFloat(x);
    const uint32_t rounded = (all + 0x7fff + ((all >> 16) & 1)) >> 16;
    return static_cast<uint16_t>((all & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded);
  }
};

/** The float towards 0 from a number, its last bit set if that is not exact: then it can be rounded again. */
inline float roundedToOdd(double x) {
  const float nearest = static_cast<float>(x);
  const double back = static_cast<double>(nearest);
  const uint32_t bits = bitsOfFloat(nearest);
  const uint32_t below = __builtin_fabs(back) > __builtin_fabs(x) ? bits - 1 : bits;
  return floatOfBits(back == x || x != x ? bits : below | 1);
}

/** The nearest number of a 16-bit float. */
template <class H>
inline uint16_t nearestBits(double x) { return H::narrow(roundedToOdd(x)); }

}  // namespace
}  // namespace antler
