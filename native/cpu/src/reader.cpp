#include "reader.h"

#include <algorithm>
#include <cmath>

#include "axes.h"
#include "error.h"
#include "halves.h"
#include "kernel.h"

namespace antler {
namespace {

constexpr double version = 1;
constexpr int64_t largest = int64_t{1} << 53;
/** Positions of elements fit 32-bit integers. */
constexpr int64_t largestSlot = int64_t{1} << 31;

[[noreturn]] void fail(const std::string& expected) { throw InvalidProgram("expected " + expected); }

void require(bool condition, const char* expected) {
  if (!condition) fail(expected);
}

/** Takes numbers one by one, and never past the end. */
class Numbers {
 public:
  Numbers(const double* numbers, size_t count) : next_(numbers), end_(numbers + count) {}

  double number() {
    require(next_ < end_, "more numbers");
    return *next_++;
  }

  int64_t integer(int64_t least, int64_t most) {
    const double x = number();
    require(x >= static_cast<double>(least) && x <= static_cast<double>(most) && x == std::floor(x),
            "an integer within its range");
    return static_cast<int64_t>(x);
  }

  /** The length of a list, each entry of which takes at least one number. */
  size_t length() { return static_cast<size_t>(integer(0, end_ - next_)); }

  template <class E>
  E code(E most) {
    return static_cast<E>(integer(0, static_cast<int64_t>(most)));
  }

  Sizes sizes(int64_t least, int64_t most) {
    const size_t count = length();
    require(count <= maxRank, "at most 32 axes");
    Sizes list(count);
    for (int64_t& entry : list) entry = integer(least, most);
    return list;
  }

  bool done() const { return next_ == end_; }

 private:
  const double* next_;
  const double* end_;
};

class Reader {
 public:
  Reader(const double* numbers, size_t count) : in_(numbers, count) {}

  Program read() {
    require(in_.number() == version, "a program of this version of the format");
    readSlots();
    program_.scalars = in_.integer(0, largestSlot);
    program_.faultSlot = static_cast<int>(in_.integer(-1, static_cast<int64_t>(program_.slots.size()) - 1));
    if (program_.faultSlot >= 0) {
      const Slot& slot = program_.slots[program_.faultSlot];
      require(slot.bytes >= 8 && (slot.role == Role::Output || slot.role == Role::Inout), "a fault slot of two words");
    }
    sites_ = in_.integer(0, largest);
    program_.kernels = readKernels();
    require(in_.done(), "no numbers after the program");
    return std::move(program_);
  }

 private:
  void readSlots() {
    const size_t count = in_.length();
    bool temporary = false;
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) {
      Slot slot;
      slot.bytes = in_.integer(0, largestSlot);
      slot.role = in_.code(Role::Temp);
      require(slot.role == Role::Temp || !temporary, "temporary slots last");
      temporary = slot.role == Role::Temp;
      if (temporary) total += slot.bytes;
      require(total <= largest, "fewer bytes of temporary slots");
      program_.slots.push_back(slot);
    }
  }

  std::vector<KernelSpec> readKernels() {
    std::vector<KernelSpec> kernels(in_.length());
    for (KernelSpec& kernel : kernels) kernel = readKernel();
    return kernels;
  }

  KernelSpec readKernel() {
    switch (in_.integer(0, 8)) {
      case 0: return {readLoop()};
      case 1: return {readDot()};
      case 2: return {readConv()};
      case 3: return {readIndexed(false)};
      case 4: return {readIndexed(true)};
      case 5: return {readCumulate()};
      case 6: return {readSort()};
      case 7: return {readRepeat()};
      default: return {readComposite()};
    }
  }

  Sizes shape() {
    Sizes sizes = in_.sizes(0, largest);
    checkCount(sizes);
    return sizes;
  }

  static void checkCount(const Sizes& sizes) {
    __int128 all = 1;
    for (const int64_t size : sizes) {
      all *= std::max<int64_t>(size, 1);
      require(all <= largest, "a smaller index space");
    }
  }

  View view() {
    View view;
    view.slot = static_cast<int>(in_.integer(0, static_cast<int64_t>(program_.slots.size()) - 1));
    view.dtype = in_.code(DType::Bfloat16);
    view.offset = in_.integer(-largest, largest);
    view.turns = in_.sizes(-largest, largest);
    view.strides = in_.sizes(-largest, largest);
    require(view.turns.size() <= counts_.size(), "as many turns as there are repeats around");
    return view;
  }

