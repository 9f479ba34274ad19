// A convolution of few channels with its relu and a max pool of 2×2 windows: the four sums of a window stay in registers, and
// what is kept of them is the largest and whose it was. The way back spreads a row of windows out in the cache.
#include "fusedTables.h"
#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

typedef int8_t Bytes __attribute__((vector_size(vectorBytes / 4)));

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
    const Vector most = larger(larger(s[0], s[1]), larger(s[2], s[3]));
    store(y + v * lanes, larger(most, Vector{}));
    if (choices == nullptr) continue;
    Ints choice = Ints{} + 3;
    for (int q = 2; q >= 0; q--) choice = s[q] == most ? Ints{} + q : choice;
    choice = most > 0.0f ? choice : Ints{} + noChoice;
    const Bytes bytes = __builtin_convertvector(choice, Bytes);
    __builtin_memcpy(choices + v * lanes, &bytes, sizeof(bytes));
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

/** A row of windows as its two rows of pixels, one after the other; adds up what belongs to the bias. */
void spread(const PooledConvGeometry& g, const int8_t* choices, const float* dy, float* pixels, float* sums) {
  const int64_t line = 2 * g.columns * g.filters;
  for (int64_t column = 0; column < g.columns; column++) {
    for (int64_t f = 0; f < g.filters; f += lanes, choices += lanes, dy += lanes) {
      Bytes bytes;
      __builtin_memcpy(&bytes, choices, sizeof(bytes));
      const Ints choice = __builtin_convertvector(bytes, Ints);
      const Vector slope = load(dy);
      const auto where = [&](const Ints& chosen) { return (Vector)((Ints)slope & chosen); };
      store(sums + f, load(sums + f) + where(choice != noChoice));
      float* at = pixels + 2 * column * g.filters + f;
      store(at, where(choice == 0));
      store(at + g.filters, where(choice == 1));
      store(at + line, where(choice == 2));
      store(at + line + g.filters, where(choice == 3));
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

void slopes(const PooledConvGeometry& g, const float* x, const int8_t* choices, const float* dy, float* dKernel,
            double* dBias, float* room) {
  float* sums = room + 4 * g.columns * g.filters;
  for (int64_t f = 0; f < g.filters; f++) sums[f] = 0;
  for (int64_t row = 0; row < g.rows; row++) {
    const int64_t out = row * g.columns * g.filters;
    spread(g, choices + out, dy + out, room, sums);
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
  for (int64_t f = 0; f < g.filters; f++) dBias[f] += static_cast<double>(sums[f]);
}

}  // namespace

extern const PooledConvRoutines pooledConvRoutines;
const PooledConvRoutines pooledConvRoutines = {lanes, forward, slopes};

}  // namespace ANTLER_ISA
}  // namespace antler
