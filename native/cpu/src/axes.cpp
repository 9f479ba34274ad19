#include "axes.h"

#include <algorithm>

namespace antler {

int64_t product(const Sizes& sizes) { return product(sizes, 0, sizes.size()); }

int64_t product(const Sizes& sizes, size_t from, size_t to) {
  int64_t all = 1;
  for (size_t i = from; i < to; i++) all *= sizes[i];
  return all;
}

Sizes slice(const Sizes& list, size_t from, size_t to) {
  return Sizes(list.begin() + static_cast<std::ptrdiff_t>(from), list.begin() + static_cast<std::ptrdiff_t>(to));
}

Sizes joined(std::initializer_list<const Sizes*> lists) {
  Sizes all;
  for (const Sizes* list : lists) all.insert(all.end(), list->begin(), list->end());
  return all;
}

Sizes denseStrides(const Sizes& sizes) {
  Sizes strides(sizes.size());
  int64_t stride = 1;
  for (size_t axis = sizes.size(); axis-- > 0; stride *= std::max<int64_t>(sizes[axis], 1)) strides[axis] = stride;
  return strides;
}

bool isDense(const Sizes& sizes, const Sizes& strides) {
  const Sizes dense = denseStrides(sizes);
  for (size_t axis = 0; axis < sizes.size(); axis++) {
    if (sizes[axis] > 1 && strides[axis] != dense[axis]) return false;
  }
  return true;
}

Axes mergeAxes(const Sizes& sizes, const std::vector<Sizes>& views) {
  Axes merged;
  merged.strides.resize(views.size());
  for (size_t axis = 0; axis < sizes.size(); axis++) {
    const int64_t size = sizes[axis];
    if (size == 1) continue;
    bool even = !merged.sizes.empty();
    for (size_t v = 0; even && v < views.size(); v++) even = merged.strides[v].back() == views[v][axis] * size;
    if (even) {
      merged.sizes.back() *= size;
      for (size_t v = 0; v < views.size(); v++) merged.strides[v].back() = views[v][axis];
    } else {
      merged.sizes.push_back(size);
      for (size_t v = 0; v < views.size(); v++) merged.strides[v].push_back(views[v][axis]);
    }
  }
  return merged;
}

std::vector<int64_t> gridOffsets(const Sizes& sizes, const Sizes& strides, int64_t start) {
  std::vector<int64_t> offsets{start};
  for (size_t axis = 0; axis < sizes.size(); axis++) {
    std::vector<int64_t> next;
    next.reserve(offsets.size() * static_cast<size_t>(sizes[axis]));
    for (const int64_t offset : offsets) {
      for (int64_t i = 0; i < sizes[axis]; i++) next.push_back(offset + i * strides[axis]);
    }
    offsets = std::move(next);
  }
  return offsets;
}

Boxes::Boxes(const Sizes& sizes, int64_t limit) : shape(sizes), sizes_(sizes) {
  cut_ = static_cast<int>(sizes.size()) - 1;
  while (cut_ > 0 && inner_ * sizes[cut_] <= limit) inner_ *= sizes[cut_--];
  int64_t chunks = 1;
  if (cut_ >= 0) {
    // Chunks of nearly one size: 784 becomes two of 392 rather than 512 and 272.
    const int64_t fitting = std::max<int64_t>(1, limit / std::max<int64_t>(1, inner_));
    chunks = (sizes[cut_] + fitting - 1) / fitting;
    const int64_t divisor = std::max<int64_t>(1, chunks);
    shape[cut_] = (sizes[cut_] + divisor - 1) / divisor;
    if (shape[cut_] > 0) chunks = (sizes[cut_] + shape[cut_] - 1) / shape[cut_];
    std::fill(shape.begin(), shape.begin() + cut_, 1);
  }
  count = inner_ == 0 ? 0 : product(sizes, 0, static_cast<size_t>(std::max(cut_, 0))) * chunks;
  size = product(shape);
}

int64_t Boxes::enter(int64_t box, int64_t* position) const {
  for (size_t axis = 0; axis < shape.size(); axis++) position[axis] = 0;
  if (cut_ < 0) return 1;
  const int64_t chunk = shape[cut_];
  const int64_t chunks = (sizes_[cut_] + chunk - 1) / chunk;
  const int64_t start = (box % chunks) * chunk;
  position[cut_] = start;
  int64_t rest = box / chunks;
  for (int axis = cut_ - 1; axis >= 0; axis--) {
    position[axis] = rest % sizes_[axis];
    rest /= sizes_[axis];
  }
  return std::min(chunk, sizes_[cut_] - start) * inner_;
}

Odometer::Odometer(const Sizes& sizes, const std::vector<Sizes>& views)
    : axes_(mergeAxes(sizes, views)), index_(axes_.sizes.size()), offsets_(views.size()) {}

void Odometer::seek(int64_t element) {
  std::fill(offsets_.begin(), offsets_.end(), 0);
  for (size_t axis = index_.size(); axis-- > 0;) {
    index_[axis] = element % axes_.sizes[axis];
    element /= axes_.sizes[axis];
    for (size_t v = 0; v < offsets_.size(); v++) offsets_[v] += index_[axis] * axes_.strides[v][axis];
  }
}

void Odometer::next() {
  for (size_t axis = index_.size(); axis-- > 0;) {
    const int64_t size = axes_.sizes[axis];
    if (++index_[axis] < size) {
      for (size_t v = 0; v < offsets_.size(); v++) offsets_[v] += axes_.strides[v][axis];
      return;
    }
    index_[axis] = 0;
    for (size_t v = 0; v < offsets_.size(); v++) offsets_[v] -= axes_.strides[v][axis] * (size - 1);
  }
}

}  // namespace antler
