// Element types, numbered as on the wire (packages/backend-cpu-native/src/encode.ts).
#pragma once

#include <cstdint>

namespace antler {

enum class DType : uint8_t { Bool, Int8, Uint8, Int32, Uint32, Float32, Float64, Float16, Bfloat16 };

constexpr bool isHalf(DType dtype) { return dtype >= DType::Float16; }

constexpr int sizeOf(DType dtype) {
  return dtype <= DType::Uint8 ? 1 : isHalf(dtype) ? 2 : dtype == DType::Float64 ? 8 : 4;
}

constexpr bool isFloat(DType dtype) { return dtype >= DType::Float32; }

/** How a reduction folds two values. */
enum class Fold : uint8_t { Sum, Prod, Max, Min };

}  // namespace antler
