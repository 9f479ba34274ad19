// Batch and layer normalization and their gradients. Sums over pixels or rows are made in a fixed number of parts, which are
// added in order: their bits do not depend on the number of threads.
#include <cmath>

#include "composites.h"

namespace antler {
namespace {

/** Rows of channels repeated until they fill some vectors. */
constexpr int64_t wideRow = 64;

/** Parts that sums are made in, a matter of the shape alone. */
int64_t partsOf(int64_t count) { return std::max<int64_t>(1, std::min<int64_t>(32, count / (16 * 1024))); }

struct Channels {
  int64_t channels, count, repeats, width, parts, threads;

  Channels(const Sizes& x, Compiler& compiler) {
    demand(!x.empty(), "an axis of channels");
    channels = x.back();
    count = product(x);
    repeats = std::max<int64_t>(1, wideRow / channels);
    width = channels * repeats;
    parts = partsOf(count);
    threads = threadsFor(2 * count, compiler.threads());
  }
  int64_t pixels() const { return count / channels; }
  /** Where a part begins: at the start of a row of repeated channels. */
  int64_t begin(int64_t part) const {
    const int64_t rows = (count + width - 1) / width;
    return std::min(count, rows * part / parts * width);
  }
  /** Where a thread's share of a map begins; the same as that of the parts, so that its memory is close. */
  template <class F>
  void eachPart(const Frame& frame, const F& f) const {
    parallel(static_cast<int>(std::min<int64_t>(threads, frame.threads)), parts, [&](int, int64_t from, int64_t to) {
      for (int64_t part = from; part < to; part++) f(part, begin(part), begin(part + 1) - begin(part));
    });
  }
  void repeat(float* row) const {
    for (int64_t j = channels; j < width; j++) row[j] = row[j - channels];
  }
  /** Adds up what parts and repetitions have of each channel. */
  double sumOf(const double* sums, int64_t channel) const {
    double sum = 0;
    for (int64_t part = 0; part < parts; part++) {
      for (int64_t j = channel; j < width; j += channels) sum += sums[2 * part * width + j];
    }
    return sum;
  }
};

/** What batch normalization works with beside its operands. */
struct Room {
  int slot;
  int64_t doubles, floats;

