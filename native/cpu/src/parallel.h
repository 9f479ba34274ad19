// Splits work over threads. Only the executor's thread comes here with more than one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace antler {

/** Below this many simple steps a second thread costs more than it brings. */
constexpr int64_t worthThreads = 32 * 1024;

inline int threadsFor(int64_t cost, int threads) { return cost < worthThreads ? 1 : threads; }

/** Calls f(thread, from, to) with a contiguous part of 0 … count - 1 for each thread; what one throws reaches the caller. */
template <class F>
void parallel(int threads, int64_t count, const F& f) {
  threads = static_cast<int>(std::min<int64_t>(threads, count));
#ifdef _OPENMP
  if (threads > 1) {
    std::exception_ptr failure;
#pragma omp parallel num_threads(threads)
    {
      const int64_t all = omp_get_num_threads();
      const int64_t thread = omp_get_thread_num();
      try {
        f(static_cast<int>(thread), count * thread / all, count * (thread + 1) / all);
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
  if (count > 0) f(0, 0, count);
}

}  // namespace antler
