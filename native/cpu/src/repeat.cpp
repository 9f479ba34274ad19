// The repeat kernel: runs its kernels again and again; views inside move with the turn.
#include "kernel.h"

namespace antler {
namespace {

class Repeat final : public Kernel {
 public:
  Repeat(const RepeatSpec& spec, Compiler& compiler) : count_(spec.count), kernels_(compiler.compileAll(spec.kernels)) {
    for (const KernelPointer& kernel : kernels_) cost += kernel->cost * count_;
  }

  void run(Frame& frame) override {
    const int depth = frame.depth++;
    for (int64_t turn = 0; turn < count_ && !*frame.stopped; turn++) {
      frame.turns[depth] = turn;
      for (const KernelPointer& kernel : kernels_) kernel->run(frame);
    }
    frame.depth = depth;
  }

 private:
  int64_t count_;
  std::vector<KernelPointer> kernels_;
};

}  // namespace

KernelPointer makeRepeat(const RepeatSpec& spec, Compiler& compiler) { return std::make_unique<Repeat>(spec, compiler); }

}  // namespace antler
