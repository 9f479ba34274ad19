// The sort kernel: the positions of each row in the order of its keys, stable; then every array moves by the positions.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "half.h"
#include "kernel.h"
#include "isa/isa.h"
#include "parallel.h"

namespace antler {
namespace {

template <class T>
auto keyOf(T key) {
  if constexpr (std::is_class_v<T>) return T::wide(key.bits);
  else return key;
}

/** NaN is last in either direction; the two zeros are equal. */
template <class T>
void sortPositions(const char* memory, int64_t step, bool descending, int32_t* positions, int64_t length) {
  const T* keys = reinterpret_cast<const T*>(memory);
  std::iota(positions, positions + length, 0);
  std::stable_sort(positions, positions + length, [&](int32_t i, int32_t j) {
    const auto a = keyOf(keys[i * step]);
    const auto b = keyOf(keys[j * step]);
    if constexpr (std::is_floating_point_v<decltype(keyOf(T{}))>) {
      if (std::isnan(a) || std::isnan(b)) return !std::isnan(a);
    }
    return descending ? a > b : a < b;
  });
}

class Sort final : public Kernel {
 public:
  Sort(const SortSpec& spec, Compiler& compiler)
      : spec_(spec),
        outer_(slice(spec.shape, 0, spec.shape.size() - 1)),
        rows_(product(outer_)),
        length_(spec.shape.back()) {
    cost = rows_ * length_ * 50;
    threads_ = static_cast<int>(std::min<int64_t>(threadsFor(cost, compiler.threads()), std::max<int64_t>(1, rows_)));
    positions_ = compiler.privateSlot(threads_ * length_ * static_cast<int64_t>(sizeof(int32_t)));
  }

  void run(Frame& frame) override {
    if (rows_ == 0 || length_ == 0) return;
    std::vector<Sizes> strides;
    std::vector<char*> places;
    for (const std::vector<View>* views : {&spec_.inputs, &spec_.outputs}) {
      for (const View& view : *views) {
        strides.push_back(slice(view.strides, 0, outer_.size()));
        places.push_back(placeOf(view, frame));
      }
    }
    parallel(std::min(frame.threads, threads_), rows_, [&](int thread, int64_t from, int64_t to) {
      int32_t* positions = reinterpret_cast<int32_t*>(frame.slots[positions_]) + thread * length_;
      Odometer rows(outer_, strides);
      rows.seek(from);
      for (int64_t row = from; row < to; row++, rows.next()) sortRow(rows, places, positions);
    });
  }

 private:
  void sortRow(const Odometer& rows, const std::vector<char*>& places, int32_t* positions) const {
    const View& keys = spec_.inputs[0];
    order(keys.dtype, places[0] + rows.offset(0) * sizeOf(keys.dtype), keys.strides.back(), positions);
    const size_t count = spec_.inputs.size();
    for (size_t i = 0; i < count; i++) {
      const int bytes = sizeOf(spec_.inputs[i].dtype);
      const char* from = places[i] + rows.offset(i) * bytes;
      char* to = places[count + i] + rows.offset(count + i) * bytes;
      const int64_t stepFrom = spec_.inputs[i].strides.back() * bytes;
      const int64_t stepTo = spec_.outputs[i].strides.back() * bytes;
      if (bytes == 1) moveRow<uint8_t>(from, stepFrom, to, stepTo, positions);
      else if (bytes == 2) moveRow<uint16_t>(from, stepFrom, to, stepTo, positions);
      else if (bytes == 4) moveRow<uint32_t>(from, stepFrom, to, stepTo, positions);
      else moveRow<uint64_t>(from, stepFrom, to, stepTo, positions);
    }
  }

  template <class T>
  void moveRow(const char* from, int64_t stepFrom, char* to, int64_t stepTo, const int32_t* positions) const {
    for (int64_t i = 0; i < length_; i++) {
      *reinterpret_cast<T*>(to + i * stepTo) = *reinterpret_cast<const T*>(from + positions[i] * stepFrom);
    }
  }

  void order(DType dtype, const char* keys, int64_t step, int32_t* positions) const {
    const bool descending = spec_.descending;
    switch (dtype) {
      case DType::Bool:
      case DType::Uint8: return sortPositions<uint8_t>(keys, step, descending, positions, length_);
      case DType::Int8: return sortPositions<int8_t>(keys, step, descending, positions, length_);
      case DType::Int32: return sortPositions<int32_t>(keys, step, descending, positions, length_);
      case DType::Uint32: return sortPositions<uint32_t>(keys, step, descending, positions, length_);
      case DType::Float32: return sortPositions<float>(keys, step, descending, positions, length_);
      case DType::Float64: return sortPositions<double>(keys, step, descending, positions, length_);
      case DType::Float16: return sortPositions<Float16>(keys, step, descending, positions, length_);
      case DType::Bfloat16: return sortPositions<Bfloat16>(keys, step, descending, positions, length_);
    }
  }

  SortSpec spec_;
  Sizes outer_;
  int64_t rows_;
  int64_t length_;
  int threads_;
  int positions_;
};

}  // namespace

KernelPointer makeSort(const SortSpec& spec, Compiler& compiler) { return std::make_unique<Sort>(spec, compiler); }

}  // namespace antler
