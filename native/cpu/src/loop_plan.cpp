// How a loop is walked, and where its values live.
#include <algorithm>
#include <cstdlib>
#include <limits>

#include "loop.h"
#include "parallel.h"

namespace antler {
namespace {

constexpr int64_t tileSize = 512;
/** Of a walk along one axis, whose few registers fit the first-level cache anyway: what a tile costs counts there. */
constexpr int64_t flatTileSize = 2048;
/** Most partial results of one panel when its reduction is split. The split depends on shapes alone, so sums do too. */
constexpr int64_t mostChunks = 32;
constexpr int64_t leastTilesPerChunk = 8;
/** Of a straight fold: columns that fit the first-level cache as sums, elements of some rows, rows of a part. */
constexpr int64_t straightColumns = 1024;
constexpr int64_t straightElements = 8192;
constexpr int64_t leastRowsPerChunk = 64;
/** Of what is this large, hardly anything would still be in the caches when somebody reads it. */
constexpr int64_t pastCaches = int64_t{16} << 20;

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

}  // namespace

void Loop::plan(const LoopSpec& spec, Compiler& compiler) {
  late_ = spec.body.size();
  large_ = product(spec.shape) * static_cast<int64_t>(sizeof(float)) >= pastCaches;
  const std::vector<int> uses = planSteps(spec);
  planWalk(spec);
  planChains(body_, uses);
  planChains(epilogue_, uses);
  planRegisters(spec, uses);
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

namespace {

bool sameView(const View& a, const View& b) {
  return a.slot == b.slot && a.dtype == b.dtype && a.offset == b.offset && a.turns == b.turns && a.strides == b.strides;
}

/** How often each value of a loop is used, on the way to what is stored or reduced. */
std::vector<int> usesOf(const LoopSpec& spec, const std::vector<Output>& outputs) {
  const size_t early = spec.body.size() + spec.reductions.size();
  std::vector<int> uses(early + spec.epilogue.size(), 0);
  const auto use = [&](int value) { uses[static_cast<size_t>(value)]++; };
  for (const Reduction& reduction : spec.reductions) use(reduction.value);
  for (const Output& output : outputs) {
    use(output.value);
    if (output.guard >= 0) use(output.guard);
  }
  const auto back = [&](const std::vector<Instruction>& list, size_t first) {
    for (size_t i = list.size(); i-- > 0;) {
      if (list[i].step != Step::Operate || uses[first + i] == 0) continue;
      for (int arg = 0; arg < opRows[static_cast<int>(list[i].op)].arity; arg++) use(list[i].args[arg]);
    }
  };
  back(spec.epilogue, early);
  back(spec.body, 0);
  return uses;
}

}  // namespace

/** A store of `condition ? value : what lies there`, under a condition for all, is a store of the value under a guard. */
Output Loop::outputOf(const LoopSpec& spec, const Store& store) const {
  const size_t early = late_ + spec.reductions.size();
  const auto number = static_cast<size_t>(store.value);
  const bool late = number >= late_;
  const auto stepOf = [&](int value) -> const Instruction* {
    const size_t at = static_cast<size_t>(value) - (late ? early : 0);
    const std::vector<Instruction>& list = late ? spec.epilogue : spec.body;
    return at < list.size() ? &list[at] : nullptr;
  };
  Output output;
  output.value = store.value;
  const Instruction* choice = stepOf(store.value);
  if (choice == nullptr || choice->step != Step::Operate || choice->op != Op::Select) return output;
  const Instruction* old = stepOf(choice->args[2]);
  if (old == nullptr || old->step != Step::Load || !sameView(spec.inputs[old->number], store.view)) return output;
  if (!values_[choice->args[0]].constant) return output;
  output.guard = choice->args[0];
  output.value = choice->args[1];
  return output;
}

/** Returns how often each value is used. */
std::vector<int> Loop::planSteps(const LoopSpec& spec) {
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
        action.op = step.op;
        for (int i = 0; i < 4; i++) action.args.push_back(step.args[i < arity ? i : 0]);
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
  std::vector<Output> outputs;
  for (const Store& store : spec.stores) {
    const bool late = static_cast<size_t>(store.value) >= late_;
    Output output = outputOf(spec, store);
    output.cursor = addCursor(store.view, spec.shape, late, false);
    stepsOf(late).outputs.push_back(output);
    outputs.push_back(output);
  }
  const std::vector<int> uses = usesOf(spec, outputs);
  for (const bool late : {false, true}) {
    std::vector<Action>& each = stepsOf(late).each;
    const auto isUnused = [&](const Action& action) { return uses[static_cast<size_t>(action.out)] == 0; };
    each.erase(std::remove_if(each.begin(), each.end(), isUnused), each.end());
  }
  return uses;
}

/** Makes one action of each chain. What is the same for a whole tile is computed once for it, so it is in none. */
void Loop::planChains(Steps& steps, const std::vector<int>& uses) {
  std::vector<bool> single(values_.size(), false);
  std::vector<ChainCandidate> candidates;
  for (const Action& action : steps.each) {
    const bool operates = action.step == Step::Operate;
    if (operates) {
      single[action.out] = std::all_of(action.args.begin(), action.args.end(), [&](int arg) {
        return single[arg] || values_[arg].constant;
      });
    } else {
      single[action.out] = action.cursor < 0 || cursors_[action.cursor].lanes.isUniform();
    }
    ChainCandidate candidate;
    candidate.fits = operates && action.dtype == DType::Float32 && !single[action.out];
    candidate.op = action.op;
    candidate.out = action.out;
    if (operates) std::copy_n(action.args.begin(), 2, candidate.args);
    candidates.push_back(candidate);
  }
  std::vector<bool> dropped(steps.each.size(), false);
  for (Chain& chain : findChains(candidates, uses)) {
    Action& root = steps.each[chain.root];
    const bool stored = std::any_of(steps.outputs.begin(), steps.outputs.end(),
                                    [&](const Output& output) { return output.value == root.out; });
    // One opcode is as fast by itself, but for where its result goes.
    if (chain.links.size() == 1 && !(large_ && stored)) continue;
    root.args = std::move(chain.args);
    root.links = std::move(chain.links);
    for (const size_t place : chain.inside) dropped[place] = true;
  }
  std::vector<Action> each;
  for (size_t i = 0; i < steps.each.size(); i++) if (!dropped[i]) each.push_back(std::move(steps.each[i]));
  steps.each = std::move(each);
}

namespace {

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

}  // namespace

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

  for (size_t i = 0; i < inner; i++) {
    Cursor& cursor = cursors_[body_.cursors[i]];
    cursor.kept = kept.strides[i];
    cursor.reduced = reduced.strides[i];
  }
  straight_ = isStraight(kept, reduced);
  if (straight_) {
    depth_ = reduced.sizes[0];
    const int64_t least = std::max<int64_t>(1, straightElements / std::max<int64_t>(1, depth_));
    const int64_t rows = kept.sizes.empty() ? 1 : std::min({kept.sizes.back(), least, straightColumns});
    panels_ = Boxes(kept.sizes, columns_ ? straightColumns : rows);
  } else {
    const bool flat = spec.reduced == 0 && kept.sizes.size() <= 1;
    panels_ = Boxes(kept.sizes, flat ? flatTileSize : columns_ ? tileSize : share(product(reduced.sizes)));
  }
  tiles_ = Boxes(reduced.sizes, columns_ ? share(panels_.size) : tileSize);
  width_ = straight_ ? panels_.size : panels_.size * std::max<int64_t>(1, tiles_.size);

  for (size_t i = 0; i < inner && !straight_; i++) {
    Cursor& cursor = cursors_[body_.cursors[i]];
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
    // Parts are joined by one thread: of few rows each, that takes too long.
    if (straight_ && columns_) chunks_ = std::min(chunks_, depth_ / leastRowsPerChunk);
    chunks_ = std::max<int64_t>(1, chunks_);
  }
}

/** True when all that the body does is to load, side by side, what is folded. Finds the loads of the foldings then. */
bool Loop::isStraight(const Axes& kept, const Axes& reduced) {
  if (foldings_.empty() || !body_.outputs.empty()) return false;
  if (reduced.sizes.size() != 1 || (columns_ && kept.sizes.size() != 1)) return false;
  for (const Action& action : body_.each) {
    if (action.step != Step::Load) return false;
    const Cursor& cursor = cursors_[action.cursor];
    if ((columns_ ? cursor.kept[0] : cursor.reduced[0]) != 1) return false;
  }
  for (Folding& folding : foldings_) {
    for (const Action& action : body_.each) if (action.out == folding.value) folding.cursor = action.cursor;
  }
  return true;
}

/** Which values are the same for all elements of a tile, and which of them are wanted for each. */
void Loop::planUniform(Steps& steps, const std::vector<bool>& kept) {
  std::vector<bool> uniform(values_.size(), false);
  for (Action& action : steps.each) {
    if (values_[action.out].still) continue;
    if (action.step == Step::Operate) {
      action.uniform = std::all_of(action.args.begin(), action.args.end(), [&](int arg) {
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
      if (maker.uniform && std::count(action.args.begin(), action.args.end(), maker.out) > 0) maker.repeated = true;
    }
  }
}

/** Which values live where: registers are reused as soon as nobody needs their value, so that few stay in the cache. */
void Loop::planRegisters(const LoopSpec& spec, const std::vector<int>& uses) {
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
        value.still = std::all_of(action.args.begin(), action.args.end(), [&](int arg) { return values_[arg].still; });
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
      const auto makes = [&](const Action& action) { return action.out == output.value; };
      const auto found = std::find_if(steps.each.begin(), steps.each.end(), makes);
      const size_t made = static_cast<size_t>(found - steps.each.begin());
      Action& maker = *found;
      Cursor& cursor = cursors_[output.cursor];
      if (maker.step != Step::Operate || maker.uniform || values_[output.value].still || !cursor.lanes.isDense()) continue;
      bool free = true;
      bool isRead = false;
      for (const Output& other : steps.outputs) free = free && !(other.direct && other.value == output.value);
      for (size_t i = 0; free && i < steps.each.size(); i++) {
        const Action& other = steps.each[i];
        if (other.step != Step::Load || cursors_[other.cursor].view.slot != cursor.view.slot) continue;
        isRead = true;
        if (i > made || last[other.out] > made) free = false;
      }
      output.direct = free;
      maker.past = free && large_ && !late && !isRead && uses[static_cast<size_t>(output.value)] == 1;
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
      const auto isHere = [&](const Output& output) { return output.direct && output.value == action.out; };
      const auto output = std::find_if(steps.outputs.begin(), steps.outputs.end(), isHere);
      const bool direct =
          (action.step == Step::Load && cursors_[action.cursor].direct) || output != steps.outputs.end();
      const int bytes = sizeOf(value.dtype);
      const auto release = [&](bool same) {
        if (action.step != Step::Operate) return;
        for (auto at = action.args.begin(); at != action.args.end(); at++) {
          const int arg = *at;
          const Value& used = values_[arg];
          if (std::find(action.args.begin(), at, arg) != at) continue;
          if (last[arg] != i || used.still || used.place < 0 || (sizeOf(used.dtype) == bytes) != same) continue;
          if (late && static_cast<size_t>(arg) < late_ + foldings_.size()) continue;
          spare[sizeOf(used.dtype)].push_back(used.place);
        }
      };
      // The result may replace an argument of its size, of which element by element is read before it is written.
      release(true);
      // Where the value goes when the guard says no.
      if (output != steps.outputs.end() && output->guard >= 0) value.place = fresh(value.dtype);
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

}  // namespace antler
