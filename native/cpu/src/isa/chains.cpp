// Chains of float32 opcodes: some vectors of the value so far stay in registers while one opcode after the other is applied
// to them. They round after every opcode, as the opcodes do one by one: this file is compiled without contraction of products
// and sums.
#include "tables.h"
#include "vector.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace antler {
namespace ANTLER_ISA {
namespace {

/** Vectors of a block: enough to hide how long an opcode takes, few enough for eight of 16 registers. */
constexpr int blockVectors = 8;

inline Vector root(Vector x) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_sqrt_ps(0xffff, (__m512)x);
#elif defined(__AVX2__)
  return (Vector)_mm256_sqrt_ps((__m256)x);
#elif defined(__SSE2__)
  return (Vector)_mm_sqrt_ps((__m128)x);
#else
  for (int64_t i = 0; i < lanes; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
#endif
}

/** As the opcodes: NaN wins, and +0 is larger than -0. */
inline Vector most(Vector x, Vector y) {
  const Vector both = (Vector)((Ints)x & (Ints)y);
  return x > y ? x : (x < y ? y : (x == y ? both : x + y));
}
inline Vector least(Vector x, Vector y) {
  const Vector both = (Vector)((Ints)x | (Ints)y);
  return x < y ? x : (x > y ? y : (x == y ? both : x + y));
}

template <int count, class F>
inline void each(Vector (&values)[count], const F& f) {
#pragma GCC unroll 8
  for (int i = 0; i < count; i++) values[i] = f(values[i]);
}
template <int count, class F>
inline void each(Vector (&values)[count], const float* operand, const F& f) {
#pragma GCC unroll 8
  for (int i = 0; i < count; i++) values[i] = f(values[i], load(operand + i * lanes));
}

template <int count>
inline void apply(Vector (&values)[count], ChainOp op, const float* y) {
  switch (op) {
    case ChainOp::Add: return each(values, y, [](Vector a, Vector b) { return a + b; });
    case ChainOp::Sub: return each(values, y, [](Vector a, Vector b) { return a - b; });
    case ChainOp::SubFrom: return each(values, y, [](Vector a, Vector b) { return b - a; });
    case ChainOp::Mul: return each(values, y, [](Vector a, Vector b) { return a * b; });
    case ChainOp::Div: return each(values, y, [](Vector a, Vector b) { return a / b; });
    case ChainOp::DivInto: return each(values, y, [](Vector a, Vector b) { return b / a; });
    case ChainOp::Max: return each(values, y, most);
    case ChainOp::Min: return each(values, y, least);
    case ChainOp::Neg: return each(values, [](Vector a) { return -a; });
    case ChainOp::Abs: return each(values, magnitude);
    case ChainOp::Sqrt: return each(values, root);
    case ChainOp::Square: return each(values, [](Vector a) { return a * a; });
  }
}

/** To memory, past the caches; an address of whole vectors. */
inline void storePast(float* to, Vector v) {
#if defined(__AVX512F__)
  _mm512_stream_ps(to, (__m512)v);
#elif defined(__AVX2__)
  _mm256_stream_ps(to, (__m256)v);
#elif defined(__SSE2__)
  _mm_stream_ps(to, (__m128)v);
#else
  store(to, v);
#endif
}

template <int count, bool past>
inline void block(float* out, const float* first, const ChainLink* links, int64_t length, int64_t at) {
  Vector values[count];
#pragma GCC unroll 8
  for (int i = 0; i < count; i++) values[i] = load(first + at + i * lanes);
  for (int64_t link = 0; link < length; link++) apply(values, links[link].op, links[link].operand + at);
#pragma GCC unroll 8
  for (int i = 0; i < count; i++) {
    if (past) storePast(out + at + i * lanes, values[i]);
    else store(out + at + i * lanes, values[i]);
  }
}

template <bool past>
int64_t blocks(float* out, int64_t n, const float* first, const ChainLink* links, int64_t length) {
  int64_t at = 0;
  for (; at + blockVectors * lanes <= n; at += blockVectors * lanes) {
    block<blockVectors, past>(out, first, links, length, at);
  }
  for (; at + lanes <= n; at += lanes) block<1, past>(out, first, links, length, at);
  return at;
}

}  // namespace

void runChain(float* out, int64_t n, const float* first, const ChainLink* links, int64_t length, bool past) {
  past = past && reinterpret_cast<uintptr_t>(out) % vectorBytes == 0;
  const int64_t at = past ? blocks<true>(out, n, first, links, length) : blocks<false>(out, n, first, links, length);
  if (at == n) return;
  Vector value[1] = {loadPart(first + at, n - at)};
  for (int64_t link = 0; link < length; link++) {
    float operand[lanes];
    store(operand, loadPart(links[link].operand + at, n - at));
    apply(value, links[link].op, operand);
  }
  storePart(out + at, value[0], n - at);
}

}  // namespace ANTLER_ISA
}  // namespace antler