  /** Every element that an index of the shape reaches, in any turn, lies in the slot. */
  void check(const View& view, const Sizes& shape, bool writes) const {
    require(view.strides.size() == shape.size(), "a stride per axis");
    const Slot& slot = program_.slots[view.slot];
    require(!writes || slot.role != Role::Input, "no store to an input");
    __int128 least = view.offset;
    __int128 most = view.offset;
    bool empty = false;
    const auto reach = [&](int64_t stride, int64_t size) {
      if (size == 0) empty = true;
      const __int128 last = static_cast<__int128>(stride) * (size - 1);
      (last < 0 ? least : most) += last;
    };
    for (size_t i = 0; i < shape.size(); i++) reach(view.strides[i], shape[i]);
    for (size_t i = 0; i < view.turns.size(); i++) reach(view.turns[i], counts_[i]);
    for (const int64_t count : counts_) empty = empty || count == 0;
    if (empty) return;
    require(least >= 0 && most < slot.bytes / sizeOf(view.dtype), "views within their slots");
  }

  std::vector<View> views() {
    std::vector<View> list(in_.length());
    for (View& entry : list) entry = view();
    return list;
  }

  /** A value of a body: its dtype, and whether an epilogue may use it. */
  struct Value {
    DType dtype;
    bool constant;
  };

  std::vector<Instruction> instructions(std::vector<Value>& values, const std::vector<View>& inputs,
                                        const Sizes& shape, size_t hidden, bool checksConstants) {
    std::vector<Instruction> list(in_.length());
    for (Instruction& step : list) {
      step.step = in_.code(Step::Operate);
      step.dtype = in_.code(DType::Bfloat16);
      bool constant = true;
      switch (step.step) {
        case Step::Load: {
          step.number = index(inputs.size(), "an input of the kernel");
          const View& input = inputs[step.number];
          require(input.dtype == step.dtype, "a load of its view's dtype");
          check(input, shape, false);
          for (size_t i = 0; i < shape.size(); i++) constant = constant && (shape[i] == 1 || input.strides[i] == 0);
          break;
        }
        case Step::Const: step.value = in_.number(); break;
        case Step::Scalar: step.number = index(static_cast<size_t>(program_.scalars), "a scalar of the program"); break;
        case Step::Index:
          step.number = index(shape.size(), "an axis of the kernel");
          constant = shape[step.number] == 1;
          break;
        case Step::Operate: constant = operation(step, values, hidden, checksConstants); break;
      }
      values.push_back({step.dtype, constant});
    }
    return list;
  }

  bool operation(Instruction& step, const std::vector<Value>& values, size_t hidden, bool checksConstants) {
    step.op = static_cast<Op>(in_.integer(0, opCount - 1));
    const OpRow& row = opRows[static_cast<int>(step.op)];
    bool constant = true;
    for (int i = 0; i < row.arity; i++) {
      step.args[i] = index(values.size(), "an earlier value");
      const Value& value = values[step.args[i]];
      require(!checksConstants || static_cast<size_t>(step.args[i]) >= hidden || value.constant,
              "an epilogue over reductions and constants");
      constant = constant && value.constant;
    }
    const DType last = values[step.args[row.arity - 1]].dtype;
    for (int i = 0; i < row.arity; i++) {
      const bool condition = step.op == Op::Select && i == 0;
      require(values[step.args[i]].dtype == (condition ? DType::Bool : last), "arguments of one dtype");
    }
    const bool fits = row.result == OpResult::Given || (row.result == OpResult::Same && step.dtype == last) ||
                      (row.result == OpResult::Bool && step.dtype == DType::Bool);
    require(fits && hasOpcode(step.op, last, step.dtype), "an opcode that these dtypes have");
    return constant;
  }

  int index(size_t count, const char* expected) {
    const int64_t number = in_.integer(0, largest);
    require(number < static_cast<int64_t>(count), expected);
    return static_cast<int>(number);
  }

  std::vector<Store> stores(const std::vector<Value>& values, const Sizes& shape, size_t late, const Sizes& kept) {
    std::vector<Store> list(in_.length());
    for (Store& store : list) {
      store.view = view();
      store.value = index(values.size(), "a value of the kernel");
      require(values[store.value].dtype == store.view.dtype, "a store of its value's dtype");
      check(store.view, static_cast<size_t>(store.value) < late ? shape : kept, true);
    }
    return list;
  }

