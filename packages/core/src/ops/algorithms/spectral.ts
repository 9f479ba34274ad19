/**
 * Spectra by Jacobi's rotations: eigenvectors of symmetric matrices, singular vectors (Hestenes' one-sided form), and the
 * pseudoinverse. Slower than what LAPACK does, but short and accurate to the last digits. NaN comes out where something not
 * finite went in. Each vector has its largest component positive (of u; v follows), as signs are free.
 */
import { copyOf, identity, isFinite, transposed, zeros, type Algorithm, type Matrix } from './matrices.js';

const mostSweeps = 60;
const epsilon = 2 ** -52;

/** Turns rows p and q of a matrix by an angle with the given cosine and sine. */
function rotate({ columns, data }: Matrix, p: number, q: number, c: number, s: number): void {
  for (let j = 0; j < columns; j++) {
    const [x, y] = [data[p * columns + j]!, data[q * columns + j]!];
    data[p * columns + j] = c * x - s * y;
    data[q * columns + j] = s * x + c * y;
  }
}

/** Cosine and sine of the smaller angle that makes [[a, b], [b, d]] diagonal. */
function rotation(a: number, b: number, d: number): readonly [c: number, s: number] {
  const ratio = (d - a) / (2 * b);
  const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(ratio, 1));
  const c = 1 / Math.hypot(tangent, 1);
  return [c, tangent * c];
}

/** Positions of numbers in their order. */
function orderOf(values: Float64Array, descending: boolean): number[] {
  const order = Array.from(values, (_, i) => i);
  return order.sort((i, j) => (descending ? values[j]! - values[i]! : values[i]! - values[j]!));
}

const dotOf = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const rowOf = ({ columns, data }: Matrix, i: number): Float64Array => data.subarray(i * columns, (i + 1) * columns);
const normOf = (v: Float64Array): number => Math.sqrt(dotOf(v, v));

/** −1 when the component of the largest size is negative. */
function signOf(v: Float64Array): number {
  return v.reduce((best, x) => (Math.abs(x) > Math.abs(best) * (1 + 1e-9) ? x : best), 0) < 0 ? -1 : 1;
}

/** Eigenvalues in ascending order, eigenvectors as columns. */
export const eigh: Algorithm = ([given], [w, v]) => {
  const n = given!.rows;
  if (!isFinite(given!)) {
    for (const { data } of [w!, v!]) data.fill(NaN);
    return;
  }
  const a = copyOf(given!);
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) a.data[i * n + j] = a.data[j * n + i]!;
  const vectors = identity(n);
  let changed = true;
  for (let sweep = 0; changed && sweep < mostSweeps; sweep++) {
    changed = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const [app, apq, aqq] = [a.data[p * n + p]!, a.data[p * n + q]!, a.data[q * n + q]!];
        if (Math.abs(apq) <= epsilon * 0.5 * Math.sqrt(Math.abs(app * aqq)) || Math.abs(apq) < 1e-300) continue;
        const [c, s] = rotation(app, apq, aqq);
        rotate(a, p, q, c, s);
        for (let i = 0; i < n; i++) {
          const [x, y] = [a.data[i * n + p]!, a.data[i * n + q]!];
          a.data[i * n + p] = c * x - s * y;
          a.data[i * n + q] = s * x + c * y;
        }
        rotate(vectors, p, q, c, s);
        changed = true;
      }
    }
  }
  const values = Float64Array.from({ length: n }, (_, i) => a.data[i * (n + 1)]!);
  orderOf(values, false).forEach((from, to) => {
    w!.data[to] = values[from]!;
    const vector = rowOf(vectors, from);
    const sign = signOf(vector);
    vector.forEach((x, i) => (v!.data[i * n + to] = sign * x));
  });
};

/** Singular values, descending, with orthonormal rows of both sides; u has as many rows as there are values. */
interface Singular {
  readonly u: Matrix;
  readonly s: Float64Array;
  readonly v: Matrix;
}

