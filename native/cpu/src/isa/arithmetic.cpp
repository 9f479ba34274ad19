// Opcodes that are exact: arithmetic, comparisons, choices, integer logic, casts, random words.
#include <cstdint>

#include "tables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

template <class T> struct Bits { using Unsigned = T; using Signed = T; };
template <> struct Bits<int8_t> { using Unsigned = uint8_t; using Signed = int8_t; };
template <> struct Bits<uint8_t> { using Unsigned = uint8_t; using Signed = int8_t; };
template <> struct Bits<int32_t> { using Unsigned = uint32_t; using Signed = int32_t; };
template <> struct Bits<uint32_t> { using Unsigned = uint32_t; using Signed = int32_t; };
template <> struct Bits<float> { using Unsigned = uint32_t; using Signed = int32_t; };
template <> struct Bits<double> { using Unsigned = uint64_t; using Signed = int64_t; };

template <class T> constexpr bool floating = false;
template <> constexpr bool floating<float> = true;
template <> constexpr bool floating<double> = true;

template <class T> constexpr bool isSigned = static_cast<T>(-1) < static_cast<T>(0);

template <class To, class From>
inline To bitsOf(From x) {
  To y;
  static_assert(sizeof(To) == sizeof(From), "equal sizes");
  __builtin_memcpy(&y, &x, sizeof(y));
  return y;
}

inline float absolute(float x) { return __builtin_fabsf(x); }
inline double absolute(double x) { return __builtin_fabs(x); }
inline float root(float x) { return __builtin_sqrtf(x); }
inline double root(double x) { return __builtin_sqrt(x); }

template <class F, class O, class T>
void unary(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  O* o = static_cast<O*>(out);
  const T* x = static_cast<const T*>(a);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) o[i] = F::of(x[i]);
}

template <class F, class O, class T>
void binary(void* out, int64_t n, const void* a, const void* b, const void*, const void*) {
  O* o = static_cast<O*>(out);
  const T* x = static_cast<const T*>(a);
  const T* y = static_cast<const T*>(b);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) o[i] = F::of(x[i], y[i]);
}

template <class T>
void select(void* out, int64_t n, const void* c, const void* a, const void* b, const void*) {
  T* o = static_cast<T*>(out);
  const uint8_t* choice = static_cast<const uint8_t*>(c);
  const T* x = static_cast<const T*>(a);
  const T* y = static_cast<const T*>(b);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) o[i] = choice[i] != 0 ? x[i] : y[i];
}

