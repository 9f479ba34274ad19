// Transcendental functions. Float32 goes through branch-free polynomials in double, of which the compiler makes vectors:
// the results are within a hair of correctly rounded, and overflow, subnormal numbers and NaN come right by themselves.
// e^x and erf are computed in float32 where there is a fused multiply-add, for they are everywhere.
// Float64 is the C library's.
#include <cmath>
#include <cstdint>

#include "tables.h"
#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

inline double asDouble(uint64_t bits) {
  double x;
  __builtin_memcpy(&x, &bits, sizeof(x));
  return x;
}

inline uint64_t asBits(double x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof(bits));
  return bits;
}

/** Adding it to a double below 2^51 rounds that to an integer, which is then in its lowest bits. */
constexpr double rounder = 6755399441055744.0;
constexpr double infinity = __builtin_inf();

/** e^r = 1 + r + …, |r| ≤ ln 2 / 2: without the 1. Relative error 2e-12. */
inline double expm1Polynomial(double r) {
  double p = 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1.0;
  return p * r;
}

/** e^x = (1 + rest) · scale, for |x| ≤ 700; outside as at that end. NaN stays NaN. */
struct Exponential {
  double rest;
  double scale;
};
inline Exponential exponentialParts(double x) {
  const double low = x < -700.0 ? -700.0 : x;
  const double y = low > 700.0 ? 700.0 : low;
  const double shifted = y * 1.4426950408889634 + rounder;
  const double n = shifted - rounder;
  const double r = y - n * 0.6931471805599453;
  return {expm1Polynomial(r), asDouble((asBits(shifted) + 1023) << 52)};
}
inline double exponential(double x) {
  const Exponential e = exponentialParts(x);
  return (e.rest + 1.0) * e.scale;
}
/** e^x - 1: near 0 the scale is 1, and nothing cancels. */
inline double exponentialLess1(double x) {
  const Exponential e = exponentialParts(x);
  return __builtin_copysign(e.rest * e.scale + (e.scale - 1.0), x);
}

/** Natural logarithm of a normal double; 0 gives -∞, less NaN. */
inline double logarithm(double x) {
  const uint64_t bits = asBits(x);
  // The exponent such that the significand lies between √½ and √2.
  const uint64_t shifted = bits - 0x3fe6a09e667f3bcdULL;
  const double e = asDouble(((shifted >> 52) & 0x7ff) + 0x4330000000000000ULL) - 4503599627370496.0;
  const double exponent = e > 1024.0 ? e - 2048.0 : e;
  const double m = asDouble((shifted & 0x000fffffffffffffULL) + 0x3fe6a09e667f3bcdULL);
  const double s = (m - 1.0) / (m + 1.0);
  const double z = s * s;
  double p = 2.0 / 15;
  p = p * z + 2.0 / 13;
  p = p * z + 2.0 / 11;
  p = p * z + 2.0 / 9;
  p = p * z + 2.0 / 7;
  p = p * z + 2.0 / 5;
  p = p * z + 2.0 / 3;
  p = p * z + 2.0;
  const double y = exponent * 0.6931471805599453 + s * p;
  const double positive = x < infinity ? y : x;
  return x > 0 ? positive : x == 0 ? -infinity : __builtin_nan("");
}

/** Cody, "Rational Chebyshev Approximations for the Error Function", Math. Comp. 23 (1969). */
inline double errorFunction(double x) {
  const double size = __builtin_fabs(x);
  const double z = x * x;
  double t = 1.85777706184603153e-1;
  t = t * z + 3.1611237438705656;
  t = t * z + 1.13864154151050156e2;
  t = t * z + 3.77485237685302021e2;
  t = t * z + 3.20937758913846947e3;
  double b = z + 2.36012909523441209e1;
  b = b * z + 2.44024637934444173e2;
  b = b * z + 1.28261652607737228e3;
  b = b * z + 2.84423683343917062e3;
  double u = 2.15311535474403846e-8;
  u = u * size + 5.64188496988670089e-1;
  u = u * size + 8.88314979438837594;
  u = u * size + 6.61191906371416295e1;
  u = u * size + 2.98635138197400131e2;
  u = u * size + 8.8195222124176909e2;
  u = u * size + 1.71204761263407058e3;
  u = u * size + 2.05107837782607147e3;
  u = u * size + 1.23033935479799725e3;
  double v = size + 1.57449261107098347e1;
  v = v * size + 1.17693950891312499e2;
  v = v * size + 5.37181101862009858e2;
  v = v * size + 1.62138957456669019e3;
  v = v * size + 3.29079923573345963e3;
  v = v * size + 4.36261909014324716e3;
  v = v * size + 3.43936767414372164e3;
  v = v * size + 1.23033935480374942e3;
  const bool small = size <= 0.46875;
  const double top = small ? t : u;
  const double bottom = small ? b : v;
  const double ratio = top / bottom;
  const double large = 1.0 - exponential(-z) * ratio;
  const double limited = size >= 6.0 ? 1.0 : large;
  const double signedLarge = x < 0 ? -limited : limited;
  const double result = small ? x * ratio : signedLarge;
  return x == x ? result : x;
}

