// The parts of one instruction set's table; ANTLER_ISA is its namespace.
#pragma once

#include "isa.h"

namespace antler {

namespace ANTLER_ISA {

Routine findArithmetic(Op op, DType argument, DType result);
Routine findMath(Op op, DType dtype);
Routine findCast(DType from, DType to);
FoldRoutine findRows(Fold fold, DType dtype);
FoldRoutine findColumns(Fold fold, DType dtype);
const Moves& findMoves(int bytes);
const Multiplier& findMultiplier(DType dtype);
void poolMost(float* y, const float* x, const int64_t* offsets, int64_t places, int64_t n);
void poolGive(float* dx, const float* x, const float* y, const float* g, const int64_t* offsets, int64_t places,
              int64_t n);

}  // namespace ANTLER_ISA
}  // namespace antler
