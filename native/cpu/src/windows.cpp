#include "windows.h"

#include <algorithm>

#include "isa/isa.h"
#include "parallel.h"

namespace antler {
namespace {

/** Channels up to which the windows of several taps are taken here. */
constexpr int64_t fewChannels = 4;
/** Pixels from which on threads share them; fewer are shared out by filters, so that no filter is packed twice. */
constexpr int64_t manyPixels = 512;

bool isPlain(const ConvSpec& spec) {
  const auto arePositive = [](const Sizes& sizes) {
    return std::all_of(sizes.begin(), sizes.end(), [](int64_t size) { return size > 0; });
  };
  return spec.dtype == DType::Float32 && spec.map == ConvMap::Output && spec.strides.size() <= 2 &&
         arePositive(spec.input) && arePositive(spec.kernel) && arePositive(spec.output);
}

/** One axis is one across. */
WindowGeometry geometryOf(const ConvSpec& spec) {
  const size_t across = spec.strides.size() - 1;
  const bool flat = across == 0;
  const auto down = [&](const Sizes& sizes, size_t axis) { return flat ? 1 : sizes[axis]; };
  return {spec.input[0],           down(spec.input, 1),           spec.input[across + 1],
          spec.input.back(),       down(spec.output, 1),          spec.output[across + 1],
          spec.output.back(),      down(spec.kernel, 0),          spec.kernel[across],
          down(spec.strides, 0),   spec.strides[across],          down(spec.dilation, 0),
          spec.dilation[across],   flat ? 0 : spec.low[0],        spec.low[across]};
}

bool isPointwise(const ConvSpec& spec) {
  for (size_t i = 0; i < spec.strides.size(); i++) {
    if (spec.kernel[i] != 1 || spec.strides[i] != 1 || spec.low[i] != 0 || spec.high[i] != 0) return false;
  }
  return true;
}

}  // namespace

ConvRun makeWindows(const ConvSpec& spec, Compiler& compiler) {
  if (!isPlain(spec) || spec.groups != 1) return nullptr;
  WindowGeometry g = geometryOf(spec);
  if (isPointwise(spec)) {
    const int64_t pixels = product(spec.output) / g.filters;
    g = {1, 1, pixels, g.channels, 1, pixels, g.filters, 1, 1, 1, 1, 1, 1, 0, 0};
  } else if (g.channels > fewChannels || g.dilationAcross != 1) {
    return nullptr;
  }
  const WindowRoutines& routines = antler::routines().fused().windows;
  const int64_t floats = routines.room(g);
  const int room = compiler.privateSlot(compiler.threads() * floats * 4);
  const int64_t units = routines.units(g);
  const int64_t panels = (g.filters + routines.panel - 1) / routines.panel;
  const bool byFilters = g.outHeight * g.outWidth * g.images < manyPixels && panels > 1;
  const int threads = threadsFor(g.images * g.outHeight * g.outWidth * g.filters * g.depth() / 8, compiler.threads());
  return [=, &routines](Frame& frame, const float* x, const float* kernel, const Finish& finish, float* y) {
    parallel(std::min(threads, frame.threads), byFilters ? panels : units, [&](int thread, int64_t from, int64_t to) {
      float* own = reinterpret_cast<float*>(frame.slots[room]) + thread * floats;
      if (byFilters) {
        routines.forward(g, x, kernel, finish, y, own, 0, units, from * routines.panel,
                         std::min(g.filters, to * routines.panel));
      } else {
        routines.forward(g, x, kernel, finish, y, own, from, to, 0, g.filters);
      }
    });
  };
}

ConvRun makeDepthwise(const ConvSpec& spec, Compiler& compiler) {
  if (!isPlain(spec) || spec.groups == 1) return nullptr;
  const WindowGeometry g = geometryOf(spec);
  if (spec.groups != g.channels || spec.groups != g.filters) return nullptr;
  const DepthwiseRoutines& routines = antler::routines().fused().depthwise;
  const int64_t units = routines.units(g);
  const int threads = threadsFor(g.images * g.outHeight * g.outWidth * g.channels, compiler.threads());
  return [=, &routines](Frame& frame, const float* x, const float* kernel, const Finish& finish, float* y) {
    parallel(std::min(threads, frame.threads), units, [&](int, int64_t from, int64_t to) {
      routines.forward(g, x, kernel, finish, y, from, to);
    });
  };
}

}  // namespace antler
