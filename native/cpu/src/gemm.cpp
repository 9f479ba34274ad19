#include "gemm.h"

#include <algorithm>
#include <cstring>

#include "parallel.h"

namespace antler {
namespace {

// A block of a stays in the second-level cache of its core, the panels of b in the shared one.
constexpr int64_t blockRows = 96;
constexpr int64_t blockDepth = 256;
constexpr int64_t blockColumns = 2048;

int64_t panelsOf(int64_t lines, int64_t width) { return (lines + width - 1) / width; }

/** Copies lines into a panel, k by k; missing lines are zeros. */
template <class T, class From>
void pack(T* panel, const Matrix& matrix, int64_t first, int64_t count, int64_t width, int64_t start, int64_t depth) {
  const From* base = reinterpret_cast<const From*>(matrix.base);
  const int64_t* along = matrix.depth + start;
  if (count < width) std::fill_n(panel, width * depth, T(0));
  const int64_t* lines = matrix.lines + first;
  const bool neighbours = count == width && lines[width - 1] - lines[0] == width - 1 && lines[1] - lines[0] == 1;
  if (neighbours) {
    bool even = true;
    for (int64_t i = 1; even && i < width; i++) even = lines[i] - lines[i - 1] == 1;
    if (even) {
      for (int64_t k = 0; k < depth; k++) {
        const From* from = base + lines[0] + along[k];
        for (int64_t i = 0; i < width; i++) panel[k * width + i] = static_cast<T>(from[i]);
      }
      return;
    }
  }
  for (int64_t i = 0; i < count; i++) {
    const From* line = base + lines[i];
    for (int64_t k = 0; k < depth; k++) panel[k * width + i] = static_cast<T>(line[along[k]]);
  }
}

void packAs(DType dtype, char* panel, const Matrix& matrix, int64_t first, int64_t count, int64_t width, int64_t start,
            int64_t depth) {
  switch (dtype) {
    case DType::Bool:
    case DType::Float16:
    case DType::Bfloat16: return;
    case DType::Int8:
      return pack<uint32_t, int8_t>(reinterpret_cast<uint32_t*>(panel), matrix, first, count, width, start, depth);
    case DType::Uint8:
      return pack<uint32_t, uint8_t>(reinterpret_cast<uint32_t*>(panel), matrix, first, count, width, start, depth);
    case DType::Int32:
    case DType::Uint32:
      return pack<uint32_t, uint32_t>(reinterpret_cast<uint32_t*>(panel), matrix, first, count, width, start, depth);
    case DType::Float32:
      return pack<float, float>(reinterpret_cast<float*>(panel), matrix, first, count, width, start, depth);
    case DType::Float64:
      return pack<double, double>(reinterpret_cast<double*>(panel), matrix, first, count, width, start, depth);
  }
}

}  // namespace

Gemm::Gemm(DType dtype, int64_t m, int64_t n, int64_t k, Compiler& compiler)
    : dtype_(dtype),
      multiplier_(&routines().multiplier(dtype)),
      threads_(threadsFor(costOf(m, n, k), compiler.threads())) {
  const int64_t bytes = sizeOf(sumsOf(dtype));
  const int64_t depth = std::min(blockDepth, k);
  const auto whole = [](int64_t lines, int64_t width) { return panelsOf(lines, width) * width; };
  bytesA_ = (whole(std::min(blockRows, m), multiplier_->rows) * depth * bytes + 63) / 64 * 64;
  panelsA_ = compiler.privateSlot(bytesA_ * threads_);
  panelsB_ = compiler.privateSlot(whole(std::min(blockColumns, n), multiplier_->width) * depth * bytes);
}

void Gemm::run(const Frame& frame, int64_t m, int64_t n, int64_t k, const Matrix& a, const Matrix& b, char* c,
               int64_t stride, bool add) const {
  const int64_t bytes = sizeOf(sumsOf(dtype_));
  const int64_t height = multiplier_->rows;
  const int64_t width = multiplier_->width;
  const int threads = std::min(frame.threads, threads_);
  if (k == 0 && !add) {
    for (int64_t row = 0; row < m; row++) std::memset(c + row * stride * bytes, 0, static_cast<size_t>(n * bytes));
  }
  char* panelsB = frame.slots[panelsB_];
  for (int64_t left = 0; left < n; left += blockColumns) {
    const int64_t columns = std::min(blockColumns, n - left);
    for (int64_t start = 0; start < k; start += blockDepth) {
      const int64_t depth = std::min(blockDepth, k - start);
      parallel(threads, panelsOf(columns, width), [&](int, int64_t from, int64_t to) {
        for (int64_t p = from; p < to; p++) {
          packAs(dtype_, panelsB + p * width * depth * bytes, b, left + p * width,
                 std::min(width, columns - p * width), width, start, depth);
        }
      });
      parallel(threads, panelsOf(m, blockRows), [&](int thread, int64_t from, int64_t to) {
        char* panelsA = frame.slots[panelsA_] + thread * bytesA_;
        alignas(64) char tile[8 * 64 * 2];
        for (int64_t block = from; block < to; block++) {
          const int64_t top = block * blockRows;
          const int64_t rows = std::min(blockRows, m - top);
          for (int64_t i = 0; i < rows; i += height) {
            packAs(dtype_, panelsA + i * depth * bytes, a, top + i, std::min(height, rows - i), height, start, depth);
          }
          for (int64_t j = 0; j < columns; j += width) {
            const char* right = panelsB + j * depth * bytes;
            for (int64_t i = 0; i < rows; i += height) {
              char* to = c + ((top + i) * stride + left + j) * bytes;
              const bool adds = add || start > 0;
              const int64_t high = std::min(height, rows - i);
              const int64_t wide = std::min(width, columns - j);
              if (high == height && wide == width) {
                multiplier_->multiply(to, stride, panelsA + i * depth * bytes, right, depth, adds);
                continue;
              }
              for (int64_t row = 0; adds && row < high; row++) {
                std::memcpy(tile + row * width * bytes, to + row * stride * bytes, static_cast<size_t>(wide * bytes));
              }
              multiplier_->multiply(tile, width, panelsA + i * depth * bytes, right, depth, adds);
              for (int64_t row = 0; row < high; row++) {
                std::memcpy(to + row * stride * bytes, tile + row * width * bytes, static_cast<size_t>(wide * bytes));
              }
            }
          }
        }
      });
    }
  }
}

}  // namespace antler
