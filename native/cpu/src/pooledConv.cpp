#include "pooledConv.h"

#include <algorithm>

#include "composites/composites.h"
#include "conv.h"
#include "finish.h"
#include "isa/isa.h"
#include "parallel.h"

namespace antler {
namespace {

/** Taps of all channels up to which the four sums of a window stay in registers. */
constexpr int64_t mostTaps = 32;
/** Multiplications below which it is not worth its while. */
constexpr int64_t smallConv = 64 * 1024;
/** Parts that sums are made in at most: their bits depend on the shape alone. */
constexpr int64_t mostParts = 32;

const PooledConvRoutines& inner() { return routines().fused().pooledConv; }

bool isPlain(const View& view, const Sizes& shape) {
  return view.dtype == DType::Float32 && isDense(shape, view.strides);
}

bool isOfFewTaps(const ConvSpec& conv) {
  return conv.strides.size() == 2 && conv.groups == 1 && conv.low == Sizes{0, 0} && conv.high == Sizes{0, 0} &&
         product(conv.kernel, 0, 3) <= mostTaps && product(conv.output) * product(conv.kernel, 0, 3) >= smallConv;
}

/** A convolution of few taps, an image at a time. */
struct FewTaps {
  std::vector<int64_t> offsets;
  PooledConvGeometry geometry;
  int64_t images, size;

