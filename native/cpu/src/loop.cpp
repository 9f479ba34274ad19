// The loop kernel: a virtual machine on tiles. The index space is walked in tiles of up to 512 elements; each step of the
// body fills one value's register for the whole tile; reductions fold tiles into a panel of accumulators, on which the
// epilogue runs.
//
// A panel is a box of kept indices, a tile is panel × a box of reduced indices. Rows: the reduced indices are innermost,
// as memory usually has them. Columns: the kept indices are innermost, for a reduction over outer axes.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "cursor.h"
#include "error.h"
#include "isa/isa.h"
#include "kernel.h"
#include "parallel.h"

namespace antler {
namespace {

constexpr int64_t tileSize = 512;
constexpr int64_t accumulatorBytes = 8;

/** Most partial results of one panel when its reduction is split. The split depends on shapes alone, so sums do too. */
constexpr int64_t mostChunks = 32;
constexpr int64_t leastTilesPerChunk = 8;

int64_t weightOf(const Instruction& step) {
  if (step.step != Step::Operate) return 1;
  switch (step.op) {
    case Op::Exp: case Op::Expm1: case Op::Log: case Op::Log1p: case Op::Sin: case Op::Cos: case Op::Tanh:
    case Op::Logistic: case Op::Erf: case Op::Pow: case Op::Atan2: case Op::Random: return 10;
    case Op::Rem: return isFloat(step.dtype) ? 20 : 5;
    case Op::Div: case Op::Sqrt: return 2;
    default: return 1;
  }
}

Op opOf(Fold fold) {
  constexpr Op ops[] = {Op::Add, Op::Mul, Op::Max, Op::Min};
  return ops[static_cast<int>(fold)];
}

struct Action {
  Step step = Step::Const;
  DType dtype = DType::Float32;
  Routine routine = nullptr;
  int out = 0;
  int args[4] = {0, 0, 0, 0};
  /** The same for all elements of a tile: computed once, and repeated only if a step on all elements wants it. */
  bool uniform = false;
  bool repeated = false;
  /** Of a load or position. */
  int cursor = -1;
  int number = 0;
  double value = 0;
};

struct Value {
  DType dtype = DType::Float32;
  /** The same for every index. */
  bool constant = false;
  /** The same in every tile, so it is computed once per run and thread. */
  bool still = false;
  /** Offset of its register in a thread's block; -1 when it lives in memory alone. */
  int64_t place = -1;
};

struct Output {
  int cursor = 0;
  int value = 0;
  /** The value is computed right where it goes. */
  bool direct = false;
};

struct Folding {
  FoldRoutine fold = nullptr;
  /** Folds accumulators of floats, or of their own dtype. */
  Routine join = nullptr;
  Fold kind = Fold::Sum;
  DType dtype = DType::Float32;
  int value = 0;
  int result = 0;
  /** Offset of its accumulators in a thread's block. */
  int64_t sums = 0;

  /** Accumulators have the values' dtype. */
  bool isOwn() const { return kind == Fold::Max || kind == Fold::Min; }
};

/** The steps of a body or epilogue, those that need not be repeated apart. */
struct Steps {
  std::vector<Action> once;
  std::vector<Action> each;
  std::vector<int> cursors;
  std::vector<Output> outputs;
};

class Loop final : public Kernel {
 public:
  Loop(const LoopSpec& spec, Compiler& compiler) { plan(spec, compiler); }

  void run(Frame& frame) override;

 private:
  /** What one thread works with. */
  struct Worker {
    Frame& frame;
    char* block;
    std::vector<char*> pointers;
    std::vector<char*> bases;
    std::vector<int64_t> origins;
    int64_t position[maxRank];
    int64_t along[maxRank];
  };

  void plan(const LoopSpec& spec, Compiler& compiler);
  void planWalk(const LoopSpec& spec);
  void planSteps(const LoopSpec& spec);
  void planRegisters(const LoopSpec& spec);
  void planUniform(Steps& steps, const std::vector<bool>& kept);
  Steps& stepsOf(bool late) { return late ? epilogue_ : body_; }
  int addCursor(const View& view, const Sizes& shape, bool late, bool position);

