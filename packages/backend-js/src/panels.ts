/**
 * The inside of a matrix product: blocks of both operands copied into panels of three rows or columns, k by k, in
 * float64 (or int32), and a product of panels that keeps a 3 × 3 piece of the result in machine registers: 4 × 4 is slower
 * by a seventh, as it does not fit them. Every float32 product is exact in float64 and the sum is rounded once.
 */
import { halves, type Half, type HalfFormat, type TypedArray } from '@antler/core';

/** Lines of a panel: rows of a or columns of b. */
export const panelLines = 3;

/** So many lines that they fill panels. */
export function wholePanels(lines: number): number {
  return Math.ceil(lines / panelLines) * panelLines;
}

/** Copies `count` lines of `depth` elements into panels of `panelLines` lines; missing lines of the last panel are zeros. */
export type Pack<P extends TypedArray> = (
  panels: P,
  memory: TypedArray,
  base: number,
  lines: Int32Array,
  count: number,
  along: Int32Array,
  depth: number,
) => void;

/** Adds a panel of a (from `atA`) times a panel of b (from `atB`) to the 3 × 3 piece of the sums at `at`. */
export type Multiply<P extends TypedArray> = (
  sums: Float64Array,
  at: number,
  width: number,
  a: P,
  atA: number,
  b: P,
  atB: number,
  depth: number,
) => void;

/** Packing of floats. */
export const packFloats: Pack<Float64Array> = (panels, memory, base, lines, count, along, depth) => {
  for (let line = 0, to = 0; line < count; line += panelLines, to += panelLines * depth) {
    const present = Math.min(panelLines, count - line);
    if (present < panelLines) panels.fill(0, to, to + panelLines * depth);
    for (let i = 0; i < present; i++) {
      const start = base + lines[line + i]!;
      for (let k = 0; k < depth; k++) panels[to + panelLines * k + i] = memory[start + along[k]!]!;
    }
  }
};

const packHalves =
  ({ fromBits }: HalfFormat): Pack<Float64Array> =>
  (panels, memory, base, lines, count, along, depth) => {
    for (let line = 0, to = 0; line < count; line += panelLines, to += panelLines * depth) {
      const present = Math.min(panelLines, count - line);
      if (present < panelLines) panels.fill(0, to, to + panelLines * depth);
      for (let i = 0; i < present; i++) {
        const start = base + lines[line + i]!;
        for (let k = 0; k < depth; k++) panels[to + panelLines * k + i] = fromBits(memory[start + along[k]!]!);
      }
    }
  };

/** Packing of 16-bit floats. */
export const packsOfHalves: { readonly [D in Half]: Pack<Float64Array> } = {
  float16: packHalves(halves.float16),
  bfloat16: packHalves(halves.bfloat16),
};

/** Packing of integers. */
export const packIntegers: Pack<Int32Array> = (panels, memory, base, lines, count, along, depth) => {
  for (let line = 0, to = 0; line < count; line += panelLines, to += panelLines * depth) {
    const present = Math.min(panelLines, count - line);
    if (present < panelLines) panels.fill(0, to, to + panelLines * depth);
    for (let i = 0; i < present; i++) {
      const start = base + lines[line + i]!;
      for (let k = 0; k < depth; k++) panels[to + panelLines * k + i] = memory[start + along[k]!]!;
    }
  }
};

/** The product of float panels: 9 multiplications and additions for 6 loads. */
export const multiplyFloats: Multiply<Float64Array> = (sums, at, width, a, atA, b, atB, depth) => {
  let [c00, c01, c02] = [0, 0, 0];
  let [c10, c11, c12] = [0, 0, 0];
  let [c20, c21, c22] = [0, 0, 0];
  for (let k = 0; k < depth; k++) {
    const b0 = b[atB]!;
    const b1 = b[atB + 1]!;
    const b2 = b[atB + 2]!;
    let x = a[atA]!;
    c00 += x * b0;
    c01 += x * b1;
    c02 += x * b2;
    x = a[atA + 1]!;
    c10 += x * b0;
    c11 += x * b1;
    c12 += x * b2;
    x = a[atA + 2]!;
    c20 += x * b0;
    c21 += x * b1;
    c22 += x * b2;
    atA += 3;
    atB += 3;
  }
  addRow(sums, at, c00, c01, c02);
  addRow(sums, at + width, c10, c11, c12);
  addRow(sums, at + 2 * width, c20, c21, c22);
};

function addRow(sums: Float64Array, at: number, c0: number, c1: number, c2: number): void {
  sums[at]! += c0;
  sums[at + 1]! += c1;
  sums[at + 2]! += c2;
}

/** The product of integer panels, modulo 2^32. */
export const multiplyIntegers: Multiply<Int32Array> = (sums, at, width, a, atA, b, atB, depth) => {
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      let sum = sums[at + i * width + j]!;
      for (let k = 0; k < depth; k++) sum = (sum + Math.imul(a[atA + 3 * k + i]!, b[atB + 3 * k + j]!)) | 0;
      sums[at + i * width + j] = sum;
    }
  }
};

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
  atPanel: number,
  along: Int32Array,
): void {
  let p = atPanel;
  for (let lane = 0; lane < lanes.length; lane += 3) {
    const [at0, at1, at2] = [start + lanes[lane]!, start + lanes[lane + 1]!, start + lanes[lane + 2]!];
    let [c0, c1, c2] = [0, 0, 0];
    for (let k = 0; k < along.length; k++) {
      const step = along[k]!;
      c0 += from[at0 + step]! * panels[p]!;
      c1 += from[at1 + step]! * panels[p + 1]!;
      c2 += from[at2 + step]! * panels[p + 2]!;
      p += 3;
    }
    addRow(sums, at + lane, c0, c1, c2);
  }
}
