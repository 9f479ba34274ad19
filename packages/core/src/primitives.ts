/**
 * The primitives: the closed set that every operation is composed of. One table gives each its shape and dtype rule and says
 * what it declares about itself; gradients (`autodiff/rules.ts`) and lowering are total tables over the same keys.
 */
import { convShapes, windowShape, type ConvParams, type WindowParams } from './convolution.js';
import { dtypes, isFloat, isInteger, type DType } from './dtype.js';
import { DTypeError, ShapeError, describe } from './errors.js';
import type { Graph, Type } from './graph/graph.js';
import { opcodes, type Opcode } from './graph/opcodes.js';
import type { ReduceOp, ScatterMode } from './graph/program.js';
import type { CompositeParams } from './ops/composites/composite.js';
import * as ordering from './ops/orders.js';
import { sameShape, showShape, sizeOf, sizesAt } from './shape.js';

type None = Readonly<Record<never, never>>;

/** Scalar operations that take operands of one type and nothing else: the primitives of these names are element-wise. */
type PlainOpcode = Exclude<Opcode, 'cast' | 'bitcast' | 'select'>;

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
  readonly cumulate: ordering.CumulateParams;
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

/**
 * What fusion may do with it. `elementwise`: one scalar opcode per element. `leaf`: computed anywhere from nothing.
 * `view`: an affine window, no work. `reduce`: folds a loop. `kernel`: a kernel of its own. `structure`: holds graphs or
 * is transparent.
 */
export type Fusability = 'elementwise' | 'leaf' | 'view' | 'reduce' | 'kernel' | 'structure';

interface PrimitiveRow<Params> {
  readonly fusability: Fusability;
  /** Types of the outputs; throws a typed error that begins with `where` when the inputs do not fit. */
  infer(where: string, inputs: readonly Type[], params: Params): readonly Type[];
}

/** What an opcode takes, as a test and in words. */
const dtypeTests = {
  any: [(): boolean => true, 'any dtype'],
  number: [(dtype: DType): boolean => dtype !== 'bool', 'a number dtype'],
  float: [isFloat, 'a float dtype'],
  integer: [isInteger, 'an integer dtype'],
  discrete: [(dtype: DType): boolean => !isFloat(dtype), 'an integer or bool dtype'],
  uint32: [(dtype: DType): boolean => dtype === 'uint32', 'uint32 key and counter words'],
} as const;

function checkArity(where: string, inputs: readonly Type[], count: number): void {
  if (inputs.length !== count) {
    throw new ShapeError(describe(where, `${count} operand${count === 1 ? '' : 's'}`, String(inputs.length)));
  }
}

function checkDType(where: string, dtype: DType, expected: keyof typeof dtypeTests): void {
  const [test, words] = dtypeTests[expected];
  if (!test(dtype)) throw new DTypeError(describe(where, words, dtype, 'Convert with cast(x, dtype).'));
}

function checkSameDType(where: string, a: Type, b: Type, what = 'operands'): void {
  if (a.dtype !== b.dtype) throw new DTypeError(describe(where, `${what} of one dtype`, `${a.dtype} and ${b.dtype}`));
}

function checkSameShape(where: string, a: Type, b: Type): void {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(describe(where, 'operands of one shape', `${showShape(a.shape)} and ${showShape(b.shape)}`));
  }
}

/** Rule of an element-wise primitive: operands of one type; the result has it too, or is bool. */
function elementwise({ arity, takes, result }: (typeof opcodes)[Opcode]): PrimitiveRow<None> {
  return {
    fusability: 'elementwise',
    infer(where, inputs): readonly Type[] {
      checkArity(where, inputs, arity);
      const [first] = inputs as readonly [Type];
      for (const type of inputs) {
        checkDType(where, type.dtype, takes);
        checkSameDType(where, first, type);
        checkSameShape(where, first, type);
      }
      return [result === 'bool' ? { shape: first.shape, dtype: 'bool' } : first];
    },
  };
}

interface Operands {
  readonly 1: readonly [Type];
  readonly 2: readonly [Type, Type];
  readonly 3: readonly [Type, Type, Type];
}

/** A primitive with so many operands and one result. */
function single<Params, N extends keyof Operands>(
  fusability: Fusability,
  arity: N,
  infer: (where: string, inputs: Operands[N], params: Params) => Type,
): PrimitiveRow<Params> {
  return {
    fusability,
    infer(where, inputs, params): readonly Type[] {
      checkArity(where, inputs, arity);
      const type = infer(where, inputs as Operands[N], params);
      sizeOf(type.shape, where);
      return [type];
    },
  };
}

