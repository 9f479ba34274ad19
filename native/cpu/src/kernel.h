// What kernels are made with, and what they get when they run.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "axes.h"
#include "program.h"

namespace antler {

/** One run of a program. */
struct Frame {
  /** Where each slot begins in this run. */
  char* const* slots;
  const double* scalars;
  /** The turn of each enclosing repeat, outermost first. */
  int64_t turns[maxRank];
  int depth;
  int threads;
  /** Set when the run shall stop: nobody will read what it makes. */
  const volatile bool* stopped;
};

/** A kernel of a compiled program. Runs never overlap, so it may keep what it needs between them. */
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(Frame& frame) = 0;
  /** About how many simple steps on one element a run takes, which decides on threads. */
  int64_t cost = 0;
};

using KernelPointer = std::unique_ptr<Kernel>;

/** Number of the element where a view begins in this run. */
inline int64_t originOf(const View& view, const Frame& frame) {
  int64_t origin = view.offset;
  for (size_t i = 0; i < view.turns.size(); i++) origin += view.turns[i] * frame.turns[i];
  return origin;
}

inline char* placeOf(const View& view, const Frame& frame) {
  return frame.slots[view.slot] + originOf(view, frame) * sizeOf(view.dtype);
}

/** Hands out memory at compile time: private slots live in the arena as long as one kernel runs. */
class Compiler {
 public:
  Compiler(const Program& program, int threads);

  /** A slot of a kernel's own. */
  int privateSlot(int64_t bytes);
  KernelPointer compile(const KernelSpec& spec);
  std::vector<KernelPointer> compileAll(const std::vector<KernelSpec>& specs);

  /** Notes that a kernel calls oneDNN, which may use OpenMP: the program then runs on the executor's thread alone. */
  void needLibrary() { library_ = true; }

  bool library() const { return library_; }
  const Program& program() const { return program_; }
  int threads() const { return threads_; }
  /** Offsets in the arena of temporary and private slots, -1 for the others. */
  const std::vector<int64_t>& places() const { return places_; }
  int64_t arenaBytes() const { return arenaBytes_; }

 private:
  const Program& program_;
  int threads_;
  bool library_ = false;
  std::vector<int64_t> places_;
  int64_t temporaryBytes_ = 0;
  int64_t privateBytes_ = 0;
  int64_t arenaBytes_ = 0;
};

// One factory per kind of kernel.
KernelPointer makeLoop(const LoopSpec& spec, Compiler& compiler);
KernelPointer makeDot(const DotSpec& spec, Compiler& compiler);
KernelPointer makeConv(const ConvSpec& spec, Compiler& compiler);
KernelPointer makeIndexed(const IndexedSpec& spec, Compiler& compiler);
KernelPointer makeCumulate(const CumulateSpec& spec, Compiler& compiler);
KernelPointer makeSort(const SortSpec& spec, Compiler& compiler);
KernelPointer makeRepeat(const RepeatSpec& spec, Compiler& compiler);
/** Throws InvalidProgram for operands or parameters that the composite does not have. */
KernelPointer makeComposite(const CompositeSpec& spec, Compiler& compiler);
/** How many composites there are. */
int compositeCount();

}  // namespace antler
