// Pooling: for each output pixel the taps that lie in the image, a vector of channels at a time.
#include "fusedTables.h"
#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

/** The taps of an output that lie in the image. */
struct Taps {
  int64_t from, to, start;

  Taps(int64_t output, int64_t stride, int64_t padding, int64_t taps, int64_t size) : start(output * stride - padding) {
    from = start < 0 ? -start : 0;
    to = start + taps > size ? size - start : taps;
  }
  int64_t count() const { return to > from ? to - from : 0; }
};

constexpr float lowest = -__builtin_inff();

void maxForward(const PoolGeometry& pool, const float* x, float* y, int64_t first, int64_t last) {
  const int64_t channels = pool.channels;
  const int64_t line = pool.width * channels;
  for (int64_t row = first; row < last; row++) {
    const float* image = x + row / pool.outHeight * pool.height * line;
    const Taps down(row % pool.outHeight, pool.strideDown, pool.top, pool.tapsDown, pool.height);
    float* out = y + row * pool.outWidth * channels;
    for (int64_t column = 0; column < pool.outWidth; column++, out += channels) {
      const Taps across(column, pool.strideAcross, pool.left, pool.tapsAcross, pool.width);
      const float* corner = image + (down.start + down.from) * line + (across.start + across.from) * channels;
      const int64_t rows = down.count();
      const int64_t columns = across.count();
      int64_t c = 0;
      for (; c + lanes <= channels; c += lanes) {
        Vector most = all(lowest);
        for (int64_t i = 0; i < rows; i++) {
          for (int64_t j = 0; j < columns; j++) most = larger(most, load(corner + i * line + j * channels + c));
        }
        store(out + c, most);
      }
      for (; c < channels; c++) {
        float most = lowest;
        for (int64_t i = 0; i < rows; i++) {
          for (int64_t j = 0; j < columns; j++) {
            const float tap = corner[i * line + j * channels + c];
            most = most > tap || most != most ? most : tap;
          }
        }
        out[c] = most;
      }
    }
  }
}

void clear(float* from, int64_t count) { __builtin_memset(from, 0, static_cast<size_t>(count) * sizeof(float)); }

/** Zeros where no window of an image reaches, when windows are apart: the others are written once. */
bool clearRest(const PoolGeometry& pool, float* image) {
  const int64_t line = pool.width * pool.channels;
  if (!pool.isTiled()) {
    clear(image, pool.height * line);
    return false;
  }
  const int64_t covered = pool.outHeight * pool.strideDown;
  const int64_t rest = (pool.width - pool.outWidth * pool.strideAcross) * pool.channels;
  if (rest > 0) for (int64_t row = 0; row < covered; row++) clear(image + (row + 1) * line - rest, rest);
  clear(image + covered * line, (pool.height - covered) * line);
  return true;
}

/** Lanes that have found their maximum are out; `Only` when no other window writes here. */
template <bool Only>
void maxBackwardRow(const PoolGeometry& pool, const float* image, const float* y, const float* g, float* dx,
                    const Taps& down) {
  const int64_t channels = pool.channels;
  const int64_t line = pool.width * channels;
  for (int64_t column = 0; column < pool.outWidth; column++, y += channels, g += channels) {
    const Taps across(column, pool.strideAcross, pool.left, pool.tapsAcross, pool.width);
    const int64_t corner = (down.start + down.from) * line + (across.start + across.from) * channels;
    const int64_t rows = down.count();
    const int64_t columns = across.count();
    // A window of −∞ alone has its first maximum in the padding, if that comes first.
    const bool padded = down.from > 0 || across.from > 0;
    int64_t c = 0;
    for (; c + lanes <= channels; c += lanes) {
      const Vector best = load(y + c);
      const Vector slope = load(g + c);
      Ints open = padded ? best != lowest : Ints{} == 0;
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
          const int64_t at = corner + i * line + j * channels + c;
          const Ints hit = (load(image + at) == best) & open;
          open &= ~hit;
          const Vector given = (Vector)((Ints)slope & hit);
          store(dx + at, Only ? given : load(dx + at) + given);
        }
      }
    }
    for (; c < channels; c++) {
      bool open = !(padded && y[c] == lowest);
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
          const int64_t at = corner + i * line + j * channels + c;
          const bool hit = open && image[at] == y[c];
          if (hit) open = false;
          const float given = hit ? g[c] : 0;
          dx[at] = Only ? given : dx[at] + given;
        }
      }
    }
  }
}

void maxBackward(const PoolGeometry& pool, const float* x, const float* y, const float* g, float* dx, int64_t first,
                 int64_t last) {
  const int64_t size = pool.height * pool.width * pool.channels;
  const int64_t line = pool.outWidth * pool.channels;
  for (int64_t image = first; image < last; image++) {
    const bool only = clearRest(pool, dx + image * size);
    for (int64_t row = 0; row < pool.outHeight; row++) {
      const Taps down(row, pool.strideDown, pool.top, pool.tapsDown, pool.height);
      const int64_t at = (image * pool.outHeight + row) * line;
      const auto run = only ? maxBackwardRow<true> : maxBackwardRow<false>;
      run(pool, x + image * size, y + at, g + at, dx + image * size, down);
    }
  }
}

