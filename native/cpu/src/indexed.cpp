// Gather and scatter: rows of indices become places in the indexed view, and bad ones are reported.
#include <algorithm>
#include <cstring>
#include <limits>

#include "isa/isa.h"
#include "kernel.h"
#include "parallel.h"

namespace antler {
namespace {

constexpr int64_t pieceSize = 512;
constexpr int64_t noPlace = std::numeric_limits<int64_t>::min();

/** Gathers in any order; scatters in row-major order, so that the last of several `set` at one place wins. */
class Indexed final : public Kernel {
 public:
  Indexed(const IndexedSpec& spec, Compiler& compiler)
      : spec_(spec), bytes_(sizeOf(spec.listed.dtype)), moves_(&routines().moves(bytes_)) {
    const size_t batch = spec.batch.size();
    const size_t limits = spec.limits.size();
    rowSizes_ = joined({&spec.batch, &spec.index});
    rows_ = product(rowSizes_);
    const Sizes still(spec.index.size(), 0);
    const Sizes ofBatch = slice(spec.indexed.strides, 0, batch);
    rowStrides_ = {slice(spec.indices.strides, 0, rowSizes_.size()), joined({&ofBatch, &still}),
                   slice(spec.listed.strides, 0, rowSizes_.size())};
    steps_ = slice(spec.indexed.strides, batch, batch + limits);
    next_ = spec.indices.strides.back();
    const Axes slices = mergeAxes(spec.slice, {slice(spec.indexed.strides, batch + limits, spec.indexed.strides.size()),
                                               slice(spec.listed.strides, rowSizes_.size(), spec.listed.strides.size())});
    // The innermost axis goes in pieces, the others one by one.
    length_ = slices.sizes.empty() ? 1 : slices.sizes.back();
    along_[0] = slices.sizes.empty() ? 1 : slices.strides[0].back();
    along_[1] = slices.sizes.empty() ? 1 : slices.strides[1].back();
    const size_t outer = slices.sizes.empty() ? 0 : slices.sizes.size() - 1;
    sliceSizes_ = slice(slices.sizes, 0, outer);
    sliceStrides_ = {slice(slices.strides[0], 0, outer), slice(slices.strides[1], 0, outer)};
    lines_ = product(sliceSizes_);
    if (spec.mode != ScatterMode::Set) {
      const Op op = spec.mode == ScatterMode::Add ? Op::Add : spec.mode == ScatterMode::Max ? Op::Max : Op::Min;
      const DType dtype = isHalf(spec.listed.dtype) ? DType::Float32 : spec.listed.dtype;
      fold_ = routines().find(op, dtype, dtype);
      // 16-bit floats are folded as float32.
      if (dtype != spec.listed.dtype) {
        widen_ = routines().find(Op::Cast, spec.listed.dtype, dtype);
        narrow_ = routines().find(Op::Cast, dtype, spec.listed.dtype);
      }
    }
    cost = rows_ * (16 + lines_ * length_ * 2);
    threads_ = spec.scatter ? 1 : threadsFor(cost, compiler.threads());
    fillMissing();
  }

  void run(Frame& frame) override {
    if (rows_ == 0 || lines_ == 0 || length_ == 0) return;
    const int32_t* indices = reinterpret_cast<const int32_t*>(placeOf(spec_.indices, frame));
    char* indexed = placeOf(spec_.indexed, frame);
    char* listed = placeOf(spec_.listed, frame);
    parallel(std::min(frame.threads, threads_), rows_, [&](int, int64_t from, int64_t to) {
      Odometer rows(rowSizes_, rowStrides_);
      rows.seek(from);
      for (int64_t row = from; row < to; row++, rows.next()) {
        const int64_t place = placeOfRow(indices + rows.offset(0), frame);
        char* chosen = place == noPlace ? nullptr : indexed + (rows.offset(1) + place) * bytes_;
        char* own = listed + rows.offset(2) * bytes_;
        if (lines_ == 1) {
          line(chosen, own);
          continue;
        }
        Odometer lines(sliceSizes_, sliceStrides_);
        lines.seek(0);
        for (int64_t i = 0; i < lines_; i++, lines.next()) {
          line(chosen == nullptr ? nullptr : chosen + lines.offset(0) * bytes_, own + lines.offset(1) * bytes_);
        }
      }
    });
  }

