// One place of a pooling window, channel by channel.
#include <cstdint>

#include "tables.h"

namespace antler {
namespace ANTLER_ISA {

void poolMost(float* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) {
    // Of equal numbers only the two zeros differ: -0 stays where both are -0.
    const float larger = x[i] > y[i] || (x[i] == y[i] && !__builtin_signbitf(x[i])) ? x[i] : y[i];
    y[i] = x[i] != x[i] ? x[i] : larger;
  }
}

void poolGive(float* dx, const float* x, const float* y, const float* g, int32_t* done, int64_t n) {
  if (x == nullptr) {
    for (int64_t i = 0; i < n; i++) done[i] |= y[i] == -__builtin_inff();
    return;
  }
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) {
    const int32_t equal = x[i] == y[i];
    const int32_t hit = equal & ~done[i];
    dx[i] += hit != 0 ? g[i] : 0.0f;
    done[i] |= equal;
  }
}

}  // namespace ANTLER_ISA
}  // namespace antler