const plain = Object.fromEntries(Object.entries(opcodes).map(([name, row]) => [name, elementwise(row)])) as {
  readonly [O in PlainOpcode]: PrimitiveRow<None>;
};

/** The table. A primitive without a row does not compile. */
export const primitives: { readonly [P in Primitive]: PrimitiveRow<PrimitiveParams[P]> } = {
  ...plain,
  cast: single('elementwise', 1, (_where, [{ shape }], { dtype }) => ({ shape, dtype })),
  bitcast: single('elementwise', 1, (where, [x], { dtype }) => {
    if (dtypes[dtype].bytes !== dtypes[x.dtype].bytes || dtype === 'bool' || x.dtype === 'bool') {
      throw new DTypeError(describe(where, `a dtype as wide as ${x.dtype}, neither of them bool`, dtype));
    }
    return { shape: x.shape, dtype };
  }),
  select: single('elementwise', 3, (where, [condition, a, b]) => {
    if (condition.dtype !== 'bool') throw new DTypeError(describe(where, 'a bool condition', condition.dtype));
    checkSameDType(where, a, b, 'branches');
    checkSameShape(where, condition, a);
    checkSameShape(where, a, b);
    return a;
  }),
  const: { fusability: 'leaf', infer: (_where, _inputs, { dtype }) => [{ shape: [], dtype }] },
  iota: { fusability: 'leaf', infer: (_where, _inputs, { length, dtype }) => [{ shape: [length], dtype }] },
  reshape: single('view', 1, (where, [x], { shape }) => {
    const size = sizeOf(x.shape, where);
    if (size !== sizeOf(shape, where)) {
      const expected = `a shape of ${size} elements for x of ${showShape(x.shape)}`;
      throw new ShapeError(describe(where, expected, showShape(shape)));
    }
    return { shape, dtype: x.dtype };
  }),
  transpose: single('view', 1, (where, [x], { permutation }) => {
    const rank = x.shape.length;
    const isValid = permutation.length === rank && permutation.every((p) => p >= 0 && p < rank);
    if (!isValid || new Set(permutation).size !== rank) {
      throw new ShapeError(describe(where, `a permutation of ${rank} axes`, showShape(permutation)));
    }
    return { shape: sizesAt(x.shape, permutation), dtype: x.dtype };
  }),
  broadcast: single('view', 1, (where, [x], { shape, axes }) => {
    const fits =
      axes.length === x.shape.length &&
      axes.every((axis, i) => (i === 0 || axis > axes[i - 1]!) && (x.shape[i] === 1 || x.shape[i] === shape[axis]));
    if (!fits) {
      throw new ShapeError(describe(where, `a shape that ${showShape(x.shape)} broadcasts to`, showShape(shape)));
    }
    return { shape, dtype: x.dtype };
  }),
  slice: single('view', 1, (where, [x], { start, limit, stride }) => {
    const shape = x.shape.map((size, axis) => {
      const [from, to, step] = [start[axis]!, limit[axis]!, stride[axis]!];
      if (!(from >= 0 && from <= to && to <= size && step >= 1)) {
        const expected = `0 <= start <= limit <= ${size} and stride >= 1 on axis ${axis}`;
        throw new ShapeError(describe(where, expected, `${from}, ${to}, ${step}`));
      }
      return Math.ceil((to - from) / step);
    });
    return { shape, dtype: x.dtype };
  }),
  pad: single('kernel', 2, (where, [x, value], { low, high, interior }) => {
    if (value.dtype !== x.dtype || value.shape.length > 0) {
      const received = `${value.dtype} ${showShape(value.shape)}`;
      throw new DTypeError(describe(where, `a ${x.dtype} scalar to pad with`, received));
    }
    const shape = x.shape.map((n, i) => low[i]! + high[i]! + n + Math.max(n - 1, 0) * interior[i]!);
    if (shape.some((n) => n < 0) || interior.some((n) => n < 0)) {
      throw new ShapeError(describe(where, 'a padded shape without negative sizes', showShape(shape)));
    }
    return { shape, dtype: x.dtype };
  }),
  concat: {
    fusability: 'kernel',
    infer(where, inputs, { axis }): readonly Type[] {
      if (inputs.length === 0) throw new ShapeError(describe(where, 'at least one tensor', 'none'));
      const [first] = inputs as readonly [Type];
      const shape = [...first.shape];
      shape[axis] = 0;
      for (const type of inputs) {
        checkSameDType(where, first, type, 'tensors');
        if (type.shape.length !== shape.length || type.shape.some((n, i) => i !== axis && n !== shape[i])) {
          const received = `${showShape(first.shape)} and ${showShape(type.shape)}`;
          throw new ShapeError(describe(where, `shapes equal but for axis ${axis}`, received));
        }
        shape[axis] += type.shape[axis]!;
      }
      return [{ shape, dtype: first.dtype }];
    },
  },
  flip: single('view', 1, (_where, [x]) => x),
  window: single('view', 1, (where, [x], params) => ({ shape: windowShape(where, x.shape, params), dtype: x.dtype })),
  dynamicSlice: { fusability: 'kernel', infer: ordering.inferDynamicSlice },
  dynamicUpdateSlice: { fusability: 'kernel', infer: ordering.inferDynamicUpdateSlice },
  cumulate: { fusability: 'kernel', infer: ordering.inferCumulate },
  sort: { fusability: 'kernel', infer: ordering.inferSort },
  gather: single('kernel', 2, (where, [x, indices], { batch }) => {
    return { shape: gatherShape(where, x, indices, batch), dtype: x.dtype };
  }),
  scatter: single('kernel', 3, (where, [x, indices, updates], { batch }) => {
    const shape = gatherShape(where, x, indices, batch);
    if (!sameShape(shape, updates.shape)) {
      throw new ShapeError(describe(where, `updates of shape ${showShape(shape)}`, showShape(updates.shape)));
    }
    if (updates.dtype !== x.dtype) throw new DTypeError(describe(where, `updates of ${x.dtype}`, updates.dtype));
    return x;
  }),
  reduce: single('reduce', 1, (where, [x], { axes }) => {
    checkDType(where, x.dtype, 'number');
    return { shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype };
  }),
  dot: single('kernel', 2, (where, [a, b], { contract, batch }) => {
    checkDType(where, a.dtype, 'number');
    checkSameDType(where, a, b);
    for (const [axesA, axesB] of [contract, batch]) {
      axesA.forEach((axisA, i) => {
        const axisB = axesB[i]!;
        if (a.shape[axisA] === b.shape[axisB]) return;
        const expected = `axis ${axisA} of a ${showShape(a.shape)} to match axis ${axisB} of b ${showShape(b.shape)}`;
        throw new ShapeError(describe(where, expected, `${a.shape[axisA]} and ${b.shape[axisB]}`));
      });
    }
    const rest = (type: Type, side: 0 | 1): number[] =>
      type.shape.filter((_, axis) => !contract[side].includes(axis) && !batch[side].includes(axis));
    return { shape: [...sizesAt(a.shape, batch[0]), ...rest(a, 0), ...rest(b, 1)], dtype: a.dtype };
  }),
  conv: single('kernel', 2, (where, [a, b], params) => {
    return { shape: convShapes(where, a, b, params)[params.map], dtype: a.dtype };
  }),
  stopGradient: { fusability: 'structure', infer: (_where, inputs) => inputs.slice(0, 1) },
  barrier: { fusability: 'structure', infer: (_where, inputs) => inputs },
  composite: {
    fusability: 'structure',
    infer: (_where, _inputs, { body }) => body.outputs.map((value) => body.types[value]!),
  },
  scan: {
    fusability: 'structure',
    infer(where, inputs, { body, length, carries, sequences }): readonly Type[] {
      const constants = inputs.length - carries - sequences;
      inputs.forEach((type, i) => {
        const expected = body.types[i]!;
        const shape = i < constants + carries ? expected.shape : [length, ...expected.shape];
        if (type.dtype !== expected.dtype || !sameShape(type.shape, shape)) {
          const received = `${type.dtype} ${showShape(type.shape)}`;
          throw new ShapeError(describe(where, `operand ${i} of ${expected.dtype} ${showShape(shape)}`, received));
        }
      });
      const outputs = body.outputs.map((value) => body.types[value]!);
      const last = outputs.slice(0, carries);
      const stacked = [...outputs.slice(carries), ...last];
      return [...last, ...stacked.map(({ shape, dtype }) => ({ shape: [length, ...shape], dtype }))];
    },
  },
};

function gatherShape(where: string, x: Type, indices: Type, batch: number): number[] {
  if (indices.dtype !== 'int32') throw new DTypeError(describe(where, 'int32 indices', indices.dtype));
  const indexed = indices.shape[indices.shape.length - 1];
  if (indexed === undefined || indices.shape.length <= batch || x.shape.length < batch + indexed) {
    throw new ShapeError(describe(where, `x with ${batch} batch axes and the indexed ones`, showShape(x.shape)));
  }
  if (!sameShape(x.shape.slice(0, batch), indices.shape.slice(0, batch))) {
    const received = `${showShape(x.shape)} and ${showShape(indices.shape)}`;
    throw new ShapeError(describe(where, `${batch} equal batch axes`, received));
  }
  return [...indices.shape.slice(0, -1), ...x.shape.slice(batch + indexed)];
}
