/**
 * The geometry that convolution and sliding windows share. Per spatial axis, output o and tap k meet at input
 * o · stride + k · dilation − low; what lies outside of the input counts as zeros. An input, a kernel and an output that fit
 * one geometry give three bilinear maps, each from two of them to the third, and each is the gradient of the others.
 */
import { isFloat } from '../../dtype.js';
import { DTypeError, ShapeError, describe } from '../../errors.js';
import type { Type } from '../../graph/graph.js';
import { showShape, sizeOf, type Shape } from '../../shape.js';

/** What a convolution computes: the output of (input, kernel), the input of (output, kernel), or the kernel of (input, output). */
export type ConvMap = 'output' | 'input' | 'kernel';

/** How much is added before and after an axis; negative widths cut. */
export type Widths = readonly [low: number, high: number];

/**
 * Geometry of a convolution. The padding leaves no rest: (input + low + high − reach) is a multiple of the stride, where the
 * reach of a kernel is (taps − 1) · dilation + 1. So two of the three sizes give the third.
 */
export interface ConvParams {
  readonly map: ConvMap;
  readonly strides: readonly number[];
  readonly padding: readonly Widths[];
  readonly dilation: readonly number[];
  /** Input and output channels are cut into groups that do not see each other. */
  readonly groups: number;
}

/** Parameters of a sliding window: `sizes` taps along some axes, `dilation` apart, every `strides` elements. */
export interface WindowParams {
  readonly axes: readonly number[];
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
}

/** Elements from the first tap to the last, both included. */
export function reachOf(taps: number, dilation: number): number {
  return (taps - 1) * dilation + 1;
}

/** How many windows fit into an axis. */
export function countWindows(size: number, reach: number, stride: number): number {
  return size < reach ? 0 : Math.floor((size - reach) / stride) + 1;
}

/** The three shapes of a convolution: input [n, spatial, c], kernel [spatial, c / groups, f], output [n, spatial, f]. */
export interface ConvShapes {
  readonly input: Shape;
  readonly kernel: Shape;
  readonly output: Shape;
}

/** Which of the three each operand is, and the result. */
export const convRoles: { readonly [M in ConvMap]: readonly [a: ConvMap, b: ConvMap] } = {
  output: ['input', 'kernel'],
  input: ['output', 'kernel'],
  kernel: ['input', 'output'],
};

/** All three shapes, the result's computed from those of the operands. Throws a typed error when these do not fit. */
export function convShapes(where: string, a: Type, b: Type, params: ConvParams): ConvShapes {
  const { map, strides, padding, dilation, groups } = params;
  const rank = strides.length;
  const roles = convRoles[map];
  [a, b].forEach(({ dtype, shape }, i) => {
    if (!isFloat(dtype)) throw new DTypeError(describe(where, 'a float dtype', dtype, 'Convert with cast(x, dtype).'));
    if (shape.length !== rank + 2) {
      throw new ShapeError(describe(where, `${articles[roles[i]!]} with ${rank + 2} axes`, showShape(shape)));
    }
  });
  if (a.dtype !== b.dtype) {
    throw new DTypeError(describe(where, 'operands of one dtype', `${a.dtype} and ${b.dtype}`));
  }
  const given: Partial<Record<ConvMap, Shape>> = { [roles[0]]: a.shape, [roles[1]]: b.shape };
  const { input, kernel, output } = given;
  checkChannels(where, given, groups, rank);
  const spatial = strides.map((stride, i) => {
    const [low, high] = padding[i]!;
    const pads = low + high;
    if (map === 'input') return (output![i + 1]! - 1) * stride + reachOf(kernel![i]!, dilation[i]!) - pads;
    if (map === 'kernel') return (input![i + 1]! + pads - (output![i + 1]! - 1) * stride - 1) / dilation[i]! + 1;
    return (input![i + 1]! + pads - reachOf(kernel![i]!, dilation[i]!)) / stride + 1;
  });
  if (!spatial.every((n) => Number.isInteger(n) && n >= 0)) {
    const pair = `${roles[0]} ${showShape(a.shape)}, ${roles[1]} ${showShape(b.shape)}`;
    const received = `${pair}, strides ${showShape(strides)}, padding ${JSON.stringify(padding)}`;
    throw new ShapeError(describe(where, 'sizes, strides and padding that fit without a rest', received));
  }
  const results = {
    output: (): Shape => [input![0]!, ...spatial, kernel![rank + 1]!],
    input: (): Shape => [output![0]!, ...spatial, kernel![rank]! * groups],
    kernel: (): Shape => [...spatial, input![rank + 1]! / groups, output![rank + 1]!],
  };
  const shapes = { ...given, [map]: results[map]() } as { [M in ConvMap]: Shape };
  sizeOf(shapes[map], where);
  return shapes;
}

const articles: { readonly [M in ConvMap]: string } = { input: 'an input', kernel: 'a kernel', output: 'an output' };

function checkChannels(
  where: string,
  { input, kernel, output }: Partial<ConvShapes>,
  groups: number,
  rank: number,
): void {
  const channels = input?.[rank + 1];
  const filters = kernel?.[rank + 1] ?? output![rank + 1]!;
  if ((channels ?? 0) % groups !== 0 || filters % groups !== 0) {
    const received = [channels, filters].filter((n) => n !== undefined).join(' and ');
    throw new ShapeError(describe(where, `channels and filters that ${groups} groups divide`, received));
  }
  if (input !== undefined && kernel !== undefined && channels !== kernel[rank]! * groups) {
    const times = groups === 1 ? '' : ` times ${groups} groups`;
    const expected = `channels of x (${showShape(input)}) to match the kernel (${showShape(kernel)})${times}`;
    const hint = 'Channels come last; a kernel is [...size, channels / groups, filters].';
    throw new ShapeError(describe(where, expected, `${channels} and ${kernel[rank]! * groups}`, hint));
  }
  if (output !== undefined && kernel !== undefined && output[rank + 1] !== filters) {
    const expected = `the last axis of x (${showShape(output)}) to match the last of the kernel (${showShape(kernel)})`;
    const hint = 'The kernel of a transposed convolution is [...size, filters, channels].';
    throw new ShapeError(describe(where, expected, `${output[rank + 1]} and ${filters}`, hint));
  }
  if (input !== undefined && output !== undefined && input[0] !== output[0]) {
    throw new ShapeError(describe(where, 'an input and an output of one batch', `${input[0]} and ${output[0]}`));
  }
}

/** Shape of all windows: the axes of x, of which those that slide count windows, then one axis of taps for each. */
export function windowShape(where: string, shape: Shape, { axes, sizes, strides, dilation }: WindowParams): Shape {
  const result = [...shape];
  axes.forEach((axis, i) => {
    const reach = reachOf(sizes[i]!, dilation[i]!);
    if (!(axis >= 0 && axis < shape.length) || reach > shape[axis]!) {
      const received = `a reach of ${reach} on axis ${axis}`;
      throw new ShapeError(describe(where, `windows that fit into ${showShape(shape)}`, received));
    }
    result[axis] = countWindows(shape[axis]!, reach, strides[i]!);
  });
  return [...result, ...sizes];
}
