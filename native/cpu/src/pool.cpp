// The composites maxPool and maxPoolGradient: windows are walked place by place, all channels of a place at once.
#include <algorithm>
#include <limits>

#include "ending.h"
#include "isa/isa.h"
#include "parallel.h"

namespace antler {
namespace {

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
    offsets_ = gridOffsets(spec.sizes, slice(along_, 0, rank));
    cost = product(spec.output) * product(spec.sizes) * 2 + product(shape);
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
  /**
   * Calls f(window, start, offsets, padded) for every window: its places inside of x lie at `offsets` from `start`; it is
   * `padded` when it begins outside.
   */
  template <class F>
  void walk(const F& f) const {
    const size_t rank = outputs_.size();
    const int64_t windows = product(outputs_);
    int64_t at[maxRank] = {};
    std::vector<int64_t> some;
    for (int64_t window = 0; window < windows; window++) {
      int64_t start = 0;
      bool whole = true;
      for (size_t i = 0; i < rank; i++) {
        const int64_t first = at[i] * spec_.strides[i] - spec_.low[i];
        whole = whole && first >= 0 && first + spec_.sizes[i] <= inputs_[i];
        start += first * along_[i];
      }
      if (whole) {
        f(window, start, offsets_, false);
      } else {
        const bool padded = inside(at, some);
        f(window, start, some, padded);
      }
      for (size_t i = rank; i-- > 0 && ++at[i] == outputs_[i];) at[i] = 0;
    }
  }

  /** Which places of a window lie in x; true when its very first place does not. */
  bool inside(const int64_t* at, std::vector<int64_t>& places) const {
    const size_t rank = outputs_.size();
    int64_t tap[maxRank] = {};
    bool padded = false;
    places.clear();
    for (size_t t = 0; t < offsets_.size(); t++) {
      bool here = true;
      for (size_t i = 0; i < rank; i++) {
        const int64_t place = at[i] * spec_.strides[i] - spec_.low[i] + tap[i];
        here = here && place >= 0 && place < inputs_[i];
      }
      if (here) places.push_back(offsets_[t]);
      else if (places.empty()) padded = true;
      for (size_t i = rank; i-- > 0 && ++tap[i] == spec_.sizes[i];) tap[i] = 0;
    }
    return padded;
  }

  void most(const float* x, float* y) const {
    const auto pool = routines().pooling.most;
    walk([&](int64_t window, int64_t start, const std::vector<int64_t>& offsets, bool) {
      float* to = y + window * channels_;
      const auto places = static_cast<int64_t>(offsets.size());
      if (places == 0) std::fill_n(to, channels_, -std::numeric_limits<float>::infinity());
      else pool(to, x + start, offsets.data(), places, channels_);
    });
  }

  void give(const float* x, const float* y, const float* g, float* dx) const {
    const auto pool = routines().pooling.give;
    std::fill_n(dx, product(inputs_) * channels_, 0.0f);
    std::vector<float> rest;
    walk([&](int64_t window, int64_t start, const std::vector<int64_t>& offsets, bool padded) {
      const float* given = g + window * channels_;
      const float* largest = y + window * channels_;
      if (padded) {
        // Padding is -∞; where that is the largest, the padding has it first and keeps the gradient.
        rest.assign(given, given + channels_);
        for (int64_t c = 0; c < channels_; c++) {
          if (largest[c] == -std::numeric_limits<float>::infinity()) rest[c] = 0;
        }
        given = rest.data();
      }
      pool(dx + start, x + start, largest, given, offsets.data(), static_cast<int64_t>(offsets.size()), channels_);
    });
  }

  PoolSpec spec_;
  std::vector<KernelPointer> before_;
  Ending ending_;
  int64_t channels_;
  /** Spatial sizes, and strides of x over them. */
  Sizes inputs_, outputs_, along_;
  /** Of the places of a window from its first. */
  std::vector<int64_t> offsets_;
  int threads_;
};

}  // namespace

KernelPointer makePool(const PoolSpec& spec, Compiler& compiler) { return std::make_unique<Pool>(spec, compiler); }

}  // namespace antler