  LoopSpec readLoop() {
    LoopSpec loop;
    loop.shape = shape();
    loop.reduced = static_cast<int>(in_.integer(0, static_cast<int64_t>(loop.shape.size())));
    loop.inputs = views();
    std::vector<Value> values;
    loop.body = instructions(values, loop.inputs, loop.shape, 0, false);
    loop.reductions.resize(in_.length());
    for (Reduction& reduction : loop.reductions) {
      reduction.fold = in_.code(Fold::Min);
      reduction.value = index(loop.body.size(), "a value of the body");
      require(values[reduction.value].dtype != DType::Bool, "a reduction of numbers");
    }
    const size_t late = loop.body.size();
    for (const Reduction& reduction : loop.reductions) values.push_back({values[reduction.value].dtype, false});
    // What happens after the fold sees reduced axes of one entry.
    Sizes kept = loop.shape;
    std::fill(kept.end() - loop.reduced, kept.end(), 1);
    loop.epilogue = instructions(values, loop.inputs, kept, late, loop.reduced > 0);
    loop.stores = stores(values, loop.shape, late, kept);
    return loop;
  }

  Epilogue readEpilogue(DType dtype, const Sizes& shape) {
    Epilogue epilogue;
    epilogue.inputs = views();
    std::vector<Value> values{{dtype, false}};
    epilogue.instructions = instructions(values, epilogue.inputs, shape, 0, false);
    epilogue.stores = stores(values, shape, values.size(), shape);
    return epilogue;
  }

  DotSpec readDot() {
    DotSpec dot;
    dot.dtype = in_.code(DType::Bfloat16);
    require(dot.dtype != DType::Bool, "a product of numbers");
    for (Sizes* sizes : {&dot.batch, &dot.m, &dot.n, &dot.k}) *sizes = shape();
    checkCount(joined({&dot.batch, &dot.m, &dot.n, &dot.k}));
    dot.a = view();
    dot.b = view();
    require(dot.a.dtype == dot.dtype && dot.b.dtype == dot.dtype, "operands of the product's dtype");
    check(dot.a, joined({&dot.batch, &dot.m, &dot.k}), false);
    check(dot.b, joined({&dot.batch, &dot.k, &dot.n}), false);
    dot.epilogue = readEpilogue(dot.dtype, joined({&dot.batch, &dot.m, &dot.n}));
    return dot;
  }

  ConvSpec readConv() {
    ConvSpec conv;
    conv.dtype = in_.code(DType::Bfloat16);
    require(conv.dtype != DType::Bool, "a product of numbers");
    conv.map = in_.code(ConvMap::Kernel);
    for (Sizes* sizes : {&conv.input, &conv.kernel, &conv.output}) *sizes = shape();
    conv.strides = in_.sizes(1, largest);
    conv.low = in_.sizes(-largest, largest);
    conv.high = in_.sizes(-largest, largest);
    conv.dilation = in_.sizes(1, largest);
    conv.groups = in_.integer(1, largest);
    conv.a = view();
    conv.b = view();
    checkGeometry(conv);
    require(conv.a.dtype == conv.dtype && conv.b.dtype == conv.dtype, "operands of the product's dtype");
    check(conv.a, conv.shapeOfA(), false);
    check(conv.b, conv.shapeOfB(), false);
    conv.epilogue = readEpilogue(conv.dtype, conv.result());
    return conv;
  }

  static void checkGeometry(const ConvSpec& conv) {
    const size_t rank = conv.strides.size();
    require(conv.low.size() == rank && conv.high.size() == rank && conv.dilation.size() == rank,
            "strides, padding and dilation of one rank");
    const Sizes& input = conv.input;
    const Sizes& kernel = conv.kernel;
    const Sizes& output = conv.output;
    require(input.size() == rank + 2 && kernel.size() == rank + 2 && output.size() == rank + 2,
            "two axes more than strides");
    require(input[0] == output[0], "input and output of one batch");
    require(input[rank + 1] == kernel[rank] * conv.groups && output[rank + 1] == kernel[rank + 1] &&
                kernel[rank + 1] % conv.groups == 0,
            "channels and filters in equal groups");
    for (size_t i = 0; i < rank; i++) {
      const __int128 room = static_cast<__int128>(input[i + 1]) + conv.low[i] + conv.high[i] -
                            static_cast<__int128>(kernel[i] - 1) * conv.dilation[i] - 1;
      const __int128 outputs = room < 0 ? 0 : room / conv.strides[i] + 1;
      require(output[i + 1] == outputs, "an output as large as the geometry says");
    }
  }

