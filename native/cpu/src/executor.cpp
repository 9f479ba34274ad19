#include "executor.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <thread>

#include "error.h"

namespace antler {
namespace {

int defaultThreads() {
  const char* wish = std::getenv("ANTLER_NUM_THREADS");
  const int wanted = wish == nullptr ? 0 : std::atoi(wish);
  if (wanted > 0) return std::min(wanted, 256);
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace

Executor& Executor::instance() {
  static Executor* const executor = new Executor();
  return *executor;
}

Executor::Executor() : threads(defaultThreads()) {}

void Executor::enqueue(Session& session, TaskPointer task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!started_) {
    std::thread([this] { work(); }).detach();
    started_ = true;
  }
  queue_.emplace_back(&session, std::move(task));
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
    arrived_.wait(lock, [&] { return !queue_.empty(); });
    Session& session = *queue_.front().first;
    TaskPointer task = std::move(queue_.front().second);
    queue_.pop_front();
    performing_ = &session;
    lock.unlock();
    {
      const std::lock_guard<std::mutex> computes(computing);
      std::unique_ptr<Failure> failure;
      try {
        task->perform();
      } catch (const std::bad_alloc&) {
        failure.reset(new Failure{true, "no room for what a kernel needs"});
      } catch (const OutOfMemory& error) {
        failure.reset(new Failure{true, error.what()});
      } catch (const std::exception& error) {
        failure.reset(new Failure{false, error.what()});
      } catch (...) {
        failure.reset(new Failure{false, "an unknown failure"});
      }
      if (failure != nullptr && session.failure == nullptr) session.failure = std::move(failure);
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