/** The factors of an m×n matrix with m ≥ n: its columns are made orthogonal by rotations. */
function tallSingular(a: Matrix): Singular {
  const n = a.columns;
  const columns = transposed(a);
  const vectors = identity(n);
  let changed = true;
  for (let sweep = 0; changed && sweep < mostSweeps; sweep++) {
    changed = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const [x, y] = [rowOf(columns, p), rowOf(columns, q)];
        const [xx, xy, yy] = [dotOf(x, x), dotOf(x, y), dotOf(y, y)];
        if (Math.abs(xy) <= epsilon * Math.sqrt(xx * yy) || Math.abs(xy) < 1e-300) continue;
        const [c, s] = rotation(xx, xy, yy);
        rotate(columns, p, q, c, s);
        rotate(vectors, p, q, c, s);
        changed = true;
      }
    }
  }
  const lengths = Float64Array.from({ length: n }, (_, i) => normOf(rowOf(columns, i)));
  const result = { u: zeros(n, a.rows), s: new Float64Array(n), v: zeros(n, n) };
  const order = orderOf(lengths, true);
  const tiny = (lengths[order[0]!] ?? 0) * epsilon * a.rows;
  order.forEach((from, to) => {
    const length = lengths[from]!;
    result.s[to] = length;
    const [x, y] = [rowOf(columns, from), rowOf(vectors, from)];
    const sign = signOf(x);
    rowOf(result.v, to).set(y.map((value) => sign * value));
    // What is as good as nothing has no direction; completing finds one.
    if (length > tiny) rowOf(result.u, to).set(x.map((value) => (sign * value) / length));
  });
  return { ...result, u: completed(result.u, n) };
}

function singular(a: Matrix): Singular {
  if (a.rows >= a.columns) return tallSingular(a);
  const { u, s, v } = tallSingular(transposed(a));
  return { u: v, s, v: u };
}

/** Rows of length 1 or 0 become `count` orthonormal rows: unit vectors fill the gaps, less what the others have of them. */
function completed(rows: Matrix, count: number): Matrix {
  const size = rows.columns;
  const all = zeros(count, size);
  all.data.set(rows.data);
  const isEmpty = (i: number): boolean => rowOf(all, i).every((x) => x === 0);
  let unit = 0;
  for (let i = 0; i < count; i++) {
    for (; isEmpty(i) && unit < size; unit++) {
      const vector = new Float64Array(size);
      vector[unit] = 1;
      // Twice, as the first time leaves rounding errors.
      for (let k = 0; k < 2 * count; k++) {
        const other = rowOf(all, k % count);
        const share = dotOf(vector, other);
        for (let j = 0; j < size; j++) vector[j]! -= share * other[j]!;
      }
      const length = normOf(vector);
      if (length > 1e-8) rowOf(all, i).set(vector.map((x) => x / length));
    }
  }
  return all;
}

/** a = u·diag(s)·vᵀ; the sizes of u and v say whether they are square. */
export const svd: Algorithm = ([a], [u, s, vt]) => {
  if (!isFinite(a!)) {
    for (const { data } of [u!, s!, vt!]) data.fill(NaN);
    return;
  }
  const found = singular(a!);
  s!.data.set(found.s);
  u!.data.set(transposed(completed(found.u, u!.columns)).data);
  vt!.data.set(completed(found.v, vt!.rows).data);
};

/** The pseudoinverse v·diag(1/s)·uᵀ, without the singular values that are too small. */
export const pinv: Algorithm = ([a], [p], { rcond }: { rcond: number }) => {
  if (!isFinite(a!)) {
    p!.data.fill(NaN);
    return;
  }
  const { u, s, v } = singular(a!);
  s.forEach((value, k) => {
    if (!(value > rcond * s[0]!)) return;
    const [left, right] = [rowOf(v, k), rowOf(u, k)];
    left.forEach((x, i) => {
      for (let j = 0; j < right.length; j++) p!.data[i * right.length + j]! += (x / value) * right[j]!;
    });
  });
};
