// Softmax, cross-entropies and layer normalization: rows that are read more than once while they are in the cache.
#include <cmath>

#include "fusedTables.h"
#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

constexpr float infinity = __builtin_inff();

/** The largest entry, or 0 where that is not finite. */
inline float topOf(const float* x, int64_t n) {
  Vector top = all(-infinity);
  for (int64_t j = 0; j < n; j += lanes) top = larger(top, loadPart(x + j, n - j, -infinity));
  const float most = largestOf(top);
  return __builtin_fabsf(most) < infinity ? most : 0;
}

/** Writes e^(x − top) where asked to, and gives the sum. */
inline float exponentials(const float* x, float top, float* e, int64_t n) {
  Vector sum = {};
  for (int64_t j = 0; j < n; j += lanes) {
    const Vector value = exponential(loadPart(x + j, n - j, -infinity) - top);
    if (e != nullptr) storePart(e + j, value, n - j);
    sum += value;
  }
  return sumOf(sum);
}

void softmax(const float* x, float* y, int64_t rows, int64_t n) {
  for (int64_t row = 0; row < rows; row++, x += n, y += n) {
    const float sum = exponentials(x, topOf(x, n), y, n);
    for (int64_t j = 0; j < n; j += lanes) storePart(y + j, loadPart(y + j, n - j) / sum, n - j);
  }
}

inline float logarithm(float x) { return static_cast<float>(::log(static_cast<double>(x))); }

void logSoftmax(const float* x, float* y, int64_t rows, int64_t n) {
  for (int64_t row = 0; row < rows; row++, x += n, y += n) {
    const float top = topOf(x, n);
    const float log = logarithm(exponentials(x, top, nullptr, n));
    for (int64_t j = 0; j < n; j += lanes) storePart(y + j, (loadPart(x + j, n - j) - top) - log, n - j);
  }
}

void softmaxBackward(const float* y, const float* g, float* dx, int64_t rows, int64_t n) {
  for (int64_t row = 0; row < rows; row++, y += n, g += n, dx += n) {
    Vector along = {};
    for (int64_t j = 0; j < n; j += lanes) along += loadPart(g + j, n - j) * loadPart(y + j, n - j);
    const float sum = sumOf(along);
    for (int64_t j = 0; j < n; j += lanes) {
      storePart(dx + j, loadPart(y + j, n - j) * (loadPart(g + j, n - j) - sum), n - j);
    }
  }
}

void logSoftmaxBackward(const float* y, const float* g, float* dx, int64_t rows, int64_t n) {
  for (int64_t row = 0; row < rows; row++, y += n, g += n, dx += n) {
    Vector along = {};
    for (int64_t j = 0; j < n; j += lanes) along += loadPart(g + j, n - j);
    const float sum = sumOf(along);
    for (int64_t j = 0; j < n; j += lanes) {
      storePart(dx + j, loadPart(g + j, n - j) - exponential(loadPart(y + j, n - j)) * sum, n - j);
    }
  }
}

void crossEntropy(const float* x, const float* targets, float* y, int64_t rows, int64_t n) {
  for (int64_t row = 0; row < rows; row++, x += n, targets += n) {
    const float top = topOf(x, n);
    const float log = logarithm(exponentials(x, top, nullptr, n));
    Vector sum = {};
    for (int64_t j = 0; j < n; j += lanes) {
      sum += loadPart(targets + j, n - j) * ((loadPart(x + j, n - j, top) - top) - log);
    }
    y[row] = -sumOf(sum);
  }
}

void crossEntropyBackward(const float* x, const float* targets, const float* g, float* dx, int64_t rows, int64_t n) {
  for (int64_t row = 0; row < rows; row++, x += n, targets += n, dx += n) {
    const float sum = exponentials(x, topOf(x, n), dx, n);
    Vector all = {};
    for (int64_t j = 0; j < n; j += lanes) all += loadPart(targets + j, n - j);
    const float wished = sumOf(all);
    for (int64_t j = 0; j < n; j += lanes) {
      const Vector p = loadPart(dx + j, n - j) / sum;
      storePart(dx + j, (p * wished - loadPart(targets + j, n - j)) * g[row], n - j);
    }
  }
}

