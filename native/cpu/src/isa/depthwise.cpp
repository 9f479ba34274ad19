// Convolutions that filter every channel by itself: a few pixels of a row times a few vectors of channels stay in registers
// while the taps go by.
#include "finish.h"
#include "fusedTables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

/** Floats of the input rows under a row of outputs that stay in the first-level cache for the next one. */
constexpr int64_t mostUnder = 8 * 1024;
/** Vectors that are computed together, of a few pixels and of channels. */
#if defined(__AVX512F__)
constexpr int mostSums = 12;
#else
constexpr int mostSums = 8;
#endif

/** The vectors of channels of so many pixels: a power of two. */
constexpr int vectorsOf(int pixels) {
  int vectors = 1;
  while (2 * vectors * pixels <= mostSums) vectors *= 2;
  return vectors;
}

/** A value that is not to be read from memory again wherever it is used. */
inline Vector inRegister(Vector v) {
#if defined(__x86_64__)
  asm("" : "+v"(v));
#endif
  return v;
}

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

/** The taps from `first` on, `count` of them, that are inside of `size` when tap 0 is at `start`. */
struct Inside {
  int64_t first = 0, count = 0;
  Inside(int64_t start, int64_t taps, int64_t dilation, int64_t size) {
    while (first < taps && start + first * dilation < 0) first++;
    while (first + count < taps && start + (first + count) * dilation < size) count++;
  }
};

/** Adds the products of `count` taps of one row; what they read is `step` from pixel to pixel, `next` from tap to tap. */
template <int pixels, int vectors>
inline void addTaps(Vector (&sums)[pixels][vectors], const float* x, int64_t step, int64_t next, const float* weights,
                    int64_t channels, int64_t count, int64_t part) {
  for (int64_t j = 0; j < count; j++, x += next, weights += channels) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) {
      const int64_t n = v + 1 < vectors ? lanes : part;
      const Vector weight = loadPart(weights + v * lanes, n);
#pragma GCC unroll 8
      for (int p = 0; p < pixels; p++) sums[p][v] += loadPart(x + p * step + v * lanes, n) * weight;
    }
  }
}

/** The same of three taps side by side, `stride` between pixels: of what pixels share each is read once. */
template <int stride, int pixels, int vectors>
inline void addThree(Vector (&sums)[pixels][vectors], const float* x, const float* weights, int64_t channels, int64_t part) {
#pragma GCC unroll 8
  for (int v = 0; v < vectors; v++) {
    const int64_t n = v + 1 < vectors ? lanes : part;
    Vector taps[3];
#pragma GCC unroll 3
    for (int j = 0; j < 3; j++) taps[j] = loadPart(weights + j * channels + v * lanes, n);
#pragma GCC unroll 16
    for (int place = 0; place < (pixels - 1) * stride + 3; place++) {
      const Vector pixel = inRegister(loadPart(x + place * channels + v * lanes, n));
#pragma GCC unroll 3
      for (int j = 0; j < 3; j++) {
        if (place >= j && (place - j) % stride == 0 && (place - j) / stride < pixels) {
          sums[(place - j) / stride][v] += pixel * taps[j];
        }
      }
    }
  }
}

/**
 * `pixels` outputs from `column` on, of `vectors` of channels, of the taps across that are inside. Those are three side by
 * side where there is a `stride`.
 */
