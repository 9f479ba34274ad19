/**
 * Initializers: the numbers a weight starts with. Those that draw at random are rows of a table: a scale, which fan it is
 * divided by, and a distribution. Formulas: Glorot & Bengio 2010, He et al. 2015, LeCun et al. 1998, as in Keras.
 */
import { ValueError, describe, full, zeros as coreZeros, ones as coreOnes, showShape, sizeOf } from '@antler/core';
import {
  add,
  divide,
  expandDims,
  eye,
  matmul,
  multiply,
  reshape,
  scan,
  sqrt,
  square,
  subtract,
  sum,
  transpose,
} from '@antler/core';
import type { DType, Shape, Tensor } from '@antler/core';
import * as random from '@antler/core/random';
import { resolveName } from './registry.js';

/** Makes a tensor of a shape. `className` and `config` are what a saved model says of it. */
export interface Initializer {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  sample(shape: Shape, dtype: DType): Tensor;
}

/** With a seed, every draw of one shape gives the same numbers; without one, numbers come from the default generator. */
export interface SeedOption {
  readonly seed?: number;
}

/** Names that `standardNames` gives. */
export type InitializerName =
  | 'zeros'
  | 'ones'
  | 'glorotUniform'
  | 'glorotNormal'
  | 'heUniform'
  | 'heNormal'
  | 'lecunUniform'
  | 'lecunNormal'
  | 'randomUniform'
  | 'randomNormal'
  | 'truncatedNormal'
  | 'orthogonal'
  | 'identity';

/** All zeros. */
export function zeros(): Initializer {
  return { className: 'Zeros', config: {}, sample: (shape, dtype) => coreZeros(shape, { dtype }) };
}

/** All ones. */
export function ones(): Initializer {
  return { className: 'Ones', config: {}, sample: (shape, dtype) => coreOnes(shape, { dtype }) };
}

/** One number everywhere. */
export function constant({ value = 0 }: { readonly value?: number } = {}): Initializer {
  return { className: 'Constant', config: { value }, sample: (shape, dtype) => full(shape, value, { dtype }) };
}

/** Uniform in [minval, maxval). */
export function randomUniform(
  options: SeedOption & { readonly minval?: number; readonly maxval?: number } = {},
): Initializer {
  const { minval = -0.05, maxval = 0.05, seed } = options;
  return {
    className: 'RandomUniform',
    config: { minval, maxval, seed: seed ?? null },
    sample: (shape, dtype) => random.uniform(shape, { low: minval, high: maxval, dtype, ...keyOf(seed) }),
  };
}

/** Options of the normal initializers. */
export type NormalOptions = SeedOption & { readonly mean?: number; readonly stddev?: number };

/** Normal with a mean and a standard deviation. */
export function randomNormal(options: NormalOptions = {}): Initializer {
  const { mean = 0, stddev = 0.05, seed } = options;
  return {
    className: 'RandomNormal',
    config: { mean, stddev, seed: seed ?? null },
    sample: (shape, dtype) => random.normal(shape, { mean, stddev, dtype, ...keyOf(seed) }),
  };
}

/** Normal, drawn again where it is more than two standard deviations from the mean. */
export function truncatedNormal(options: NormalOptions = {}): Initializer {
  const { mean = 0, stddev = 0.05, seed } = options;
  return {
    className: 'TruncatedNormal',
    config: { mean, stddev, seed: seed ?? null },
    sample: (shape, dtype) => random.truncatedNormal(shape, { mean, stddev, dtype, ...keyOf(seed) }),
  };
}

/**
 * Orthonormal rows or columns, whichever are fewer; a shape of more axes counts as a matrix with its last axis for columns.
 * Normal numbers, made orthogonal row by row (Gram and Schmidt, twice), which makes every orientation equally likely.
 */
export function orthogonal(options: SeedOption & { readonly gain?: number } = {}): Initializer {
  const { gain = 1, seed } = options;
  return {
    className: 'Orthogonal',
    config: { gain, seed: seed ?? null },
    sample(shape, dtype): Tensor {
      if (shape.length < 2)
        throw new ValueError(describe('orthogonal', 'a shape of two or more axes', showShape(shape)));
      const columns = shape.at(-1)!;
      const rows = sizeOf(shape.slice(0, -1));
      const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
      const drawn = random.normal([count, length], { dtype, ...keyOf(seed) });
      const step = (done: Tensor, [x, place]: readonly [Tensor, Tensor]): [Tensor, null] => {
        const without = (y: Tensor): Tensor => subtract(y, matmul(matmul(done, y), done));
        const rest = without(without(x));
        const unit = divide(rest, sqrt(sum(square(rest))));
        return [add(done, multiply(expandDims(place, 1), unit)), null];
      };
      const [matrix] = scan(step, coreZeros([count, length], { dtype }), [
        drawn,
        eye(count, count, { dtype }),
      ] as const);
      return multiply(reshape(rows < columns ? matrix : transpose(matrix), shape), gain);
    },
  };
}

