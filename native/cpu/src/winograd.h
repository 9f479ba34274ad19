// Convolutions of 3×3 taps with fewer multiplications than their definition has.
#pragma once

#include <functional>

#include "isa/fused.h"
#include "kernel.h"

namespace antler {

/** Fast code for one convolution: its operands and its result as dense arrays. */
using ConvRun = std::function<void(Frame& frame, const float* a, const float* b, const Finish& finish, float* result)>;

/** Null for a geometry that is better off with another way. Where outputs are computed it heeds `finish`. */
ConvRun makeWinograd(const ConvSpec& spec, Compiler& compiler);

/** Whether there is fast code for a convolution behind which relu and a pool of 2×2 windows run, and for its gradients. */
bool isPooledWinograd(const ConvSpec& spec);

/**
 * Either of the three: what it gives, or the slopes that it is given, are those of the pool. Where the convolution's result would
 * lie are the choices; the convolution itself needs none.
 */
ConvRun makePooledWinograd(const ConvSpec& spec, const View* choices, Compiler& compiler);

/** Bytes that say which pixel of each window a pool chose. */
inline int8_t* choicesAt(const View& view, const Frame& frame) {
  return reinterpret_cast<int8_t*>(placeOf(view, frame));
}

}  // namespace antler
