// Splits work over threads. With more than one, only the executor's thread comes here, or one that shares its loops with that.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "share.h"

namespace antler {

/** Below this many simple steps a second thread costs more than it brings. */
constexpr int64_t worthThreads = 32 * 1024;

inline int threadsFor(int64_t cost, int threads) { return cost < worthThreads ? 1 : threads; }

/** Calls part(i) for i from `first` to `last` - 1, on as many of OpenMP's threads; what one throws reaches the caller. */
template <class F>
void onThreads(int first, int last, const F& part) {
#ifdef _OPENMP
  if (last - first > 1) {
    std::exception_ptr failure;
#pragma omp parallel for schedule(static, 1) num_threads(last - first)
    for (int i = first; i < last; i++) {
      try {
        part(i);
      } catch (...) {
        // Memory that is not there; OpenMP would end the process.
#pragma omp critical
        failure = std::current_exception();
      }
    }
    if (failure != nullptr) std::rethrow_exception(failure);
    return;
  }
#endif
  for (int i = first; i < last; i++) part(i);
}

/** Calls f(thread, from, to) with a contiguous part of 0 … count - 1 for each thread; what one throws reaches the caller. */
template <class F>
void parallel(int threads, int64_t count, const F& f) {
  threads = static_cast<int>(std::min<int64_t>(threads, count));
  const auto part = [&](int thread) { f(thread, count * thread / threads, count * (thread + 1) / threads); };
  if (threads < 2 || Share::current == nullptr) return onThreads(0, threads, part);
  Share::current->split([&] { part(0); },
                        [&](bool helped) {
                          if (helped) onThreads(1, threads, part);
                          else for (int i = 1; i < threads; i++) part(i);
                        });
}

}  // namespace antler
