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

/** Pieces of a vector's length, of which the last two may overlap: runs are short, and a call of memcpy is not. */
template <class T>
inline void copyRun(T* to, const T* from, int64_t n) {
  constexpr int64_t piece = 32 / static_cast<int64_t>(sizeof(T));
  if (n < piece) {
    for (int64_t i = 0; i < n; i++) to[i] = from[i];
    return;
  }
  for (int64_t i = 0; i + piece <= n; i += piece) __builtin_memcpy(to + i, from + i, 32);
  __builtin_memcpy(to + n - piece, from + n - piece, 32);
}

template <class T>
void loadRuns(void* out, const void* memory, const int32_t* starts, int64_t run, int64_t stride, int64_t n) {
  T* o = static_cast<T*>(out);
  const T* all = static_cast<const T*>(memory);
  for (int64_t done = 0; done < n; done += run, starts++) {
    const int64_t length = run < n - done ? run : n - done;
    const T* from = all + *starts;
    if (stride == 1) {
      copyRun(o + done, from, length);
    } else if (stride == 0) {
      const T value = *from;
      for (int64_t i = 0; i < length; i++) o[done + i] = value;
    } else {
      for (int64_t i = 0; i < length; i++) o[done + i] = from[i * stride];
    }
  }
}

template <class T>
void storeRuns(void* memory, const void* values, const int32_t* starts, int64_t run, int64_t stride, int64_t n) {
  const T* v = static_cast<const T*>(values);
  T* all = static_cast<T*>(memory);
  for (int64_t done = 0; done < n; done += run, starts++) {
    const int64_t length = run < n - done ? run : n - done;
    T* to = all + *starts;
    if (stride == 1) copyRun(to, v + done, length);
    else for (int64_t i = 0; i < length; i++) to[i * stride] = v[done + i];
  }
}

template <class T>
const Moves movesOf = {loadStrided<T>, loadTable<T>, storeStrided<T>, storeTable<T>, loadRuns<T>, storeRuns<T>};

}  // namespace

const Moves& findMoves(int bytes) {
  return bytes == 1   ? movesOf<uint8_t>
         : bytes == 2 ? movesOf<uint16_t>
         : bytes == 4 ? movesOf<uint32_t>
                      : movesOf<uint64_t>;
}

}  // namespace ANTLER_ISA
}  // namespace antler
