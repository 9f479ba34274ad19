#include "memory.h"

#include <cstdlib>
#include <string>

#include "error.h"

#ifdef _WIN32
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace antler {
namespace {

constexpr size_t line = 64;
constexpr size_t hugePage = size_t{2} << 20;

char* allocate(size_t bytes, size_t alignment) {
#ifdef _WIN32
  return static_cast<char*>(_aligned_malloc(bytes, alignment));
#else
  void* data = nullptr;
  return posix_memalign(&data, alignment, bytes) == 0 ? static_cast<char*>(data) : nullptr;
#endif
}

}  // namespace

Block::Block(size_t bytes) : bytes_(bytes) {
  const bool huge = bytes >= hugePage;
  if (huge) bytes_ = (bytes + hugePage - 1) / hugePage * hugePage;
  data_ = allocate(bytes_ == 0 ? line : bytes_, huge ? hugePage : line);
  if (data_ == nullptr) throw OutOfMemory("no room for " + std::to_string(bytes) + " bytes of temporaries");
#ifdef __linux__
  // Fresh small pages cost more than most kernels; a refusal is no loss.
  if (huge) madvise(data_, bytes_, MADV_HUGEPAGE);
#endif
}

Block::~Block() {
#ifdef _WIN32
  _aligned_free(data_);
#else
  std::free(data_);
#endif
}

std::shared_ptr<Block> Arena::atLeast(size_t bytes) {
  if (block_ == nullptr || block_->bytes() < bytes) block_ = std::make_shared<Block>(bytes);
  return block_;
}

}  // namespace antler
