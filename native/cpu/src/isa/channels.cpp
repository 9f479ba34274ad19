// Batch normalization: sums over pixels in float32, carried over to doubles before they grow, and maps with parameters
// that repeat. Rows of repeated channels let the compiler use whole vectors whatever their number.
#include "fusedTables.h"
#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

/** Rows whose sums stay in float32. */
constexpr int64_t flushedRows = 128;

void flush(double* sums, float* room, int64_t width) {
  for (int64_t j = 0; j < width; j++) sums[j] += static_cast<double>(room[j]);
  for (int64_t j = 0; j < width; j++) room[j] = 0;
}

/** Calls f(x's offset, entries) for each row of `width` floats, the last of which may be shorter, and flushes. */
template <class F>
inline void rowsOf(int64_t count, int64_t width, double* first, double* second, float* room, const F& f) {
  for (int64_t j = 0; j < 2 * width; j++) room[j] = 0;
  int64_t rows = 0;
  for (int64_t at = 0; at < count; at += width) {
    f(at, count - at < width ? count - at : width);
    if (++rows == flushedRows) {
      flush(first, room, width);
      flush(second, room + width, width);
      rows = 0;
    }
  }
  flush(first, room, width);
  flush(second, room + width, width);
}

void moments(const float* x, const float* pivot, double* sums, double* squares, float* room, int64_t count,
             int64_t width) {
  float* __restrict first = room;
  float* __restrict second = room + width;
  rowsOf(count, width, sums, squares, room, [&](int64_t at, int64_t n) {
    const float* row = x + at;
#pragma GCC ivdep
    for (int64_t j = 0; j < n; j++) {
      const float away = row[j] - pivot[j];
      first[j] += away;
      second[j] += away * away;
    }
  });
}

void normalize(const float* x, const float* mean, const float* scale, const float* shift, float* y, int64_t count,
               int64_t width) {
  for (int64_t at = 0; at < count; at += width) {
    const int64_t n = count - at < width ? count - at : width;
    const float* row = x + at;
    float* out = y + at;
#pragma GCC ivdep
    for (int64_t j = 0; j < n; j++) out[j] = (row[j] - mean[j]) * scale[j] + shift[j];
  }
}

void slopes(const float* x, const float* mean, const float* g, double* sums, double* products, float* room,
            int64_t count, int64_t width) {
  float* __restrict first = room;
  float* __restrict second = room + width;
  rowsOf(count, width, sums, products, room, [&](int64_t at, int64_t n) {
    const float* row = x + at;
    const float* slope = g + at;
#pragma GCC ivdep
    for (int64_t j = 0; j < n; j++) {
      first[j] += slope[j];
      second[j] += slope[j] * (row[j] - mean[j]);
    }
  });
}

void denormalize(const float* x, const float* mean, const float* scale, const float* offset, const float* slant,
                 const float* g, float* dx, int64_t count, int64_t width) {
  for (int64_t at = 0; at < count; at += width) {
    const int64_t n = count - at < width ? count - at : width;
    const float* row = x + at;
    const float* slope = g + at;
    float* out = dx + at;
#pragma GCC ivdep
    for (int64_t j = 0; j < n; j++) out[j] = scale[j] * (slope[j] - (offset[j] + (row[j] - mean[j]) * slant[j]));
  }
}

}  // namespace

extern const ChannelRoutines channelRoutines;
const ChannelRoutines channelRoutines = {moments, normalize, slopes, denormalize};

}  // namespace ANTLER_ISA
}  // namespace antler
