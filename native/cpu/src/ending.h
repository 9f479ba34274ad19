// How a product ends: where its sums go, and the loop that makes of them what the epilogue says.
#pragma once

#include <functional>

#include "kernel.h"

namespace antler {

struct Ending {
  /** Where the sums are to be written; its dtype is that of the sums. */
  View result;
  /** Null when nothing is left to do. */
  KernelPointer loop;
};

/** `fits` says whether the product can write through a view. `sums` is what it computes in. */
Ending makeEnding(const Epilogue& epilogue, DType dtype, DType sums, const Sizes& shape, Compiler& compiler,
                  const std::function<bool(const View&)>& fits);

/** A kernel that copies a view to a private slot, densely; `view` then is that copy. */
KernelPointer makeDense(View& view, const Sizes& shape, Compiler& compiler);

}  // namespace antler
