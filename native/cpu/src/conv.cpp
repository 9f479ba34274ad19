// The conv kernel: fast code where there is some for the geometry (winograd.cpp, windows.cpp, oneDNN), else the addon's own
// products of convolution.h.
#include <algorithm>
#include <cstring>

#include "conv.h"
#include "convolution.h"
#include "ending.h"
#include "finish.h"
#include "gemm.h"
#include "halves.h"
#include "onednn.h"
#include "packed.h"
#include "parallel.h"
#include "windows.h"
#include "winograd.h"

namespace antler {
namespace {

/** Multiplications below which the library's overhead is more than the work. */
constexpr int64_t smallConv = 64 * 1024;

int64_t multiplications(const ConvSpec& spec) {
  return product(spec.output) * product(spec.kernel, 0, spec.kernel.size() - 1);
}

/** A way to compute a convolution, and whether it heeds `Finish`. */
struct FastConv {
  ConvRun run;
  bool finishes = false;
};

/** A convolution of dense arrays. */
class DenseConv final : public Kernel {
 public:
  DenseConv(const ConvSpec& spec, const FastConv& fast, Compiler& compiler) : spec_(spec), compute_(fast.run) {
    if (fast.finishes && finish_.find(spec.epilogue, spec.result())) {
      spec_.epilogue = {{}, {}, {{spec.epilogue.stores[0].view, 0}}};
    }
    const auto makeOperand = [&](View& view, const Sizes& shape) {
      if (isDense(shape, view.strides)) return;
      before_.push_back(makeDense(view, shape, compiler));
      cost += before_.back()->cost;
    };
    makeOperand(spec_.a, spec.shapeOfA());
    makeOperand(spec_.b, spec.shapeOfB());
    ending_ = makeEnding(spec_.epilogue, spec.dtype, spec.dtype, spec.result(), compiler,
                         [&](const View& view) { return isDense(spec.result(), view.strides); });
    if (ending_.loop != nullptr) cost += ending_.loop->cost;
    cost += multiplications(spec) / 8;
    // What is not the addon's own is the library's.
    if (!fast.finishes) compiler.needLibrary();
  }

  void run(Frame& frame) override {
    for (const KernelPointer& kernel : before_) kernel->run(frame);
    const auto at = [&](const View& view) { return reinterpret_cast<float*>(placeOf(view, frame)); };
    compute_(frame, at(spec_.a), at(spec_.b), finish_.at(frame), at(ending_.result));
    if (ending_.loop != nullptr) ending_.loop->run(frame);
  }

 private:
  ConvSpec spec_;
  ConvRun compute_;
  FoundFinish finish_;
  std::vector<KernelPointer> before_;
  Ending ending_;
};

class OwnConv final : public Kernel {
 public:
  OwnConv(const ConvSpec& spec, Compiler& compiler);
  void run(Frame& frame) override;

 private:
  void fillRoom(const char* sample, char* room) const;
  /** Sends rows of sums to their places. */
  void place(const Phase& phase, const char* sums, char* result) const;

