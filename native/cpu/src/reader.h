// From the wire to a Program that is safe to run: whatever passes here touches no memory outside of its slots.
#pragma once

#include <cstddef>

#include "program.h"

namespace antler {

/** Throws InvalidProgram where the numbers are no program. */
Program readProgram(const double* numbers, size_t count);

}  // namespace antler
