/** Normalizations, under Keras's names: of rows, of groups of channels, of a batch. */
import { toValue, type Operand } from '../operand.js';
import { composite } from './composites/composite.js';
import { batchNorm, layerNorm, rmsNorm } from './composites/normalization.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { toFloat } from './numeric.js';
import { checkAxes, checkAxis, otherAxes, sameShape, showShape, sizeOf, sizesAt } from '../shape.js';
import { Tensor } from '../tensor.js';

/** What the normalizations share. */
export interface NormalizationOptions {
  /** Added to the variance (to the mean square). */
  readonly epsilon?: number;
  /** Factor after normalization, over the normalized axes or the channels. Default 1. */
  readonly scale?: Operand | undefined;
  /** Added at the end, of the shape of the factor. Default 0. */
  readonly offset?: Operand | undefined;
}

/** How rows are normalized. */
export interface RowOptions extends NormalizationOptions {
  /** The axes that are normalized together. Default −1. */
  readonly axis?: number | readonly number[];
}

/** How a batch is normalized. */
export interface ChannelOptions extends NormalizationOptions {
  /** The axis of the channels. Default −1. */
  readonly axis?: number;
}

/** How groups are normalized. */
export interface GroupOptions extends ChannelOptions {
  /** Number of groups, which divides the channels. */
  readonly groups: number;
}

function checkEpsilon(where: string, epsilon: number): number {
  if (epsilon >= 0 && Number.isFinite(epsilon)) return epsilon;
  throw new ValueError(describe(where, 'a finite epsilon >= 0', String(epsilon)));
}

/** The factor or the summand for axes of the given sizes, flat; a constant where it is not given. */
function parameter(where: string, given: Operand | undefined, otherwise: number, x: Value, sizes: number[]): Value {
  const { dtype } = x.type;
  const flat = [sizeOf(sizes)];
  if (given === undefined) return lax.fill({ shape: flat, dtype }, otherwise);
  const value = lax.cast(toValue(where, given, dtype), dtype, where);
  if (!sameShape(value.type.shape, sizes)) {
    throw new ShapeError(describe(where, `scale and offset of shape ${showShape(sizes)}`, showShape(value.type.shape)));
  }
  return lax.reshape(value, flat);
}

/** The value with its axes in the given order, and what puts them back. */
function ordered(x: Value, order: readonly number[]): { readonly value: Value; readonly back: (y: Value) => Value } {
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return { value: lax.transpose(x, order), back: (y) => lax.transpose(y, inverse) };
}

/** Some axes last and as one, and the normalization of such rows. */
function overRows(
  where: 'layerNormalization' | 'rmsNormalization',
  x: Operand,
  { axis = -1, scale, offset }: RowOptions,
  normalize: (rows: Value, gamma: Value, beta: Value) => Value,
): Tensor {
  const given = toFloat(toValue(where, x));
  const { shape } = given.type;
  const axes = checkAxes(where, axis, shape.length);
  const sizes = sizesAt(shape, axes);
  const rest = otherAxes(shape.length, axes);
  const { value, back } = ordered(given, [...rest, ...axes]);
  const gamma = parameter(where, scale, 1, given, sizes);
  const beta = parameter(where, offset, 0, given, sizes);
  const rows = lax.reshape(value, [...sizesAt(shape, rest), sizeOf(sizes)]);
  return new Tensor(back(lax.reshape(normalize(rows, gamma, beta), value.type.shape)));
}

/**
 * scale · (x − mean) / √(variance + epsilon) + offset over rows (Ba et al., 2016), by default along the last axis. Scale and
 * offset have the shape of the normalized axes. Epsilon is 1e-7 by default, as in `keras.ops`; layers use 1e-3.
 * @example await layerNormalization(tensor([[1, 3]])).array() // [[-1, 1]], nearly
 */
export function layerNormalization(x: Operand, options: RowOptions = {}): Tensor {
  const epsilon = checkEpsilon('layerNormalization', options.epsilon ?? 1e-7);
  return overRows(
    'layerNormalization',
    x,
    options,
    (rows, gamma, beta) => composite(layerNorm, [rows, gamma, beta], { epsilon })[0]!,
  );
}

/**
 * scale · x / √(mean x² + epsilon) over rows (Zhang & Sennrich, 2019), by default along the last axis.
 * @example await rmsNormalization(tensor([[3, 3]])).array() // [[1, 1]], nearly
 */
export function rmsNormalization(x: Operand, options: Omit<RowOptions, 'offset'> = {}): Tensor {
  const epsilon = checkEpsilon('rmsNormalization', options.epsilon ?? 1e-7);
  return overRows('rmsNormalization', x, options, (rows, gamma) => composite(rmsNorm, [rows, gamma], { epsilon })[0]!);
}

