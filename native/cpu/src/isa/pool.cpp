// One pooling window, channel by channel, its places at offsets from a first one.
#include <cstdint>

#include "tables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

constexpr int lanes = 16;
typedef float Floats __attribute__((vector_size(lanes * 4)));
typedef int32_t Integers __attribute__((vector_size(lanes * 4)));

inline Floats load(const float* from) {
  Floats values;
  __builtin_memcpy(&values, from, sizeof(values));
  return values;
}

/** NaN wins, and +0 is larger than -0. */
inline Floats larger(Floats x, Floats y) {
  const Floats both = (Floats)((Integers)x & (Integers)y);
  return x > y ? x : (x < y ? y : (x == y ? both : x + y));
}
inline float larger(float x, float y) {
  if (x > y) return x;
  if (x < y) return y;
  return x == y ? (__builtin_signbitf(x) ? y : x) : x + y;
}

}  // namespace

void poolMost(float* y, const float* x, const int64_t* offsets, int64_t places, int64_t n) {
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    Floats most = load(x + i + offsets[0]);
    for (int64_t p = 1; p < places; p++) most = larger(most, load(x + i + offsets[p]));
    __builtin_memcpy(y + i, &most, sizeof(most));
  }
  for (; i < n; i++) {
    float most = x[i + offsets[0]];
    for (int64_t p = 1; p < places; p++) most = larger(most, x[i + offsets[p]]);
    y[i] = most;
  }
}

void poolGive(float* dx, const float* x, const float* y, const float* g, const int64_t* offsets, int64_t places,
              int64_t n) {
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Floats most = load(y + i);
    const Floats given = load(g + i);
    Integers done = {};
    for (int64_t p = 0; p < places; p++) {
      const Integers equal = load(x + i + offsets[p]) == most;
      const Floats sum = load(dx + i + offsets[p]) + (Floats)((Integers)given & equal & ~done);
      __builtin_memcpy(dx + i + offsets[p], &sum, sizeof(sum));
      done |= equal;
    }
  }
  for (; i < n; i++) {
    for (int64_t p = 0; p < places; p++) {
      if (x[i + offsets[p]] != y[i]) continue;
      dx[i + offsets[p]] += g[i];
      break;
    }
  }
}

}  // namespace ANTLER_ISA
}  // namespace antler
