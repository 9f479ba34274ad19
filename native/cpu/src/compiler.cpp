// From a program to its kernels and a plan of the arena: temporary slots first, then what one kernel at a time needs.
#include "kernel.h"
#include "superops.h"

namespace antler {
namespace {

constexpr int64_t line = 64;

int64_t wholeLines(int64_t bytes) { return (bytes + line - 1) / line * line; }

/** The table of kernels. */
struct Factories {
  Compiler& compiler;
  KernelPointer operator()(const LoopSpec& spec) { return makeLoop(spec, compiler); }
  KernelPointer operator()(const DotSpec& spec) { return makeDot(spec, compiler); }
  KernelPointer operator()(const ConvSpec& spec) { return makeConv(spec, compiler); }
  KernelPointer operator()(const IndexedSpec& spec) { return makeIndexed(spec, compiler); }
  KernelPointer operator()(const CumulateSpec& spec) { return makeCumulate(spec, compiler); }
  KernelPointer operator()(const SortSpec& spec) { return makeSort(spec, compiler); }
  KernelPointer operator()(const RepeatSpec& spec) { return makeRepeat(spec, compiler); }
  KernelPointer operator()(const CompositeSpec& spec) { return makeComposite(spec, compiler); }
};

}  // namespace

Compiler::Compiler(const Program& program, int threads) : program_(program), threads_(threads) {
  for (const Slot& slot : program.slots) {
    const bool temporary = slot.role == Role::Temp;
    places_.push_back(temporary ? temporaryBytes_ : -1);
    if (temporary) temporaryBytes_ += wholeLines(slot.bytes);
  }
  arenaBytes_ = temporaryBytes_;
}

int Compiler::privateSlot(int64_t bytes) {
  places_.push_back(temporaryBytes_ + privateBytes_);
  privateBytes_ += wholeLines(bytes);
  if (temporaryBytes_ + privateBytes_ > arenaBytes_) arenaBytes_ = temporaryBytes_ + privateBytes_;
  return static_cast<int>(places_.size()) - 1;
}

KernelPointer Compiler::compile(const KernelSpec& spec) {
  privateBytes_ = 0;
  return std::visit(Factories{*this}, spec.spec);
}

std::vector<KernelPointer> Compiler::compileAll(const std::vector<KernelSpec>& specs) {
  std::vector<KernelPointer> kernels;
  // The turns of a repeat may hand each other what looks dead within one.
  const bool whole = &specs == &program_.kernels;
  for (size_t i = 0; i < specs.size(); i++) {
    privateBytes_ = 0;
    Group group = whole ? makeGroup(specs, i, *this) : Group{};
    if (group.kernel == nullptr) {
      kernels.push_back(compile(specs[i]));
      continue;
    }
    kernels.push_back(std::move(group.kernel));
    for (; group.count > 1; group.count--, i++) kernels.push_back(makeNothing());
  }
  return kernels;
}

}  // namespace antler
