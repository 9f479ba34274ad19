// The composites maxPool and maxPoolGradient: windows are walked place by place, all channels of a place at once.
#include <algorithm>
#include <cstring>
#include <limits>

#include "ending.h"
#include "isa/isa.h"
#include "parallel.h"

namespace antler {
namespace {

constexpr int64_t mostChannels = 512;

class Pool final : public Kernel {
 public:
  Pool(const PoolSpec& spec, Compiler& compiler) : spec_(spec) {
    const size_t rank = spec.sizes.size();
    const auto dense = [&](View& view, const Sizes& shape) {
      if (!isDense(shape, view.strides)) before_.push_back(makeDense(view, shape, compiler));
    };
    for (size_t i = 0; i < spec_.inputs.size(); i++) dense(spec_.inputs[i], i == 0 ? spec.input : spec.output);
    const Sizes& shape = spec.gradient ? spec.input : spec.output;
    Epilogue epilogue;
    epilogue.stores = {{spec.out, 0}};
    ending_ = makeEnding(epilogue, DType::Float32, DType::Float32, shape, compiler,
                         [&](const View& view) { return isDense(shape, view.strides); });
    channels_ = spec.input[rank + 1];
    inputs_ = slice(spec.input, 1, rank + 1);
    outputs_ = slice(spec.output, 1, rank + 1);
    along_ = denseStrides(slice(spec.input, 1, rank + 2));
    taps_ = product(spec.sizes);
    cost = product(spec.output) * taps_ * 2 + product(shape);
    threads_ = threadsFor(cost, compiler.threads());
  }

  void run(Frame& frame) override {
    for (const KernelPointer& kernel : before_) kernel->run(frame);
    const float* arrays[3] = {};
    for (size_t i = 0; i < spec_.inputs.size(); i++) {
      arrays[i] = reinterpret_cast<const float*>(placeOf(spec_.inputs[i], frame));
    }
    float* out = reinterpret_cast<float*>(placeOf(ending_.result, frame));
    const int64_t sizeIn = product(inputs_) * channels_;
    const int64_t sizeOut = product(outputs_) * channels_;
    // Windows may overlap, so a sample belongs to one thread.
    parallel(std::min(frame.threads, threads_), spec_.input[0], [&](int, int64_t from, int64_t to) {
      for (int64_t sample = from; sample < to; sample++) {
        const float* x = arrays[0] + sample * sizeIn;
        if (spec_.gradient) give(x, arrays[1] + sample * sizeOut, arrays[2] + sample * sizeOut, out + sample * sizeIn);
        else most(x, out + sample * sizeOut);
      }
    });
    if (ending_.loop != nullptr) ending_.loop->run(frame);
  }

 private:
  /** Calls f(number of the window, offset of a place in x or -1 for padding) for every place of every window, in order. */
  template <class F>
  void walk(const F& f) const {
    const size_t rank = outputs_.size();
    const int64_t windows = product(outputs_);
    int64_t at[maxRank] = {};
    for (int64_t window = 0; window < windows; window++) {
      int64_t tap[maxRank] = {};
      for (int64_t t = 0; t < taps_; t++) {
        int64_t offset = 0;
        bool inside = true;
        for (size_t i = 0; i < rank; i++) {
          const int64_t place = at[i] * spec_.strides[i] - spec_.low[i] + tap[i];
          inside = inside && place >= 0 && place < inputs_[i];
          offset += place * along_[i];
        }
        f(window, inside ? offset : -1);
        for (size_t i = rank; i-- > 0 && ++tap[i] == spec_.sizes[i];) tap[i] = 0;
      }
      for (size_t i = rank; i-- > 0 && ++at[i] == outputs_[i];) at[i] = 0;
    }
  }

  void most(const float* x, float* y) const {
    const auto pool = routines().pooling.most;
    std::fill_n(y, product(outputs_) * channels_, -std::numeric_limits<float>::infinity());
    walk([&](int64_t window, int64_t offset) {
      if (offset >= 0) pool(y + window * channels_, x + offset, channels_);
    });
  }

  void give(const float* x, const float* y, const float* g, float* dx) const {
    const auto pool = routines().pooling.give;
    std::fill_n(dx, product(inputs_) * channels_, 0.0f);
    for (int64_t first = 0; first < channels_; first += mostChannels) {
      const int64_t count = std::min(mostChannels, channels_ - first);
      alignas(64) int32_t done[mostChannels];
      int64_t current = -1;
      walk([&](int64_t window, int64_t offset) {
        if (window != current) std::memset(done, 0, static_cast<size_t>(count) * sizeof(int32_t));
        current = window;
        const int64_t at = window * channels_ + first;
        const bool inside = offset >= 0;
        pool(inside ? dx + offset + first : nullptr, inside ? x + offset + first : nullptr, y + at, g + at, done, count);
      });
    }
  }

  PoolSpec spec_;
  std::vector<KernelPointer> before_;
  Ending ending_;
  int64_t channels_;
  /** Spatial sizes, and strides of x over them. */
  Sizes inputs_, outputs_, along_;
  int64_t taps_;
  int threads_;
};

}  // namespace

KernelPointer makePool(const PoolSpec& spec, Compiler& compiler) { return std::make_unique<Pool>(spec, compiler); }

}  // namespace antler
