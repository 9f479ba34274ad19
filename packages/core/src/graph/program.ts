/**
 * The Program: what core hands to a backend. A straight line of a few kinds of kernel over planned slots,
 * every shape, stride and offset a number. This file and `runtime/backend.ts` are the whole contract.
 */
import type { ConvParams, ConvShapes } from '../ops/primitives/convolution.js';
import type { DType } from '../dtype.js';
import type { HostAlgorithm } from '../ops/algorithms/matrices.js';
import type { Opcode } from './opcodes.js';

/** A straight line of kernels over slots. */
export interface Program {
  /** Equal keys mean equal programs: the backend may cache by it. */
  readonly key: string;
  /** Slots that are not `temp` come first, in the order in which `run` receives their regions. */
  readonly slots: readonly Slot[];
  /** Dtypes of the numbers that arrive with each run. */
  readonly scalars: readonly DType[];
  readonly kernels: readonly Kernel[];
  /** Where bad indices are reported, when the program has any kernel that can meet one. */
  readonly faults: Faults | null;
}

/** A piece of device memory that kernels name by its number. */
export interface Slot {
  readonly bytes: number;
  /** `temp` memory belongs to the backend and holds nothing between runs; `inout` is read, then overwritten. */
  readonly role: 'input' | 'output' | 'inout' | 'temp';
}

/**
 * Sites that can fault. The fault slot holds two int32: the site's number plus 1 (0: no fault), and the bad index. As an
 * `output` the backend clears it when a run begins; as an `inout` it keeps what is there, so the first fault of several runs.
 */
export interface Faults {
  readonly slot: number;
  readonly sites: readonly FaultSite[];
}

/** What to say about a bad index: which operation, in which layer, and how many entries the axis has. */
export interface FaultSite {
  readonly op: string;
  readonly scope: string;
  readonly limit: number;
  /** Where it was recorded, when `setDebug('stack')` asks. */
  readonly stack?: string | undefined;
}

/** An affine window on a slot: element `offset + Σ turns·turn + Σ strides·index`, all in elements of `dtype`. */
export interface View {
  readonly slot: number;
  readonly dtype: DType;
  readonly offset: number;
  /** Added once per turn of each enclosing `repeat`, outermost first; absent outside of one. */
  readonly turns?: readonly number[];
  /** One per axis that the kernel says the view has; 0 repeats an element. */
  readonly strides: readonly number[];
}

/** One step of a scalar body. Values are numbered in order; `args` are numbers of earlier values. */
export type Instruction =
  | { readonly op: 'load'; readonly input: number; readonly dtype: DType }
  | { readonly op: 'const'; readonly value: number; readonly dtype: DType }
  | { readonly op: 'scalar'; readonly index: number; readonly dtype: DType }
  /** Position along an axis of the loop's shape (iota). */
  | { readonly op: 'index'; readonly axis: number; readonly dtype: DType }
  /** Computes in the dtype of its arguments; `dtype` is the result's. */
  | { readonly op: Opcode; readonly args: readonly number[]; readonly dtype: DType };

/** Stores a numbered value through a view. */
export interface Store {
  readonly view: View;
  readonly value: number;
}

/** Folds a body value over the loop's reduced axes. Its result has the value's dtype. */
export interface Reduction {
  readonly op: ReduceOp;
  readonly value: number;
}

/** How a reduction folds two values. */
export type ReduceOp = 'sum' | 'prod' | 'max' | 'min';

/** What every kernel has. */
interface AnyKernel {
  /** Paths of the layers that recorded what it does; empty outside of layers. */
  readonly scopes: readonly string[];
}

/**
 * For every index of `shape`: run `body`. The last `reduced` axes are folded by `reductions`; then, for every index of the
 * kept axes, run `epilogue`. Values: body 0…b−1, reductions b…b+r−1, epilogue b+r…
 *
 * A store of a body value covers all axes; a store of a later value has stride 0 on the reduced axes and happens once.
 * Loads of the epilogue have stride 0 on the reduced axes. An input that shares a slot with an output is read at exactly
 * the index that is written, so a kernel may work in place in any order.
 */
export interface LoopKernel extends AnyKernel {
  readonly kind: 'loop';
  readonly shape: readonly number[];
  readonly reduced: number;
  readonly inputs: readonly View[];
  readonly body: readonly Instruction[];
  readonly reductions: readonly Reduction[];
  readonly epilogue: readonly Instruction[];
  readonly stores: readonly Store[];
}

/**
 * out[batch, m, n] = Σ_k a[batch, m, k] · b[batch, k, n], each of the four a list of axes (possibly none).
 * Value 0 of the epilogue is the sum; `inputs` and `stores` have strides over [...batch, ...m, ...n].
 */
export interface DotKernel extends AnyKernel {
  readonly kind: 'dot';
  readonly dtype: DType;
  readonly batch: readonly number[];
  readonly m: readonly number[];
  readonly n: readonly number[];
  readonly k: readonly number[];
  /** Strides over [...batch, ...m, ...k]. */
  readonly a: View;
  /** Strides over [...batch, ...k, ...n]. */
  readonly b: View;
  readonly inputs: readonly View[];
  readonly epilogue: readonly Instruction[];
  readonly stores: readonly Store[];
}