/** Where max(x, 0) has a slope, x is positive, and so is the largest of its window: padding and NaN need no care. */
void maxBackwardRelu(const PoolGeometry& pool, const float* x, const float* y, const float* g, float* dx, double* sums,
                     float* room, int64_t first, int64_t last) {
  const int64_t channels = pool.channels;
  const int64_t line = pool.width * channels;
  const int64_t rows = pool.tapsDown;
  const int64_t columns = pool.tapsAcross;
  for (int64_t image = first; image < last; image++) {
    clearRest(pool, dx + image * pool.height * line);
    clear(room, channels);
    for (int64_t window = 0; window < pool.outHeight * pool.outWidth; window++) {
      const int64_t out = (image * pool.outHeight * pool.outWidth + window) * channels;
      const int64_t corner = (image * pool.height + window / pool.outWidth * rows) * line +
                             window % pool.outWidth * columns * channels;
      int64_t c = 0;
      for (; c + lanes <= channels; c += lanes) {
        const Vector best = load(y + out + c);
        const Vector slope = best > 0.0f ? load(g + out + c) : Vector{};
        store(room + c, load(room + c) + slope);
        Ints open = Ints{} == 0;
        for (int64_t i = 0; i < rows; i++) {
          for (int64_t j = 0; j < columns; j++) {
            const int64_t at = corner + i * line + j * channels + c;
            const Ints hit = (load(x + at) == best) & open;
            open &= ~hit;
            store(dx + at, (Vector)((Ints)slope & hit));
          }
        }
      }
      for (; c < channels; c++) {
        const float best = y[out + c];
        const float slope = best > 0 ? g[out + c] : 0;
        room[c] += slope;
        bool open = true;
        for (int64_t i = 0; i < rows; i++) {
          for (int64_t j = 0; j < columns; j++) {
            const int64_t at = corner + i * line + j * channels + c;
            const bool hit = open && x[at] == best;
            if (hit) open = false;
            dx[at] = hit ? slope : 0;
          }
        }
      }
    }
    for (int64_t c = 0; c < channels; c++) sums[c] += static_cast<double>(room[c]);
  }
}

void meanForward(const PoolGeometry& pool, const float* x, float* y, int64_t first, int64_t last) {
  const int64_t channels = pool.channels;
  const int64_t line = pool.width * channels;
  for (int64_t row = first; row < last; row++) {
    const float* image = x + row / pool.outHeight * pool.height * line;
    const Taps down(row % pool.outHeight, pool.strideDown, pool.top, pool.tapsDown, pool.height);
    float* out = y + row * pool.outWidth * channels;
    for (int64_t column = 0; column < pool.outWidth; column++, out += channels) {
      const Taps across(column, pool.strideAcross, pool.left, pool.tapsAcross, pool.width);
      const float* corner = image + (down.start + down.from) * line + (across.start + across.from) * channels;
      const auto count = static_cast<float>(down.count() * across.count());
      for (int64_t c = 0; c < channels; c++) out[c] = 0;
      for (int64_t i = 0; i < down.count(); i++) {
        for (int64_t j = 0; j < across.count(); j++) {
          const float* tap = corner + i * line + j * channels;
#pragma GCC ivdep
          for (int64_t c = 0; c < channels; c++) out[c] += tap[c];
        }
      }
      for (int64_t c = 0; c < channels; c++) out[c] /= count;
    }
  }
}

void meanBackward(const PoolGeometry& pool, const float* g, float* dx, int64_t first, int64_t last) {
  const int64_t channels = pool.channels;
  const int64_t line = pool.width * channels;
  for (int64_t image = first; image < last; image++) {
    float* out = dx + image * pool.height * line;
    clear(out, pool.height * line);
    for (int64_t row = 0; row < pool.outHeight; row++) {
      const Taps down(row, pool.strideDown, pool.top, pool.tapsDown, pool.height);
      const float* slopes = g + (image * pool.outHeight + row) * pool.outWidth * channels;
      for (int64_t column = 0; column < pool.outWidth; column++, slopes += channels) {
        const Taps across(column, pool.strideAcross, pool.left, pool.tapsAcross, pool.width);
        const int64_t corner = (down.start + down.from) * line + (across.start + across.from) * channels;
        const auto count = static_cast<float>(down.count() * across.count());
        for (int64_t i = 0; i < down.count(); i++) {
          for (int64_t j = 0; j < across.count(); j++) {
            float* tap = out + corner + i * line + j * channels;
#pragma GCC ivdep
            for (int64_t c = 0; c < channels; c++) tap[c] += slopes[c] / count;
          }
        }
      }
    }
  }
}

}  // namespace

extern const PoolRoutines poolRoutines;
const PoolRoutines poolRoutines = {maxForward, maxBackward, maxBackwardRelu, meanForward, meanBackward};

}  // namespace ANTLER_ISA
}  // namespace antler
