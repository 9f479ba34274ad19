// The parts of one instruction set's table; ANTLER_ISA is its namespace.
#pragma once

#include "isa.h"

namespace antler {

namespace ANTLER_ISA {

Routine findArithmetic(Op op, DType argument, DType result);
Routine findMath(Op op, DType dtype);
Routine findCast(DType from, DType to);
/** Between a 16-bit float and float32, from any other dtype to one, and the copy of its bits. */
Routine findHalfCast(DType from, DType to);
FoldRoutine findRows(Fold fold, DType dtype);
FoldRoutine findColumns(Fold fold, DType dtype);
const Moves& findMoves(int bytes);
const Multiplier& findMultiplier(DType dtype);
void multiplyFewRows(const FewRows& product, int64_t from, int64_t to);
void runChain(float* out, int64_t n, const float* first, const ChainLink* links, int64_t length, bool past);
const FusedRoutines& findFused();

}  // namespace ANTLER_ISA
}  // namespace antler
