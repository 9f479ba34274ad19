#include "pooledConv.h"

#include <algorithm>

#include "ending.h"
#include "isa/fused.h"
#include "isa/isa.h"
#include "layered.h"
#include "parallel.h"

namespace antler {
namespace {

/** Taps of all channels beyond which a convolution by itself is faster. */
constexpr int64_t mostTaps = 32;
/** Multiplications below which it is not worth its while. */
constexpr int64_t smallConv = 64 * 1024;

struct Plan {
  PooledConvGeometry geometry;
  std::vector<int64_t> offsets;
  int64_t images;
  /** Floats of an image. */
  int64_t size;

  explicit Plan(const ConvSpec& conv) : images(conv.input[0]), size(product(conv.input, 1, 4)) {
    const int64_t line = conv.input[2] * conv.input[3];
    offsets = gridOffsets({conv.kernel[0], conv.kernel[1], conv.kernel[2]},
                          {conv.dilation[0] * line, conv.dilation[1] * conv.input[3], 1});
    geometry = {conv.output[1] / 2,
                conv.output[2] / 2,
                conv.strides[0] * line,
                conv.strides[1] * conv.input[3],
                static_cast<int64_t>(offsets.size()),
                nullptr,
                conv.output[3]};
  }
  int64_t pooled() const { return geometry.windows() * geometry.filters; }
  /** Half a multiplication costs as much as a simple step; it may use threads, so it never runs on JavaScript's. */
  int64_t cost() const { return std::max(images * pooled() * geometry.taps / 2, worthThreads); }
};

}  // namespace

bool isPooledConv(const ConvSpec& conv, const CompositeSpec& pool) {
  const auto isPlain = [](const View& view, const Sizes& shape) {
    return view.dtype == DType::Float32 && isDense(shape, view.strides);
  };
  if (conv.dtype != DType::Float32 || conv.strides.size() != 2 || conv.groups != 1 || !layeredOf(conv).relu) return false;
  const int64_t taps = product(conv.kernel, 0, 3);
  if (conv.low != Sizes{0, 0} || conv.high != Sizes{0, 0} || taps > mostTaps || product(conv.output) == 0) return false;
  const int64_t lanes = routines().fused().pooledConv.lanes;
  if (conv.output[3] % lanes != 0 || product(conv.output) * taps < smallConv) return false;
  if (!isPlain(conv.a, conv.input) || !isPlain(conv.b, conv.kernel)) return false;
  const Sizes pooled{conv.output[0], conv.output[1] / 2, conv.output[2] / 2, conv.output[3]};
  return pool.params == std::vector<double>{2, 2, 2, 2, 2, 0, 0, 0, 0} && pool.inputs.size() == 1 &&
         pool.outputs.size() == 1 && pool.inputs[0].shape == conv.output && pool.outputs[0].shape == pooled &&
         isPlain(conv.epilogue.stores[0].view, conv.output) && isPlain(pool.inputs[0].view, conv.output) &&
         isPlain(pool.outputs[0].view, pooled);
}

namespace {

class PooledConv final : public Kernel {
 public:
  PooledConv(const ConvSpec& conv, const CompositeSpec& pool, bool choices)
      : plan_(conv), x_(conv.a), kernel_(conv.b), y_(pool.outputs[0].view), given_(pool.inputs[0].view), chooses_(choices) {
    const View* bias = layeredOf(conv).bias;
    hasBias_ = bias != nullptr;
    if (hasBias_) bias_ = *bias;
    cost = plan_.cost();
  }

  void run(Frame& frame) override {
    PooledConvGeometry g = plan_.geometry;
    g.offsets = plan_.offsets.data();
    const auto at = [&](const View& view) { return reinterpret_cast<float*>(placeOf(view, frame)); };
    const float* x = at(x_);
    const float* kernel = at(kernel_);
    const float* bias = hasBias_ ? at(bias_) : nullptr;
    float* y = at(y_);
    auto* choices = reinterpret_cast<int8_t*>(placeOf(given_, frame));
    const int64_t pooled = plan_.pooled();
    parallel(frame.threads, plan_.images, [&](int, int64_t from, int64_t to) {
      for (int64_t i = from; i < to; i++) {
        routines().fused().pooledConv.forward(g, x + i * plan_.size, kernel, bias, y + i * pooled,
                                              chooses_ ? choices + i * pooled : nullptr);
      }
    });
  }

