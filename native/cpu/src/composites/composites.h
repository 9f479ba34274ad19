// Composites that run as one kernel: a table from names to factories. What a composite means is its decomposition in
// packages/core/src/ops/composites; which shapes are offered is decided in packages/backend-cpu-native/src/composites.ts.
#pragma once

#include <functional>

#include "../axes.h"
#include "../error.h"
#include "../isa/fused.h"
#include "../isa/isa.h"
#include "../kernel.h"
#include "../parallel.h"

namespace antler {

using CompositeFactory = KernelPointer (*)(const CompositeSpec& spec, Compiler& compiler);

struct CompositeRow {
  const char* name;
  CompositeFactory make;
};

// One list per family, in the order of the table in composites.ts.
KernelPointer makeMaxPool(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeMaxPoolGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeAveragePool(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeAveragePoolGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeLstm(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeLstmGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeGru(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeGruGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeAttention(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeAttentionGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeBatchNorm(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeBatchNormGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeLayerNorm(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeLayerNormGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeSoftmax(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeSoftmaxGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeLogSoftmax(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeLogSoftmaxGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeSoftmaxCrossEntropy(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeSoftmaxCrossEntropyGradient(const CompositeSpec& spec, Compiler& compiler);
KernelPointer makeSparseSoftmaxCrossEntropyGradient(const CompositeSpec& spec, Compiler& compiler);

/**
 * The gradient of a max pool and of the max(x, 0) before it: written to `target`, and its sums by channel to a slot of floats.
 * Null unless the windows are side by side.
 */
KernelPointer makeMaxPoolReluGradient(const CompositeSpec& spec, const View& target, int sums, Compiler& compiler);
/** What the products of an LSTM are made of: x [batch, steps, features] times a kernel [features, 4 units], and a bias. */
struct LstmInput {
  View x, kernel, bias;
  bool hasBias = false;
  /** 0 when the products are given. */
  int64_t features = 0;
};

/** An LSTM that multiplies its inputs as it goes, when `input` has features. */
KernelPointer makeLstm(const CompositeSpec& spec, const LstmInput& input, Compiler& compiler);
/** The place of a name in the table. */
int compositeNumber(const char* name);

inline void demand(bool condition, const char* expected) {
  if (!condition) throw InvalidProgram(std::string("expected ") + expected);
}

/** Operands of these shapes, all of float32 unless said otherwise; an empty list of sizes is a scalar. */
struct Expected {
  Sizes shape;
  DType dtype = DType::Float32;
};

inline void demandOperands(const std::vector<Operand>& operands, std::initializer_list<Expected> expected) {
  demand(operands.size() == expected.size(), "as many operands as the composite has");
  size_t i = 0;
  for (const Expected& one : expected) {
    demand(operands[i].view.dtype == one.dtype, "operands of the composite's dtypes");
    demand(operands[i].shape == one.shape, "operands of the composite's shapes");
    i++;
  }
}

/** A parameter that counts something. */
inline int64_t integerParam(const CompositeSpec& spec, size_t i, int64_t least, int64_t most) {
  demand(i < spec.params.size(), "as many parameters as the composite has");
  const double x = spec.params[i];
  demand(x >= static_cast<double>(least) && x <= static_cast<double>(most) &&
             x == static_cast<double>(static_cast<int64_t>(x)),
         "a parameter within its range");
  return static_cast<int64_t>(x);
}

inline float* floatsAt(const Operand& operand, const Frame& frame) {
  return reinterpret_cast<float*>(placeOf(operand.view, frame));
}

inline const FusedRoutines& fused() { return routines().fused(); }

/** A composite whose run is a function; most need no more. */
class FunctionKernel final : public Kernel {
 public:
  FunctionKernel(int64_t work, std::function<void(Frame&)> body) : body_(std::move(body)) { cost = work; }
  void run(Frame& frame) override { body_(frame); }

 private:
  std::function<void(Frame&)> body_;
};

inline KernelPointer kernelOf(int64_t work, std::function<void(Frame&)> body) {
  return std::make_unique<FunctionKernel>(work, std::move(body));
}

}  // namespace antler
