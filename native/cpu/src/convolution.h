// A convolution as matrix products. One sample of a's spatial axes is copied into a room with zeros around it, so that where
// row m meets depth k is the sum of two offsets: rows[m] + depth[k]. The input's map falls into phases, one for each place
// between two outputs, because different taps reach each of them.
#pragma once

#include <cstddef>

#include "program.h"

namespace antler {

/** One matrix product: result[row, column] = Σ_k room[rows[row] + depth[k]] · b[depthB[k] + column]. */
struct Phase {
  std::vector<int64_t> rows;
  std::vector<int64_t> depth;
  std::vector<int64_t> depthB;
  /** The rows as a grid over the row axes of the result: its sizes, where it starts and how it steps. */
  Sizes sizes, starts, steps;
};

struct Plan {
  /** Spatial sizes of the room, and where a sample begins in it; what falls outside is left out. */
  Sizes room, shifts;
  int64_t channels = 0;
  std::vector<Phase> phases;
  /** Axes of the result that are rows. Its last axis has the columns. */
  std::vector<size_t> rowAxes;
  /** Columns of one group, and the axis of b that they are. */
  int64_t columns = 0;
  size_t columnAxisB = 0;
};

Plan planConvolution(const ConvSpec& spec);

}  // namespace antler
