// Operands in a kernel's own layout, kept from run to run: weights that do not change are packed once.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "kernel.h"
#include "memory.h"

namespace antler {

/**
 * The packed copy of one operand of one kernel. It is made when an operand is seen again that nobody has written to meanwhile,
 * so what changes in every step is never packed for later, and dropped as soon as somebody writes to what it was made of.
 */
class Packed {
 public:
  /** Of an operand whose elements lie within so many bytes. */
  explicit Packed(size_t bytes) : bytes_(bytes) {}
  ~Packed();
  Packed(const Packed&) = delete;
  Packed& operator=(const Packed&) = delete;

  /** True for an operand that a program only reads, and in the same place in every turn. */
  static bool suits(const View& view, const Program& program);
  /** Of a dense operand; null for one that does not suit. */
  static std::shared_ptr<Packed> make(const View& view, const Sizes& shape, const Program& program);

  /** The copy, which `pack` makes if need be; null when there is to be none, or not yet. To be called by whoever computes. */
  float* at(const float* source, const std::function<std::unique_ptr<Block>()>& pack);

 private:
  friend class Packs;

  size_t bytes_;
  /** What was seen last and not written to since, or null. */
  const char* source_ = nullptr;
  std::unique_ptr<Block> block_;
  uint64_t used_ = 0;
};

/** All packed operands of the process. */
class Packs {
 public:
  static Packs& instance();

  /** To be told of whatever is written to memory that programs read. */
  void wrote(const void* data, size_t bytes);
  /** Bytes of all copies. */
  size_t bytes();

  /** Whether there are new copies whose end nobody waits for. */
  bool hasUntied() const { return untiedCount_ > 0; }
  /** What such copies within a region are made of: when the region ends, `ended` is to be told. */
  std::vector<const char*> takeUntied(const char* data, size_t bytes);
  void ended(const char* source);

 private:
  friend class Packed;

  enum class Sight { First, Again, Kept };
  Sight look(Packed& packed, const char* source);
  void keep(Packed& packed, std::unique_ptr<Block> block);
  void forget(Packed& packed);
  void dropWithin(uintptr_t from, size_t bytes);

  std::mutex mutex_;
  /** By the address of what they are made of. */
  std::set<std::pair<uintptr_t, Packed*>> seen_;
  /** How many those are, for those who have no lock. */
  std::atomic<size_t> count_{0};
  /** The most bytes that one of them is made of. */
  size_t longest_ = 0;
  size_t bytes_ = 0;
  uint64_t clock_ = 0;
  std::vector<const char*> untied_;
  std::atomic<size_t> untiedCount_{0};
  std::set<const char*> tied_;
};

}  // namespace antler
