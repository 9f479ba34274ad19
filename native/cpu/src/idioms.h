// Finds idioms among instructions: trees of single-use values that one routine computes.
#pragma once

#include <cstddef>
#include <vector>

#include "isa/isa.h"
#include "program.h"

namespace antler {

struct IdiomMatch {
  /** The instruction that gets the routine, with these arguments. */
  size_t root = 0;
  Routine routine = nullptr;
  int args[4] = {0, 0, 0, 0};
  /** Instructions that nobody needs any more. */
  std::vector<size_t> inside;
};

/** `first` is the number of the first instruction's value; `uses` says how often each value is used. */
std::vector<IdiomMatch> findIdioms(const std::vector<Instruction>& list, int first, const std::vector<int>& uses);

}  // namespace antler
