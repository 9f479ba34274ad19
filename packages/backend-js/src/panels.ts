/**
 * The inside of a matrix product: blocks of both operands copied into panels of three rows or two columns, k by k, in
 * float64 (or int32), and a product of panels that keeps a 3 × 2 piece of the result in machine registers: V8 loads all
 * operands of a turn before it multiplies, and those of a larger piece push its sums out to the stack, which takes half as
 * long again. Every float32 product is exact in float64 and the sum is rounded once.
 */
import type { TypedArray } from '@antler/core';

/** Rows of a in a panel. */
export const panelRows = 3;

/** Columns of b in a panel. */
export const panelColumns = 2;

/** Lanes in a panel. */
export const panelLanes = 3;

/** So many lines that they fill panels of `size` lines. */
export function wholePanels(lines: number, size: number): number {
  return Math.ceil(lines / size) * size;
}

/** From row to row of the sums of a block with so many columns: whole panels of either kind. */
export function strideOf(columns: number): number {
  return wholePanels(columns, panelColumns * panelLanes);
}

/** The last position of a panel. */
const lastPosition = 0xffff;

/** Copies `count` lines of `depth` elements into panels of `size` lines; missing lines of the last panel are zeros. */
export type Pack<P extends TypedArray> = (
  panels: P,
  size: number,
  memory: TypedArray,
  base: number,
  lines: Int32Array,
  count: number,
  along: Int32Array,
  depth: number,
) => void;

/**
 * Adds a panel of a (from `atA` in its room) times a panel of b (from `atB`) to the 3 × 2 piece of the sums at `at`, whose
 * rows are `width` apart.
 */
export type Multiply = (sums: Float64Array, at: number, width: number, atA: number, atB: number, depth: number) => void;

/** Packing of floats. */
export const packFloats: Pack<Float64Array> = (panels, size, memory, base, lines, count, along, depth) => {
  for (let line = 0, to = 0; line < count; line += size, to += size * depth) {
    const present = Math.min(size, count - line);
    if (present < size) panels.fill(0, to, to + size * depth);
    for (let i = 0; i < present; i++) {
      const start = base + lines[line + i]!;
      for (let k = 0; k < depth; k++) panels[to + size * k + i] = memory[start + along[k]!]!;
    }
  }
};

/** Packing of integers. */
export const packIntegers: Pack<Int32Array> = (panels, size, memory, base, lines, count, along, depth) => {
  for (let line = 0, to = 0; line < count; line += size, to += size * depth) {
    const present = Math.min(size, count - line);
    if (present < size) panels.fill(0, to, to + size * depth);
    for (let i = 0; i < present; i++) {
      const start = base + lines[line + i]!;
      for (let k = 0; k < depth; k++) panels[to + size * k + i] = memory[start + along[k]!]!;
    }
  }
};

/** The product of floats: room for the panels of whichever runs, of a and of b, and what multiplies two of them. */
export interface FloatProduct {
  /** A block must end before `lastPosition`. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly multiply: Multiply;
}

// The room is of one size for good and a constant of the only closure, so that V8 knows it where it compiles the product:
// a position under the mask needs no check of its bounds. It would not see through an export or a variable.
function makeFloatProduct(): FloatProduct {
  const roomA = new Float64Array(lastPosition + panelRows);
  const roomB = new Float64Array(lastPosition + panelColumns);
  // 6 multiplications and additions for 5 loads.
  const multiply: Multiply = (sums, at, width, atA, atB, depth) => {
    let [c00, c01] = [0, 0];
    let [c10, c11] = [0, 0];
    let [c20, c21] = [0, 0];
    for (let k = 0; k < depth; k++) {
      const i = atA & lastPosition;
      const j = atB & lastPosition;
      const b0 = roomB[j]!;
      const b1 = roomB[j + 1]!;
      const a0 = roomA[i]!;
      c00 += a0 * b0;
      c01 += a0 * b1;
      const a1 = roomA[i + 1]!;
      c10 += a1 * b0;
      c11 += a1 * b1;
      const a2 = roomA[i + 2]!;
      c20 += a2 * b0;
      c21 += a2 * b1;
      atA += 3;
      atB += 2;
    }
    addRow(sums, at, c00, c01);
    addRow(sums, at + width, c10, c11);
    addRow(sums, at + 2 * width, c20, c21);
  };
  return { a: roomA, b: roomB, multiply };
}

/** The one product of floats. */
export const floatProduct: FloatProduct = /* @__PURE__ */ makeFloatProduct();

function addRow(sums: Float64Array, at: number, c0: number, c1: number): void {
  sums[at]! += c0;
  sums[at + 1]! += c1;
}

/** The product of integer panels, modulo 2^32. */
export const multiplyIntegers =
  (a: Int32Array, b: Int32Array): Multiply =>
  (sums, at, width, atA, atB, depth) => {
    for (let i = 0; i < panelRows; i++) {
      for (let j = 0; j < panelColumns; j++) {
        let sum = sums[at + i * width + j]!;
        for (let k = 0; k < depth; k++) {
          sum = (sum + Math.imul(a[atA + panelRows * k + i]!, b[atB + panelColumns * k + j]!)) | 0;
        }
        sums[at + i * width + j] = sum;
      }
    }
  };

/** Adds the product of all packed panels to the sums of a block. */
export function multiplyPanels(
  multiply: Multiply,
  sums: Float64Array,
  stride: number,
  rows: number,
  columns: number,
  depth: number,
): void {
  for (let j = 0; j < columns; j += panelColumns) {
    for (let i = 0; i < rows; i += panelRows) multiply(sums, i * stride + j, stride, i * depth, j * depth, depth);
  }
}

/**
 * Adds to a row of sums, column by column, what the column's own elements of `from` (at `lanes[column] + along[k]` from
 * `start` on) give with its line of the panels: a product of matrices that shares nothing between columns.
 */
export function multiplyLanes(
  sums: Float64Array,
  at: number,
  from: Float64Array,
  start: number,
  lanes: Int32Array,
  panels: Float64Array,
  along: Int32Array,
): void {
  let p = 0;
  for (let lane = 0; lane < lanes.length; lane += panelLanes) {
    const [at0, at1, at2] = [start + lanes[lane]!, start + lanes[lane + 1]!, start + lanes[lane + 2]!];
    let [c0, c1, c2] = [0, 0, 0];
    for (let k = 0; k < along.length; k++) {
      const step = along[k]!;
      c0 += from[at0 + step]! * panels[p]!;
      c1 += from[at1 + step]! * panels[p + 1]!;
      c2 += from[at2 + step]! * panels[p + 2]!;
      p += panelLanes;
    }
    addRow(sums, at + lane, c0, c1);
    sums[at + lane + 2]! += c2;
  }
}
