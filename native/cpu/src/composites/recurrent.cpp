// LSTM and GRU and their gradients. Threads share the batch, not the steps; the gradient of the recurrent kernel is one
// product over all steps, as the decomposition has it.
#include "composites.h"

namespace antler {
namespace {

View privateView(const Sizes& shape, Compiler& compiler) {
  View view;
  view.slot = compiler.privateSlot(product(shape) * static_cast<int64_t>(sizeof(float)));
  view.strides = denseStrides(shape);
  return view;
}

float* floatsOf(const View& view, const Frame& frame) { return reinterpret_cast<float*>(placeOf(view, frame)); }

/** What all four share: sizes, room for the recurrent kernel as the routines want it, and rows for each thread. */
struct Plan {
  Recurrence r;
  int64_t batch;
  int64_t cost;
  View packed;
  int threads;

  /** The states before all steps are [batch, steps, units]; a step has a product for each gate. */
  Plan(const Operand& states, const Operand& recurrent, int64_t gates, Compiler& compiler) {
    demand(states.shape.size() == 3, "states as [batch, steps, units]");
    batch = states.shape[0];
    r = {states.shape[1], states.shape[2], gates};
    // Before room is made for it: a kernel that is there has a size that is sound.
    demandOperands({recurrent}, {{kernel()}});
    cost = batch * r.steps * r.units * r.gates * (r.units / 8 + 8);
    packed = privateView({fused().recurrences.packed(r)}, compiler);
    threads = threadsFor(cost, compiler.threads());
  }

  /** A vector for each row. */
  Sizes row() const { return {batch, r.units}; }
  /** Some vectors for each step of each row. */
  Sizes steps(int64_t vectors) const { return {batch, r.steps, vectors * r.units}; }
  /** A vector for each gate. */
  Sizes bias() const { return {r.gates * r.units}; }
  Sizes kernel() const { return {r.units, r.gates * r.units}; }

  using Pack = void (*)(const Recurrence& r, const float* kernel, float* packed);

  /** Packs the kernel; then each thread does its rows. */
  template <class Arguments>
  void run(Frame& frame, Pack pack, const Operand& kernel, void (*rows)(const Arguments&, int64_t, int64_t),
           const Arguments& arguments) const {
    pack(r, floatsAt(kernel, frame), floatsOf(packed, frame));
    parallel(std::min(threads, frame.threads), batch,
             [&](int, int64_t from, int64_t to) { rows(arguments, from, to); });
  }

  /** The gradient of the recurrent kernel: Σ over batch and steps of statesᵀ · slopes. */
  std::shared_ptr<Kernel> kernelGradient(const View& states, const View& slopes, const View& out,
                                         Compiler& compiler) const {
    const int64_t columns = r.gates * r.units;
    DotSpec dot;
    dot.m = {r.units};
    dot.n = {columns};
    dot.k = {batch * r.steps};
    dot.a = states;
    dot.a.strides = {1, r.units};
    dot.b = slopes;
    dot.b.strides = {columns, 1};
    dot.epilogue.stores = {{out, 0}};
    return makeDot(dot, compiler);
  }

  /** The gradient of a bias: Σ over batch and steps of the slopes. */
  std::shared_ptr<Kernel> biasGradient(const View& slopes, const View& out, Compiler& compiler) const {
    const int64_t columns = r.gates * r.units;
    LoopSpec loop;
    loop.shape = {columns, batch * r.steps};
    loop.reduced = 1;
    loop.inputs = {slopes};
    loop.inputs[0].strides = {1, columns};
    Instruction loaded;
    loaded.step = Step::Load;
    loaded.dtype = DType::Float32;
    loop.body = {loaded};
    loop.reductions = {{Fold::Sum, 0}};
    loop.stores = {{out, 1}};
    loop.stores[0].view.strides = {1, 0};
    return makeLoop(loop, compiler);
  }
};

/** The inputs of a gradient, whose second ones are states. */
struct Backwards {
  std::vector<Operand> inputs;
  /** The last one, if parameter 0 says so, is the cotangent of the outputs of all steps. */
  bool stepwise;

  explicit Backwards(const CompositeSpec& spec)
      : inputs(spec.inputs), stepwise(integerParam(spec, 0, 0, 1) == 1) {
    demand(inputs.size() > 2 && spec.outputs.size() == 4, "the operands of a recurrence's gradient");
  }

  void demandInputs(const Plan& plan, std::initializer_list<Expected> expected) const {
    std::vector<Operand> always = inputs;
    if (stepwise) {
      demandOperands({inputs.back()}, {{plan.steps(1)}});
      always.pop_back();
    }
    demandOperands(always, expected);
  }

