// Convolutions as products: a pixel's window, row after row, is a row of the left matrix, as it lies in the image. Windows
// that reach outside are copied. The first pixels read a panel of filters as it lies, and leave it packed for the others: the
// cache is waited for while there is something to compute.
#include "finish.h"
#include "fusedTables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int mostRows = 12;
#else
constexpr int mostRows = 6;
#endif
/** Vectors of filters that are computed together. */
constexpr int wide = 2;
/** Floats of packed filters that stay in the second-level cache beside what they are multiplied by. */
constexpr int64_t mostPacked = 32 * 1024;
/** Rows of filters that are asked for before they are needed. */
constexpr int64_t ahead = 24;

/** Rows of the left matrix: `segments` pieces of `length` neighbours each. */
struct Rows {
  const float* x;
  int64_t step;
  int64_t segments, length, segmentStep;
};

/** Filters, row by row as they lie, or packed: one vector of each row after the other, then the next vector. */
struct Filters {
  const float* rows;
  /** From row to row, and from vector to vector. */
  int64_t step, next;
  /** Where they are to be packed, or null. */
  float* packed;
};

struct Target {
  const Finish& finish;
  float* y;
  int64_t filters;
};

/** `rows` pixels from `pixel` on, `vectors` of filters from `column` on, the last of which has `part` of them. */
template <int rows, int vectors>
void tile(const Rows& left, const Filters& right, const Target& target, int64_t pixel, int64_t column, int64_t part) {
  Vector sums[rows][vectors];
#pragma GCC unroll 32
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) sums[i][v] = Vector{};
  }
  // Three rows are reached from one address.
  constexpr int groups = (rows + 2) / 3;
  const float* b = right.rows;
  float* packed = right.packed;
  const auto multiply = [&](const auto& isPacking) __attribute__((always_inline)) {
    for (int64_t s = 0; s < left.segments; s++) {
      const float* group[groups];
#pragma GCC unroll 4
      for (int i = 0; i < groups; i++) group[i] = left.x + s * left.segmentStep + 3 * i * left.step;
      for (int64_t k = 0; k < left.length; k++) {
        Vector own[vectors];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
          if (isPacking()) {
            own[v] = v + 1 == vectors ? loadPart(b + v * lanes, part) : load(b + v * lanes);
            __builtin_prefetch(b + ahead * right.step + v * lanes);
            store(packed + v * right.next, own[v]);
          } else {
            own[v] = load(b + v * right.next);
          }
        }
        b += isPacking() ? right.step : lanes;
        if (isPacking()) packed += lanes;
#pragma GCC unroll 32
        for (int i = 0; i < rows; i++) {
          const Vector one = all(group[i / 3][i % 3 * left.step]);
#pragma GCC unroll 4
          for (int v = 0; v < vectors; v++) sums[i][v] += one * own[v];
        }
#pragma GCC unroll 4
        for (int i = 0; i < groups; i++) group[i]++;
      }
    }
  };
  if (packed != nullptr) multiply([] { return true; });
  else multiply([] { return false; });
  const int64_t first = pixel * target.filters + column;
  finishSums(target.finish, sums, column, part, [&](int i) { return first + i * target.filters; });
#pragma GCC unroll 32
  for (int i = 0; i < rows; i++) {
    float* to = target.y + first + i * target.filters;
#pragma GCC unroll 4
    for (int v = 0; v + 1 < vectors; v++) store(to + v * lanes, sums[i][v]);
    storePart(to + (vectors - 1) * lanes, sums[i][vectors - 1], part);
  }
}

using Tile = void (*)(const Rows&, const Filters&, const Target&, int64_t, int64_t, int64_t);

#if defined(__AVX512F__)
#define ANTLER_TILES(vectors)                                                                                     \
  tile<1, vectors>, tile<2, vectors>, tile<3, vectors>, tile<4, vectors>, tile<5, vectors>, tile<6, vectors>,     \
      tile<7, vectors>, tile<8, vectors>, tile<9, vectors>, tile<10, vectors>, tile<11, vectors>, tile<12, vectors>
#else
#define ANTLER_TILES(vectors) \
  tile<1, vectors>, tile<2, vectors>, tile<3, vectors>, tile<4, vectors>, tile<5, vectors>, tile<6, vectors>
#endif
constexpr Tile tiles[wide][mostRows] = {{ANTLER_TILES(1)}, {ANTLER_TILES(2)}};

int64_t unitsAcross(const WindowGeometry& g) { return (g.outWidth + mostRows - 1) / mostRows; }
int64_t units(const WindowGeometry& g) { return g.images * g.outHeight * unitsAcross(g); }

