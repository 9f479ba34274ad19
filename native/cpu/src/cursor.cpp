#include "cursor.h"

#include <algorithm>
#include <cmath>

namespace antler {
namespace {

/** Runs shorter than this cost more than a table. */
constexpr int64_t shortRun = 8;

template <class T>
T most(T x, T y) {
  if constexpr (std::is_floating_point_v<T>) {
    if (x != x || y != y) return x + y;
    if (x == y) return std::signbit(x) ? y : x;
  }
  return x > y ? x : y;
}

template <class T>
T least(T x, T y) {
  if constexpr (std::is_floating_point_v<T>) {
    if (x != x || y != y) return x + y;
    if (x == y) return std::signbit(x) ? x : y;
  }
  return x < y ? x : y;
}

template <class T>
void foldAll(Fold fold, char* sums, const char* partials, int64_t count) {
  T* s = reinterpret_cast<T*>(sums);
  const T* p = reinterpret_cast<const T*>(partials);
  for (int64_t i = 0; i < count; i++) {
    switch (fold) {
      case Fold::Sum:
        if constexpr (std::is_floating_point_v<T>) s[i] += p[i];
        else s[i] = static_cast<T>(static_cast<uint64_t>(s[i]) + static_cast<uint64_t>(p[i]));
        break;
      case Fold::Prod:
        if constexpr (std::is_floating_point_v<T>) s[i] *= p[i];
        else s[i] = static_cast<T>(static_cast<uint64_t>(s[i]) * static_cast<uint64_t>(p[i]));
        break;
      case Fold::Max: s[i] = most(s[i], p[i]); break;
      case Fold::Min: s[i] = least(s[i], p[i]); break;
    }
  }
}

}  // namespace

void foldPartials(Fold fold, bool floats, char* sums, const char* partials, int64_t count) {
  if (floats) foldAll<double>(fold, sums, partials, count);
  else foldAll<int64_t>(fold, sums, partials, count);
}

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
  for (int64_t done = 0, run = 0; done < count; done += lanes.run, run++) {
    const int64_t length = std::min(lanes.run, count - done);
    moves_->loadStrided(out + done * bytes_, memory + int64_t{lanes.starts[run]} * bytes_, lanes.stride, length);
  }
}

void Cursor::store(char* memory, const char* values, int64_t count) const {
  if (!lanes.table.empty()) return moves_->storeTable(memory, values, lanes.table.data(), count);
  if (lanes.run == 0) return moves_->storeStrided(memory, values, lanes.stride, count);
  for (int64_t done = 0, run = 0; done < count; done += lanes.run, run++) {
    const int64_t length = std::min(lanes.run, count - done);
    moves_->storeStrided(memory + int64_t{lanes.starts[run]} * bytes_, values + done * bytes_, lanes.stride, length);
  }
}

}  // namespace antler
