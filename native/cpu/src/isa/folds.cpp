// Reductions: values are folded into accumulators of 64 bits. Doubles hold every float32 and the product of any two, so
// sums are rounded once, at the end; integers wrap as if they had been folded in their own width.
#include <cstdint>

#include "tables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

constexpr int lanes = 8;
typedef double Doubles __attribute__((vector_size(lanes * 8)));
typedef int64_t Integers __attribute__((vector_size(lanes * 8)));

template <class A> struct Vector;
template <> struct Vector<double> { using Type = Doubles; };
template <> struct Vector<int64_t> { using Type = Integers; };

/** NaN wins, and +0 is larger than -0: equal numbers differ in the sign of zero alone. */
inline Doubles most(Doubles x, Doubles y) {
  const Doubles both = (Doubles)((Integers)x & (Integers)y);
  return x > y ? x : (x < y ? y : (x == y ? both : x + y));
}
inline Doubles least(Doubles x, Doubles y) {
  const Doubles both = (Doubles)((Integers)x | (Integers)y);
  return x < y ? x : (x > y ? y : (x == y ? both : x + y));
}
inline Integers most(Integers x, Integers y) { return x > y ? x : y; }
inline Integers least(Integers x, Integers y) { return x < y ? x : y; }

struct Sum {
  template <class V> static V of(V x, V y) { return x + y; }
};
struct Prod {
  template <class V> static V of(V x, V y) { return x * y; }
};
struct Most {
  template <class V> static V of(V x, V y) { return most(x, y); }
};
struct Least {
  template <class V> static V of(V x, V y) { return least(x, y); }
};

template <class A, class T>
inline typename Vector<A>::Type load(const T* values) {
  typename Vector<A>::Type loaded;
  for (int lane = 0; lane < lanes; lane++) loaded[lane] = static_cast<A>(values[lane]);
  return loaded;
}

template <class A>
inline typename Vector<A>::Type repeated(A value) {
  typename Vector<A>::Type all;
  for (int lane = 0; lane < lanes; lane++) all[lane] = value;
  return all;
}

/** One number by the vector's arithmetic, in lane 0. */
template <class F, class A>
inline A single(A x, A y) {
  return F::of(repeated(x), repeated(y))[0];
}

template <class F, class A, class T>
void rows(void* out, const void* in, int64_t panel, int64_t depth) {
  using V = typename Vector<A>::Type;
  A* sums = static_cast<A*>(out);
  const T* values = static_cast<const T*>(in);
  for (int64_t p = 0; p < panel; p++, values += depth) {
    A sum = sums[p];
    int64_t d = 0;
    if (depth >= 2 * lanes) {
      // Two chains, so that additions need not wait for each other.
      V first = load<A>(values);
      V second = load<A>(values + lanes);
      for (d = 2 * lanes; d + 2 * lanes <= depth; d += 2 * lanes) {
        first = F::of(first, load<A>(values + d));
        second = F::of(second, load<A>(values + d + lanes));
      }
      first = F::of(first, second);
      for (int lane = 0; lane < lanes; lane++) sum = single<F>(sum, static_cast<A>(first[lane]));
    }
    for (; d < depth; d++) sum = single<F>(sum, static_cast<A>(values[d]));
    sums[p] = sum;
  }
}

template <class F, class A, class T>
void columns(void* out, const void* in, int64_t panel, int64_t depth) {
  using V = typename Vector<A>::Type;
  A* sums = static_cast<A*>(out);
  const T* values = static_cast<const T*>(in);
  int64_t p = 0;
  // Four chains, so that additions need not wait for each other.
  for (; p + 4 * lanes <= panel; p += 4 * lanes) {
    V chains[4];
    __builtin_memcpy(chains, sums + p, sizeof(chains));
    for (int64_t d = 0; d < depth; d++) {
      for (int i = 0; i < 4; i++) chains[i] = F::of(chains[i], load<A>(values + d * panel + p + i * lanes));
    }
    __builtin_memcpy(sums + p, chains, sizeof(chains));
  }
  for (; p + lanes <= panel; p += lanes) {
    V sum;
    __builtin_memcpy(&sum, sums + p, sizeof(sum));
    for (int64_t d = 0; d < depth; d++) sum = F::of(sum, load<A>(values + d * panel + p));
    __builtin_memcpy(sums + p, &sum, sizeof(sum));
  }
  for (; p < panel; p++) {
    A sum = sums[p];
    for (int64_t d = 0; d < depth; d++) sum = single<F>(sum, static_cast<A>(values[d * panel + p]));
    sums[p] = sum;
  }
}

template <bool Rows, class F, class A, class T>
constexpr FoldRoutine pick() {
  return Rows ? rows<F, A, T> : columns<F, A, T>;
}

template <bool Rows, class F>
FoldRoutine ofDType(DType dtype) {
  switch (dtype) {
    case DType::Bool: return nullptr;
    case DType::Int8: return pick<Rows, F, int64_t, int8_t>();
    case DType::Uint8: return pick<Rows, F, int64_t, uint8_t>();
    case DType::Int32: return pick<Rows, F, int64_t, int32_t>();
    case DType::Uint32: return pick<Rows, F, int64_t, uint32_t>();
    case DType::Float32: return pick<Rows, F, double, float>();
    case DType::Float64: return pick<Rows, F, double, double>();
  }
  return nullptr;
}

template <bool Rows>
FoldRoutine ofFold(Fold fold, DType dtype) {
  switch (fold) {
    case Fold::Sum: return ofDType<Rows, Sum>(dtype);
    case Fold::Prod: return ofDType<Rows, Prod>(dtype);
    case Fold::Max: return ofDType<Rows, Most>(dtype);
    case Fold::Min: return ofDType<Rows, Least>(dtype);
  }
  return nullptr;
}

}  // namespace

FoldRoutine findRows(Fold fold, DType dtype) { return ofFold<true>(fold, dtype); }
FoldRoutine findColumns(Fold fold, DType dtype) { return ofFold<false>(fold, dtype); }

}  // namespace ANTLER_ISA
}  // namespace antler
