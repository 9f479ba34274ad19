// LSTM and GRU. The caller's thread owns some rows of the batch for the whole sequence, so no step waits for others. The
// recurrent kernel is packed: for a vector of units and each k, the columns of all gates side by side. A step's product
// stays in registers, where the gates are computed at once.
#include "fusedTables.h"
#include "panel.h"

namespace antler {
namespace ANTLER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int blockRows = 4;
#else
constexpr int blockRows = 2;
#endif

int64_t groupsOf(int64_t units) { return (units + lanes - 1) / lanes; }
int64_t widthOf(int64_t units) { return groupsOf(units) * lanes; }

int64_t packedSize(const Recurrence& r) { return widthOf(r.units) * r.units * r.gates; }

void packInput(const Recurrence& r, int64_t features, const float* kernel, float* packed) {
  for (int64_t from = 0; from < r.units; from += lanes) {
    for (int64_t k = 0; k < features; k++) {
      for (int64_t gate = 0; gate < r.gates; gate++, packed += lanes) {
        store(packed, loadPart(kernel + k * r.gates * r.units + gate * r.units + from, r.units - from));
      }
    }
  }
}

void packForward(const Recurrence& r, const float* kernel, float* packed) { packInput(r, r.units, kernel, packed); }

/** The transpose, rows padded to whole vectors. */
void packBackward(const Recurrence& r, const float* kernel, float* packed) {
  const int64_t width = widthOf(r.units);
  const int64_t columns = r.gates * r.units;
  for (int64_t j = 0; j < columns; j++) {
    float* row = packed + j * width;
    for (int64_t k = 0; k < width; k++) row[k] = k < r.units ? kernel[k * columns + j] : 0;
  }
}

template <int Rows>
void lstmStep(const RecurrenceRoutines::LstmForward& a, int64_t row, int64_t t) {
  const int64_t steps = a.shape.steps;
  const int64_t units = a.shape.units;
  for (int64_t from = 0, group = 0; from < units; from += lanes, group++) {
    const int64_t n = units - from;
    Vector sums[Rows][4];
    for (int r = 0; r < Rows; r++) {
      for (int gate = 0; gate < 4; gate++) {
        if (a.products == nullptr) {
          sums[r][gate] = a.bias == nullptr ? Vector{} : loadPart(a.bias + gate * units + from, n);
          continue;
        }
        const float* z = a.products + ((row + r) * steps + t) * 4 * units + gate * units + from;
        sums[r][gate] = loadPart(z, n);
        // Comes next: rows lie too far apart for the processor to look ahead.
        __builtin_prefetch(z + lanes);
      }
    }
    if (a.products == nullptr) {
      accumulate<Rows, 4>(sums, {a.x + (row * steps + t) * a.features, steps * a.features, 1},
                          a.packedInput + group * a.features * 4 * lanes, 4 * lanes, a.features);
    }
    accumulate<Rows, 4>(sums, {a.states + (row * steps + t) * units, steps * units, 1}, a.packed + group * units * 4 * lanes,
                        4 * lanes, units);
    for (int r = 0; r < Rows; r++) {
      const int64_t at = (row + r) * steps + t;
      const Vector i = logistic(sums[r][0]);
      const Vector f = logistic(sums[r][1]);
      const Vector k = hyperbolicTangent(sums[r][2]);
      const Vector o = logistic(sums[r][3]);
      const Vector cell = f * loadPart(a.cells + at * units + from, n) + i * k;
      const Vector out = o * hyperbolicTangent(cell);
      float* gates = a.gates + at * 4 * units + from;
      storePart(gates, i, n);
      storePart(gates + units, f, n);
      storePart(gates + 2 * units, k, n);
      storePart(gates + 3 * units, o, n);
      storePart(a.outputs + at * units + from, out, n);
      const bool last = t + 1 == steps;
      storePart(last ? a.lastCell + (row + r) * units + from : a.cells + (at + 1) * units + from, cell, n);
      storePart(last ? a.lastState + (row + r) * units + from : a.states + (at + 1) * units + from, out, n);
    }
  }
}

/** What is before the first step comes where the later steps have it. */
void begin(float* sequence, const float* first, const Recurrence& shape, int64_t from, int64_t to) {
  const auto bytes = static_cast<size_t>(shape.units) * sizeof(float);
  for (int64_t row = from; row < to; row++) {
    __builtin_memcpy(sequence + row * shape.steps * shape.units, first + row * shape.units, bytes);
  }
}

void lstmForward(const RecurrenceRoutines::LstmForward& a, int64_t from, int64_t to) {
  begin(a.states, a.state, a.shape, from, to);
  begin(a.cells, a.cell, a.shape, from, to);
  for (int64_t t = 0; t < a.shape.steps; t++) {
    int64_t row = from;
    for (; row + blockRows <= to; row += blockRows) lstmStep<blockRows>(a, row, t);
    for (; row < to; row++) lstmStep<1>(a, row, t);
  }
}

/** From the slopes of a step's products to the cotangent of the state before it: times the kernel's transpose. */
void pullBack(const Recurrence& r, const float* slopes, const float* packed, float* dState, int64_t t, int64_t from,
              int64_t to, bool add) {
  const int64_t columns = r.gates * r.units;
  const int64_t width = widthOf(r.units);
  const auto leftOf = [&](int64_t row) { return Left{slopes + (row * r.steps + t) * columns, r.steps * columns, 1}; };
  const int64_t whole = r.units / lanes * lanes;
  if (whole > 0) multiply(leftOf(from), packed, width, columns, dState + from * r.units, r.units, to - from, whole, add);
  if (whole == r.units) return;
  // A vector that goes past the row is cut by way of a small room.
  for (int64_t row = from; row < to; row++) {
    float part[lanes];
    multiply(leftOf(row), packed + whole, width, columns, part, lanes, 1, lanes, false);
    for (int64_t u = whole; u < r.units; u++) {
      float& d = dState[row * r.units + u];
      d = add ? d + part[u - whole] : part[u - whole];
    }
  }
}

void lstmBackward(const RecurrenceRoutines::LstmBackward& a, int64_t from, int64_t to) {
  const int64_t steps = a.shape.steps;
  const int64_t units = a.shape.units;
  const auto size = static_cast<size_t>((to - from) * units) * sizeof(float);
  // The cotangents of the state and the cell on their way back lie where the last ones belong.
  __builtin_memcpy(a.dState + from * units, a.gState + from * units, size);
  __builtin_memcpy(a.dCell + from * units, a.gCell + from * units, size);
  for (int64_t t = steps - 1; t >= 0; t--) {
    for (int64_t row = from; row < to; row++) {
      const int64_t at = row * steps + t;
      const float* gates = a.gates + at * 4 * units;
      float* slopes = a.slopes + at * 4 * units;
      for (int64_t u = 0; u < units; u += lanes) {
        const int64_t n = units - u;
        const Vector i = loadPart(gates + u, n);
        const Vector f = loadPart(gates + units + u, n);
        const Vector k = loadPart(gates + 2 * units + u, n);
        const Vector o = loadPart(gates + 3 * units + u, n);
        const Vector cell = loadPart(a.cells + at * units + u, n);
        Vector h = loadPart(a.dState + row * units + u, n);
        if (a.gOutputs != nullptr) h += loadPart(a.gOutputs + at * units + u, n);
        const Vector out = hyperbolicTangent(f * cell + i * k);
        const Vector d = loadPart(a.dCell + row * units + u, n) + h * o * (1.0f - out * out);
        storePart(slopes + u, d * k * ((1.0f - i) * i), n);
        storePart(slopes + units + u, d * cell * ((1.0f - f) * f), n);
        storePart(slopes + 2 * units + u, d * i * (1.0f - k * k), n);
        storePart(slopes + 3 * units + u, h * out * ((1.0f - o) * o), n);
        storePart(a.dCell + row * units + u, d * f, n);
      }
    }
    pullBack(a.shape, a.slopes, a.packed, a.dState, t, from, to, false);
  }
}

template <int Rows>
void gruStep(const RecurrenceRoutines::GruForward& a, int64_t row, int64_t t) {
  const int64_t steps = a.shape.steps;
  const int64_t units = a.shape.units;
  for (int64_t from = 0, group = 0; from < units; from += lanes, group++) {
    const int64_t n = units - from;
    Vector sums[Rows][3];
    for (int r = 0; r < Rows; r++) {
      for (int gate = 0; gate < 3; gate++) sums[r][gate] = loadPart(a.bias + gate * units + from, n);
    }
    accumulate<Rows, 3>(sums, {a.states + (row * steps + t) * units, steps * units, 1}, a.packed + group * units * 3 * lanes,
                        3 * lanes, units);
    for (int r = 0; r < Rows; r++) {
      const int64_t at = (row + r) * steps + t;
      const float* x = a.products + at * 3 * units + from;
      const Vector z = logistic(loadPart(x, n) + sums[r][0]);
      const Vector reset = logistic(loadPart(x + units, n) + sums[r][1]);
      const Vector inner = sums[r][2];
      const Vector k = hyperbolicTangent(loadPart(x + 2 * units, n) + reset * inner);
      const Vector next = z * loadPart(a.states + at * units + from, n) + (1.0f - z) * k;
      float* gates = a.gates + at * 4 * units + from;
      storePart(gates, z, n);
      storePart(gates + units, reset, n);
      storePart(gates + 2 * units, k, n);
      storePart(gates + 3 * units, inner, n);
      storePart(a.outputs + at * units + from, next, n);
      const bool last = t + 1 == steps;
      storePart(last ? a.lastState + (row + r) * units + from : a.states + (at + 1) * units + from, next, n);
    }
  }
}

void gruForward(const RecurrenceRoutines::GruForward& a, int64_t from, int64_t to) {
  begin(a.states, a.state, a.shape, from, to);
  for (int64_t t = 0; t < a.shape.steps; t++) {
    int64_t row = from;
    for (; row + blockRows <= to; row += blockRows) gruStep<blockRows>(a, row, t);
    for (; row < to; row++) gruStep<1>(a, row, t);
  }
}

void gruBackward(const RecurrenceRoutines::GruBackward& a, int64_t from, int64_t to) {
  const int64_t steps = a.shape.steps;
  const int64_t units = a.shape.units;
  __builtin_memcpy(a.dState + from * units, a.gState + from * units,
                   static_cast<size_t>((to - from) * units) * sizeof(float));
  for (int64_t t = steps - 1; t >= 0; t--) {
    for (int64_t row = from; row < to; row++) {
      const int64_t at = row * steps + t;
      const float* gates = a.gates + at * 4 * units;
      float* ofProducts = a.ofProducts + at * 3 * units;
      float* ofStates = a.ofStates + at * 3 * units;
      for (int64_t u = 0; u < units; u += lanes) {
        const int64_t n = units - u;
        const Vector z = loadPart(gates + u, n);
        const Vector reset = loadPart(gates + units + u, n);
        const Vector k = loadPart(gates + 2 * units + u, n);
        const Vector inner = loadPart(gates + 3 * units + u, n);
        const Vector state = loadPart(a.states + at * units + u, n);
        Vector h = loadPart(a.dState + row * units + u, n);
        if (a.gOutputs != nullptr) h += loadPart(a.gOutputs + at * units + u, n);
        const Vector ofInput = h * (1.0f - z) * (1.0f - k * k);
        const Vector first = h * (state - k) * ((1.0f - z) * z);
        const Vector second = ofInput * inner * ((1.0f - reset) * reset);
        storePart(ofProducts + u, first, n);
        storePart(ofProducts + units + u, second, n);
        storePart(ofProducts + 2 * units + u, ofInput, n);
        storePart(ofStates + u, first, n);
        storePart(ofStates + units + u, second, n);
        storePart(ofStates + 2 * units + u, ofInput * reset, n);
        storePart(a.dState + row * units + u, h * z, n);
      }
    }
    pullBack(a.shape, a.ofStates, a.packed, a.dState, t, from, to, true);
  }
}

}  // namespace

extern const RecurrenceRoutines recurrenceRoutines;
const RecurrenceRoutines recurrenceRoutines = {lanes,       packedSize,   packForward, packInput, packBackward,
                                               lstmForward, lstmBackward, gruForward,  gruBackward};

}  // namespace ANTLER_ISA
}  // namespace antler
