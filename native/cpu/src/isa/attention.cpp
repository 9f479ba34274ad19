// Scaled dot-product attention, a head at a time, in blocks of queries: no matrix of weights leaves the cache, and what a
// causal query cannot see is not computed. The gradient computes the weights again.
#include "fusedTables.h"
#include "panel.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

constexpr int64_t blockQueries = 16;
static_assert(blockQueries % lanes == 0);
/** Weights of as many queries as fit so many floats are kept at once on the way back. */
constexpr int64_t keptWeights = 32 * 1024;
/** The score of a key that is not to be seen: finite, so that a row of them has equal weights. */
constexpr float hidden = 0.7f * -3.40282346638528859812e38f;

int64_t whole(int64_t n) { return (n + lanes - 1) / lanes * lanes; }
int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

Ints counting() {
  Ints numbers;
  for (int64_t i = 0; i < lanes; i++) numbers[i] = static_cast<int32_t>(i);
  return numbers;
}

typedef int32_t FourInts __attribute__((vector_size(16)));
#ifdef __clang__
#define ANTLER_SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define ANTLER_SHUFFLE(a, b, i, j, k, l) __builtin_shuffle(a, b, FourInts{i, j, k, l})
#endif

inline void transposeFour(const float* from, int64_t stride, float* to, int64_t width) {
  Four rows[4];
  for (int64_t i = 0; i < 4; i++) __builtin_memcpy(&rows[i], from + i * stride, sizeof(Four));
  const Four a = ANTLER_SHUFFLE(rows[0], rows[1], 0, 4, 1, 5);
  const Four b = ANTLER_SHUFFLE(rows[0], rows[1], 2, 6, 3, 7);
  const Four c = ANTLER_SHUFFLE(rows[2], rows[3], 0, 4, 1, 5);
  const Four d = ANTLER_SHUFFLE(rows[2], rows[3], 2, 6, 3, 7);
  const Four columns[4] = {ANTLER_SHUFFLE(a, c, 0, 1, 4, 5), ANTLER_SHUFFLE(a, c, 2, 3, 6, 7),
                           ANTLER_SHUFFLE(b, d, 0, 1, 4, 5), ANTLER_SHUFFLE(b, d, 2, 3, 6, 7)};
  for (int64_t i = 0; i < 4; i++) __builtin_memcpy(to + i * width, &columns[i], sizeof(Four));
}

/** out[j][i] = rows[i][j], the rows padded with zeros to whole vectors. */
void transpose(const float* rows, int64_t stride, int64_t count, int64_t size, float* out) {
  const int64_t width = whole(count);
  const int64_t covered = size / 4 * 4;
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (int64_t j = 0; j < covered; j += 4) transposeFour(rows + i * stride + j, stride, out + j * width + i, width);
    for (int64_t j = covered; j < size; j++) {
      for (int64_t k = 0; k < 4; k++) out[j * width + i + k] = rows[(i + k) * stride + j];
    }
  }
  for (; i < width; i++) {
    for (int64_t j = 0; j < size; j++) out[j * width + i] = i < count ? rows[i * stride + j] : 0;
  }
}

/** Asks for some of the rows that come next: they lie apart, where the processor does not look ahead. */
inline void announce(const float* rows, int64_t stride, int64_t from, int64_t to, int64_t size) {
  for (int64_t i = from; i < to; i++) {
    for (int64_t j = 0; j < size; j += 16) __builtin_prefetch(rows + i * stride + j);
  }
}

/** Rows padded with zeros to whole vectors. */
void copyRows(const float* rows, int64_t stride, int64_t count, int64_t size, float* out) {
  const int64_t width = whole(size);
  for (int64_t i = 0; i < count; i++) {
    for (int64_t j = 0; j < width; j += lanes) store(out + i * width + j, loadPart(rows + i * stride + j, size - j));
  }
}

