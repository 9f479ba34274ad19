/** Reshape: the numbers of each row in another shape. */
import { ShapeError, describe, reshape as reshapeTensor, type Tensor } from '@antler/core';
import { Layer, type LayerConfig, type LayerOptions } from '../layer.js';
import { type PartialShape, partialSize, showPartialShape } from '../partialShape.js';

/** Options of {@link Reshape}. */
export interface ReshapeOptions extends LayerOptions {
  /** Shape of a row; one size may be −1, which is what is left for it. */
  readonly targetShape: readonly number[];
}

/**
 * Keeps rows and their numbers, changes their shape.
 *
 * @example
 * new Reshape({ targetShape: [28, 28, 1] }).apply(ones([32, 784])).shape; // [32, 28, 28, 1]
 */
export class Reshape extends Layer {
  static readonly className: string = 'Reshape';
  readonly targetShape: readonly number[];

  constructor(options: ReshapeOptions) {
    super(options);
    this.targetShape = options.targetShape;
  }

  call(x: Tensor): Tensor {
    return reshapeTensor(x, [x.shape[0]!, ...this.targetShape]);
  }

  override outputShape([batch = null, ...row]: PartialShape): PartialShape {
    const size = partialSize(row);
    const known = partialSize(this.targetShape.filter((n) => n !== -1))!;
    const rest = size === null ? null : size / known;
    if (rest !== null && (!Number.isInteger(rest) || (rest !== 1 && !this.targetShape.includes(-1)))) {
      const expected = `rows of shape ${showPartialShape(this.targetShape)} or as many numbers`;
      throw new ShapeError(describe(`reshape: ${this.name}`, expected, showPartialShape(row)));
    }
    return [batch, ...this.targetShape.map((n) => (n === -1 ? rest : n))];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), target_shape: this.targetShape };
  }
}
