// A convolution of few channels with its relu and a max pool of 2×2 windows: the four sums of a window stay in registers, and
// what is kept of them is the largest and whose it was. The way back spreads a row of windows out in the cache.
#include "choices.h"
#include "fusedTables.h"
#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int mostVectors = 2;
#else
constexpr int mostVectors = 1;
#endif

/** Taps whose sums are kept in registers at once. */
constexpr int tapsAtOnce = 9;

template <int vectors>
inline void forwardWindow(const PooledConvGeometry& g, const float* corner, const float* kernel, const float* bias,
                          float* y, int8_t* choices) {
  const float* pixels[4] = {corner, corner + g.across, corner + g.down, corner + g.down + g.across};
  Vector sums[4][vectors];
#pragma GCC unroll 4
  for (int q = 0; q < 4; q++) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) sums[q][v] = Vector{};
  }
  for (int64_t t = 0; t < g.taps; t++, kernel += g.filters) {
    const int64_t offset = g.offsets[t];
#pragma GCC unroll 4
    for (int q = 0; q < 4; q++) {
      const Vector x = all(pixels[q][offset]);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sums[q][v] += x * load(kernel + v * lanes);
    }
  }
#pragma GCC unroll 2
  for (int v = 0; v < vectors; v++) {
    const Vector shift = bias == nullptr ? Vector{} : load(bias + v * lanes);
    Vector s[4];
    for (int q = 0; q < 4; q++) s[q] = sums[q][v] + shift;
    keepLargest(s, y + v * lanes, choices == nullptr ? nullptr : choices + v * lanes);
  }
}

void forward(const PooledConvGeometry& g, const float* x, const float* kernel, const float* bias, float* y,
             int8_t* choices) {
  for (int64_t row = 0; row < g.rows; row++) {
    for (int64_t column = 0; column < g.columns; column++) {
      const float* corner = x + 2 * (row * g.down + column * g.across);
      const int64_t out = (row * g.columns + column) * g.filters;
      int64_t f = 0;
      const auto next = [&](auto run, int64_t count) {
        run(g, corner, kernel + f, bias == nullptr ? nullptr : bias + f, y + out + f,
            choices == nullptr ? nullptr : choices + out + f);
        f += count * lanes;
      };
      while (f + mostVectors * lanes <= g.filters) next(forwardWindow<mostVectors>, mostVectors);
      while (f < g.filters) next(forwardWindow<1>, 1);
    }
  }
}

/** A row of windows as its two rows of pixels, one after the other. */
void spread(const PooledConvGeometry& g, const int8_t* choices, const float* dy, float* pixels) {
  const int64_t line = 2 * g.columns * g.filters;
  for (int64_t column = 0; column < g.columns; column++) {
    for (int64_t f = 0; f < g.filters; f += lanes, choices += lanes, dy += lanes) {
      const Chosen chosen(choices, dy);
      float* at = pixels + 2 * column * g.filters + f;
      store(at, chosen.of(0));
      store(at + g.filters, chosen.of(1));
      store(at + line, chosen.of(2));
      store(at + line + g.filters, chosen.of(3));
    }
  }
}

/** Σ over a row of pixels of x · dy, for some of the taps. */
template <int taps, int vectors>
inline void sumTaps(const PooledConvGeometry& g, const float* x, const int64_t* offsets, const float* dy,
                    float* dKernel) {
  Vector sums[taps][vectors];
  const float* of[taps];
#pragma GCC unroll 9
  for (int t = 0; t < taps; t++) {
    of[t] = x + offsets[t];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) sums[t][v] = load(dKernel + t * g.filters + v * lanes);
  }
  for (int64_t pixel = 0, at = 0; pixel < 2 * g.columns; pixel++, at += g.across, dy += g.filters) {
    Vector slope[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) slope[v] = load(dy + v * lanes);
#pragma GCC unroll 9
    for (int t = 0; t < taps; t++) {
      const Vector tap = all(of[t][at]);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sums[t][v] += tap * slope[v];
    }
  }
#pragma GCC unroll 9
  for (int t = 0; t < taps; t++) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) store(dKernel + t * g.filters + v * lanes, sums[t][v]);
  }
}

template <int vectors>
void sumAll(const PooledConvGeometry& g, const float* x, const float* dy, float* dKernel) {
  int64_t t = 0;
  const auto next = [&](auto run, int taps) {
    run(g, x, g.offsets + t, dy, dKernel + t * g.filters);
    t += taps;
  };
  while (t + tapsAtOnce <= g.taps) next(sumTaps<tapsAtOnce, vectors>, tapsAtOnce);
  while (t + 3 <= g.taps) next(sumTaps<3, vectors>, 3);
  while (t < g.taps) next(sumTaps<1, vectors>, 1);
}

void slopes(const PooledConvGeometry& g, const float* x, const OutputSlopes& given, float* dKernel, float* room) {
  for (int64_t row = 0; row < g.rows; row++) {
    const int64_t out = row * g.columns * g.filters;
    spread(g, given.choices + out, given.dy + out, room);
    for (int64_t half = 0; half < 2; half++) {
      const float* line = x + (2 * row + half) * g.down;
      const float* pixels = room + 2 * half * g.columns * g.filters;
      int64_t f = 0;
      for (; f + mostVectors * lanes <= g.filters; f += mostVectors * lanes) {
        sumAll<mostVectors>(g, line, pixels + f, dKernel + f);
      }
      for (; f < g.filters; f += lanes) sumAll<1>(g, line, pixels + f, dKernel + f);
    }
  }
}

template <int vectors>
void sumSome(const OutputSlopes& given, int64_t size, int64_t filters, double* to) {
  Vector sums[vectors] = {};
  for (int64_t at = 0; at < size; at += filters) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
      sums[v] += Chosen(given.choices + at + v * lanes, given.dy + at + v * lanes).sum();
    }
  }
  for (int64_t f = 0; f < vectors * lanes; f++) to[f] += static_cast<double>(sums[f / lanes][f % lanes]);
}

void sums(const OutputSlopes& given, int64_t windows, int64_t filters, double* to) {
  int64_t f = 0;
  const auto next = [&](auto run, int64_t vectors) {
    run({given.dy + f, given.choices + f}, windows * filters, filters, to + f);
    f += vectors * lanes;
  };
  while (f + 4 * lanes <= filters) next(sumSome<4>, 4);
  while (f + 2 * lanes <= filters) next(sumSome<2>, 2);
  while (f < filters) next(sumSome<1>, 1);
}

}  // namespace

extern const PooledConvRoutines pooledConvRoutines;
const PooledConvRoutines pooledConvRoutines = {lanes, forward, slopes, sums};

}  // namespace ANTLER_ISA
}  // namespace antler
