#include "finish.h"

#include <algorithm>

namespace antler {
namespace {

bool isForChannels(const Sizes& shape, const Sizes& strides) {
  for (size_t axis = 0; axis < shape.size(); axis++) {
    if (shape[axis] != 1 && strides[axis] != (axis + 1 == shape.size() ? 1 : 0)) return false;
  }
  return true;
}

/** A bound of which the sign does not matter when it is reached. */
bool isBound(Op op, double value) { return value > 0 || value < 0 || (op == Op::Max && value == 0); }

}  // namespace

bool FoundFinish::find(const Epilogue& epilogue, const Sizes& shape) {
  if (epilogue.stores.size() != 1) return false;
  const View& target = epilogue.stores[0].view;
  if (target.dtype != DType::Float32 || !isDense(shape, target.strides)) return false;
  const auto stepOf = [&](int value) { return value == 0 ? nullptr : &epilogue.instructions[static_cast<size_t>(value - 1)]; };
  std::vector<std::pair<FinishStep, View>> chain;
  // From what is stored back to the sum, which is value 0.
  for (int value = epilogue.stores[0].value; value != 0;) {
    const Instruction& step = *stepOf(value);
    if (step.step != Step::Operate || step.dtype != DType::Float32 || chain.size() == Finish::most) return false;
    const bool isBinary = opRows[static_cast<int>(step.op)].arity == 2;
    if (!isBinary) return false;
    const auto isOperand = [&](int argument) {
      return argument != 0 && (stepOf(argument)->step == Step::Load || stepOf(argument)->step == Step::Const);
    };
    const bool isTurned = isOperand(step.args[0]) && step.op != Op::Sub;
    if (!isTurned && !isOperand(step.args[1])) return false;
    const Instruction& operand = *stepOf(step.args[isTurned ? 0 : 1]);
    value = step.args[isTurned ? 1 : 0];
    FinishStep found;
    View view;
    const bool isNumber = operand.step == Step::Const;
    switch (step.op) {
      case Op::Add: found.kind = FinishStep::Add; break;
      case Op::Sub: found.kind = FinishStep::Subtract; break;
      case Op::Mul: found.kind = FinishStep::Multiply; break;
      case Op::Max: found.kind = FinishStep::AtLeast; break;
      case Op::Min: found.kind = FinishStep::AtMost; break;
      default: return false;
    }
    if (step.op == Op::Max || step.op == Op::Min) {
      if (!isNumber || !isBound(step.op, operand.value)) return false;
    }
    if (isNumber) {
      found.number = static_cast<float>(operand.value);
    } else {
      view = epilogue.inputs[static_cast<size_t>(operand.number)];
      if (view.dtype != DType::Float32) return false;
      const bool isSame = view.offset == target.offset && view.turns == target.turns;
      if (isForChannels(shape, view.strides)) {
        if (view.slot == target.slot) return false;
      } else if (step.op == Op::Add && isDense(shape, view.strides)) {
        // Each entry is read before it is written.
        if (view.slot == target.slot && !isSame) return false;
        found.kind = FinishStep::AddEntry;
      } else {
        return false;
      }
    }
    chain.emplace_back(found, view);
  }
  std::reverse(chain.begin(), chain.end());
  for (const auto& [step, view] : chain) {
    views_[finish_.count] = view;
    finish_.steps[finish_.count++] = step;
  }
  // A view without strides is that of a number.
  return true;
}

bool FoundFinish::isLayer() const {
  const int last = finish_.count - 1;
  if (last != 0 && last != 1) return false;
  const bool addsBias = last == 0 || (finish_.steps[0].kind == FinishStep::Add && !views_[0].strides.empty());
  return addsBias && finish_.steps[last].kind == FinishStep::AtLeast && finish_.steps[last].number == 0;
}

Finish FoundFinish::at(const Frame& frame) const {
  Finish finish = finish_;
  for (int i = 0; i < finish.count; i++) {
    if (!views_[i].strides.empty()) finish.steps[i].operand = reinterpret_cast<const float*>(placeOf(views_[i], frame));
  }
  return finish;
}

}  // namespace antler
