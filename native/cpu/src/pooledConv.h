// A convolution of few channels that runs together with its relu and the max pool behind it. What it gives is not stored: of
// each window of the pool a byte says which of its pixels was the largest, and where it would have been lie these choices.
#pragma once

#include "kernel.h"

namespace antler {

/** Whether there is fast code for a convolution with relu and a pool behind it. */
bool isPooledConv(const ConvSpec& conv, const CompositeSpec& pool);

/** Of the two. Choices are written where the convolution's result would lie, if they are wanted. */
KernelPointer makePooledConv(const ConvSpec& conv, const CompositeSpec& pool, bool choices);

/**
 * The slopes of the kernel and the bias: `conv` is that of the kernel, `choices` where they lie, `dy` the slopes of what the pool
 * gave. Those of the bias go to the slot `sums`, with which `between` runs before `conv`'s epilogue does.
 */
KernelPointer makePooledConvSlopes(const ConvSpec& conv, const View& choices, const View& dy, int sums,
                                   KernelPointer between, Compiler& compiler);

}  // namespace antler