struct Exp { static double of(double x) { return exponential(x); } };
struct Expm1 { static double of(double x) { return exponentialLess1(x); } };
struct Log { static double of(double x) { return logarithm(x); } };
struct Log1p {
  static double of(double x) {
    const double small = x * (1.0 - x * (0.5 - x * (1.0 / 3 - x * 0.25)));
    const double large = logarithm(1.0 + x);
    return __builtin_fabs(x) < 1e-4 ? small : large;
  }
};
struct Logistic {
  static double of(double x) { return 1.0 / (1.0 + exponential(-x)); }
};
struct Tanh {
  static double of(double x) {
    const double low = x < -20.0 ? -20.0 : x;
    const double y = low > 20.0 ? 20.0 : low;
    const double e = exponentialLess1(2.0 * y);
    return e / (e + 2.0);
  }
};
struct Erf { static double of(double x) { return errorFunction(x); } };

/** Up to here three parts of π/2 leave a remainder that is exact enough. */
constexpr double largestAngle = 1e6;

/** Both functions of the angle that remains, and the quarter turn: sine of an odd quarter is a cosine. */
inline double sineOf(double x, uint64_t quarters) {
  const double shifted = x * 0.6366197723675814 + rounder;
  const double n = shifted - rounder;
  const double r = ((x - n * 1.57079632673412561417) - n * 6.07710050630396597660e-11) - n * 2.02226624879595063154e-21;
  const uint64_t quarter = asBits(shifted) + quarters;
  const double z = r * r;
  double s = 1.0 / 6227020800.0;
  s = s * z - 1.0 / 39916800;
  s = s * z + 1.0 / 362880;
  s = s * z - 1.0 / 5040;
  s = s * z + 1.0 / 120;
  s = s * z - 1.0 / 6;
  // As a product, so that -0 stays.
  s = r * (s * z + 1.0);
  double c = 1.0 / 479001600;
  c = c * z - 1.0 / 3628800;
  c = c * z + 1.0 / 40320;
  c = c * z - 1.0 / 720;
  c = c * z + 1.0 / 24;
  c = c * z - 0.5;
  c = c * z + 1.0;
  const double value = (quarter & 1) != 0 ? c : s;
  return asDouble(asBits(value) ^ ((quarter & 2) << 62));
}
struct Sin {
  static double of(double x) { return sineOf(x, 0); }
  static float exact(float x) { return static_cast<float>(std::sin(static_cast<double>(x))); }
};
struct Cos {
  static double of(double x) { return sineOf(x, 1); }
  static float exact(float x) { return static_cast<float>(std::cos(static_cast<double>(x))); }
};

template <class F>
void narrow(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  float* o = static_cast<float*>(out);
  const float* x = static_cast<const float*>(a);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) o[i] = static_cast<float>(F::of(static_cast<double>(x[i])));
}

template <class F>
void trigonometric(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  float* o = static_cast<float*>(out);
  const float* x = static_cast<const float*>(a);
  int large = 0;
  for (int64_t i = 0; i < n; i++) large |= !(__builtin_fabsf(x[i]) < static_cast<float>(largestAngle));
  if (large == 0) return narrow<F>(out, n, a, a, a, a);
  for (int64_t i = 0; i < n; i++) o[i] = F::exact(x[i]);
}

inline float exactPower(float x, float y) { return static_cast<float>(std::pow(static_cast<double>(x), static_cast<double>(y))); }