 private:
  Plan plan_;
  View x_, kernel_, bias_, y_, given_;
  bool hasBias_, chooses_;
};

class PooledConvSlopes final : public Kernel {
 public:
  PooledConvSlopes(const ConvSpec& conv, const View& choices, const View& dy, int sums, KernelPointer between,
                   Compiler& compiler)
      : plan_(conv), x_(conv.a), choices_(choices), dy_(dy), sums_(sums), between_(std::move(between)) {
    const int64_t filters = plan_.geometry.filters;
    // A matter of the shape alone, and so are the bits of the sums.
    parts_ = std::min<int64_t>(plan_.images, 32);
    roomFloats_ = (4 * plan_.geometry.columns + 1) * filters;
    rooms_ = compiler.privateSlot(std::min<int64_t>(compiler.threads(), parts_) * roomFloats_ * 4);
    slopes_ = compiler.privateSlot(parts_ * plan_.geometry.taps * filters * 4);
    ofBias_ = compiler.privateSlot(parts_ * filters * 8);
    ending_ = makeEnding(conv.epilogue, conv.dtype, conv.dtype, conv.kernel, compiler,
                         [&](const View& view) { return isDense(conv.kernel, view.strides); });
    cost = plan_.cost() + between_->cost + (ending_.loop == nullptr ? 0 : ending_.loop->cost);
  }

  void run(Frame& frame) override {
    PooledConvGeometry g = plan_.geometry;
    g.offsets = plan_.offsets.data();
    const int64_t plane = g.taps * g.filters;
    const int64_t pooled = plan_.pooled();
    const auto* x = reinterpret_cast<const float*>(placeOf(x_, frame));
    const auto* choices = reinterpret_cast<const int8_t*>(placeOf(choices_, frame));
    const auto* dy = reinterpret_cast<const float*>(placeOf(dy_, frame));
    auto* rooms = reinterpret_cast<float*>(frame.slots[rooms_]);
    auto* slopes = reinterpret_cast<float*>(frame.slots[slopes_]);
    auto* ofBias = reinterpret_cast<double*>(frame.slots[ofBias_]);
    std::fill_n(slopes, parts_ * plane, 0.0f);
    std::fill_n(ofBias, parts_ * g.filters, 0.0);
    parallel(frame.threads, parts_, [&](int thread, int64_t from, int64_t to) {
      for (int64_t part = from; part < to; part++) {
        const int64_t last = plan_.images * (part + 1) / parts_;
        for (int64_t i = plan_.images * part / parts_; i < last; i++) {
          routines().fused().pooledConv.slopes(g, x + i * plan_.size, choices + i * pooled, dy + i * pooled,
                                               slopes + part * plane, ofBias + part * g.filters,
                                               rooms + thread * roomFloats_);
        }
      }
    });
    sumParts(ofBias, g.filters, reinterpret_cast<float*>(frame.slots[sums_]));
    between_->run(frame);
    sumParts(slopes, plane, reinterpret_cast<float*>(placeOf(ending_.result, frame)));
    if (ending_.loop != nullptr) ending_.loop->run(frame);
  }

 private:
  template <class T>
  void sumParts(const T* parts, int64_t count, float* result) const {
    for (int64_t i = 0; i < count; i++) {
      double sum = 0;
      for (int64_t part = 0; part < parts_; part++) sum += static_cast<double>(parts[part * count + i]);
      result[i] = static_cast<float>(sum);
    }
  }

  Plan plan_;
  View x_, choices_, dy_;
  int sums_;
  KernelPointer between_;
  Ending ending_;
  int64_t parts_, roomFloats_;
  int rooms_, slopes_, ofBias_;
};

}  // namespace

KernelPointer makePooledConv(const ConvSpec& conv, const CompositeSpec& pool, bool choices) {
  return std::make_unique<PooledConv>(conv, pool, choices);
}

KernelPointer makePooledConvSlopes(const ConvSpec& conv, const View& choices, const View& dy, int sums,
                                   KernelPointer between, Compiler& compiler) {
  return std::make_unique<PooledConvSlopes>(conv, choices, dy, sums, std::move(between), compiler);
}

}  // namespace antler
