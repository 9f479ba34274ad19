/** The primitives: the closed set that every operation is composed of, with the parameters of each. */
import type { DType } from '../dtype.js';
import type { Graph } from '../graph/graph.js';
import type { Opcode } from '../graph/opcodes.js';
import type { ReduceOp, ScatterMode } from '../graph/program.js';
import type { CompositeParams } from '../ops/composites/composite.js';
import type { ConvParams, WindowParams } from '../ops/primitives/convolution.js';
import type { CumulateParams } from '../ops/primitives/ordering.js';

/** No parameters. */
export type None = Readonly<Record<never, never>>;

/** Scalar operations that take operands of one type and nothing else: the primitives of these names are element-wise. */
export type PlainOpcode = Exclude<Opcode, 'cast' | 'bitcast' | 'select'>;

/** Parameters of each primitive: plain JSON, but graphs (compared by their key) and functions (which the name beside them says). */
export interface PrimitiveParams extends Readonly<Record<PlainOpcode, None>> {
  readonly cast: { readonly dtype: DType };
  readonly bitcast: { readonly dtype: DType };
  readonly select: None;
  // leaves
  readonly const: { readonly value: number; readonly dtype: DType };
  /** Positions 0 … length − 1. */
  readonly iota: { readonly length: number; readonly dtype: DType };
  // movement
  readonly reshape: { readonly shape: readonly number[] };
  /** Axis i of the result is axis `permutation[i]` of the input. */
  readonly transpose: { readonly permutation: readonly number[] };
  /** Axis i of the input becomes axis `axes[i]` of the result (increasing); a size-1 axis may grow. */
  readonly broadcast: { readonly shape: readonly number[]; readonly axes: readonly number[] };
  /** Elements start, start + stride, … below limit, per axis; strides are positive. */
  readonly slice: {
    readonly start: readonly number[];
    readonly limit: readonly number[];
    readonly stride: readonly number[];
  };
  /** Inputs: x and a scalar. Negative `low` and `high` cut; `interior` goes between neighbours. */
  readonly pad: {
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly interior: readonly number[];
  };
  readonly concat: { readonly axis: number };
  readonly flip: { readonly axes: readonly number[] };
  /** Result: x's axes, of which those that slide count windows, then one axis of taps for each of them. */
  readonly window: WindowParams;
  /** Inputs: x and the start of a window on each axis (int32 [rank]), moved so that the window lies within x. */
  readonly dynamicSlice: { readonly sizes: readonly number[] };
  /** Inputs: x, starts as above, and updates, which replace the window. */
  readonly dynamicUpdateSlice: None;
  // indexing
  /**
   * x [batch, indexed, slice], indices int32 [batch, index, K] → [batch, index, slice]: the first `batch` axes go together,
   * the next K axes of x are indexed.
   */
  readonly gather: { readonly batch: number };
  /** x [batch, indexed, slice], indices int32 [batch, index, K], updates [batch, index, slice] → x with the updates. */
  readonly scatter: { readonly batch: number; readonly mode: ScatterMode };
  // folding
  readonly reduce: { readonly op: ReduceOp; readonly axes: readonly number[] };
  /** Each entry of an axis becomes the fold of what comes before it and, unless `exclusive`, of itself. */
  readonly cumulate: CumulateParams;
  /** Inputs: keys and payloads of one shape; outputs: all of them in the order of the keys, stable, NaN last. */
  readonly sort: { readonly axis: number; readonly descending: boolean };
  // contraction
  /** Result: batch axes, then a's remaining axes, then b's. */
  readonly dot: {
    readonly contract: readonly [a: readonly number[], b: readonly number[]];
    readonly batch: readonly [a: readonly number[], b: readonly number[]];
  };
  /** Inputs: the two that `map` does not name, in the order input, kernel, output (output first for `input`). Channels last. */
  readonly conv: ConvParams;
  // structure
  readonly stopGradient: None;
  /** Any number of inputs, given through; neither elimination of common nodes nor fusion crosses it. */
  readonly barrier: None;
  /** A named operation with its meaning beside it. */
  readonly composite: CompositeParams;
  /**
   * Inputs: constants, carries, sequences (axis 0 has `length`). Body: (constants, carries, one entry of each sequence) →
   * (new carries, one entry of each result). Outputs: last carries, stacked results, then for each carry its values
   * before every step, stacked (the residuals of the gradient). Entry i of all stacks belongs to entry i of the sequences;
   * `reverse` runs from the last to the first.
   */
  readonly scan: {
    readonly body: Graph;
    readonly length: number;
    readonly carries: number;
    readonly sequences: number;
    readonly reverse: boolean;
  };
}

/** The name of a primitive. */
export type Primitive = keyof PrimitiveParams;
