// The innermost loop of the own matrix product: a block of the result kept in vector registers.
#include <cstdint>

#include "tables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int vectorBytes = 64;
constexpr int rowCount = 8;
#elif defined(__AVX2__)
constexpr int vectorBytes = 32;
constexpr int rowCount = 6;
#else
constexpr int vectorBytes = 16;
constexpr int rowCount = 4;
#endif
constexpr int vectors = 2;

template <class T>
void multiply(void* out, int64_t stride, const void* panelA, const void* panelB, int64_t depth, bool add) {
  typedef T Vector __attribute__((vector_size(vectorBytes)));
  constexpr int lanes = vectorBytes / static_cast<int>(sizeof(T));
  constexpr int width = lanes * vectors;
  const T* a = static_cast<const T*>(panelA);
  const T* b = static_cast<const T*>(panelB);
  T* c = static_cast<T*>(out);
  Vector sums[rowCount][vectors] = {};
  for (int64_t k = 0; k < depth; k++, a += rowCount, b += width) {
    Vector right[vectors];
    __builtin_memcpy(right, b, sizeof(right));
#pragma GCC unroll 8
    for (int row = 0; row < rowCount; row++) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sums[row][v] += a[row] * right[v];
    }
  }
#pragma GCC unroll 8
  for (int row = 0; row < rowCount; row++, c += stride) {
    if (add) {
      Vector old[vectors];
      __builtin_memcpy(old, c, sizeof(old));
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sums[row][v] += old[v];
    }
    __builtin_memcpy(c, sums[row], sizeof(sums[row]));
  }
}

template <class T>
const Multiplier multiplierOf = {rowCount, vectorBytes / static_cast<int64_t>(sizeof(T)) * vectors, multiply<T>};

}  // namespace

const Multiplier& findMultiplier(DType dtype) {
  return dtype == DType::Float32   ? multiplierOf<float>
         : dtype == DType::Float64 ? multiplierOf<double>
                                   : multiplierOf<uint32_t>;
}

}  // namespace ANTLER_ISA
}  // namespace antler
