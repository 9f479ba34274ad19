// The routines of the idioms, in their order. They round after every opcode, as the opcodes do one by one: this file is
// compiled without contraction of products and sums.
#include "idioms.h"

#include "tables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

template <class F>
void each(void* out, int64_t n, const void* a, const void* b, const void* c, const void* d) {
  float* o = static_cast<float*>(out);
  const float* x = static_cast<const float*>(a);
  const float* y = static_cast<const float*>(b);
  const float* z = static_cast<const float*>(c);
  const float* w = static_cast<const float*>(d);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) o[i] = F::of(x[i], y[i], z[i], w[i]);
}

struct Towards {
  static float of(float a, float b, float c, float) { return a + (b - a) * c; }
};
struct TowardsSquare {
  static float of(float a, float b, float c, float) { return a + (b * b - a) * c; }
};
struct LessRatio {
  static float of(float a, float b, float c, float d) { return a - b / (__builtin_sqrtf(c) + d); }
};

constexpr Routine all[] = {each<Towards>, each<TowardsSquare>, each<LessRatio>};
static_assert(sizeof(all) / sizeof(all[0]) == idiomCount, "a routine for each idiom");

}  // namespace

Routine findIdiom(int number) { return all[number]; }

}  // namespace ANTLER_ISA
}  // namespace antler
