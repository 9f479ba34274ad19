// Neighbouring kernels of a program that are faster as one.
#pragma once

#include "kernel.h"

namespace antler {

/**
 * One kernel for `specs[at]` and the one behind it, or null. What only the first one writes for the second is then never
 * written: nothing behind them reads it.
 */
KernelPointer makePair(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler);

}  // namespace antler
