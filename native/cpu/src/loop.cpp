#include "loop.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "fill.h"
#include "halves.h"
#include "parallel.h"

namespace antler {
namespace {

template <class T>
void narrowed(char* out, const char* sums, int64_t count) {
  const int64_t* from = reinterpret_cast<const int64_t*>(sums);
  std::transform(from, from + count, reinterpret_cast<T*>(out), [](int64_t x) { return static_cast<T>(x); });
}

}  // namespace

void Loop::start(char* sums, const Folding& folding, int64_t count) const {
  const double identity = identityOf(folding.kind, folding.dtype);
  if (folding.isOwn()) fill(folding.dtype, sums, identity, count);
  else if (isFloat(folding.dtype)) fill(DType::Float64, sums, identity, count);
  else std::fill_n(reinterpret_cast<int64_t*>(sums), count, static_cast<int64_t>(identity));
}

/** From accumulators to the result's dtype: rounded, or modulo its width. */
void Loop::round(const Folding& folding, char* out, const char* sums, int64_t count) const {
  if (folding.isOwn()) {
    std::memcpy(out, sums, static_cast<size_t>(count * sizeOf(folding.dtype)));
    return;
  }
  const double* doubles = reinterpret_cast<const double*>(sums);
  switch (folding.dtype) {
    case DType::Bool:
    case DType::Float16:
    case DType::Bfloat16: return;
    case DType::Int8:
    case DType::Uint8: return narrowed<uint8_t>(out, sums, count);
    case DType::Int32:
    case DType::Uint32: return narrowed<uint32_t>(out, sums, count);
    case DType::Float32: {
      float* floats = reinterpret_cast<float*>(out);
      for (int64_t i = 0; i < count; i++) floats[i] = static_cast<float>(doubles[i]);
      return;
    }
    case DType::Float64: std::copy_n(doubles, count, reinterpret_cast<double*>(out));
  }
}

/** Folds accumulators into others, one by one. */
void Loop::join(const Folding& folding, char* sums, const char* others, int64_t count) const {
  if (folding.isOwn() || isFloat(folding.dtype)) {
    folding.join(sums, count, sums, others, others, others);
    return;
  }
  uint64_t* into = reinterpret_cast<uint64_t*>(sums);
  const uint64_t* from = reinterpret_cast<const uint64_t*>(others);
  for (int64_t i = 0; i < count; i++) into[i] = folding.kind == Fold::Sum ? into[i] + from[i] : into[i] * from[i];
}

void Loop::enter(Worker& worker) const {
  worker.pointers.resize(values_.size());
  worker.bases.resize(cursors_.size());
  worker.origins.resize(cursors_.size());
  for (size_t c = 0; c < cursors_.size(); c++) {
    const Cursor& cursor = cursors_[c];
    worker.origins[c] = cursor.isPosition() ? 0 : originOf(cursor.view, worker.frame);
    worker.bases[c] = cursor.at(worker.frame, worker.origins[c]);
  }
  for (size_t v = 0; v < values_.size(); v++) {
    worker.pointers[v] = values_[v].place < 0 ? nullptr : worker.block + values_[v].place;
  }
  for (const bool late : {false, true}) {
    const Steps& steps = late ? epilogue_ : body_;
    const int64_t full = late ? panels_.size : width_;
    for (const Action& action : steps.once) {
      const bool unread = !late && tiles_.count == 0 && action.step == Step::Load;
      // A view of nothing may lie anywhere.
      if (unread) fill(action.dtype, worker.pointers[action.out], 0, full);
      else perform(worker, action, full);
    }
  }
}

void Loop::perform(Worker& worker, const Action& action, int64_t count) const {
  char* out = worker.pointers[action.out];
  switch (action.step) {
    case Step::Load: {
      const Cursor& cursor = cursors_[action.cursor];
      if (cursor.direct) worker.pointers[action.out] = worker.bases[action.cursor];
      else cursor.load(out, worker.bases[action.cursor], count);
      return;
    }
    case Step::Index: {
      const int64_t base = reinterpret_cast<int64_t>(worker.bases[action.cursor]);
      return fillPositions(action.dtype, out, base, cursors_[action.cursor].lanes, count);
    }
    case Step::Const: return fill(action.dtype, out, action.value, count);
    case Step::Scalar: return fill(action.dtype, out, worker.frame.scalars[action.number], count);
    case Step::Operate:
      if (!action.links.empty()) return performChain(worker, action, count);
      action.routine(out, count, worker.pointers[action.args[0]], worker.pointers[action.args[1]],
                     worker.pointers[action.args[2]], worker.pointers[action.args[3]]);
  }
}

void Loop::performChain(Worker& worker, const Action& action, int64_t count) const {
  const auto floatsOf = [&](int value) { return reinterpret_cast<const float*>(worker.pointers[value]); };
  ChainLink links[mostLinks];
  for (size_t i = 0; i < action.links.size(); i++) links[i] = {action.links[i], floatsOf(action.args[i + 1])};
  routines().chain(reinterpret_cast<float*>(worker.pointers[action.out]), count, floatsOf(action.args[0]), links,
                   static_cast<int64_t>(action.links.size()), action.past);
}

void Loop::move(Worker& worker, const Steps& steps, bool tiles) const {
  for (const int number : steps.cursors) {
    const Cursor& cursor = cursors_[number];
    int64_t at = worker.origins[number];
    for (size_t axis = 0; axis < cursor.kept.size(); axis++) at += cursor.kept[axis] * worker.position[axis];
    if (tiles) for (size_t axis = 0; axis < cursor.reduced.size(); axis++) at += cursor.reduced[axis] * worker.along[axis];
    worker.bases[number] = cursor.at(worker.frame, at);
  }
  for (const Output& output : steps.outputs) {
    if (!output.direct) continue;
    char* place = isOpen(worker, output) ? worker.bases[output.cursor] : worker.block + values_[output.value].place;
    worker.pointers[output.value] = place;
  }
}

bool Loop::isOpen(const Worker& worker, const Output& output) const {
  return output.guard < 0 || *worker.pointers[output.guard] != 0;
}

void Loop::runSteps(Worker& worker, const Steps& steps, int64_t count) const {
  for (const Action& action : steps.each) {
    perform(worker, action, action.uniform ? 1 : count);
    if (!action.repeated) continue;
    char* out = worker.pointers[action.out];
    routines().moves(sizeOf(action.dtype)).loadStrided(out, out, 0, count);
  }
}

void Loop::store(Worker& worker, const Steps& steps, int64_t count) const {
  for (const Output& output : steps.outputs) {
    if (output.direct || !isOpen(worker, output)) continue;
    cursors_[output.cursor].store(worker.bases[output.cursor], worker.pointers[output.value], count);
  }
}

/** The same as foldTiles without a body: what some tiles hold, where it lies. */
void Loop::foldStraight(Worker& worker, int64_t panel, int64_t from, int64_t to) const {
  tiles_.enter(from, worker.along);
  move(worker, body_, true);
  const int64_t depth = std::min(to * tiles_.size, depth_) - from * tiles_.size;
  for (const Folding& folding : foldings_) {
    const Cursor& cursor = cursors_[folding.cursor];
    const int64_t stride = columns_ ? cursor.reduced[0] : cursor.kept.empty() ? 0 : cursor.kept.back();
    folding.fold(worker.block + folding.sums, worker.bases[folding.cursor], panel, depth, stride);
  }
}

/** Runs the body on some tiles of the panel where the worker stands. */
void Loop::foldTiles(Worker& worker, int64_t panel, int64_t from, int64_t to) const {
  for (const Folding& folding : foldings_) start(worker.block + folding.sums, folding, panel);
  if (straight_ && from < to) return foldStraight(worker, panel, from, to);
  for (int64_t tile = from; tile < to; tile++) {
    const int64_t depth = tiles_.enter(tile, worker.along);
    move(worker, body_, true);
    runSteps(worker, body_, panel * depth);
    store(worker, body_, panel * depth);
    for (const Folding& folding : foldings_) {
      folding.fold(worker.block + folding.sums, worker.pointers[folding.value], panel, depth,
                   columns_ ? panel : depth);
    }
  }
}

void Loop::finish(Worker& worker, int64_t panel) const {
  for (const Folding& folding : foldings_) {
    round(folding, worker.pointers[folding.result], worker.block + folding.sums, panel);
  }
  move(worker, epilogue_, false);
  runSteps(worker, epilogue_, panel);
  store(worker, epilogue_, panel);
}

char* Loop::partialOf(const Frame& frame, size_t folding, int64_t panel, int64_t chunk) const {
  const int64_t number = (static_cast<int64_t>(folding) * panels_.count + panel) * chunks_ + chunk;
  return frame.slots[partials_] + number * panels_.size * accumulatorBytes;
}

void Loop::run(Frame& frame) {
  if (panels_.count == 0) return;
  const int threads = std::min(frame.threads, threads_);
  const auto workerOf = [&](int thread) {
    Worker worker{frame, frame.slots[blocks_] + thread * blockBytes_, {}, {}, {}, {}, {}};
    enter(worker);
    return worker;
  };
  parallel(threads, panels_.count * chunks_, [&](int thread, int64_t from, int64_t to) {
    Worker worker = workerOf(thread);
    for (int64_t item = from; item < to; item++) {
      const int64_t chunk = item % chunks_;
      const int64_t panel = panels_.enter(item / chunks_, worker.position);
      foldTiles(worker, panel, tiles_.count * chunk / chunks_, tiles_.count * (chunk + 1) / chunks_);
      if (chunks_ == 1) {
        finish(worker, panel);
        continue;
      }
      for (size_t f = 0; f < foldings_.size(); f++) {
        std::memcpy(partialOf(frame, f, item / chunks_, chunk), worker.block + foldings_[f].sums,
                    static_cast<size_t>(panel * accumulatorBytes));
      }
    }
    // What was stored past the caches is seen by whoever sees that this thread is done.
    if (large_) std::atomic_thread_fence(std::memory_order_seq_cst);
  });
  if (chunks_ == 1) return;
  Worker worker = workerOf(0);
  for (int64_t number = 0; number < panels_.count; number++) {
    const int64_t panel = panels_.enter(number, worker.position);
    for (size_t f = 0; f < foldings_.size(); f++) {
      char* sums = worker.block + foldings_[f].sums;
      start(sums, foldings_[f], panel);
      for (int64_t chunk = 0; chunk < chunks_; chunk++) {
        join(foldings_[f], sums, partialOf(frame, f, number, chunk), panel);
      }
    }
    finish(worker, panel);
  }
}

KernelPointer makeLoop(const LoopSpec& spec, Compiler& compiler) {
  return std::make_unique<Loop>(hasHalves(spec) ? widened(spec) : spec, compiler);
}

}  // namespace antler
