#include "layered.h"

#include <cstddef>

namespace antler {

Layered layeredOf(const ConvSpec& spec) {
  const Epilogue& epilogue = spec.epilogue;
  Layered layered;
  if (spec.map != ConvMap::Output || epilogue.stores.size() != 1) return layered;
  // Value 0 is the sum, value i + 1 what instruction i gives.
  const auto stepOf = [&](int value) { return value == 0 ? Instruction{} : epilogue.instructions[value - 1]; };
  int value = epilogue.stores[0].value;
  const Instruction last = stepOf(value);
  const Instruction zero = stepOf(last.args[1]);
  if (value > 0 && last.step == Step::Operate && last.op == Op::Max && last.args[1] > 0 && zero.step == Step::Const &&
      zero.value == 0) {
    layered.relu = true;
    value = last.args[0];
  }
  const Instruction sum = stepOf(value);
  const Instruction load = stepOf(sum.args[1]);
  if (value > 0 && sum.step == Step::Operate && sum.op == Op::Add && sum.args[0] == 0 && load.step == Step::Load) {
    layered.bias = &epilogue.inputs[static_cast<size_t>(load.number)];
    Sizes strides(spec.output.size(), 0);
    strides.back() = 1;
    if (layered.bias->strides != strides || layered.bias->dtype != DType::Float32) return layered;
    if (layered.bias->slot == epilogue.stores[0].view.slot) return layered;
    value = sum.args[0];
  }
  layered.found = value == 0 && epilogue.stores[0].view.dtype == DType::Float32;
  return layered;
}

}  // namespace antler
