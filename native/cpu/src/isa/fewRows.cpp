// Products of so few rows that reading the matrix on the right is what takes the time: it is read once, as it lies.
//
// Every entry is a sum in an order that only the depth decides, whichever columns a call is given.
#include "tables.h"
#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

/** So many rows ahead a matrix is asked for: what goes down its columns is more than the processor foresees. */
constexpr int64_t ahead = 4;

/** Vectors of sums that a strip keeps in registers: the wider, the longer the stretches of memory that are read. */
constexpr int widest = vectorBytes == 64 ? 16 : 8;

/** `wide` vectors of columns from `column` on; the last of them reaches beyond the matrix if `part` is less than a vector. */
template <int rows, int wide>
void strip(const FewRows& p, int64_t column, int64_t part) {
  Vector sums[rows][wide] = {};
  const float* b = p.b + column;
  const auto step = [&](int64_t k, auto read) {
    Vector right[wide];
#pragma GCC unroll 16
    for (int v = 0; v < wide; v++) right[v] = read(b + k * p.strideB + v * lanes);
#pragma GCC unroll 4
    for (int row = 0; row < rows; row++) {
      const float left = p.a[row * p.strideA + k];
#pragma GCC unroll 16
      for (int v = 0; v < wide; v++) sums[row][v] += left * right[v];
    }
  };
  // Of the rows but the last ones a whole vector can be read, into the next row.
  const int64_t room = (p.depth - 1) * p.strideB + p.columns - column - wide * lanes;
  const int64_t whole = part == lanes ? p.depth : room < 0 ? 0 : room / p.strideB + 1;
  int64_t k = 0;
  for (; k < whole; k++) {
#pragma GCC unroll 16
    for (int v = 0; v < wide; v++) __builtin_prefetch(b + (k + ahead) * p.strideB + v * lanes);
    step(k, [](const float* from) { return load(from); });
  }
  for (; k < p.depth; k++) step(k, [part](const float* from) { return loadPart(from, part); });
  for (int row = 0; row < rows; row++) {
    for (int v = 0; v < wide; v++) storePart(p.c + row * p.strideC + column + v * lanes, sums[row][v], part);
  }
}

template <int rows, int wide>
void strips(const FewRows& p, int64_t from, int64_t to) {
  for (; to - from >= wide * lanes; from += wide * lanes) strip<rows, wide>(p, from, lanes);
  if constexpr (wide > 1) strips<rows, wide / 2>(p, from, to);
  else if (from < to) strip<rows, 1>(p, from, to - from);
}

/** The columns of b lie side by side. */
template <int rows>
void across(const FewRows& p, int64_t from, int64_t to) {
  strips<rows, rows == 1 ? widest : rows == 2 ? widest / 2 : widest / 4>(p, from, to);
}

template <int rows, int wide>
void inner(const FewRows& p, int64_t column) {
  Vector sums[rows][wide] = {};
  const float* b = p.b + column * p.strideB;
  const auto step = [&](int64_t k, auto read) {
    Vector right[wide];
#pragma GCC unroll 4
    for (int j = 0; j < wide; j++) right[j] = read(b + j * p.strideB + k);
#pragma GCC unroll 4
    for (int row = 0; row < rows; row++) {
      const Vector left = read(p.a + row * p.strideA + k);
#pragma GCC unroll 4
      for (int j = 0; j < wide; j++) sums[row][j] += left * right[j];
    }
  };
  int64_t k = 0;
  for (; k + lanes <= p.depth; k += lanes) step(k, [](const float* from) { return load(from); });
  const int64_t part = p.depth - k;
  if (part > 0) step(k, [part](const float* from) { return loadPart(from, part); });
  for (int row = 0; row < rows; row++) {
    for (int j = 0; j < wide; j++) p.c[row * p.strideC + column + j] = sumOf(sums[row][j]);
  }
}

/** The rows of b lie side by side. */
template <int rows>
void along(const FewRows& p, int64_t from, int64_t to) {
  for (; to - from >= 4; from += 4) inner<rows, 4>(p, from);
  for (; from < to; from++) inner<rows, 1>(p, from);
}

}  // namespace

void multiplyFewRows(const FewRows& p, int64_t from, int64_t to) {
  using Columns = void (*)(const FewRows&, int64_t, int64_t);
  static constexpr Columns ways[2][mostFewRows] = {{across<1>, across<2>, across<3>, across<4>},
                                                   {along<1>, along<2>, along<3>, along<4>}};
  ways[p.transposedB ? 1 : 0][p.rows - 1](p, from, to);
}

}  // namespace ANTLER_ISA
}  // namespace antler
