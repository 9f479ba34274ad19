// Registers filled with numbers that come from nowhere.
#pragma once

#include "cursor.h"

namespace antler {

/** A number as a typed array stores it: integers modulo their width, what is not finite as 0; bool is x ≠ 0. */
void fill(DType dtype, char* out, double value, int64_t count);

/** base + where the lanes lie. */
void fillPositions(DType dtype, char* out, int64_t base, const Lanes& lanes, int64_t count);

/** What a fold over nothing gives. */
double identityOf(Fold fold, DType dtype);

}  // namespace antler