template <int stride, int pixels, int vectors>
inline __attribute__((always_inline)) void block(const Row& row, int64_t column, const Inside& across, int64_t channel,
                                                 int64_t part) {
  const WindowGeometry& g = row.g;
  Vector sums[pixels][vectors];
#pragma GCC unroll 8
  for (int p = 0; p < pixels; p++) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) sums[p][v] = Vector{};
  }
  const float* x = row.x + (column * g.strideAcross - g.left + across.first * g.dilationAcross) * g.channels + channel;
  const float* weights = row.kernel + across.first * g.channels + channel;
  const int64_t line = g.dilationDown * g.width * g.channels;
  for (int64_t i = 0; i < row.taps; i++, x += line, weights += g.tapsAcross * g.channels) {
    if constexpr (stride > 0) {
      addThree<stride>(sums, x, weights, g.channels, part);
    } else {
      addTaps(sums, x, g.strideAcross * g.channels, g.dilationAcross * g.channels, weights, g.channels, across.count, part);
    }
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

template <int stride, int pixels, int vectors = vectorsOf(pixels)>
void blocks(const Row& row, int64_t column, const Inside& across, int64_t from, int64_t to) {
  for (; to - from >= vectors * lanes; from += vectors * lanes) {
    block<stride, pixels, vectors>(row, column, across, from, lanes);
  }
  if constexpr (vectors > 1) blocks<stride, pixels, vectors / 2>(row, column, across, from, to);
  else if (from < to) block<stride, pixels, 1>(row, column, across, from, to - from);
}

using Blocks = void (*)(const Row& row, int64_t column, const Inside& across, int64_t from, int64_t to);

int64_t units(const WindowGeometry& g) { return g.images * g.outHeight; }

void forward(const WindowGeometry& g, const float* x, const float* kernel, const Finish& finish, float* y, int64_t fromRow,
             int64_t toRow, int64_t fromChannel, int64_t toChannel) {
  const bool isThree = g.tapsAcross == 3 && g.dilationAcross == 1 && g.strideAcross <= 2;
  static constexpr int64_t sizes[] = {6, 3, 2, 1};
  static constexpr Blocks ways[3][4] = {{blocks<0, 6>, blocks<0, 3>, blocks<0, 2>, blocks<0, 1>},
                                        {blocks<1, 6>, blocks<1, 3>, blocks<1, 2>, blocks<0, 1>},
                                        {blocks<2, 6>, blocks<2, 3>, blocks<2, 2>, blocks<0, 1>}};
  const Blocks* way = ways[isThree ? g.strideAcross : 0];
  // Outputs whose taps are all inside lie side by side.
  const int64_t reach = (g.tapsAcross - 1) * g.dilationAcross;
  const auto roundedUp = [&](int64_t n) { return n <= 0 ? 0 : (n + g.strideAcross - 1) / g.strideAcross; };
  const int64_t firstWhole = roundedUp(g.left);
  const int64_t within = roundedUp(g.width - reach + g.left);
  const int64_t lastWhole = within < g.outWidth ? within : g.outWidth;
  const int64_t group = vectorsOf(2) * lanes;
  const int64_t fitting = mostUnder / (g.tapsDown * g.width * group) * group;
  const int64_t piece = fitting < group ? group : fitting;
  for (int64_t channel = fromChannel; channel < toChannel; channel += piece) {
    const int64_t last = toChannel - channel < piece ? toChannel : channel + piece;
    for (int64_t number = fromRow; number < toRow; number++) {
      const int64_t top = number % g.outHeight * g.strideDown - g.top;
      const Inside down(top, g.tapsDown, g.dilationDown, g.height);
      const int64_t line = number / g.outHeight * g.height + top + down.first * g.dilationDown;
      const Row row{g,          x + line * g.width * g.channels, kernel + down.first * g.tapsAcross * g.channels,
                    down.count, finish,                          y,
                    number * g.outWidth * g.channels};
      for (int64_t column = 0; column < g.outWidth;) {
        const Inside across(column * g.strideAcross - g.left, g.tapsAcross, g.dilationAcross, g.width);
        const int64_t whole = column < firstWhole ? 0 : lastWhole - column;
        int size = 0;
        while (size < 3 && whole < sizes[size]) size++;
        way[size](row, column, across, channel, last);
        column += sizes[size];
      }
    }
  }
}

}  // namespace

extern const DepthwiseRoutines depthwiseRoutines;
const DepthwiseRoutines depthwiseRoutines = {lanes, units, forward};

}  // namespace ANTLER_ISA
}  // namespace antler
