// The addon's functions. Each checks its arguments, none lets a C++ exception through, and what a run touches is kept
// alive until the run is done.
#include <napi.h>

#include <cstring>
#include <new>

#include "arguments.h"
#include "error.h"
#include "executable.h"
#include "executor.h"
#include "isa/isa.h"
#include "onednn.h"
#include "packed.h"
#include "parallel.h"
#include "reader.h"

namespace antler {
namespace {

constexpr napi_type_tag executableTag = {0x616e746c65722d63ULL, 0x70752d7072672d31ULL};

/** Calls a function of the addon and makes JavaScript errors of whatever it throws. */
template <Napi::Value (*F)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return F(info);
  } catch (const Napi::Error&) {
    throw;
  } catch (const InvalidProgram& error) {
    throw errorOf(info.Env(), Kind::Argument, error.what());
  } catch (const OutOfMemory& error) {
    throw errorOf(info.Env(), Kind::Resource, error.what());
  } catch (const std::bad_alloc&) {
    throw errorOf(info.Env(), Kind::Resource, "no room for the program");
  } catch (const std::length_error&) {
    throw errorOf(info.Env(), Kind::Resource, "no room for the program");
  } catch (const std::exception& error) {
    throw errorOf(info.Env(), Kind::Device, error.what());
  }
}

/** A task that holds JavaScript objects, and may have a promise to settle. Born and destroyed on JavaScript's thread. */
class JsTask : public Task {
 public:
  explicit JsTask(Napi::Object kept) : kept_(Napi::Persistent(kept)) {}
  /** Called on JavaScript's thread when the task has been performed. */
  virtual bool settle(Napi::Env) { return false; }

 protected:
  Napi::Object kept() const { return kept_.Value(); }

 private:
  Napi::ObjectReference kept_;
};

/** The session of one JavaScript thread. */
class JsSession final : public Session {
 public:
  explicit JsSession(Napi::Env env) : Session(notify) {
    napi_value name = Napi::String::New(env, "antler");
    napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, collectLater, &waker_);
    napi_unref_threadsafe_function(env, waker_);
    napi_add_env_cleanup_hook(env, close, this);
  }

  static JsSession& of(Napi::Env env) { return *env.GetInstanceData<JsSession>(); }

  /** Lets go of what performed tasks held, and settles their promises. */
  void collect(Napi::Env env) {
    for (const TaskPointer& task : Executor::instance().collect(*this)) {
      if (static_cast<JsTask&>(*task).settle(env) && --promises_ == 0) napi_unref_threadsafe_function(env, waker_);
    }
  }

  /** The process must live until a promise is settled. */
  void promise(Napi::Env env) {
    if (promises_++ == 0) napi_ref_threadsafe_function(env, waker_);
  }

  /** True when what was run last has been asked for: what is run next is likely to be waited for as well. */
  bool awaited = true;

  /** Throws the failure of earlier runs, once. To be called while nothing of the session is being performed. */
  void check(Napi::Env env) {
    if (failure == nullptr) return;
    const std::unique_ptr<Failure> first = std::move(failure);
    throw errorOf(env, *first);
  }

 private:
  static void notify(Session& session) {
    napi_call_threadsafe_function(static_cast<JsSession&>(session).waker_, nullptr, napi_tsfn_nonblocking);
  }

  static void collectLater(napi_env env, napi_value, void* context, void*) {
    if (env == nullptr) return;
    try {
      static_cast<JsSession*>(context)->collect(env);
    } catch (const std::exception&) {
      // An environment that is being torn down accepts nothing more.
    }
  }

  static void close(void* data) {
    JsSession& session = *static_cast<JsSession*>(data);
    Executor& executor = Executor::instance();
    executor.close(session);
    executor.collect(session);
    napi_release_threadsafe_function(session.waker_, napi_tsfn_abort);
  }

  napi_threadsafe_function waker_ = nullptr;
  int64_t promises_ = 0;
};

// ---- executables ----

using ExecutablePointer = std::shared_ptr<Executable>;

ExecutablePointer executableOf(Napi::Env env, const Napi::Value& value) {
  if (!value.IsObject()) refuse(env, "an executable");
  bool tagged = false;
  if (napi_check_object_type_tag(env, value, &executableTag, &tagged) != napi_ok || !tagged) refuse(env, "an executable");
  void* data = nullptr;
  if (napi_unwrap(env, value, &data) != napi_ok) refuse(env, "an executable");
  return *static_cast<ExecutablePointer*>(data);
}

// ---- compile ----

