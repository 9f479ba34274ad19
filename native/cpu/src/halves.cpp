#include "halves.h"

#include <algorithm>

#include "isa/isa.h"

namespace antler {
namespace {

bool isHalfBody(const std::vector<Instruction>& list) {
  return std::any_of(list.begin(), list.end(), [](const Instruction& step) { return isHalf(step.dtype); });
}

Instruction castOf(DType dtype, int value) {
  Instruction cast;
  cast.step = Step::Operate;
  cast.dtype = dtype;
  cast.op = Op::Cast;
  cast.args[0] = value;
  return cast;
}

/** Opcodes that look at bits alone. */
bool movesBits(Op op) { return op == Op::Select || op == Op::Bitcast; }

DType wideOf(DType dtype) { return isHalf(dtype) ? DType::Float32 : dtype; }

/** Rewrites instructions one by one, and knows what became of each value. */
class Widening {
 public:
  /** Instructions go to this list from now on; its first one will be the value `first`. */
  void begin(std::vector<Instruction>& list, int first) {
    list_ = &list;
    first_ = first;
  }

  /** A value that needs no instruction. */
  void addValue(int place, int wide, DType dtype) { values_.push_back({place, wide, dtype}); }

  void add(const Instruction& step) {
    if (step.step != Step::Operate) return addValue(push(step), -1, step.dtype);
    const int arity = opRows[static_cast<int>(step.op)].arity;
    const DType last = dtypeOf(step.args[arity - 1]);
    Instruction made = step;
    const bool computes = (isHalf(last) || isHalf(step.dtype)) && !movesBits(step.op);
    for (int i = 0; i < arity; i++) made.args[i] = computes ? wide(step.args[i]) : place(step.args[i]);
    if (step.op == Op::Cast && isHalf(last) && step.dtype == DType::Float32) {
      return addValue(made.args[0], -1, step.dtype);
    }
    if (!computes || step.op == Op::Cast || !isHalf(step.dtype)) return addValue(push(made), -1, step.dtype);
    made.dtype = DType::Float32;
    addValue(push(castOf(step.dtype, push(made))), -1, step.dtype);
  }

  int push(const Instruction& step) {
    list_->push_back(step);
    return first_ + static_cast<int>(list_->size()) - 1;
  }

  DType dtypeOf(int value) const { return values_[static_cast<size_t>(value)].dtype; }
  /** The value itself. */
  int place(int value) const { return values_[static_cast<size_t>(value)].place; }
  /** The value in float32 if it is a 16-bit float. */
  int wide(int value) {
    Value& found = values_[static_cast<size_t>(value)];
    if (!isHalf(found.dtype)) return found.place;
    if (found.wide < 0) found.wide = push(castOf(DType::Float32, found.place));
    return found.wide;
  }

 private:
  struct Value {
    int place;
    int wide;
    DType dtype;
  };
  std::vector<Value> values_;
  std::vector<Instruction>* list_ = nullptr;
  int first_ = 0;
};

class Sequence final : public Kernel {
 public:
  explicit Sequence(std::vector<KernelPointer> kernels) : kernels_(std::move(kernels)) {
    for (const KernelPointer& kernel : kernels_) cost += kernel->cost;
  }
  void run(Frame& frame) override {
    for (const KernelPointer& kernel : kernels_) kernel->run(frame);
  }

 private:
  std::vector<KernelPointer> kernels_;
};

}  // namespace

bool hasOpcode(Op op, DType argument, DType result) {
  const auto has = [&](DType from, DType to) { return routines().find(op, from, to) != nullptr; };
  return movesBits(op) ? has(argument, result) : has(wideOf(argument), wideOf(result));
}

bool hasHalves(const LoopSpec& loop) { return isHalfBody(loop.body) || isHalfBody(loop.epilogue); }

LoopSpec widened(const LoopSpec& loop) {
  LoopSpec wide = loop;
  wide.body.clear();
  wide.epilogue.clear();
  Widening widening;
  widening.begin(wide.body, 0);
  for (const Instruction& step : loop.body) widening.add(step);
  for (Reduction& reduction : wide.reductions) {
    const DType dtype = widening.dtypeOf(reduction.value);
    const bool adds = reduction.fold == Fold::Sum || reduction.fold == Fold::Prod;
    reduction.value = widening.wide(reduction.value);
    if (isHalf(dtype) && adds) reduction.value = widening.push(castOf(DType::Float64, reduction.value));
  }
  const auto body = static_cast<int>(wide.body.size());
  widening.begin(wide.epilogue, body + static_cast<int>(wide.reductions.size()));
  for (size_t i = 0; i < loop.reductions.size(); i++) {
    const DType dtype = widening.dtypeOf(loop.reductions[i].value);
    const int result = body + static_cast<int>(i);
    widening.addValue(isHalf(dtype) ? widening.push(castOf(dtype, result)) : result, -1, dtype);
  }
  for (const Instruction& step : loop.epilogue) widening.add(step);
  for (Store& store : wide.stores) store.value = widening.place(store.value);
  return wide;
}

Epilogue widened(const Epilogue& epilogue, DType dtype) {
  Epilogue wide = epilogue;
  wide.instructions = {castOf(dtype, 0)};
  for (Instruction step : epilogue.instructions) {
    for (int& arg : step.args) arg++;
    wide.instructions.push_back(step);
  }
  for (Store& store : wide.stores) store.value++;
  return wide;
}

KernelPointer makeWideCopy(View& view, const Sizes& shape, Compiler& compiler) {
  LoopSpec loop;
  for (size_t axis = 0; axis < shape.size(); axis++) {
    loop.shape.push_back(view.strides[axis] == 0 ? std::min<int64_t>(1, shape[axis]) : shape[axis]);
  }
  Instruction load;
  load.step = Step::Load;
  load.dtype = view.dtype;
  View copy;
  copy.slot = compiler.privateSlot(product(loop.shape) * sizeOf(DType::Float32));
  copy.dtype = DType::Float32;
  copy.strides = denseStrides(loop.shape);
  loop.inputs = {view};
  loop.body = {load, castOf(DType::Float32, 0)};
  loop.stores = {{copy, 1}};
  for (size_t axis = 0; axis < shape.size(); axis++) if (loop.shape[axis] < shape[axis]) copy.strides[axis] = 0;
  view = copy;
  return makeLoop(loop, compiler);
}

KernelPointer makeSequence(std::vector<KernelPointer> kernels) {
  return std::make_unique<Sequence>(std::move(kernels));
}

}  // namespace antler
