/** What `compile` makes: optimizer, loss and metrics in their place, and the steps as compiled functions. */
import { type Tensor, ValueError, describe, jit } from '@antler/core';
import { type Loss, type LossFunction, type LossName, resolveLoss } from '../losses/loss.js';
import { accuracyFor } from '../metrics/accuracy.js';
import { Mean, MeanMetric } from '../metrics/mean.js';
import { Metric, type MetricFunction, type MetricName } from '../metrics/metric.js';
import { nearestName, plain } from '../names.js';
import { type Optimizer, type OptimizerName, resolveOptimizer } from '../optimizers/optimizer.js';
import type { PartialShape } from '../partialShape.js';
import { resolveName } from '../registry.js';
import type { Batch } from './dataAdapter.js';
import { BatchLogs, logNames, packLogs, type StepResult } from './logs.js';

/** A metric, its name or a function. `accuracy` becomes sparse, categorical or binary by the shapes of the data. */
export type MetricArgument = Metric | MetricName | (string & {}) | MetricFunction;

/** What `compile` takes. */
export interface CompileOptions {
  readonly optimizer: Optimizer | OptimizerName | (string & {});
  readonly loss: Loss | LossName | (string & {}) | LossFunction;
  readonly metrics?: readonly MetricArgument[];
  /** Metrics that sample and class weights enter. */
  readonly weightedMetrics?: readonly MetricArgument[];
  /** False runs each step operation by operation, for debugging. Default true. */
  readonly jit?: boolean;
}

/** The steps of a model, as it may have overridden them. */
export interface Steps {
  trainStep(batch: Batch): StepResult;
  testStep(batch: Batch): StepResult;
}

/** The state of a compiled model. */
export class Compilation {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly lossTracker: Mean = new Mean({ name: 'loss' });
  readonly train: CompiledStep;
  readonly test: CompiledStep;
  readonly #arguments: readonly MetricArgument[];
  readonly #weightedArguments: readonly MetricArgument[];
  #metrics: readonly Metric[] | undefined;
  #weighted: readonly Metric[] = [];

  constructor(options: CompileOptions, steps: Steps) {
    const { metrics = [], weightedMetrics = [], jit: isCompiled = true } = options;
    this.optimizer = resolveOptimizer(options.optimizer);
    this.loss = resolveLoss(options.loss);
    this.#arguments = metrics;
    this.#weightedArguments = weightedMetrics;
    for (const metric of [...metrics, ...weightedMetrics]) checkMetric(metric);
    this.train = new CompiledStep((batch) => steps.trainStep(batch), isCompiled);
    this.test = new CompiledStep((batch) => steps.testStep(batch), isCompiled);
  }

  /** Makes the metrics, once the shapes of truth and prediction are known. */
  resolveMetrics(yTrue: PartialShape, yPred: PartialShape): void {
    if (this.#metrics !== undefined) return;
    this.#metrics = this.#arguments.map((metric) => resolveMetric(metric, yTrue, yPred));
    this.#weighted = this.#weightedArguments.map((metric) => resolveMetric(metric, yTrue, yPred));
  }

  /** Metrics by their keys in the logs; a weighted one whose name is taken is called `weighted_…`. */
  get namedMetrics(): readonly { readonly name: string; readonly metric: Metric; readonly isWeighted: boolean }[] {
    const named = [{ name: 'loss', metric: this.lossTracker as Metric, isWeighted: false }];
    for (const metric of this.#metrics ?? []) named.push({ name: metric.name, metric, isWeighted: false });
    const taken = new Set(named.map(({ name }) => name));
    for (const metric of this.#weighted) {
      named.push({ name: taken.has(metric.name) ? `weighted_${metric.name}` : metric.name, metric, isWeighted: true });
    }
    return named;
  }
}

/** A step as one program per signature of its batch; its results as one vector. */
export class CompiledStep {
  readonly #run: (batch: Batch) => Tensor;
  /** Set while the step is recorded; the same for all signatures. */
  #names: readonly string[] = [];

  constructor(step: (batch: Batch) => StepResult, isCompiled: boolean) {
    const pack = (batch: Batch): Tensor => {
      const result = step(batch);
      this.#names = logNames(result);
      return packLogs(result);
    };
    this.#run = isCompiled ? jit(pack) : pack;
  }

  /** Enqueues the step; its logs are read later, or never. */
  run(batch: Batch): BatchLogs {
    const vector = this.#run(batch);
    return new BatchLogs(this.#names, vector);
  }
}

const accuracyNames: readonly string[] = ['accuracy', 'acc'];

function checkMetric(metric: MetricArgument): void {
  if (metric instanceof Metric || typeof metric === 'function') return;
  if (typeof metric !== 'string') {
    throw new ValueError(describe('compile: metrics', 'metrics, their names or functions', String(metric)));
  }
  if (accuracyNames.includes(plain(metric))) return;
  const near = nearestName(metric, accuracyNames);
  if (near !== undefined) {
    throw new ValueError(
      describe('compile: metrics', 'a metric', JSON.stringify(metric), `Did you mean ${JSON.stringify(near)}?`),
    );
  }
  resolveName('compile: metrics', 'metric', metric);
}

/** A metric named by a string has this string as its key in the logs. */
function resolveMetric(metric: MetricArgument, yTrue: PartialShape, yPred: PartialShape): Metric {
  if (metric instanceof Metric) return metric;
  if (typeof metric === 'function') return new MeanMetric(metric);
  if (accuracyNames.includes(plain(metric))) return accuracyFor({ shape: yTrue }, { shape: yPred }, metric);
  const make = resolveName('compile: metrics', 'metric', metric);
  return make({ name: metric });
}
