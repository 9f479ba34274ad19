/** Convolutions over one, two or three axes; channels come last. A kernel is laid out as in Keras: [...size, in, out]. */
import * as convs from './primitives/conv.js';
import { bindOne } from '../bind.js';
import { toValue, type Operand } from '../operand.js';
import { countWindows, reachOf, type ConvParams, type Widths } from './primitives/convolution.js';
import { promote } from '../dtype.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { toFloat } from './numeric.js';
import { showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { checkCount, checkSpatial, perAxis, resolvePadding, type Padding, type PerAxis } from './spatial.js';

/** How a kernel moves. */
export interface ConvOptions {
  /** Elements from one result to the next; default 1. */
  readonly strides?: PerAxis;
  /** Zeros around x; default 'valid'. */
  readonly padding?: Padding;
  /** Elements from one tap of the kernel to the next; default 1. */
  readonly dilationRate?: PerAxis;
}

/** How a kernel is spread. */
export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  readonly padding?: 'valid' | 'same';
  /** Elements added to one end of the result; default: as many as make it size · stride ('same'), or at least that ('valid'). */
  readonly outputPadding?: PerAxis;
}

/**
 * Convolution of x [n, ...spatial, channels] with a kernel [...size, channels / groups, filters]: [n, ...spatial, filters].
 * As many groups as the channels of x are more than those of the kernel.
 * @example
 * conv(ones([1, 28, 28, 3]), ones([3, 3, 3, 8]), { padding: 'same' }).shape; // [1, 28, 28, 8]
 */
export function conv(x: Operand, kernel: Operand, options: ConvOptions = {}): Tensor {
  return new Tensor(convolve('conv', ...floats('conv', x, kernel), options));
}

/** The transpose of `conv`: x [n, ...spatial, channels], kernel [...size, filters, channels] → [n, ...spatial, filters]. */
export function convTranspose(x: Operand, kernel: Operand, options: ConvTransposeOptions = {}): Tensor {
  const where = 'convTranspose';
  const [input, weights] = floats(where, x, kernel);
  const rank = checkRanks(where, input, weights);
  const strides = perAxis(where, 'strides', options.strides ?? 1, rank);
  const dilation = perAxis(where, 'dilationRate', options.dilationRate ?? 1, rank);
  const { outputPadding, padding = 'valid' } = options;
  if (!['valid', 'same'].includes(padding)) {
    throw new ValueError(describe(where, "padding 'valid' or 'same'", JSON.stringify(padding)));
  }
  const extra = outputPadding === undefined ? null : perAxis(where, 'outputPadding', outputPadding, rank, 0);
  const widths = strides.map((stride, i): Widths => {
    const reach = reachOf(weights.type.shape[i]!, dilation[i]!);
    const spread = (input.type.shape[i + 1]! - 1) * stride;
    // As Keras cuts what a kernel spreads: 'same' from both ends, the odd element at the end.
    const more = extra?.[i];
    const [size, cut] =
      padding === 'valid'
        ? [spread + (more === undefined ? Math.max(reach, stride) : reach + more), 0]
        : more === undefined
          ? [spread + stride, reach - stride]
          : [spread + (reach % 2) + more, reach - (reach % 2) - more];
    const low = Math.max(Math.floor(cut / 2), 0);
    return [low, spread + reach - low - size];
  });
  const params: ConvParams = { map: 'input', strides, padding: widths, dilation, groups: 1 };
  return new Tensor(bindOne(where, convs.convPrimitive, [input, weights], params));
}

/**
 * Each channel of x by itself: kernel [...size, channels, multiplier] → [n, ...spatial, channels · multiplier], the results
 * of one channel next to each other.
 */
export function depthwiseConv(x: Operand, kernel: Operand, options: ConvOptions = {}): Tensor {
  return new Tensor(convolveDepthwise('depthwiseConv', ...floats('depthwiseConv', x, kernel), options));
}

/** `depthwiseConv`, then a convolution of size 1 with pointwiseKernel [1, …, channels · multiplier, filters]. */
export function separableConv(
  x: Operand,
  depthwiseKernel: Operand,
  pointwiseKernel: Operand,
  options: ConvOptions = {},
): Tensor {
  const where = 'separableConv';
  const depthwise = convolveDepthwise(where, ...floats(where, x, depthwiseKernel), options);
  return new Tensor(convolve(where, ...floats(where, { handle: depthwise }, pointwiseKernel), {}));
}

function convolve(where: string, x: Value, kernel: Value, options: ConvOptions): Value {
  const rank = checkRanks(where, x, kernel);
  const strides = perAxis(where, 'strides', options.strides ?? 1, rank);
  const dilation = perAxis(where, 'dilationRate', options.dilationRate ?? 1, rank);
  const sizes = kernel.type.shape.slice(0, rank);
  const spatial = x.type.shape.slice(1, -1);
  const reaches = sizes.map((size, i) => reachOf(size, dilation[i]!));
  const given = resolvePadding(where, options.padding ?? 'valid', spatial, reaches, strides);
  const padding = given.map(([low, high], i): Widths => {
    const count = countWindows(spatial[i]! + low + high, reaches[i]!, strides[i]!);
    checkCount(where, 'kernel', x, sizes, count);
    // Elements that no window reaches are cut, so that the padding leaves no rest.
    return [low, (count - 1) * strides[i]! + reaches[i]! - spatial[i]! - low];
  });
  const [channels, own] = [x.type.shape[rank + 1]!, kernel.type.shape[rank]!];
  const groups = own > 0 && channels > 0 && channels % own === 0 ? channels / own : 1;
  const params: ConvParams = { map: 'output', strides, padding, dilation, groups };
  return bindOne(where, convs.convPrimitive, [x, kernel], params);
}

function convolveDepthwise(where: string, x: Value, kernel: Value, options: ConvOptions): Value {
  const rank = checkRanks(where, x, kernel);
  const { shape } = kernel.type;
  const [channels, multiplier] = [shape[rank]!, shape[rank + 1]!];
  if (channels !== x.type.shape[rank + 1]) {
    throw new ShapeError(
      describe(
        where,
        `channels of x (${showShape(x.type.shape)}) to match the kernel (${showShape(shape)})`,
        `${x.type.shape[rank + 1]} and ${channels}`,
        'A depthwise kernel is [...size, channels, multiplier].',
      ),
    );
  }
  const grouped = lax.reshape(kernel, [...shape.slice(0, rank), 1, channels * multiplier]);
  return convolve(where, x, grouped, options);
}

/** Operands as floats of one dtype. */
function floats(where: string, x: Operand, kernel: Operand): [Value, Value] {
  const [a, b] = [toFloat(toValue(where, x)), toFloat(toValue(where, kernel))];
  const dtype = promote(a.type.dtype, b.type.dtype);
  return [lax.cast(a, dtype), lax.cast(b, dtype)];
}

/** Number of spatial axes. */
function checkRanks(where: string, x: Value, kernel: Value): number {
  const rank = checkSpatial(where, x);
  if (kernel.type.shape.length !== rank + 2 || kernel.type.shape.slice(0, rank).includes(0)) {
    const expected = `a kernel with ${rank + 2} axes, none of its ${rank} sizes 0, for x of ${showShape(x.type.shape)}`;
    throw new ShapeError(describe(where, expected, showShape(kernel.type.shape)));
  }
  return rank;
}