  ConvSpec spec_;
  Plan plan_;
  int bytes_;
  int sumBytes_;
  /** From where to where each position of a sample goes that lies in the room. */
  std::vector<int64_t> from_, to_;
  std::vector<int64_t> lines_;
  std::vector<std::unique_ptr<Gemm>> products_;
  int room_ = -1;
  int sums_ = -1;
  int64_t roomBytes_ = 0;
  Ending ending_;
};

OwnConv::OwnConv(const ConvSpec& spec, Compiler& compiler)
    : spec_(spec), plan_(planConvolution(spec)), bytes_(sizeOf(spec.dtype)), sumBytes_(sizeOf(sumsOf(spec.dtype))) {
  const Sizes& shape = spec.shapeOfA();
  const size_t rank = spec.strides.size();
  Sizes counts(rank), given(rank), own(rank);
  int64_t start = 0;
  int64_t target = 0;
  Sizes sizes = plan_.room;
  sizes.push_back(plan_.channels);
  const Sizes strides = denseStrides(sizes);
  for (size_t i = 0; i < rank; i++) {
    const int64_t first = std::max<int64_t>(0, -plan_.shifts[i]);
    counts[i] = std::max<int64_t>(0, std::min(shape[i + 1], plan_.room[i] - plan_.shifts[i]) - first);
    given[i] = spec.a.strides[i + 1];
    own[i] = strides[i];
    start += first * given[i];
    target += (first + plan_.shifts[i]) * own[i];
  }
  from_ = gridOffsets(counts, given, start);
  to_ = gridOffsets(counts, own, target);
  lines_ = gridOffsets({plan_.columns}, {spec.b.strides[plan_.columnAxisB]});
  roomBytes_ = std::max<int64_t>(0, product(sizes)) * bytes_;
  room_ = compiler.privateSlot(roomBytes_);
  int64_t most = 0;
  for (const Phase& phase : plan_.phases) {
    const auto rows = static_cast<int64_t>(phase.rows.size());
    products_.push_back(std::make_unique<Gemm>(spec.dtype, rows, plan_.columns,
                                               static_cast<int64_t>(phase.depth.size()), compiler));
    most = std::max(most, rows * plan_.columns);
  }
  sums_ = compiler.privateSlot(most * sumBytes_);
  ending_ = makeEnding(spec.epilogue, spec.dtype, sumsOf(spec.dtype), spec.result(), compiler,
                       [](const View& view) { return view.strides.back() == 1; });
  cost = multiplications(spec) / 4 + product(spec.input) + product(spec.output) +
         (ending_.loop == nullptr ? 0 : ending_.loop->cost);
}

void OwnConv::run(Frame& frame) {
  const size_t last = spec_.strides.size() + 1;
  const int64_t groupA = plan_.channels * spec_.a.strides[last];
  const int64_t groupB = (spec_.map == ConvMap::Input ? plan_.channels : plan_.columns) * spec_.b.strides[last];
  const bool sumsSamples = spec_.map == ConvMap::Kernel;
  const char* a = placeOf(spec_.a, frame);
  const char* b = placeOf(spec_.b, frame);
  char* result = placeOf(ending_.result, frame);
  char* room = frame.slots[room_];
  char* sums = frame.slots[sums_];
  const int64_t samples = spec_.shapeOfA()[0];
  std::memset(room, 0, static_cast<size_t>(roomBytes_));
  if (product(spec_.result()) > 0) {
    for (int64_t group = 0; group < spec_.groups; group++) {
      char* column = result + group * plan_.columns * sumBytes_;
      if (sumsSamples && samples == 0) {
        std::memset(sums, 0, plan_.phases[0].rows.size() * static_cast<size_t>(plan_.columns * sumBytes_));
      }
      for (int64_t sample = 0; sample < samples; sample++) {
        fillRoom(a + (sample * spec_.a.strides[0] + group * groupA) * bytes_, room);
        const int64_t startB = group * groupB + (sumsSamples ? sample * spec_.b.strides[0] : 0);
        for (size_t i = 0; i < plan_.phases.size(); i++) {
          const Phase& phase = plan_.phases[i];
          products_[i]->run(frame, static_cast<int64_t>(phase.rows.size()), plan_.columns,
                            static_cast<int64_t>(phase.depth.size()), {room, phase.rows.data(), phase.depth.data()},
                            {b + startB * bytes_, lines_.data(), phase.depthB.data()}, sums, plan_.columns,
                            sumsSamples && sample > 0);
          if (!sumsSamples) place(phase, sums, column + sample * ending_.result.strides[0] * sumBytes_);
        }
      }
      if (sumsSamples) place(plan_.phases[0], sums, column);
    }
  }
  if (ending_.loop != nullptr) ending_.loop->run(frame);
}

void OwnConv::fillRoom(const char* sample, char* room) const {
  const int64_t stride = spec_.a.strides[spec_.strides.size() + 1];
  const Moves& moves = routines().moves(bytes_);
  if (plan_.channels == 0) return;
  for (size_t i = 0; i < from_.size(); i++) {
    moves.loadStrided(room + to_[i] * bytes_, sample + from_[i] * bytes_, stride, plan_.channels);
  }
}

void OwnConv::place(const Phase& phase, const char* sums, char* result) const {
  Sizes steps;
  int64_t start = 0;
  for (size_t i = 0; i < plan_.rowAxes.size(); i++) {
    const int64_t stride = ending_.result.strides[plan_.rowAxes[i]];
    steps.push_back(stride * phase.steps[i]);
    start += stride * phase.starts[i];
  }
  Odometer rows(phase.sizes, {steps});
  rows.seek(0);
  const int64_t bytes = plan_.columns * sumBytes_;
  for (size_t row = 0; row < phase.rows.size(); row++, rows.next()) {
    std::memcpy(result + (start + rows.offset(0)) * sumBytes_, sums + static_cast<int64_t>(row) * bytes,
                static_cast<size_t>(bytes));
  }
}

ConvRun makeLibrary(const ConvSpec& spec, const Program& program) {
  const std::shared_ptr<OnednnConv> conv = OnednnConv::make(spec);
  if (conv == nullptr) return nullptr;
  const std::shared_ptr<Packed> kept =
      spec.map == ConvMap::Kernel ? nullptr : Packed::make(spec.b, spec.shapeOfB(), program);
  return [conv, kept](Frame&, const float* a, const float* b, const Finish&, float* result) {
    conv->run(a, b, kept == nullptr ? nullptr : kept->at(b, [&] { return conv->pack(b); }), result);
  };
}

FastConv makeFast(const ConvSpec& spec, Compiler& compiler) {
  for (const auto make : {makeWinograd, makeDepthwise, makeWindows}) {
    if (ConvRun compute = make(spec, compiler)) return {std::move(compute), true};
  }
  return {OnednnConv::supports(spec) ? makeLibrary(spec, compiler.program()) : nullptr};
}

/** Whether it is of single taps that skip pixels, inside of the image. */
bool isSparse(const ConvSpec& spec) {
  bool skips = false;
  for (size_t i = 0; i < spec.strides.size(); i++) {
    if (spec.kernel[i] != 1 || spec.low[i] != 0 || spec.high[i] > 0) return false;
    skips = skips || spec.strides[i] > 1;
  }
  return skips;
}

/** The same on the pixels that it does not skip. */
ConvSpec withoutGaps(ConvSpec spec) {
  for (size_t i = 0; i < spec.strides.size(); i++) {
    if (spec.map != ConvMap::Input) spec.a.strides[i + 1] *= spec.strides[i];
    spec.input[i + 1] = spec.output[i + 1];
    spec.strides[i] = 1;
    spec.high[i] = 0;
  }
  return spec;
}

/** What leads back to the input of a sparse convolution: that of its pixels, spread over zeros. */
ConvRun makeSpread(const ConvSpec& spec, Compiler& compiler) {
  const ConvSpec dense = withoutGaps(spec);
  const ConvRun compute = makeFast(dense, compiler).run;
  if (compute == nullptr) return nullptr;
  const size_t rank = spec.strides.size();
  const int pixels = compiler.privateSlot(product(dense.input) * sizeOf(spec.dtype));
  Sizes strides = denseStrides(spec.input);
  for (size_t i = 0; i < rank; i++) strides[i + 1] *= spec.strides[i];
  const std::vector<int64_t> places = gridOffsets(slice(dense.input, 1, rank + 1), slice(strides, 1, rank + 1), 0);
  const int64_t images = spec.input[0];
  const int64_t channels = spec.input[rank + 1];
  const int64_t size = product(spec.input, 1, rank + 2);
  const int threads = threadsFor(2 * images * size, compiler.threads());
  return [=](Frame& frame, const float* a, const float* b, const Finish& finish, float* result) {
    auto* found = reinterpret_cast<float*>(frame.slots[pixels]);
    compute(frame, a, b, finish, found);
    parallel(std::min(threads, frame.threads), images, [&](int, int64_t from, int64_t to) {
      for (int64_t image = from; image < to; image++) {
        float* target = result + image * size;
        const float* given = found + image * static_cast<int64_t>(places.size()) * channels;
        std::fill_n(target, size, 0.0f);
        for (size_t i = 0; i < places.size(); i++) {
          std::copy_n(given + static_cast<int64_t>(i) * channels, channels, target + places[i]);
        }
      }
    });
  };
}

}  // namespace

KernelPointer makeConvBy(const ConvSpec& spec, const ConvRun& run, Compiler& compiler) {
  return std::make_unique<DenseConv>(spec, FastConv{run, true}, compiler);
}

KernelPointer makeConv(const ConvSpec& given, Compiler& compiler) {
  if (isHalf(given.dtype)) return makeWide(given, {given.shapeOfA(), given.shapeOfB()}, compiler, makeConv);
  const bool sparse = isSparse(given);
  const ConvSpec& spec = sparse && given.map != ConvMap::Input ? withoutGaps(given) : given;
  if (multiplications(spec) >= smallConv) {
    const FastConv fast =
        sparse && given.map == ConvMap::Input ? FastConv{makeSpread(spec, compiler)} : makeFast(spec, compiler);
    if (fast.run != nullptr) return std::make_unique<DenseConv>(spec, fast, compiler);
  }
  return std::make_unique<OwnConv>(spec, compiler);
}

}  // namespace antler
