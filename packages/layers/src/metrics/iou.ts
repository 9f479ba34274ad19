/** Intersection over union of classes: from a table of how often each class was taken for each. */
import {
  ShapeError,
  ValueError,
  add,
  argmax,
  cast,
  describe,
  diagonal,
  divide,
  greater,
  greaterEqual,
} from '@antler/core';
import { matmul, multiply, notEqual, oneHot, reshape, subtract, sum, tensor, transpose, where } from '@antler/core';
import { type Tensor, type Variable } from '@antler/core';
import { EPSILON } from '../losses/reduction.js';
import { Metric, type MetricOptions } from './metric.js';

/** Options of {@link MeanIoU}. */
export interface MeanIoUOptions extends MetricOptions {
  readonly numClasses: number;
  /** Entries whose truth is this class do not count. */
  readonly ignoreClass?: number;
  /** True when the truth is class numbers, false when it is a score per class. Default true. */
  readonly sparseYTrue?: boolean;
  /** The same of predictions. Default true. */
  readonly sparseYPred?: boolean;
  /** The axis of the scores. Default −1. */
  readonly axis?: number;
}

/** Options of {@link IoU}. */
export interface IoUOptions extends MeanIoUOptions {
  /** The classes whose mean is the result. */
  readonly targetClassIds: readonly number[];
}

/**
 * The mean over some classes of what truth and prediction share, over what either has. Entries whose class number is none do not
 * count; weights are whole numbers, as in Keras.
 */
export class IoU extends Metric {
  static readonly className: string = 'IoU';
  readonly options: IoUOptions;
  readonly #table: Variable;

  constructor(options: IoUOptions) {
    super(options);
    const { numClasses: n, targetClassIds: ids } = options;
    if (!Number.isInteger(n) || n < 1) {
      throw new ValueError(describe(`${this.name}: numClasses`, 'a whole number > 0', String(n)));
    }
    if (ids.length === 0 || !ids.every((id) => Number.isInteger(id) && id >= 0 && id < n)) {
      throw new ValueError(describe(`${this.name}: targetClassIds`, `classes in [0, ${n})`, `[${ids.join(', ')}]`));
    }
    this.options = options;
    this.#table = this.addState('total_confusion_matrix', [n, n], 0, 'int32');
  }

  updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const { numClasses: n, ignoreClass, sparseYTrue = true, sparseYPred = true, axis = -1 } = this.options;
    const classes = (y: Tensor, isSparse: boolean): Tensor =>
      reshape(cast(isSparse ? y : argmax(y, axis), 'int32'), [-1]);
    const [truth, prediction] = [classes(yTrue, sparseYTrue), classes(yPred, sparseYPred)];
    if (truth.size !== prediction.size) {
      throw new ShapeError(describe(this.name, `${truth.size} predictions`, String(prediction.size)));
    }
    // What is no class has a row of zeros, and so counts nowhere.
    const rows = oneHot(ignoreClass === undefined ? truth : where(notEqual(truth, ignoreClass), truth, -1), n);
    const columns = oneHot(prediction, n);
    const weight = sampleWeight && reshape(cast(cast(sampleWeight, 'int32'), 'float32'), [-1, 1]);
    const counts = matmul(transpose(rows), weight === undefined ? columns : multiply(columns, weight));
    this.#table.assign(add(this.#table, cast(counts, 'int32')));
  }

  result(): Tensor {
    const table = cast(this.#table, 'float32');
    const chosen = tensor(
      Array.from({ length: this.options.numClasses }, (_, i) =>
        this.options.targetClassIds.reduce((count, id) => count + (id === i ? 1 : 0), 0),
      ),
    );
    const shared = diagonal(table);
    const either = subtract(add(sum(table, 0), sum(table, 1)), shared);
    const isSeen = greater(either, 1e-9);
    const parts = where(isSeen, divide(shared, add(either, EPSILON)), 0);
    const seen = sum(multiply(cast(isSeen, 'float32'), chosen));
    return divide(sum(multiply(parts, chosen)), add(seen, EPSILON));
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { sparseYTrue = true, ...config } = this.commonConfig();
    return { ...config, sparse_y_true: sparseYTrue, target_class_ids: this.options.targetClassIds };
  }

  /** What all variants have in their configuration. */
  protected commonConfig(): Readonly<Record<string, unknown>> {
    const { numClasses, ignoreClass = null, sparseYPred = true, axis = -1 } = this.options;
    const { name } = this;
    return {
      name,
      dtype: 'int32',
      num_classes: numClasses,
      ignore_class: ignoreClass,
      sparse_y_pred: sparseYPred,
      axis,
    };
  }
}

/** {@link IoU} of all classes. */
export class MeanIoU extends IoU {
  static override readonly className: string = 'MeanIoU';

  constructor(options: MeanIoUOptions) {
    super({ ...options, targetClassIds: Array.from({ length: options.numClasses }, (_, i) => i) });
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...this.commonConfig(), sparse_y_true: this.options.sparseYTrue ?? true };
  }
}

/** {@link IoU} of a truth of one-hot vectors and predictions of a score per class. */
export class OneHotIoU extends IoU {
  static override readonly className: string = 'OneHotIoU';

  constructor(options: Omit<IoUOptions, 'sparseYTrue'>) {
    super({ sparseYPred: false, ...options, sparseYTrue: false });
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return { ...this.commonConfig(), target_class_ids: this.options.targetClassIds };
  }
}

/** {@link OneHotIoU} of all classes. */
export class OneHotMeanIoU extends MeanIoU {
  static override readonly className: string = 'OneHotMeanIoU';

  constructor(options: Omit<MeanIoUOptions, 'sparseYTrue'>) {
    super({ sparseYPred: false, ...options, sparseYTrue: false });
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    return this.commonConfig();
  }
}

/** Options of {@link BinaryIoU}. */
export interface BinaryIoUOptions extends MetricOptions {
  /** Default both, 0 and 1. */
  readonly targetClassIds?: readonly number[];
  /** A prediction of at least this means 1. Default 0.5. */
  readonly threshold?: number;
}

/** {@link IoU} of yes and no, from the probability of yes. */
export class BinaryIoU extends IoU {
  static override readonly className: string = 'BinaryIoU';
  readonly threshold: number;

  constructor({ targetClassIds = [0, 1], threshold = 0.5, ...options }: BinaryIoUOptions = {}) {
    super({ ...options, numClasses: 2, targetClassIds });
    this.threshold = threshold;
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    super.updateState(yTrue, greaterEqual(yPred, this.threshold), sampleWeight);
  }

  override getConfig(): Readonly<Record<string, unknown>> {
    const { name, threshold } = this;
    return { target_class_ids: this.options.targetClassIds, threshold, name, dtype: 'int32' };
  }
}
