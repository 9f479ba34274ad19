// Softmax, its logarithm, the cross-entropies of logits, and their gradients. The cross-entropy of class numbers itself is
// not here: it reports numbers that are no classes, as the gather of its decomposition does.
#include "composites.h"

namespace antler {
namespace {

struct Rows {
  Sizes shape, outer;
  int64_t n, rows, work;

  explicit Rows(const CompositeSpec& spec) {
    demand(!spec.inputs.empty() && !spec.inputs[0].shape.empty(), "rows");
    shape = spec.inputs[0].shape;
    outer = slice(shape, 0, shape.size() - 1);
    n = shape.back();
    rows = product(shape) / n;
    work = 12 * product(shape);
  }

  /** f(frame, first row, how many rows). */
  template <class F>
  KernelPointer kernel(Compiler& compiler, F f) const {
    const int threads = threadsFor(work, compiler.threads());
    return kernelOf(work, [threads, rows = rows, f](Frame& frame) {
      parallel(std::min(threads, frame.threads), rows, [&](int, int64_t from, int64_t to) { f(frame, from, to - from); });
    });
  }
};

using OneRow = decltype(RowRoutines::softmax);
using TwoRows = decltype(RowRoutines::softmaxBackward);

KernelPointer makeOne(const CompositeSpec& spec, Compiler& compiler, OneRow run) {
  const Rows r(spec);
  demandOperands(spec.inputs, {{r.shape}});
  demandOperands(spec.outputs, {{r.shape}});
  return r.kernel(compiler, [=, n = r.n, x = spec.inputs[0], y = spec.outputs[0]](Frame& frame, int64_t from, int64_t rows) {
    run(floatsAt(x, frame) + from * n, floatsAt(y, frame) + from * n, rows, n);
  });
}

KernelPointer makeTwo(const CompositeSpec& spec, Compiler& compiler, TwoRows run) {
  const Rows r(spec);
  demandOperands(spec.inputs, {{r.shape}, {r.shape}});
  demandOperands(spec.outputs, {{r.shape}});
  return r.kernel(compiler, [=, n = r.n, y = spec.inputs[0], g = spec.inputs[1], dx = spec.outputs[0]](
                                Frame& frame, int64_t from, int64_t rows) {
    run(floatsAt(y, frame) + from * n, floatsAt(g, frame) + from * n, floatsAt(dx, frame) + from * n, rows, n);
  });
}

}  // namespace

KernelPointer makeSoftmax(const CompositeSpec& spec, Compiler& compiler) {
  return makeOne(spec, compiler, fused().rows.softmax);
}

KernelPointer makeLogSoftmax(const CompositeSpec& spec, Compiler& compiler) {
  return makeOne(spec, compiler, fused().rows.logSoftmax);
}

KernelPointer makeSoftmaxGradient(const CompositeSpec& spec, Compiler& compiler) {
  return makeTwo(spec, compiler, fused().rows.softmaxBackward);
}

KernelPointer makeLogSoftmaxGradient(const CompositeSpec& spec, Compiler& compiler) {
  return makeTwo(spec, compiler, fused().rows.logSoftmaxBackward);
}

KernelPointer makeSoftmaxCrossEntropy(const CompositeSpec& spec, Compiler& compiler) {
  const Rows r(spec);
  demandOperands(spec.inputs, {{r.shape}, {r.shape}});
  demandOperands(spec.outputs, {{r.outer}});
  const auto run = fused().rows.crossEntropy;
  return r.kernel(compiler, [=, n = r.n, x = spec.inputs[0], targets = spec.inputs[1], y = spec.outputs[0]](
                                Frame& frame, int64_t from, int64_t rows) {
    run(floatsAt(x, frame) + from * n, floatsAt(targets, frame) + from * n, floatsAt(y, frame) + from, rows, n);
  });
}

KernelPointer makeSoftmaxCrossEntropyGradient(const CompositeSpec& spec, Compiler& compiler) {
  const Rows r(spec);
  demandOperands(spec.inputs, {{r.shape}, {r.shape}, {r.outer}});
  demandOperands(spec.outputs, {{r.shape}});
  const auto run = fused().rows.crossEntropyBackward;
  return r.kernel(compiler, [=, n = r.n, x = spec.inputs[0], targets = spec.inputs[1], g = spec.inputs[2],
                             dx = spec.outputs[0]](Frame& frame, int64_t from, int64_t rows) {
    run(floatsAt(x, frame) + from * n, floatsAt(targets, frame) + from * n, floatsAt(g, frame) + from,
        floatsAt(dx, frame) + from * n, rows, n);
  });
}

KernelPointer makeSparseSoftmaxCrossEntropyGradient(const CompositeSpec& spec, Compiler& compiler) {
  const Rows r(spec);
  demandOperands(spec.inputs, {{r.shape}, {r.outer, DType::Int32}, {r.outer}});
  demandOperands(spec.outputs, {{r.shape}});
  const auto run = fused().rows.sparseCrossEntropyBackward;
  return r.kernel(compiler, [=, n = r.n, x = spec.inputs[0], labels = spec.inputs[1], g = spec.inputs[2],
                             dx = spec.outputs[0]](Frame& frame, int64_t from, int64_t rows) {
    run(floatsAt(x, frame) + from * n, reinterpret_cast<const int32_t*>(placeOf(labels.view, frame)) + from,
        floatsAt(g, frame) + from, floatsAt(dx, frame) + from * n, rows, n);
  });
}

}  // namespace antler
