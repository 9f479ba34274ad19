// LSTM and GRU and their gradients. Threads share the batch, not the steps; the gradient of the recurrent kernel is one
// product over all steps, as the decomposition has it.
#include "composites.h"

namespace antler {
namespace {

Recurrence shapeOf(const Sizes& states, int64_t gates) {
  demand(states.size() == 3, "states as [batch, steps, units]");
  return {states[1], states[2], gates};
}

/** Σ over batch and steps of aᵀ · b, for dense [batch, steps, u] and [batch, steps, n]. */
KernelPointer sumOfProducts(const View& a, const View& b, const View& out, const Recurrence& r, int64_t batch,
                            Compiler& compiler) {
  const int64_t columns = r.gates * r.units;
  DotSpec dot;
  dot.m = {r.units};
  dot.n = {columns};
  dot.k = {batch * r.steps};
  dot.a = a;
  dot.a.strides = {1, r.units};
  dot.b = b;
  dot.b.strides = {columns, 1};
  dot.epilogue.stores = {{out, 0}};
  return makeDot(dot, compiler);
}

View privateView(const Sizes& shape, Compiler& compiler) {
  View view;
  view.slot = compiler.privateSlot(product(shape) * static_cast<int64_t>(sizeof(float)));
  view.strides = denseStrides(shape);
  return view;
}

float* floatsOf(const View& view, const Frame& frame) { return reinterpret_cast<float*>(placeOf(view, frame)); }

int64_t costOf(const Recurrence& r, int64_t batch) { return batch * r.steps * r.units * r.gates * (r.units / 8 + 8); }

/** Parameter 0 of a gradient says whether the outputs of all steps have a cotangent. */
bool isStepwise(const CompositeSpec& spec) { return integerParam(spec, 0, 0, 1) == 1; }

}  // namespace

KernelPointer makeLstm(const CompositeSpec& spec, Compiler& compiler) {
  demand(spec.inputs.size() == 4 && spec.outputs.size() == 6, "the operands of an lstm");
  const Sizes all = spec.outputs[0].shape;
  const Recurrence r = shapeOf(all, 4);
  const int64_t batch = all[0];
  const Sizes row{batch, r.units};
  const Sizes gates{batch, r.steps, 4 * r.units};
  demandOperands(spec.inputs, {{gates}, {{r.units, 4 * r.units}}, {row}, {row}});
  demandOperands(spec.outputs, {{all}, {row}, {row}, {all}, {all}, {gates}});
  const RecurrenceRoutines& routines = fused().recurrences;
  const View packed = privateView({routines.packedForward(r)}, compiler);
  const int threads = threadsFor(costOf(r, batch), compiler.threads());
  return kernelOf(costOf(r, batch), [=, in = spec.inputs, out = spec.outputs, &routines](Frame& frame) {
    float* kernel = floatsOf(packed, frame);
    routines.packForward(r, floatsAt(in[1], frame), kernel);
    const RecurrenceRoutines::LstmForward arguments{r,
                                                    floatsAt(in[0], frame),
                                                    kernel,
                                                    floatsAt(in[2], frame),
                                                    floatsAt(in[3], frame),
                                                    floatsAt(out[0], frame),
                                                    floatsAt(out[1], frame),
                                                    floatsAt(out[2], frame),
                                                    floatsAt(out[3], frame),
                                                    floatsAt(out[4], frame),
                                                    floatsAt(out[5], frame)};
    parallel(std::min(threads, frame.threads), batch,
             [&](int, int64_t from, int64_t to) { routines.lstmForward(arguments, from, to); });
  });
}

KernelPointer makeLstmGradient(const CompositeSpec& spec, Compiler& compiler) {
  const bool stepwise = isStepwise(spec);
  demand(spec.inputs.size() == (stepwise ? 7 : 6) && spec.outputs.size() == 4, "the operands of an lstm's gradient");
  const Sizes all = spec.inputs[1].shape;
  const Recurrence r = shapeOf(all, 4);
  const int64_t batch = all[0];
  const Sizes row{batch, r.units};
  const Sizes kernel{r.units, 4 * r.units};
  const Sizes gates{batch, r.steps, 4 * r.units};
  if (stepwise) demandOperands(spec.inputs, {{kernel}, {all}, {all}, {gates}, {row}, {row}, {all}});
  else demandOperands(spec.inputs, {{kernel}, {all}, {all}, {gates}, {row}, {row}});
  demandOperands(spec.outputs, {{gates}, {kernel}, {row}, {row}});
  const RecurrenceRoutines& routines = fused().recurrences;
  const View packed = privateView({routines.packedBackward(r)}, compiler);
  const int threads = threadsFor(costOf(r, batch), compiler.threads());
  const std::shared_ptr<Kernel> ofKernel =
      sumOfProducts(spec.inputs[2].view, spec.outputs[0].view, spec.outputs[1].view, r, batch, compiler);
  return kernelOf(costOf(r, batch) + ofKernel->cost, [=, in = spec.inputs, out = spec.outputs, &routines](Frame& frame) {
    float* transposed = floatsOf(packed, frame);
    routines.packBackward(r, floatsAt(in[0], frame), transposed);
    const RecurrenceRoutines::LstmBackward arguments{r,
                                                     transposed,
                                                     floatsAt(in[1], frame),
                                                     floatsAt(in[3], frame),
                                                     floatsAt(in[4], frame),
                                                     floatsAt(in[5], frame),
                                                     stepwise ? floatsAt(in[6], frame) : nullptr,
                                                     floatsAt(out[0], frame),
                                                     floatsAt(out[2], frame),
                                                     floatsAt(out[3], frame)};
    parallel(std::min(threads, frame.threads), batch,
             [&](int, int64_t from, int64_t to) { routines.lstmBackward(arguments, from, to); });
    ofKernel->run(frame);
  });
}

KernelPointer makeGru(const CompositeSpec& spec, Compiler& compiler) {
  demand(spec.inputs.size() == 4 && spec.outputs.size() == 4, "the operands of a gru");
  const Sizes all = spec.outputs[0].shape;
  const Recurrence r = shapeOf(all, 3);
  const int64_t batch = all[0];
  const Sizes row{batch, r.units};
  demandOperands(spec.inputs, {{{batch, r.steps, 3 * r.units}}, {{r.units, 3 * r.units}}, {{3 * r.units}}, {row}});
  demandOperands(spec.outputs, {{all}, {row}, {all}, {{batch, r.steps, 4 * r.units}}});
  const RecurrenceRoutines& routines = fused().recurrences;
  const View packed = privateView({routines.packedForward(r)}, compiler);
  const int threads = threadsFor(costOf(r, batch), compiler.threads());
  return kernelOf(costOf(r, batch), [=, in = spec.inputs, out = spec.outputs, &routines](Frame& frame) {
    float* kernel = floatsOf(packed, frame);
    routines.packForward(r, floatsAt(in[1], frame), kernel);
    const RecurrenceRoutines::GruForward arguments{r,
                                                   floatsAt(in[0], frame),
                                                   kernel,
                                                   floatsAt(in[2], frame),
                                                   floatsAt(in[3], frame),
                                                   floatsAt(out[0], frame),
                                                   floatsAt(out[1], frame),
                                                   floatsAt(out[2], frame),
                                                   floatsAt(out[3], frame)};
    parallel(std::min(threads, frame.threads), batch,
             [&](int, int64_t from, int64_t to) { routines.gruForward(arguments, from, to); });
  });
}

KernelPointer makeGruGradient(const CompositeSpec& spec, Compiler& compiler) {
  const bool stepwise = isStepwise(spec);
  demand(spec.inputs.size() == (stepwise ? 5 : 4) && spec.outputs.size() == 4, "the operands of a gru's gradient");
  const Sizes all = spec.inputs[1].shape;
  const Recurrence r = shapeOf(all, 3);
  const int64_t batch = all[0];
  const Sizes row{batch, r.units};
  const Sizes kernel{r.units, 3 * r.units};
  const Sizes slopes{batch, r.steps, 3 * r.units};
  const Sizes gates{batch, r.steps, 4 * r.units};
  if (stepwise) demandOperands(spec.inputs, {{kernel}, {all}, {gates}, {row}, {all}});
  else demandOperands(spec.inputs, {{kernel}, {all}, {gates}, {row}});
  demandOperands(spec.outputs, {{slopes}, {kernel}, {{3 * r.units}}, {row}});
  const RecurrenceRoutines& routines = fused().recurrences;
  const View packed = privateView({routines.packedBackward(r)}, compiler);
  const View ofStates = privateView(slopes, compiler);
  const int threads = threadsFor(costOf(r, batch), compiler.threads());
  const std::shared_ptr<Kernel> ofKernel =
      sumOfProducts(spec.inputs[1].view, ofStates, spec.outputs[1].view, r, batch, compiler);
  LoopSpec bias;
  bias.shape = {3 * r.units, batch * r.steps};
  bias.reduced = 1;
  bias.inputs = {ofStates};
  bias.inputs[0].strides = {1, 3 * r.units};
  Instruction loaded;
  loaded.step = Step::Load;
  loaded.dtype = DType::Float32;
  bias.body = {loaded};
  bias.reductions = {{Fold::Sum, 0}};
  bias.stores = {{spec.outputs[2].view, 1}};
  bias.stores[0].view.strides = {1, 0};
  const std::shared_ptr<Kernel> ofBias = makeLoop(bias, compiler);
  return kernelOf(costOf(r, batch) + ofKernel->cost + ofBias->cost, [=, in = spec.inputs, out = spec.outputs, &routines](Frame& frame) {
    float* transposed = floatsOf(packed, frame);
    routines.packBackward(r, floatsAt(in[0], frame), transposed);
    const RecurrenceRoutines::GruBackward arguments{r,
                                                    transposed,
                                                    floatsAt(in[1], frame),
                                                    floatsAt(in[2], frame),
                                                    floatsAt(in[3], frame),
                                                    stepwise ? floatsAt(in[4], frame) : nullptr,
                                                    floatsAt(out[0], frame),
                                                    floatsOf(ofStates, frame),
                                                    floatsAt(out[3], frame)};
    parallel(std::min(threads, frame.threads), batch,
             [&](int, int64_t from, int64_t to) { routines.gruBackward(arguments, from, to); });
    ofKernel->run(frame);
    ofBias->run(frame);
  });
}

}  // namespace antler
