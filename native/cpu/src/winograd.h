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

}  // namespace antler
