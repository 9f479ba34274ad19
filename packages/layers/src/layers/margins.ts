/** Margins and sizes of sequences, images and volumes: zeros added, edges cut, elements repeated. */
import { ShapeError, ValueError, describe, image, pad, repeat, type Tensor } from '@antler/core';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { type DataFormat, inChannelsLast, oneOf, perAxis } from './spatial.js';

/** One width for all sides, one for each axis, or one for each end of each axis. */
export type Margins = number | readonly (number | readonly [before: number, after: number])[];

/** Options of {@link ZeroPadding2D} and its kin. */
export interface PaddingOptions extends LayerOptions {
  /** Default 1. For sequences also [before, after]. */
  readonly padding?: Margins;
  /** Default channels_last. */
  readonly dataFormat?: DataFormat;
}

/** Options of {@link Cropping2D} and its kin. */
export interface CroppingOptions extends LayerOptions {
  /** Default 1 (for images 0). For sequences also [before, after]. */
  readonly cropping?: Margins;
  /** Default channels_last. */
  readonly dataFormat?: DataFormat;
}

type Widths = readonly (readonly [before: number, after: number])[];

function widthsOf(where: string, given: Margins, rank: number): Widths {
  // Of a sequence, two numbers are the two ends of its axis.
  const list = typeof given === 'number' ? new Array<number>(rank).fill(given) : rank === 1 ? [given] : given;
  const widths = list.map((entry) => (typeof entry === 'number' ? [entry, entry] : entry));
  const isWidth = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0;
  if (widths.length === rank && widths.every((pair) => pair.length === 2 && pair.every(isWidth))) {
    return widths as unknown as Widths;
  }
  throw new ValueError(describe(where, `whole numbers >= 0: one, ${rank}, or ${rank} pairs`, JSON.stringify(given)));
}

abstract class Margin extends Layer {
  readonly dataFormat: DataFormat;
  protected readonly widths: Widths;
  readonly #sign: 1 | -1;

  constructor(where: string, rank: number, sign: 1 | -1, margins: Margins, options: PaddingOptions) {
    super(options);
    this.widths = widthsOf(where, margins, rank);
    this.#sign = sign;
    this.dataFormat = oneOf(`${this.name}: dataFormat`, options.dataFormat ?? 'channels_last', [
      'channels_last',
      'channels_first',
    ]);
  }

  override build(inputShape: PartialShape): void {
    const { rank } = { rank: this.widths.length + 2 };
    if (inputShape.length === rank) return;
    throw new ShapeError(describe(this.name, `an input of rank ${rank}`, showPartialShape(inputShape)));
  }

  call(x: Tensor): Tensor {
    const sides = this.widths.map(([a, b]): [number, number] => [this.#sign * a, this.#sign * b]);
    return inChannelsLast(x, this.dataFormat, (y) => pad(y, [[0, 0], ...sides, [0, 0]]));
  }

  protected configOf(name: string): LayerConfig {
    const widths = this.widths.length === 1 ? this.widths[0] : this.widths;
    return { ...super.getConfig(), [name]: widths, data_format: this.dataFormat };
  }
}

abstract class ZeroPadding extends Margin {
  constructor(rank: number, options: PaddingOptions) {
    super(`zeroPadding${rank}D: padding`, rank, 1, options.padding ?? 1, options);
  }

  override getConfig(): LayerConfig {
    return this.configOf('padding');
  }
}

/** Zeros before and after the steps of sequences [batch, steps, channels]. */
export class ZeroPadding1D extends ZeroPadding {
  static readonly className: string = 'ZeroPadding1D';

  constructor(options: PaddingOptions = {}) {
    super(1, options);
  }
}

/** Zeros around images [batch, height, width, channels]. */
export class ZeroPadding2D extends ZeroPadding {
  static readonly className: string = 'ZeroPadding2D';

  constructor(options: PaddingOptions = {}) {
    super(2, options);
  }
}

/** Zeros around volumes [batch, depth, height, width, channels]. */
export class ZeroPadding3D extends ZeroPadding {
  static readonly className: string = 'ZeroPadding3D';

  constructor(options: PaddingOptions = {}) {
    super(3, options);
  }
}

abstract class Cropping extends Margin {
  constructor(rank: number, options: CroppingOptions) {
    super(`cropping${rank}D: cropping`, rank, -1, options.cropping ?? (rank === 2 ? 0 : 1), options);
  }

  override getConfig(): LayerConfig {
    return this.configOf('cropping');
  }
}

/** Sequences without their first and last steps. */
export class Cropping1D extends Cropping {
  static readonly className: string = 'Cropping1D';

  constructor(options: CroppingOptions = {}) {
    super(1, options);
  }
}

/** Images without their edges. */
export class Cropping2D extends Cropping {
  static readonly className: string = 'Cropping2D';

  constructor(options: CroppingOptions = {}) {
    super(2, options);
  }
}

/** Volumes without their edges. */
export class Cropping3D extends Cropping {
  static readonly className: string = 'Cropping3D';

  constructor(options: CroppingOptions = {}) {
    super(3, options);
  }
}

/** Options of {@link UpSampling1D}. */
export interface UpSampling1DOptions extends LayerOptions {
  /** How often each step comes. Default 2. */
  readonly size?: number;
}

/** Each step of sequences [batch, steps, channels] several times. */
export class UpSampling1D extends Layer {
  static readonly className: string = 'UpSampling1D';
  readonly size: number;

  constructor(options: UpSampling1DOptions = {}) {
    super(options);
    [this.size] = perAxis('upSampling1D: size', options.size ?? 2, 1) as [number];
  }

  call(x: Tensor): Tensor {
    return repeat(x, this.size, 1);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), size: this.size };
  }
}

/** Options of {@link UpSampling2D}. */
export interface UpSampling2DOptions extends LayerOptions {
  /** How many times higher and wider. Default 2. */
  readonly size?: number | readonly number[];
  /** Default channels_last. */
  readonly dataFormat?: DataFormat;
  /** Default nearest: each pixel several times. */
  readonly interpolation?: 'nearest' | 'bilinear' | 'bicubic' | 'lanczos3' | 'lanczos5';
}

/** Larger images [batch, height, width, channels]. */
export class UpSampling2D extends Layer {
  static readonly className: string = 'UpSampling2D';
  readonly size: readonly number[];
  readonly dataFormat: DataFormat;
  readonly interpolation: NonNullable<UpSampling2DOptions['interpolation']>;

  constructor(options: UpSampling2DOptions = {}) {
    super(options);
    this.size = perAxis('upSampling2D: size', options.size ?? 2, 2);
    this.dataFormat = oneOf('upSampling2D: dataFormat', options.dataFormat ?? 'channels_last', [
      'channels_last',
      'channels_first',
    ]);
    const words = ['nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5'] as const;
    this.interpolation = oneOf('upSampling2D: interpolation', options.interpolation ?? 'nearest', words);
  }

  call(x: Tensor): Tensor {
    const [rows, columns] = this.size as readonly [number, number];
    return inChannelsLast(x, this.dataFormat, (y) => {
      if (this.interpolation === 'nearest') return repeat(repeat(y, rows, 1), columns, 2);
      const size = [y.shape[1]! * rows, y.shape[2]! * columns] as const;
      return image.resize(y, size, { interpolation: this.interpolation });
    });
  }

  override getConfig(): LayerConfig {
    const { size, dataFormat, interpolation } = this;
    return { ...super.getConfig(), size, data_format: dataFormat, interpolation };
  }
}
