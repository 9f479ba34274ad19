/** Pooling: one number for each window of each channel, or for the whole channel. */
import {
  type PerAxis,
  ShapeError,
  averagePool,
  cast,
  describe,
  divide,
  expandDims,
  max,
  maxPool,
  mean,
} from '@antler/core';
import { multiply, sum, type Tensor } from '@antler/core';
import { type CallContext, Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { firstMask } from '../masks.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type DataFormat, type LayerPadding, inChannelsLast, oneOf, perAxis } from './spatial.js';

/** Options of the pools with windows. */
export interface PoolingOptions extends LayerOptions {
  /** Size of the window. Default 2. */
  readonly poolSize?: PerAxis;
  /** Steps of the window. Default its size. */
  readonly strides?: PerAxis | null;
  /** Default valid. What is around the input is never the largest and does not count in a mean. */
  readonly padding?: LayerPadding;
  /** Default channels_last. */
  readonly dataFormat?: DataFormat;
}

type Pool = typeof maxPool;

abstract class Pooling extends Layer {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: LayerPadding;
  readonly dataFormat: DataFormat;
  readonly #pool: Pool;

  constructor(pool: Pool, rank: number, options: PoolingOptions) {
    super(options);
    this.#pool = pool;
    const where = (name: string): string => `${this.name}: ${name}`;
    this.poolSize = perAxis(where('poolSize'), options.poolSize ?? 2, rank);
    this.strides = perAxis(where('strides'), options.strides ?? this.poolSize, rank);
    this.padding = oneOf(where('padding'), options.padding ?? 'valid', ['valid', 'same']);
    this.dataFormat = checkFormat(this.name, options.dataFormat);
  }

  override build(inputShape: PartialShape): void {
    checkRank(this.name, inputShape, this.poolSize.length + 2);
  }

  call(x: Tensor): Tensor {
    const { poolSize, strides, padding } = this;
    return inChannelsLast(x, this.dataFormat, (image) => this.#pool(image, poolSize, { strides, padding }));
  }

  override getConfig(): LayerConfig {
    const { poolSize, strides, padding, dataFormat } = this;
    return { ...super.getConfig(), pool_size: poolSize, padding, strides, data_format: dataFormat };
  }
}

/** Options of the pools of whole channels. */
export interface GlobalPoolingOptions extends LayerOptions {
  /** Default channels_last. */
  readonly dataFormat?: DataFormat;
  /** Keeps the axes that were folded, with size 1. Default false. */
  readonly keepdims?: boolean;
}

type Fold = (x: Tensor, axes: readonly number[], keepdims: boolean) => Tensor;

abstract class GlobalPooling extends Layer {
  readonly dataFormat: DataFormat;
  readonly keepdims: boolean;
  readonly #fold: Fold;
  readonly #rank: number;

  constructor(fold: Fold, rank: number, options: GlobalPoolingOptions) {
    super(options);
    this.#fold = fold;
    this.#rank = rank + 2;
    this.keepdims = options.keepdims ?? false;
    this.dataFormat = checkFormat(this.name, options.dataFormat);
  }

  override build(inputShape: PartialShape): void {
    checkRank(this.name, inputShape, this.#rank);
  }

  call(x: Tensor, _context?: CallContext): Tensor {
    const first = this.dataFormat === 'channels_last' ? 1 : 2;
    const axes = Array.from({ length: x.rank - 2 }, (_, i) => first + i);
    return this.#fold(x, axes, this.keepdims);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), data_format: this.dataFormat, keepdims: this.keepdims };
  }
}

function checkFormat(name: string, format: DataFormat = 'channels_last'): DataFormat {
  return oneOf(`${name}: dataFormat`, format, ['channels_last', 'channels_first']);
}

function checkRank(name: string, shape: PartialShape, rank: number): void {
  if (shape.length === rank) return;
  throw new ShapeError(describe(name, `an input of rank ${rank}`, showPartialShape(shape)));
}

/** The largest of each window over steps of sequences [batch, steps, channels]. */
export class MaxPooling1D extends Pooling {
  static readonly className: string = 'MaxPooling1D';

  constructor(options: PoolingOptions = {}) {
    super(maxPool, 1, options);
  }
}

/** The mean of each window over steps of sequences [batch, steps, channels]. */
export class AveragePooling1D extends Pooling {
  static readonly className: string = 'AveragePooling1D';

  constructor(options: PoolingOptions = {}) {
    super(averagePool, 1, options);
  }
}

/** The largest of each channel of sequences [batch, steps, channels]. */
export class GlobalMaxPooling1D extends GlobalPooling {
  static readonly className: string = 'GlobalMaxPooling1D';

  constructor(options: GlobalPoolingOptions = {}) {
    super(max, 1, options);
  }
}

/** The mean of each channel of sequences [batch, steps, channels]. */
export class GlobalAveragePooling1D extends GlobalPooling {
  static readonly className: string = 'GlobalAveragePooling1D';

  constructor(options: GlobalPoolingOptions = {}) {
    super(mean, 1, options);
  }

  /** Masked steps do not count. */
  override call(x: Tensor, { mask }: CallContext): Tensor {
    const seen = firstMask(mask);
    if (seen === undefined) return super.call(x);
    const steps = this.dataFormat === 'channels_first' ? 2 : 1;
    const counts = cast(expandDims(seen, 3 - steps), x.dtype);
    return divide(sum(multiply(x, counts), steps, this.keepdims), sum(counts, steps, this.keepdims));
  }
}

/**
 * The largest of each window over images [batch, height, width, channels].
 *
 * @example
 * new MaxPooling2D({ poolSize: 2 }).apply(ones([8, 28, 28, 32])).shape; // [8, 14, 14, 32]
 */
export class MaxPooling2D extends Pooling {
  static readonly className: string = 'MaxPooling2D';

  constructor(options: PoolingOptions = {}) {
    super(maxPool, 2, options);
  }
}

/** The mean of each window over images [batch, height, width, channels]. */
export class AveragePooling2D extends Pooling {
  static readonly className: string = 'AveragePooling2D';

  constructor(options: PoolingOptions = {}) {
    super(averagePool, 2, options);
  }
}

/** The largest of each channel of images [batch, height, width, channels]. */
export class GlobalMaxPooling2D extends GlobalPooling {
  static readonly className: string = 'GlobalMaxPooling2D';

  constructor(options: GlobalPoolingOptions = {}) {
    super(max, 2, options);
  }
}

/** The mean of each channel of images [batch, height, width, channels]. */
export class GlobalAveragePooling2D extends GlobalPooling {
  static readonly className: string = 'GlobalAveragePooling2D';

  constructor(options: GlobalPoolingOptions = {}) {
    super(mean, 2, options);
  }
}

/** The largest of each window over volumes [batch, depth, height, width, channels]. */
export class MaxPooling3D extends Pooling {
  static readonly className: string = 'MaxPooling3D';

  constructor(options: PoolingOptions = {}) {
    super(maxPool, 3, options);
  }
}

/** The mean of each window over volumes [batch, depth, height, width, channels]. */
export class AveragePooling3D extends Pooling {
  static readonly className: string = 'AveragePooling3D';

  constructor(options: PoolingOptions = {}) {
    super(averagePool, 3, options);
  }
}

/** The largest of each channel of volumes [batch, depth, height, width, channels]. */
export class GlobalMaxPooling3D extends GlobalPooling {
  static readonly className: string = 'GlobalMaxPooling3D';

  constructor(options: GlobalPoolingOptions = {}) {
    super(max, 3, options);
  }
}

/** The mean of each channel of volumes [batch, depth, height, width, channels]. */
export class GlobalAveragePooling3D extends GlobalPooling {
  static readonly className: string = 'GlobalAveragePooling3D';

  constructor(options: GlobalPoolingOptions = {}) {
    super(mean, 3, options);
  }
}
