// Conversions of 16-bit floats: to and from float32 by the processor's instructions where it has some, from everything else
// by way of a double, rounded once.
#include "../half.h"

#include <cstddef>

#include "tables.h"

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace antler {
namespace ANTLER_ISA {
namespace {

template <class H>
void widen(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  float* o = static_cast<float*>(out);
  const uint16_t* x = static_cast<const uint16_t*>(a);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) o[i] = H::wide(x[i]);
}

template <class H>
void narrow(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  uint16_t* o = static_cast<uint16_t*>(out);
  const float* x = static_cast<const float*>(a);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) o[i] = H::narrow(x[i]);
}

#if defined(__F16C__)
template <>
void widen<Float16>(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  float* o = static_cast<float*>(out);
  const uint16_t* x = static_cast<const uint16_t*>(a);
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    _mm256_storeu_ps(o + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x + i))));
  }
  for (; i < n; i++) o[i] = Float16::wide(x[i]);
}

template <>
void narrow<Float16>(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  uint16_t* o = static_cast<uint16_t*>(out);
  const float* x = static_cast<const float*>(a);
  // Every NaN is this one.
  const __m256 one = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fc00000));
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256 wide = _mm256_loadu_ps(x + i);
    const __m256 plain = _mm256_blendv_ps(wide, one, _mm256_cmp_ps(wide, wide, _CMP_UNORD_Q));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(o + i), _mm256_cvtps_ph(plain, _MM_FROUND_TO_NEAREST_INT));
  }
  for (; i < n; i++) o[i] = Float16::narrow(x[i]);
}
#endif

template <class H, class T>
void nearest(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  uint16_t* o = static_cast<uint16_t*>(out);
  const T* x = static_cast<const T*>(a);
  for (int64_t i = 0; i < n; i++) o[i] = nearestBits<H>(static_cast<double>(x[i]));
}

void copy(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  __builtin_memcpy(out, a, static_cast<size_t>(n) * 2);
}

template <class H>
Routine toHalf(DType from) {
  switch (from) {
    case DType::Bool:
    case DType::Uint8: return nearest<H, uint8_t>;
    case DType::Int8: return nearest<H, int8_t>;
    case DType::Int32: return nearest<H, int32_t>;
    case DType::Uint32: return nearest<H, uint32_t>;
    case DType::Float32: return narrow<H>;
    case DType::Float64: return nearest<H, double>;
    case DType::Float16:
    case DType::Bfloat16: return nullptr;
  }
  return nullptr;
}

}  // namespace

Routine findHalfCast(DType from, DType to) {
  if (from == to) return copy;
  if (isHalf(to)) return to == DType::Float16 ? toHalf<Float16>(from) : toHalf<Bfloat16>(from);
  if (to != DType::Float32) return nullptr;
  return from == DType::Float16 ? widen<Float16> : widen<Bfloat16>;
}

}  // namespace ANTLER_ISA
}  // namespace antler
