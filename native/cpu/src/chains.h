// Finds chains: opcodes of which each but the last makes a value for the next one alone.
#pragma once

#include <cstddef>
#include <vector>

#include "isa/isa.h"
#include "program.h"

namespace antler {

/** An opcode of a body or epilogue, as far as chains see it. */
struct ChainCandidate {
  /** A float32 opcode with a number of its own for every element. */
  bool fits = false;
  Op op = Op::Neg;
  int out = 0;
  int args[2] = {0, 0};
};

struct Chain {
  /** The candidate that makes its result. */
  size_t root = 0;
  /** The value it begins with, then one for each link (any, where a link needs none). */
  std::vector<int> args;
  std::vector<ChainOp> links;
  /** Candidates that nobody needs any more. */
  std::vector<size_t> inside;
};

/** `uses` says how often each value is used. Chains of one link are found too. */
std::vector<Chain> findChains(const std::vector<ChainCandidate>& list, const std::vector<int>& uses);

}  // namespace antler
