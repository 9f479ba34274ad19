#include "superops.h"

#include <algorithm>

#include "composites/composites.h"
#include "pooledConv.h"

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

/** What is left of a loop when its sums are the first input: one over its outer axis. False when it has another shape. */
bool finishOf(const LoopSpec& loop, const ReluSum& relu, LoopSpec& finish, View& target) {
  const auto shift = static_cast<int>(loop.body.size());
  finish.shape = {loop.shape[0]};
  View list;
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
    if (step.step == Step::Load) {
      if (step.number == relu.x || step.number == relu.dx) return false;
      step.number++;
    }
    if (step.step == Step::Operate) {
      for (int i = 0; i < opRows[static_cast<int>(step.op)].arity; i++) {
        if ((step.args[i] -= shift) < 0) return false;
      }
    }
    finish.body.push_back(step);
  }
  bool given = false;
  for (Store store : loop.stores) {
    if (store.value == relu.value && !given) {
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

/** The gradient of a max pool, and a loop that masks it by the relu before the pool and adds it up for a bias. */
struct PooledRelu {
  /** Null when that is not what is there. */
  const CompositeSpec* pool = nullptr;
  /** Where the masked gradient goes. */
  View target;
  /** What is left of the loop; its first input is the list of sums, in a slot that is yet to be said. */
  LoopSpec finish;
};

PooledRelu pooledReluAt(const std::vector<KernelSpec>& specs, size_t at, const Program& program) {
  static const int pooled = compositeNumber("maxPoolGradient");
  if (at + 1 >= specs.size()) return {};
  const auto* pool = std::get_if<CompositeSpec>(&specs[at].spec);
  const auto* loop = std::get_if<LoopSpec>(&specs[at + 1].spec);
  if (pool == nullptr || loop == nullptr || pool->name != pooled) return {};
  if (pool->inputs.size() != 3 || pool->outputs.size() != 1 || product(pool->inputs[0].shape) == 0) return {};
  if (pool->inputs[0].shape.empty()) return {};
  const ReluSum relu = reluSumOf(*loop);
  if (relu.value < 0) return {};
  const Operand& x = pool->inputs[0];
  const Operand& dx = pool->outputs[0];
  const int64_t channels = x.shape.back();
  const Sizes transposed{1, channels};
  const auto isMap = [&](const View& view) { return view.dtype == DType::Float32 && view.strides == transposed; };
  const View& loopX = loop->inputs[static_cast<size_t>(relu.x)];
  const View& loopDx = loop->inputs[static_cast<size_t>(relu.dx)];
  if (loop->shape != Sizes{channels, product(x.shape) / channels} || !isMap(loopX) || !isMap(loopDx)) return {};
  if (!isSame(loopX, x.view) || !isSame(loopDx, dx.view) || dx.view.slot == x.view.slot) return {};
  PooledRelu found;
  View& target = found.target;
  if (!finishOf(*loop, relu, found.finish, target) || !isMap(target)) return {};
  // It may be written over x, window by window, but over nothing else that is read.
  if (target.slot == x.view.slot && !isSame(target, x.view)) return {};
  if (target.slot == pool->inputs[1].view.slot || target.slot == pool->inputs[2].view.slot) return {};
  if (target.slot == dx.view.slot || !isDead(specs, at + 2, dx.view, program)) return {};
  found.pool = pool;
  return found;
}

/** The gradient of the pool and that of relu as one: no array between them. */
Group makePooledRelu(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  PooledRelu found = pooledReluAt(specs, at, compiler.program());
  if (found.pool == nullptr) return {};
  const int sums = compiler.privateSlot(found.finish.shape[0] * 4);
  KernelPointer first = makeMaxPoolReluGradient(*found.pool, found.target, sums, compiler);
  if (first == nullptr) return {};
  found.finish.inputs[0].slot = sums;
  return {std::make_unique<Both>(std::move(first), makeLoop(found.finish, compiler)), 2};
}

/** A convolution, a pool behind it, and where the way back through both begins. */
struct PooledLayer {
  /** Null when they are not there, or cannot run as one. */
  const ConvSpec* conv = nullptr;
  const CompositeSpec* pool = nullptr;
  /** The place of the pool's gradient, of its relu's and of the kernel's; 0 when there is no way back. */
  size_t gradient = 0;
};

/** Whether three kernels are the way back through both, and nothing but them needs what lies between the two. */
bool isWayBack(const std::vector<KernelSpec>& specs, size_t at, const ConvSpec& conv, const CompositeSpec& pool,
               const Program& program) {
  const PooledRelu relu = pooledReluAt(specs, at, program);
  const View& y = pool.inputs[0].view;
  if (relu.pool == nullptr || relu.pool->params != pool.params || at + 2 >= specs.size()) return false;
  if (!isSame(relu.pool->inputs[0].view, y) || relu.pool->inputs[0].shape != conv.output) return false;
  if (!isSame(relu.pool->inputs[1].view, pool.outputs[0].view)) return false;
  if (relu.pool->inputs[1].shape != pool.outputs[0].shape || relu.pool->inputs[2].shape != pool.outputs[0].shape) return false;
  const auto* kernel = std::get_if<ConvSpec>(&specs[at + 2].spec);
  if (kernel == nullptr || kernel->map != ConvMap::Kernel || kernel->dtype != conv.dtype || kernel->groups != 1) return false;
  if (kernel->input != conv.input || kernel->kernel != conv.kernel || kernel->output != conv.output) return false;
  if (kernel->strides != conv.strides || kernel->dilation != conv.dilation) return false;
  if (kernel->low != conv.low || kernel->high != conv.high) return false;
  if (!isSame(kernel->a, conv.a) || !isDense(conv.input, kernel->a.strides)) return false;
  if (!isSame(kernel->b, relu.target) || !isDense(conv.output, kernel->b.strides)) return false;
  // The loop's other results are written after the kernel's slopes are found.
  for (const Store& store : relu.finish.stores) if (store.view.slot == kernel->a.slot) return false;
  for (const View& view : kernel->epilogue.inputs) if (view.slot == y.slot || view.slot == relu.target.slot) return false;
  return isDead(specs, at + 3, relu.target, program) &&
         (relu.target.slot == y.slot || isDead(specs, at + 3, y, program));
}

PooledLayer pooledLayerAt(const std::vector<KernelSpec>& specs, size_t at, const Program& program) {
  static const int maxPool = compositeNumber("maxPool");
  if (at + 1 >= specs.size()) return {};
  const auto* conv = std::get_if<ConvSpec>(&specs[at].spec);
  const auto* pool = std::get_if<CompositeSpec>(&specs[at + 1].spec);
  if (conv == nullptr || pool == nullptr || pool->name != maxPool || !isPooledConv(*conv, *pool)) return {};
  const View& y = pool->inputs[0].view;
  const View& pooled = pool->outputs[0].view;
  if (!isSame(conv->epilogue.stores[0].view, y) || !y.turns.empty() || pooled.slot == y.slot) return {};
  if (program.slots[static_cast<size_t>(y.slot)].role != Role::Temp) return {};
  // What is written at once is read by nothing that the convolution reads.
  const auto isRead = [&](const View& view) { return view.slot == y.slot || view.slot == pooled.slot; };
  if (isRead(conv->a) || isRead(conv->b)) return {};
  for (const View& view : conv->epilogue.inputs) if (isRead(view)) return {};
  if (isDead(specs, at + 2, y, program)) return {conv, pool};
  for (size_t i = at + 2; i < specs.size(); i++) {
    const Touch touch = touchOf(specs[i], y.slot);
    if (!touch.reads && touch.writes == nullptr) continue;
    if (isWayBack(specs, i, *conv, *pool, program)) return {conv, pool, i};
    break;
  }
  return {};
}

Group makePooledLayer(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  const PooledLayer layer = pooledLayerAt(specs, at, compiler.program());
  if (layer.conv == nullptr) return {};
  return {makePooledConv(*layer.conv, *layer.pool, layer.gradient > 0), 2};
}

/** The way back of a layer before. */
Group makePooledSlopes(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  if (!std::holds_alternative<CompositeSpec>(specs[at].spec)) return {};
  for (size_t i = 0; i < at; i++) {
    if (!std::holds_alternative<ConvSpec>(specs[i].spec)) continue;
    if (pooledLayerAt(specs, i, compiler.program()).gradient != at) continue;
    PooledRelu found = pooledReluAt(specs, at, compiler.program());
    const int sums = compiler.privateSlot(found.finish.shape[0] * 4);
    found.finish.inputs[0].slot = sums;
    return {makePooledConvSlopes(std::get<ConvSpec>(specs[at + 2].spec), found.pool->inputs[0].view,
                                 found.pool->inputs[2].view, sums, makeLoop(found.finish, compiler), compiler),
            3};
  }
  return {};
}

}  // namespace

Group makeGroup(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  for (const auto make : {makePooledLayer, makePooledSlopes, makePooledRelu}) {
    Group group = make(specs, at, compiler);
    if (group.kernel != nullptr) return group;
  }
  return {};
}

}  // namespace antler