/** Filters that are packed, and stay in the cache, at once. */
int64_t piece(const WindowGeometry& g) {
  const int64_t fitting = mostPacked / (g.depth() * wide * lanes);
  return (fitting < 1 ? 1 : fitting) * wide * lanes;
}

int64_t wholeVectors(int64_t n) { return (n + lanes - 1) / lanes * lanes; }

int64_t packedSize(const WindowGeometry& g) { return g.depth() * wholeVectors(g.filters); }

int64_t room(const WindowGeometry& g) {
  const int64_t all = wholeVectors(g.filters);
  const int64_t fitting = piece(g);
  return wholeVectors(g.depth() * ((fitting < all ? fitting : all) + mostRows));
}

/** Filters `from` to `to`, whose first one is a multiple of `lanes`. */
void pack(const WindowGeometry& g, const float* kernel, float* packed, int64_t from, int64_t to) {
  for (int64_t column = from; column < to; column += lanes) {
    float* out = packed + column * g.depth();
    for (int64_t k = 0; k < g.depth(); k++) store(out + k * lanes, loadPart(kernel + k * g.filters + column, to - column));
  }
}

/** The windows of outputs [from, to) of a row, those of padding as zeros. */
void copyWindows(const WindowGeometry& g, const float* image, int64_t row, int64_t from, int64_t to, float* copy) {
  const int64_t line = g.tapsAcross * g.channels;
  for (int64_t column = from; column < to; column++) {
    const int64_t left = column * g.strideAcross - g.left;
    for (int64_t i = 0; i < g.tapsDown; i++, copy += line) {
      const int64_t y = row * g.strideDown - g.top + i * g.dilationDown;
      const bool inside = y >= 0 && y < g.height;
      const int64_t first = !inside ? line : left < 0 ? -left * g.channels : 0;
      const int64_t last = left + g.tapsAcross > g.width ? (g.width - left) * g.channels : line;
      const float* pixels = image + (y * g.width + left) * g.channels;
      int64_t j = 0;
      for (; j < first && j < line; j++) copy[j] = 0;
      for (; j < last; j++) copy[j] = pixels[j];
      for (; j < line; j++) copy[j] = 0;
    }
  }
}

void forward(const WindowGeometry& g, const float* x, const WindowKernel& kernel, const Finish& finish, float* y,
             float* room, int64_t fromUnit, int64_t toUnit, int64_t fromFilter, int64_t toFilter) {
  const int64_t depth = g.depth();
  const int64_t across = unitsAcross(g);
  const int64_t line = g.width * g.channels;
  const Target target{finish, y, g.filters};
  const int64_t step = piece(g);
  const int64_t most = toFilter - fromFilter < step ? wholeVectors(toFilter - fromFilter) : step;
  float* copy = room + depth * most;
  for (int64_t first = fromFilter; first < toFilter; first += step) {
    const int64_t last = toFilter - first < step ? toFilter : first + step;
    const float* packed = kernel.packed == nullptr ? room : kernel.packed + first * depth;
    for (int64_t unit = fromUnit; unit < toUnit; unit++) {
      const int64_t number = unit / across;
      const int64_t row = number % g.outHeight;
      const float* image = x + number / g.outHeight * g.height * line;
      const int64_t from = g.outWidth * (unit % across) / across;
      const int64_t to = g.outWidth * (unit % across + 1) / across;
      const int64_t top = row * g.strideDown - g.top;
      const int64_t left = from * g.strideAcross - g.left;
      const bool inside = top >= 0 && top + (g.tapsDown - 1) * g.dilationDown < g.height && left >= 0 &&
                          (to - 1) * g.strideAcross - g.left + g.tapsAcross <= g.width;
      Rows rows{image + (top * g.width + left) * g.channels, g.strideAcross * g.channels, g.tapsDown,
                g.tapsAcross * g.channels, g.dilationDown * line};
      if (!inside) {
        copyWindows(g, image, row, from, to, copy);
        rows = {copy, depth, 1, depth, 0};
      }
      const bool isPacking = kernel.packed == nullptr && unit == fromUnit;
      for (int64_t column = first; column < last; column += wide * lanes) {
        const int64_t vectors = last - column > lanes ? wide : 1;
        const int64_t part = last - column < vectors * lanes ? last - column - (vectors - 1) * lanes : lanes;
        const int64_t place = (column - first) * depth;
        const Filters right = isPacking ? Filters{kernel.plain + column, g.filters, depth * lanes, room + place}
                                        : Filters{packed + place, lanes, depth * lanes, nullptr};
        tiles[vectors - 1][to - from - 1](rows, right, target, number * g.outWidth + from, column, part);
      }
    }
  }
}

}  // namespace

extern const WindowRoutines windowRoutines;
const WindowRoutines windowRoutines = {lanes, units, room, packedSize, pack, forward};

}  // namespace ANTLER_ISA
}  // namespace antler
