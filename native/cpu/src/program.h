// A Program as core means it (packages/core/src/graph/program.ts), after the reader has checked it.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "../../common/opcodes.gen.h"
#include "dtype.h"

namespace antler {

using Sizes = std::vector<int64_t>;

/** An affine window on a slot, in elements. */
struct View {
  int slot = 0;
  DType dtype = DType::Float32;
  int64_t offset = 0;
  Sizes turns;
  Sizes strides;
};

enum class Step { Load, Const, Scalar, Index, Operate };

struct Instruction {
  Step step = Step::Const;
  DType dtype = DType::Float32;
  /** Input of a load, number of a scalar, axis of an index. */
  int number = 0;
  double value = 0;
  Op op = Op::Neg;
  int args[4] = {0, 0, 0, 0};
};

struct Store {
  View view;
  int value = 0;
};

struct Reduction {
  Fold fold = Fold::Sum;
  int value = 0;
};

struct LoopSpec {
  Sizes shape;
  int reduced = 0;
  std::vector<View> inputs;
  std::vector<Instruction> body;
  std::vector<Reduction> reductions;
  std::vector<Instruction> epilogue;
  std::vector<Store> stores;
};

/** What happens to the result of a product: value 0 is the sum. */
struct Epilogue {
  std::vector<View> inputs;
  std::vector<Instruction> instructions;
  std::vector<Store> stores;
};

struct DotSpec {
  DType dtype = DType::Float32;
  Sizes batch, m, n, k;
  View a, b;
  Epilogue epilogue;
};

enum class ConvMap : uint8_t { Output, Input, Kernel };

struct ConvSpec {
  DType dtype = DType::Float32;
  ConvMap map = ConvMap::Output;
  Sizes input, kernel, output, strides, low, high, dilation;
  int64_t groups = 1;
  View a, b;
  Epilogue epilogue;

  const Sizes& result() const {
    return map == ConvMap::Output ? output : map == ConvMap::Input ? input : kernel;
  }
  const Sizes& shapeOfA() const { return map == ConvMap::Input ? output : input; }
  const Sizes& shapeOfB() const { return map == ConvMap::Kernel ? output : kernel; }
};

enum class ScatterMode : uint8_t { Set, Add, Max, Min };

/** Gather and scatter: `indexed` is the view whose places the indices choose, `listed` has a slice for each row. */
struct IndexedSpec {
  bool scatter = false;
  ScatterMode mode = ScatterMode::Set;
  Sizes batch, index, limits, slice;
  View indices, indexed, listed;
  /** First fault site, or -1: indices outside mean the nearest one inside. */
  int64_t site = -1;
  /** The slot of the fault word, or -1. */
  int faultSlot = -1;
};

struct CumulateSpec {
  Fold fold = Fold::Sum;
  bool exclusive = false;
  Sizes shape;
  View x, out;
};

struct SortSpec {
  bool descending = false;
  Sizes shape;
  std::vector<View> inputs, outputs;
};

/** A view with the sizes of its axes. */
struct Operand {
  View view;
  Sizes shape;
};

/** A named operation; its parameters as numbers, in the order of packages/backend-cpu-native/src/composites.ts. */
struct CompositeSpec {
  /** Its place in the table of composites/registry.cpp. */
  int name = 0;
  std::vector<double> params;
  std::vector<Operand> inputs, outputs;
};

struct KernelSpec;

struct RepeatSpec {
  int64_t count = 0;
  std::vector<KernelSpec> kernels;
};

struct KernelSpec {
  std::variant<LoopSpec, DotSpec, ConvSpec, IndexedSpec, CumulateSpec, SortSpec, RepeatSpec, CompositeSpec> spec;
};

enum class Role : uint8_t { Input, Output, Inout, Temp };

struct Slot {
  int64_t bytes = 0;
  Role role = Role::Temp;
};

struct Program {
  /** Those that are not `Temp` come first. */
  std::vector<Slot> slots;
  int64_t scalars = 0;
  int faultSlot = -1;
  std::vector<KernelSpec> kernels;
};

}  // namespace antler
