// What lets a thread that computes in the executor's place share a loop with the executor's thread, without waiting for it to
// wake: a loop is cut in two, and the second part is done by whoever comes to it first.
#pragma once

#include <atomic>
#include <exception>

namespace antler {

class Share {
 public:
  /** What the calling thread shares its loops by; null where it computes alone, or with OpenMP's threads. */
  static thread_local Share* current;

  /**
   * Calls mine(), and meanwhile other(true) on the thread that watches; if none does or it comes too late, other(false) here.
   * What either throws reaches the caller when both are over.
   */
  template <class Mine, class Other>
  void split(const Mine& mine, const Other& other) {
    const bool offered = isWatched();
    if (offered) offer([](const void* f) { (*static_cast<const Other*>(f))(true); }, &other);
    std::exception_ptr failure;
    try {
      mine();
    } catch (...) {
      failure = std::current_exception();
    }
    if (offered && !withdraw()) {
      finish();
      if (failure == nullptr) failure = failure_;
      failure_ = nullptr;
    } else if (failure == nullptr) {
      other(false);
    }
    if (failure != nullptr) std::rethrow_exception(failure);
  }

  /** True when someone looks for what is offered. */
  bool isWatched() const { return watched_.load(std::memory_order_relaxed); }

  /** Does what is offered, until there was nothing for so many looks, or `wanted` elsewhere. */
  void watch(int looks, const std::atomic<bool>& wanted);

 private:
  enum class State { None, Offered, Taken, Done };
  using Part = void (*)(const void* context);

  void offer(Part part, const void* context) {
    part_ = part;
    context_ = context;
    state_.store(State::Offered, std::memory_order_release);
  }
  /** True when nobody has taken what was offered. */
  bool withdraw() {
    State offered = State::Offered;
    return state_.compare_exchange_strong(offered, State::None);
  }
  /** Waits for what was taken. */
  void finish();

  std::atomic<bool> watched_{false};
  alignas(64) std::atomic<State> state_{State::None};
  Part part_ = nullptr;
  const void* context_ = nullptr;
  /** What the other part threw. */
  std::exception_ptr failure_;
};

}  // namespace antler
