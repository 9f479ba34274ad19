// Vectors of floats as the compiler's own type, and functions of them: the same text for every instruction set.
//
// The functions are accurate to a unit or two in the last place where the processor has fused multiply-add.
#pragma once

#include <cstddef>
#include <cstdint>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#include "width.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

typedef float Vector __attribute__((vector_size(vectorBytes)));
typedef int32_t Ints __attribute__((vector_size(vectorBytes)));
constexpr int64_t lanes = vectorBytes / 4;

inline Vector load(const float* from) {
  Vector v;
  __builtin_memcpy(&v, from, sizeof(v));
  return v;
}
inline void store(float* to, Vector v) { __builtin_memcpy(to, &v, sizeof(v)); }
inline Vector all(float x) { return x - Vector{}; }

#if defined(__AVX512F__)
inline __mmask16 firstLanes(int64_t n) { return static_cast<__mmask16>((1u << n) - 1); }
#endif

/** The first n lanes; the others are `rest`. */
inline Vector loadPart(const float* from, int64_t n, float rest = 0) {
  if (n >= lanes) return load(from);
#if defined(__AVX512F__)
  return _mm512_mask_loadu_ps(all(rest), firstLanes(n), from);
#else
  float part[lanes];
  for (int64_t i = 0; i < lanes; i++) part[i] = i < n ? from[i] : rest;
  return load(part);
#endif
}
inline void storePart(float* to, Vector v, int64_t n) {
  if (n >= lanes) return store(to, v);
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, firstLanes(n), v);
#else
  float part[lanes];
  store(part, v);
  for (int64_t i = 0; i < n; i++) to[i] = part[i];
#endif
}

/** NaN in either gives NaN. */
inline Vector larger(Vector a, Vector b) { return (a > b) | (a != a) ? a : b; }

typedef float Four __attribute__((vector_size(16)));

/** Folds the lanes of a vector to four by a function of two vectors. */
template <class F>
inline Four foldToFour(Vector v, const F& f) {
  Four parts[lanes / 4];
  __builtin_memcpy(parts, &v, sizeof(v));
  for (int64_t half = lanes / 8; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; i++) parts[i] = f(parts[i], parts[i + half]);
  }
  return parts[0];
}
inline float sumOf(Vector v) {
  const Four sum = foldToFour(v, [](Four a, Four b) { return a + b; });
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}
inline float largestOf(Vector v) {
  const Four most = foldToFour(v, [](Four a, Four b) { return (a > b) | (a != a) ? a : b; });
  const auto of = [](float a, float b) { return a > b || a != a ? a : b; };
  return of(of(most[0], most[1]), of(most[2], most[3]));
}

/** 2^n for n from -126 to 127. */
inline Vector powerOfTwo(Ints n) { return (Vector)((n + 127) << 23); }

inline Vector magnitude(Vector x) { return (Vector)((Ints)x & 0x7fffffff); }
inline Vector withSignOf(Vector size, Vector x) {
  return (Vector)(((Ints)size & 0x7fffffff) | ((Ints)x & (int32_t)0x80000000));
}

/** Adding it to a float below 2^22 rounds that to an integer, which is then in its lowest bits. */
constexpr float wholeFloats = 12582912.0f;

/** e^(x − n ln 2). */
inline Vector reduced(Vector x, Vector n) {
  const Vector f = (x - n * 0.693145752f) - n * 1.42860677e-6f;
  Vector p = all(1.37805939e-3f);
  p = p * f + 8.37312452e-3f;
  p = p * f + 4.16695364e-2f;
  p = p * f + 1.66664720e-1f;
  p = p * f + 4.99999851e-1f;
  p = p * f + 1.0f;
  return p * f + 1.0f;
}

/** e^x for |x| ≤ 87, or NaN. */
inline Vector exponentialWithin(Vector x) {
  const Vector shifted = x * 1.44269504f + wholeFloats;
  return reduced(x, shifted - wholeFloats) * powerOfTwo((Ints)shifted - 0x4b400000);
}

/** e^x; what is too small or too large for a float becomes a subnormal number, 0 or ∞. */
inline Vector exponential(Vector x) {
  const Vector low = x < -104.0f ? all(-104.0f) : x;
  const Vector y = low > 89.0f ? all(89.0f) : low;
  const Vector shifted = y * 1.44269504f + wholeFloats;
  // In two factors, as the exponent may be out of range.
  const Ints whole = (Ints)shifted - 0x4b400000;
  const Ints half = whole >> 1;
  return reduced(y, shifted - wholeFloats) * powerOfTwo(half) * powerOfTwo(whole - half);
}

/** 1 / (1 + e^−x); below −87 as there. */
inline Vector logistic(Vector x) {
  const Vector low = x < -87.0f ? all(-87.0f) : x;
  const Vector y = low > 87.0f ? all(87.0f) : low;
  return 1.0f / (1.0f + exponentialWithin(-y));
}

inline Vector hyperbolicTangent(Vector x) {
  const Vector size = magnitude(x);
  const Vector z = x * x;
  Vector p = all(1.57394409e-2f);
  p = p * z - 5.23025580e-2f;
  p = p * z + 1.33152977e-1f;
  p = p * z - 3.33327681e-1f;
  const Vector small = p * z * x + x;
  const Vector far = size > 10.0f ? all(10.0f) : size;
  const Vector large = 1.0f - 2.0f / (exponentialWithin(far + far) + 1.0f);
  return size < 0.55f ? small : withSignOf(large, x);
}

/** By polynomials of N. Juffa: an odd one around 0, 1 − e^… farther out. */
inline Vector errorFunction(Vector x) {
  const Vector size = magnitude(x);
  const Vector z = x * x;
  Vector p = all(-5.96761703e-4f);
  p = p * z + 4.99119423e-3f;
  p = p * z - 2.67681349e-2f;
  p = p * z + 1.12819925e-1f;
  p = p * z - 3.76125336e-1f;
  p = p * z + 1.28379166e-1f;
  const Vector small = p * x + x;
  const Vector far = size > 4.0f ? all(4.0f) : size;
  const Vector square = far * far;
  Vector q = far * -1.72853470e-5f + 3.83197126e-4f;
  const Vector r = far * -3.88396438e-3f + 2.42546219e-2f;
  q = q * square + r;
  q = q * far - 1.06777877e-1f;
  q = q * far - 6.34846687e-1f;
  q = q * far - 1.28717512e-1f;
  q = q * far - far;
  const Vector large = withSignOf(1.0f - exponentialWithin(q), x);
  return size > 0.927734375f ? large : x != x ? x : small;
}

}  // namespace
}  // namespace ANTLER_ISA
}  // namespace antler