  explicit FewTaps(const ConvSpec& conv) : images(conv.input[0]), size(product(conv.input, 1, 4)) {
    const int64_t line = conv.input[2] * conv.input[3];
    const int64_t pixel = conv.input[3];
    offsets = gridOffsets(slice(conv.kernel, 0, 3), {conv.dilation[0] * line, conv.dilation[1] * pixel, 1});
    geometry = {conv.output[1] / 2, conv.output[2] / 2, conv.strides[0] * line, conv.strides[1] * pixel,
                product(conv.kernel, 0, 3), nullptr, conv.output[3]};
  }
  PooledConvGeometry now() const {
    PooledConvGeometry g = geometry;
    g.offsets = offsets.data();
    return g;
  }
  int64_t pooled() const { return geometry.windows() * geometry.filters; }
};

ConvRun makeForward(const ConvSpec& conv, const View* choices) {
  const FewTaps taps(conv);
  const View chosen = choices == nullptr ? View{} : *choices;
  const bool chooses = choices != nullptr;
  return [=](Frame& frame, const float* x, const float* kernel, const Finish& finish, float* y) {
    const int64_t pooled = taps.pooled();
    // The bias, if there is one, comes before the bound.
    const float* bias = finish.steps[0].kind == FinishStep::Add ? finish.steps[0].operand : nullptr;
    int8_t* bytes = chooses ? choicesAt(chosen, frame) : nullptr;
    parallel(frame.threads, taps.images, [&](int, int64_t from, int64_t to) {
      for (int64_t i = from; i < to; i++) {
        inner().forward(taps.now(), x + i * taps.size, kernel, bias, y + i * pooled,
                        chooses ? bytes + i * pooled : nullptr);
      }
    });
  };
}

ConvRun makeSlopes(const ConvSpec& conv, const View& choices, Compiler& compiler) {
  const FewTaps taps(conv);
  const int64_t parts = std::min(taps.images, mostParts);
  const int64_t plane = taps.geometry.taps * taps.geometry.filters;
  const int64_t roomFloats = 4 * taps.geometry.columns * taps.geometry.filters;
  const int rooms = compiler.privateSlot(std::min<int64_t>(compiler.threads(), parts) * roomFloats * 4);
  const int sums = compiler.privateSlot(parts * plane * 4);
  return [=](Frame& frame, const float* x, const float* dy, const Finish&, float* dKernel) {
    const int64_t pooled = taps.pooled();
    const int8_t* bytes = choicesAt(choices, frame);
    auto* found = reinterpret_cast<float*>(frame.slots[sums]);
    auto* room = reinterpret_cast<float*>(frame.slots[rooms]);
    std::fill_n(found, parts * plane, 0.0f);
    parallel(frame.threads, parts, [&](int thread, int64_t from, int64_t to) {
      for (int64_t part = from; part < to; part++) {
        const int64_t last = taps.images * (part + 1) / parts;
        for (int64_t i = taps.images * part / parts; i < last; i++) {
          inner().slopes(taps.now(), x + i * taps.size, {dy + i * pooled, bytes + i * pooled}, found + part * plane,
                         room + thread * roomFloats);
        }
      }
    });
    for (int64_t i = 0; i < plane; i++) {
      double sum = 0;
      for (int64_t part = 0; part < parts; part++) sum += static_cast<double>(found[part * plane + i]);
      dKernel[i] = static_cast<float>(sum);
    }
  };
}

}  // namespace

bool hasPooledInput(const ConvSpec& conv) { return isPooledWinograd(conv); }

bool isPooledConv(const ConvSpec& conv, const CompositeSpec& pool) {
  FoundFinish finish;
  if (conv.dtype != DType::Float32 || conv.map != ConvMap::Output || product(conv.output) == 0) return false;
  if (!finish.find(conv.epilogue, conv.output) || !finish.isLayer()) return false;
  if (!isPooledWinograd(conv) && (!isOfFewTaps(conv) || conv.output[3] % inner().lanes != 0)) return false;
  if (!isPlain(conv.a, conv.input) || !isPlain(conv.b, conv.kernel)) return false;
  const Sizes pooled{conv.output[0], conv.output[1] / 2, conv.output[2] / 2, conv.output[3]};
  // Two axes, windows and steps of two, no padding.
  return pool.params == std::vector<double>{2, 2, 2, 2, 2, 0, 0, 0, 0} && pool.inputs.size() == 1 &&
         pool.outputs.size() == 1 && pool.inputs[0].shape == conv.output && pool.outputs[0].shape == pooled &&
         isPlain(conv.epilogue.stores[0].view, conv.output) && isPlain(pool.inputs[0].view, conv.output) &&
         isPlain(pool.outputs[0].view, pooled);
}

KernelPointer makePooledConv(const ConvSpec& conv, const View& pooled, const View* choices, Compiler& compiler) {
  ConvSpec spec = conv;
  // The pool's arrays have other shapes; where they begin is all that counts.
  View given = pooled;
  given.strides = denseStrides(conv.output);
  if (spec.map == ConvMap::Output) spec.epilogue.stores[0].view = given;
  else (spec.map == ConvMap::Input ? spec.a : spec.b) = given;
  const ConvRun run = isPooledWinograd(spec)         ? makePooledWinograd(spec, choices, compiler)
                      : spec.map == ConvMap::Output  ? makeForward(spec, choices)
                                                     : makeSlopes(spec, *choices, compiler);
  return makeConvBy(spec, run, compiler);
}

KernelPointer makeChosenSums(const Operand& slopes, const View& choices, int sums, Compiler& compiler) {
  const int64_t filters = slopes.shape.back();
  const int64_t windows = product(slopes.shape) / filters;
  const int64_t parts = std::min(windows, mostParts);
  const View dy = slopes.view;
  const int found = compiler.privateSlot(parts * filters * 8);
  const int threads = threadsFor(windows * filters, compiler.threads());
  return kernelOf(windows * filters, [=](Frame& frame) {
    const auto* from = reinterpret_cast<const float*>(placeOf(dy, frame));
    const int8_t* bytes = choicesAt(choices, frame);
    auto* partSums = reinterpret_cast<double*>(frame.slots[found]);
    std::fill_n(partSums, parts * filters, 0.0);
    parallel(std::min(threads, frame.threads), parts, [&](int, int64_t first, int64_t last) {
      for (int64_t part = first; part < last; part++) {
        const int64_t begin = windows * part / parts;
        inner().sums({from + begin * filters, bytes + begin * filters}, windows * (part + 1) / parts - begin, filters,
                     partSums + part * filters);
      }
    });
    auto* result = reinterpret_cast<float*>(frame.slots[sums]);
    for (int64_t f = 0; f < filters; f++) {
      double sum = 0;
      for (int64_t part = 0; part < parts; part++) sum += partSums[part * filters + f];
      result[f] = static_cast<float>(sum);
    }
  });
}

}  // namespace antler
