#include "share.h"

#include <thread>

namespace antler {
namespace {

/** Looks after which a thread that waits lets others have the processor. */
constexpr int patience = 10000;

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

thread_local Share* Share::current = nullptr;

void Share::watch(int looks, const std::atomic<bool>& wanted) {
  watched_.store(true, std::memory_order_relaxed);
  for (int look = 0; look < looks && !wanted.load(std::memory_order_relaxed); look++) {
    State offered = State::Offered;
    if (state_.load(std::memory_order_relaxed) != offered ||
        !state_.compare_exchange_strong(offered, State::Taken, std::memory_order_acquire)) {
      relax();
      continue;
    }
    try {
      part_(context_);
    } catch (...) {
      failure_ = std::current_exception();
    }
    state_.store(State::Done, std::memory_order_release);
    look = 0;
  }
  watched_.store(false, std::memory_order_relaxed);
}

void Share::finish() {
  for (int look = 0; state_.load(std::memory_order_acquire) != State::Done; look++) {
    if (look < patience) relax();
    else std::this_thread::yield();
  }
  state_.store(State::None, std::memory_order_relaxed);
}

}  // namespace antler
