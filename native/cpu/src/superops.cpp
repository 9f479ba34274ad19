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
    read(spec.indices);
    read(spec.indexed);
    if (spec.scatter) read(spec.listed);
    else write(spec.listed);
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

/** A convolution, a pool behind it, and the ways back through both: places of kernels, 0 for those that are not there. */
struct PooledLayer {
  /** Null when they are not there, or cannot run as one. */
  const ConvSpec* conv = nullptr;
  const CompositeSpec* pool = nullptr;
  /** Of the pool's gradient and, behind it, relu's; of the convolution's input; of its kernel. */
  size_t gradient = 0, input = 0, kernel = 0;
};

bool isSameGeometry(const ConvSpec& a, const ConvSpec& b) {
  return a.dtype == b.dtype && a.groups == b.groups && a.input == b.input && a.kernel == b.kernel && a.output == b.output &&
         a.strides == b.strides && a.dilation == b.dilation && a.low == b.low && a.high == b.high;
}

bool stores(const KernelSpec& spec, int slot) {
  const auto* indexed = std::get_if<IndexedSpec>(&spec.spec);
  if (indexed != nullptr && indexed->scatter) return indexed->indexed.slot == slot;
  return touchOf(spec, slot).writes != nullptr;
}

/** Finds the ways back from the gradient of the pool on, if nothing but them needs what lies between convolution and pool. */
bool findWaysBack(const std::vector<KernelSpec>& specs, size_t at, const Program& program, PooledLayer& layer) {
  const ConvSpec& conv = *layer.conv;
  const View& y = layer.pool->inputs[0].view;
  const Operand& pooled = layer.pool->outputs[0];
  const PooledRelu relu = pooledReluAt(specs, at, program);
  if (relu.pool == nullptr || relu.pool->params != layer.pool->params) return false;
  const Operand& slopes = relu.pool->inputs[2];
  if (!isSame(relu.pool->inputs[0].view, y) || relu.pool->inputs[0].shape != conv.output) return false;
  if (!isSame(relu.pool->inputs[1].view, pooled.view)) return false;
  if (relu.pool->inputs[1].shape != pooled.shape || slopes.shape != pooled.shape) return false;
  layer.gradient = at;
  size_t next = at + 2;
  const auto wayAt = [&](ConvMap map) -> const ConvSpec* {
    const auto* way = next < specs.size() ? std::get_if<ConvSpec>(&specs[next].spec) : nullptr;
    return way != nullptr && way->map == map && isSameGeometry(*way, conv) ? way : nullptr;
  };
  const auto isOperand = [](const View& view, const View& expected, const Sizes& shape) {
    return isSame(view, expected) && isDense(shape, view.strides);
  };
  if (const ConvSpec* input = wayAt(ConvMap::Input)) {
    if (!hasPooledInput(conv) || !isOperand(input->a, relu.target, conv.output)) return false;
    if (!isDense(conv.kernel, input->b.strides)) return false;
    layer.input = next++;
  }
  const ConvSpec* kernel = wayAt(ConvMap::Kernel);
  if (kernel == nullptr || !isOperand(kernel->a, conv.a, conv.input)) return false;
  if (!isOperand(kernel->b, relu.target, conv.output)) return false;
  layer.kernel = next;
  // They read the choices and the pool's slopes later than these are read without them.
  for (const Store& store : relu.finish.stores) {
    if (store.view.slot == y.slot || store.view.slot == slopes.view.slot) return false;
  }
  if (layer.input > 0 && (stores(specs[layer.input], y.slot) || stores(specs[layer.input], slopes.view.slot))) return false;
  // And nothing reads the array of slopes that is not made any more.
  for (const size_t way : {layer.input, layer.kernel}) {
    if (way == 0) continue;
    for (const View& view : std::get<ConvSpec>(specs[way].spec).epilogue.inputs) {
      if (view.slot == y.slot || view.slot == relu.target.slot) return false;
    }
  }
  return isDead(specs, next + 1, relu.target, program) &&
         (relu.target.slot == y.slot || isDead(specs, at + 2, y, program));
}