 private:
  /** Offset of the place that a row's indices choose, or `noPlace` after reporting a bad one. */
  int64_t placeOfRow(const int32_t* indices, Frame& frame) const {
    int64_t place = 0;
    for (size_t axis = 0; axis < steps_.size(); axis++) {
      const int64_t limit = spec_.limits[axis];
      int64_t index = indices[static_cast<int64_t>(axis) * next_];
      if (spec_.site < 0) {
        index = std::min(std::max<int64_t>(index, 0), limit - 1);
      } else if (index < -limit || index >= limit) {
        report(spec_.site + static_cast<int64_t>(axis), index, frame);
        return noPlace;
      } else if (index < 0) {
        index += limit;
      }
      place += index * steps_[axis];
    }
    return place;
  }

  void report(int64_t site, int64_t index, Frame& frame) const {
    if (spec_.faultSlot < 0) return;
    int32_t* faults = reinterpret_cast<int32_t*>(frame.slots[spec_.faultSlot]);
#ifdef _OPENMP
#pragma omp critical(antler_faults)
#endif
    if (faults[0] == 0) {
      faults[0] = static_cast<int32_t>(site + 1);
      faults[1] = static_cast<int32_t>(index);
    }
  }

  void line(char* chosen, char* own) const {
    alignas(64) char update[pieceSize * 8];
    alignas(64) char old[pieceSize * 8];
    for (int64_t at = 0; at < length_; at += pieceSize) {
      const int64_t count = std::min(pieceSize, length_ - at);
      char* there = chosen == nullptr ? nullptr : chosen + at * along_[0] * bytes_;
      char* here = own + at * along_[1] * bytes_;
      if (spec_.scatter) {
        if (there == nullptr) return;
        moves_->loadStrided(update, here, along_[1], count);
        if (fold_ != nullptr) {
          moves_->loadStrided(old, there, along_[0], count);
          fold(update, old, count);
        }
        moves_->storeStrided(there, update, along_[0], count);
      } else if (there == nullptr) {
        moves_->storeStrided(here, missing_, along_[1], count);
      } else if (along_[0] == 1) {
        moves_->storeStrided(here, there, along_[1], count);
      } else {
        moves_->loadStrided(update, there, along_[0], count);
        moves_->storeStrided(here, update, along_[1], count);
      }
    }
  }

  /** update = fold(old, update). */
  void fold(char* update, char* old, int64_t count) const {
    if (widen_ == nullptr) return fold_(update, count, old, update, old, old);
    alignas(64) char wide[2][pieceSize * 4];
    widen_(wide[0], count, old, old, old, old);
    widen_(wide[1], count, update, update, update, update);
    fold_(wide[0], count, wide[0], wide[1], wide[1], wide[1]);
    narrow_(update, count, wide[0], wide[0], wide[0], wide[0]);
  }

  /** NaN, or the smallest integer. */
  void fillMissing() {
    const DType dtype = spec_.listed.dtype;
    const auto fill = [&](auto value) { std::fill_n(reinterpret_cast<decltype(value)*>(missing_), pieceSize, value); };
    switch (dtype) {
      case DType::Bool:
      case DType::Uint8: return fill(uint8_t{0});
      case DType::Int8: return fill(std::numeric_limits<int8_t>::min());
      case DType::Int32: return fill(std::numeric_limits<int32_t>::min());
      case DType::Uint32: return fill(uint32_t{0});
      case DType::Float32: return fill(std::numeric_limits<float>::quiet_NaN());
      case DType::Float64: return fill(std::numeric_limits<double>::quiet_NaN());
      case DType::Float16: return fill(uint16_t{0x7e00});
      case DType::Bfloat16: return fill(uint16_t{0x7fc0});
    }
  }

  IndexedSpec spec_;
  int bytes_;
  const Moves* moves_;
  Sizes rowSizes_;
  int64_t rows_;
  /** Over the rows: of the indices, of the indexed view, of the listed one. */
  std::vector<Sizes> rowStrides_;
  /** Stride of each indexed axis, and of the indices of one row. */
  Sizes steps_;
  int64_t next_;
  Sizes sliceSizes_;
  std::vector<Sizes> sliceStrides_;
  int64_t lines_;
  int64_t length_;
  int64_t along_[2];
  Routine fold_ = nullptr, widen_ = nullptr, narrow_ = nullptr;
  int threads_;
  alignas(64) char missing_[pieceSize * 8];
};

}  // namespace

KernelPointer makeIndexed(const IndexedSpec& spec, Compiler& compiler) {
  return std::make_unique<Indexed>(spec, compiler);
}

}  // namespace antler
