// The cumulate kernel: running folds along rows, with one accumulator of 64 bits per row.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "fill.h"
#include "half.h"
#include "kernel.h"
#include "parallel.h"

namespace antler {
namespace {

template <class T>
using AccumulatorOf = std::conditional_t<std::is_integral_v<T>, int64_t, double>;

template <class T>
AccumulatorOf<T> wideOf(T x) {
  if constexpr (std::is_class_v<T>) return T::wide(x.bits);
  else return static_cast<AccumulatorOf<T>>(x);
}

template <class T>
T roundedTo(AccumulatorOf<T> x) {
  if constexpr (std::is_class_v<T>) return {nearestBits<T>(x)};
  else return static_cast<T>(x);
}

/** NaN wins, and +0 is larger than -0. */
template <class A>
A most(A x, A y) {
  if constexpr (std::is_floating_point_v<A>) {
    if (std::isnan(x) || std::isnan(y)) return x + y;
    if (x == y) return std::signbit(x) ? y : x;
  }
  return std::max(x, y);
}

template <class A>
A least(A x, A y) {
  if constexpr (std::is_floating_point_v<A>) {
    if (std::isnan(x) || std::isnan(y)) return x + y;
    if (x == y) return std::signbit(x) ? x : y;
  }
  return std::min(x, y);
}

template <class A>
A folded(Fold fold, A x, A y) {
  switch (fold) {
    case Fold::Sum: return x + y;
    case Fold::Prod: return x * y;
    case Fold::Max: return most(x, y);
    case Fold::Min: return least(x, y);
  }
  return x;
}

template <class T>
void cumulateRow(Fold fold, bool exclusive, double identity, const T* x, int64_t stepX, T* out, int64_t stepOut,
                 int64_t length) {
  using A = AccumulatorOf<T>;
  A total = static_cast<A>(identity);
  for (int64_t i = 0; i < length; i++) {
    const A next = folded(fold, total, wideOf(x[i * stepX]));
    out[i * stepOut] = roundedTo<T>(exclusive ? total : next);
    total = next;
  }
}

class Cumulate final : public Kernel {
 public:
  explicit Cumulate(const CumulateSpec& spec, int threads)
      : spec_(spec),
        outer_(slice(spec.shape, 0, spec.shape.size() - 1)),
        rows_(product(outer_)),
        length_(spec.shape.back()) {
    cost = rows_ * length_ * 4;
    threads_ = threadsFor(cost, threads);
  }

  void run(Frame& frame) override {
    if (rows_ == 0 || length_ == 0) return;
    switch (spec_.x.dtype) {
      case DType::Bool: return;
      case DType::Int8: return runAs<int8_t>(frame);
      case DType::Uint8: return runAs<uint8_t>(frame);
      case DType::Int32: return runAs<int32_t>(frame);
      case DType::Uint32: return runAs<uint32_t>(frame);
      case DType::Float32: return runAs<float>(frame);
      case DType::Float64: return runAs<double>(frame);
      case DType::Float16: return runAs<Float16>(frame);
      case DType::Bfloat16: return runAs<Bfloat16>(frame);
    }
  }

 private:
  template <class T>
  void runAs(Frame& frame) {
    const T* x = reinterpret_cast<const T*>(placeOf(spec_.x, frame));
    T* out = reinterpret_cast<T*>(placeOf(spec_.out, frame));
    const double identity = identityOf(spec_.fold, spec_.x.dtype);
    const Sizes overX = slice(spec_.x.strides, 0, outer_.size());
    const Sizes overOut = slice(spec_.out.strides, 0, outer_.size());
    parallel(std::min(frame.threads, threads_), rows_, [&](int, int64_t from, int64_t to) {
      Odometer rows(outer_, {overX, overOut});
      rows.seek(from);
      for (int64_t row = from; row < to; row++, rows.next()) {
        cumulateRow<T>(spec_.fold, spec_.exclusive, identity, x + rows.offset(0), spec_.x.strides.back(),
                       out + rows.offset(1), spec_.out.strides.back(), length_);
      }
    });
  }

  CumulateSpec spec_;
  Sizes outer_;
  int64_t rows_;
  int64_t length_;
  int threads_;
};

}  // namespace

KernelPointer makeCumulate(const CumulateSpec& spec, Compiler& compiler) {
  return std::make_unique<Cumulate>(spec, compiler.threads());
}

}  // namespace antler