/**
 * One map of a convolution over arrays input [batch, ...spatial, groups · channels], kernel [...taps, channels, filters] and
 * output [batch, ...spatial, filters], summed over all (o, k) with
 * input[n, o · stride + k · dilation − low, c], kernel[k, c, f], output[n, o, f] inside of the arrays:
 *
 * - `output`: output = Σ input · kernel (a input, b kernel)
 * - `input`: input = Σ output · kernel (a output, b kernel)
 * - `kernel`: kernel = Σ input · output (a input, b output)
 *
 * Channels and filters are cut into `groups` equal parts; filter f sees the channels of its own part alone. Views have one
 * stride per axis of their array. A backend may count what lies outside as zeros (0 · ∞ is then NaN). Value 0 of the
 * epilogue is the sum; `inputs` and `stores` have strides over the result.
 */
export interface ConvKernel extends AnyKernel, ConvParams, ConvShapes {
  readonly kind: 'conv';
  readonly dtype: DType;
  readonly a: View;
  readonly b: View;
  readonly inputs: readonly View[];
  readonly epilogue: readonly Instruction[];
  readonly stores: readonly Store[];
}

/** What gather and scatter share: which axes exist and where the indices are. */
interface IndexedKernel extends AnyKernel {
  readonly batch: readonly number[];
  readonly index: readonly number[];
  /** Sizes of the K indexed axes: index k must lie in [−limits[k], limits[k]). */
  readonly limits: readonly number[];
  readonly slice: readonly number[];
  /** int32, strides over [...batch, ...index, K]. */
  readonly indices: View;
  /**
   * Number of the first of the K fault sites. The first bad index of the program, in any order, wins. Null: no index is
   * bad, those outside of [0, limits[k]) mean the nearest one inside.
   */
  readonly site: number | null;
}

/** out[batch, index, slice] = x[batch, indices[batch, index, :], slice]; a bad index gives NaN, or the smallest integer. */
export interface GatherKernel extends IndexedKernel {
  readonly kind: 'gather';
  /** Strides over [...batch, ...limits, ...slice]. */
  readonly x: View;
  /** Strides over [...batch, ...index, ...slice]. */
  readonly out: View;
}

/** Writes updates[batch, index, slice] into out[batch, indices[batch, index, :], slice]; a bad index writes nothing. */
export interface ScatterKernel extends IndexedKernel {
  readonly kind: 'scatter';
  /** `set`: the last duplicate in row-major order wins. The others fold, in row-major order. */
  readonly mode: ScatterMode;
  /** Strides over [...batch, ...index, ...slice]. */
  readonly updates: View;
  /** Holds the starting values already; strides over [...batch, ...limits, ...slice]. */
  readonly out: View;
}

/**
 * out[outer, i] = the fold of x[outer, 0 … i], of x[outer, 0 … i − 1] when exclusive. Starts from what a reduction of nothing
 * gives; sums and products of floats are rounded when stored, not on the way.
 */
export interface CumulateKernel extends AnyKernel {
  readonly kind: 'cumulate';
  readonly op: ReduceOp;
  readonly exclusive: boolean;
  /** The last axis is cumulated. */
  readonly shape: readonly number[];
  readonly x: View;
  readonly out: View;
}

/**
 * Sorts every row of keys along the last axis of `shape` and takes the payloads along: stable; NaN comes last in either
 * direction; the two zeros are equal. `inputs[0]` and `outputs[0]` are the keys.
 */
export interface SortKernel extends AnyKernel {
  readonly kind: 'sort';
  readonly descending: boolean;
  readonly shape: readonly number[];
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
}

/** What an update does to the value at its place; of several sets at one place, the last in row-major order wins. */
export type ScatterMode = 'set' | 'add' | 'max' | 'min';

/** Runs its kernels `count` times, in order. Views inside have one more entry in `turns`. */
export interface RepeatKernel extends AnyKernel {
  readonly kind: 'repeat';
  readonly count: number;
  readonly kernels: readonly Kernel[];
}

/** A named operation that a backend chose to run directly (see `ops/composites` for its meaning). */
export interface CompositeKernel extends AnyKernel {
  readonly kind: 'composite';
  readonly name: string;
  readonly params: unknown;
  /** What it means where nothing else says it: it has no decomposition. */
  readonly host?: HostAlgorithm | undefined;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
}

/** A view with the sizes of its axes. */
export interface Operand {
  readonly view: View;
  readonly shape: readonly number[];
}

/** One step of a program. */
export type Kernel =
  | LoopKernel
  | DotKernel
  | ConvKernel
  | GatherKernel
  | ScatterKernel
  | CumulateKernel
  | SortKernel
  | RepeatKernel
  | CompositeKernel;

/** What a backend's table of kernels has rows for. */
export type KernelKind = Kernel['kind'];
