#include "windows.h"

#include <algorithm>

#include "isa/isa.h"
#include "onednn.h"
#include "packed.h"
#include "parallel.h"

namespace antler {
namespace {

/** Channels up to which the windows of several taps are taken here. */
constexpr int64_t fewChannels = 4;
/** Outputs per filter up to which they are taken here: beyond, the library's own packing is cheap, and its loops are better. */
constexpr int64_t fewPixels = 16 * 1024;
/** Pixels from which on threads share them; of fewer each takes some filters, so that no filter is packed twice. */
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

/** How threads share the outputs: by pixels, or by filters. */
class Shares {
 public:
  Shares(const WindowGeometry& g, int64_t depth, int64_t units, int64_t panel, Compiler& compiler)
      : units_(units), panel_(panel), filters_(g.filters) {
    const int64_t pixels = g.images * g.outHeight * g.outWidth;
    byFilters_ = pixels < manyPixels && filters_ > panel;
    threads_ = threadsFor(pixels * filters_ * (depth + 8) / 16, compiler.threads());
  }

  template <class F>
  void run(const Frame& frame, const F& f) const {
    const int64_t panels = (filters_ + panel_ - 1) / panel_;
    parallel(std::min(threads_, frame.threads), byFilters_ ? panels : units_, [&](int thread, int64_t from, int64_t to) {
      if (byFilters_) f(thread, 0, units_, from * panel_, std::min(filters_, to * panel_));
      else f(thread, from, to, 0, filters_);
    });
  }

 private:
  int64_t units_, panel_, filters_;
  bool byFilters_;
  int threads_;
};

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
  const int64_t pixels = product(spec.output) / g.filters;
  if (pixels >= fewPixels && !onednnVersion().empty()) return nullptr;
  if (isPointwise(spec)) {
    g = {1, 1, pixels, g.channels, 1, pixels, g.filters, 1, 1, 1, 1, 1, 1, 0, 0};
  } else if (g.channels > fewChannels || g.dilationAcross != 1) {
    return nullptr;
  }
  const WindowRoutines& routines = antler::routines().fused().windows;
  const int64_t floats = routines.room(g);
  const int room = compiler.privateSlot(compiler.threads() * floats * 4);
  const Shares shares(g, g.depth(), routines.units(g), routines.panel, compiler);
  const std::shared_ptr<Packed> kept = Packed::make(spec.b, spec.shapeOfB(), compiler.program());
  return [=, &routines](Frame& frame, const float* x, const float* kernel, const Finish& finish, float* y) {
    float* rooms = reinterpret_cast<float*>(frame.slots[room]);
    const float* packed = kept == nullptr ? nullptr : kept->at(kernel, [&] {
      auto block = std::make_unique<Block>(static_cast<size_t>(routines.packedSize(g) * 4));
      routines.pack(g, kernel, reinterpret_cast<float*>(block->data()), 0, g.filters);
      return block;
    });
    shares.run(frame, [&](int thread, int64_t fromUnit, int64_t toUnit, int64_t from, int64_t to) {
      routines.forward(g, x, {kernel, packed}, finish, y, rooms + thread * floats, fromUnit, toUnit, from, to);
    });
  };
}

ConvRun makeDepthwise(const ConvSpec& spec, Compiler& compiler) {
  if (!isPlain(spec) || spec.groups == 1) return nullptr;
  const WindowGeometry g = geometryOf(spec);
  if (spec.groups != g.channels || spec.groups != g.filters) return nullptr;
  const DepthwiseRoutines& routines = antler::routines().fused().depthwise;
  const Shares shares(g, g.tapsDown * g.tapsAcross, routines.units(g), routines.panel, compiler);
  return [=, &routines](Frame& frame, const float* x, const float* kernel, const Finish& finish, float* y) {
    shares.run(frame, [&](int, int64_t fromUnit, int64_t toUnit, int64_t from, int64_t to) {
      routines.forward(g, x, kernel, finish, y, fromUnit, toUnit, from, to);
    });
  };
}

}  // namespace antler
