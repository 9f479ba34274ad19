// What is compiled once for each instruction set and chosen when the addon is loaded.
//
// The files of these tables use nothing of the standard library that could be inlined: the linker keeps one copy of
// such a function, and it must not be the one that this processor lacks.
#pragma once

#include <cstdint>

#include "../../../common/opcodes.gen.h"
#include "../dtype.h"

namespace antler {

/** Computes the first n elements of `out`, which may be one of the arguments. */
using Routine = void (*)(void* out, int64_t n, const void* a, const void* b, const void* c, const void* d);

/** What a link of a chain makes of the value so far, some of them with an operand. */
enum class ChainOp : uint8_t { Add, Sub, SubFrom, Mul, Div, DivInto, Max, Min, Neg, Abs, Sqrt, Square };

struct ChainLink {
  ChainOp op;
  const float* operand;
};

/** A longer chain is cut. */
constexpr int mostLinks = 16;

/**
 * Folds `depth` values into each of `panel` accumulators: sums and products are doubles for floats and 64-bit integers
 * otherwise, the largest and smallest have the values' dtype. Rows: value (p, d) is at p · stride + d. Columns: at
 * d · stride + p.
 */
using FoldRoutine = void (*)(void* sums, const void* values, int64_t panel, int64_t depth, int64_t stride);

/** Elements of 1, 2, 4 or 8 bytes between a register and memory. */
struct Moves {
  void (*loadStrided)(void* out, const void* memory, int64_t stride, int64_t n);
  void (*loadTable)(void* out, const void* memory, const int32_t* table, int64_t n);
  void (*storeStrided)(void* memory, const void* values, int64_t stride, int64_t n);
  void (*storeTable)(void* memory, const void* values, const int32_t* table, int64_t n);
  /** Runs of `run` elements, `stride` apart, each from its start on. */
  void (*loadRuns)(void* out, const void* memory, const int32_t* starts, int64_t run, int64_t stride, int64_t n);
  void (*storeRuns)(void* memory, const void* values, const int32_t* starts, int64_t run, int64_t stride, int64_t n);
};

/** One step of a blocked product: c[rows × width] (+)= panel of a (k by k, `rows` each) · panel of b (`width` each). */
struct Multiplier {
  int64_t rows;
  int64_t width;
  void (*multiply)(void* c, int64_t stride, const void* a, const void* b, int64_t depth, bool add);
};

/** So many rows a product may have to be one of `FewRows`. */
constexpr int64_t mostFewRows = 4;

/** c[rows, columns] = a[rows, depth] · b[depth, columns] of floats; strides are from row to row. */
struct FewRows {
  int64_t rows, columns, depth;
  const float* a;
  int64_t strideA;
  const float* b;
  /** From column to column if b is transposed. */
  int64_t strideB;
  bool transposedB;
  float* c;
  int64_t strideC;
};

struct FusedRoutines;

struct Routines {
  const char* name;
  /** Null where the dtypes have no such opcode. `argument` is the dtype of the last argument. */
  Routine (*find)(Op op, DType argument, DType result);
  FoldRoutine (*rows)(Fold fold, DType dtype);
  FoldRoutine (*columns)(Fold fold, DType dtype);
  const Moves& (*moves)(int bytes);
  /** Products in float, double and 32-bit integers. */
  const Multiplier& (*multiplier)(DType dtype);
  /** The columns from `from` to before `to`. */
  void (*fewRows)(const FewRows& product, int64_t from, int64_t to);
  /** Of `first`, the first n elements; `out` may be an operand. `past`: the result is not worth a place in the caches. */
  void (*chain)(float* out, int64_t n, const float* first, const ChainLink* links, int64_t length, bool past);
  /** Inner loops of composites. */
  const FusedRoutines& (*fused)();
};

/** The table of the best instruction set that this processor has. */
const Routines& routines();

}  // namespace antler
