// Reductions. Sums and products are kept in 64 bits: doubles hold every float32 and the product of any two, so they are
// rounded once, at the end, and integers wrap as if they had been folded in their own width. The largest and the smallest
// value are kept in their own dtype.
#include <cstdint>

#include "tables.h"
#include "width.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

template <class A> struct Same { using Integer = int64_t; };
template <> struct Same<float> { using Integer = int32_t; };

template <class A> constexpr bool floating = false;
template <> constexpr bool floating<float> = true;
template <> constexpr bool floating<double> = true;

template <class A> using Vector __attribute__((vector_size(vectorBytes))) = A;
template <class A> constexpr int lanesOf = vectorBytes / static_cast<int>(sizeof(A));

/** NaN wins, and +0 is larger than -0: equal numbers differ in the sign of zero alone. */
template <class V, class I>
inline V mostOf(V x, V y) {
  const V both = (V)((I)x & (I)y);
  return x > y ? x : (x < y ? y : (x == y ? both : x + y));
}
template <class V, class I>
inline V leastOf(V x, V y) {
  const V both = (V)((I)x | (I)y);
  return x < y ? x : (x > y ? y : (x == y ? both : x + y));
}

template <class A>
inline A asNumber(typename Same<A>::Integer bits) {
  A x;
  __builtin_memcpy(&x, &bits, sizeof(x));
  return x;
}
template <class A>
inline typename Same<A>::Integer asBits(A x) {
  typename Same<A>::Integer bits;
  __builtin_memcpy(&bits, &x, sizeof(bits));
  return bits;
}

struct Sum {
  template <class A> static Vector<A> vector(Vector<A> x, Vector<A> y) { return x + y; }
  template <class A> static A single(A x, A y) { return x + y; }
};
struct Prod {
  template <class A> static Vector<A> vector(Vector<A> x, Vector<A> y) { return x * y; }
  template <class A> static A single(A x, A y) { return x * y; }
};
struct Most {
  template <class A> static Vector<A> vector(Vector<A> x, Vector<A> y) {
    if constexpr (floating<A>) return mostOf<Vector<A>, Vector<typename Same<A>::Integer>>(x, y);
    else return x > y ? x : y;
  }
  template <class A> static A single(A x, A y) {
    if constexpr (floating<A>) {
      if (x > y) return x;
      if (x < y) return y;
      return x == y ? asNumber<A>(asBits(x) & asBits(y)) : x + y;
    } else {
      return x > y ? x : y;
    }
  }
};
struct Least {
  template <class A> static Vector<A> vector(Vector<A> x, Vector<A> y) {
    if constexpr (floating<A>) return leastOf<Vector<A>, Vector<typename Same<A>::Integer>>(x, y);
    else return x < y ? x : y;
  }
  template <class A> static A single(A x, A y) {
    if constexpr (floating<A>) {
      if (x < y) return x;
      if (x > y) return y;
      return x == y ? asNumber<A>(asBits(x) | asBits(y)) : x + y;
    } else {
      return x < y ? x : y;
    }
  }
};

template <class A, class T>
inline Vector<A> load(const T* values) {
  Vector<A> loaded;
  for (int lane = 0; lane < lanesOf<A>; lane++) loaded[lane] = static_cast<A>(values[lane]);
  return loaded;
}

/** Vectors of accumulators, so that additions need not wait for each other. */
constexpr int chains = 4;

/** So far ahead memory is asked for what a row goes on with: processors stop looking ahead at the end of a page. */
constexpr int64_t aheadBytes = 8192;

template <class F, class A>
inline A foldLanes(Vector<A> vector) {
  A parts[lanesOf<A>];
  __builtin_memcpy(parts, &vector, sizeof(parts));
  for (int half = lanesOf<A> / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) parts[i] = F::template single<A>(parts[i], parts[i + half]);
  }
  return parts[0];
}

template <class F, class A, class T>
void rows(void* out, const void* in, int64_t panel, int64_t depth, int64_t stride) {
  constexpr int lanes = lanesOf<A>;
  constexpr int step = chains * lanes;
  A* sums = static_cast<A*>(out);
  for (int64_t p = 0; p < panel; p++) {
    const T* values = static_cast<const T*>(in) + p * stride;
    A sum = sums[p];
    int64_t d = 0;
    if (depth >= lanes) {
      Vector<A> first = load<A>(values);
      d = lanes;
      if (depth >= step) {
        Vector<A> second = load<A>(values + lanes);
        Vector<A> third = load<A>(values + 2 * lanes);
        Vector<A> fourth = load<A>(values + 3 * lanes);
        for (d = step; d + step <= depth; d += step) {
          const T* next = values + d;
          for (int at = 0; at < step * static_cast<int>(sizeof(T)); at += 64) {
            __builtin_prefetch(reinterpret_cast<const char*>(next) + aheadBytes + at);
          }
          first = F::template vector<A>(first, load<A>(next));
          second = F::template vector<A>(second, load<A>(next + lanes));
          third = F::template vector<A>(third, load<A>(next + 2 * lanes));
          fourth = F::template vector<A>(fourth, load<A>(next + 3 * lanes));
        }
        first = F::template vector<A>(F::template vector<A>(first, second), F::template vector<A>(third, fourth));
      }
      for (; d + lanes <= depth; d += lanes) first = F::template vector<A>(first, load<A>(values + d));
      sum = F::template single<A>(sum, foldLanes<F, A>(first));
    }
    for (; d < depth; d++) sum = F::template single<A>(sum, static_cast<A>(values[d]));
    sums[p] = sum;
  }
}