/** The first `size` entries of rows of whole vectors, in their places. */
void placeRows(const float* from, int64_t count, int64_t size, float* rows, int64_t stride) {
  const int64_t width = whole(size);
  for (int64_t i = 0; i < count; i++) {
    for (int64_t j = 0; j < size; j += lanes) storePart(rows + i * stride + j, load(from + i * width + j), size - j);
  }
}

/** Which of the lanes of a row are to be seen, from key j on. */
inline Ints seenFrom(int64_t j, Ints numbers, int64_t visible, int64_t keys, const uint8_t* mask) {
  const Ints key = numbers + static_cast<int32_t>(j);
  Ints seen = key < static_cast<int32_t>(visible);
  if (mask != nullptr) {
    Ints bytes;
    for (int64_t i = 0; i < lanes; i++) bytes[i] = j + i < keys ? mask[j + i] : 0;
    seen &= bytes != 0;
  }
  return seen;
}

/** Where one head's arrays begin. */
struct Head {
  int64_t queries, keys, ofRows, rowQ, rowV;

  Head(const AttentionGeometry& a, int64_t number)
      : queries((number / a.heads * a.queries * a.heads + number % a.heads) * a.depth),
        keys((number / a.heads * a.keys * a.heads + number % a.heads) * a.depth),
        ofRows(number * a.queries),
        rowQ(a.heads * a.depth),
        rowV(a.heads * a.values) {}
  /** Of an array of another depth. */
  static int64_t scaled(int64_t start, int64_t from, int64_t to) { return start / from * to; }
};

int64_t forwardRoom(const AttentionGeometry& a) {
  return (a.depth + blockQueries) * whole(a.keys) + (a.keys + blockQueries) * whole(a.values);
}

void forward(const AttentionRoutines::Forward& call, float* room, int64_t from, int64_t to) {
  const AttentionGeometry& a = call.shape;
  const int64_t width = whole(a.keys);
  const int64_t out = whole(a.values);
  float* transposed = room;
  float* scores = transposed + a.depth * width;
  float* values = scores + blockQueries * width;
  float* mixed = values + a.keys * out;
  const Ints numbers = counting();
  for (int64_t number = from; number < to; number++) {
    const Head head(a, number);
    const float* q = call.q + head.queries;
    transpose(call.k + head.keys, head.rowQ, a.keys, a.depth, transposed);
    copyRows(call.v + Head::scaled(head.keys, a.depth, a.values), head.rowV, a.keys, a.values, values);
    float* y = call.y + Head::scaled(head.queries, a.depth, a.values);
    for (int64_t first = 0; first < a.queries; first += blockQueries) {
      const int64_t count = least(blockQueries, a.queries - first);
      if (number + 1 < to) {
        const Head next(a, number + 1);
        const int64_t end = least(first + blockQueries, a.keys);
        announce(call.q + next.queries, next.rowQ, first, first + count, a.depth);
        announce(call.k + next.keys, next.rowQ, first, end, a.depth);
        announce(call.v + Head::scaled(next.keys, a.depth, a.values), next.rowV, first, end, a.values);
      }
      int64_t limit = a.causal ? least(width, whole(first + count)) : width;
      multiply({q + first * head.rowQ, head.rowQ, 1}, transposed, width, a.depth, scores, width, count, limit, false);
      float tops[blockQueries];
      bool blind = false;
      for (int64_t r = 0; r < count; r++) {
        const int64_t visible = a.causal ? least(first + r + 1, a.keys) : a.keys;
        const uint8_t* mask = call.mask == nullptr ? nullptr : call.mask + (head.ofRows + first + r) * a.keys;
        float* row = scores + r * width;
        Vector top = all(-__builtin_inff());
        for (int64_t j = 0; j < limit; j += lanes) {
          const Vector known = seenFrom(j, numbers, visible, a.keys, mask) ? load(row + j) * a.scale : all(hidden);
          const Vector x = numbers + static_cast<int32_t>(j) < static_cast<int32_t>(a.keys) ? known : all(-__builtin_inff());
          store(row + j, x);
          top = larger(top, x);
        }
        tops[r] = largestOf(top);
        // Keys past the limit count when nothing before it is larger than they are.
        if (visible < a.keys && tops[r] <= hidden) {
          tops[r] = hidden;
          blind = true;
        }
      }
      if (blind && limit < width) {
        for (int64_t r = 0; r < count; r++) {
          for (int64_t j = limit; j < width; j++) scores[r * width + j] = j < a.keys ? hidden : -__builtin_inff();
        }
        limit = width;
      }
      float inverses[blockQueries];
      for (int64_t r = 0; r < count; r++) {
        float* row = scores + r * width;
        Vector sum = {};
        for (int64_t j = 0; j < limit; j += lanes) {
          const Vector e = exponential(load(row + j) - tops[r]);
          store(row + j, e);
          sum += e;
        }
        const float total = sumOf(sum);
        call.top[head.ofRows + first + r] = tops[r];
        call.sum[head.ofRows + first + r] = total;
        inverses[r] = 1.0f / total;
      }
      multiply({scores, width, 1}, values, out, least(limit, a.keys), mixed, out, count, out, false);
      for (int64_t r = 0; r < count; r++) {
        for (int64_t j = 0; j < out; j += lanes) store(mixed + r * out + j, load(mixed + r * out + j) * inverses[r]);
      }
      placeRows(mixed, count, a.values, y + first * head.rowV, head.rowV);
    }
  }
}

