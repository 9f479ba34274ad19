/** Matrices in float64: what the algorithms of linear algebra work on. */

/** Rows one after the other. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** A matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** Ones on the diagonal. */
export function identity(size: number): Matrix {
  const made = zeros(size, size);
  for (let i = 0; i < size; i++) made.data[i * (size + 1)] = 1;
  return made;
}

/** The same numbers in memory of their own. */
export function copyOf({ rows, columns, data }: Matrix): Matrix {
  return { rows, columns, data: data.slice() };
}

/** Rows become columns. */
export function transposed({ rows, columns, data }: Matrix): Matrix {
  const made = zeros(columns, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) made.data[j * rows + i] = data[i * columns + j]!;
  }
  return made;
}

/** True when no number is NaN or infinite. */
export function isFinite({ data }: Matrix): boolean {
  return data.every(Number.isFinite);
}

/**
 * Fills the results of one problem. Vectors and scalars come as matrices of one row. All is computed in float64, and rounded
 * when it is stored.
 */
export type Algorithm = (inputs: readonly Matrix[], outputs: readonly Matrix[], params: never) => void;

/** What an operation without a decomposition means: an algorithm for each index of its operands' leading axes. */
export interface HostAlgorithm {
  /** How many trailing axes of each operand make one problem: 2 for matrices, 1 for vectors, 0 for scalars. */
  readonly inputs: readonly number[];
  /** The same for the results, which are zeros before. */
  readonly outputs: readonly number[];
  readonly solve: Algorithm;
}