template <class A>
inline Vector<A> loadSums(const A* sums) {
  Vector<A> loaded;
  __builtin_memcpy(&loaded, sums, sizeof(loaded));
  return loaded;
}

/** Folds `count` rows into a row of accumulators; a number that the compiler knows, or the loop over them would cost more. */
template <int count, class F, class A, class T>
inline void foldRows(A* sums, const T* values, int64_t panel, int64_t stride) {
  constexpr int lanes = lanesOf<A>;
  int64_t p = 0;
  for (; p + chains * lanes <= panel; p += chains * lanes) {
    Vector<A> chain[chains];
    for (int i = 0; i < chains; i++) chain[i] = loadSums(sums + p + i * lanes);
#pragma GCC unroll 8
    for (int d = 0; d < count; d++) {
      for (int i = 0; i < chains; i++) {
        chain[i] = F::template vector<A>(chain[i], load<A>(values + d * stride + p + i * lanes));
      }
    }
    for (int i = 0; i < chains; i++) __builtin_memcpy(sums + p + i * lanes, &chain[i], sizeof(chain[i]));
  }
  for (; p + lanes <= panel; p += lanes) {
    Vector<A> sum = loadSums(sums + p);
    for (int d = 0; d < count; d++) sum = F::template vector<A>(sum, load<A>(values + d * stride + p));
    __builtin_memcpy(sums + p, &sum, sizeof(sum));
  }
  for (; p < panel; p++) {
    for (int d = 0; d < count; d++) sums[p] = F::template single<A>(sums[p], static_cast<A>(values[d * stride + p]));
  }
}

template <class F, class A, class T>
void columns(void* out, const void* in, int64_t panel, int64_t depth, int64_t stride) {
  /** Few enough to be read side by side, enough to keep sums in registers. */
  constexpr int rowsAtOnce = 8;
  A* sums = static_cast<A*>(out);
  const T* values = static_cast<const T*>(in);
  int64_t d = 0;
  for (; d + rowsAtOnce <= depth; d += rowsAtOnce) foldRows<rowsAtOnce, F, A, T>(sums, values + d * stride, panel, stride);
  for (; d < depth; d++) foldRows<1, F, A, T>(sums, values + d * stride, panel, stride);
}

template <bool Rows, class F, class A, class T>
constexpr FoldRoutine pick() {
  return Rows ? rows<F, A, T> : columns<F, A, T>;
}

template <bool Rows, class F>
FoldRoutine inWide(DType dtype) {
  switch (dtype) {
    case DType::Bool:
    case DType::Float16:
    case DType::Bfloat16: return nullptr;
    case DType::Int8: return pick<Rows, F, int64_t, int8_t>();
    case DType::Uint8: return pick<Rows, F, int64_t, uint8_t>();
    case DType::Int32: return pick<Rows, F, int64_t, int32_t>();
    case DType::Uint32: return pick<Rows, F, int64_t, uint32_t>();
    case DType::Float32: return pick<Rows, F, double, float>();
    case DType::Float64: return pick<Rows, F, double, double>();
  }
  return nullptr;
}

template <bool Rows, class F>
FoldRoutine inOwn(DType dtype) {
  switch (dtype) {
    case DType::Bool:
    case DType::Float16:
    case DType::Bfloat16: return nullptr;
    case DType::Int8: return pick<Rows, F, int8_t, int8_t>();
    case DType::Uint8: return pick<Rows, F, uint8_t, uint8_t>();
    case DType::Int32: return pick<Rows, F, int32_t, int32_t>();
    case DType::Uint32: return pick<Rows, F, uint32_t, uint32_t>();
    case DType::Float32: return pick<Rows, F, float, float>();
    case DType::Float64: return pick<Rows, F, double, double>();
  }
  return nullptr;
}

template <bool Rows>
FoldRoutine ofFold(Fold fold, DType dtype) {
  switch (fold) {
    case Fold::Sum: return inWide<Rows, Sum>(dtype);
    case Fold::Prod: return inWide<Rows, Prod>(dtype);
    case Fold::Max: return inOwn<Rows, Most>(dtype);
    case Fold::Min: return inOwn<Rows, Least>(dtype);
  }
  return nullptr;
}

}  // namespace

FoldRoutine findRows(Fold fold, DType dtype) { return ofFold<true>(fold, dtype); }
FoldRoutine findColumns(Fold fold, DType dtype) { return ofFold<false>(fold, dtype); }

}  // namespace ANTLER_ISA
}  // namespace antler
