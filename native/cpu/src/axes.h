// Index spaces: axes merged where memory allows, cut into boxes of a bounded size, and walked in row-major order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "program.h"

namespace antler {

constexpr int maxRank = 32;

/** Sizes of axes, and for each of several views its strides over them. */
struct Axes {
  Sizes sizes;
  std::vector<Sizes> strides;
};

int64_t product(const Sizes& sizes);
int64_t product(const Sizes& sizes, size_t from, size_t to);
Sizes slice(const Sizes& list, size_t from, size_t to);
Sizes joined(std::initializer_list<const Sizes*> lists);
/** Row-major strides. */
Sizes denseStrides(const Sizes& sizes);
/** True when the view has its elements one after the other in row-major order (axes of one entry aside). */
bool isDense(const Sizes& sizes, const Sizes& strides);

/** Drops axes of size 1 and joins neighbours that every view crosses evenly; the order of elements stays. */
Axes mergeAxes(const Sizes& sizes, const std::vector<Sizes>& views);

/** start + Σ index · stride of every index in row-major order. */
std::vector<int64_t> gridOffsets(const Sizes& sizes, const Sizes& strides, int64_t start = 0);

/**
 * An index space cut into boxes of at most `limit` elements: whole inner axes, a chunk of the axis that no longer fits
 * whole, single indices of the axes outside of it. Only the last chunk of the cut axis may be short.
 */
struct Boxes {
  int64_t count = 0;
  /** Elements of a full box. */
  int64_t size = 1;
  /** Sizes of a full box. */
  Sizes shape;

  Boxes() = default;
  Boxes(const Sizes& sizes, int64_t limit);

  /** Writes where a box begins, and returns how many elements it has. */
  int64_t enter(int64_t box, int64_t* position) const;
  /** True when the box does not move along an axis. */
  bool whole(size_t axis) const { return shape[axis] == sizes_[axis]; }

 private:
  Sizes sizes_;
  int cut_ = -1;
  int64_t inner_ = 1;
};

/** Walks an index space in row-major order, keeping the offset of several views. */
class Odometer {
 public:
  Odometer(const Sizes& sizes, const std::vector<Sizes>& views);
  void seek(int64_t element);
  void next();
  int64_t offset(size_t view) const { return offsets_[view]; }

 private:
  Axes axes_;
  Sizes index_;
  Sizes offsets_;
};

}  // namespace antler