struct Neg {
  template <class T> static T of(T x) {
    if constexpr (floating<T>) return -x;
    else return static_cast<T>(0 - static_cast<typename Bits<T>::Unsigned>(x));
  }
};
struct Abs {
  template <class T> static T of(T x) {
    if constexpr (floating<T>) return absolute(x);
    else return isSigned<T> && x < 0 ? Neg::of(x) : x;
  }
};
/** NaN and both zeros are their own sign. */
struct Sign {
  template <class T> static T of(T x) { return x > 0 ? T(1) : x < 0 ? T(-1) : x; }
};
struct Floor {
  static float of(float x) { return __builtin_floorf(x); }
  static double of(double x) { return __builtin_floor(x); }
};
struct Ceil {
  static float of(float x) { return __builtin_ceilf(x); }
  static double of(double x) { return __builtin_ceil(x); }
};
struct Round {
  static float of(float x) { return __builtin_rintf(x); }
  static double of(double x) { return __builtin_rint(x); }
};
struct Sqrt {
  template <class T> static T of(T x) { return root(x); }
};
struct Add {
  template <class T> static T of(T x, T y) {
    if constexpr (floating<T>) return x + y;
    else return static_cast<T>(static_cast<typename Bits<T>::Unsigned>(x) + static_cast<typename Bits<T>::Unsigned>(y));
  }
};
struct Sub {
  template <class T> static T of(T x, T y) {
    if constexpr (floating<T>) return x - y;
    else return static_cast<T>(static_cast<typename Bits<T>::Unsigned>(x) - static_cast<typename Bits<T>::Unsigned>(y));
  }
};
struct Mul {
  template <class T> static T of(T x, T y) {
    if constexpr (floating<T>) return x * y;
    else return static_cast<T>(static_cast<uint32_t>(x) * static_cast<uint32_t>(y));
  }
};
/** Integers: x / 0 is all ones, and the smallest one / -1 is itself. */
struct Div {
  template <class T> static T of(T x, T y) {
    if constexpr (floating<T>) return x / y;
    else if (y == 0) return static_cast<T>(-1);
    else return static_cast<T>(static_cast<int64_t>(x) / static_cast<int64_t>(y));
  }
};
struct Rem {
  static float of(float x, float y) { return __builtin_fmodf(x, y); }
  static double of(double x, double y) { return __builtin_fmod(x, y); }
  template <class T> static T of(T x, T y) {
    return y == 0 ? x : static_cast<T>(static_cast<int64_t>(x) % static_cast<int64_t>(y));
  }
};
/** x^y modulo 2^32; a negative y means the reciprocal, truncated, and 1/0 is -1 as for any division. */
struct IntegerPow {
  template <class T> static T of(T x, T y) {
    if (isSigned<T> && y < 0) {
      if (x == 1) return 1;
      if (x == static_cast<T>(-1)) return static_cast<T>(y % 2 == 0 ? 1 : -1);
      return static_cast<T>(x == 0 ? -1 : 0);
    }
    uint32_t result = 1;
    uint32_t square = static_cast<uint32_t>(x);
    for (uint32_t bits = static_cast<uint32_t>(y); bits > 0; bits >>= 1) {
      if ((bits & 1) != 0) result *= square;
      square *= square;
    }
    return static_cast<T>(result);
  }
};
/** NaN wins; of two zeros the positive one is larger: where both are equal, they differ in the sign of zero alone. */
struct Max {
  template <class T> static T of(T x, T y) {
    if constexpr (floating<T>) {
      using U = typename Bits<T>::Unsigned;
      const T both = bitsOf<T>(static_cast<U>(bitsOf<U>(x) & bitsOf<U>(y)));
      const T sum = x + y;
      return x > y ? x : x < y ? y : x == y ? both : sum;
    } else {
      return x > y ? x : y;
    }
  }
};
struct Min {
  template <class T> static T of(T x, T y) {
    if constexpr (floating<T>) {
      using U = typename Bits<T>::Unsigned;
      const T both = bitsOf<T>(static_cast<U>(bitsOf<U>(x) | bitsOf<U>(y)));
      const T sum = x + y;
      return x < y ? x : x > y ? y : x == y ? both : sum;
    } else {
      return x < y ? x : y;
    }
  }
};
struct And { template <class T> static T of(T x, T y) { return static_cast<T>(x & y); } };
struct Or { template <class T> static T of(T x, T y) { return static_cast<T>(x | y); } };
struct Xor { template <class T> static T of(T x, T y) { return static_cast<T>(x ^ y); } };
struct Shl {
  template <class T> static T of(T x, T y) {
    return static_cast<T>(static_cast<uint32_t>(x) << (static_cast<uint32_t>(y) & (sizeof(T) * 8 - 1)));
  }
};
struct Shr {
  template <class T> static T of(T x, T y) {
    return static_cast<T>(x >> (static_cast<uint32_t>(y) & (sizeof(T) * 8 - 1)));
  }
};
struct Eq { template <class T> static uint8_t of(T x, T y) { return x == y; } };
struct Ne { template <class T> static uint8_t of(T x, T y) { return x != y; } };
struct Lt { template <class T> static uint8_t of(T x, T y) { return x < y; } };
struct Le { template <class T> static uint8_t of(T x, T y) { return x <= y; } };

/** First word of Threefry-2x32-20 (Salmon et al., 2011): key (a, b), counter (c, d). */
void random(void* out, int64_t n, const void* a, const void* b, const void* c, const void* d) {
  constexpr int rotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  uint32_t* o = static_cast<uint32_t*>(out);
  const uint32_t* key0 = static_cast<const uint32_t*>(a);
  const uint32_t* key1 = static_cast<const uint32_t*>(b);
  const uint32_t* high = static_cast<const uint32_t*>(c);
  const uint32_t* low = static_cast<const uint32_t*>(d);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) {
    const uint32_t keys[3] = {key0[i], key1[i], key0[i] ^ key1[i] ^ 0x1bd11bdau};
    uint32_t x = high[i] + keys[0];
    uint32_t y = low[i] + keys[1];
#pragma GCC unroll 5
    for (int group = 1; group <= 5; group++) {
#pragma GCC unroll 4
      for (int round = 0; round < 4; round++) {
        const int rotation = rotations[(group % 2 == 1 ? 0 : 4) + round];
        x += y;
        y = ((y << rotation) | (y >> (32 - rotation))) ^ x;
      }
      x += keys[group % 3];
      y += keys[(group + 1) % 3] + static_cast<uint32_t>(group);
    }
    o[i] = x;
  }
}

template <class F, class T> Routine mapped() { return unary<F, T, T>; }
template <class F, class T> Routine joined() { return binary<F, T, T>; }
template <class F, class T> Routine compared() { return binary<F, uint8_t, T>; }

template <class T>
Routine ofNumbers(Op op) {
  switch (op) {
    case Op::Neg: return mapped<Neg, T>();
    case Op::Abs: return mapped<Abs, T>();
    case Op::Sign: return mapped<Sign, T>();
    case Op::Add: return joined<Add, T>();
    case Op::Sub: return joined<Sub, T>();
    case Op::Mul: return joined<Mul, T>();
    case Op::Div: return joined<Div, T>();
    case Op::Rem: return joined<Rem, T>();
    case Op::Max: return joined<Max, T>();
    case Op::Min: return joined<Min, T>();
    default: return nullptr;
  }
}