  IndexedSpec readIndexed(bool scatter) {
    IndexedSpec spec;
    spec.scatter = scatter;
    for (Sizes* sizes : {&spec.batch, &spec.index, &spec.limits, &spec.slice}) *sizes = shape();
    checkCount(joined({&spec.batch, &spec.index, &spec.limits, &spec.slice}));
    for (const int64_t limit : spec.limits) require(limit <= INT32_MAX, "limits that an index can reach");
    spec.indices = view();
    spec.site = in_.integer(-1, largest);
    if (scatter) spec.mode = in_.code(ScatterMode::Min);
    spec.indexed = view();
    spec.listed = view();
    require(spec.indices.dtype == DType::Int32, "indices of int32");
    require(spec.indexed.dtype == spec.listed.dtype, "one dtype on both sides");
    require(spec.mode == ScatterMode::Set || spec.listed.dtype != DType::Bool, "updates that can be folded");
    const Sizes last{static_cast<int64_t>(spec.limits.size())};
    check(spec.indices, joined({&spec.batch, &spec.index, &last}), false);
    check(spec.indexed, joined({&spec.batch, &spec.limits, &spec.slice}), scatter);
    check(spec.listed, joined({&spec.batch, &spec.index, &spec.slice}), !scatter);
    if (spec.site >= 0) {
      require(spec.site + last[0] <= sites_, "sites of the program");
      spec.faultSlot = program_.faultSlot;
    } else {
      const int64_t rows = product(spec.batch) * product(spec.index);
      for (const int64_t limit : spec.limits) require(limit > 0 || rows == 0, "a place to clamp to");
    }
    return spec;
  }

  CumulateSpec readCumulate() {
    CumulateSpec spec;
    spec.fold = in_.code(Fold::Min);
    spec.exclusive = in_.integer(0, 1) == 1;
    spec.shape = shape();
    require(!spec.shape.empty(), "an axis to cumulate");
    spec.x = view();
    spec.out = view();
    require(spec.x.dtype == spec.out.dtype && spec.x.dtype != DType::Bool, "numbers of one dtype");
    check(spec.x, spec.shape, false);
    check(spec.out, spec.shape, true);
    return spec;
  }

  SortSpec readSort() {
    SortSpec spec;
    spec.descending = in_.integer(0, 1) == 1;
    spec.shape = shape();
    require(!spec.shape.empty() && spec.shape.back() <= INT32_MAX, "an axis to sort");
    spec.inputs = views();
    spec.outputs = views();
    require(!spec.inputs.empty() && spec.inputs.size() == spec.outputs.size(), "as many outputs as inputs");
    for (size_t i = 0; i < spec.inputs.size(); i++) {
      require(spec.inputs[i].dtype == spec.outputs[i].dtype, "outputs of the inputs' dtypes");
      check(spec.inputs[i], spec.shape, false);
      check(spec.outputs[i], spec.shape, true);
    }
    return spec;
  }

  RepeatSpec readRepeat() {
    RepeatSpec spec;
    spec.count = in_.integer(0, largest);
    require(counts_.size() < maxRank, "fewer repeats within each other");
    counts_.push_back(spec.count);
    spec.kernels = readKernels();
    counts_.pop_back();
    return spec;
  }

  std::vector<Operand> operands(bool written) {
    std::vector<Operand> list(in_.length());
    for (Operand& operand : list) {
      operand.view = view();
      operand.shape = shape();
      check(operand.view, operand.shape, written);
      require(isDense(operand.shape, operand.view.strides), "dense operands of a composite");
    }
    return list;
  }

  /** What names and parameters mean is checked where the kernel is made. */
  CompositeSpec readComposite() {
    CompositeSpec spec;
    spec.name = static_cast<int>(in_.integer(0, compositeCount() - 1));
    spec.params.resize(in_.length());
    for (double& param : spec.params) param = in_.number();
    spec.inputs = operands(false);
    spec.outputs = operands(true);
    return spec;
  }

  Numbers in_;
  Program program_;
  int64_t sites_ = 0;
  /** Counts of the repeats around, outermost first. */
  Sizes counts_;
};

}  // namespace

Program readProgram(const double* numbers, size_t count) { return Reader(numbers, count).read(); }

}  // namespace antler
