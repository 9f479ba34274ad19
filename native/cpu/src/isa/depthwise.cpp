// Convolutions that filter every channel by itself: a few pixels of a row times a few vectors of channels stay in registers
// while the taps go by.
#include "finish.h"
#include "fusedTables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

/** Channels of a piece where there are so few rows that threads would not share them well. */
constexpr int64_t piece = 64;
constexpr int64_t manyRows = 28;

/** What all of a row have in common. */
struct Row {
  const WindowGeometry& g;
  /** The first input row under a tap, and the taps that are inside of the image. */
  const float* x;
  const float* kernel;
  int64_t taps;
  const Finish& finish;
  float* y;
  /** Of the row in the result. */
  int64_t start;
};

/** `pixels` outputs from `column` on, whose taps from `first` on, `count` of them, are inside of the image. */
template <int pixels, int vectors>
inline __attribute__((always_inline)) void block(const Row& row, int64_t column, int64_t first, int64_t count,
                                                 int64_t channel, int64_t part) {
  const WindowGeometry& g = row.g;
  Vector sums[pixels][vectors];
#pragma GCC unroll 8
  for (int p = 0; p < pixels; p++) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) sums[p][v] = Vector{};
  }
  const int64_t step = g.strideAcross * g.channels;
  const int64_t next = g.dilationAcross * g.channels;
  const float* line = row.x + (column * g.strideAcross - g.left + first * g.dilationAcross) * g.channels + channel;
  const float* weights = row.kernel + first * g.channels + channel;
  for (int64_t i = 0; i < row.taps; i++) {
    const float* from = line;
    const float* weight = weights;
    for (int64_t j = 0; j < count; j++, from += next, weight += g.channels) {
      Vector own[vectors];
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) own[v] = loadPart(weight + v * lanes, v + 1 < vectors ? lanes : part);
#pragma GCC unroll 8
      for (int p = 0; p < pixels; p++) {
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) {
          sums[p][v] += loadPart(from + p * step + v * lanes, v + 1 < vectors ? lanes : part) * own[v];
        }
      }
    }
    line += g.dilationDown * g.width * g.channels;
    weights += g.tapsAcross * g.channels;
  }
  const int64_t start = row.start + column * g.channels + channel;
  finishSums(row.finish, sums, channel, part, [&](int p) { return start + p * g.channels; });
#pragma GCC unroll 8
  for (int p = 0; p < pixels; p++) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) {
      storePart(row.y + start + p * g.channels + v * lanes, sums[p][v], v + 1 < vectors ? lanes : part);
    }
  }
}

template <int pixels>
void blocks(const Row& row, int64_t column, int64_t first, int64_t count, int64_t from, int64_t to) {
  constexpr int many = pixels == 4 ? 2 : 4;
  for (; to - from >= many * lanes; from += many * lanes) block<pixels, many>(row, column, first, count, from, lanes);
  for (; to - from >= lanes; from += lanes) block<pixels, 1>(row, column, first, count, from, lanes);
  if (from < to) block<pixels, 1>(row, column, first, count, from, to - from);
}

int64_t pieces(const WindowGeometry& g) {
  return g.images * g.outHeight >= manyRows ? 1 : (g.channels + piece - 1) / piece;
}
int64_t units(const WindowGeometry& g) { return pieces(g) * g.images * g.outHeight; }

/** The taps from `first` on, `count` of them, that are inside when the first one is at `start`. */
struct Inside {
  int64_t first = 0, count = 0;
  Inside(int64_t start, int64_t taps, int64_t dilation, int64_t size) {
    while (first < taps && start + first * dilation < 0) first++;
    while (first + count < taps && start + (first + count) * dilation < size) count++;
  }
};

void forward(const WindowGeometry& g, const float* x, const float* kernel, const Finish& finish, float* y, int64_t from,
             int64_t to) {
  const int64_t rows = g.images * g.outHeight;
  const int64_t parts = pieces(g);
  for (int64_t unit = from; unit < to; unit++) {
    const int64_t number = unit % rows;
    const int64_t channel = parts == 1 ? 0 : unit / rows * piece;
    const int64_t last = parts == 1 || channel + piece > g.channels ? g.channels : channel + piece;
    const int64_t top = number % g.outHeight * g.strideDown - g.top;
    const Inside down(top, g.tapsDown, g.dilationDown, g.height);
    const int64_t line = number / g.outHeight * g.height + top + down.first * g.dilationDown;
    const Row row{g,      x + line * g.width * g.channels,
                  kernel + down.first * g.tapsAcross * g.channels,
                  down.count, finish, y, number * g.outWidth * g.channels};
    const auto across = [&](int64_t column) {
      return Inside(column * g.strideAcross - g.left, g.tapsAcross, g.dilationAcross, g.width);
    };
    const auto isWhole = [&](int64_t column) { return column < g.outWidth && across(column).count == g.tapsAcross; };
    for (int64_t column = 0; column < g.outWidth;) {
      const Inside taps = across(column);
      // Whole windows stand side by side.
      if (isWhole(column) && isWhole(column + 3)) {
        blocks<4>(row, column, taps.first, taps.count, channel, last);
        column += 4;
      } else if (isWhole(column) && isWhole(column + 1)) {
        blocks<2>(row, column, taps.first, taps.count, channel, last);
        column += 2;
      } else {
        blocks<1>(row, column, taps.first, taps.count, channel, last);
        column++;
      }
    }
  }
}

}  // namespace

extern const DepthwiseRoutines depthwiseRoutines;
const DepthwiseRoutines depthwiseRoutines = {units, forward};

}  // namespace ANTLER_ISA
}  // namespace antler
