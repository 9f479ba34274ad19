// All that the addon wants of oneDNN, behind an interface without its types. Sources for its versions 2 and 3.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "memory.h"
#include "program.h"

namespace antler {

/** Its version, or empty when the addon was built without it, or shall do without it (ANTLER_WITHOUT_ONEDNN). */
std::string onednnVersion();

/** What it offered when it was asked for primitives so far: each kind with the name of the implementation. */
std::vector<std::string> onednnPrimitives();

/** A row-major matrix, or its transpose as it lies in memory. */
struct DenseMatrix {
  bool transposed;
  int64_t stride;
};

/** One product of float32 matrices: c = a · b. */
void onednnMultiply(int64_t m, int64_t n, int64_t k, const float* a, DenseMatrix layoutA, const float* b,
                    DenseMatrix layoutB, float* c, int64_t strideC);

/** A product with its code generated ahead. */
class OnednnMatmul {
 public:
  virtual ~OnednnMatmul() = default;
  virtual void run(const float* a, const float* b, float* c) = 0;
  /** The right side in the layout that `run` takes, if that is the library's own. */
  virtual std::unique_ptr<Block> pack(const float* b) = 0;

  /**
   * Null when oneDNN has no fast code for it. With `packed` it takes the right side in the library's own layout, with the same
   * bits as from the plain one; null when that brings nothing. To be made on the thread that runs it.
   */
  static std::unique_ptr<OnednnMatmul> make(int64_t m, int64_t n, int64_t k, DenseMatrix a, DenseMatrix b,
                                            int64_t strideC, bool packed = false);
};

/** A convolution of dense arrays, channels last, the kernel as [...taps, channels, filters]. */
class OnednnConv {
 public:
  virtual ~OnednnConv() = default;
  /** `packed` is what `pack` gave for b, or null. */
  virtual void run(const float* a, const float* b, const float* packed, float* result) = 0;
  /** b in the library's own layout; null when it is used as it lies. */
  virtual std::unique_ptr<Block> pack(const float* b) = 0;

  static bool supports(const ConvSpec& spec);
  /** Null when oneDNN has no fast code for it. To be made on the thread that runs it. */
  static std::unique_ptr<OnednnConv> make(const ConvSpec& spec);
};

}  // namespace antler
