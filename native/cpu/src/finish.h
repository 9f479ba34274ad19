// Epilogues that fast code takes over: a chain of steps from the sum to the one thing that is stored.
#pragma once

#include "isa/fused.h"
#include "kernel.h"

namespace antler {

/** The chain of an epilogue, if it is one; nothing happens to the sums otherwise. */
class FoundFinish {
 public:
  /** `shape` is that of the result, its last axis the channels. The result then is to be written densely. */
  bool find(const Epilogue& epilogue, const Sizes& shape);
  /** Whether it adds a bias, or nothing, and then takes the larger of that and 0. */
  bool isLayer() const;
  /** With the addresses of a run. */
  Finish at(const Frame& frame) const;

 private:
  Finish finish_;
  /** Of the steps with operands. */
  View views_[Finish::most];
};

}  // namespace antler
