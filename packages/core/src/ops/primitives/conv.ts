/**
 * Convolutions. Where a backend has no kernel for a convolution, windows of the padded input
 * are the rows of a matrix product. The input's map is such a convolution too, of the output spread out, with the kernel
 * turned round.
 */
import { bindOne } from '../../bind.js';
import { sideOf } from '../../graph/block.js';
import type { ConvKernel, Operand } from '../../graph/program.js';
import type { Draft, Draftbook } from '../../graph/simplify.js';
import { operand } from '../../graph/steps.js';
import type { Value } from '../../node.js';
import { dot } from '../../primitives/dot.js';
import { constant } from '../../primitives/elementwise.js';
import { pad as padForm } from '../../primitives/folds.js';
import { define, oneResult, type Form, type PrimitiveDefinition, type StepForm } from '../../primitives/form.js';
import { flip, reshape, transpose } from '../../primitives/movement.js';
import type { Primitive, PrimitiveParams } from '../../primitives/params.js';
import type { Shape } from '../../shape.js';
import { convRoles, convShapes, reachOf, type ConvMap, type ConvParams } from './convolution.js';
import { windowForm } from './window.js';

const convForm: StepForm<'conv'> = {
  name: 'conv',
  kind: 'steps',
  infer: /* @__PURE__ */ oneResult(2, (where, [a, b], params) => ({
    shape: convShapes(where, a, b, params)[params.map],
    dtype: a.dtype,
  })),
  reads: () => 'stored',
  steps(block, { params, inputs, outputs, scope }) {
    const reads = [operand(block, inputs[0]!), operand(block, inputs[1]!)] as const;
    return [
      {
        kind: 'product',
        reads,
        target: outputs[0]!,
        scope,
        kernel: (scopes, loops) =>
          convolution(params, sideOf(block, reads[0]), sideOf(block, reads[1]), { ...loops(0), scopes }),
      },
    ];
  },
  choice: {
    // Nobody is asked about a sum over nothing.
    kernel: ({ params }, [a, b], [result]) =>
      isEmpty(a!) || isEmpty(b!)
        ? null
        : convolution(params, a!, b!, {
            inputs: [],
            epilogue: [],
            stores: [{ view: result!.view, value: 0 }],
            scopes: [],
          }),
    stays: () => false,
    instead: (book, draft) => [
      draft.inputs.some((value) => book.types[value]!.shape.includes(0))
        ? book.fill(0, draft)
        : addConvolution(book, draft),
    ],
  },
};

const isEmpty = ({ shape }: Operand): boolean => shape.includes(0);

/** The primitive `conv`: the cotangent takes the place of the result; the map to an operand gives its cotangent. */
export const convPrimitive: PrimitiveDefinition<'conv'> = /* @__PURE__ */ define(
  convForm,
  ({ inputs, cotangents, params, wanted }) => {
    const [a, b] = convRoles[params.map];
    const known = { [a]: inputs[0]!, [b]: inputs[1]!, [params.map]: cotangents[0]! } as Record<ConvMap, Value>;
    const to = (map: ConvMap): Value => {
      const [left, right] = convRoles[map];
      return conv(known[left], known[right], { ...params, map });
    };
    return [wanted[0] ? to(a) : null, wanted[1] ? to(b) : null];
  },
);

/** One of the three maps of a convolution. */
export function conv(a: Value, b: Value, params: ConvParams): Value {
  return bindOne('conv', convPrimitive, [a, b], params);
}

/** The kernel of a convolution, with what happens to its elements. */
function convolution(
  params: ConvParams,
  a: Operand,
  b: Operand,
  rest: Pick<ConvKernel, 'inputs' | 'epilogue' | 'stores' | 'scopes'>,
): ConvKernel {
  const { dtype } = a.view;
  const shapes = convShapes('lower', { ...a, dtype }, { ...b, dtype }, params);
  return { kind: 'conv', dtype, ...params, ...shapes, a: a.view, b: b.view, ...rest };
}

/** Adds a convolution as windows and a product; returns its result. */
function addConvolution(book: Draftbook, draft: Draft<'conv'>): number {
  const { params, inputs } = draft;
  const { strides, padding, dilation, groups } = params;
  const [a, b] = inputs as readonly [number, number];
  const rank = strides.length;
  const axes = strides.map((_, i) => i + 1);
  const shape = (value: number): Shape => book.types[value]!.shape;
  const add = <P extends Primitive>(form: Form<P>, more: PrimitiveParams[P], ...operands: number[]): number =>
    book.apply(draft, form, more, ...operands);
  const pad = (x: number, low: readonly number[], high: readonly number[], interior: readonly number[]): number => {
    const zero = add(constant, { value: 0, dtype: book.types[x]!.dtype });
    const all = (widths: readonly number[]): number[] => [0, ...widths, 0];
    return add(padForm, { low: all(low), high: all(high), interior: all(interior) }, x, zero);
  };
  /** The last axis cut into groups. */
  const cut = (x: number): number => {
    const own = shape(x);
    return add(reshape, { shape: [...own.slice(0, -1), groups, own[own.length - 1]! / groups] }, x);
  };
  /** The last axis of a result from its two parts. */
  const join = (x: number): number => {
    const own = shape(x);
    return add(reshape, { shape: [...own.slice(0, -2), own[rank + 1]! * own[rank + 2]!] }, x);
  };
  /** [n, spatial, groups, channels] → its windows [n, counts, groups, channels, taps]. */
  const windows = (x: number, taps: readonly number[], steps: readonly number[], apart: readonly number[]): number =>
    add(windowForm, { axes, sizes: taps, strides: steps, dilation: apart }, cut(x));
  const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
  const none = strides.map(() => 0);
  const ones = strides.map(() => 1);
  const [low, high] = [padding.map(([n]) => n), padding.map(([, n]) => n)];
  const taps = range(rank + 3, rank);
  const inGroups = [[rank + 1], [rank + 1]] as const;

  if (params.map === 'kernel') {
    const counts = shape(b).slice(1, -1);
    const x = pad(a, low, high, none);
    // Steps and taps change places: the windows of a tap are those of all outputs.
    const rows = windows(x, counts, dilation, strides);
    const contract = [
      [0, ...taps],
      [0, ...axes],
    ] as const;
    const sum = add(dot, { contract, batch: inGroups }, rows, cut(b));
    // [groups, taps, channels, filters] → [taps, channels, groups · filters].
    const order = [...range(1, rank), rank + 1, 0, rank + 2];
    return join(add(transpose, { permutation: order }, sum));
  }
  const sizes = shape(b).slice(0, rank);
  const isOutput = params.map === 'output';
  const edge = sizes.map((size, i) => reachOf(size, dilation[i]!) - 1);
  const source = isOutput
    ? pad(a, low, high, none)
    : pad(
        a,
        edge.map((n, i) => n - low[i]!),
        edge.map((n, i) => n - high[i]!),
        strides.map((n) => n - 1),
      );
  const kernel = isOutput ? b : add(flip, { axes: range(0, rank) }, b);
  const rows = windows(source, sizes, isOutput ? strides : ones, dilation);
  // The kernel's axes: taps, channels, groups, filters.
  const inner = isOutput ? rank : rank + 2;
  const contract = [
    [...taps, rank + 2],
    [...range(0, rank), inner],
  ] as const;
  const sum = add(dot, { contract, batch: inGroups }, rows, cut(kernel));
  // [groups, n, spatial, channels] → [n, spatial, groups · channels].
  return join(add(transpose, { permutation: [...range(1, rank + 1), 0, rank + 2] }, sum));
}
