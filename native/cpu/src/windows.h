// Convolutions of own inner loops (isa/windows.cpp, isa/depthwise.cpp): what they are for is a single image, where packing and
// a pass over the result for each step of an epilogue would take as long as the products. Their bits do not depend on threads.
#pragma once

#include "winograd.h"

namespace antler {

/** Of single taps, and of few channels. Null for other geometries. */
ConvRun makeWindows(const ConvSpec& spec, Compiler& compiler);
/** Of every channel by itself. Null for other geometries. */
ConvRun makeDepthwise(const ConvSpec& spec, Compiler& compiler);

}  // namespace antler
