/** Model: a layer that can be compiled, trained, evaluated and asked for predictions. */
import { type Tensor, ValueError, type Variable, add, describe, full, jit, valueAndGrad } from '@antler/core';
import * as random from '@antler/core/random';
import { printLine } from './host.js';
import { Layer } from './layer.js';
import type { Optimizer } from './optimizers/optimizer.js';
import type { PartialShape } from './partialShape.js';
import { type AnyLayer, type Tensors, asList, shapesOf } from './symbolic.js';
import { type SummaryContent, type SummaryOptions, summaryText } from './summary.js';
import { Compilation, type CompileOptions } from './training/compilation.js';
import { type AnyBatch, type Batch, type Batches, batchOf, isBatches } from './training/dataAdapter.js';
import { evaluate, type EvaluateOptions } from './training/evaluate.js';
import { fit, type FitOptions } from './training/fit.js';
import type { History } from './training/history.js';
import type { Data } from './training/columns.js';
import type { Logs, StepResult } from './training/logs.js';
import { predict, type PredictOptions } from './training/predict.js';
import { type ModelState, type Position, type StateVariables, readState, writeState } from './training/state.js';

/**
 * Base of the models. A model of your own may override `call` (with layers in its fields), or one of the steps.
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
 * const { history } = await model.fit(images, labels, { epochs: 5, validationSplit: 0.1 });
 */
export abstract class Model<X extends Tensors = Tensor, Y extends Tensors = Tensor> extends Layer<X, Y> {
  static readonly className: string = 'Model';
  /** Set it, in a callback, to end training after the present step. */
  stopTraining = false;
  /** Where `fit` is; a checkpoint holds it. */
  position: Position = { epoch: 0, step: 0, seed: 0 };
  #compilation: Compilation | undefined;
  /** For which shapes of batches the metrics were made last: finding out the output's shape records the model twice. */
  #prepared: { readonly compilation: Compilation; readonly key: string } | undefined;
  readonly #predict: (batch: Batch<X, Y>) => Y = jit((batch: Batch<X, Y>) => this.predictStep(batch));
  #isFitting = false;
  #fits = 0;

  /** The layers that a summary lists. */
  get layers(): readonly AnyLayer[] {
    return this.parts;
  }

  /** Names of the inputs, for data given by name. Empty where there is one without a name. */
  get inputNames(): readonly string[] {
    return [];
  }

  /** Names of the outputs, for truth, losses and metrics given by name. Empty where there is one without a name. */
  get outputNames(): readonly string[] {
    return [];
  }

  /** Says how to train: with which optimizer, towards which loss, watching which metrics. */
  compile(options: CompileOptions): void {
    this.#compilation = new Compilation(options, this);
  }

  /** The optimizer that `compile` was given. */
  get optimizer(): Optimizer {
    return this.#compiled('optimizer').optimizer;
  }

