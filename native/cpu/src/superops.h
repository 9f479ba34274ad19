// Neighbouring kernels of a program that are faster as one.
#pragma once

#include "kernel.h"

namespace antler {

/** A kernel for several of a program, or null. */
struct Group {
  KernelPointer kernel;
  size_t count = 0;
};

/**
 * One kernel for `specs[at]` and the ones behind it, if there is one. What only they write and read is then never written: nothing
 * behind them reads it.
 */
Group makeGroup(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler);

/** In the place of a kernel that runs with another one, so that there are as many as in the program. */
KernelPointer makeNothing();

}  // namespace antler
