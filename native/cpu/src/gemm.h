// The addon's own blocked matrix product, for every dtype and any strides: what oneDNN does not do, or where it is missing.
#pragma once

#include "isa/isa.h"
#include "kernel.h"

namespace antler {

/** What products of a dtype are summed in: integers of 8 bits in 32, modulo 2^32. */
constexpr DType sumsOf(DType dtype) {
  return dtype == DType::Int8 ? DType::Int32 : dtype == DType::Uint8 ? DType::Uint32 : dtype;
}

/** A matrix whose element (line, k) lies at lines[line] + depth[k] from its base, in elements. */
struct Matrix {
  const char* base;
  const int64_t* lines;
  const int64_t* depth;
};

/** c[m, n] (+)= Σ_k a[m, k] · b[n, k], of up to the planned sizes. */
class Gemm {
 public:
  Gemm(DType dtype, int64_t m, int64_t n, int64_t k, Compiler& compiler);

  /** `c` has its columns side by side and is `stride` elements from row to row. */
  void run(const Frame& frame, int64_t m, int64_t n, int64_t k, const Matrix& a, const Matrix& b, char* c,
           int64_t stride, bool add) const;

  /** Simple steps that a run takes, for the decision on threads. */
  static int64_t costOf(int64_t m, int64_t n, int64_t k) { return m * n * k / 8 + m * k + n * k; }

 private:
  DType dtype_;
  const Multiplier* multiplier_;
  int threads_;
  int panelsA_;
  int panelsB_;
  int64_t bytesA_ = 0;
};

}  // namespace antler
