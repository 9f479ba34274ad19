// Chooses the table once.
#include "isa.h"

#include <cstdlib>
#include <cstring>

namespace antler {

#define ANTLER_DECLARE(isa) \
  namespace isa {           \
  extern const Routines table; \
  }
#ifdef ANTLER_X86
ANTLER_DECLARE(avx512)
ANTLER_DECLARE(avx2)
ANTLER_DECLARE(sse4)
#endif
ANTLER_DECLARE(plain)

namespace {

const Routines& choose() {
#ifdef ANTLER_X86
  const char* wish = std::getenv("ANTLER_ISA");
  const auto wanted = [wish](const char* name) { return wish == nullptr || std::strcmp(wish, name) == 0; };
  __builtin_cpu_init();
  if (wanted("avx512") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c")) {
    return avx512::table;
  }
  if (wanted("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c")) {
    return avx2::table;
  }
  if (wanted("sse4") && __builtin_cpu_supports("sse4.2")) return sse4::table;
#endif
  return plain::table;
}

}  // namespace

const Routines& routines() {
  static const Routines& chosen = choose();
  return chosen;
}

}  // namespace antler
