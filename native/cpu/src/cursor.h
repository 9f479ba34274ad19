// A view as a kernel walks it: how the elements of a tile lie from its first, and how tiles lie from each other.
#pragma once

#include "isa/isa.h"
#include "kernel.h"

namespace antler {

/** Places of a tile's elements: `i · stride`, runs of neighbours at a constant stride, or a table. */
struct Lanes {
  int64_t stride = 0;
  /** Elements of a run; 0 when there is but one. */
  int64_t run = 0;
  std::vector<int32_t> starts;
  /** Every place, when runs are short, or when it is a position. */
  std::vector<int32_t> table;

  bool isDense() const { return stride == 1 && run == 0 && table.empty(); }
  /** All elements are one. */
  bool isUniform() const { return stride == 0 && run == 0 && table.empty(); }
};

class Cursor {
 public:
  Cursor(const View& view, const Sizes& shape, bool position);

  View view;
  bool constant = true;
  /** The same in every tile. */
  bool still = false;
  /** Read in place. */
  bool direct = false;
  /** Strides over merged axes. */
  Sizes kept;
  Sizes reduced;
  Lanes lanes;

  bool isPosition() const { return position_; }
  /** Finds the lanes of a box. */
  void place(const Sizes& box, const Sizes& strides);
  void load(char* out, const char* memory, int64_t count) const;
  void store(char* memory, const char* values, int64_t count) const;
  /** The address of an element; of a position, the element itself. */
  char* at(const Frame& frame, int64_t element) const {
    if (position_) return reinterpret_cast<char*>(element);
    return frame.slots[view.slot] + element * bytes_;
  }

 private:
  bool position_;
  int bytes_;
  const Moves* moves_;
};

}  // namespace antler
