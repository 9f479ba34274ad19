/**
 * The composites that the addon runs as one kernel, each with its parameters as numbers: what `accepts` agrees to and what
 * `encodeProgram` writes. The order is that of the table in `native/cpu/src/composites/registry.cpp`.
 */
import type { CompositeKernel, DType } from '@antler/core';

/** A view with its shape. */
type Operand = CompositeKernel['inputs'][number];

/** Gives the parameters, or undefined for operands that the addon has no kernel for. */
type Row = (kernel: CompositeKernel) => readonly number[] | undefined;

const productOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Row-major, as core says that operands of composites lie; and something to compute. */
function isPlain({ view, shape }: Operand): boolean {
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && view.strides[axis] !== stride) return false;
    stride *= shape[axis]!;
  }
  return stride > 0;
}

/** All operands are plain and have the dtype, those at `others` theirs. */
function areAll(
  { inputs, outputs }: CompositeKernel,
  dtype: DType,
  others: Readonly<Record<number, DType>> = {},
): boolean {
  return [...inputs, ...outputs].every((operand, i) => isPlain(operand) && operand.view.dtype === (others[i] ?? dtype));
}

interface Pool {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
}

/** Over how many elements a mean may be summed in float32. */
const mostTaps = 64;

/** How many axes, then their sizes, strides and padding before and after. */
function poolOf(kernel: CompositeKernel, most = Infinity): readonly number[] | undefined {
  const { sizes, strides, padding } = kernel.params as Pool;
  const isSmall = padding.every((widths, axis) => widths.every((width) => width >= 0 && width < sizes[axis]!));
  if (!areAll(kernel, 'float32') || sizes.length > 2 || !isSmall || productOf(sizes) > most) return undefined;
  return [sizes.length, ...sizes, ...strides, ...padding.map(([low]) => low), ...padding.map(([, high]) => high)];
}

const plain: Row = (kernel) => (areAll(kernel, 'float32') ? [] : undefined);
const withEpsilon: Row = (kernel) =>
  areAll(kernel, 'float32') ? [(kernel.params as { readonly epsilon: number }).epsilon] : undefined;
const recurrent: Row = (kernel) =>
  areAll(kernel, 'float32') ? [(kernel.params as { readonly stepwise: boolean }).stepwise ? 1 : 0] : undefined;

/** The mask comes last, if there is one; `count` inputs are there without it. */
const attentive =
  (count: number): Row =>
  (kernel) => {
    const { scale, causal } = kernel.params as { readonly scale: number; readonly causal: boolean };
    const masks = kernel.inputs.length > count ? { [count]: 'bool' as const } : {};
    return areAll(kernel, 'float32', masks) ? [scale, causal ? 1 : 0] : undefined;
  };

const rows: Readonly<Record<string, Row>> = {
  attention: attentive(3),
  attentionGradient: attentive(7),
  averagePool: (kernel) => poolOf(kernel, mostTaps),
  averagePoolGradient: (kernel) => poolOf(kernel),
  batchNorm: withEpsilon,
  batchNormGradient: withEpsilon,
  gru: plain,
  gruGradient: recurrent,
  layerNorm: withEpsilon,
  layerNormGradient: plain,
  logSoftmax: plain,
  logSoftmaxGradient: plain,
  lstm: plain,
  lstmGradient: recurrent,
  maxPool: (kernel) => poolOf(kernel),
  maxPoolGradient: (kernel) => poolOf(kernel),
  softmax: plain,
  softmaxCrossEntropy: plain,
  softmaxCrossEntropyGradient: plain,
  softmaxGradient: plain,
  sparseSoftmaxCrossEntropyGradient: (kernel) => (areAll(kernel, 'float32', { 1: 'int32' }) ? [] : undefined),
};

const names = Object.keys(rows);

/** Number and parameters of a composite; undefined when the addon does not run it. */
export function compositeOf(
  kernel: CompositeKernel,
): { readonly code: number; readonly params: readonly number[] } | undefined {
  const params = rows[kernel.name]?.(kernel);
  return params === undefined ? undefined : { code: names.indexOf(kernel.name), params };
}
