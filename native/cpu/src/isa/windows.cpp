// Convolutions as products: a pixel's window, row after row, is a row of the left matrix, as it lies in the image. Windows
// that reach outside are copied. A panel of filters is packed while it is read, and stays in the cache for all pixels.
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
/** Vectors of filters in a panel, the last one of all may have fewer. */
constexpr int wide = 2;
constexpr int64_t panel = wide * lanes;
/** Floats of packed panels that stay in the second-level cache beside what they are multiplied by. */
constexpr int64_t mostPacked = 32 * 1024;

/** Rows of the left matrix: `segments` pieces of `length` neighbours each. */
struct Rows {
  const float* x;
  int64_t step;
  int64_t segments, length, segmentStep;
};

struct Target {
  const Finish& finish;
  float* y;
  int64_t filters;
};

/** `rows` pixels from `pixel` on, `vectors` of filters from `column` on, the last of which has `part` of them. */
template <int rows, int vectors>
void tile(const Rows& left, const float* packed, const Target& target, int64_t pixel, int64_t column, int64_t part) {
  Vector sums[rows][vectors];
#pragma GCC unroll 32
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) sums[i][v] = Vector{};
  }
  constexpr int groups = (rows + 2) / 3;
  const float* b = packed;
  for (int64_t s = 0; s < left.segments; s++) {
    const float* group[groups];
#pragma GCC unroll 4
    for (int i = 0; i < groups; i++) group[i] = left.x + s * left.segmentStep + 3 * i * left.step;
    for (int64_t k = 0; k < left.length; k++, b += vectors * lanes) {
      Vector right[vectors];
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) right[v] = load(b + v * lanes);
#pragma GCC unroll 32
      for (int i = 0; i < rows; i++) {
        const Vector one = all(group[i / 3][i % 3 * left.step]);
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) sums[i][v] += one * right[v];
      }
#pragma GCC unroll 4
      for (int i = 0; i < groups; i++) group[i]++;
    }
  }
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

using Tile = void (*)(const Rows&, const float*, const Target&, int64_t, int64_t, int64_t);

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

/** Filters that are packed at once. */
int64_t piece(const WindowGeometry& g) {
  const int64_t panels = mostPacked / (g.depth() * panel);
  return (panels < 1 ? 1 : panels) * panel;
}

int64_t room(const WindowGeometry& g) {
  const int64_t all = (g.filters + panel - 1) / panel * panel;
  const int64_t packed = piece(g);
  return (g.depth() * ((packed < all ? packed : all) + mostRows) + lanes - 1) / lanes * lanes;
}

/** Filters `from` to `to` in vectors, a panel after the other. */
void pack(const float* kernel, int64_t depth, int64_t filters, int64_t from, int64_t to, float* packed) {
  for (int64_t column = from; column < to; column += panel) {
    const int64_t vectors = to - column > lanes ? wide : 1;
    const int64_t part = to - column < vectors * lanes ? to - column - (vectors - 1) * lanes : lanes;
    const float* row = kernel + column;
    for (int64_t k = 0; k < depth; k++, row += filters, packed += vectors * lanes) {
      if (vectors > 1) store(packed, load(row));
      store(packed + (vectors - 1) * lanes, loadPart(row + (vectors - 1) * lanes, part));
    }
  }
}

/** The windows of outputs [from, to) of a row, those of padding as zeros. */
void copyWindows(const WindowGeometry& g, const float* image, int64_t row, int64_t from, int64_t to, float* copy) {
  const int64_t line = g.tapsAcross * g.channels;
  for (int64_t column = from; column < to; column++) {
    const int64_t left = column * g.strideAcross - g.left;
    const int64_t first = left < 0 ? -left : 0;
    const int64_t last = left + g.tapsAcross > g.width ? g.width - left : g.tapsAcross;
    for (int64_t i = 0; i < g.tapsDown; i++, copy += line) {
      const int64_t y = row * g.strideDown - g.top + i * g.dilationDown;
      const float* pixels = image + (y * g.width + left) * g.channels;
      const bool inside = y >= 0 && y < g.height;
      for (int64_t j = 0; j < line; j++) {
        copy[j] = inside && j >= first * g.channels && j < last * g.channels ? pixels[j] : 0.0f;
      }
    }
  }
}

void forward(const WindowGeometry& g, const float* x, const float* kernel, const Finish& finish, float* y, float* room,
             int64_t fromUnit, int64_t toUnit, int64_t fromFilter, int64_t toFilter) {
  const int64_t depth = g.depth();
  const int64_t across = unitsAcross(g);
  const int64_t line = g.width * g.channels;
  const Target target{finish, y, g.filters};
  const int64_t step = piece(g);
  float* packed = room;
  float* copy = room + depth * (toFilter - fromFilter < step ? (toFilter - fromFilter + lanes - 1) / lanes * lanes : step);
  for (int64_t first = fromFilter; first < toFilter; first += step) {
    const int64_t last = toFilter - first < step ? toFilter : first + step;
    pack(kernel, depth, g.filters, first, last, packed);
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
      const int64_t pixel = number * g.outWidth + from;
      const float* b = packed;
      for (int64_t column = first; column < last; column += panel) {
        const int64_t vectors = last - column > lanes ? wide : 1;
        const int64_t part = last - column < vectors * lanes ? last - column - (vectors - 1) * lanes : lanes;
        tiles[vectors - 1][to - from - 1](rows, b, target, pixel, column, part);
        b += vectors * lanes * depth;
      }
    }
  }
}

}  // namespace

extern const WindowRoutines windowRoutines;
const WindowRoutines windowRoutines = {lanes, units, room, forward};

}  // namespace ANTLER_ISA
}  // namespace antler
