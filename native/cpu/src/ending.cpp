#include "ending.h"

#include <algorithm>

namespace antler {
namespace {

View denseView(const Sizes& shape, DType dtype, Compiler& compiler) {
  View view;
  view.slot = compiler.privateSlot(product(shape) * sizeOf(dtype));
  view.dtype = dtype;
  view.strides = denseStrides(shape);
  return view;
}

Instruction loadOf(int input, DType dtype) {
  Instruction load;
  load.step = Step::Load;
  load.dtype = dtype;
  load.number = input;
  return load;
}

}  // namespace

Ending makeEnding(const Epilogue& epilogue, DType dtype, DType sums, const Sizes& shape, Compiler& compiler,
                  const std::function<bool(const View&)>& fits) {
  Ending ending;
  std::vector<Store> stores = epilogue.stores;
  const auto isRead = [&](int slot) {
    return std::any_of(epilogue.inputs.begin(), epilogue.inputs.end(), [&](const View& v) { return v.slot == slot; });
  };
  const auto own = std::find_if(stores.begin(), stores.end(), [&](const Store& store) {
    return store.value == 0 && sums == dtype && !isRead(store.view.slot) && fits(store.view);
  });
  if (own != stores.end()) {
    ending.result = own->view;
    stores.erase(own);
  } else {
    // The sums may lie where something made of them goes: the loop reads each before it writes there.
    const auto later = std::find_if(stores.begin(), stores.end(), [&](const Store& store) {
      return store.view.dtype == sums && sums == dtype && !isRead(store.view.slot) && fits(store.view);
    });
    ending.result = later != stores.end() ? later->view : denseView(shape, sums, compiler);
  }
  if (stores.empty()) return ending;

  LoopSpec loop;
  loop.shape = shape;
  loop.inputs = {ending.result};
  loop.inputs.insert(loop.inputs.end(), epilogue.inputs.begin(), epilogue.inputs.end());
  loop.body = {loadOf(0, sums)};
  int shift = 0;
  if (sums != dtype) {
    Instruction cast;
    cast.step = Step::Operate;
    cast.dtype = dtype;
    cast.op = Op::Cast;
    loop.body.push_back(cast);
    shift = 1;
  }
  for (Instruction step : epilogue.instructions) {
    if (step.step == Step::Load) step.number++;
    if (step.step == Step::Operate) for (int& arg : step.args) arg += shift;
    loop.body.push_back(step);
  }
  for (Store& store : stores) store.value += shift;
  loop.stores = std::move(stores);
  ending.loop = makeLoop(loop, compiler);
  return ending;
}

KernelPointer makeDense(View& view, const Sizes& shape, Compiler& compiler) {
  const View dense = denseView(shape, view.dtype, compiler);
  LoopSpec loop;
  loop.shape = shape;
  loop.inputs = {view};
  loop.body = {loadOf(0, view.dtype)};
  loop.stores = {{dense, 0}};
  view = dense;
  return makeLoop(loop, compiler);
}

}  // namespace antler