  const float* gOutputs(const Frame& frame) const { return stepwise ? floatsAt(inputs.back(), frame) : nullptr; }
};

}  // namespace

KernelPointer makeLstm(const CompositeSpec& spec, Compiler& compiler) { return makeLstm(spec, {}, compiler); }

KernelPointer makeLstm(const CompositeSpec& spec, const LstmInput& input, Compiler& compiler) {
  demand(spec.inputs.size() == 4 && spec.outputs.size() == 6, "the operands of an lstm");
  const Plan plan(spec.outputs[0], spec.inputs[1], 4, compiler);
  demandOperands(spec.inputs, {{plan.steps(4)}, {plan.kernel()}, {plan.row()}, {plan.row()}});
  const Sizes states = plan.steps(1);
  demandOperands(spec.outputs, {{states}, {plan.row()}, {plan.row()}, {states}, {states}, {plan.steps(4)}});
  const bool multiplies = input.features > 0;
  const View packed = privateView({fused().recurrences.packed(plan.r) / plan.r.units * input.features}, compiler);
  return kernelOf(plan.cost, [=, in = spec.inputs, out = spec.outputs](Frame& frame) {
    const RecurrenceRoutines& routines = fused().recurrences;
    const auto at = [&](const Operand& operand) { return floatsAt(operand, frame); };
    RecurrenceRoutines::LstmForward run{plan.r, at(in[0]), floatsOf(plan.packed, frame), at(in[2]), at(in[3]), at(out[0]),
                                        at(out[1]), at(out[2]), at(out[3]), at(out[4]), at(out[5]), nullptr, nullptr,
                                        nullptr, 0};
    if (multiplies) {
      run.products = nullptr;
      run.x = floatsOf(input.x, frame);
      run.packedInput = floatsOf(packed, frame);
      run.bias = input.hasBias ? floatsOf(input.bias, frame) : nullptr;
      run.features = input.features;
      routines.packInput(plan.r, input.features, floatsOf(input.kernel, frame), floatsOf(packed, frame));
    }
    plan.run(frame, routines.packForward, in[1], routines.lstmForward, run);
  });
}

KernelPointer makeLstmGradient(const CompositeSpec& spec, Compiler& compiler) {
  const Backwards given(spec);
  const Plan plan(spec.inputs[1], spec.inputs[0], 4, compiler);
  const Sizes states = plan.steps(1);
  given.demandInputs(plan, {{plan.kernel()}, {states}, {states}, {plan.steps(4)}, {plan.row()}, {plan.row()}});
  demandOperands(spec.outputs, {{plan.steps(4)}, {plan.kernel()}, {plan.row()}, {plan.row()}});
  const auto ofKernel =
      plan.kernelGradient(spec.inputs[2].view, spec.outputs[0].view, spec.outputs[1].view, compiler);
  return kernelOf(plan.cost + ofKernel->cost, [=, in = spec.inputs, out = spec.outputs](Frame& frame) {
    const RecurrenceRoutines& routines = fused().recurrences;
    const auto at = [&](const Operand& operand) { return floatsAt(operand, frame); };
    plan.run(frame, routines.packBackward, in[0], routines.lstmBackward,
             {plan.r, floatsOf(plan.packed, frame), at(in[1]), at(in[3]), at(in[4]), at(in[5]), given.gOutputs(frame),
              at(out[0]), at(out[2]), at(out[3])});
    ofKernel->run(frame);
  });
}

KernelPointer makeGru(const CompositeSpec& spec, Compiler& compiler) {
  demand(spec.inputs.size() == 4 && spec.outputs.size() == 4, "the operands of a gru");
  const Plan plan(spec.outputs[0], spec.inputs[1], 3, compiler);
  demandOperands(spec.inputs, {{plan.steps(3)}, {plan.kernel()}, {plan.bias()}, {plan.row()}});
  demandOperands(spec.outputs, {{plan.steps(1)}, {plan.row()}, {plan.steps(1)}, {plan.steps(4)}});
  return kernelOf(plan.cost, [=, in = spec.inputs, out = spec.outputs](Frame& frame) {
    const RecurrenceRoutines& routines = fused().recurrences;
    const auto at = [&](const Operand& operand) { return floatsAt(operand, frame); };
    plan.run(frame, routines.packForward, in[1], routines.gruForward,
             {plan.r, at(in[0]), floatsOf(plan.packed, frame), at(in[2]), at(in[3]), at(out[0]), at(out[1]), at(out[2]),
              at(out[3])});
  });
}

KernelPointer makeGruGradient(const CompositeSpec& spec, Compiler& compiler) {
  const Backwards given(spec);
  const Plan plan(spec.inputs[1], spec.inputs[0], 3, compiler);
  given.demandInputs(plan, {{plan.kernel()}, {plan.steps(1)}, {plan.steps(4)}, {plan.row()}});
  demandOperands(spec.outputs, {{plan.steps(3)}, {plan.kernel()}, {plan.bias()}, {plan.row()}});
  const View ofStates = privateView(plan.steps(3), compiler);
  const auto ofKernel = plan.kernelGradient(spec.inputs[1].view, ofStates, spec.outputs[1].view, compiler);
  const auto ofBias = plan.biasGradient(ofStates, spec.outputs[2].view, compiler);
  const int64_t cost = plan.cost + ofKernel->cost + ofBias->cost;
  return kernelOf(cost, [=, in = spec.inputs, out = spec.outputs](Frame& frame) {
    const RecurrenceRoutines& routines = fused().recurrences;
    const auto at = [&](const Operand& operand) { return floatsAt(operand, frame); };
    plan.run(frame, routines.packBackward, in[0], routines.gruBackward,
             {plan.r, floatsOf(plan.packed, frame), at(in[1]), at(in[2]), at(in[3]), given.gOutputs(frame), at(out[0]),
              floatsOf(ofStates, frame), at(out[3])});
    ofKernel->run(frame);
    ofBias->run(frame);
  });
}

}  // namespace antler
