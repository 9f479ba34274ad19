#include "cursor.h"

#include <algorithm>

namespace antler {
namespace {

/** Runs shorter than this cost more than a table. */
constexpr int64_t shortRun = 8;

}  // namespace

Cursor::Cursor(const View& given, const Sizes& shape, bool position)
    : view(given), position_(position), bytes_(sizeOf(given.dtype)), moves_(&routines().moves(bytes_)) {
  for (size_t axis = 0; axis < shape.size(); axis++) {
    constant = constant && (shape[axis] == 1 || view.strides[axis] == 0);
  }
}

void Cursor::place(const Sizes& box, const Sizes& strides) {
  const Axes axes = mergeAxes(box, {strides});
  if (axes.sizes.size() <= 1) {
    lanes.stride = axes.sizes.empty() ? 1 : axes.strides[0][0];
    if (axes.sizes.empty() && constant) lanes.stride = 0;
    return;
  }
  const size_t last = axes.sizes.size() - 1;
  lanes.stride = axes.strides[0][last];
  lanes.run = axes.sizes[last];
  const auto narrow = [](const std::vector<int64_t>& wide) { return std::vector<int32_t>(wide.begin(), wide.end()); };
  if (lanes.run < shortRun || position_) lanes.table = narrow(gridOffsets(axes.sizes, axes.strides[0]));
  else lanes.starts = narrow(gridOffsets(slice(axes.sizes, 0, last), slice(axes.strides[0], 0, last)));
}

void Cursor::load(char* out, const char* memory, int64_t count) const {
  if (!lanes.table.empty()) return moves_->loadTable(out, memory, lanes.table.data(), count);
  if (lanes.run == 0) return moves_->loadStrided(out, memory, lanes.stride, count);
  moves_->loadRuns(out, memory, lanes.starts.data(), lanes.run, lanes.stride, count);
}

void Cursor::store(char* memory, const char* values, int64_t count) const {
  if (!lanes.table.empty()) return moves_->storeTable(memory, values, lanes.table.data(), count);
  if (lanes.run == 0) return moves_->storeStrided(memory, values, lanes.stride, count);
  moves_->storeRuns(memory, values, lanes.starts.data(), lanes.run, lanes.stride, count);
}

}  // namespace antler