  Room(const Channels& c, Compiler& compiler) : doubles(2 * c.parts * c.width), floats((2 * c.parts + 4) * c.width) {
    slot = compiler.privateSlot(doubles * 8 + floats * 4);
  }
  double* sums(const Frame& frame) const { return reinterpret_cast<double*>(frame.slots[slot]); }
  float* rows(const Frame& frame) const { return reinterpret_cast<float*>(frame.slots[slot] + doubles * 8); }
};

}  // namespace

KernelPointer makeBatchNorm(const CompositeSpec& spec, Compiler& compiler) {
  demand(spec.inputs.size() == 3 && spec.outputs.size() == 3 && spec.params.size() == 1, "x, γ, β and ε");
  const Sizes shape = spec.inputs[0].shape;
  const Channels c(shape, compiler);
  demandOperands(spec.inputs, {{shape}, {{c.channels}}, {{c.channels}}});
  demandOperands(spec.outputs, {{shape}, {{c.channels}}, {{c.channels}}});
  const Room room(c, compiler);
  const ChannelRoutines& routines = fused().channels;
  const auto epsilon = static_cast<float>(spec.params[0]);
  return kernelOf(8 * c.count, [=, in = spec.inputs, out = spec.outputs, &routines](Frame& frame) {
    const float* x = floatsAt(in[0], frame);
    const float* gamma = floatsAt(in[1], frame);
    const float* beta = floatsAt(in[2], frame);
    float* y = floatsAt(out[0], frame);
    float* means = floatsAt(out[1], frame);
    float* variances = floatsAt(out[2], frame);
    double* sums = room.sums(frame);
    float* mean = room.rows(frame);
    float* scale = mean + c.width;
    float* shift = scale + c.width;
    float* spare = shift + 2 * c.width;
    // Distances from the first pixel: their squares do not cancel when all numbers are far from 0.
    for (int64_t j = 0; j < c.channels; j++) mean[j] = std::isfinite(x[j]) ? x[j] : 0;
    c.repeat(mean);
    std::fill_n(sums, room.doubles, 0.0);
    c.eachPart(frame, [&](int64_t part, int64_t from, int64_t count) {
      double* own = sums + 2 * part * c.width;
      routines.moments(x + from, mean, own, own + c.width, spare + 2 * part * c.width, count, c.width);
    });
    const auto pixels = static_cast<double>(c.pixels());
    for (int64_t j = 0; j < c.channels; j++) {
      const double first = c.sumOf(sums, j) / pixels;
      const double second = c.sumOf(sums + c.width, j) / pixels;
      const double distance = second - first * first;
      means[j] = static_cast<float>(static_cast<double>(mean[j]) + first);
      variances[j] = static_cast<float>(distance < 0 ? 0 : distance);
    }
    for (int64_t j = 0; j < c.channels; j++) {
      mean[j] = means[j];
      scale[j] = gamma[j] * (1.0f / std::sqrt(variances[j] + epsilon));
      shift[j] = beta[j];
    }
    for (float* row : {mean, scale, shift}) c.repeat(row);
    c.eachPart(frame, [&](int64_t, int64_t from, int64_t count) {
      routines.normalize(x + from, mean, scale, shift, y + from, count, c.width);
    });
  });
}

KernelPointer makeBatchNormGradient(const CompositeSpec& spec, Compiler& compiler) {
  demand(spec.inputs.size() == 5 && spec.outputs.size() == 3 && spec.params.size() == 1,
         "x, γ, mean, variance, g and ε");
  const Sizes shape = spec.inputs[0].shape;
  const Channels c(shape, compiler);
  const Sizes list{c.channels};
  demandOperands(spec.inputs, {{shape}, {list}, {list}, {list}, {shape}});
  demandOperands(spec.outputs, {{shape}, {list}, {list}});
  const Room room(c, compiler);
  const ChannelRoutines& routines = fused().channels;
  const auto epsilon = static_cast<float>(spec.params[0]);
  return kernelOf(10 * c.count, [=, in = spec.inputs, out = spec.outputs, &routines](Frame& frame) {
    const float* x = floatsAt(in[0], frame);
    const float* gamma = floatsAt(in[1], frame);
    const float* means = floatsAt(in[2], frame);
    const float* variances = floatsAt(in[3], frame);
    const float* g = floatsAt(in[4], frame);
    float* dx = floatsAt(out[0], frame);
    float* dGamma = floatsAt(out[1], frame);
    float* dBeta = floatsAt(out[2], frame);
    double* sums = room.sums(frame);
    float* mean = room.rows(frame);
    float* scale = mean + c.width;
    float* offset = scale + c.width;
    float* slant = offset + c.width;
    float* spare = slant + c.width;
    std::copy_n(means, c.channels, mean);
    c.repeat(mean);
    std::fill_n(sums, room.doubles, 0.0);
    c.eachPart(frame, [&](int64_t part, int64_t from, int64_t count) {
      double* own = sums + 2 * part * c.width;
      routines.slopes(x + from, mean, g + from, own, own + c.width, spare + 2 * part * c.width, count, c.width);
    });
    const auto pixels = static_cast<double>(c.pixels());
    for (int64_t j = 0; j < c.channels; j++) {
      const auto inverse = static_cast<double>(1.0f / std::sqrt(variances[j] + epsilon));
      const double ofBeta = c.sumOf(sums, j);
      const double ofGamma = c.sumOf(sums + c.width, j) * inverse;
      dBeta[j] = static_cast<float>(ofBeta);
      dGamma[j] = static_cast<float>(ofGamma);
      scale[j] = gamma[j] * static_cast<float>(inverse);
      offset[j] = static_cast<float>(ofBeta / pixels);
      slant[j] = static_cast<float>(ofGamma / pixels * inverse);
    }
    for (float* row : {scale, offset, slant}) c.repeat(row);
    c.eachPart(frame, [&](int64_t, int64_t from, int64_t count) {
      routines.denormalize(x + from, mean, scale, offset, slant, g + from, dx + from, count, c.width);
    });
  });
}

KernelPointer makeLayerNorm(const CompositeSpec& spec, Compiler& compiler) {
  demand(spec.inputs.size() == 3 && spec.outputs.size() == 3 && spec.params.size() == 1, "x, γ, β and ε");
  const Sizes shape = spec.inputs[0].shape;
  demand(!shape.empty(), "rows to normalize");
  const int64_t n = shape.back();
  const int64_t rows = product(shape) / n;
  const Sizes outer = slice(shape, 0, shape.size() - 1);
  demandOperands(spec.inputs, {{shape}, {{n}}, {{n}}});
  demandOperands(spec.outputs, {{shape}, {outer}, {outer}});
  const int64_t work = 6 * product(shape);
  const int threads = threadsFor(work, compiler.threads());
  const double epsilon = spec.params[0];
  const auto run = fused().rows.layerNorm;
  return kernelOf(work, [=, in = spec.inputs, out = spec.outputs](Frame& frame) {
    parallel(std::min(threads, frame.threads), rows, [&](int, int64_t from, int64_t to) {
      run(floatsAt(in[0], frame) + from * n, floatsAt(in[1], frame), floatsAt(in[2], frame), epsilon,
          floatsAt(out[0], frame) + from * n, floatsAt(out[1], frame) + from, floatsAt(out[2], frame) + from, to - from,
          n);
    });
  });
}

KernelPointer makeLayerNormGradient(const CompositeSpec& spec, Compiler& compiler) {
  demand(spec.inputs.size() == 5 && spec.outputs.size() == 3, "x, γ, mean, 1 / deviation and g");
  const Sizes shape = spec.inputs[0].shape;
  demand(!shape.empty(), "rows to normalize");
  const int64_t n = shape.back();
  const int64_t rows = product(shape) / n;
  const Sizes outer = slice(shape, 0, shape.size() - 1);
  demandOperands(spec.inputs, {{shape}, {{n}}, {outer}, {outer}, {shape}});
  demandOperands(spec.outputs, {{shape}, {{n}}, {{n}}});
  const int64_t work = 12 * product(shape);
  const int threads = threadsFor(work, compiler.threads());
  const int64_t parts = std::min(rows, partsOf(product(shape)));
  const int64_t doubles = 2 * n * parts;
  const int room = compiler.privateSlot(doubles * 8 + 2 * n * parts * 4);
  const auto run = fused().rows.layerNormBackward;
  return kernelOf(work, [=, in = spec.inputs, out = spec.outputs](Frame& frame) {
    auto* sums = reinterpret_cast<double*>(frame.slots[room]);
    auto* spare = reinterpret_cast<float*>(frame.slots[room] + doubles * 8);
    std::fill_n(sums, doubles, 0.0);
    parallel(std::min(threads, frame.threads), parts, [&](int, int64_t first, int64_t last) {
      for (int64_t part = first; part < last; part++) {
        const int64_t from = rows * part / parts;
        double* own = sums + 2 * n * part;
        run(floatsAt(in[0], frame) + from * n, floatsAt(in[1], frame), floatsAt(in[2], frame) + from,
            floatsAt(in[3], frame) + from, floatsAt(in[4], frame) + from * n, floatsAt(out[0], frame) + from * n, own,
            own + n, spare + 2 * n * part, rows * (part + 1) / parts - from, n);
      }
    });
    for (int64_t j = 0; j < 2 * n; j++) {
      double sum = 0;
      for (int64_t part = 0; part < parts; part++) sum += sums[2 * n * part + j];
      floatsAt(out[j < n ? 1 : 2], frame)[j < n ? j : j - n] = static_cast<float>(sum);
    }
  });
}

}  // namespace antler