PooledLayer pooledLayerAt(const std::vector<KernelSpec>& specs, size_t at, const Program& program) {
  static const int maxPool = compositeNumber("maxPool");
  if (at + 1 >= specs.size()) return {};
  PooledLayer layer;
  layer.conv = std::get_if<ConvSpec>(&specs[at].spec);
  layer.pool = std::get_if<CompositeSpec>(&specs[at + 1].spec);
  if (layer.conv == nullptr || layer.pool == nullptr || layer.pool->name != maxPool) return {};
  if (!isPooledConv(*layer.conv, *layer.pool)) return {};
  const View& y = layer.pool->inputs[0].view;
  const View& pooled = layer.pool->outputs[0].view;
  if (!isSame(layer.conv->epilogue.stores[0].view, y) || !y.turns.empty() || pooled.slot == y.slot) return {};
  if (program.slots[static_cast<size_t>(y.slot)].role != Role::Temp) return {};
  // What is written at once must not be what the convolution reads.
  const auto isWritten = [&](const View& view) { return view.slot == y.slot || view.slot == pooled.slot; };
  if (isWritten(layer.conv->a) || isWritten(layer.conv->b)) return {};
  for (const View& view : layer.conv->epilogue.inputs) if (isWritten(view)) return {};
  if (isDead(specs, at + 2, y, program)) return layer;
  for (size_t i = at + 2; i < specs.size(); i++) {
    const Touch touch = touchOf(specs[i], y.slot);
    if (touch.reads || touch.writes != nullptr) return findWaysBack(specs, i, program, layer) ? layer : PooledLayer{};
  }
  return {};
}

Group makePooledForward(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  const PooledLayer layer = pooledLayerAt(specs, at, compiler.program());
  if (layer.conv == nullptr) return {};
  const View& y = layer.pool->inputs[0].view;
  return {makePooledConv(*layer.conv, layer.pool->outputs[0].view, layer.gradient > 0 ? &y : nullptr, compiler), 2};
}

/** A way back of a layer before. */
Group makePooledBackward(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  const bool isConv = std::holds_alternative<ConvSpec>(specs[at].spec);
  if (!isConv && !std::holds_alternative<CompositeSpec>(specs[at].spec)) return {};
  for (size_t i = 0; i < at; i++) {
    const PooledLayer layer = pooledLayerAt(specs, i, compiler.program());
    if (layer.gradient == 0 || (layer.gradient != at && layer.input != at && layer.kernel != at)) continue;
    const View& y = layer.pool->inputs[0].view;
    const Operand& slopes = std::get<CompositeSpec>(specs[layer.gradient].spec).inputs[2];
    if (isConv) return {makePooledConv(std::get<ConvSpec>(specs[at].spec), slopes.view, &y, compiler), 1};
    PooledRelu relu = pooledReluAt(specs, at, compiler.program());
    const int sums = compiler.privateSlot(relu.finish.shape[0] * 4);
    relu.finish.inputs[0].slot = sums;
    KernelPointer first = makeChosenSums(slopes, y, sums, compiler);
    return {std::make_unique<Both>(std::move(first), makeLoop(relu.finish, compiler)), 2};
  }
  return {};
}

