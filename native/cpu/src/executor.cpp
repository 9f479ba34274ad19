#include "executor.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace antler {
namespace {

int defaultThreads() {
  const char* wish = std::getenv("ANTLER_NUM_THREADS");
  const int wanted = wish == nullptr ? 0 : std::atoi(wish);
  if (wanted > 0) return std::min(wanted, 256);
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

/** As many as OpenMP's threads look for work before they sleep: loader.cpp says how many that are. */
int defaultLooks() {
  const char* count = std::getenv("GOMP_SPINCOUNT");
  return count == nullptr ? 0 : std::max(0, std::min(std::atoi(count), 1'000'000));
}

}  // namespace

Executor& Executor::instance() {
  static Executor* const executor = new Executor();
  return *executor;
}

Executor::Executor() : threads(defaultThreads()), looks_(defaultLooks()) {}

/** To be called with the mutex. */
void Executor::start() {
  if (!started_) std::thread([this] { work(); }).detach();
  started_ = true;
}

void Executor::call() {
  if (share.isWatched()) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  start();
  called_ = true;
  arrived_.notify_one();
}

void Executor::enqueue(Session& session, TaskPointer task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  start();
  queue_.emplace_back(&session, std::move(task));
  waiting_.store(true, std::memory_order_relaxed);
  session.submitted_++;
  arrived_.notify_one();
}

void Executor::wait(Session& session) {
  std::unique_lock<std::mutex> lock(mutex_);
  finished_.wait(lock, [&] { return session.completed_ == session.submitted_; });
}

bool Executor::isIdle(Session& session) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return session.completed_ == session.submitted_;
}

std::vector<TaskPointer> Executor::collect(Session& session) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::move(session.done_);
}

void Executor::close(Session& session) {
  session.stopped = true;
  std::unique_lock<std::mutex> lock(mutex_);
  for (auto& [owner, task] : queue_) {
    if (owner != &session) continue;
    session.done_.push_back(std::move(task));
    session.completed_++;
  }
  queue_.erase(std::remove_if(queue_.begin(), queue_.end(), [&](const auto& entry) { return entry.first == &session; }),
               queue_.end());
  finished_.wait(lock, [&] { return performing_ != &session; });
}

std::shared_ptr<Block> Executor::arenaFor(size_t bytes) {
  const std::lock_guard<std::mutex> lock(arenaMutex_);
  return arena_.atLeast(bytes);
}

void Executor::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    arrived_.wait(lock, [&] { return !queue_.empty() || called_; });
    called_ = false;
    if (queue_.empty()) {
      lock.unlock();
      share.watch(looks_, waiting_);
      lock.lock();
      continue;
    }
    Session& session = *queue_.front().first;
    TaskPointer task = std::move(queue_.front().second);
    queue_.pop_front();
    waiting_.store(!queue_.empty(), std::memory_order_relaxed);
    performing_ = &session;
    lock.unlock();
    {
      const std::lock_guard<std::mutex> computes(computing);
      session.attempt([&] { task->perform(); });
    }
    lock.lock();
    session.done_.push_back(std::move(task));
    session.completed_++;
    performing_ = nullptr;
    const bool idle = session.completed_ == session.submitted_;
    if (!session.stopped && (idle || session.done_.size() >= 64)) session.notify_(session);
    finished_.notify_all();
  }
}

}  // namespace antler
