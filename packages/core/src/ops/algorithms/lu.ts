/** Gaussian elimination with partial pivoting, and what is solved and measured with it. */
import { copyOf, identity, transposed, type Algorithm, type Matrix } from './matrices.js';
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

/**
 * det(a)·a⁻ᵀ, for singular matrices as well. With columns exchanged too, a matrix of rank n − 1 has no pivot of 0 but the last,
 * d; for u = [u₁ v; 0 d] and p the product of the other pivots, det(u)·u⁻¹·[b; c] is p·[u₁⁻¹·(d·b − v·c); c].
 */
export const cofactors: Algorithm = ([a], [result]) => {
  const n = a!.rows;
  const [u, x] = [copyOf(a!), identity(n)];
  const columns: number[] = [];
  let p = 1;
  for (let k = 0; k + 1 < n; k++) {
    const [row, column] = largestFrom(u, k);
    for (const { data } of [u, x]) exchange(data, n, k, row);
    exchangeColumns(u, k, column);
    columns.push(column);
    const pivot = u.data[k * n + k]!;
    p *= pivot * (row === k ? 1 : -1) * (column === k ? 1 : -1);
    // Of rank n − 2 or less.
    if (pivot === 0) return void result!.data.fill(0);
    for (let i = k + 1; i < n; i++) {
      const factor = u.data[i * n + k]! / pivot;
      for (let j = k + 1; j < n; j++) u.data[i * n + j]! -= factor * u.data[k * n + j]!;
      for (let j = 0; j < n; j++) x.data[i * n + j]! -= factor * x.data[k * n + j]!;
    }
  }
  const d = u.data[n * n - 1]!;
  for (let i = 0; i + 1 < n; i++) {
    const v = u.data[i * n + n - 1]!;
    for (let j = 0; j < n; j++) x.data[i * n + j] = d * x.data[i * n + j]! - v * x.data[(n - 1) * n + j]!;
    u.data[i * n + n - 1] = 0;
  }
  u.data[n * n - 1] = 1;
  substitute(u, x, false);
  for (let k = columns.length - 1; k >= 0; k--) exchange(x.data, n, k, columns[k]!);
  result!.data.set(transposed(x).data.map((c) => p * c));
};

/** Where the largest element of the rows and columns from k on is. */
function largestFrom({ rows: n, data }: Matrix, k: number): readonly [row: number, column: number] {
  let best = k * n + k;
  for (let i = k; i < n; i++) {
    for (let j = k; j < n; j++) if (Math.abs(data[i * n + j]!) > Math.abs(data[best]!)) best = i * n + j;
  }
  return [Math.floor(best / n), best % n];
}

function exchangeColumns({ rows, columns, data }: Matrix, i: number, k: number): void {
  for (let row = 0; row < rows; row++) {
    const [first, second] = [data[row * columns + i]!, data[row * columns + k]!];
    data[row * columns + i] = second;
    data[row * columns + k] = first;
  }
}
