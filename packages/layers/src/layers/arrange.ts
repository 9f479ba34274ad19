/** Permute, Identity, RepeatVector: the numbers of each row in another place, or as they are. */
import { ShapeError, ValueError, broadcastTo, describe, expandDims, transpose, type Tensor } from '@antler/core';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';

/** Options of {@link Permute}. */
export interface PermuteOptions extends LayerOptions {
  /** The axes of a row, from 1, in their new order. */
  readonly dims: readonly number[];
}

/** The axes of each row in another order. */
export class Permute extends Layer {
  static readonly className: string = 'Permute';
  readonly dims: readonly number[];

  constructor(options: PermuteOptions) {
    super(options);
    this.dims = options.dims;
    if ([...this.dims].sort((a, b) => a - b).some((axis, i) => axis !== i + 1)) {
      throw new ValueError(describe('permute: dims', 'the axes 1, 2, … in some order', `[${this.dims.join(', ')}]`));
    }
  }

  override build(inputShape: PartialShape): void {
    if (inputShape.length === this.dims.length + 1) return;
    const expected = `an input of rank ${this.dims.length + 1}`;
    throw new ShapeError(describe(`permute: ${this.name}`, expected, showPartialShape(inputShape)));
  }

  call(x: Tensor): Tensor {
    return transpose(x, [0, ...this.dims]);
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return [0, ...this.dims].map((axis) => inputShape[axis]!);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), dims: this.dims };
  }
}

/** What it is given. */
export class Identity extends Layer {
  static readonly className: string = 'Identity';
  protected override readonly passesMask = true;

  call(x: Tensor): Tensor {
    return x;
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }
}

/** Options of {@link RepeatVector}. */
export interface RepeatVectorOptions extends LayerOptions {
  readonly n: number;
}

/** Rows [batch, features] as sequences [batch, n, features] of n equal steps. */
export class RepeatVector extends Layer {
  static readonly className: string = 'RepeatVector';
  readonly n: number;

  constructor(options: RepeatVectorOptions) {
    super(options);
    this.n = options.n;
    if (!Number.isInteger(this.n) || this.n < 1) {
      throw new ValueError(describe('repeatVector: n', 'a whole number > 0', String(this.n)));
    }
  }

  call(x: Tensor): Tensor {
    if (x.rank !== 2) {
      throw new ShapeError(describe(`repeatVector: ${this.name}`, 'rows [batch, features]', `[${x.shape.join(', ')}]`));
    }
    return broadcastTo(expandDims(x, 1), [x.shape[0]!, this.n, x.shape[1]!]);
  }

  override outputShape([batch = null, features = null]: PartialShape): PartialShape {
    return [batch, this.n, features];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), n: this.n };
  }
}
