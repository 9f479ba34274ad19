// The loop kernel: a virtual machine on tiles. The index space is walked in tiles of up to 512 elements; each step of the
// body fills one value's register for the whole tile; reductions fold tiles into a panel of accumulators, on which the
// epilogue runs.
//
// A panel is a box of kept indices, a tile is panel × a box of reduced indices. Rows: the reduced indices are innermost,
// as memory usually has them. Columns: the kept indices are innermost, for a reduction over outer axes.
#pragma once

#include "chains.h"
#include "cursor.h"
#include "isa/isa.h"
#include "kernel.h"

namespace antler {

/** Bytes of an accumulator, whatever its dtype. */
constexpr int64_t accumulatorBytes = 8;

struct Action {
  Step step = Step::Const;
  DType dtype = DType::Float32;
  Op op = Op::Neg;
  Routine routine = nullptr;
  int out = 0;
  /** Four, where a routine takes fewer the first one again; or what a chain begins with and one for each link. */
  std::vector<int> args;
  /** Of a chain, which has no routine. */
  std::vector<ChainOp> links;
  /** Its result is not worth a place in the caches. */
  bool past = false;
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
  /** A value, the same for all elements, without which the memory stays as it is; -1 when there is none. */
  int guard = -1;
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
  /** Of the load that gives its value, when the loop is straight. */
  int cursor = -1;

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
  bool isStraight(const Axes& kept, const Axes& reduced);
  std::vector<int> planSteps(const LoopSpec& spec);
  void planChains(Steps& steps, const std::vector<int>& uses);
  Output outputOf(const LoopSpec& spec, const Store& store) const;
  void planRegisters(const LoopSpec& spec, const std::vector<int>& uses);
  void planUniform(Steps& steps, const std::vector<bool>& kept);
  Steps& stepsOf(bool late) { return late ? epilogue_ : body_; }
  int addCursor(const View& view, const Sizes& shape, bool late, bool position);

  void enter(Worker& worker) const;
  void perform(Worker& worker, const Action& action, int64_t count) const;
  void performChain(Worker& worker, const Action& action, int64_t count) const;
  void move(Worker& worker, const Steps& steps, bool tiles) const;
  void runSteps(Worker& worker, const Steps& steps, int64_t count) const;
  bool isOpen(const Worker& worker, const Output& output) const;
  void store(Worker& worker, const Steps& steps, int64_t count) const;
  void start(char* sums, const Folding& folding, int64_t count) const;
  void round(const Folding& folding, char* out, const char* sums, int64_t count) const;
  void join(const Folding& folding, char* sums, const char* others, int64_t count) const;
  void foldStraight(Worker& worker, int64_t panel, int64_t from, int64_t to) const;
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
  /** Folds of what lies in memory: done there, without tiles. */
  bool straight_ = false;
  /** Entries of the one reduced axis of such a loop. */
  int64_t depth_ = 0;
  /** Parts of a panel's tiles that are folded apart. */
  int64_t chunks_ = 1;
  int64_t width_ = 0;
  int64_t blockBytes_ = 0;
  /** What the body stores does not fit into the caches. */
  bool large_ = false;
  int blocks_ = 0;
  int partials_ = -1;
  int threads_ = 1;
  size_t late_ = 0;
};

}  // namespace antler