/** Ones on the diagonal of a matrix, zeros elsewhere, times a gain. */
export function identity({ gain = 1 }: { readonly gain?: number } = {}): Initializer {
  return {
    className: 'Identity',
    config: { gain },
    sample(shape, dtype): Tensor {
      const [rows, columns] = shape as readonly [number, number];
      if (shape.length !== 2) throw new ValueError(describe('identity', 'a shape of two axes', showShape(shape)));
      return multiply(eye(rows, columns, { dtype }), gain);
    },
  };
}

type FanMode = 'fan_in' | 'fan_out' | 'fan_avg';

/** Draws numbers of a given variance. */
type Draw = (shape: Shape, dtype: DType, variance: number, seed: number | undefined) => Tensor;

const uniform: Draw = (shape, dtype, variance, seed) => {
  const limit = Math.sqrt(3 * variance);
  return random.uniform(shape, { low: -limit, high: limit, dtype, ...keyOf(seed) });
};

/** Standard deviation of a standard normal that is cut at ±2, so that dividing by it restores the variance. */
const TRUNCATED_STDDEV = 0.87962566103423978;

const truncated: Draw = (shape, dtype, variance, seed) => {
  const stddev = Math.sqrt(variance) / TRUNCATED_STDDEV;
  return random.truncatedNormal(shape, { mean: 0, stddev, dtype, ...keyOf(seed) });
};

const untruncated: Draw = (shape, dtype, variance, seed) =>
  random.normal(shape, { mean: 0, stddev: Math.sqrt(variance), dtype, ...keyOf(seed) });

type Distribution = 'uniform' | 'truncated_normal' | 'untruncated_normal';
const distributions: Readonly<Record<Distribution, Draw>> = {
  uniform,
  truncated_normal: truncated,
  untruncated_normal: untruncated,
};

/** Random numbers whose variance is `scale` over the number of connections into, out of, or on average through a unit. */
export function varianceScaling(
  options: SeedOption & { readonly scale?: number; readonly mode?: FanMode; readonly distribution?: Distribution } = {},
): Initializer {
  const { scale = 1, mode = 'fan_in', distribution = 'truncated_normal', seed } = options;
  if (!(scale > 0)) throw new ValueError(describe('varianceScaling', 'scale > 0', String(scale)));
  const scaling = scaled('VarianceScaling', scale, mode, distributions[distribution])(options);
  return { ...scaling, config: { scale, mode, distribution, seed: seed ?? null, ...NO_AXES } };
}

/** Keras can be told which axes are inputs and outputs; here they are always the last two. */
const NO_AXES = { input_axes: null, output_axes: null };

type Scaled = (options?: SeedOption) => Initializer;

function scaled(className: string, scale: number, mode: FanMode, draw: Draw): Scaled {
  return ({ seed } = {}) => ({
    className,
    config: { seed: seed ?? null, ...NO_AXES },
    sample(shape, dtype): Tensor {
      const { fanIn, fanOut } = fans(shape);
      const fan = mode === 'fan_in' ? fanIn : mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2;
      return draw(shape, dtype, scale / Math.max(1, fan), seed);
    },
  });
}

// Marked pure, so that a bundle has those alone that it uses, and the draws that they use.

/** Uniform with variance 1 / average fan: the default of dense kernels. */
export const glorotUniform: Scaled = /* @__PURE__ */ scaled('GlorotUniform', 1, 'fan_avg', uniform);
/** Truncated normal with variance 1 / average fan. */
export const glorotNormal: Scaled = /* @__PURE__ */ scaled('GlorotNormal', 1, 'fan_avg', truncated);
/** Uniform with variance 2 / fan in, for relu. */
export const heUniform: Scaled = /* @__PURE__ */ scaled('HeUniform', 2, 'fan_in', uniform);
/** Truncated normal with variance 2 / fan in, for relu. */
export const heNormal: Scaled = /* @__PURE__ */ scaled('HeNormal', 2, 'fan_in', truncated);
/** Uniform with variance 1 / fan in. */
export const lecunUniform: Scaled = /* @__PURE__ */ scaled('LecunUniform', 1, 'fan_in', uniform);
/** Truncated normal with variance 1 / fan in, for selu. */
export const lecunNormal: Scaled = /* @__PURE__ */ scaled('LecunNormal', 1, 'fan_in', truncated);

/** Connections into and out of a unit. A kernel is [...window, in, out]; a vector counts for both. */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0]!, fanOut: shape[0]! };
  const window = sizeOf(shape.slice(0, -2));
  return { fanIn: window * shape.at(-2)!, fanOut: window * shape.at(-1)! };
}

function keyOf(seed: number | undefined): { key?: Tensor } {
  return seed === undefined ? {} : { key: random.key(seed) };
}

/** The initializer that an argument means. */
export function resolveInitializer(where: string, initializer: Initializer | string): Initializer {
  return typeof initializer === 'string' ? resolveName(where, 'initializer', initializer)() : initializer;
}

/** How a saved configuration writes an initializer. */
export function initializerConfig(initializer: Initializer): Readonly<Record<string, unknown>> {
  const { className, config } = initializer;
  return { module: 'keras.initializers', class_name: className, config, registered_name: null };
}
