/** Sliding windows as a primitive, and the composite that puts them back. */
import { bindOne } from '../../bind.js';
import { join } from '../../graph/views.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { define, oneResult, type PrimitiveDefinition, type ViewForm } from '../../primitives/form.js';
import type { Shape } from '../../shape.js';
import { composite, type Composite } from '../composites/composite.js';
import { windowShape, type WindowParams } from './convolution.js';

/** What lowering knows of `window`. */
export const windowForm: ViewForm<'window'> = {
  name: 'window',
  kind: 'view',
  infer: /* @__PURE__ */ oneResult(1, (where, [x], params) => ({
    shape: windowShape(where, x.shape, params),
    dtype: x.dtype,
  })),
  move: (parts, { axes, strides, dilation }, input) =>
    input.map((_, axis) => {
      const i = axes.indexOf(axis);
      if (i < 0) return parts[axis]!;
      const [windows, taps] = [parts[axis]!, parts[input.length + i]!];
      return join([windows, taps], [strides[i]!, dilation[i]!], windows.strides.length);
    }),
};

/** The primitive `window`. Every element gets the sum over the windows that show it. */
export const windowPrimitive: PrimitiveDefinition<'window'> = /* @__PURE__ */ define(
  windowForm,
  ({ inputs, cotangents, params }) =>
    composite(unwindow, [cotangents[0]!], { ...params, shape: inputs[0]!.type.shape }),
);

/** Sliding windows: x's axes, counting windows where they slide, then the taps. */
export function window(x: Value, params: WindowParams): Value {
  return params.axes.length === 0 ? x : bindOne('window', windowPrimitive, [x], params);
}

/** The transpose of the primitive `window`: each element is the sum over the windows that show it. */
export const unwindow: Composite<UnwindowParams> = {
  name: 'unwindow',
  inline: false,
  decompose: ([x], params) => [unwindowed(x!, params)],
  vjp: ({ cotangents: [g], params: { axes, sizes, strides, dilation } }) => [
    window(g!, { axes, sizes, strides, dilation }),
  ],
};

/** A window's parameters and the shape that was cut into windows. */
export interface UnwindowParams extends WindowParams {
  readonly shape: Shape;
}

/**
 * The transpose of `window`. Windows that do not overlap lie one after the other, all axes at once; others are added up, axis by
 * axis, the last first.
 */
export function unwindowed(x: Value, params: UnwindowParams): Value {
  const apart = params.axes.every((_, i) => params.dilation[i] === 1 && params.sizes[i]! <= params.strides[i]!);
  return apart ? joined(x, params) : params.axes.reduceRight((value, _, i) => unwindowAxis(value, params, i), x);
}

const zeroOf = (x: Value): Value => lax.scalar(0, x.type.dtype);

/**
 * Windows that do not overlap, put in a row: the taps become a part of their axis, and nothing is added. What no window shows is
 * padded while the axes are still apart, so that padding is the only thing that moves data.
 */
function joined(x: Value, { axes, sizes, strides, shape }: UnwindowParams): Value {
  const order: number[] = [];
  const missing: number[] = [];
  const whole = shape.map((n, axis) => {
    order.push(axis);
    missing.push(0);
    const i = axes.indexOf(axis);
    if (i < 0) return n;
    const windows = Math.ceil(n / strides[i]!);
    order.push(shape.length + i);
    missing[missing.length - 1] = windows - x.type.shape[axis]!;
    missing.push(strides[i]! - sizes[i]!);
    return windows * strides[i]!;
  });
  const apart = lax.transpose(x, order);
  const none = missing.map(() => 0);
  const filled = missing.every((n) => n === 0) ? apart : lax.pad(apart, zeroOf(x), none, missing);
  return lax.slice(lax.reshape(filled, whole), none.slice(0, shape.length), shape);
}

/** Puts the taps of the last axis back into the axis that they came from. */
function unwindowAxis(x: Value, { axes, sizes, strides, dilation, shape }: UnwindowParams, i: number): Value {
  const [axis, taps, stride, apart] = [axes[i]!, sizes[i]!, strides[i]!, dilation[i]!];
  const size = shape[axis]!;
  const own = x.type.shape;
  const last = own.length - 1;
  const count = own[axis]!;
  const widths = (at: number, n: number): number[] => own.map((_, j) => (j === at ? n : 0));
  const spread = Array.from({ length: taps }, (_, tap) => {
    const limit = own.map((n, j) => (j === last ? tap + 1 : n));
    const one = lax.reshape(lax.slice(x, widths(last, tap), limit), own.slice(0, last));
    const low = tap * apart;
    const high = size - low - ((count - 1) * stride + 1);
    const [before, after, between] = [low, high, stride - 1].map((n) => widths(axis, n).slice(0, last));
    return lax.pad(one, zeroOf(x), before!, after!, between);
  });
  return spread.reduce((sum, part) => lax.add(sum, part));
}