Napi::Value compile(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  JsSession::of(env).collect(env);
  const Napi::Float64Array numbers = doublesOf(env, info[0]);
  Program program = readProgram(numbers.Data(), numbers.ElementLength());
  const int threads = Executor::instance().threads;
#ifdef _OPENMP
  // The library plans for as many threads as this one might use.
  omp_set_num_threads(threads);
#endif
  auto executable = std::make_unique<ExecutablePointer>(std::make_shared<Executable>(std::move(program), threads));
  Napi::Object wrapper = Napi::Object::New(env);
  if (napi_type_tag_object(env, wrapper, &executableTag) != napi_ok) throw Napi::Error::New(env);
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<ExecutablePointer*>(data); };
  if (napi_wrap(env, wrapper, executable.get(), finalize, nullptr, nullptr) != napi_ok) throw Napi::Error::New(env);
  executable.release();
  return wrapper;
}

Napi::Value scratch(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(executableOf(info.Env(), info[0])->arenaBytes()));
}

// ---- run ----

/** What a run works on. */
struct Call {
  ExecutablePointer executable;
  std::vector<char*> regions;
  std::vector<double> scalars;
  std::shared_ptr<Block> arena;

  /** By whoever computes. */
  void perform(int threads, const volatile bool* stopped, double* milliseconds) {
    executable->run(regions.data(), scalars.data(), arena->data(), threads, stopped, milliseconds);
  }

  /** On the executor's thread. */
  void performThere(const volatile bool* stopped, double* milliseconds) {
    const int threads = Executor::instance().threads;
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
    perform(threads, stopped, milliseconds);
  }
};

/** Copies that kernels keep of what lies in a run's buffers end with the buffers. */
void tieCopies(Napi::Env env, const Napi::Object& buffers, const Call& call) {
  for (uint32_t i = 0; Packs::instance().hasUntied() && i < call.regions.size(); i++) {
    const auto bytes = static_cast<size_t>(call.executable->regionBytes(i));
    for (const char* source : Packs::instance().takeUntied(call.regions[i], bytes)) {
      const auto ended = [](napi_env, void* data, void*) { Packs::instance().ended(static_cast<const char*>(data)); };
      napi_add_finalizer(env, buffers.Get(i), const_cast<char*>(source), ended, nullptr, nullptr);
    }
  }
}

class RunTask final : public JsTask {
 public:
  RunTask(Napi::Object buffers, Call call, JsSession& session)
      : JsTask(buffers), call_(std::move(call)), session_(session) {}

  void perform() override { call_.performThere(&session_.stopped, nullptr); }

  bool settle(Napi::Env env) override {
    tieCopies(env, kept(), call_);
    return false;
  }

 private:
  Call call_;
  JsSession& session_;
};

/** Reads (executable, buffers, offsets, scalars). */
Call callOf(const Napi::CallbackInfo& info, std::vector<napi_value>& buffers) {
  const Napi::Env env = info.Env();
  Call call;
  call.executable = executableOf(env, info[0]);
  const size_t count = call.executable->regions();
  if (!info[1].IsArray()) refuse(env, "an array of buffers");
  const Napi::Array given = info[1].As<Napi::Array>();
  if (given.Length() != count) refuse(env, "a buffer per region");
  // All that may run JavaScript comes before the first address is taken.
  buffers.reserve(count);
  for (uint32_t i = 0; i < count; i++) buffers.push_back(given.Get(i));
  const Napi::Float64Array offsets = doublesOf(env, info[2]);
  const Napi::Float64Array scalars = doublesOf(env, info[3]);
  if (offsets.ElementLength() != count) refuse(env, "an offset per region");
  if (scalars.ElementLength() != static_cast<size_t>(call.executable->scalars())) refuse(env, "a number per scalar");
  call.regions.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    const Bytes buffer = bytesOf(env, buffers[i]);
    const auto bytes = static_cast<size_t>(call.executable->regionBytes(i));
    char* region = partOf(env, buffer, offsets.Data()[i], bytes);
    if ((region - buffer.data) % 8 != 0) refuse(env, "offsets that are multiples of 8");
    call.regions.push_back(region);
  }
  call.scalars.assign(scalars.Data(), scalars.Data() + scalars.ElementLength());
  call.arena = Executor::instance().arenaFor(static_cast<size_t>(call.executable->arenaBytes()));
  return call;
}

/** Values as an array of which nobody else knows. */
Napi::Object keptOf(Napi::Env env, const std::vector<napi_value>& values) {
  Napi::Array kept = Napi::Array::New(env, values.size());
  for (uint32_t i = 0; i < values.size(); i++) kept.Set(i, values[i]);
  return kept;
}

/**
 * Computes on the calling thread where nothing is before the run and it is over as soon as another thread would have begun. False
 * where it has to be enqueued.
 */