/**
 * scale · (x − mean) / √(variance + epsilon) + offset with statistics that are given, one for each channel: what a network uses
 * once it is trained. See {@link batchNormalizationTraining} for those of the batch itself. Epsilon is 1e-3 by default.
 * @example await batchNormalization(tensor([[2, 4]]), tensor([2, 2]), tensor([1, 1])).array() // [[0, 1.999…]]
 */
export function batchNormalization(x: Operand, mean: Operand, variance: Operand, options: ChannelOptions = {}): Tensor {
  const where = 'batchNormalization';
  const { epsilon = 1e-3, scale, offset } = options;
  checkEpsilon(where, epsilon);
  const value = toFloat(toValue(where, x));
  const { shape } = value.type;
  const at = checkAxis(where, options.axis ?? -1, shape.length);
  const sizes = [shape[at]!];
  const [m, v, gamma, beta] = ([mean, variance, scale, offset] as const).map((given, i) =>
    parameter(where, given, i === 2 ? 1 : 0, value, sizes),
  ) as [Value, Value, Value, Value];
  const spread = (channel: Value): Value => lax.broadcast(channel, shape, [at]);
  const factor = lax.div(gamma, lax.sqrt(lax.add(v, lax.fill(v.type, epsilon))));
  return new Tensor(lax.add(lax.mul(lax.sub(value, spread(m)), spread(factor)), spread(beta)));
}

/**
 * x normalized by the mean and the variance of its own channels (Ioffe & Szegedy, 2015), with these two, shape [channels]: a
 * layer moves its statistics towards them. Epsilon is 1e-3 by default.
 * @example const [y, mean, variance] = batchNormalizationTraining(tensor([[1], [3]])); // mean [2], variance [1]
 */
export function batchNormalizationTraining(
  x: Operand,
  options: ChannelOptions = {},
): [y: Tensor, mean: Tensor, variance: Tensor] {
  const where = 'batchNormalizationTraining';
  const epsilon = checkEpsilon(where, options.epsilon ?? 1e-3);
  const given = toFloat(toValue(where, x));
  const { shape } = given.type;
  const at = checkAxis(where, options.axis ?? -1, shape.length);
  const sizes = [shape[at]!];
  const gamma = parameter(where, options.scale, 1, given, sizes);
  const beta = parameter(where, options.offset, 0, given, sizes);
  const { value, back } = ordered(given, [...otherAxes(shape.length, [at]), at]);
  const [y, mean, variance] = composite(batchNorm, [value, gamma, beta], { epsilon });
  return [new Tensor(back(y!)), new Tensor(mean!), new Tensor(variance!)];
}

/**
 * Each row's channels, cut into equal groups, get mean 0 and variance 1 over a group and all positions (Wu & He, 2018). One group
 * for each channel is instance normalization. Scale and offset have one number for each channel; epsilon is 1e-3 by default.
 * @example groupNormalization(ones([2, 8, 8, 6]), { groups: 3 }).shape // [2, 8, 8, 6]
 */
export function groupNormalization(x: Operand, options: GroupOptions): Tensor {
  const where = 'groupNormalization';
  const { groups, epsilon = 1e-3, scale, offset } = options;
  checkEpsilon(where, epsilon);
  const given = toFloat(toValue(where, x));
  const { shape } = given.type;
  const at = checkAxis(where, options.axis ?? -1, shape.length);
  const channels = shape[at]!;
  if (at === 0 || !(Number.isInteger(groups) && groups > 0 && channels % groups === 0)) {
    throw new ShapeError(
      describe(where, `a number of groups that divides the ${channels} channels, which are no batch`, String(groups)),
    );
  }
  const places = otherAxes(shape.length, [0, at]);
  const { value, back } = ordered(given, [0, at, ...places]);
  const rows = lax.reshape(value, [shape[0]!, groups, (channels / groups) * sizeOf(sizesAt(shape, places))]);
  const one = parameter(where, undefined, 1, given, rows.type.shape.slice(2));
  const zero = parameter(where, undefined, 0, given, rows.type.shape.slice(2));
  const y = lax.reshape(composite(layerNorm, [rows, one, zero], { epsilon })[0]!, value.type.shape);
  const spread = (channel: Value): Value => lax.broadcast(channel, shape, [at]);
  const gamma = parameter(where, scale, 1, given, [channels]);
  const beta = parameter(where, offset, 0, given, [channels]);
  return new Tensor(lax.add(lax.mul(back(y), spread(gamma)), spread(beta)));
}
