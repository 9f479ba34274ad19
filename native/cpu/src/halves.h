// Kernels on 16-bit floats, which nothing computes in: they become kernels on float32 between conversions. A float32 has more
// than twice the digits, so rounding its sums, products, quotients and roots once more gives what rounding them once does.
#pragma once

#include <vector>

#include "kernel.h"

namespace antler {

/** True for opcodes that the dtypes have; `argument` is the dtype of the last argument. */
bool hasOpcode(Op op, DType argument, DType result);

/** True when a 16-bit float comes up in a loop. */
bool hasHalves(const LoopSpec& loop);

/**
 * The same loop with 16-bit floats in memory, constants, casts and choices alone. Each operation is one on float32 whose result
 * is rounded; sums and products are folded in float64 and rounded once.
 */
LoopSpec widened(const LoopSpec& loop);

/** A view's copy in float32, in a private slot; `view` then is that copy. What repeats elements does so in the copy. */
KernelPointer makeWideCopy(View& view, const Sizes& shape, Compiler& compiler);

/** The same on a float32 that is rounded before anything else happens to it. */
Epilogue widened(const Epilogue& epilogue, DType dtype);

/** Runs kernels one after the other. */
KernelPointer makeSequence(std::vector<KernelPointer> kernels);

/** A product or convolution of 16-bit floats, whose operands have the given shapes, as one of float32. */
template <class Spec>
KernelPointer makeWide(Spec spec, const std::vector<Sizes>& shapes, Compiler& compiler,
                       KernelPointer (*make)(const Spec&, Compiler&)) {
  std::vector<KernelPointer> kernels;
  kernels.push_back(makeWideCopy(spec.a, shapes[0], compiler));
  kernels.push_back(makeWideCopy(spec.b, shapes[1], compiler));
  spec.epilogue = widened(spec.epilogue, spec.dtype);
  spec.dtype = DType::Float32;
  kernels.push_back(make(spec, compiler));
  return makeSequence(std::move(kernels));
}

}  // namespace antler
