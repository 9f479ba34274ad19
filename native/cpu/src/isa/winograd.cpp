// Convolutions of 3×3 taps with 4/9 of the multiplications (Winograd 1980; Lavin and Gray 2016, F(2×2, 3×3)): tiles of 2×2
// outputs become 16 products of matrices over channels and filters.
//
// A block of tiles is transformed, multiplied and transformed back while it is in the cache.
#include "choices.h"
#include "finish.h"
#include "fusedTables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

constexpr int64_t positions = 16;

#if defined(__AVX512F__)
constexpr int64_t sumVectors = 24;
constexpr int64_t mostVectors = 4;
#else
constexpr int64_t sumVectors = 12;
constexpr int64_t mostVectors = 2;
#endif

/** Tiles of a block: a multiple of the rows of sums that registers hold, whatever the number of columns. */
constexpr int64_t blockTiles = 24;
/** Likewise where tiles are what is summed over. */
constexpr int64_t summedTiles = 32;

/** Floats between positions; a line more than needed, or they would share few sets of the cache. */
constexpr int64_t stepOf(int64_t tiles, int64_t channels) { return tiles * channels + 16; }

/** Vectors of columns that are multiplied at once. */
int64_t vectorsOf(int64_t columns) {
  int64_t vectors = mostVectors;
  while (columns % (vectors * lanes) != 0) vectors /= 2;
  return vectors;
}

/** Where a tile of a geometry is. */
struct Tile {
  int64_t number, image, row, column;

  Tile(const WinogradGeometry& g, int64_t number)
      : number(number),
        image(number / (g.tilesDown() * g.tilesAcross())),
        row(number / g.tilesAcross() % g.tilesDown() * 2),
        column(number % g.tilesAcross() * 2) {}
  void next(const WinogradGeometry& g) {
    number++;
    if ((column += 2) < g.outWidth) return;
    column = 0;
    if ((row += 2) < g.outHeight) return;
    row = 0;
    image++;
  }
};

/** Along one axis of four, or of what is a row of four. */
inline void differences(const Vector& a, const Vector& b, const Vector& c, const Vector& d, Vector* to, int step) {
  to[0] = a - c;
  to[step] = b + c;
  to[2 * step] = c - b;
  to[3 * step] = b - d;
}

/** Bᵀ d B of a patch of 4×4 pixels. Positions are `step` apart, vectors of channels `group`. */
inline void transformPatch(const float* patch, int64_t line, int64_t channels, float* to, int64_t step, int64_t group) {
  for (int64_t c = 0; c < channels; c += lanes, to += group) {
    Vector down[16];
    for (int j = 0; j < 4; j++) {
      const float* pixel = patch + j * channels + c;
      differences(load(pixel), load(pixel + line), load(pixel + 2 * line), load(pixel + 3 * line), down + j, 4);
    }
    for (int i = 0; i < 4; i++) {
      Vector across[4];
      differences(down[4 * i], down[4 * i + 1], down[4 * i + 2], down[4 * i + 3], across, 1);
      for (int j = 0; j < 4; j++) store(to + (4 * i + j) * step, across[j]);
    }
  }
}

/** The patch under a tile, or a copy of it with zeros where there is no image. */
void transformInput(const WinogradGeometry& g, const float* x, const Tile& tile, float* patch, float* to, int64_t step,
                    int64_t group) {
  const int64_t line = g.width * g.channels;
  const int64_t top = tile.row - g.top;
  const int64_t left = tile.column - g.left;
  const float* image = x + tile.image * g.height * line;
  if (top >= 0 && left >= 0 && top + 4 <= g.height && left + 4 <= g.width) {
    transformPatch(image + top * line + left * g.channels, line, g.channels, to, step, group);
    return;
  }
  for (int64_t i = 0; i < 4; i++) {
    for (int64_t j = 0; j < 4; j++) {
      const bool inside = top + i >= 0 && top + i < g.height && left + j >= 0 && left + j < g.width;
      const float* from = image + (top + i) * line + (left + j) * g.channels;
      float* pixel = patch + (4 * i + j) * g.channels;
      for (int64_t c = 0; c < g.channels; c += lanes) store(pixel + c, inside ? load(from + c) : Vector{});
    }
  }
  transformPatch(patch, 4 * g.channels, g.channels, to, step, group);
}

