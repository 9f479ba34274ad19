/** Metric: a number over all batches since the last reset. Its state is in variables, so that it lives in the compiled step. */
import { type DType, Variable, full, type Tensor } from '@antler/core';
import { classNameOf, snakeCase } from '../names.js';
import type { PartialShape } from '../partialShape.js';

/** What every metric can be told. */
export interface MetricOptions {
  /** Key in the logs. Default: the class name in Keras's spelling, such as `sparse_categorical_accuracy`. */
  readonly name?: string;
}

/** A metric as a function: one number per row, of which the mean is shown. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** Names that `standardNames` gives, and those that depend on the shapes: `accuracy` and `acc`. */
export type MetricName =
  | 'accuracy' | 'acc' | 'sparseCategoricalAccuracy' | 'categoricalAccuracy' | 'binaryAccuracy'
  | 'topKCategoricalAccuracy' | 'sparseTopKCategoricalAccuracy' | 'auc' | 'precision' | 'recall' | 'f1Score' | 'r2Score'
  | 'truePositives' | 'falsePositives' | 'trueNegatives' | 'falseNegatives'
  | 'meanSquaredError' | 'mse' | 'rootMeanSquaredError' | 'meanAbsoluteError' | 'mae' | 'meanAbsolutePercentageError' | 'mape'
  | 'meanSquaredLogarithmicError' | 'msle' | 'logCoshError' | 'cosineSimilarity' | 'poisson' | 'klDivergence'
  | 'hinge' | 'squaredHinge' | 'categoricalHinge'
  | 'binaryCrossentropy' | 'categoricalCrossentropy' | 'sparseCategoricalCrossentropy'; // prettier-ignore

/** Base of the metrics. One of your own makes its state with `addState` and has `updateState` and `result`. */
export abstract class Metric {
  readonly name: string;
  readonly #state: Variable[] = [];
  readonly #start: number[] = [];

  constructor(options: MetricOptions = {}) {
    this.name = options.name ?? snakeCase(this.className);
  }

  /** Name of the class in saved models. */
  get className(): string {
    return classNameOf(this);
  }

  /** Makes state whose shape depends on the data. Called before a step is recorded; `updateState` calls it for those that need it. */
  build(_yTrue: PartialShape, _yPred: PartialShape): void {}

  /** Takes in a batch. `sampleWeight` has a weight per row. */
  abstract updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void;

  /** The number, as a scalar. What gives several, one per class, cannot be in the logs. */
  abstract result(): Tensor;

  /** Forgets all batches. */
  resetState(): void {
    this.#state.forEach((variable, i) =>
      variable.assign(full(variable.shape, this.#start[i]!, { dtype: variable.dtype })),
    );
  }

  /** All state, in the order it was made. */
  get variables(): readonly Variable[] {
    return this.#state;
  }

  /** Makes a variable that starts, and starts again, filled with a number. */
  protected addState(name: string, shape: readonly number[] = [], start = 0, dtype: DType = 'float32'): Variable {
    const variable = new Variable(full(shape, start, { dtype }), { name: `${this.name}/${name}`, trainable: false });
    this.#state.push(variable);
    this.#start.push(start);
    return variable;
  }

  /** What is needed to make it again, under Keras's keys. */
  getConfig(): Readonly<Record<string, unknown>> {
    return { name: this.name, dtype: 'float32' };
  }
}