  void enter(Worker& worker) const;
  void perform(Worker& worker, const Action& action, int64_t count) const;
  void move(Worker& worker, const Steps& steps, bool tiles) const;
  void runSteps(Worker& worker, const Steps& steps, int64_t count) const;
  void store(Worker& worker, const Steps& steps, int64_t count) const;
  void start(char* sums, const Folding& folding, int64_t count) const;
  void round(const Folding& folding, char* out, const char* sums, int64_t count) const;
  void join(const Folding& folding, char* sums, const char* others, int64_t count) const;
  void foldTiles(Worker& worker, int64_t panel, int64_t from, int64_t to) const;
  void finish(Worker& worker, int64_t panel) const;
  char* partialOf(const Frame& frame, size_t folding, int64_t panel, int64_t chunk) const;

  std::vector<Cursor> cursors_;
  std::vector<Value> values_;
  std::vector<Folding> foldings_;
  Steps body_;
  Steps epilogue_;
  Boxes panels_;
  Boxes tiles_;
  bool columns_ = false;
  /** Parts of a panel's tiles that are folded apart. */
  int64_t chunks_ = 1;
  int64_t width_ = 0;
  int64_t blockBytes_ = 0;
  int blocks_ = 0;
  int partials_ = -1;
  int threads_ = 1;
  size_t late_ = 0;
};

void Loop::plan(const LoopSpec& spec, Compiler& compiler) {
  late_ = spec.body.size();
  planSteps(spec);
  planWalk(spec);
  planRegisters(spec);
  int64_t weight = static_cast<int64_t>(spec.stores.size() + 2 * spec.reductions.size());
  for (const Instruction& step : spec.body) weight += weightOf(step);
  int64_t lateWeight = 0;
  for (const Instruction& step : spec.epilogue) lateWeight += weightOf(step);
  const size_t kept = spec.shape.size() - static_cast<size_t>(spec.reduced);
  cost = product(spec.shape) * weight + product(spec.shape, 0, kept) * lateWeight;
  threads_ = threadsFor(cost, compiler.threads());
  blocks_ = compiler.privateSlot(blockBytes_ * threads_);
  if (chunks_ > 1) {
    const auto entries = static_cast<int64_t>(foldings_.size()) * panels_.count * chunks_ * panels_.size;
    partials_ = compiler.privateSlot(entries * accumulatorBytes);
  }
}

int Loop::addCursor(const View& view, const Sizes& shape, bool late, bool position) {
  const int number = static_cast<int>(cursors_.size());
  cursors_.emplace_back(view, shape, position);
  stepsOf(late).cursors.push_back(number);
  return number;
}

void Loop::planSteps(const LoopSpec& spec) {
  const auto add = [&](const std::vector<Instruction>& list, bool late) {
    for (const Instruction& step : list) {
      Action action;
      action.step = step.step;
      action.dtype = step.dtype;
      action.number = step.number;
      action.value = step.value;
      action.out = static_cast<int>(values_.size());
      Value value;
      value.dtype = step.dtype;
      value.constant = true;
      if (step.step == Step::Load) {
        action.cursor = addCursor(spec.inputs[step.number], spec.shape, late, false);
        value.constant = cursors_[action.cursor].constant;
      } else if (step.step == Step::Index) {
        View position;
        position.slot = -1;
        position.dtype = step.dtype;
        position.strides.assign(spec.shape.size(), 0);
        position.strides[step.number] = 1;
        action.cursor = addCursor(position, spec.shape, late, true);
        value.constant = cursors_[action.cursor].constant;
      } else if (step.step == Step::Operate) {
        const int arity = opRows[static_cast<int>(step.op)].arity;
        for (int i = 0; i < 4; i++) action.args[i] = step.args[i < arity ? i : 0];
        for (int i = 0; i < arity; i++) value.constant = value.constant && values_[step.args[i]].constant;
        action.routine = routines().find(step.op, values_[step.args[arity - 1]].dtype, step.dtype);
      }
      values_.push_back(value);
      stepsOf(late).each.push_back(action);
    }
  };
  add(spec.body, false);
  for (const Reduction& reduction : spec.reductions) {
    Folding folding;
    folding.kind = reduction.fold;
    folding.value = reduction.value;
    folding.dtype = values_[reduction.value].dtype;
    folding.result = static_cast<int>(values_.size());
    const DType sums = folding.isOwn() ? folding.dtype : DType::Float64;
    folding.join = routines().find(opOf(folding.kind), sums, sums);
    foldings_.push_back(folding);
    Value result;
    result.dtype = folding.dtype;
    values_.push_back(result);
  }
  add(spec.epilogue, true);
  for (const Store& store : spec.stores) {
    const bool late = static_cast<size_t>(store.value) >= late_;
    Output output;
    output.cursor = addCursor(store.view, spec.shape, late, false);
    output.value = store.value;
    stepsOf(late).outputs.push_back(output);
  }
}

/** How far the innermost axis makes the views step: neighbours are cheap, anything past a cache line is not. */
int64_t stepCost(const Axes& axes, size_t views) {
  int64_t sum = 0;
  for (size_t v = 0; v < views; v++) {
    if (!axes.strides[v].empty()) sum += std::min<int64_t>(16, std::abs(axes.strides[v].back()));
  }
  return sum;
}

int64_t share(int64_t size) { return std::max<int64_t>(1, tileSize / std::max<int64_t>(1, size)); }

/** The largest of some block lengths that divides a size, or 0. */
int64_t blockOf(int64_t size) {
  for (const int64_t block : {32, 16, 8}) if (size % block == 0) return block;
  return 0;
}

/**
 * Where some views run along the last axis and others along another one, walks both in blocks, so that all of them use
 * the whole of each cache line that they touch.
 */
Axes inBlocks(const Axes& axes) {
  if (axes.sizes.size() < 2) return axes;
  const size_t last = axes.sizes.size() - 1;
  const auto runs = [&](size_t axis) {
    return std::any_of(axes.strides.begin(), axes.strides.end(), [&](const Sizes& strides) {
      return strides[axis] == 1 && (axis == last || std::abs(strides[last]) >= 16);
    });
  };
  size_t other = last;
  for (size_t axis = 0; axis < last; axis++) if (runs(axis)) other = axis;
  if (other == last || !runs(last)) return axes;
  const int64_t high = blockOf(axes.sizes[other]);
  const int64_t wide = std::min<int64_t>(tileSize / 32, blockOf(axes.sizes[last]));
  if (high == 0 || wide == 0 || axes.sizes[last] % wide != 0) return axes;
  Axes blocked = axes;
  blocked.sizes[other] /= high;
  blocked.sizes[last] /= wide;
  blocked.sizes.insert(blocked.sizes.end(), {high, wide});
  for (Sizes& strides : blocked.strides) {
    const int64_t down = strides[other];
    const int64_t across = strides[last];
    strides[other] *= high;
    strides[last] *= wide;
    strides.insert(strides.end(), {down, across});
  }
  return blocked;
}

void Loop::planWalk(const LoopSpec& spec) {
  const size_t rank = spec.shape.size() - static_cast<size_t>(spec.reduced);
  std::vector<Sizes> over;
  std::vector<Sizes> along;
  for (const int cursor : body_.cursors) {
    const Sizes& strides = cursors_[cursor].view.strides;
    over.push_back(slice(strides, 0, rank));
    along.push_back(slice(strides, rank, strides.size()));
  }
  const size_t inner = over.size();
  for (const int cursor : epilogue_.cursors) over.push_back(slice(cursors_[cursor].view.strides, 0, rank));
  Axes kept = mergeAxes(slice(spec.shape, 0, rank), over);
  if (spec.reduced == 0) kept = inBlocks(kept);
  const Axes reduced = mergeAxes(slice(spec.shape, rank, spec.shape.size()), along);
  columns_ = !kept.sizes.empty() && !reduced.sizes.empty() && stepCost(kept, inner) < stepCost(reduced, inner);

  panels_ = Boxes(kept.sizes, columns_ ? tileSize : share(product(reduced.sizes)));
  tiles_ = Boxes(reduced.sizes, columns_ ? share(panels_.size) : tileSize);
  width_ = panels_.size * std::max<int64_t>(1, tiles_.size);

  for (size_t i = 0; i < inner; i++) {
    Cursor& cursor = cursors_[body_.cursors[i]];
    cursor.kept = kept.strides[i];
    cursor.reduced = reduced.strides[i];
    if (columns_) {
      cursor.place(joined({&tiles_.shape, &panels_.shape}), joined({&cursor.reduced, &cursor.kept}));
    } else {
      cursor.place(joined({&panels_.shape, &tiles_.shape}), joined({&cursor.kept, &cursor.reduced}));
    }
    cursor.still = true;
    for (size_t axis = 0; axis < kept.sizes.size(); axis++) {
      if (!panels_.whole(axis) && cursor.kept[axis] != 0) cursor.still = false;
    }
    for (size_t axis = 0; axis < reduced.sizes.size(); axis++) {
      if (!tiles_.whole(axis) && cursor.reduced[axis] != 0) cursor.still = false;
    }
  }
  for (size_t i = 0; i < epilogue_.cursors.size(); i++) {
    Cursor& cursor = cursors_[epilogue_.cursors[i]];
    cursor.kept = kept.strides[inner + i];
    cursor.place(panels_.shape, cursor.kept);
    cursor.still = cursor.constant;
  }
  if (panels_.count <= 16 && !foldings_.empty() && tiles_.count >= 2 * leastTilesPerChunk) {
    chunks_ = std::min(mostChunks / std::max<int64_t>(1, std::min<int64_t>(panels_.count, mostChunks)),
                       tiles_.count / leastTilesPerChunk);
    chunks_ = std::max<int64_t>(1, chunks_);
  }
}

/** Which values are the same for all elements of a tile, and which of them are wanted for each. */
void Loop::planUniform(Steps& steps, const std::vector<bool>& kept) {
  std::vector<bool> uniform(values_.size(), false);
  for (Action& action : steps.each) {
    if (values_[action.out].still) continue;
    if (action.step == Step::Operate) {
      action.uniform = std::all_of(action.args, action.args + 4, [&](int arg) {
        return uniform[arg] || values_[arg].constant;
      });
    } else {
      action.uniform = action.cursor >= 0 && cursors_[action.cursor].lanes.isUniform();
    }
    uniform[action.out] = action.uniform;
    action.repeated = action.uniform && kept[action.out];
  }
  for (const Action& action : steps.each) {
    if (action.step != Step::Operate || action.uniform) continue;
    for (Action& maker : steps.each) {
      if (maker.uniform && std::count(action.args, action.args + 4, maker.out) > 0) maker.repeated = true;
    }
  }
}

/** Which values live where: registers are reused as soon as nobody needs their value, so that few stay in the cache. */
void Loop::planRegisters(const LoopSpec& spec) {
  const auto bytesOf = [&](DType dtype) { return (width_ * sizeOf(dtype) + 63) / 64 * 64; };
  const auto fresh = [&](DType dtype) {
    blockBytes_ += bytesOf(dtype);
    return blockBytes_ - bytesOf(dtype);
  };
  const auto storesTo = [&](int slot) {
    return std::any_of(spec.stores.begin(), spec.stores.end(), [&](const Store& s) { return s.view.slot == slot; });
  };
  const size_t forever = std::numeric_limits<size_t>::max();

  for (const bool late : {false, true}) {
    Steps& steps = stepsOf(late);
    // When each value is used for the last time: the number of a step, or `forever` for stores and reductions.
    std::vector<size_t> last(values_.size(), 0);
    std::vector<bool> kept(values_.size(), false);
    for (size_t i = 0; i < steps.each.size(); i++) {
      const Action& action = steps.each[i];
      last[action.out] = std::max(last[action.out], i);
      if (action.step == Step::Operate) for (const int arg : action.args) last[arg] = i;
    }
    for (const Output& output : steps.outputs) last[output.value] = forever, kept[output.value] = true;
    if (!late) for (const Folding& folding : foldings_) last[folding.value] = forever, kept[folding.value] = true;

    // Values of which one copy serves all tiles.
    for (Action& action : steps.each) {
      Value& value = values_[action.out];
      if (action.step == Step::Operate) {
        value.still = std::all_of(action.args, action.args + 4, [&](int arg) { return values_[arg].still; });
      } else {
        value.still = action.cursor < 0 || cursors_[action.cursor].still;
      }
      value.still = value.still || value.constant;
    }
    // A load of neighbours needs no register, unless a store comes before its last use.
    for (Action& action : steps.each) {
      if (action.step != Step::Load || values_[action.out].still) continue;
      Cursor& cursor = cursors_[action.cursor];
      cursor.direct = cursor.lanes.isDense() && !(kept[action.out] && storesTo(cursor.view.slot));
    }
    planUniform(steps, kept);
    // A value may be computed where it goes if nothing that is read later lies there.
    for (Output& output : steps.outputs) {
      if (static_cast<size_t>(output.value) < (late ? late_ + foldings_.size() : 0)) continue;
      const size_t made = static_cast<size_t>(output.value) - (late ? late_ + foldings_.size() : 0);
      const Action& maker = steps.each[made];
      Cursor& cursor = cursors_[output.cursor];
      if (maker.step != Step::Operate || maker.uniform || values_[output.value].still || !cursor.lanes.isDense()) continue;
      bool free = true;
      for (const Output& other : steps.outputs) free = free && !(other.direct && other.value == output.value);
      for (size_t i = 0; free && i < steps.each.size(); i++) {
        const Action& other = steps.each[i];
        if (other.step != Step::Load || cursors_[other.cursor].view.slot != cursor.view.slot) continue;
        if (i > made || last[other.out] > made) free = false;
      }
      output.direct = free;
    }
    std::vector<std::vector<int64_t>> spare(9);
    std::vector<Action> each;
    for (size_t i = 0; i < steps.each.size(); i++) {
      const Action& action = steps.each[i];
      Value& value = values_[action.out];
      if (value.still) {
        value.place = fresh(value.dtype);
        steps.once.push_back(action);
        continue;
      }
      each.push_back(action);
      const bool direct =
          (action.step == Step::Load && cursors_[action.cursor].direct) ||
          std::any_of(steps.outputs.begin(), steps.outputs.end(),
                      [&](const Output& output) { return output.direct && output.value == action.out; });
      const int bytes = sizeOf(value.dtype);
      const auto release = [&](bool same) {
        if (action.step != Step::Operate) return;
        for (int a = 0; a < 4; a++) {
          const int arg = action.args[a];
          const Value& used = values_[arg];
          if (std::find(action.args, action.args + a, arg) != action.args + a) continue;
          if (last[arg] != i || used.still || used.place < 0 || (sizeOf(used.dtype) == bytes) != same) continue;
          if (late && static_cast<size_t>(arg) < late_ + foldings_.size()) continue;
          spare[sizeOf(used.dtype)].push_back(used.place);
        }
      };
      // The result may replace an argument of its size, of which element by element is read before it is written.
      release(true);
      if (!direct) {
        std::vector<int64_t>& list = spare[bytes];
        if (list.empty()) list.push_back(fresh(value.dtype));
        value.place = list.back();
        list.pop_back();
      }
      release(false);
      if (!direct && last[action.out] == i && !kept[action.out]) spare[bytes].push_back(value.place);
    }
    steps.each = std::move(each);
    if (!late) {
      for (Folding& folding : foldings_) {
        folding.fold = columns_ ? routines().columns(folding.kind, folding.dtype)
                                : routines().rows(folding.kind, folding.dtype);
        values_[folding.result].place = fresh(folding.dtype);
        folding.sums = blockBytes_;
        blockBytes_ += (panels_.size * accumulatorBytes + 63) / 64 * 64;
      }
    }
  }
}

template <class T>
void fillNumber(char* out, double value, int64_t count) {
  T number;
  if constexpr (std::is_floating_point_v<T>) {
    number = static_cast<T>(value);
  } else {
    // As a typed array stores it: truncated, modulo 2^32; what is not finite is 0.
    const double whole = std::isfinite(value) ? std::fmod(std::trunc(value), 4294967296.0) : 0;
    number = static_cast<T>(static_cast<int64_t>(whole));
  }
  std::fill_n(reinterpret_cast<T*>(out), count, number);
}

void fill(DType dtype, char* out, double value, int64_t count) {
  switch (dtype) {
    case DType::Bool: return fillNumber<uint8_t>(out, value != 0 ? 1 : 0, count);
    case DType::Int8: return fillNumber<int8_t>(out, value, count);
    case DType::Uint8: return fillNumber<uint8_t>(out, value, count);
    case DType::Int32: return fillNumber<int32_t>(out, value, count);
    case DType::Uint32: return fillNumber<uint32_t>(out, value, count);
    case DType::Float32: return fillNumber<float>(out, value, count);
    case DType::Float64: return fillNumber<double>(out, value, count);
  }
}

template <class T>
void fillPositions(char* out, int64_t base, const Lanes& lanes, int64_t count) {
  T* o = reinterpret_cast<T*>(out);
  if (!lanes.table.empty()) {
    for (int64_t i = 0; i < count; i++) o[i] = static_cast<T>(base + lanes.table[i]);
  } else {
    for (int64_t i = 0; i < count; i++) o[i] = static_cast<T>(base + i * lanes.stride);
  }
}

void fillPositions(DType dtype, char* out, int64_t base, const Lanes& lanes, int64_t count) {
  switch (dtype) {
    case DType::Bool: {
      fillPositions<int32_t>(out, base, lanes, 0);
      for (int64_t i = 0; i < count; i++) {
        out[i] = (base + (lanes.table.empty() ? i * lanes.stride : lanes.table[i])) != 0 ? 1 : 0;
      }
      return;
    }
    case DType::Int8: return fillPositions<int8_t>(out, base, lanes, count);
    case DType::Uint8: return fillPositions<uint8_t>(out, base, lanes, count);
    case DType::Int32: return fillPositions<int32_t>(out, base, lanes, count);
    case DType::Uint32: return fillPositions<uint32_t>(out, base, lanes, count);
    case DType::Float32: return fillPositions<float>(out, base, lanes, count);
    case DType::Float64: return fillPositions<double>(out, base, lanes, count);
  }
}

template <class T>
double lowest() {
  return std::is_floating_point_v<T> ? -std::numeric_limits<double>::infinity()
                                     : static_cast<double>(std::numeric_limits<T>::lowest());
}
template <class T>
double highest() {
  return std::is_floating_point_v<T> ? std::numeric_limits<double>::infinity()
                                     : static_cast<double>(std::numeric_limits<T>::max());
}

}  // namespace

double identityOf(Fold fold, DType dtype) {
  if (fold == Fold::Sum) return 0;
  if (fold == Fold::Prod) return 1;
  const bool most = fold == Fold::Max;
  switch (dtype) {
    case DType::Bool: return 0;
    case DType::Int8: return most ? lowest<int8_t>() : highest<int8_t>();
    case DType::Uint8: return most ? lowest<uint8_t>() : highest<uint8_t>();
    case DType::Int32: return most ? lowest<int32_t>() : highest<int32_t>();
    case DType::Uint32: return most ? lowest<uint32_t>() : highest<uint32_t>();
    case DType::Float32: return most ? lowest<float>() : highest<float>();
    case DType::Float64: return most ? lowest<double>() : highest<double>();
  }
  return 0;
}

namespace {

void Loop::start(char* sums, const Folding& folding, int64_t count) const {
  const double identity = identityOf(folding.kind, folding.dtype);
  if (folding.isOwn()) fill(folding.dtype, sums, identity, count);
  else if (isFloat(folding.dtype)) fill(DType::Float64, sums, identity, count);
  else std::fill_n(reinterpret_cast<int64_t*>(sums), count, static_cast<int64_t>(identity));
}

template <class T>
void narrowed(char* out, const char* sums, int64_t count) {
  const int64_t* from = reinterpret_cast<const int64_t*>(sums);
  std::transform(from, from + count, reinterpret_cast<T*>(out), [](int64_t x) { return static_cast<T>(x); });
}

/** From accumulators to the result's dtype: rounded, or modulo its width. */
void Loop::round(const Folding& folding, char* out, const char* sums, int64_t count) const {
  if (folding.isOwn()) {
    std::memcpy(out, sums, static_cast<size_t>(count * sizeOf(folding.dtype)));
    return;
  }
  const double* doubles = reinterpret_cast<const double*>(sums);
  switch (folding.dtype) {
    case DType::Bool: return;
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
      action.routine(out, count, worker.pointers[action.args[0]], worker.pointers[action.args[1]],
                     worker.pointers[action.args[2]], worker.pointers[action.args[3]]);
  }
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
    if (output.direct) worker.pointers[output.value] = worker.bases[output.cursor];
  }
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
    if (output.direct) continue;
    cursors_[output.cursor].store(worker.bases[output.cursor], worker.pointers[output.value], count);
  }
}

/** Runs the body on some tiles of the panel where the worker stands. */
void Loop::foldTiles(Worker& worker, int64_t panel, int64_t from, int64_t to) const {
  for (const Folding& folding : foldings_) start(worker.block + folding.sums, folding, panel);
  for (int64_t tile = from; tile < to; tile++) {
    const int64_t depth = tiles_.enter(tile, worker.along);
    move(worker, body_, true);
    runSteps(worker, body_, panel * depth);
    store(worker, body_, panel * depth);
    for (const Folding& folding : foldings_) {
      folding.fold(worker.block + folding.sums, worker.pointers[folding.value], panel, depth);
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

}  // namespace

KernelPointer makeLoop(const LoopSpec& spec, Compiler& compiler) { return std::make_unique<Loop>(spec, compiler); }

}  // namespace antler