/** Aᵀ m A: the four outputs of a tile, as far as there are so many, or what a pool makes of them. */
void transformOutput(const WinogradGeometry& g, const float* sums, int64_t step, const Tile& tile, const Finish& finish,
                     float* y) {
  const int64_t line = g.outWidth * g.filters;
  float* corner = y + (tile.image * g.outHeight + tile.row) * line + tile.column * g.filters;
  const bool below = tile.row + 1 < g.outHeight;
  const bool beside = tile.column + 1 < g.outWidth;
  for (int64_t f = 0; f < g.filters; f += lanes) {
    Vector upper[4], lower[4];
    for (int j = 0; j < 4; j++) {
      const float* at = sums + j * step + f;
      const Vector second = load(at + 4 * step);
      const Vector third = load(at + 8 * step);
      upper[j] = load(at) + second + third;
      lower[j] = second - third - load(at + 12 * step);
    }
    Vector outputs[4][1] = {{upper[0] + upper[1] + upper[2]},
                            {upper[1] - upper[2] - upper[3]},
                            {lower[0] + lower[1] + lower[2]},
                            {lower[1] - lower[2] - lower[3]}};
    if (finish.count > 0) {
      // Where there is no such output, the corner stands for it.
      const int64_t places[4] = {0, beside ? g.filters : 0, below ? line : 0, below && beside ? line + g.filters : 0};
      finishSums(finish, outputs, f, lanes, [&](int i) { return corner - y + places[i] + f; });
    }
    if (finish.pools) {
      const Vector four[4] = {outputs[0][0], outputs[1][0], outputs[2][0], outputs[3][0]};
      const int64_t at = tile.number * g.filters + f;
      keepLargest(four, y + at, finish.choices == nullptr ? nullptr : finish.choices + at);
      continue;
    }
    store(corner + f, outputs[0][0]);
    if (beside) store(corner + g.filters + f, outputs[1][0]);
    if (below) store(corner + line + f, outputs[2][0]);
    if (below && beside) store(corner + line + g.filters + f, outputs[3][0]);
  }
}

/** Sums of `rows` × `vectors` in registers. The rows of a are given a vector of them at a time, `group` floats apart. */
template <int rows, int vectors>
inline void multiplyRows(const float* a, int64_t group, int64_t depth, const float* b, float* to, int64_t columns) {
  Vector sums[rows][vectors];
#pragma GCC unroll 32
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) sums[i][v] = Vector{};
  }
  for (int64_t k = 0; k < depth; k += lanes, a += group) {
    for (int64_t lane = 0; lane < lanes; lane++, b += vectors * lanes) {
      Vector right[vectors];
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) right[v] = load(b + v * lanes);
#pragma GCC unroll 32
      for (int i = 0; i < rows; i++) {
        const Vector left = all(a[i * lanes + lane]);
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) sums[i][v] += left * right[v];
      }
    }
  }
#pragma GCC unroll 32
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) store(to + i * columns + v * lanes, sums[i][v]);
  }
}

/** [tiles, depth] times a packed [depth, columns]. */
template <int vectors>
void multiply(const float* a, int64_t group, int64_t tiles, int64_t depth, const float* packed, float* to,
              int64_t columns) {
  constexpr int rows = sumVectors / vectors;
  for (int64_t column = 0; column < columns; column += vectors * lanes) {
    for (int64_t i = 0; i < tiles; i += rows) {
      multiplyRows<rows, vectors>(a + i * lanes, group, depth, packed + column * depth, to + i * columns + column,
                                  columns);
    }
  }
}

