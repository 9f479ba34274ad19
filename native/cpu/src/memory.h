// Memory of the addon's own. Buffers are JavaScript's; this is for the arena.
#pragma once

#include <cstddef>
#include <memory>

namespace antler {

/** An aligned piece of memory with unspecified contents; large ones are made of huge pages where the system lets them. */
class Block {
 public:
  /** Throws OutOfMemory. */
  explicit Block(size_t bytes);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  char* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  char* data_ = nullptr;
  size_t bytes_ = 0;
};

/**
 * The arena: as large as the largest program needs. A program keeps the block that was there when it was enqueued, so a
 * larger one never moves memory under a run.
 */
class Arena {
 public:
  std::shared_ptr<Block> atLeast(size_t bytes);

 private:
  std::shared_ptr<Block> block_;
};

}  // namespace antler
