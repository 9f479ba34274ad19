// The inner product that recurrences and attention are made of: a few rows by a few vectors of columns, kept in registers.
#pragma once

#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

/** Element (row, k) of the left side lies at row · down + k · across. */
struct Left {
  const float* data;
  int64_t down;
  int64_t across;
};

/** sums[r][w] += Σ_k left(r, k) · right[k · stride + w · lanes …]. */
template <int Rows, int Width>
inline __attribute__((always_inline)) void accumulate(Vector (&sums)[Rows][Width], Left left, const float* right,
                                                      int64_t stride, int64_t depth) {
  const float* column = left.data;
  for (int64_t k = 0; k < depth; k++, right += stride, column += left.across) {
    Vector panel[Width];
#pragma GCC unroll 4
    for (int w = 0; w < Width; w++) panel[w] = load(right + w * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; r++) {
#pragma GCC unroll 4
      for (int w = 0; w < Width; w++) sums[r][w] += column[r * left.down] * panel[w];
    }
  }
}

/** Vectors that a product keeps for each row. */
#if defined(__AVX512F__)
constexpr int mostWidth = 4;
#else
constexpr int mostWidth = 2;
#endif

/** out[r][c] (+)= Σ_k left(r, k) · right[k][c], for c below a multiple of the lanes. */
template <int Rows, int Width>
void multiplyPanel(Left left, const float* right, int64_t stride, int64_t depth, float* out, int64_t outStride, bool add) {
  Vector sums[Rows][Width] = {};
  if (add) for (int r = 0; r < Rows; r++) for (int w = 0; w < Width; w++) sums[r][w] = load(out + r * outStride + w * lanes);
  accumulate<Rows, Width>(sums, left, right, stride, depth);
  for (int r = 0; r < Rows; r++) for (int w = 0; w < Width; w++) store(out + r * outStride + w * lanes, sums[r][w]);
}

template <int Rows>
void multiplyRows(Left left, const float* right, int64_t stride, int64_t depth, float* out, int64_t outStride,
                  int64_t columns, bool add) {
  int64_t c = 0;
#if defined(__AVX512F__)
  if constexpr (Rows <= 6) {
    for (; c + 4 * lanes <= columns; c += 4 * lanes) {
      multiplyPanel<Rows, 4>(left, right + c, stride, depth, out + c, outStride, add);
    }
  }
#endif
  for (; c + 2 * lanes <= columns; c += 2 * lanes) {
    multiplyPanel<Rows, 2>(left, right + c, stride, depth, out + c, outStride, add);
  }
  if (c < columns) multiplyPanel<Rows, 1>(left, right + c, stride, depth, out + c, outStride, add);
}

/** The same for any number of rows. */
inline void multiply(Left left, const float* right, int64_t stride, int64_t depth, float* out, int64_t outStride,
                     int64_t rows, int64_t columns, bool add) {
  int64_t r = 0;
  const auto at = [&](int64_t row) { return Left{left.data + row * left.down, left.down, left.across}; };
#if defined(__AVX512F__)
  // Few columns leave room for more rows.
  if (columns <= 3 * lanes) {
    for (; r + 8 <= rows; r += 8) {
      multiplyRows<8>(at(r), right, stride, depth, out + r * outStride, outStride, columns, add);
    }
  }
  for (; r + 6 <= rows; r += 6) multiplyRows<6>(at(r), right, stride, depth, out + r * outStride, outStride, columns, add);
#endif
  for (; r + 4 <= rows; r += 4) multiplyRows<4>(at(r), right, stride, depth, out + r * outStride, outStride, columns, add);
  for (; r < rows; r++) multiplyRows<1>(at(r), right, stride, depth, out + r * outStride, outStride, columns, add);
}

}  // namespace
}  // namespace ANTLER_ISA
}  // namespace antler