void forward(const WinogradGeometry& g, const float* x, const float* packed, const Finish& finish, float* y, float* room,
             int64_t from, int64_t to) {
  float* inputs = room;
  float* sums = inputs + positions * stepOf(blockTiles, g.channels);
  float* patch = sums + positions * stepOf(blockTiles, g.filters);
  const int64_t vectors = vectorsOf(g.filters);
  const auto run = vectors == 4 ? multiply<mostVectors> : vectors == 2 ? multiply<2> : multiply<1>;
  for (int64_t block = from; block < to; block++) {
    const int64_t first = block * blockTiles;
    const int64_t tiles = g.tiles() - first < blockTiles ? g.tiles() - first : blockTiles;
    Tile tile(g, first);
    for (int64_t i = 0; i < tiles; i++, tile.next(g)) {
      transformInput(g, x, tile, patch, inputs + i * lanes, stepOf(blockTiles, g.channels), blockTiles * lanes);
    }
    for (int64_t p = 0; p < positions; p++) {
      run(inputs + p * stepOf(blockTiles, g.channels), blockTiles * lanes, tiles, g.channels, packed + p * g.channels * g.filters,
          sums + p * stepOf(blockTiles, g.filters), g.filters);
    }
    tile = Tile(g, first);
    for (int64_t i = 0; i < tiles; i++, tile.next(g)) {
      transformOutput(g, sums + i * g.filters, stepOf(blockTiles, g.filters), tile, finish, y);
    }
  }
}

/** G w Gᵀ of the nine taps. */
inline void transformTaps(const Vector* taps, Vector* to) {
  Vector down[12];
  for (int j = 0; j < 3; j++) {
    const Vector ends = 0.5f * (taps[j] + taps[6 + j]);
    const Vector middle = 0.5f * taps[3 + j];
    down[j] = taps[j];
    down[3 + j] = ends + middle;
    down[6 + j] = ends - middle;
    down[9 + j] = taps[6 + j];
  }
  for (int i = 0; i < 4; i++) {
    const Vector* row = down + 3 * i;
    const Vector ends = 0.5f * (row[0] + row[2]);
    const Vector middle = 0.5f * row[1];
    to[4 * i] = row[0];
    to[4 * i + 1] = ends + middle;
    to[4 * i + 2] = ends - middle;
    to[4 * i + 3] = row[2];
  }
}

void pack(const float* kernel, int64_t channels, int64_t filters, WinogradWay way, float* packed, int64_t from,
          int64_t to) {
  const bool turned = way != WinogradWay::Forward;
  const int64_t plane = channels * filters;
  const int64_t depth = turned ? filters : channels;
  const int64_t width = vectorsOf(turned ? channels : filters) * lanes;
  const auto at = [&](int64_t k, int64_t column) { return column / width * width * depth + k * width + column % width; };
  for (int64_t c = from; c < to; c++) {
    for (int64_t f = 0; f < filters; f += lanes) {
      Vector taps[9], found[positions];
      for (int t = 0; t < 9; t++) taps[t] = load(kernel + (way == WinogradWay::Turned ? 8 - t : t) * plane + c * filters + f);
      transformTaps(taps, found);
      for (int64_t p = 0; p < positions; p++) {
        if (!turned) {
          store(packed + p * plane + at(c, f), found[p]);
        } else {
          for (int64_t i = 0; i < lanes; i++) packed[p * plane + at(f + i, c)] = found[p][i];
        }
      }
    }
  }
}

/**
 * A d Aᵀ of a tile of slopes, with the signs of the last row and column turned, which `finish` and `addPatch` know. Positions are
 * `step` apart, vectors of filters `group`.
 */
void transformSlopes(const WinogradGeometry& g, const OutputSlopes& given, const Tile& tile, float* to, int64_t step,
                     int64_t group) {
  const int64_t line = g.outWidth * g.filters;
  const int64_t at = (tile.image * g.outHeight + tile.row) * line + tile.column * g.filters;
  const bool below = tile.row + 1 < g.outHeight;
  const bool beside = tile.column + 1 < g.outWidth;
  for (int64_t f = 0; f < g.filters; f += lanes, to += group) {
    Vector a, b, c, d;
    if (given.choices != nullptr) {
      const Chosen chosen(given.choices + tile.number * g.filters + f, given.dy + tile.number * g.filters + f);
      a = chosen.of(0);
      b = chosen.of(1);
      c = chosen.of(2);
      d = chosen.of(3);
    } else {
      const float* corner = given.dy + at + f;
      a = load(corner);
      b = beside ? load(corner + g.filters) : Vector{};
      c = below ? load(corner + line) : Vector{};
      d = below && beside ? load(corner + line + g.filters) : Vector{};
    }
    const Vector left[4] = {a, a + c, a - c, c};
    const Vector right[4] = {b, b + d, b - d, d};
    for (int i = 0; i < 4; i++) {
      float* row = to + 4 * i * step;
      store(row, left[i]);
      store(row + step, left[i] + right[i]);
      store(row + 2 * step, left[i] - right[i]);
      store(row + 3 * step, right[i]);
    }
  }
}

