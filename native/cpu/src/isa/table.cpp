// One instruction set's table.
#include "tables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

#define ANTLER_TEXT_OF(x) #x
#define ANTLER_TEXT(x) ANTLER_TEXT_OF(x)

Routine find(Op op, DType argument, DType result) {
  if (op == Op::Cast) return isHalf(argument) || isHalf(result) ? findHalfCast(argument, result) : findCast(argument, result);
  if (op == Op::Bitcast) {
    // Equal sizes: the same bits, moved as integers.
    if (sizeOf(argument) != sizeOf(result)) return nullptr;
    if (isHalf(argument)) return findHalfCast(argument, argument);
    if (argument == result) return findCast(argument, result);
    const DType bits = sizeOf(argument) == 1 ? DType::Uint8 : sizeOf(argument) == 4 ? DType::Uint32 : DType::Float64;
    return findCast(bits, bits);
  }
  const Routine arithmetic = findArithmetic(op, argument, result);
  return arithmetic != nullptr ? arithmetic : findMath(op, argument);
}

}  // namespace

extern const Routines table;
const Routines table = {ANTLER_TEXT(ANTLER_ISA), find, findRows, findColumns, findMoves, findMultiplier,
                               multiplyFewRows, runChain, findFused};

}  // namespace ANTLER_ISA
}  // namespace antler
