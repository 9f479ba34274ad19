// Convolutions by a given way.
#pragma once

#include "winograd.h"

namespace antler {

/** A convolution whose way heeds `Finish`, on dense arrays that it makes of its operands, with what follows it. */
KernelPointer makeConvBy(const ConvSpec& spec, const ConvRun& run, Compiler& compiler);

}  // namespace antler
