/**
 * The primitives: the closed set that every operation is composed of. One table gives each its shape and dtype rule and says
 * what it declares about itself; gradients (`autodiff/rules.ts`) and lowering are total tables over the same keys.
 */
import { convShapes, windowShape, type ConvParams, type WindowParams } from './convolution.js';
import { dtypes, isFloat, type DType } from './dtype.js';
import { DTypeError, ShapeError, describe } from './errors.js';
import type { Graph, Type } from './graph/graph.js';
import type { ReduceOp, ScatterMode } from './graph/program.js';
import type { CompositeParams } from './ops/composites/composite.js';
import * as ordering from './ops/orders.js';
import { sameShape, showShape, sizeOf } from './shape.js';

type None = Readonly<Record<never, never>>;

/** Parameters of each primitive: plain JSON, but graphs (compared by their key) and functions (which the name beside them says). */
export interface PrimitiveParams {
  // one input
  readonly neg: None;
  readonly abs: None;
  readonly sign: None;
  readonly floor: None;
  readonly ceil: None;
  readonly round: None;
  readonly exp: None;
  readonly expm1: None;
  readonly log: None;
  readonly log1p: None;
  readonly sqrt: None;
  readonly sin: None;
  readonly cos: None;
  readonly tanh: None;
  readonly logistic: None;
  readonly erf: None;
  readonly cast: { readonly dtype: DType };
  readonly bitcast: { readonly dtype: DType };
  // two inputs of one shape and dtype
  readonly add: None;
  readonly sub: None;
  readonly mul: None;
  readonly div: None;
  readonly rem: None;
  readonly pow: None;
  readonly max: None;
  readonly min: None;
  readonly atan2: None;
  readonly and: None;
  readonly or: None;
  readonly xor: None;
  readonly shl: None;
  readonly shr: None;
  readonly eq: None;
  readonly ne: None;
  readonly lt: None;
  readonly le: None;
  // choice
  readonly select: None;
  // leaves
  readonly const: { readonly value: number; readonly dtype: DType };
  /** Positions 0 … length − 1. */
  readonly iota: { readonly length: number; readonly dtype: DType };
  /** Inputs: two key words, two counter words, all uint32 of one shape. */
  readonly random: None;
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

type DTypeTest = readonly [test: (dtype: DType) => boolean, words: string];
const numeric: DTypeTest = [(dtype) => dtype !== 'bool', 'a number dtype'];
const floating: DTypeTest = [isFloat, 'a float dtype'];
const discrete: DTypeTest = [(dtype) => !isFloat(dtype), 'an integer or bool dtype'];
const integral: DTypeTest = [(dtype) => dtypes[dtype].kind === 'int', 'an integer dtype'];
const any: DTypeTest = [() => true, 'any dtype'];

function checkArity(where: string, inputs: readonly Type[], count: number): void {
  if (inputs.length !== count) {
    throw new ShapeError(describe(where, `${count} operand${count === 1 ? '' : 's'}`, String(inputs.length)));
  }
}

function checkTest(where: string, dtype: DType, [test, words]: DTypeTest): void {
  if (!test(dtype)) throw new DTypeError(describe(where, words, dtype, 'Convert with cast(x, dtype).'));
}

/** Rule of an element-wise primitive: operands of one type; the result has it too, or is bool. */
function elementwise(arity: number, test: DTypeTest, result?: DType): PrimitiveRow<None> {
  return {
    fusability: 'elementwise',
    infer(where, inputs): readonly Type[] {
      checkArity(where, inputs, arity);
      const [first] = inputs as readonly [Type];
      for (const type of inputs) {
        checkTest(where, type.dtype, test);
        if (type.dtype !== first.dtype) {
          throw new DTypeError(describe(where, 'operands of one dtype', inputs.map((t) => t.dtype).join(' and ')));
        }
        checkSameShape(where, first, type);
      }
      return [result === undefined ? first : { shape: first.shape, dtype: result }];
    },
  };
}

function checkSameShape(where: string, a: Type, b: Type): void {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(describe(where, 'operands of one shape', `${showShape(a.shape)} and ${showShape(b.shape)}`));
  }
}

