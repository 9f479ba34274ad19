/** Factorization into orthonormal columns and an upper triangle by Householder reflections, with the signs of LAPACK. */
import { copyOf, identity, type Algorithm, type Matrix } from './matrices.js';

/** A reflection x − τ·v·(v·x) of the rows from `first` on; v is 1 there. */
interface Reflection {
  readonly first: number;
  readonly v: Float64Array;
  readonly tau: number;
}

/** The reflection that takes a column, from `first` on, to a multiple of the first unit vector. */
function reflectionOf({ rows, columns, data }: Matrix, first: number): Reflection {
  const v = new Float64Array(rows - first);
  for (let i = 0; i < v.length; i++) v[i] = data[(first + i) * columns + first]!;
  const alpha = v[0]!;
  const below = Math.sqrt(v.subarray(1).reduce((sum, x) => sum + x * x, 0));
  v[0] = 1;
  // Nothing to remove: the identity, which keeps the sign.
  if (below === 0) return { first, v, tau: 0 };
  const beta = -Math.hypot(alpha, below) * (alpha < 0 ? -1 : 1);
  for (let i = 1; i < v.length; i++) v[i]! /= alpha - beta;
  return { first, v, tau: (beta - alpha) / beta };
}

function reflect({ columns, data }: Matrix, { first, v, tau }: Reflection): void {
  if (tau === 0) return;
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let i = 0; i < v.length; i++) sum += v[i]! * data[(first + i) * columns + j]!;
    for (let i = 0; i < v.length; i++) data[(first + i) * columns + j]! -= tau * v[i]! * sum;
  }
}

/** a = q·r; how many columns q has decides between the reduced and the complete form. */
export const qr: Algorithm = ([a], [q, r]) => {
  const work = copyOf(a!);
  const reflections: Reflection[] = [];
  for (let k = 0; k < Math.min(work.rows, work.columns); k++) {
    const reflection = reflectionOf(work, k);
    reflections.push(reflection);
    reflect(work, reflection);
  }
  for (let i = 0; i < r!.rows; i++) {
    for (let j = i; j < r!.columns; j++) r!.data[i * r!.columns + j] = work.data[i * work.columns + j]!;
  }
  const all = identity(work.rows);
  for (const reflection of reflections.reverse()) reflect(all, reflection);
  for (let i = 0; i < q!.rows; i++) {
    for (let j = 0; j < q!.columns; j++) q!.data[i * q!.columns + j] = all.data[i * all.columns + j]!;
  }
};
