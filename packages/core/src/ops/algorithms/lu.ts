/** Gaussian elimination with partial pivoting, and what is solved and measured with it. */
import { copyOf, type Algorithm, type Matrix } from './matrices.js';
import { substitute } from './triangular.js';

/** Turns a matrix into L and U in place; gives the row that each row was exchanged with. */
function eliminate({ rows, columns, data: a }: Matrix): Int32Array {
  const pivots = new Int32Array(Math.min(rows, columns));
  for (let k = 0; k < pivots.length; k++) {
    let best = k;
    for (let i = k + 1; i < rows; i++) {
      if (Math.abs(a[i * columns + k]!) > Math.abs(a[best * columns + k]!)) best = i;
    }
    pivots[k] = best;
    exchange(a, columns, k, best);
    const pivot = a[k * columns + k]!;
    if (pivot === 0) continue;
    for (let i = k + 1; i < rows; i++) {
      const factor = (a[i * columns + k]! /= pivot);
      for (let j = k + 1; j < columns; j++) a[i * columns + j]! -= factor * a[k * columns + j]!;
    }
  }
  return pivots;
}

function exchange(data: Float64Array | Int32Array, columns: number, i: number, k: number): void {
  if (i === k) return;
  for (let j = 0; j < columns; j++) {
    const kept = data[i * columns + j]!;
    data[i * columns + j] = data[k * columns + j]!;
    data[k * columns + j] = kept;
  }
}

/** L and U in one matrix, the exchanges, and the permutation that they make. */
export const luFactor: Algorithm = ([a], [lu, pivots, permutation]) => {
  lu!.data.set(a!.data);
  const exchanges = eliminate(lu!);
  pivots!.data.set(exchanges);
  const order = permutation!.data;
  for (let i = 0; i < order.length; i++) order[i] = i;
  exchanges.forEach((k, i) => exchange(order, 1, i, k));
};

/** x of a·x = b; a singular a gives infinities and NaN. */
export const solve: Algorithm = ([a, b], [x]) => {
  const lu = copyOf(a!);
  const pivots = eliminate(lu);
  x!.data.set(b!.data);
  pivots.forEach((k, i) => exchange(x!.data, x!.columns, i, k));
  substitute(lu, x!, true, true);
  substitute(lu, x!, false);
};

/** The sign of a determinant and the logarithm of its size. */
export const slogdet: Algorithm = ([a], [sign, size]) => {
  const { rows: n, data } = copyOf(a!);
  const pivots = eliminate({ rows: n, columns: n, data });
  let [positive, sum] = [1, 0];
  pivots.forEach((k, i) => {
    const pivot = data[i * n + i]!;
    positive *= Math.sign(pivot) * (k === i ? 1 : -1);
    sum += Math.log(Math.abs(pivot));
  });
  sign!.data[0] = positive;
  size!.data[0] = sum;
};

/** The product of the pivots, with the sign of the exchanges. */
export const det: Algorithm = ([a], [d]) => {
  const { rows: n, data } = copyOf(a!);
  const pivots = eliminate({ rows: n, columns: n, data });
  d!.data[0] = pivots.reduce((product, k, i) => product * data[i * n + i]! * (k === i ? 1 : -1), 1);
};
