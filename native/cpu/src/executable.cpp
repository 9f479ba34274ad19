#include "executable.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "packed.h"

namespace antler {

using Clock = std::chrono::steady_clock;

Executable::Executable(Program program, int threads) : program_(std::move(program)) {
  for (const Slot& slot : program_.slots) regions_ += slot.role == Role::Temp ? 0 : 1;
  Compiler compiler(program_, threads);
  kernels_ = compiler.compileAll(program_.kernels);
  program_.kernels.clear();
  places_ = compiler.places();
  arenaBytes_ = compiler.arenaBytes();
  slots_.resize(places_.size());
  library_ = compiler.library();
  for (const KernelPointer& kernel : kernels_) cost_ += kernel->cost;
}

void Executable::run(char* const* regions, const double* scalars, char* arena, int threads,
                     const volatile bool* stopped, double* milliseconds) {
  for (size_t slot = 0; slot < slots_.size(); slot++) {
    slots_[slot] = slot < regions_ ? regions[slot] : arena + places_[slot];
  }
  for (size_t slot = 0; slot < regions_; slot++) {
    const Slot& region = program_.slots[slot];
    if (region.role != Role::Input) Packs::instance().wrote(slots_[slot], static_cast<size_t>(region.bytes));
  }
  Frame frame{slots_.data(), scalars, {}, 0, threads, stopped};
  const int faults = program_.faultSlot;
  if (faults >= 0 && program_.slots[faults].role == Role::Output) std::memset(slots_[faults], 0, 8);
  const Clock::time_point start = Clock::now();
  Clock::time_point last = start;
  for (size_t i = 0; i < kernels_.size() && !*stopped; i++) {
    kernels_[i]->run(frame);
    if (milliseconds == nullptr) continue;
    const Clock::time_point now = Clock::now();
    milliseconds[i] = std::chrono::duration<double, std::milli>(now - last).count();
    last = now;
  }
  if (!*stopped) least_ = std::min(least_, std::chrono::duration<double>(Clock::now() - start).count());
}

}  // namespace antler
