// Max pools of 2×2 windows beside relu: of a window's pixels only the number of the one that counts is kept, in a byte.
#pragma once

#include "fused.h"
#include "vector.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

typedef int8_t Bytes __attribute__((vector_size(vectorBytes / 4)));

/** Stores the largest of four, or 0 where none is positive, and whose it was; `choices` may be null. */
inline void keepLargest(const Vector* pixels, float* y, int8_t* choices) {
  const Vector most = larger(larger(pixels[0], pixels[1]), larger(pixels[2], pixels[3]));
  store(y, larger(most, Vector{}));
  if (choices == nullptr) return;
  Ints choice = Ints{} + 3;
  for (int q = 2; q >= 0; q--) choice = pixels[q] == most ? Ints{} + q : choice;
  choice = most > 0.0f ? choice : Ints{} + noChoice;
  const Bytes bytes = __builtin_convertvector(choice, Bytes);
  __builtin_memcpy(choices, &bytes, sizeof(bytes));
}

/** Where a slope goes. */
struct Chosen {
  Ints choice;
  Vector slope;

  Chosen(const int8_t* choices, const float* slopes) : slope(load(slopes)) {
    Bytes bytes;
    __builtin_memcpy(&bytes, choices, sizeof(bytes));
    choice = __builtin_convertvector(bytes, Ints);
  }
  /** The slope of one of the pixels. */
  Vector of(int pixel) const { return (Vector)((Ints)slope & (choice == pixel)); }
  /** Of all four together. */
  Vector sum() const { return (Vector)((Ints)slope & (choice != noChoice)); }
};

}  // namespace
}  // namespace ANTLER_ISA
}  // namespace antler