bool runHere(Call& call, JsSession& session) {
  Executor& executor = Executor::instance();
  if (!executor.isIdle(session)) return false;
  const std::unique_lock<std::mutex> computes(executor.computing, std::try_to_lock);
  if (!computes.owns_lock()) return false;
  const bool alone = call.executable->isTiny();
  if (!alone && !(call.executable->isBrief() && session.awaited)) return false;
  const int threads = alone ? 1 : executor.threads;
  if (threads > 1) executor.call();
  Share::current = threads > 1 ? &executor.share : nullptr;
  session.attempt([&] { call.perform(threads, &session.stopped, nullptr); });
  Share::current = nullptr;
  return true;
}

Napi::Value run(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  JsSession& session = JsSession::of(env);
  session.collect(env);
  std::vector<napi_value> buffers;
  Call call = callOf(info, buffers);
  const bool here = runHere(call, session);
  if (!call.executable->isTiny()) session.awaited = false;
  if (!here) {
    Executor::instance().enqueue(session, std::make_unique<RunTask>(keptOf(env, buffers), std::move(call), session));
  } else if (Packs::instance().hasUntied()) {
    tieCopies(env, keptOf(env, buffers), call);
  }
  return env.Undefined();
}

/** Waits for what is enqueued, then runs on the executor's terms and gives the milliseconds of each kernel. */
class ProfileTask final : public JsTask {
 public:
  ProfileTask(Napi::Env env, Napi::Object buffers, Napi::Float64Array times, Call call, JsSession& session)
      : JsTask(buffers),
        promise_(Napi::Promise::Deferred::New(env)),
        times_(Napi::Persistent(times)),
        milliseconds_(call.executable->kernels()),
        call_(std::move(call)),
        session_(session) {}

  void perform() override {
    call_.performThere(&session_.stopped, milliseconds_.data());
  }

  bool settle(Napi::Env env) override {
    tieCopies(env, kept(), call_);
    Napi::Float64Array times = times_.Value();
    std::copy_n(milliseconds_.data(), std::min(milliseconds_.size(), times.ElementLength()), times.Data());
    promise_.Resolve(times);
    return true;
  }

  Napi::Promise promise() const { return promise_.Promise(); }

 private:
  Napi::Promise::Deferred promise_;
  Napi::Reference<Napi::Float64Array> times_;
  std::vector<double> milliseconds_;
  Call call_;
  JsSession& session_;
};

Napi::Value profile(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  JsSession& session = JsSession::of(env);
  session.collect(env);
  std::vector<napi_value> buffers;
  Call call = callOf(info, buffers);
  const Napi::Float64Array times = Napi::Float64Array::New(env, call.executable->kernels());
  auto task = std::make_unique<ProfileTask>(env, keptOf(env, buffers), times, std::move(call), session);
  const Napi::Promise promise = task->promise();
  session.promise(env);
  Executor::instance().enqueue(session, std::move(task));
  return promise;
}

// ---- memory ----

/** (buffer): how far from its first byte the next cache line begins. Vectors that lie across two lines cost twice as much. */
Napi::Value lineOf(const Napi::CallbackInfo& info) {
  constexpr uintptr_t line = 64;
  const auto address = reinterpret_cast<uintptr_t>(bytesOf(info.Env(), info[0]).data);
  return Napi::Number::New(info.Env(), static_cast<double>((line - address % line) % line));
}

class WriteTask final : public JsTask {
 public:
  WriteTask(Napi::Object buffer, char* to, const char* data, size_t count)
      : JsTask(buffer), to_(to), data_(data, data + count) {}

  void perform() override {
    Packs::instance().wrote(to_, data_.size());
    std::memcpy(to_, data_.data(), data_.size());
  }

 private:
  char* to_;
  std::vector<char> data_;
};

/** (buffer, offset, bytes): copies the bytes; they are the caller's again when this returns. */
Napi::Value write(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  JsSession& session = JsSession::of(env);
  session.collect(env);
  if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    refuse(env, "a Uint8Array");
  }
  const Napi::Uint8Array source = info[2].As<Napi::Uint8Array>();
  const size_t count = source.ElementLength();
  char* to = partOf(env, bytesOf(env, info[0]), numberOf(env, info[1]), count);
  Executor& executor = Executor::instance();
  if (count == 0) return env.Undefined();
  if (executor.isIdle(session)) {
    Packs::instance().wrote(to, count);
    std::memmove(to, source.Data(), count);
  } else {
    const char* data = reinterpret_cast<const char*>(source.Data());
    executor.enqueue(session, std::make_unique<WriteTask>(info[0].As<Napi::Object>(), to, data, count));
  }
  return env.Undefined();
}

class ReadTask final : public JsTask {
 public:
  ReadTask(Napi::Env env, Napi::Object source, Napi::ArrayBuffer target, const char* from, char* to, size_t count,
           JsSession& session)
      : JsTask(source),
        promise_(Napi::Promise::Deferred::New(env)),
        target_(Napi::Persistent(target)),
        from_(from),
        to_(to),
        count_(count),
        session_(session) {}

