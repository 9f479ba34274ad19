// What becomes of sums while they are in registers.
#pragma once

#include "fused.h"
#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

/**
 * Takes sums[row][vector] through the steps. Their first channel is `column`, the last vector has `part` of them, and the
 * entry of the result where row i begins is at(i).
 */
template <int rows, int vectors, class At>
inline __attribute__((always_inline)) void finishSums(const Finish& finish, Vector (&sums)[rows][vectors], int64_t column,
                                                      int64_t part, const At& at) {
  const auto partOf = [part](int v) { return v + 1 < vectors ? lanes : part; };
  for (int s = 0; s < finish.count; s++) {
    const FinishStep& step = finish.steps[s];
    Vector shared[vectors];
    if (step.kind != FinishStep::AddEntry) {
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) {
        shared[v] = step.operand == nullptr ? all(step.number) : loadPart(step.operand + column + v * lanes, partOf(v));
      }
    }
    const auto each = [&](const auto& f) __attribute__((always_inline)) {
#pragma GCC unroll 32
      for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) sums[i][v] = f(sums[i][v], i, v);
      }
    };
    switch (step.kind) {
      case FinishStep::Add: each([&](Vector x, int, int v) { return x + shared[v]; }); break;
      case FinishStep::Subtract: each([&](Vector x, int, int v) { return x - shared[v]; }); break;
      case FinishStep::Multiply: each([&](Vector x, int, int v) { return x * shared[v]; }); break;
      // NaN stays, and of zeros the bound.
      case FinishStep::AtLeast: each([&](Vector x, int, int v) { return x <= shared[v] ? shared[v] : x; }); break;
      case FinishStep::AtMost: each([&](Vector x, int, int v) { return x >= shared[v] ? shared[v] : x; }); break;
      case FinishStep::AddEntry:
        each([&](Vector x, int i, int v) { return x + loadPart(step.operand + at(i) + v * lanes, partOf(v)); });
        break;
    }
  }
}

}  // namespace
}  // namespace ANTLER_ISA
}  // namespace antler