/** What the product at `at` makes an LSTM of, if its rows are that of x, a bias apart; else without features. */
LstmInput lstmInputAt(const DotSpec& dot) {
  const Epilogue& epilogue = dot.epilogue;
  LstmInput input{dot.a, dot.b, {}};
  const int64_t features = product(dot.k);
  const bool isDenseProduct = dot.dtype == DType::Float32 && dot.batch.empty() && features <= product(dot.n) / 4 &&
                              isDense(joined({&dot.m, &dot.k}), dot.a.strides) &&
                              isDense(joined({&dot.k, &dot.n}), dot.b.strides);
  if (!isDenseProduct || epilogue.stores.size() != 1) return {};
  if (!isDense(joined({&dot.m, &dot.n}), epilogue.stores[0].view.strides)) return {};
  if (!epilogue.instructions.empty()) {
    // Value 0 is the sum, 1 the bias.
    if (epilogue.instructions.size() != 2 || epilogue.inputs.size() != 1) return {};
    const Instruction& load = epilogue.instructions[0];
    const Instruction& add = epilogue.instructions[1];
    if (load.step != Step::Load || add.step != Step::Operate || add.op != Op::Add || add.args[0] + add.args[1] != 1) return {};
    input.bias = epilogue.inputs[0];
    input.hasBias = true;
    Sizes strides(dot.m.size(), 0);
    for (const int64_t stride : denseStrides(dot.n)) strides.push_back(stride);
    if (input.bias.strides != strides || input.bias.dtype != DType::Float32) return {};
  }
  if (epilogue.stores[0].value != static_cast<int>(epilogue.instructions.size())) return {};
  input.features = features;
  return input;
}

/** The place of the LSTM that alone reads what a product gives, and can make it on its way; 0 when there is none. */
size_t lstmBehind(const std::vector<KernelSpec>& specs, size_t at, const Program& program) {
  static const int lstm = compositeNumber("lstm");
  const auto* dot = std::get_if<DotSpec>(&specs[at].spec);
  if (dot == nullptr) return 0;
  const LstmInput input = lstmInputAt(*dot);
  if (input.features == 0) return 0;
  const View& products = dot->epilogue.stores[0].view;
  const auto isOperand = [&](int slot) {
    return slot == input.x.slot || slot == input.kernel.slot || (input.hasBias && slot == input.bias.slot);
  };
  for (size_t i = at + 1; i < specs.size(); i++) {
    // What the product reads is read later now.
    for (const int slot : {input.x.slot, input.kernel.slot, input.hasBias ? input.bias.slot : input.x.slot}) {
      if (stores(specs[i], slot) || std::holds_alternative<RepeatSpec>(specs[i].spec)) return 0;
    }
    const Touch touch = touchOf(specs[i], products.slot);
    if (touch.writes != nullptr) return 0;
    if (!touch.reads) continue;
    const auto* reader = std::get_if<CompositeSpec>(&specs[i].spec);
    if (reader == nullptr || reader->name != lstm || reader->inputs.size() != 4) return 0;
    for (size_t j = 1; j < 4; j++) if (reader->inputs[j].view.slot == products.slot) return 0;
    for (const Operand& output : reader->outputs) if (isOperand(output.view.slot)) return 0;
    const Operand& given = reader->inputs[0];
    const bool fits = isSame(given.view, products) && given.shape.size() == 3 && given.shape[2] == product(dot->n) &&
                      given.shape[0] * given.shape[1] == product(dot->m);
    return fits && isDead(specs, i + 1, products, program) ? i : 0;
  }
  return 0;
}

/** A product that an LSTM makes, or that LSTM. */
Group makeProductOfLstm(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  if (lstmBehind(specs, at, compiler.program()) > 0) return {makeNothing(), 1};
  const auto* lstm = std::get_if<CompositeSpec>(&specs[at].spec);
  if (lstm == nullptr) return {};
  for (size_t i = 0; i < at; i++) {
    if (lstmBehind(specs, i, compiler.program()) != at) continue;
    return {makeLstm(*lstm, lstmInputAt(std::get<DotSpec>(specs[i].spec)), compiler), 1};
  }
  return {};
}

/** In the place of a kernel that runs with another one. */
class Nothing final : public Kernel {
 public:
  void run(Frame&) override {}
};

}  // namespace

KernelPointer makeNothing() { return std::make_unique<Nothing>(); }

Group makeGroup(const std::vector<KernelSpec>& specs, size_t at, Compiler& compiler) {
  for (const auto make : {makePooledForward, makePooledBackward, makePooledRelu, makeProductOfLstm}) {
    Group group = make(specs, at, compiler);
    if (group.kernel != nullptr) return group;
  }
  return {};
}

}  // namespace antler
