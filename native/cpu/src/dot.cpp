// The dot kernel: a batch of matrix products. Those of few float32 rows are bound by memory and have a routine of their
// own, which needs neither copies nor the library. Other float32 matrices with a row or a column of neighbours go to oneDNN as they
// lie; others are copied first. Everything else, and what is small, is the addon's own product.
#include <algorithm>

#include "ending.h"
#include "gemm.h"
#include "halves.h"
#include "onednn.h"
#include "packed.h"
#include "parallel.h"

namespace antler {
namespace {

/** Multiplications below which the library's overhead is more than the work. */
constexpr int64_t smallProduct = 16 * 1024;

/** From here on the library uses all threads inside of one product. */
constexpr int64_t largeProduct = 1 << 20;

/** Entries of b, read and multiplied, below which a product of few rows is one thread's. */
constexpr int64_t worthThreadsFewRows = 1 << 17;

/** Columns of a product of few rows that one thread takes at least. */
constexpr int64_t fewRowsColumns = 32;

/** The two lists of axes of a matrix as one axis each, where that is possible. */
struct Layout {
  bool fits = false;
  DenseMatrix matrix{false, 0};
};

Layout layoutOf(const Sizes& rows, const Sizes& columns, const View& view, size_t batch) {
  const size_t middle = batch + rows.size();
  const Axes first = mergeAxes(rows, {slice(view.strides, batch, middle)});
  const Axes second = mergeAxes(columns, {slice(view.strides, middle, view.strides.size())});
  Layout layout;
  if (first.sizes.size() > 1 || second.sizes.size() > 1) return layout;
  const int64_t height = product(rows);
  const int64_t width = product(columns);
  // An axis of one entry has whatever stride suits.
  const int64_t down = first.sizes.empty() ? (second.sizes.empty() ? 1 : width * second.strides[0][0]) : first.strides[0][0];
  const int64_t across = second.sizes.empty() ? 1 : second.strides[0][0];
  if (across == 1 && down >= std::max<int64_t>(1, width)) layout = {true, {false, down}};
  else if ((down == 1 || height == 1) && across >= std::max<int64_t>(1, height)) layout = {true, {true, across}};
  return layout;
}

class Dot final : public Kernel {
 public:
  Dot(const DotSpec& spec, Compiler& compiler);
  void run(Frame& frame) override;

 private:
  bool planFewRows(const DotSpec& spec);
  bool planLibrary(const DotSpec& spec, Compiler& compiler);
  void runFewRows(Frame& frame);
  void runLibrary(Frame& frame);
  void runOwn(Frame& frame);

  DType dtype_;
  int64_t m_, n_, k_;
  View a_, b_;
  std::vector<int64_t> batchA_, batchB_, batchC_;
  /** Copies before the product. */
  std::vector<KernelPointer> before_;
  Ending ending_;
  int64_t strideC_ = 0;
  int threads_;

  bool fewRows_ = false;
  bool library_ = false;
  DenseMatrix layoutA_{}, layoutB_{};
  std::unique_ptr<OnednnMatmul> matmul_;
  bool triedMatmul_ = false;
  /** Of a right side that is packed once, with the product that takes it. */
  std::unique_ptr<Packed> kept_;
  std::unique_ptr<OnednnMatmul> packedMatmul_;
  bool triedPacked_ = false;