const unaryFloat = elementwise(1, floating);
const unaryNumeric = elementwise(1, numeric);
const binaryNumeric = elementwise(2, numeric);
const binaryFloat = elementwise(2, floating);
const logical = elementwise(2, discrete);
const shift = elementwise(2, integral);
const comparison = elementwise(2, any, 'bool');

/** The table. A primitive without a row does not compile. */
export const primitives: { readonly [P in Primitive]: PrimitiveRow<PrimitiveParams[P]> } = {
  neg: unaryNumeric,
  abs: unaryNumeric,
  sign: unaryNumeric,
  floor: unaryFloat,
  ceil: unaryFloat,
  round: unaryFloat,
  exp: unaryFloat,
  expm1: unaryFloat,
  log: unaryFloat,
  log1p: unaryFloat,
  sqrt: unaryFloat,
  sin: unaryFloat,
  cos: unaryFloat,
  tanh: unaryFloat,
  logistic: unaryFloat,
  erf: unaryFloat,
  cast: {
    fusability: 'elementwise',
    infer(where, inputs, { dtype }): readonly Type[] {
      checkArity(where, inputs, 1);
      return [{ shape: inputs[0]!.shape, dtype }];
    },
  },
  bitcast: {
    fusability: 'elementwise',
    infer(where, inputs, { dtype }): readonly Type[] {
      checkArity(where, inputs, 1);
      const [x] = inputs as readonly [Type];
      if (dtypes[dtype].bytes !== dtypes[x.dtype].bytes || dtype === 'bool' || x.dtype === 'bool') {
        throw new DTypeError(describe(where, `a dtype as wide as ${x.dtype}, neither of them bool`, dtype));
      }
      return [{ shape: x.shape, dtype }];
    },
  },
  add: binaryNumeric,
  sub: binaryNumeric,
  mul: binaryNumeric,
  div: binaryNumeric,
  rem: binaryNumeric,
  pow: binaryNumeric,
  max: binaryNumeric,
  min: binaryNumeric,
  atan2: binaryFloat,
  and: logical,
  or: logical,
  xor: logical,
  shl: shift,
  shr: shift,
  eq: comparison,
  ne: comparison,
  lt: comparison,
  le: comparison,
  select: {
    fusability: 'elementwise',
    infer(where, inputs): readonly Type[] {
      checkArity(where, inputs, 3);
      const [condition, a, b] = inputs as readonly [Type, Type, Type];
      if (condition.dtype !== 'bool') throw new DTypeError(describe(where, 'a bool condition', condition.dtype));
      if (a.dtype !== b.dtype) {
        throw new DTypeError(describe(where, 'branches of one dtype', `${a.dtype} and ${b.dtype}`));
      }
      checkSameShape(where, condition, a);
      checkSameShape(where, a, b);
      return [a];
    },
  },
  const: { fusability: 'leaf', infer: (_where, _inputs, { dtype }) => [{ shape: [], dtype }] },
  iota: { fusability: 'leaf', infer: (_where, _inputs, { length, dtype }) => [{ shape: [length], dtype }] },
  random: elementwise(4, [(dtype) => dtype === 'uint32', 'uint32 key and counter words']),
  reshape: {
    fusability: 'view',
    infer(where, inputs, { shape }): readonly Type[] {
      checkArity(where, inputs, 1);
      const [x] = inputs as readonly [Type];
      if (sizeOf(x.shape, where) !== sizeOf(shape, where)) {
        throw new ShapeError(
          describe(where, `a shape of ${sizeOf(x.shape)} elements for x of ${showShape(x.shape)}`, showShape(shape)),
        );
      }
      return [{ shape, dtype: x.dtype }];
    },
  },
  transpose: {
    fusability: 'view',
    infer(where, inputs, { permutation }): readonly Type[] {
      checkArity(where, inputs, 1);
      const [x] = inputs as readonly [Type];
      const rank = x.shape.length;
      if (
        permutation.length !== rank ||
        new Set(permutation).size !== rank ||
        permutation.some((p) => !(p >= 0 && p < rank))
      ) {
        throw new ShapeError(describe(where, `a permutation of ${rank} axes`, showShape(permutation)));
      }
      return [{ shape: permutation.map((axis) => x.shape[axis]!), dtype: x.dtype }];
    },
  },
  broadcast: {
    fusability: 'view',
    infer(where, inputs, { shape, axes }): readonly Type[] {
      checkArity(where, inputs, 1);
      const [x] = inputs as readonly [Type];
      const fits =
        axes.length === x.shape.length &&
        axes.every((axis, i) => (i === 0 || axis > axes[i - 1]!) && (x.shape[i] === 1 || x.shape[i] === shape[axis]));
      if (!fits)
        throw new ShapeError(describe(where, `a shape that ${showShape(x.shape)} broadcasts to`, showShape(shape)));
      sizeOf(shape, where);
      return [{ shape, dtype: x.dtype }];
    },
  },
  slice: {
    fusability: 'view',
    infer(where, inputs, { start, limit, stride }): readonly Type[] {
      checkArity(where, inputs, 1);
      const [x] = inputs as readonly [Type];
      const shape = x.shape.map((size, axis) => {
        const [from, to, step] = [start[axis]!, limit[axis]!, stride[axis]!];
        if (!(from >= 0 && from <= to && to <= size && step >= 1)) {
          throw new ShapeError(
            describe(
              where,
              `0 <= start <= limit <= ${size} and stride >= 1 on axis ${axis}`,
              `${from}, ${to}, ${step}`,
            ),
          );
        }
        return Math.ceil((to - from) / step);
      });
      return [{ shape, dtype: x.dtype }];
    },
  },
  pad: {
    fusability: 'kernel',
    infer(where, inputs, { low, high, interior }): readonly Type[] {
      checkArity(where, inputs, 2);
      const [x, value] = inputs as readonly [Type, Type];
      if (value.dtype !== x.dtype || value.shape.length > 0) {
        throw new DTypeError(
          describe(where, `a ${x.dtype} scalar to pad with`, `${value.dtype} ${showShape(value.shape)}`),
        );
      }
      const shape = x.shape.map((n, i) => low[i]! + high[i]! + n + Math.max(n - 1, 0) * interior[i]!);
      if (shape.some((n) => n < 0) || interior.some((n) => n < 0)) {
        throw new ShapeError(describe(where, 'a padded shape without negative sizes', showShape(shape)));
      }
      sizeOf(shape, where);
      return [{ shape, dtype: x.dtype }];
    },
  },
  concat: {
    fusability: 'kernel',
    infer(where, inputs, { axis }): readonly Type[] {
      if (inputs.length === 0) throw new ShapeError(describe(where, 'at least one tensor', 'none'));
      const [first] = inputs as readonly [Type];
      const shape = [...first.shape];
      shape[axis] = 0;
      for (const type of inputs) {
        if (type.dtype !== first.dtype) {
          throw new DTypeError(describe(where, 'tensors of one dtype', `${first.dtype} and ${type.dtype}`));
        }
        if (type.shape.length !== shape.length || type.shape.some((n, i) => i !== axis && n !== shape[i])) {
          throw new ShapeError(
            describe(
              where,
              `shapes equal but for axis ${axis}`,
              `${showShape(first.shape)} and ${showShape(type.shape)}`,
            ),
          );
        }
        shape[axis] += type.shape[axis]!;
      }
      return [{ shape, dtype: first.dtype }];
    },
  },
  flip: {
    fusability: 'view',
    infer(where, inputs): readonly Type[] {
      checkArity(where, inputs, 1);
      return [inputs[0]!];
    },
  },
  window: {
    fusability: 'view',
    infer(where, inputs, params): readonly Type[] {
      checkArity(where, inputs, 1);
      const [x] = inputs as readonly [Type];
      const shape = windowShape(where, x.shape, params);
      sizeOf(shape, where);
      return [{ shape, dtype: x.dtype }];
    },
  },
  dynamicSlice: { fusability: 'kernel', infer: ordering.inferDynamicSlice },
  dynamicUpdateSlice: { fusability: 'kernel', infer: ordering.inferDynamicUpdateSlice },
  cumulate: { fusability: 'kernel', infer: ordering.inferCumulate },
  sort: { fusability: 'kernel', infer: ordering.inferSort },
  gather: {
    fusability: 'kernel',
    infer(where, inputs, { batch }): readonly Type[] {
      checkArity(where, inputs, 2);
      const [x, indices] = inputs as readonly [Type, Type];
      return [{ shape: gatherShape(where, x, indices, batch), dtype: x.dtype }];
    },
  },
  scatter: {
    fusability: 'kernel',
    infer(where, inputs, { batch }): readonly Type[] {
      checkArity(where, inputs, 3);
      const [x, indices, updates] = inputs as readonly [Type, Type, Type];
      const shape = gatherShape(where, x, indices, batch);
      if (!sameShape(shape, updates.shape)) {
        throw new ShapeError(describe(where, `updates of shape ${showShape(shape)}`, showShape(updates.shape)));
      }
      if (updates.dtype !== x.dtype) throw new DTypeError(describe(where, `updates of ${x.dtype}`, updates.dtype));
      return [x];
    },
  },
  reduce: {
    fusability: 'reduce',
    infer(where, inputs, { axes }): readonly Type[] {
      checkArity(where, inputs, 1);
      const [x] = inputs as readonly [Type];
      checkTest(where, x.dtype, numeric);
      return [{ shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype }];
    },
  },
  dot: {
    fusability: 'kernel',
    infer(where, inputs, { contract, batch }): readonly Type[] {
      checkArity(where, inputs, 2);
      const [a, b] = inputs as readonly [Type, Type];
      checkTest(where, a.dtype, numeric);
      if (a.dtype !== b.dtype)
        throw new DTypeError(describe(where, 'operands of one dtype', `${a.dtype} and ${b.dtype}`));
      for (const [axesA, axesB] of [contract, batch]) {
        axesA.forEach((axis, i) => {
          if (a.shape[axis] !== b.shape[axesB[i]!]) {
            throw new ShapeError(
              describe(
                where,
                `axis ${axis} of a ${showShape(a.shape)} to match axis ${axesB[i]} of b ${showShape(b.shape)}`,
                `${a.shape[axis]} and ${b.shape[axesB[i]!]}`,
              ),
            );
          }
        });
      }
      const rest = (type: Type, side: 0 | 1): number[] =>
        type.shape.filter((_, axis) => !contract[side].includes(axis) && !batch[side].includes(axis));
      const shape = [...batch[0].map((axis) => a.shape[axis]!), ...rest(a, 0), ...rest(b, 1)];
      sizeOf(shape, where);
      return [{ shape, dtype: a.dtype }];
    },
  },
  conv: {
    fusability: 'kernel',
    infer(where, inputs, params): readonly Type[] {
      checkArity(where, inputs, 2);
      const [a, b] = inputs as readonly [Type, Type];
      return [{ shape: convShapes(where, a, b, params)[params.map], dtype: a.dtype }];
    },
  },
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
          throw new ShapeError(
            describe(
              where,
              `operand ${i} of ${expected.dtype} ${showShape(shape)}`,
              `${type.dtype} ${showShape(type.shape)}`,
            ),
          );
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
    throw new ShapeError(
      describe(where, `${batch} equal batch axes`, `${showShape(x.shape)} and ${showShape(indices.shape)}`),
    );
  }
  return [...indices.shape.slice(0, -1), ...x.shape.slice(batch + indexed)];
}