/** Along one axis, what `differences` does the other way round, the sign of the last turned. */
inline void spreadDifferences(const Vector& a, const Vector& b, const Vector& c, const Vector& d, Vector* to, int step) {
  to[0] = a;
  to[step] = b - c - d;
  to[2 * step] = b + c - a;
  to[3 * step] = d;
}

/** Adds B m Bᵀ to the patch under a tile. */
void addPatch(const WinogradGeometry& g, const float* sums, int64_t step, const Tile& tile, float* dx) {
  const int64_t line = g.width * g.channels;
  float* corner = dx + (tile.image * g.height + tile.row) * line + tile.column * g.channels;
  for (int64_t c = 0; c < g.channels; c += lanes) {
    Vector down[16];
    for (int j = 0; j < 4; j++) {
      const float* at = sums + j * step + c;
      spreadDifferences(load(at), load(at + 4 * step), load(at + 8 * step), load(at + 12 * step), down + j, 4);
    }
    for (int i = 0; i < 4; i++) {
      Vector across[4];
      spreadDifferences(down[4 * i], down[4 * i + 1], down[4 * i + 2], down[4 * i + 3], across, 1);
      for (int j = 0; j < 4; j++) {
        float* pixel = corner + i * line + j * g.channels + c;
        store(pixel, load(pixel) + across[j]);
      }
    }
  }
}

void backward(const WinogradGeometry& g, const OutputSlopes& given, const float* packed, float* dx, float* room,
              int64_t from, int64_t to) {
  float* inputs = room;
  float* sums = inputs + positions * stepOf(blockTiles, g.filters);
  const int64_t vectors = vectorsOf(g.channels);
  const auto run = vectors == 4 ? multiply<mostVectors> : vectors == 2 ? multiply<2> : multiply<1>;
  const int64_t size = g.height * g.width * g.channels;
  __builtin_memset(dx + from * size, 0, static_cast<size_t>((to - from) * size) * sizeof(float));
  const int64_t last = to * g.tilesDown() * g.tilesAcross();
  for (int64_t first = from * g.tilesDown() * g.tilesAcross(); first < last; first += blockTiles) {
    const int64_t tiles = last - first < blockTiles ? last - first : blockTiles;
    Tile tile(g, first);
    for (int64_t i = 0; i < tiles; i++, tile.next(g)) {
      transformSlopes(g, given, tile, inputs + i * lanes, stepOf(blockTiles, g.filters), blockTiles * lanes);
    }
    for (int64_t p = 0; p < positions; p++) {
      run(inputs + p * stepOf(blockTiles, g.filters), blockTiles * lanes, tiles, g.filters, packed + p * g.channels * g.filters,
          sums + p * stepOf(blockTiles, g.channels), g.channels);
    }
    tile = Tile(g, first);
    for (int64_t i = 0; i < tiles; i++, tile.next(g)) {
      addPatch(g, sums + i * g.channels, stepOf(blockTiles, g.channels), tile, dx);
    }
  }
}

/** Adds the products of the columns of a [depth, channels] with those of b [depth, filters] to sums [channels, filters]. */
template <int vectors>
void multiplyTurned(const float* a, const float* b, int64_t depth, int64_t channels, int64_t filters, float* sums) {
  constexpr int rows = (mostVectors == 4 ? 16 : 8) / vectors;
  for (int64_t f = 0; f < filters; f += vectors * lanes) {
    for (int64_t c = 0; c < channels; c += rows) {
      Vector own[rows][vectors];
#pragma GCC unroll 16
      for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) own[i][v] = Vector{};
      }
      for (int64_t k = 0; k < depth; k++) {
        Vector right[vectors];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) right[v] = load(b + k * filters + f + v * lanes);
#pragma GCC unroll 16
        for (int i = 0; i < rows; i++) {
          const Vector left = all(a[k * channels + c + i]);
#pragma GCC unroll 4
          for (int v = 0; v < vectors; v++) own[i][v] += left * right[v];
        }
      }
