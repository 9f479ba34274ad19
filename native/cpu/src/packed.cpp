#include "packed.h"

#include <algorithm>

#include "error.h"

namespace antler {
namespace {

/** Of all copies. Beyond it, the one that was used longest ago goes first. */
constexpr size_t mostBytes = size_t{128} << 20;

uintptr_t addressOf(const void* data) { return reinterpret_cast<uintptr_t>(data); }

}  // namespace

bool Packed::suits(const View& view, const Program& program) {
  const auto slot = static_cast<size_t>(view.slot);
  return slot < program.slots.size() && program.slots[slot].role == Role::Input && view.turns.empty();
}

std::shared_ptr<Packed> Packed::make(const View& view, const Sizes& shape, const Program& program) {
  if (!suits(view, program) || !isDense(shape, view.strides)) return nullptr;
  return std::make_shared<Packed>(static_cast<size_t>(product(shape) * sizeOf(view.dtype)));
}

Packed::~Packed() {
  Packs& all = Packs::instance();
  const std::lock_guard<std::mutex> lock(all.mutex_);
  all.forget(*this);
}

float* Packed::at(const float* source, const std::function<std::unique_ptr<Block>()>& pack) {
  Packs& all = Packs::instance();
  switch (all.look(*this, reinterpret_cast<const char*>(source))) {
    case Packs::Sight::First: return nullptr;
    case Packs::Sight::Kept: break;
    case Packs::Sight::Again:
      try {
        std::unique_ptr<Block> block = pack();
        if (block == nullptr || block->bytes() > mostBytes) return nullptr;
        all.keep(*this, std::move(block));
      } catch (const OutOfMemory&) {
        return nullptr;
      }
  }
  return reinterpret_cast<float*>(block_->data());
}

/** It lives as long as the process: executables may outlive everything else. */
Packs& Packs::instance() {
  static Packs& one = *new Packs();
  return one;
}

Packs::Sight Packs::look(Packed& packed, const char* source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  packed.used_ = ++clock_;
  if (packed.source_ == source) return packed.block_ == nullptr ? Sight::Again : Sight::Kept;
  forget(packed);
  packed.source_ = source;
  seen_.insert({addressOf(source), &packed});
  count_ = seen_.size();
  longest_ = std::max(longest_, packed.bytes_);
  return Sight::First;
}

void Packs::keep(Packed& packed, std::unique_ptr<Block> block) {
  const std::lock_guard<std::mutex> lock(mutex_);
  packed.block_ = std::move(block);
  bytes_ += packed.block_->bytes();
  if (tied_.insert(packed.source_).second) untied_.push_back(packed.source_);
  untiedCount_ = untied_.size();
  while (bytes_ > mostBytes) {
    Packed* oldest = nullptr;
    for (const auto& [source, other] : seen_) {
      if (other->block_ != nullptr && (oldest == nullptr || other->used_ < oldest->used_)) oldest = other;
    }
    forget(*oldest);
  }
}

void Packs::forget(Packed& packed) {
  if (packed.block_ != nullptr) bytes_ -= packed.block_->bytes();
  packed.block_.reset();
  if (packed.source_ != nullptr) seen_.erase({addressOf(packed.source_), &packed});
  packed.source_ = nullptr;
  count_ = seen_.size();
}

void Packs::wrote(const void* data, size_t bytes) {
  if (count_ == 0) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  dropWithin(addressOf(data), bytes);
}

/** Forgets all that is made of bytes in a range. */
void Packs::dropWithin(uintptr_t from, size_t bytes) {
  auto next = seen_.lower_bound({from - std::min<uintptr_t>(from, longest_), nullptr});
  while (next != seen_.end() && next->first < from + bytes) {
    const auto [start, packed] = *next++;
    if (start + packed->bytes_ > from) forget(*packed);
  }
}

size_t Packs::bytes() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

std::vector<const char*> Packs::takeUntied(const char* data, size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto inside = [&](const char* source) { return source >= data && source < data + bytes; };
  const auto first = std::partition(untied_.begin(), untied_.end(), [&](const char* source) { return !inside(source); });
  std::vector<const char*> taken(first, untied_.end());
  untied_.erase(first, untied_.end());
  untiedCount_ = untied_.size();
  return taken;
}

void Packs::ended(const char* source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  tied_.erase(source);
  dropWithin(addressOf(source), 1);
}

}  // namespace antler
