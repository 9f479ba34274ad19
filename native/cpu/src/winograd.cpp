#include "winograd.h"

#include <algorithm>

#include "isa/fused.h"
#include "isa/isa.h"
#include "packed.h"
#include "parallel.h"

namespace antler {
namespace {

/** What channels and filters come in. */
constexpr int64_t vector = 16;
/** Products of channels and filters beyond which the transformed kernel falls out of the cache. */
constexpr int64_t mostProducts = 128 * 128;
/** Multiplications of the definition below which transforms are not worth their while. */
constexpr int64_t smallProducts = 1024 * 1024;

bool isWinograd(const ConvSpec& spec) {
  const auto are = [](const Sizes& sizes, int64_t value) {
    return std::all_of(sizes.begin(), sizes.end(), [&](int64_t size) { return size == value; });
  };
  if (spec.dtype != DType::Float32 || spec.strides.size() != 2 || spec.groups != 1) return false;
  if (!are(spec.strides, 1) || !are(spec.dilation, 1) || !are({spec.kernel[0], spec.kernel[1]}, 3)) return false;
  const int64_t channels = spec.kernel[2];
  const int64_t filters = spec.kernel[3];
  if (channels % vector != 0 || filters % vector != 0 || channels * filters > mostProducts) return false;
  const Sizes& tiled = spec.map == ConvMap::Input ? spec.input : spec.output;
  const int64_t tiles = tiled[0] * ((tiled[1] + 1) / 2) * ((tiled[2] + 1) / 2);
  const int64_t pixels = product(spec.output, 0, 3);
  // Sixteen products a tile, by transforms that take as long as some more.
  return 9 * pixels * channels * filters >= smallProducts && 20 * tiles < 9 * pixels;
}

WinogradGeometry geometryOf(const ConvSpec& spec) {
  const Sizes& x = spec.input;
  const Sizes& y = spec.output;
  if (spec.map == ConvMap::Input) {
    return {x[0], y[1], y[2], y[3], x[1], x[2], x[3], 2 - spec.low[0], 2 - spec.low[1]};
  }
  return {x[0], x[1], x[2], x[3], y[1], y[2], y[3], spec.low[0], spec.low[1]};
}

/** A slot of floats for each thread. */
struct Rooms {
  int slot;
  int64_t floats;

  Rooms(int64_t floats, int64_t count, Compiler& compiler)
      : slot(compiler.privateSlot(count * floats * 4)), floats(floats) {}
  float* at(const Frame& frame, int64_t i) const { return reinterpret_cast<float*>(frame.slots[slot]) + i * floats; }
};

/** The kernel as a way through it wants it, and where it lies. */
struct Packing {
  int64_t channels, filters;
  WinogradWay way;
  Rooms room;
  /** Of a kernel that does not change; null where it may. */
  std::shared_ptr<Packed> kept;
  int threads;