void sparseCrossEntropyBackward(const float* x, const int32_t* labels, const float* g, float* dx, int64_t rows,
                                int64_t n) {
  for (int64_t row = 0; row < rows; row++, x += n, dx += n) {
    const float sum = exponentials(x, topOf(x, n), dx, n);
    const int64_t label = labels[row] < 0 ? labels[row] + n : labels[row];
    for (int64_t j = 0; j < n; j += lanes) storePart(dx + j, loadPart(dx + j, n - j) / sum, n - j);
    if (label >= 0 && label < n) dx[label] -= 1.0f;
    for (int64_t j = 0; j < n; j += lanes) storePart(dx + j, loadPart(dx + j, n - j) * g[row], n - j);
  }
}

void layerNorm(const float* x, const float* gamma, const float* beta, double epsilon, float* y, float* mean,
               float* inverse, int64_t rows, int64_t n) {
  for (int64_t row = 0; row < rows; row++, x += n, y += n) {
    Vector sum = {};
    for (int64_t j = 0; j < n; j += lanes) sum += loadPart(x + j, n - j);
    const auto middle = static_cast<float>(static_cast<double>(sumOf(sum)) / static_cast<double>(n));
    Vector squares = {};
    for (int64_t j = 0; j < n; j += lanes) {
      const Vector centred = loadPart(x + j, n - j, middle) - middle;
      squares += centred * centred;
    }
    const float variance = sumOf(squares) / static_cast<float>(n);
    const float scale = 1.0f / std::sqrt(variance + static_cast<float>(epsilon));
    mean[row] = middle;
    inverse[row] = scale;
    for (int64_t j = 0; j < n; j += lanes) {
      const Vector z = (loadPart(x + j, n - j) - middle) * scale;
      storePart(y + j, z * loadPart(gamma + j, n - j) + loadPart(beta + j, n - j), n - j);
    }
  }
}

constexpr int64_t flushedRows = 64;

void layerNormBackward(const float* x, const float* gamma, const float* mean, const float* inverse, const float* g,
                       float* dx, double* dGamma, double* dBeta, float* room, int64_t rows, int64_t n) {
  float* ofGamma = room;
  float* ofBeta = room + n;
  const auto count = static_cast<float>(n);
  for (int64_t begin = 0; begin < rows; begin += flushedRows) {
    const int64_t end = begin + flushedRows < rows ? begin + flushedRows : rows;
    for (int64_t j = 0; j < 2 * n; j++) room[j] = 0;
    for (int64_t row = begin; row < end; row++, x += n, g += n, dx += n) {
      const float middle = mean[row];
      const float scale = inverse[row];
      Vector sums = {};
      Vector products = {};
      for (int64_t j = 0; j < n; j += lanes) {
        const Vector slope = loadPart(g + j, n - j);
        const Vector z = (loadPart(x + j, n - j, middle) - middle) * scale;
        const Vector h = slope * loadPart(gamma + j, n - j);
        const Vector along = slope * z;
        storePart(ofGamma + j, loadPart(ofGamma + j, n - j) + along, n - j);
        storePart(ofBeta + j, loadPart(ofBeta + j, n - j) + slope, n - j);
        sums += h;
        products += h * z;
      }
      const float offset = sumOf(sums) / count;
      const float slant = sumOf(products) / count;
      for (int64_t j = 0; j < n; j += lanes) {
        const Vector z = (loadPart(x + j, n - j, middle) - middle) * scale;
        const Vector h = loadPart(g + j, n - j) * loadPart(gamma + j, n - j);
        storePart(dx + j, ((h - offset) - z * slant) * scale, n - j);
      }
    }
    for (int64_t j = 0; j < n; j++) dGamma[j] += static_cast<double>(ofGamma[j]);
    for (int64_t j = 0; j < n; j++) dBeta[j] += static_cast<double>(ofBeta[j]);
  }
}

}  // namespace

extern const RowRoutines rowRoutines;
const RowRoutines rowRoutines = {softmax,
                                 logSoftmax,
                                 softmaxBackward,
                                 logSoftmaxBackward,
                                 crossEntropy,
                                 crossEntropyBackward,
                                 sparseCrossEntropyBackward,
                                 layerNorm,
                                 layerNormBackward};

}  // namespace ANTLER_ISA
}  // namespace antler
