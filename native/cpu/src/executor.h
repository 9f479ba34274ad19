// The one thread of the process that computes. Work of all sessions is done in the order in which it was enqueued.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "error.h"
#include "memory.h"
#include "share.h"

namespace antler {

class Session;

/** A piece of work. It is performed on the executor's thread, and comes back to its session's thread to be destroyed. */
class Task {
 public:
  virtual ~Task() = default;
  virtual void perform() = 0;
};

using TaskPointer = std::unique_ptr<Task>;

/** Why work of a session failed. */
struct Failure {
  bool outOfMemory = false;
  std::string message;
};

/** The work of one JavaScript thread. */
class Session {
 public:
  /** `notify` is called on the executor's thread when there is something to collect, and must not block. */
  explicit Session(void (*notify)(Session&)) : notify_(notify) {}
  virtual ~Session() = default;

  /** Calls f; what it throws becomes the session's failure, if that has none. By whoever computes. */
  template <class F>
  void attempt(const F& f) {
    try {
      f();
    } catch (const std::bad_alloc&) {
      fail(true, "no room for what a kernel needs");
    } catch (const OutOfMemory& error) {
      fail(true, error.what());
    } catch (const std::exception& error) {
      fail(false, error.what());
    } catch (...) {
      fail(false, "an unknown failure");
    }
  }

  /** Set when nothing of this session needs to be computed any more. */
  volatile bool stopped = false;
  /** The first failure that nobody has been told of. Of the executor's thread, or of whoever has the session idle. */
  std::unique_ptr<Failure> failure;

 private:
  friend class Executor;
  void fail(bool outOfMemory, const char* message) {
    if (failure == nullptr) failure.reset(new Failure{outOfMemory, message});
  }
  void (*notify_)(Session&);
  int64_t submitted_ = 0;
  int64_t completed_ = 0;
  std::vector<TaskPointer> done_;
};

class Executor {
 public:
  /** It lives as long as the process: a thread that waits at the end harms nobody. */
  static Executor& instance();

  void enqueue(Session& session, TaskPointer task);
  /** Blocks until all that the session enqueued is done. */
  void wait(Session& session);
  /** True when all of that is done. */
  bool isIdle(Session& session);
  /** Performed tasks of a session, to be destroyed on its thread. */
  std::vector<TaskPointer> collect(Session& session);
  /** Drops what the session has enqueued and waits for what is being performed. */
  void close(Session& session);
  /** Has the executor's thread watch `share` for a while, unless it does. */
  void call();

  /** Whoever computes holds this. */
  std::mutex computing;
  /** To be used by whoever computes. */
  int threads = 1;
  /** By which whoever computes in the place of the executor's thread shares loops with it. */
  Share share;
  /** The arena that runs enqueued from now on use; guarded by its own lock. */
  std::shared_ptr<Block> arenaFor(size_t bytes);

 private:
  Executor();
  void start();
  void work();

  const int looks_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable finished_;
  std::deque<std::pair<Session*, TaskPointer>> queue_;
  /** Whether there is something in the queue, to be asked without the mutex. */
  std::atomic<bool> waiting_{false};
  bool called_ = false;
  Session* performing_ = nullptr;
  bool started_ = false;
  std::mutex arenaMutex_;
  Arena arena_;
};

}  // namespace antler
