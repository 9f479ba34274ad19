#include "superops.h"

#include <algorithm>

#include "composites/composites.h"

namespace antler {
namespace {

/** What a kernel does to a slot: the view that it writes without reading the slot, if any. */
struct Touch {
  bool reads = false;
  const View* writes = nullptr;
};

struct Touching {
  int slot;
  Touch touch;

  void read(const View& view) { touch.reads = touch.reads || view.slot == slot; }
  void write(const View& view) {
    if (view.slot == slot) touch.writes = &view;
  }
  void ending(const std::vector<View>& inputs, const std::vector<Store>& stores) {
    for (const View& view : inputs) read(view);
    for (const Store& store : stores) write(store.view);
  }
  void operator()(const LoopSpec& spec) { ending(spec.inputs, spec.stores); }
  void operator()(const DotSpec& spec) {
    read(spec.a);
    read(spec.b);
    ending(spec.epilogue.inputs, spec.epilogue.stores);
  }
  void operator()(const ConvSpec& spec) {
    read(spec.a);
    read(spec.b);
    ending(spec.epilogue.inputs, spec.epilogue.stores);
  }
  // A scatter keeps what it does not write, and so may the turns of a repeat.
  void operator()(const IndexedSpec& spec) {
    for (const View* view : {&spec.indices, &spec.indexed, &spec.listed}) read(*view);
  }
  void operator()(const CumulateSpec& spec) {
    read(spec.x);
    write(spec.out);
  }
  void operator()(const SortSpec& spec) {
    for (const View& view : spec.inputs) read(view);
    for (const View& view : spec.outputs) write(view);
  }
  void operator()(const RepeatSpec& spec) {
    for (const KernelSpec& kernel : spec.kernels) {
      std::visit(*this, kernel.spec);
      touch.reads = touch.reads || touch.writes != nullptr;
    }
  }
  void operator()(const CompositeSpec& spec) {
    for (const Operand& operand : spec.inputs) read(operand.view);
    for (const Operand& operand : spec.outputs) write(operand.view);
  }
};

Touch touchOf(const KernelSpec& kernel, int slot) {
  Touching touching{slot, {}};
  std::visit(touching, kernel.spec);
  return touching.touch;
}

/** Whether nothing from a kernel on reads what is in a temporary slot: the first to touch it writes over its beginning. */
bool isDead(const std::vector<KernelSpec>& specs, size_t from, const View& view, const Program& program) {
  if (program.slots[static_cast<size_t>(view.slot)].role != Role::Temp) return false;
  for (size_t i = from; i < specs.size(); i++) {
    const Touch touch = touchOf(specs[i], view.slot);
    if (touch.reads) return false;
    if (touch.writes != nullptr) return touch.writes->offset == view.offset && touch.writes->turns.empty();
  }
  return true;
}

bool isSame(const View& a, const View& b) { return a.slot == b.slot && a.offset == b.offset && a.turns == b.turns; }

/** Σ over pixels of dx where 0 < x: numbers of the inputs, and the value that is added up. */
struct ReluSum {
  int x = -1, dx = -1, value = -1;
};

bool isZero(const Instruction& step) { return step.step == Step::Const && step.value == 0; }

ReluSum reluSumOf(const LoopSpec& loop) {
  ReluSum found;
  if (loop.shape.size() != 2 || loop.reduced != 1 || loop.reductions.size() != 1) return found;
  if (loop.reductions[0].fold != Fold::Sum || loop.body.size() != 5) return found;
  const auto step = [&](int value) -> const Instruction& { return loop.body[static_cast<size_t>(value)]; };
  const auto is = [](const Instruction& step, Op op) { return step.step == Step::Operate && step.op == op; };
  const Instruction& sum = step(loop.reductions[0].value);
  if (!is(sum, Op::Select) || sum.dtype != DType::Float32 || !isZero(step(sum.args[2]))) return found;
  const Instruction& compare = step(sum.args[0]);
  const Instruction& dx = step(sum.args[1]);
  if (!is(compare, Op::Lt) || !isZero(step(compare.args[0])) || dx.step != Step::Load) return found;
  const Instruction& x = step(compare.args[1]);
  if (x.step != Step::Load) return found;
  found = {x.number, dx.number, loop.reductions[0].value};
  return found;
}

/** What is left of a loop when its sums are in a slot: one over its outer axis. False when it has another shape. */
bool finishOf(const LoopSpec& loop, int value, int sums, LoopSpec& finish, View& target) {
  const auto shift = static_cast<int>(loop.body.size());
  finish.shape = {loop.shape[0]};
  View list;
  list.slot = sums;
  list.strides = {1};
  finish.inputs = {list};
  for (View view : loop.inputs) {
    view.strides.resize(1);
    finish.inputs.push_back(view);
  }
  Instruction load;
  load.step = Step::Load;
  finish.body = {load};
  for (Instruction step : loop.epilogue) {
    if (step.step == Step::Load) step.number++;
    if (step.step == Step::Operate) {
      for (int i = 0; i < opRows[static_cast<int>(step.op)].arity; i++) {
        if ((step.args[i] -= shift) < 0) return false;
      }
    }
    finish.body.push_back(step);
  }
  bool given = false;
  for (Store store : loop.stores) {
    if (store.value == value && !given) {
      target = store.view;
      given = true;
      continue;
    }
    if (store.value < shift) return false;
    store.value -= shift;
    store.view.strides.resize(1);
    finish.stores.push_back(store);
  }
  return given;
}

/** Two kernels, one after the other. */
class Both final : public Kernel {
 public:
  Both(KernelPointer first, KernelPointer second) : first_(std::move(first)), second_(std::move(second)) {
    cost = first_->cost + second_->cost;
  }
  void run(Frame& frame) override {
    first_->run(frame);
    second_->run(frame);
  }

