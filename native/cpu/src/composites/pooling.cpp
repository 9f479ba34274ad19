// Max and average pools over one or two axes, and their gradients. Which tap was the largest is found again from x and y.
#include "composites.h"

namespace antler {
namespace {

/** Parameters: how many axes, then their sizes, strides, and padding before and after. A pool over one axis has one row. */
PoolGeometry geometryOf(const CompositeSpec& spec, const Sizes& x, const Sizes& y) {
  const auto axes = static_cast<size_t>(integerParam(spec, 0, 1, 2));
  demand(spec.params.size() >= 1 + 4 * axes && x.size() == axes + 2 && y.size() == axes + 2, "a pool over its axes");
  demand(x[0] == y[0] && x[axes + 1] == y[axes + 1], "batch and channels that a pool leaves alone");
  const auto param = [&](size_t list, size_t axis, int64_t least) {
    return integerParam(spec, 1 + list * axes + axis, least, INT32_MAX);
  };
  for (size_t axis = 0; axis < axes; axis++) {
    const int64_t room = x[axis + 1] + param(2, axis, 0) + param(3, axis, 0) - param(0, axis, 1);
    demand(param(2, axis, 0) < param(0, axis, 1) && param(3, axis, 0) < param(0, axis, 1), "padding within a window");
    demand(room >= 0 && y[axis + 1] == room / param(1, axis, 1) + 1, "an output as large as the geometry says");
  }
  const size_t last = axes - 1;
  const bool image = axes == 2;
  PoolGeometry pool{};
  pool.images = x[0];
  pool.height = image ? x[1] : 1;
  pool.width = x[axes];
  pool.channels = x[axes + 1];
  pool.outHeight = image ? y[1] : 1;
  pool.outWidth = y[axes];
  pool.tapsDown = image ? param(0, 0, 1) : 1;
  pool.tapsAcross = param(0, last, 1);
  pool.strideDown = image ? param(1, 0, 1) : 1;
  pool.strideAcross = param(1, last, 1);
  pool.top = image ? param(2, 0, 0) : 0;
  pool.left = param(2, last, 0);
  return pool;
}

int64_t costOf(const PoolGeometry& pool) {
  return pool.images * pool.outHeight * pool.outWidth * pool.channels * pool.tapsDown * pool.tapsAcross +
         pool.images * pool.height * pool.width * pool.channels;
}

using Forward = decltype(PoolRoutines::maxForward);

KernelPointer makeForward(const CompositeSpec& spec, Compiler& compiler, Forward forward) {
  demand(spec.inputs.size() == 1 && spec.outputs.size() == 1, "one operand on each side");
  const Operand x = spec.inputs[0];
  const Operand y = spec.outputs[0];
  demandOperands(spec.inputs, {{x.shape}});
  demandOperands(spec.outputs, {{y.shape}});
  const PoolGeometry pool = geometryOf(spec, x.shape, y.shape);
  const int threads = threadsFor(costOf(pool), compiler.threads());
  return kernelOf(costOf(pool), [=](Frame& frame) {
    parallel(std::min(threads, frame.threads), pool.images * pool.outHeight, [&](int, int64_t from, int64_t to) {
      forward(pool, floatsAt(x, frame), floatsAt(y, frame), from, to);
    });
  });
}

/** Of x, y, g and dx. */
PoolGeometry gradientOf(const CompositeSpec& spec) {
  demand(spec.inputs.size() == 3 && spec.outputs.size() == 1, "x, y, g and one result");
  const Sizes& x = spec.inputs[0].shape;
  const Sizes& y = spec.inputs[1].shape;
  demandOperands(spec.inputs, {{x}, {y}, {y}});
  demandOperands(spec.outputs, {{x}});
  return geometryOf(spec, x, y);
}

}  // namespace

KernelPointer makeMaxPool(const CompositeSpec& spec, Compiler& compiler) {
  return makeForward(spec, compiler, fused().pools.maxForward);
}

KernelPointer makeAveragePool(const CompositeSpec& spec, Compiler& compiler) {
  return makeForward(spec, compiler, fused().pools.meanForward);
}

KernelPointer makeMaxPoolGradient(const CompositeSpec& spec, Compiler& compiler) {
  const PoolGeometry pool = gradientOf(spec);
  const Operand x = spec.inputs[0];
  const Operand y = spec.inputs[1];
  const Operand g = spec.inputs[2];
  const Operand dx = spec.outputs[0];
  const int threads = threadsFor(costOf(pool), compiler.threads());
  const auto backward = fused().pools.maxBackward;
  return kernelOf(costOf(pool), [=](Frame& frame) {
    parallel(std::min(threads, frame.threads), pool.images, [&](int, int64_t from, int64_t to) {
      backward(pool, floatsAt(x, frame), floatsAt(y, frame), floatsAt(g, frame), floatsAt(dx, frame), from, to);
    });
  });
}

KernelPointer makeMaxPoolReluGradient(const CompositeSpec& spec, const View& target, int sums, Compiler& compiler) {
  const PoolGeometry pool = gradientOf(spec);
  const Operand x = spec.inputs[0];
  const Operand y = spec.inputs[1];
  const Operand g = spec.inputs[2];
  if (!pool.isTiled()) return nullptr;
  const Operand dx{target, x.shape};
  const int threads = threadsFor(costOf(pool), compiler.threads());
  // A matter of the shape alone, and so are the bits of the sums.
  const int64_t parts = std::min<int64_t>(pool.images, 32);
  const int64_t channels = pool.channels;
  const int room = compiler.privateSlot(parts * channels * 12);
  const auto backward = fused().pools.maxBackwardRelu;
  return kernelOf(costOf(pool), [=](Frame& frame) {
    auto* found = reinterpret_cast<double*>(frame.slots[room]);
    auto* spare = reinterpret_cast<float*>(found + parts * channels);
    std::fill_n(found, parts * channels, 0.0);
    parallel(std::min(threads, frame.threads), parts, [&](int, int64_t from, int64_t to) {
      for (int64_t part = from; part < to; part++) {
        backward(pool, floatsAt(x, frame), floatsAt(y, frame), floatsAt(g, frame), floatsAt(dx, frame),
                 found + part * channels, spare + part * channels, pool.images * part / parts,
                 pool.images * (part + 1) / parts);
      }
    });
    auto* result = reinterpret_cast<float*>(frame.slots[sums]);
    for (int64_t c = 0; c < channels; c++) {
      double sum = 0;
      for (int64_t part = 0; part < parts; part++) sum += found[part * channels + c];
      result[c] = static_cast<float>(sum);
    }
  });
}

KernelPointer makeAveragePoolGradient(const CompositeSpec& spec, Compiler& compiler) {
  demand(spec.inputs.size() == 1 && spec.outputs.size() == 1, "one operand on each side");
  const Operand g = spec.inputs[0];
  const Operand dx = spec.outputs[0];
  demandOperands(spec.inputs, {{g.shape}});
  demandOperands(spec.outputs, {{dx.shape}});
  const PoolGeometry pool = geometryOf(spec, dx.shape, g.shape);
  const int threads = threadsFor(costOf(pool), compiler.threads());
  const auto backward = fused().pools.meanBackward;
  return kernelOf(costOf(pool), [=](Frame& frame) {
    parallel(std::min(threads, frame.threads), pool.images, [&](int, int64_t from, int64_t to) {
      backward(pool, floatsAt(g, frame), floatsAt(dx, frame), from, to);
    });
  });
}

}  // namespace antler