  Packing(int64_t channels, int64_t filters, WinogradWay way, std::shared_ptr<Packed> kept, Compiler& compiler)
      : channels(channels),
        filters(filters),
        way(way),
        room(16 * channels * filters, 1, compiler),
        kept(std::move(kept)),
        threads(threadsFor(16 * channels * filters, compiler.threads())) {}
  const float* run(const Frame& frame, const float* kernel) const {
    const auto pack = [&](float* weights) {
      parallel(std::min(threads, frame.threads), channels, [&](int, int64_t from, int64_t to) {
        routines().fused().winograd.pack(kernel, channels, filters, way, weights, from, to);
      });
    };
    float* weights = kept == nullptr ? nullptr : kept->at(kernel, [&] {
      auto block = std::make_unique<Block>(static_cast<size_t>(room.floats * 4));
      pack(reinterpret_cast<float*>(block->data()));
      return block;
    });
    if (weights == nullptr) pack(weights = room.at(frame, 0));
    return weights;
  }
};

/** The convolution itself, and the way back to its input, which is one with the kernel turned. */
ConvRun makeForward(const WinogradGeometry& g, bool turned, const std::shared_ptr<Packed>& kept, Compiler& compiler) {
  const WinogradRoutines& routines = antler::routines().fused().winograd;
  const Rooms rooms(routines.forwardRoom(g), compiler.threads(), compiler);
  const Packing packing(turned ? g.filters : g.channels, turned ? g.channels : g.filters,
                        turned ? WinogradWay::Turned : WinogradWay::Forward, kept, compiler);
  const int64_t blocks = (g.tiles() + routines.blockTiles - 1) / routines.blockTiles;
  const int threads = compiler.threads();
  return [=, &routines](Frame& frame, const float* x, const float* kernel, const Finish& finish, float* y) {
    const float* weights = packing.run(frame, kernel);
    parallel(std::min(threads, frame.threads), blocks, [&](int thread, int64_t from, int64_t to) {
      routines.forward(g, x, weights, finish, y, rooms.at(frame, thread), from, to);
    });
  };
}

/** The way back to the input from what a pool chose: tiles are those of the windows alone. */
ConvRun makeBackward(const WinogradGeometry& g, const View& choices, Compiler& compiler) {
  const WinogradRoutines& routines = antler::routines().fused().winograd;
  const Rooms rooms(routines.backwardRoom(g), compiler.threads(), compiler);
  const Packing packing(g.channels, g.filters, WinogradWay::Adjoint, nullptr, compiler);
  const int threads = compiler.threads();
  return [=, &routines](Frame& frame, const float* dy, const float* kernel, const Finish&, float* dx) {
    const float* weights = packing.run(frame, kernel);
    const OutputSlopes given{dy, choicesAt(choices, frame)};
    parallel(std::min(threads, frame.threads), g.images, [&](int thread, int64_t from, int64_t to) {
      routines.backward(g, given, weights, dx, rooms.at(frame, thread), from, to);
    });
  };
}

/** Sums are made in parts that depend on the shape alone: their bits do not depend on the number of threads. */
ConvRun makeSlopes(const WinogradGeometry& g, const View* choices, Compiler& compiler) {
  const WinogradRoutines& routines = antler::routines().fused().winograd;
  const int64_t plane = g.channels * g.filters;
  const int64_t parts = std::min(g.tiles(), std::clamp<int64_t>(mostProducts / plane, 2, 16));
  const Rooms rooms(routines.slopesRoom(g), std::min<int64_t>(compiler.threads(), parts), compiler);
  const Rooms sums(16 * plane, parts, compiler);
  const int threads = compiler.threads();
  const View chosen = choices == nullptr ? View{} : *choices;
  const bool chooses = choices != nullptr;
  return [=, &routines](Frame& frame, const float* x, const float* dy, const Finish&, float* dKernel) {
    const int now = std::min(threads, frame.threads);
    const OutputSlopes given{dy, chooses ? choicesAt(chosen, frame) : nullptr};
    parallel(now, parts, [&](int thread, int64_t first, int64_t last) {
      for (int64_t part = first; part < last; part++) {
        routines.slopes(g, x, given, sums.at(frame, part), rooms.at(frame, thread), g.tiles() * part / parts,
                        g.tiles() * (part + 1) / parts);
      }
    });
    parallel(threadsFor(parts * 16 * plane, now), plane / vector, [&](int, int64_t from, int64_t to) {
      routines.finish(sums.at(frame, 0), parts, plane, dKernel, from * vector, to * vector);
    });
  };
}

}  // namespace

ConvRun makeWinograd(const ConvSpec& spec, Compiler& compiler) {
  if (!isWinograd(spec)) return nullptr;
  const WinogradGeometry g = geometryOf(spec);
  if (spec.map == ConvMap::Kernel) return makeSlopes(g, nullptr, compiler);
  return makeForward(g, spec.map == ConvMap::Input, Packed::make(spec.b, spec.shapeOfB(), compiler.program()), compiler);
}

bool isPooledWinograd(const ConvSpec& spec) {
  ConvSpec forward = spec;
  forward.map = ConvMap::Output;
  return isWinograd(forward) && spec.low == Sizes{0, 0} && spec.high == Sizes{0, 0};
}

ConvRun makePooledWinograd(const ConvSpec& spec, const View* choices, Compiler& compiler) {
  const Sizes& x = spec.input;
  const Sizes& y = spec.output;
  // What lies outside of the windows is neither computed nor asked for.
  const WinogradGeometry g{x[0], x[1], x[2], x[3], y[1] / 2 * 2, y[2] / 2 * 2, y[3], 0, 0};
  if (spec.map == ConvMap::Kernel) return makeSlopes(g, choices, compiler);
  if (spec.map == ConvMap::Input) return makeBackward(g, *choices, compiler);
  const ConvRun run =
      makeForward(g, false, Packed::make(spec.b, spec.shapeOfB(), compiler.program()), compiler);
  const View chosen = choices == nullptr ? View{} : *choices;
  const bool chooses = choices != nullptr;
  return [=](Frame& frame, const float* a, const float* b, const Finish& finish, float* result) {
    Finish pooled = finish;
    pooled.pools = true;
    pooled.choices = chooses ? choicesAt(chosen, frame) : nullptr;
    run(frame, a, b, pooled, result);
  };
}

}  // namespace antler
