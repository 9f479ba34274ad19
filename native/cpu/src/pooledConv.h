// A convolution that runs together with its relu and the max pool of 2×2 windows behind it. What it gives is not stored: of each
// window a byte says which of its pixels counts, and these choices lie where the result would have. The ways back read them.
#pragma once

#include "kernel.h"

namespace antler {

/** Whether there is fast code for a convolution with relu and a pool behind it, and for the slopes of its kernel. */
bool isPooledConv(const ConvSpec& conv, const CompositeSpec& pool);
/** Whether there is some for the slopes of its input, too. */
bool hasPooledInput(const ConvSpec& conv);

/**
 * Any of the three maps; `pooled` is what the pool gives or, on the ways back, its slopes. `choices` may be null for the convolution
 * itself.
 */
KernelPointer makePooledConv(const ConvSpec& conv, const View& pooled, const View* choices, Compiler& compiler);

/** The slopes of a bias, one for each of the last axis of the pool's result, go to a slot of floats. */
KernelPointer makeChosenSums(const Operand& slopes, const View& choices, int sums, Compiler& compiler);

}  // namespace antler
