/** Model: a layer that can be compiled, trained, evaluated and asked for predictions. */
import { type Tensor, ValueError, type Variable, describe, full, jit, valueAndGrad } from '@antler/core';
import { printLine } from './host.js';
import { Layer } from './layer.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { type PartialShape, anyBatch } from './partialShape.js';
import { type SummaryContent, type SummaryOptions, summaryText } from './summary.js';
import { Compilation, type CompileOptions } from './training/compilation.js';
import { type Batch, type Batches, isBatches } from './training/dataAdapter.js';
import { evaluate, type EvaluateOptions } from './training/evaluate.js';
import { fit, type FitOptions } from './training/fit.js';
import type { History } from './training/history.js';
import { type ArrayData, toTensor } from './training/hostRows.js';
import type { Logs, StepResult } from './training/logs.js';
import { predict, type PredictOptions } from './training/predict.js';

/**
 * Base of the models. A model of your own may override `call` (with layers in its fields), or one of the steps.
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
 * const { history } = await model.fit(images, labels, { epochs: 5, validationSplit: 0.1 });
 */
export abstract class Model extends Layer {
  static readonly className: string = 'Model';
  /** Set it, in a callback, to end training after the present step. */
  stopTraining = false;
  #compilation: Compilation | undefined;
  readonly #predict: (batch: Batch) => Tensor = jit((batch: Batch) => this.predictStep(batch));
  #isFitting = false;
  #fits = 0;

  /** The layers that a summary lists. */
  get layers(): readonly Layer[] {
    return this.parts;
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
  fit(x: ArrayData, y: ArrayData, options?: FitOptions): Promise<History>;
  fit(batches: Batches, options?: FitOptions): Promise<History>;
  async fit(x: ArrayData | Batches, second?: ArrayData | FitOptions, third?: FitOptions): Promise<History> {
    const compilation = this.#compiled('fit');
    if (this.#isFitting) {
      throw new ValueError(
        describe('fit', 'a model that is not fitting', `${this.name}, which is`, 'Await the first fit.'),
      );
    }
    const [y, options] = truthAndOptions(x, second, third);
    this.#isFitting = true;
    try {
      return await fit(this, compilation, x, y, options, this.#fits++);
    } finally {
      this.#isFitting = false;
    }
  }

  /** Loss and metrics over arrays with as many rows, or over batches. */
  evaluate(x: ArrayData, y: ArrayData, options?: EvaluateOptions): Promise<Logs>;
  evaluate(batches: Batches, options?: EvaluateOptions): Promise<Logs>;
  async evaluate(x: ArrayData | Batches, second?: ArrayData | EvaluateOptions, third?: EvaluateOptions): Promise<Logs> {
    const [y, options] = truthAndOptions(x, second, third);
    return evaluate(this, this.#compiled('evaluate'), x, y, options);
  }

  /** What the model gives for each row, with the weights of the last step that was enqueued. Needs no `compile`. */
  async predict(x: ArrayData | Batches, options: PredictOptions = {}): Promise<Tensor> {
    return predict(this, this.#predict, x, options);
  }

  /** One training step; the logs are running means since the last `resetMetrics`. */
  async trainOnBatch(x: ArrayData, y: ArrayData, sampleWeight?: ArrayData): Promise<Logs> {
    const { train } = this.#compiled('trainOnBatch');
    const batch = toBatch(x, y, sampleWeight);
    this.prepare(batch);
    return train.run(batch).read();
  }

  /** One test step; the logs are running means since the last `resetMetrics`. */
  async testOnBatch(x: ArrayData, y: ArrayData, sampleWeight?: ArrayData): Promise<Logs> {
    const { test } = this.#compiled('testOnBatch');
    const batch = toBatch(x, y, sampleWeight);
    this.prepare(batch);
    return test.run(batch).read();
  }

  /** What the model gives for one batch. */
  predictOnBatch(x: ArrayData): Tensor {
    const batch = { x: toTensor(x) };
    this.ensureBuilt(anyBatch(batch.x.shape));
    return this.#predict(batch);
  }

  /** What one training step does: gradients, an update, metrics. Override it to train in another way. */
  trainStep(batch: Batch): StepResult {
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
  testStep(batch: Batch): StepResult {
    const yPred = this.apply(batch.x, { training: false });
    return this.updateMetrics(batch, yPred, this.computeLoss(batch, yPred));
  }

  /** What one prediction step does. */
  predictStep({ x }: Batch): Tensor {
    return this.apply(x, { training: false });
  }

  /** The scalar that training makes small. */
  computeLoss({ y, sampleWeight }: Batch, yPred: Tensor): Tensor {
    if (y === undefined) throw new ValueError(describe('computeLoss', 'batches with a truth y', 'batches of x alone'));
    return this.#compiled('computeLoss').loss.apply(y, yPred, sampleWeight);
  }

  /** Gradients as the optimizer gets them. The seam for training on several machines; here it changes nothing. */
  protected reduceGradients(gradients: readonly Tensor[]): readonly Tensor[] {
    return gradients;
  }

  /** Takes a batch into the loss's mean and into all metrics; gives their results. */
  protected updateMetrics({ x, y, sampleWeight }: Batch, yPred: Tensor, loss: Tensor): StepResult {
    const compilation = this.#compiled('updateMetrics');
    compilation.lossTracker.update(loss, full([], x.shape[0]!));
    const results: Record<string, Tensor> = {};
    for (const { name, metric, isWeighted } of compilation.namedMetrics) {
      if (metric !== compilation.lossTracker) metric.updateState(y!, yPred, isWeighted ? sampleWeight : undefined);
      results[name] = metric.result();
    }
    return results;
  }

  /** Starts the means of the logs again. `fit` does it before each epoch. */
  resetMetrics(): void {
    for (const { metric } of this.#compilation?.namedMetrics ?? []) metric.resetState();
  }

  /** Makes weights, metrics and the optimizer's state for batches like this one, so that the step itself makes none. */
  prepare({ x, y }: Batch): void {
    const { optimizer } = this.#compiled('prepare');
    this.ensureBuilt(anyBatch(x.shape));
    // Asked for in any case: it builds the layers that a model of one's own calls.
    const outputShape = this.outputShape(anyBatch(x.shape));
    if (y !== undefined) this.#compilation!.resolveMetrics(anyBatch(y.shape), outputShape);
    optimizer.build(this.trainableWeights);
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

function knownOutput(layer: Layer): PartialShape | undefined {
  return layer.inputShape === undefined ? undefined : layer.outputShape(layer.inputShape);
}

function truthAndOptions<Options extends object>(
  x: ArrayData | Batches,
  second: ArrayData | Options | undefined,
  third: Options | undefined,
): readonly [y: ArrayData | undefined, options: Options] {
  if (isBatches(x) && third === undefined) return [undefined, (second ?? {}) as Options];
  return [second as ArrayData | undefined, third ?? ({} as Options)];
}

function toBatch(x: ArrayData, y: ArrayData, sampleWeight: ArrayData | undefined): Batch {
  return {
    x: toTensor(x),
    y: toTensor(y),
    ...(sampleWeight !== undefined && { sampleWeight: toTensor(sampleWeight) }),
  };
}
