/** InputLayer: states the shape that a model takes. */
import { type DType, type Shape, type Tensor, ShapeError, cast, describe } from '@antler/core';
import { Layer, type LayerConfig } from '../layer.js';
import { type PartialShape, checkFits } from '../partialShape.js';
import { type SymbolicTensor, symbolicCall } from '../symbolic.js';

/** Options of {@link input}. */
export interface InputOptions {
  /** Shape of one row: without the batch axis; null where any size will do. */
  readonly shape: PartialShape;
  readonly name?: string;
  /** Dtype that the first layers get; data of another one are converted. Default float32. */
  readonly dtype?: DType;
}

/** First entry of a model: passes its input on in the stated dtype, after a look at its shape. */
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
    return x.dtype === this.inputDType ? x : cast(x, this.inputDType);
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
 * Says what a model takes: the first entry of a `sequential` model, or what the first layers of a functional one are applied to.
 *
 * @example
 * const image = input({ shape: [28, 28] });
 * const flat = layers.flatten().apply(image);
 * const digits = model({ inputs: image, outputs: layers.dense({ units: 10 }).apply(flat) });
 */
export function input(options: InputOptions): SymbolicTensor {
  const layer = new InputLayer(options);
  return symbolicCall(layer, [], layer.batchShape) as SymbolicTensor;
}
