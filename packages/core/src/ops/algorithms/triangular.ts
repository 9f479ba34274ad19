/** Triangular systems, and the factorization of positive definite matrices into triangles. */
import type { Algorithm, Matrix } from './matrices.js';

/** Solves a·x = b in place, where one triangle of a is read. `unit`: its diagonal is taken for ones. */
export function substitute(
  { rows: n, data: a }: Matrix,
  { columns, data: x }: Matrix,
  lower: boolean,
  unit = false,
): void {
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const [first, end] = lower ? [0, i] : [i + 1, n];
    for (let k = first; k < end; k++) {
      const factor = a[i * n + k]!;
      for (let j = 0; j < columns; j++) x[i * columns + j]! -= factor * x[k * columns + j]!;
    }
    if (unit) continue;
    const pivot = a[i * n + i]!;
    for (let j = 0; j < columns; j++) x[i * columns + j]! /= pivot;
  }
}

/** x of a·x = b. */
export const solveTriangular: Algorithm = ([a, b], [x], { lower, unit }: { lower: boolean; unit: boolean }) => {
  x!.data.set(b!.data);
  substitute(a!, x!, lower, unit);
};

/** L of a = L·Lᵀ, row by row. Where a is not positive definite, the whole triangle is NaN. */
export const cholesky: Algorithm = ([a], [l]) => {
  const { rows: n, data } = l!;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a!.data[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= data[i * n + k]! * data[j * n + k]!;
      if (j < i) {
        data[i * n + j] = sum / data[j * n + j]!;
      } else if (sum > 0 && sum < Infinity) {
        data[i * n + i] = Math.sqrt(sum);
      } else {
        for (let row = 0; row < n; row++) data.fill(NaN, row * n, row * n + row + 1);
        return;
      }
    }
  }
};
