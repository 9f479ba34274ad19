/** InputLayer: states the shape that a model takes. */
import { type DType, type Shape, type Tensor, ShapeError, describe } from '@antler/core';
import { Layer, type LayerConfig } from '../layer.js';
import { type PartialShape, checkFits } from '../partialShape.js';

/** Options of {@link input}. */
export interface InputOptions {
  /** Shape of one row: without the batch axis; null where any size will do. */
  readonly shape: PartialShape;
  readonly name?: string;
  /** Dtype that the data have. Default float32. */
  readonly dtype?: DType;
}

/** First entry of a model: passes its input on after a look at its shape. */
export class InputLayer extends Layer {
  static readonly className: string = 'InputLayer';
  /** With the batch axis. */
  readonly batchShape: PartialShape;
  readonly inputDType: DType;

  constructor({ shape, name, dtype = 'float32' }: InputOptions) {
    super(name === undefined ? {} : { name });
    const isArray: boolean = Array.isArray(shape);
    if (!isArray) {
      throw new ShapeError(describe('input: shape', 'an array of sizes without the batch axis', String(shape)));
    }
    for (const size of shape) {
      if (size === null || (Number.isSafeInteger(size) && size >= 0)) continue;
      throw new ShapeError(describe('input: shape', 'sizes that are whole numbers >= 0', String(size)));
    }
    this.batchShape = [null, ...shape];
    this.inputDType = dtype;
    this.ensureBuilt(this.batchShape);
  }

  call(x: Tensor): Tensor {
    this.check(x.shape);
    return x;
  }

  /** Throws unless a batch has the stated shape. */
  check(shape: Shape): void {
    checkFits(`input: ${this.name}`, this.batchShape, shape);
  }

  override outputShape(): PartialShape {
    return this.batchShape;
  }

  override getConfig(): LayerConfig {
    const { batchShape, inputDType, name } = this;
    return { batch_shape: batchShape, dtype: inputDType, sparse: false, ragged: false, name, optional: false };
  }
}

/**
 * Says what a model takes, so that it can be built and summarized before there is data.
 *
 * @example
 * const model = sequential([input({ shape: [28, 28] }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export function input(options: InputOptions): InputLayer {
  return new InputLayer(options);
}