  void perform() override {
    failure_ = std::move(session_.failure);
    if (failure_ == nullptr && count_ > 0) std::memcpy(to_, from_, count_);
  }

  bool settle(Napi::Env env) override {
    if (failure_ != nullptr) promise_.Reject(errorOf(env, *failure_).Value());
    else promise_.Resolve(target_.Value());
    return true;
  }

  Napi::Promise promise() const { return promise_.Promise(); }

 private:
  Napi::Promise::Deferred promise_;
  Napi::Reference<Napi::ArrayBuffer> target_;
  const char* from_;
  char* to_;
  size_t count_;
  JsSession& session_;
  std::unique_ptr<Failure> failure_;
};

/** A promise of the target, filled once all that is enqueued is done. */
Napi::Value readLater(Napi::Env env, JsSession& session, Napi::Object source, const char* from, Napi::ArrayBuffer result,
                      const Bytes& target) {
  auto task = std::make_unique<ReadTask>(env, source, result, from, target.data, target.count, session);
  const Napi::Promise promise = task->promise();
  Executor& executor = Executor::instance();
  if (executor.isIdle(session)) {
    task->perform();
    task->settle(env);
  } else {
    session.promise(env);
    executor.enqueue(session, std::move(task));
  }
  return promise;
}

/** (buffer, offset, target): the target, filled with the bytes as of this moment in the order of calls, or a promise of it. */
Napi::Value read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  JsSession& session = JsSession::of(env);
  session.collect(env);
  session.awaited = true;
  const Bytes target = bytesOf(env, info[2]);
  const char* from = partOf(env, bytesOf(env, info[0]), numberOf(env, info[1]), target.count);
  if (!Executor::instance().isIdle(session)) {
    return readLater(env, session, info[0].As<Napi::Object>(), from, info[2].As<Napi::ArrayBuffer>(), target);
  }
  session.check(env);
  if (target.count > 0) std::memmove(target.data, from, target.count);
  return info[2];
}

/** (buffer, offset, target): waits, and fills the target. */
Napi::Value readSync(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  JsSession& session = JsSession::of(env);
  session.awaited = true;
  const Bytes target = bytesOf(env, info[2]);
  const char* from = partOf(env, bytesOf(env, info[0]), numberOf(env, info[1]), target.count);
  Executor::instance().wait(session);
  session.check(env);
  if (target.count > 0) std::memmove(target.data, from, target.count);
  session.collect(env);
  return info[2];
}

/** A promise that settles when all that is enqueued is done. */
Napi::Value synchronize(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  JsSession& session = JsSession::of(env);
  session.collect(env);
  session.awaited = true;
  Napi::ArrayBuffer nothing = Napi::ArrayBuffer::New(env, 0);
  return readLater(env, session, nothing, nullptr, nothing, {nullptr, 0});
}

// ---- the machine ----

/** (threads): how many threads kernels use from now on; programs that are compiled already keep fewer if they had. */
Napi::Value setThreads(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const double threads = numberOf(env, info[0]);
  if (!isCount(threads, 256) || threads < 1) refuse(env, "a number of threads from 1 to 256");
  Executor& executor = Executor::instance();
  executor.wait(JsSession::of(env));
  const std::lock_guard<std::mutex> computes(executor.computing);
  executor.threads = static_cast<int>(threads);
  return env.Undefined();
}

Napi::Value describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object about = Napi::Object::New(env);
  about.Set("instructions", Napi::String::New(env, routines().name));
  about.Set("threads", Napi::Number::New(env, Executor::instance().threads));
  about.Set("onednn", Napi::String::New(env, onednnVersion()));
  Napi::Array primitives = Napi::Array::New(env);
  for (const std::string& name : onednnPrimitives()) primitives.Set(primitives.Length(), Napi::String::New(env, name));
  about.Set("primitives", primitives);
  about.Set("packedBytes", Napi::Number::New(env, static_cast<double>(Packs::instance().bytes())));
  return about;
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData<JsSession>(new JsSession(env));
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("compile", guarded<compile>);
  add("scratch", guarded<scratch>);
  add("run", guarded<run>);
  add("profile", guarded<profile>);
  add("lineOf", guarded<lineOf>);
  add("write", guarded<write>);
  add("read", guarded<read>);
  add("readSync", guarded<readSync>);
  add("synchronize", guarded<synchronize>);
  add("setThreads", guarded<setThreads>);
  add("describe", guarded<describe>);
  return exports;
}

}  // namespace

NODE_API_MODULE(antler_cpu, initialize)

}  // namespace antler
