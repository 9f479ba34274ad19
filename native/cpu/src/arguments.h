// What the functions of the addon are given, checked, and the errors that they throw.
#pragma once

#include <napi.h>

#include <cmath>
#include <string>

#include "error.h"
#include "executor.h"

namespace antler {

enum class Kind { Argument, Resource, Device };

/** A JavaScript error with the kind that the TypeScript side looks at. */
inline Napi::Error errorOf(Napi::Env env, Kind kind, const std::string& message) {
  static constexpr const char* codes[] = {"ANTLER_ARGUMENT", "ANTLER_RESOURCE", "ANTLER_DEVICE"};
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, codes[static_cast<int>(kind)]));
  return error;
}

inline Napi::Error errorOf(Napi::Env env, const Failure& failure) {
  return errorOf(env, failure.outOfMemory ? Kind::Resource : Kind::Device, failure.message);
}

[[noreturn]] inline void refuse(Napi::Env env, const char* expected) {
  throw errorOf(env, Kind::Argument, std::string("expected ") + expected);
}

constexpr double largest = 9007199254740991.0;

inline bool isCount(double x, double most) { return x >= 0 && x <= most && x == std::floor(x); }

/** NaN for what is no number. */
inline double numberOf(Napi::Env env, napi_value value) {
  double number = std::nan("");
  napi_get_value_double(env, value, &number);
  return number;
}

inline Napi::Float64Array doublesOf(Napi::Env env, const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
    refuse(env, "a Float64Array");
  }
  return value.As<Napi::Float64Array>();
}

struct Bytes {
  char* data;
  size_t count;
};

inline Bytes bytesOf(Napi::Env env, napi_value value) {
  void* data = nullptr;
  size_t count = 0;
  if (napi_get_arraybuffer_info(env, value, &data, &count) != napi_ok) refuse(env, "an ArrayBuffer");
  return {static_cast<char*>(data), count};
}

/** Part of a buffer, which must hold so many bytes from its offset on. */
inline char* partOf(Napi::Env env, const Bytes& bytes, double start, size_t count) {
  if (!isCount(start, largest)) refuse(env, "an offset in bytes");
  if (start + static_cast<double>(count) > static_cast<double>(bytes.count)) {
    refuse(env, "buffers that are as large as the program says");
  }
  return bytes.data + static_cast<size_t>(start);
}

}  // namespace antler
