#include "convolution.h"

#include <algorithm>

#include "axes.h"

namespace antler {
namespace {

int64_t floorDivide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/** The spatial axes of a shape. */
Sizes spatial(const Sizes& shape) { return slice(shape, 1, shape.size() - 1); }

Sizes scaled(const Sizes& strides, const Sizes& factors) {
  Sizes product(factors.size());
  for (size_t i = 0; i < factors.size(); i++) product[i] = strides[i] * factors[i];
  return product;
}

Sizes with(Sizes list, int64_t last) {
  list.push_back(last);
  return list;
}

std::vector<size_t> axesFrom(size_t first, size_t count) {
  std::vector<size_t> axes;
  for (size_t i = 0; i < count; i++) axes.push_back(first + i);
  return axes;
}

/** All combinations of one number below each size. */
std::vector<Sizes> combinations(const Sizes& sizes) {
  std::vector<Sizes> all{{}};
  for (const int64_t size : sizes) {
    std::vector<Sizes> longer;
    for (const Sizes& head : all) for (int64_t i = 0; i < size; i++) longer.push_back(with(head, i));
    all = std::move(longer);
  }
  return all;
}

/** The room of an input, as large as all taps of all outputs reach. */
void makeInputRoom(const ConvSpec& spec, Plan& plan) {
  for (size_t i = 0; i < spec.strides.size(); i++) {
    plan.room.push_back((spec.output[i + 1] - 1) * spec.strides[i] + (spec.kernel[i] - 1) * spec.dilation[i] + 1);
  }
  plan.shifts = spec.low;
  plan.channels = spec.kernel[spec.strides.size()];
}

Plan planForward(const ConvSpec& spec) {
  const size_t rank = spec.strides.size();
  Plan plan;
  makeInputRoom(spec, plan);
  const Sizes along = denseStrides(with(plan.room, plan.channels));
  const Sizes taps = slice(spec.kernel, 0, rank);
  const Sizes outputs = spatial(spec.output);
  const std::vector<int64_t> windows = gridOffsets(outputs, scaled(along, spec.strides));
  const Sizes reach = with(scaled(along, spec.dilation), 1);
  const std::vector<int64_t> window = gridOffsets(with(taps, plan.channels), reach);
  Phase phase;
  if (spec.map == ConvMap::Output) {
    phase.rows = windows;
    phase.depth = window;
    phase.depthB = gridOffsets(with(taps, plan.channels), slice(spec.b.strides, 0, rank + 1));
    phase.sizes = outputs;
    plan.rowAxes = axesFrom(1, rank);
    plan.columns = spec.kernel[rank + 1] / spec.groups;
  } else {
    phase.rows = window;
    phase.depth = windows;
    phase.depthB = gridOffsets(outputs, slice(spec.b.strides, 1, rank + 1));
    phase.sizes = with(taps, plan.channels);
    plan.rowAxes = axesFrom(0, rank + 1);
    plan.columns = spec.output[rank + 1] / spec.groups;
  }
  plan.columnAxisB = rank + 1;
  phase.starts.assign(phase.sizes.size(), 0);
  phase.steps.assign(phase.sizes.size(), 1);
  plan.phases.push_back(std::move(phase));
  return plan;
}

Plan planInput(const ConvSpec& spec) {
  const size_t rank = spec.strides.size();
  const int64_t filters = spec.kernel[rank + 1] / spec.groups;
  Plan plan;
  Sizes first(rank);
  Sizes phases(rank);
  for (size_t i = 0; i < rank; i++) {
    first[i] = floorDivide(spec.low[i] - (spec.kernel[i] - 1) * spec.dilation[i], spec.strides[i]);
    const int64_t last = floorDivide(spec.input[i + 1] - 1 + spec.low[i], spec.strides[i]);
    plan.room.push_back(std::max<int64_t>(0, last - first[i] + 1));
    plan.shifts.push_back(-first[i]);
    phases[i] = std::min(spec.strides[i], spec.input[i + 1]);
  }
  plan.channels = filters;
  plan.rowAxes = axesFrom(1, rank);
  plan.columns = spec.kernel[rank];
  plan.columnAxisB = rank;
  const Sizes along = denseStrides(with(plan.room, filters));
  for (const Sizes& start : combinations(phases)) {
    Phase phase;
    phase.starts = start;
    phase.steps = spec.strides;
    for (size_t i = 0; i < rank; i++) {
      phase.sizes.push_back((spec.input[i + 1] - start[i] + spec.strides[i] - 1) / spec.strides[i]);
    }
    phase.rows = gridOffsets(phase.sizes, slice(along, 0, rank));
    // Which taps reach these inputs, and from which output.
    for (const Sizes& tap : combinations(slice(spec.kernel, 0, rank))) {
      int64_t from = 0;
      int64_t fromB = 0;
      bool reaches = true;
      for (size_t i = 0; i < rank; i++) {
        const int64_t distance = start[i] + spec.low[i] - tap[i] * spec.dilation[i];
        if (distance % spec.strides[i] != 0) reaches = false;
        from += (floorDivide(distance, spec.strides[i]) - first[i]) * along[i];
        fromB += tap[i] * spec.b.strides[i];
      }
      for (int64_t f = 0; reaches && f < filters; f++) {
        phase.depth.push_back(from + f);
        phase.depthB.push_back(fromB + f * spec.b.strides[rank + 1]);
      }
    }
    plan.phases.push_back(std::move(phase));
  }
  return plan;
}

}  // namespace

Plan planConvolution(const ConvSpec& spec) {
  return spec.map == ConvMap::Input ? planInput(spec) : planForward(spec);
}

}  // namespace antler