/** x^y = e^(y ln x) for positive normal x; tiles with others are the C library's. */
void power(void* out, int64_t n, const void* a, const void* b, const void*, const void*) {
  float* o = static_cast<float*>(out);
  const float* x = static_cast<const float*>(a);
  const float* y = static_cast<const float*>(b);
  int special = 0;
  for (int64_t i = 0; i < n; i++) {
    special |= !(x[i] > 0 && x[i] < __builtin_inff() && __builtin_fabsf(y[i]) < __builtin_inff());
  }
  if (special != 0) {
    for (int64_t i = 0; i < n; i++) o[i] = exactPower(x[i], y[i]);
    return;
  }
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) {
    o[i] = static_cast<float>(exponential(static_cast<double>(y[i]) * logarithm(static_cast<double>(x[i]))));
  }
}

void arcTangent(void* out, int64_t n, const void* a, const void* b, const void*, const void*) {
  float* o = static_cast<float*>(out);
  const float* y = static_cast<const float*>(a);
  const float* x = static_cast<const float*>(b);
  for (int64_t i = 0; i < n; i++) o[i] = static_cast<float>(std::atan2(static_cast<double>(y[i]), static_cast<double>(x[i])));
}

inline double logisticOf(double x) {
  const double e = std::exp(-__builtin_fabs(x));
  return (x < 0 ? e : 1.0) / (1.0 + e);
}

template <double (*F)(double)>
void wide(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  double* o = static_cast<double*>(out);
  const double* x = static_cast<const double*>(a);
  for (int64_t i = 0; i < n; i++) o[i] = F(x[i]);
}

template <double (*F)(double, double)>
void wideBinary(void* out, int64_t n, const void* a, const void* b, const void*, const void*) {
  double* o = static_cast<double*>(out);
  const double* x = static_cast<const double*>(a);
  const double* y = static_cast<const double*>(b);
  for (int64_t i = 0; i < n; i++) o[i] = F(x[i], y[i]);
}

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
/** Functions that are exact enough in float32: below a unit in the last place. */
template <Vector (*F)(Vector)>
void direct(void* out, int64_t n, const void* a, const void*, const void*, const void*) {
  float* o = static_cast<float*>(out);
  const float* x = static_cast<const float*>(a);
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const Vector first = F(load(x + i));
    const Vector second = F(load(x + i + lanes));
    store(o + i, first);
    store(o + i + lanes, second);
  }
  for (; i < n; i += lanes) storePart(o + i, F(loadPart(x + i, n - i)), n - i);
}
#endif

Routine ofFloat32(Op op) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  if (op == Op::Exp) return direct<exponential>;
  if (op == Op::Erf) return direct<errorFunction>;
#endif
  switch (op) {
    case Op::Exp: return narrow<Exp>;
    case Op::Expm1: return narrow<Expm1>;
    case Op::Log: return narrow<Log>;
    case Op::Log1p: return narrow<Log1p>;
    case Op::Tanh: return narrow<Tanh>;
    case Op::Logistic: return narrow<Logistic>;
    case Op::Erf: return narrow<Erf>;
    case Op::Sin: return trigonometric<Sin>;
    case Op::Cos: return trigonometric<Cos>;
    case Op::Pow: return power;
    case Op::Atan2: return arcTangent;
    default: return nullptr;
  }
}

Routine ofFloat64(Op op) {
  switch (op) {
    case Op::Exp: return wide<::exp>;
    case Op::Expm1: return wide<::expm1>;
    case Op::Log: return wide<::log>;
    case Op::Log1p: return wide<::log1p>;
    case Op::Tanh: return wide<::tanh>;
    case Op::Logistic: return wide<logisticOf>;
    case Op::Erf: return wide<::erf>;
    case Op::Sin: return wide<::sin>;
    case Op::Cos: return wide<::cos>;
    case Op::Pow: return wideBinary<::pow>;
    case Op::Atan2: return wideBinary<::atan2>;
    default: return nullptr;
  }
}

}  // namespace

Routine findMath(Op op, DType dtype) {
  return dtype == DType::Float32 ? ofFloat32(op) : dtype == DType::Float64 ? ofFloat64(op) : nullptr;
}

}  // namespace ANTLER_ISA
}  // namespace antler