  std::unique_ptr<Gemm> gemm_;
  std::vector<int64_t> linesA_, depthA_, linesB_, depthB_;
};

Dot::Dot(const DotSpec& spec, Compiler& compiler)
    : dtype_(spec.dtype),
      m_(product(spec.m)),
      n_(product(spec.n)),
      k_(product(spec.k)),
      a_(spec.a),
      b_(spec.b),
      threads_(compiler.threads()) {
  const size_t batch = spec.batch.size();
  const int64_t turns = product(spec.batch);
  cost = turns * Gemm::costOf(m_, n_, k_);
  fewRows_ = planFewRows(spec);
  if (fewRows_) cost = turns * n_ * k_ * (m_ + 1) / 8;
  library_ = !fewRows_ && planLibrary(spec, compiler);
  batchA_ = gridOffsets(spec.batch, slice(a_.strides, 0, batch));
  batchB_ = gridOffsets(spec.batch, slice(b_.strides, 0, batch));
  if (!fewRows_ && !library_) {
    const size_t m = batch + spec.m.size();
    const size_t k = batch + spec.k.size();
    linesA_ = gridOffsets(spec.m, slice(a_.strides, batch, m));
    depthA_ = gridOffsets(spec.k, slice(a_.strides, m, a_.strides.size()));
    depthB_ = gridOffsets(spec.k, slice(b_.strides, batch, k));
    linesB_ = gridOffsets(spec.n, slice(b_.strides, k, b_.strides.size()));
    gemm_ = std::make_unique<Gemm>(spec.dtype, m_, n_, k_, compiler);
  }
  const Sizes shape = joined({&spec.batch, &spec.m, &spec.n});
  const auto strideOf = [&](const View& view) {
    const Layout layout = layoutOf(spec.m, spec.n, view, batch);
    return layout.fits && !layout.matrix.transposed ? layout.matrix.stride : 0;
  };
  ending_ = makeEnding(spec.epilogue, spec.dtype, sumsOf(spec.dtype), shape, compiler,
                       [&](const View& view) { return strideOf(view) > 0; });
  strideC_ = strideOf(ending_.result);
  batchC_ = gridOffsets(spec.batch, slice(ending_.result.strides, 0, batch));
  if (ending_.loop != nullptr) cost += ending_.loop->cost;
}

bool Dot::planFewRows(const DotSpec& spec) {
  if (spec.dtype != DType::Float32 || m_ < 1 || m_ > mostFewRows || n_ < 1 || k_ < 1) return false;
  const Layout a = layoutOf(spec.m, spec.k, a_, spec.batch.size());
  const Layout b = layoutOf(spec.k, spec.n, b_, spec.batch.size());
  if (!a.fits || a.matrix.transposed || !b.fits) return false;
  layoutA_ = a.matrix;
  layoutB_ = b.matrix;
  if (n_ == 1 && layoutB_.stride == 1) layoutB_ = {true, k_};
  return true;
}

bool Dot::planLibrary(const DotSpec& spec, Compiler& compiler) {
  if (onednnVersion().empty() || spec.dtype != DType::Float32) return false;
  if (m_ * n_ * k_ < smallProduct) return false;
  compiler.needLibrary();
  const size_t batch = spec.batch.size();
  const auto plan = [&](View& view, const Sizes& rows, const Sizes& columns, DenseMatrix& matrix) {
    Layout layout = layoutOf(rows, columns, view, batch);
    if (!layout.fits) {
      before_.push_back(makeDense(view, joined({&spec.batch, &rows, &columns}), compiler));
      cost += before_.back()->cost;
      layout = layoutOf(rows, columns, view, batch);
    }
    matrix = layout.matrix;
  };
  plan(a_, spec.m, spec.k, layoutA_);
  plan(b_, spec.k, spec.n, layoutB_);
  if (spec.batch.empty() && !layoutA_.transposed && Packed::suits(b_, compiler.program())) {
    const int64_t last = layoutB_.transposed ? k_ + (n_ - 1) * layoutB_.stride : n_ + (k_ - 1) * layoutB_.stride;
    kept_ = std::make_unique<Packed>(static_cast<size_t>(last) * sizeof(float));
  }
  return true;
}

void Dot::run(Frame& frame) {
  for (const KernelPointer& kernel : before_) kernel->run(frame);
  if (m_ > 0 && n_ > 0) {
    if (fewRows_) runFewRows(frame);
    else if (library_) runLibrary(frame);
    else runOwn(frame);
  }
  if (ending_.loop != nullptr) ending_.loop->run(frame);
}

void Dot::runFewRows(Frame& frame) {
  const float* a = reinterpret_cast<const float*>(placeOf(a_, frame));
  const float* b = reinterpret_cast<const float*>(placeOf(b_, frame));
  float* c = reinterpret_cast<float*>(placeOf(ending_.result, frame));
  const auto turns = static_cast<int64_t>(batchA_.size());
  const int64_t pieces = (n_ + fewRowsColumns - 1) / fewRowsColumns;
  const int threads = turns * n_ * k_ * (m_ + 1) < worthThreadsFewRows ? 1 : frame.threads;
  parallel(threads, turns * pieces, [&](int, int64_t from, int64_t to) {
    for (int64_t i = from / pieces; i * pieces < to; i++) {
      const auto turn = static_cast<size_t>(i);
      const FewRows product{m_, n_, k_, a + batchA_[turn], layoutA_.stride, b + batchB_[turn], layoutB_.stride,
                            layoutB_.transposed, c + batchC_[turn], strideC_};
      const int64_t first = std::max<int64_t>(0, from - i * pieces);
      const int64_t last = std::min(pieces, to - i * pieces);
      routines().fewRows(product, first * fewRowsColumns, std::min(n_, last * fewRowsColumns));
    }
  });
}

void Dot::runLibrary(Frame& frame) {
  const float* a = reinterpret_cast<const float*>(placeOf(a_, frame));
  const float* b = reinterpret_cast<const float*>(placeOf(b_, frame));
  float* c = reinterpret_cast<float*>(placeOf(ending_.result, frame));
  // Its product of two transposes apart, each of its interfaces is the faster one for some layout.
  const bool matmul = !layoutA_.transposed && batchA_.size() == 1;
  const float* packed = kept_ == nullptr ? nullptr : kept_->at(b, [&]() -> std::unique_ptr<Block> {
    if (!triedPacked_) packedMatmul_ = OnednnMatmul::make(m_, n_, k_, layoutA_, layoutB_, strideC_, true);
    triedPacked_ = true;
    return packedMatmul_ == nullptr ? nullptr : packedMatmul_->pack(b);
  });
  if (packed != nullptr) return packedMatmul_->run(a, packed, c);
  if (matmul && !triedMatmul_) {
    matmul_ = OnednnMatmul::make(m_, n_, k_, layoutA_, layoutB_, strideC_);
    triedMatmul_ = true;
  }
  if (matmul_ != nullptr) return matmul_->run(a, b, c);
  const auto multiply = [&](size_t i) {
    onednnMultiply(m_, n_, k_, a + batchA_[i], layoutA_, b + batchB_[i], layoutB_, c + batchC_[i], strideC_);
  };
  const auto turns = static_cast<int64_t>(batchA_.size());
  const int threads = m_ * n_ * k_ < largeProduct || turns >= 4 * frame.threads ? frame.threads : 1;
  // Inside of a parallel region the library uses one thread.
  if (turns > 1 && threads > 1) {
    parallel(threads, turns, [&](int, int64_t from, int64_t to) {
      for (int64_t i = from; i < to; i++) multiply(static_cast<size_t>(i));
    });
  } else {
    for (size_t i = 0; i < batchA_.size(); i++) multiply(i);
  }
}

void Dot::runOwn(Frame& frame) {
  const int bytes = sizeOf(dtype_);
  const int64_t bytesC = sizeOf(ending_.result.dtype);
  const char* a = placeOf(a_, frame);
  const char* b = placeOf(b_, frame);
  char* c = placeOf(ending_.result, frame);
  for (size_t i = 0; i < batchA_.size(); i++) {
    gemm_->run(frame, m_, n_, k_, {a + batchA_[i] * bytes, linesA_.data(), depthA_.data()},
               {b + batchB_[i] * bytes, linesB_.data(), depthB_.data()}, c + batchC_[i] * bytesC, strideC_, false);
  }
}

}  // namespace

KernelPointer makeDot(const DotSpec& spec, Compiler& compiler) {
  if (isHalf(spec.dtype)) {
    return makeWide(
        spec, {joined({&spec.batch, &spec.m, &spec.k}), joined({&spec.batch, &spec.k, &spec.n})}, compiler, makeDot);
  }
  return std::make_unique<Dot>(spec, compiler);
}

}  // namespace antler
