// How wide an instruction set's registers are.
#pragma once

namespace antler {
namespace ANTLER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int vectorBytes = 64;
#elif defined(__AVX2__)
constexpr int vectorBytes = 32;
#else
constexpr int vectorBytes = 16;
#endif

}  // namespace
}  // namespace ANTLER_ISA
}  // namespace antler
