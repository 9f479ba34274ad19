// Elements between registers and memory, by their size alone.
#include <cstddef>
#include <cstdint>

#include "tables.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

template <class T>
void loadStrided(void* out, const void* memory, int64_t stride, int64_t n) {
  T* o = static_cast<T*>(out);
  const T* from = static_cast<const T*>(memory);
  if (stride == 0) {
    const T value = *from;
    for (int64_t i = 0; i < n; i++) o[i] = value;
  } else if (stride == 1) {
    __builtin_memcpy(o, from, static_cast<size_t>(n) * sizeof(T));
  } else {
    for (int64_t i = 0; i < n; i++) o[i] = from[i * stride];
  }
}

template <class T>
void loadTable(void* out, const void* memory, const int32_t* table, int64_t n) {
  T* o = static_cast<T*>(out);
  const T* from = static_cast<const T*>(memory);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) o[i] = from[table[i]];
}

template <class T>
void storeStrided(void* memory, const void* values, int64_t stride, int64_t n) {
  const T* v = static_cast<const T*>(values);
  T* to = static_cast<T*>(memory);
  if (stride == 1) __builtin_memcpy(to, v, static_cast<size_t>(n) * sizeof(T));
  else for (int64_t i = 0; i < n; i++) to[i * stride] = v[i];
}

template <class T>
void storeTable(void* memory, const void* values, const int32_t* table, int64_t n) {
  const T* v = static_cast<const T*>(values);
  T* to = static_cast<T*>(memory);
  for (int64_t i = 0; i < n; i++) to[table[i]] = v[i];
}

template <class T>
const Moves movesOf = {loadStrided<T>, loadTable<T>, storeStrided<T>, storeTable<T>};

}  // namespace

const Moves& findMoves(int bytes) {
  return bytes == 1 ? movesOf<uint8_t> : bytes == 4 ? movesOf<uint32_t> : movesOf<uint64_t>;
}

}  // namespace ANTLER_ISA
}  // namespace antler