template <class T>
Routine ofFloats(Op op) {
  switch (op) {
    case Op::Floor: return mapped<Floor, T>();
    case Op::Ceil: return mapped<Ceil, T>();
    case Op::Round: return mapped<Round, T>();
    case Op::Sqrt: return mapped<Sqrt, T>();
    default: return ofNumbers<T>(op);
  }
}

template <class T>
Routine ofBits(Op op) {
  switch (op) {
    case Op::And: return joined<And, T>();
    case Op::Or: return joined<Or, T>();
    case Op::Xor: return joined<Xor, T>();
    default: return nullptr;
  }
}

template <class T>
Routine ofIntegers(Op op) {
  switch (op) {
    case Op::Pow: return joined<IntegerPow, T>();
    case Op::Shl: return joined<Shl, T>();
    case Op::Shr: return joined<Shr, T>();
    default: break;
  }
  const Routine logic = ofBits<T>(op);
  return logic != nullptr ? logic : ofNumbers<T>(op);
}

template <class T>
Routine ofAll(Op op) {
  switch (op) {
    case Op::Eq: return compared<Eq, T>();
    case Op::Ne: return compared<Ne, T>();
    case Op::Lt: return compared<Lt, T>();
    case Op::Le: return compared<Le, T>();
    case Op::Select: return select<T>;
    default: return nullptr;
  }
}

template <class T>
struct Range {};
template <> struct Range<int8_t> { static constexpr double low = -128, high = 127; };
template <> struct Range<uint8_t> { static constexpr double low = 0, high = 255; };
template <> struct Range<int32_t> { static constexpr double low = -2147483648.0, high = 2147483647; };
template <> struct Range<uint32_t> { static constexpr double low = 0, high = 4294967295.0; };

struct ToBool { template <class T> static uint8_t of(T x) { return x != 0; } };

/** Floats saturate at an integer's range, truncate, and NaN becomes 0; integers wrap. */
template <class O>
struct To {
  template <class T> static O of(T x) {
    if constexpr (floating<T> && !floating<O>) {
      const double wide = static_cast<double>(x);
      const double low = wide < Range<O>::low ? Range<O>::low : wide;
      const double fitting = low > Range<O>::high ? Range<O>::high : low;
      const double number = fitting == fitting ? fitting : 0;
      if constexpr (sizeof(O) == 4 && !isSigned<O>) return static_cast<O>(static_cast<int64_t>(number));
      else return static_cast<O>(static_cast<int32_t>(number));
    } else {
      return static_cast<O>(x);
    }
  }
};

template <class T>
Routine castFrom(DType to) {
  switch (to) {
    case DType::Bool: return unary<ToBool, uint8_t, T>;
    case DType::Int8: return unary<To<int8_t>, int8_t, T>;
    case DType::Uint8: return unary<To<uint8_t>, uint8_t, T>;
    case DType::Int32: return unary<To<int32_t>, int32_t, T>;
    case DType::Uint32: return unary<To<uint32_t>, uint32_t, T>;
    case DType::Float32: return unary<To<float>, float, T>;
    case DType::Float64: return unary<To<double>, double, T>;
    case DType::Float16:
    case DType::Bfloat16: break;
  }
  return nullptr;
}

}  // namespace

Routine findArithmetic(Op op, DType argument, DType) {
  const auto either = [](Routine first, Routine second) { return first != nullptr ? first : second; };
  if (op == Op::Random) return argument == DType::Uint32 ? random : nullptr;
  switch (argument) {
    case DType::Bool: return either(ofAll<uint8_t>(op), ofBits<uint8_t>(op));
    case DType::Int8: return either(ofAll<int8_t>(op), ofIntegers<int8_t>(op));
    case DType::Uint8: return either(ofAll<uint8_t>(op), ofIntegers<uint8_t>(op));
    case DType::Int32: return either(ofAll<int32_t>(op), ofIntegers<int32_t>(op));
    case DType::Uint32: return either(ofAll<uint32_t>(op), ofIntegers<uint32_t>(op));
    case DType::Float32: return either(ofAll<float>(op), ofFloats<float>(op));
    case DType::Float64: return either(ofAll<double>(op), ofFloats<double>(op));
    // Chosen as bits; everything else is done in float32.
    case DType::Float16:
    case DType::Bfloat16: return op == Op::Select ? select<uint16_t> : nullptr;
  }
  return nullptr;
}

Routine findCast(DType from, DType to) {
  switch (from) {
    case DType::Bool:
    case DType::Uint8: return castFrom<uint8_t>(to);
    case DType::Int8: return castFrom<int8_t>(to);
    case DType::Int32: return castFrom<int32_t>(to);
    case DType::Uint32: return castFrom<uint32_t>(to);
    case DType::Float32: return castFrom<float>(to);
    case DType::Float64: return castFrom<double>(to);
    case DType::Float16:
    case DType::Bfloat16: break;
  }
  return nullptr;
}

}  // namespace ANTLER_ISA
}  // namespace antler