#pragma GCC unroll 16
      for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
          float* at = sums + (c + i) * filters + f + v * lanes;
          store(at, load(at) + own[i][v]);
        }
      }
    }
  }
}

void slopes(const WinogradGeometry& g, const float* x, const OutputSlopes& given, float* sums, float* room,
            int64_t from, int64_t to) {
  float* inputs = room;
  float* outputs = inputs + positions * stepOf(summedTiles, g.channels);
  float* patch = outputs + positions * stepOf(summedTiles, g.filters);
  const int64_t vectors = vectorsOf(g.filters);
  const auto run = vectors == 4 ? multiplyTurned<mostVectors> : vectors == 2 ? multiplyTurned<2> : multiplyTurned<1>;
  const int64_t plane = g.channels * g.filters;
  __builtin_memset(sums, 0, static_cast<size_t>(positions * plane) * sizeof(float));
  for (int64_t first = from; first < to; first += summedTiles) {
    const int64_t tiles = to - first < summedTiles ? to - first : summedTiles;
    Tile tile(g, first);
    for (int64_t i = 0; i < tiles; i++, tile.next(g)) {
      transformInput(g, x, tile, patch, inputs + i * g.channels, stepOf(summedTiles, g.channels), lanes);
      transformSlopes(g, given, tile, outputs + i * g.filters, stepOf(summedTiles, g.filters), lanes);
    }
    for (int64_t p = 0; p < positions; p++) {
      run(inputs + p * stepOf(summedTiles, g.channels), outputs + p * stepOf(summedTiles, g.filters), tiles, g.channels, g.filters,
          sums + p * plane);
    }
  }
}

/** Aᵀ s A with Aᵀ = [1 ½ ½ 0; 0 ½ −½ 0; 0 ½ ½ −1]. */
void finish(const float* sums, int64_t parts, int64_t plane, float* dKernel, int64_t from, int64_t to) {
  for (int64_t at = from; at < to; at += lanes) {
    Vector s[positions];
    for (int64_t p = 0; p < positions; p++) {
      s[p] = Vector{};
      for (int64_t part = 0; part < parts; part++) s[p] += load(sums + (part * positions + p) * plane + at);
    }
    const auto fold = [](const Vector& a, const Vector& b, const Vector& c, const Vector& d, Vector* to, int step) {
      const Vector half = 0.5f * (b + c);
      to[0] = a + half;
      to[step] = 0.5f * (b - c);
      to[2 * step] = half - d;
    };
    Vector down[12];
    for (int j = 0; j < 4; j++) fold(s[j], s[4 + j], s[8 + j], s[12 + j], down + j, 4);
    for (int i = 0; i < 3; i++) {
      Vector taps[3];
      fold(down[4 * i], down[4 * i + 1], down[4 * i + 2], down[4 * i + 3], taps, 1);
      for (int j = 0; j < 3; j++) store(dKernel + (3 * i + j) * plane + at, taps[j]);
    }
  }
}

int64_t forwardRoom(const WinogradGeometry& g) {
  return positions * (stepOf(blockTiles, g.channels) + stepOf(blockTiles, g.filters)) + positions * g.channels;
}

int64_t backwardRoom(const WinogradGeometry& g) {
  return positions * (stepOf(blockTiles, g.channels) + stepOf(blockTiles, g.filters));
}

int64_t slopesRoom(const WinogradGeometry& g) {
  return positions * (stepOf(summedTiles, g.channels) + stepOf(summedTiles, g.filters)) + positions * g.channels;
}

}  // namespace

extern const WinogradRoutines winogradRoutines;
const WinogradRoutines winogradRoutines = {blockTiles, forwardRoom, backwardRoom, slopesRoom, pack,
                                            forward,    backward,    slopes,       finish};

}  // namespace ANTLER_ISA
}  // namespace antler
