// A compiled program.
#pragma once

#include <limits>
#include <vector>

#include "kernel.h"

namespace antler {

class Executable {
 public:
  /** Takes a program that the reader has checked. Throws std::bad_alloc. */
  Executable(Program program, int threads);

  /** Slots whose memory comes with each run. */
  size_t regions() const { return regions_; }
  int64_t regionBytes(size_t region) const { return program_.slots[region].bytes; }
  int64_t scalars() const { return program_.scalars; }
  int64_t arenaBytes() const { return arenaBytes_; }
  /** True when it takes so few steps that no other thread need be told. */
  bool isTiny() const { return !library_ && cost_ < 16 * 1024; }
  /**
   * True when it has run in so short a time that a thread may as well compute it as wait for another one to. Of whoever
   * computes.
   */
  bool isBrief() const { return !library_ && least_ < 100e-6; }
  size_t kernels() const { return kernels_.size(); }

  /** Runs on the calling thread and, with more than one, on OpenMP's. `milliseconds` has a place per kernel, or is null. */
  void run(char* const* regions, const double* scalars, char* arena, int threads, const volatile bool* stopped,
           double* milliseconds);

 private:
  Program program_;
  size_t regions_ = 0;
  std::vector<KernelPointer> kernels_;
  std::vector<int64_t> places_;
  int64_t arenaBytes_ = 0;
  int64_t cost_ = 0;
  bool library_ = false;
  /** Seconds of its shortest run. */
  double least_ = std::numeric_limits<double>::infinity();
  std::vector<char*> slots_;
};

}  // namespace antler