 private:
  KernelPointer first_, second_;
};

/** The gradient of a max pool, then that of relu before it with the sums for a bias: no array between them. */
KernelPointer makePooledRelu(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  static const int pooled = compositeNumber("maxPoolGradient");
  const auto* pool = std::get_if<CompositeSpec>(&specs[at].spec);
  const auto* loop = std::get_if<LoopSpec>(&specs[at + 1].spec);
  if (pool == nullptr || loop == nullptr || pool->name != pooled) return nullptr;
  if (pool->inputs.size() != 3 || pool->outputs.size() != 1 || product(pool->inputs[0].shape) == 0) return nullptr;
  if (pool->inputs[0].shape.empty()) return nullptr;
  const ReluSum relu = reluSumOf(*loop);
  if (relu.value < 0) return nullptr;
  const Operand& x = pool->inputs[0];
  const Operand& dx = pool->outputs[0];
  const int64_t channels = x.shape.back();
  const Sizes transposed{1, channels};
  const auto isMap = [&](const View& view) { return view.dtype == DType::Float32 && view.strides == transposed; };
  const View& loopX = loop->inputs[static_cast<size_t>(relu.x)];
  const View& loopDx = loop->inputs[static_cast<size_t>(relu.dx)];
  if (loop->shape != Sizes{channels, product(x.shape) / channels} || !isMap(loopX) || !isMap(loopDx)) return nullptr;
  if (!isSame(loopX, x.view) || !isSame(loopDx, dx.view) || dx.view.slot == x.view.slot) return nullptr;
  LoopSpec finish;
  View target;
  const int sums = compiler.privateSlot(channels * 4);
  if (!finishOf(*loop, relu.value, sums, finish, target) || !isMap(target)) return nullptr;
  // It may be written over x, window by window, but over nothing else that is read.
  if (target.slot == x.view.slot && !isSame(target, x.view)) return nullptr;
  if (target.slot == pool->inputs[1].view.slot || target.slot == pool->inputs[2].view.slot) return nullptr;
  if (target.slot == dx.view.slot || !isDead(specs, at + 2, dx.view, compiler.program())) return nullptr;
  KernelPointer first = makeMaxPoolReluGradient(*pool, target, sums, compiler);
  if (first == nullptr) return nullptr;
  return std::make_unique<Both>(std::move(first), makeLoop(finish, compiler));
}

}  // namespace

KernelPointer makePair(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  return at + 1 < specs.size() ? makePooledRelu(specs, at, compiler) : nullptr;
}

}  // namespace antler
