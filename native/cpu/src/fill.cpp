#include "fill.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "half.h"

namespace antler {
namespace {

template <class T>
void fillNumber(char* out, double value, int64_t count) {
  T number;
  if constexpr (std::is_class_v<T>) {
    number.bits = nearestBits<T>(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    number = static_cast<T>(value);
  } else {
    // As a typed array stores it: truncated, modulo 2^32; what is not finite is 0.
    const double whole = std::isfinite(value) ? std::fmod(std::trunc(value), 4294967296.0) : 0;
    number = static_cast<T>(static_cast<int64_t>(whole));
  }
  std::fill_n(reinterpret_cast<T*>(out), count, number);
}

template <class T>
T numbered(int64_t position) {
  if constexpr (std::is_class_v<T>) return {nearestBits<T>(static_cast<double>(position))};
  else return static_cast<T>(position);
}

template <class T>
void fillPositions(char* out, int64_t base, const Lanes& lanes, int64_t count) {
  T* o = reinterpret_cast<T*>(out);
  if (!lanes.table.empty()) {
    for (int64_t i = 0; i < count; i++) o[i] = numbered<T>(base + lanes.table[i]);
  } else {
    for (int64_t i = 0; i < count; i++) o[i] = numbered<T>(base + i * lanes.stride);
  }
}

template <class T>
double lowest() {
  return std::is_floating_point_v<T> ? -std::numeric_limits<double>::infinity()
                                     : static_cast<double>(std::numeric_limits<T>::lowest());
}
template <class T>
double highest() {
  return std::is_floating_point_v<T> ? std::numeric_limits<double>::infinity()
                                     : static_cast<double>(std::numeric_limits<T>::max());
}

}  // namespace

void fill(DType dtype, char* out, double value, int64_t count) {
  switch (dtype) {
    case DType::Bool: return fillNumber<uint8_t>(out, value != 0 ? 1 : 0, count);
    case DType::Int8: return fillNumber<int8_t>(out, value, count);
    case DType::Uint8: return fillNumber<uint8_t>(out, value, count);
    case DType::Int32: return fillNumber<int32_t>(out, value, count);
    case DType::Uint32: return fillNumber<uint32_t>(out, value, count);
    case DType::Float32: return fillNumber<float>(out, value, count);
    case DType::Float64: return fillNumber<double>(out, value, count);
    case DType::Float16: return fillNumber<Float16>(out, value, count);
    case DType::Bfloat16: return fillNumber<Bfloat16>(out, value, count);
  }
}

void fillPositions(DType dtype, char* out, int64_t base, const Lanes& lanes, int64_t count) {
  switch (dtype) {
    case DType::Bool: {
      fillPositions<int32_t>(out, base, lanes, 0);
      for (int64_t i = 0; i < count; i++) {
        out[i] = (base + (lanes.table.empty() ? i * lanes.stride : lanes.table[i])) != 0 ? 1 : 0;
      }
      return;
    }
    case DType::Int8: return fillPositions<int8_t>(out, base, lanes, count);
    case DType::Uint8: return fillPositions<uint8_t>(out, base, lanes, count);
    case DType::Int32: return fillPositions<int32_t>(out, base, lanes, count);
    case DType::Uint32: return fillPositions<uint32_t>(out, base, lanes, count);
    case DType::Float32: return fillPositions<float>(out, base, lanes, count);
    case DType::Float64: return fillPositions<double>(out, base, lanes, count);
    case DType::Float16: return fillPositions<Float16>(out, base, lanes, count);
    case DType::Bfloat16: return fillPositions<Bfloat16>(out, base, lanes, count);
  }
}

double identityOf(Fold fold, DType dtype) {
  if (fold == Fold::Sum) return 0;
  if (fold == Fold::Prod) return 1;
  const bool most = fold == Fold::Max;
  switch (dtype) {
    case DType::Bool: return 0;
    case DType::Int8: return most ? lowest<int8_t>() : highest<int8_t>();
    case DType::Uint8: return most ? lowest<uint8_t>() : highest<uint8_t>();
    case DType::Int32: return most ? lowest<int32_t>() : highest<int32_t>();
    case DType::Uint32: return most ? lowest<uint32_t>() : highest<uint32_t>();
    case DType::Float32: return most ? lowest<float>() : highest<float>();
    case DType::Float16:
    case DType::Bfloat16:
    case DType::Float64: return most ? lowest<double>() : highest<double>();
  }
  return 0;
}

}  // namespace antler
