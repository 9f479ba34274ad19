// Reductions. Sums and products are kept in 64 bits: doubles hold every float32 and the product of any two, so they are
// rounded once, at the end, and integers wrap as if they had been folded in their own width. The largest and the smallest
// value are kept in their own dtype.
#include <cstdint>

#include "tables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

template <class A> struct Same { using Integer = int64_t; };
template <> struct Same<float> { using Integer = int32_t; };

template <class A> constexpr bool floating = false;
template <> constexpr bool floating<float> = true;
template <> constexpr bool floating<double> = true;

template <class A> using Vector __attribute__((vector_size(64))) = A;
template <class A> constexpr int lanesOf = 64 / static_cast<int>(sizeof(A));

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

template <class F, class A, class T>
void rows(void* out, const void* in, int64_t panel, int64_t depth, int64_t) {
  constexpr int lanes = lanesOf<A>;
  A* sums = static_cast<A*>(out);
  const T* values = static_cast<const T*>(in);
  for (int64_t p = 0; p < panel; p++, values += depth) {
    A sum = sums[p];
    int64_t d = 0;
    if (depth >= 2 * lanes) {
      // Two chains, so that additions need not wait for each other.
      Vector<A> first = load<A>(values);
      Vector<A> second = load<A>(values + lanes);
      for (d = 2 * lanes; d + 2 * lanes <= depth; d += 2 * lanes) {
        first = F::template vector<A>(first, load<A>(values + d));
        second = F::template vector<A>(second, load<A>(values + d + lanes));
      }
      first = F::template vector<A>(first, second);
      for (int lane = 0; lane < lanes; lane++) sum = F::template single<A>(sum, first[lane]);
    }
    for (; d < depth; d++) sum = F::template single<A>(sum, static_cast<A>(values[d]));
    sums[p] = sum;
  }
}

/** Rows of values that are folded together: few enough to be read side by side, enough to keep sums in registers. */
constexpr int64_t rowsAtOnce = 8;

template <class F, class A, class T>
void columns(void* out, const void* in, int64_t panel, int64_t depth, int64_t stride) {
  constexpr int lanes = lanesOf<A>;
  A* sums = static_cast<A*>(out);
  for (int64_t from = 0; from < depth; from += rowsAtOnce) {
    const T* values = static_cast<const T*>(in) + from * stride;
    const int64_t rows = depth - from < rowsAtOnce ? depth - from : rowsAtOnce;
    int64_t p = 0;
    // Four chains, so that additions need not wait for each other.
    for (; p + 4 * lanes <= panel; p += 4 * lanes) {
      Vector<A> chains[4];
      __builtin_memcpy(chains, sums + p, sizeof(chains));
      for (int64_t d = 0; d < rows; d++) {
        for (int i = 0; i < 4; i++) {
          chains[i] = F::template vector<A>(chains[i], load<A>(values + d * stride + p + i * lanes));
        }
      }
      __builtin_memcpy(sums + p, chains, sizeof(chains));
    }
    for (; p + lanes <= panel; p += lanes) {
      Vector<A> sum;
      __builtin_memcpy(&sum, sums + p, sizeof(sum));
      for (int64_t d = 0; d < rows; d++) sum = F::template vector<A>(sum, load<A>(values + d * stride + p));
      __builtin_memcpy(sums + p, &sum, sizeof(sum));
    }
    for (; p < panel; p++) {
      A sum = sums[p];
      for (int64_t d = 0; d < rows; d++) sum = F::template single<A>(sum, static_cast<A>(values[d * stride + p]));
      sums[p] = sum;
    }
  }
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