int64_t chunkOf(const AttentionGeometry& a) {
  const int64_t fitting = keptWeights / whole(a.keys) / blockQueries * blockQueries;
  const int64_t chunk = fitting < blockQueries ? blockQueries : fitting;
  const int64_t queries = (a.queries + blockQueries - 1) / blockQueries * blockQueries;
  return least(chunk, queries);
}

int64_t backwardRoom(const AttentionGeometry& a) {
  const int64_t chunk = chunkOf(a);
  const int64_t width = whole(a.keys);
  return (a.depth + a.values + 2 * chunk) * width + a.keys * whole(a.depth) + chunk * (whole(a.depth) + whole(a.values)) +
         width * (whole(a.depth) + whole(a.values)) + blockQueries * whole(a.depth);
}

void backward(const AttentionRoutines::Backward& call, float* room, int64_t from, int64_t to) {
  const AttentionGeometry& a = call.shape;
  const int64_t width = whole(a.keys);
  const int64_t depth = whole(a.depth);
  const int64_t out = whole(a.values);
  const int64_t chunk = chunkOf(a);
  float* ofKeys = room;
  float* ofValues = ofKeys + a.depth * width;
  float* weights = ofValues + a.values * width;
  float* slopes = weights + chunk * width;
  float* keys = slopes + chunk * width;
  float* queries = keys + a.keys * depth;
  float* cotangents = queries + chunk * depth;
  float* dKeys = cotangents + chunk * out;
  float* dValues = dKeys + width * depth;
  float* dQueries = dValues + width * out;
  const Ints numbers = counting();
  for (int64_t number = from; number < to; number++) {
    const Head head(a, number);
    const int64_t valueStart = Head::scaled(head.keys, a.depth, a.values);
    const int64_t outStart = Head::scaled(head.queries, a.depth, a.values);
    transpose(call.k + head.keys, head.rowQ, a.keys, a.depth, ofKeys);
    transpose(call.v + valueStart, head.rowV, a.keys, a.values, ofValues);
    copyRows(call.k + head.keys, head.rowQ, a.keys, a.depth, keys);
    for (int64_t start = 0; start < a.queries; start += chunk) {
      const int64_t some = least(chunk, a.queries - start);
      copyRows(call.q + head.queries + start * head.rowQ, head.rowQ, some, a.depth, queries);
      copyRows(call.g + outStart + start * head.rowV, head.rowV, some, a.values, cotangents);
      bool blind = !a.causal;
      for (int64_t r = 0; r < some; r++) blind = blind || call.top[head.ofRows + start + r] <= hidden;
      for (int64_t first = 0; first < some; first += blockQueries) {
        const int64_t count = least(blockQueries, some - first);
        // Up to the end of the block of keys, whose weights are read as a whole below.
        const int64_t limit = blind ? width : least(width, start + first + blockQueries);
        if (number + 1 < to) {
          const Head next(a, number + 1);
          const int64_t begin = start + first;
          const int64_t end = least(begin + blockQueries, a.keys);
          const int64_t nextOut = Head::scaled(next.queries, a.depth, a.values);
          announce(call.q + next.queries, next.rowQ, begin, begin + count, a.depth);
          announce(call.g + nextOut, next.rowV, begin, begin + count, a.values);
          announce(call.y + nextOut, next.rowV, begin, begin + count, a.values);
          announce(call.k + next.keys, next.rowQ, begin, end, a.depth);
          announce(call.v + Head::scaled(next.keys, a.depth, a.values), next.rowV, begin, end, a.values);
        }
        multiply({queries + first * depth, depth, 1}, ofKeys, width, a.depth, weights + first * width, width, count, limit,
                 false);
        multiply({cotangents + first * out, out, 1}, ofValues, width, a.values, slopes + first * width, width, count,
                 limit, false);
        for (int64_t r = first; r < first + count; r++) {
          const int64_t query = start + r;
          const int64_t visible = a.causal ? least(query + 1, a.keys) : a.keys;
          const uint8_t* mask = call.mask == nullptr ? nullptr : call.mask + (head.ofRows + query) * a.keys;
          const float top = call.top[head.ofRows + query];
          const float inverse = 1.0f / call.sum[head.ofRows + query];
          const float* y = call.y + outStart + query * head.rowV;
          Vector along = {};
          for (int64_t j = 0; j < a.values; j += lanes) {
            along += loadPart(y + j, a.values - j) * load(cotangents + r * out + j);
          }
          const float mean = sumOf(along);
          float* p = weights + r * width;
          float* d = slopes + r * width;
          for (int64_t j = 0; j < limit; j += lanes) {
            const Ints seen = seenFrom(j, numbers, visible, a.keys, mask);
            const Ints real = numbers + static_cast<int32_t>(j) < static_cast<int32_t>(a.keys);
            const Vector x = seen ? load(p + j) * a.scale : all(hidden);
            const Vector weight = real ? exponential(x - top) * inverse : all(0);
            store(d + j, seen ? weight * (load(d + j) - mean) * a.scale : all(0));
            store(p + j, weight);
          }
        }
        multiply({slopes + first * width, width, 1}, keys, depth, least(limit, a.keys), dQueries, depth, count, depth,
                 false);
        placeRows(dQueries, count, a.depth, call.dq + head.queries + (start + first) * head.rowQ, head.rowQ);
      }
      for (int64_t key = 0; key < a.keys; key += blockQueries) {
        const int64_t count = least(blockQueries, a.keys - key);
        // Queries before the key have not seen it.
        const int64_t skipped = blind || key < start ? 0 : least(key - start, some);
        const int64_t rest = some - skipped;
        const Left ofWeights{weights + skipped * width + key, 1, width};
        const Left ofSlopes{slopes + skipped * width + key, 1, width};
        multiply(ofWeights, cotangents + skipped * out, out, rest, dValues + key * out, out, count, out, start > 0);
        multiply(ofSlopes, queries + skipped * depth, depth, rest, dKeys + key * depth, depth, count, depth, start > 0);
      }
    }
    placeRows(dKeys, a.keys, a.depth, call.dk + head.keys, head.rowQ);
    placeRows(dValues, a.keys, a.values, call.dv + valueStart, head.rowV);
  }
}

}  // namespace

extern const AttentionRoutines attentionRoutines;
const AttentionRoutines attentionRoutines = {forwardRoom, backwardRoom, forward, backward};

}  // namespace ANTLER_ISA
}  // namespace antler