  /**
   * Trains on arrays with as many rows, or on batches. Returns the logs of each epoch; rejects with an IndexError when a label
   * is not a class.
   */
  fit(x: Data, y: Data, options?: FitOptions): Promise<History>;
  fit(batches: Batches, options?: FitOptions): Promise<History>;
  async fit(x: Data | Batches, second?: Data | FitOptions, third?: FitOptions): Promise<History> {
    const compilation = this.#compiled('fit');
    if (this.#isFitting) {
      throw new ValueError(
        describe('fit', 'a model that is not fitting', `${this.name}, which is`, 'Await the first fit.'),
      );
    }
    const [y, options] = truthAndOptions(x, second, third);
    this.#isFitting = true;
    try {
      return await fit(this as unknown as AnyModel, compilation, x, y, options, this.#fits++);
    } finally {
      this.#isFitting = false;
    }
  }

  /** Loss and metrics over arrays with as many rows, or over batches. */
  evaluate(x: Data, y: Data, options?: EvaluateOptions): Promise<Logs>;
  evaluate(batches: Batches, options?: EvaluateOptions): Promise<Logs>;
  async evaluate(x: Data | Batches, second?: Data | EvaluateOptions, third?: EvaluateOptions): Promise<Logs> {
    const [y, options] = truthAndOptions(x, second, third);
    return evaluate(this as unknown as AnyModel, this.#compiled('evaluate'), x, y, options);
  }

  /** What the model gives for each row, with the weights of the last step that was enqueued. Needs no `compile`. */
  predict(x: Data | Batches, options: PredictOptions = {}): Promise<Y> {
    const step = this.#predict as unknown as (batch: AnyBatch) => Tensors;
    return predict(this as unknown as AnyModel, step, x, options) as Promise<Y>;
  }

  /** One training step; the logs are of this batch alone. */
  async trainOnBatch(x: Data, y: Data, sampleWeight?: Data): Promise<Logs> {
    const { train } = this.#compiled('trainOnBatch');
    const batch = batchOf('trainOnBatch', this, x, y, sampleWeight) as Batch<X, Y>;
    this.prepare(batch);
    return train.runAlone(batch).read();
  }

  /** One test step; the logs are of this batch alone. */
  async testOnBatch(x: Data, y: Data, sampleWeight?: Data): Promise<Logs> {
    const { test } = this.#compiled('testOnBatch');
    const batch = batchOf('testOnBatch', this, x, y, sampleWeight) as Batch<X, Y>;
    this.prepare(batch);
    return test.runAlone(batch).read();
  }

  /** What the model gives for one batch. */
  predictOnBatch(x: Data): Y {
    const batch = batchOf('predictOnBatch', this, x) as Batch<X, Y>;
    this.ensureBuilt(shapesOf(batch.x));
    return this.#predict(batch);
  }

  /** What one training step does: gradients, an update, metrics. Override it to train in another way. */
  trainStep(batch: Batch<X, Y>): StepResult {
    const variables = this.trainableWeights;
    const differentiate = valueAndGrad(
      (_variables: readonly Variable[]) => {
        const yPred = this.apply(batch.x, { training: true });
        return [this.computeLoss(batch, yPred), yPred] as const;
      },
      { aux: true },
    );
    const [[loss, yPred], gradients] = differentiate(variables);
    this.optimizer.apply(this.reduceGradients(gradients), variables);
    return this.updateMetrics(batch, yPred, loss);
  }

  /** What one evaluation step does. */
  testStep(batch: Batch<X, Y>): StepResult {
    const yPred = this.apply(batch.x, { training: false });
    return this.updateMetrics(batch, yPred, this.computeLoss(batch, yPred));
  }

  /** What one prediction step does. */
  predictStep({ x }: Batch<X, Y>): Y {
    return this.apply(x, { training: false });
  }

  /** The scalar that training makes small: the losses of all outputs, and what regularizers add. */
  computeLoss({ y, sampleWeight }: Batch<X, Y>, yPred: Y): Tensor {
    if (y === undefined) throw new ValueError(describe('computeLoss', 'batches with a truth y', 'batches of x alone'));
    const loss = this.#compiled('computeLoss').loss(asList<Tensor>(y), asList<Tensor>(yPred), sampleWeight);
    return this.regularizationLosses().reduce((sum, penalty) => add(sum, penalty), loss);
  }

  /** Gradients as the optimizer gets them. The seam for training on several machines; here it changes nothing. */
  protected reduceGradients(gradients: readonly Tensor[]): readonly Tensor[] {
    return gradients;
  }

  /** Takes a batch into the loss's mean and into all metrics; gives their results. */
  protected updateMetrics({ x, y, sampleWeight }: Batch<X, Y>, yPred: Y, loss: Tensor): StepResult {
    const compilation = this.#compiled('updateMetrics');
    compilation.lossTracker.update(loss, full([], asList<Tensor>(x)[0]!.shape[0]!));
    const results: Record<string, Tensor> = {};
    for (const { name, metric, isWeighted, output } of compilation.namedMetrics) {
      if (output !== undefined) {
        const weight = isWeighted && sampleWeight !== undefined ? asList(sampleWeight) : [];
        metric.updateState(asList<Tensor>(y!)[output]!, asList<Tensor>(yPred)[output]!, weight[output] ?? weight[0]);
      }
      results[name] = metric.result();
    }
    return results;
  }

  /** Starts the means of the logs again. `fit` does it before each epoch. */
  resetMetrics(): void {
    for (const { metric } of this.#compilation?.namedMetrics ?? []) metric.resetState();
  }

  /** Makes weights, metrics and the optimizer's state for batches like this one, so that the step itself makes none. */
  prepare({ x, y }: Batch<X, Y>): void {
    const compilation = this.#compiled('prepare');
    this.ensureBuilt(shapesOf(x));
    const key = JSON.stringify([shapesOf(x), y === undefined ? null : shapesOf<Tensors>(y)]);
    if (this.#prepared?.compilation !== compilation || this.#prepared.key !== key) {
      // Asked for in any case: it builds the layers that a model of one's own calls.
      const outputShape = this.outputShape(shapesOf(x));
      if (y !== undefined) compilation.resolveMetrics(shapesOf<Tensors>(y), outputShape);
      this.#prepared = { compilation, key };
    }
    compilation.optimizer.build(this.trainableWeights);
  }

  /**
   * All that training goes on from: weights, the optimizer's state, the sums of the metrics, and the states of random generators.
   * With it and the data, training continues as if it had never stopped.
   */
  async saveState(): Promise<ModelState> {
    return readState(this.#stateVariables('saveState'), this.position);
  }

  /** Takes over what `saveState` gave; the model must be the same and built, as after `fit`. */
  restoreState(state: ModelState): void {
    writeState(`restoreState: ${this.name}`, this.#stateVariables('restoreState'), state);
    this.optimizer.restored(state.variables.optimizer);
    this.position = state.position;
  }

  #stateVariables(where: string): StateVariables {
    const { optimizer, namedMetrics } = this.#compiled(where);
    return {
      weights: this.weights,
      optimizer: optimizer.variables,
      metrics: namedMetrics.flatMap(({ metric }) => metric.variables),
      random: [random.globalGenerator().state, ...this.randomStates],
    };
  }

  /** Prints the table of layers and the counts of parameters, and returns its text. */
  summary({ lineLength, print = printLine }: SummaryOptions = {}): string {
    const text = summaryText(this.summaryContent(), lineLength);
    print(text);
    return text;
  }

  /** What a summary shows. */
  protected summaryContent(): SummaryContent {
    const optimizer = this.#compilation?.optimizer;
    return {
      name: this.name,
      rows: this.layers.map((layer) => ({ layer, outputShape: knownOutput(layer) })),
      trainable: this.trainableWeights,
      nonTrainable: this.nonTrainableWeights,
      optimizer: optimizer?.built === true ? optimizer.variables : undefined,
    };
  }

  #compiled(where: string): Compilation {
    if (this.#compilation !== undefined) return this.#compilation;
    const hint = 'Call model.compile({ optimizer, loss }) first.';
    throw new ValueError(describe(where, 'a compiled model', `${this.name}, which is not`, hint));
  }
}

/** A model of any inputs and outputs. */
export type AnyModel = Model<Tensors, Tensors>;

function knownOutput(layer: AnyLayer): PartialShape | readonly PartialShape[] | undefined {
  return layer.inputShape === undefined ? undefined : layer.outputShape(layer.inputShape);
}

function truthAndOptions<Options extends object>(
  x: Data | Batches,
  second: Data | Options | undefined,
  third: Options | undefined,
): readonly [y: Data | undefined, options: Options] {
  if (isBatches(x) && third === undefined) return [undefined, (second ?? {}) as Options];
  return [second as Data | undefined, third ?? ({} as Options)];
}
