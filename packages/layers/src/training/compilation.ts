/** What `compile` makes: optimizer, loss and metrics in their place, and the steps as compiled functions. */
import { type Tensor, ValueError, add, describe, full, jit, multiply, scope } from '@antler/core';
import { Loss, type LossFunction, type LossName, resolveLoss } from '../losses/loss.js';
import { Mean, MeanMetric } from '../metrics/mean.js';
import { Metric, type MetricFunction, type MetricName } from '../metrics/metric.js';
import { type Optimizer, type OptimizerName, resolveOptimizer } from '../optimizers/optimizer.js';
import type { PartialShape } from '../partialShape.js';
import { resolveName } from '../registry.js';
import { type ShapesOf, type Tensors, asList, isShapeList } from '../symbolic.js';
import { type OptionNames, checkOptionNames } from './optionNames.js';
import { byName } from './columns.js';
import type { AnyBatch } from './dataAdapter.js';
import { releaseBorrowed } from './hostRows.js';
import { BatchLogs, logNames, packLogs, type StepResult } from './logs.js';

/** A metric, its name or a function. `accuracy` becomes sparse, categorical or binary by the shapes of the data. */
export type MetricArgument = Metric | MetricName | (string & {}) | MetricFunction;

/** A loss, its name, or a function that gives a loss per row. */
export type LossArgument = Loss | LossName | (string & {}) | LossFunction;

/** For a model with several outputs: one of each, in a list in their order or by their names. */
export type PerOutput<T> = readonly T[] | Readonly<Record<string, T>>;

/** What `compile` takes. */
export interface CompileOptions {
  readonly optimizer: Optimizer | OptimizerName | (string & {});
  /** For several outputs one loss for all of them, or one for each. */
  readonly loss: LossArgument | PerOutput<LossArgument>;
  /** What the losses of several outputs count with in their sum. Default 1. */
  readonly lossWeights?: PerOutput<number>;
  /** For one output a list; for several outputs metrics, or lists of them, for each. */
  readonly metrics?: PerOutput<MetricArgument | readonly MetricArgument[]>;
  /** Metrics that sample and class weights enter. */
  readonly weightedMetrics?: PerOutput<MetricArgument | readonly MetricArgument[]>;
  /** False runs each step operation by operation, for debugging. Default true. */
  readonly jit?: boolean;
}

const optionNames: OptionNames<CompileOptions> = {
  optimizer: 1,
  loss: 1,
  lossWeights: 1,
  metrics: 1,
  weightedMetrics: 1,
  jit: 1,
};

/** The steps of a model, as it may have overridden them. */
export interface Steps {
  trainStep(batch: AnyBatch): StepResult;
  testStep(batch: AnyBatch): StepResult;
  resetMetrics(): void;
  readonly outputNames: readonly string[];
}

/** A metric in its place. */
export interface NamedMetric {
  readonly name: string;
  readonly metric: Metric;
  readonly isWeighted: boolean;
  /** The output that it looks at; undefined for the means of losses. */
  readonly output: number | undefined;
}

/** The state of a compiled model. */
export class Compilation {
  readonly optimizer: Optimizer;
  readonly lossTracker: Mean = new Mean({ name: 'loss' });
  readonly train: CompiledStep;
  readonly test: CompiledStep;
  readonly #names: readonly string[];
  readonly #losses: readonly Loss[];
  readonly #lossWeights: readonly number[] | undefined;
  /** Means of the losses of several outputs. */
  readonly #lossTrackers: readonly Mean[];
  readonly #options: CompileOptions;
  #metrics: readonly NamedMetric[] | undefined;

  constructor(options: CompileOptions, steps: Steps) {
    if (typeof (options as unknown) !== 'object') {
      throw new ValueError(describe('compile', '{ optimizer, loss, metrics }', typeof options));
    }
    checkOptionNames('compile', options, optionNames);
    const { loss, lossWeights, metrics = [], weightedMetrics = [], jit: isCompiled = true } = options;
    checkLists({ metrics, weightedMetrics });
    this.optimizer = resolveOptimizer(options.optimizer);
    this.#names = outputNames(steps.outputNames, loss);
    const names = this.#names;
    this.#losses = isPerOutput(loss)
      ? perOutput('compile: loss', loss, names).map((one) => resolveLoss(one))
      : Array.from(names, () => resolveLoss(loss));
    this.#lossWeights = lossWeights && perOutput('compile: lossWeights', lossWeights, names);
    this.#lossTrackers = names.length === 1 ? [] : names.map((name) => new Mean({ name: `${name}_loss` }));
    this.#options = options;
    for (const given of [metrics, weightedMetrics]) metricsOf(given, names).flat().forEach(checkMetric);
    this.train = new CompiledStep((batch) => steps.trainStep(batch), steps, isCompiled);
    this.test = new CompiledStep((batch) => steps.testStep(batch), steps, isCompiled);
  }

  /** The weighted sum of the losses of all outputs, each of which enters its mean. */
  loss(yTrue: readonly Tensor[], yPred: readonly Tensor[], sampleWeight: Tensors | undefined): Tensor {
    if (yTrue.length !== this.#losses.length || yPred.length !== this.#losses.length) {
      const received = `${yPred.length} outputs and ${yTrue.length} truths`;
      throw new ValueError(
        describe('loss', `a truth and a loss for each output (${this.#names.join(', ')})`, received),
      );
    }
    const weights = sampleWeight === undefined ? [] : asList<Tensor>(sampleWeight);
    const parts = this.#losses.map((loss, i) => {
      const value = loss.apply(yTrue[i]!, yPred[i]!, weights[i] ?? weights[0]);
      this.#lossTrackers[i]?.update(value, full([], yPred[i]!.shape[0]!));
      const factor = this.#lossWeights?.[i];
      return factor === undefined ? value : multiply(value, factor);
    });
    return parts.reduce((sum, part) => add(sum, part));
  }

  /** Makes the metrics, once the shapes of truth and prediction are known. */
  resolveMetrics(yTrue: ShapesOf<Tensors>, yPred: ShapesOf<Tensors>): void {
    if (this.#metrics !== undefined) return;
    const truths = isShapeList(yTrue) ? yTrue : [yTrue];
    const predictions = isShapeList(yPred) ? yPred : [yPred];
    const { metrics = [], weightedMetrics = [] } = this.#options;
    const resolve = (given: NonNullable<CompileOptions['metrics']>): readonly (readonly [number, Metric])[] =>
      metricsOf(given, this.#names).flatMap((list, i) =>
        list.map((metric) => [i, resolveMetric(metric, truths[i]!, predictions[i]!)] as const),
      );
    const prefix = (output: number): string => (this.#names.length === 1 ? '' : `${this.#names[output]!}_`);
    const named: NamedMetric[] = resolve(metrics).map(([output, metric]) => ({
      name: `${prefix(output)}${metric.name}`,
      metric,
      isWeighted: false,
      output,
    }));
    const taken = new Set(['loss', ...named.map(({ name }) => name)]);
    for (const [output, metric] of resolve(weightedMetrics)) {
      const name = `${prefix(output)}${metric.name}`;
      named.push({ name: taken.has(name) ? `weighted_${name}` : name, metric, isWeighted: true, output });
    }
    for (const { metric, output } of named) metric.build(truths[output!]!, predictions[output!]!);
    this.#metrics = named;
  }

  /** Metrics by their keys in the logs; a weighted one whose name is taken is called `weighted_…`. */
  get namedMetrics(): readonly NamedMetric[] {
    const means = [this.lossTracker, ...this.#lossTrackers].map((metric) => ({
      name: metric.name,
      metric,
      isWeighted: false,
      output: undefined,
    }));
    return [...means, ...(this.#metrics ?? [])];
  }

  /** The logs as they stand, without a step. */
  results(): BatchLogs {
    const results = Object.fromEntries(this.namedMetrics.map(({ name, metric }) => [name, metric.result()]));
    return new BatchLogs(logNames(results), packLogs(results));
  }
}

/** Metrics come in lists; one alone would be taken apart. */
function checkLists(given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'object' && !(value instanceof Metric)) continue;
    const received = typeof value === 'string' ? JSON.stringify(value) : typeof value;
    const hint = typeof value === 'string' ? `Write [${received}].` : 'One metric is a list of one.';
    throw new ValueError(describe(`compile: ${name}`, 'a list of metrics', received, hint));
  }
}

/** Names of the outputs; those of a model without names are numbered, by the number of losses. */
function outputNames(known: readonly string[], loss: CompileOptions['loss']): readonly string[] {
  if (known.length > 0) return known;
  const count = Array.isArray(loss) ? loss.length : 1;
  return Array.from({ length: count }, (_, i) => `output_${i}`);
}

function isPerOutput<T extends object>(loss: LossArgument | T): loss is T {
  return typeof loss === 'object' && !(loss instanceof Loss);
}

function perOutput<T>(where: string, given: PerOutput<T>, names: readonly string[]): readonly T[] {
  const list = Array.isArray(given) ? (given as readonly T[]) : byName(where, given as Record<string, T>, names);
  if (list.length === names.length) return list;
  throw new ValueError(describe(where, `one for each of ${names.join(', ')}`, String(list.length)));
}

/** The metrics of each output. */
function metricsOf(
  given: NonNullable<CompileOptions['metrics']>,
  names: readonly string[],
): readonly (readonly MetricArgument[])[] {
  const isNested = !Array.isArray(given) || given.some((entry) => Array.isArray(entry));
  if (names.length === 1 && !isNested) return [given as readonly MetricArgument[]];
  if (Array.isArray(given) && given.length === 0) return names.map(() => []);
  const complete = Array.isArray(given) ? given : Object.fromEntries(names.map((name) => [name, []]));
  return perOutput('compile: metrics', Array.isArray(given) ? given : { ...complete, ...given }, names).map((entry) =>
    asList<MetricArgument>(entry as MetricArgument | readonly MetricArgument[]),
  );
}

/** A step as one program per signature of its batch; its results as one vector. */
export class CompiledStep {
  readonly #run: (batch: AnyBatch) => Tensor;
  readonly #runAlone: (batch: AnyBatch) => Tensor;
  /** Set while the step is recorded; the same for all signatures. */
  #names: readonly string[] = [];

  constructor(step: (batch: AnyBatch) => StepResult, steps: Pick<Steps, 'resetMetrics'>, isCompiled: boolean) {
    const pack = (batch: AnyBatch): Tensor => {
      const result = step(batch);
      this.#names = logNames(result);
      return packLogs(result);
    };
    const packAlone = (batch: AnyBatch): Tensor => {
      steps.resetMetrics();
      return pack(batch);
    };
    // Nothing is pending when a step is enqueued: the batch's memory is the caller's again.
    const entire = isCompiled
      ? jit
      : (f: typeof pack): typeof pack =>
          (batch) =>
            scope(() => f(batch));
    [this.#run, this.#runAlone] = [entire(pack), entire(packAlone)];
  }

  /** Enqueues the step; its logs are read later, or never. */
  run(batch: AnyBatch): BatchLogs {
    return this.#enqueue(this.#run, batch);
  }

  /** The same, with metrics of this batch alone. */
  runAlone(batch: AnyBatch): BatchLogs {
    return this.#enqueue(this.#runAlone, batch);
  }

  #enqueue(step: (batch: AnyBatch) => Tensor, batch: AnyBatch): BatchLogs {
    const vector = step(batch);
    const { x, y = [], sampleWeight = [] } = batch;
    releaseBorrowed([x, y, sampleWeight].flatMap((part) => asList<Tensor>(part)));
    return new BatchLogs(this.#names, vector);
  }
}

function checkMetric(metric: MetricArgument): void {
  if (metric instanceof Metric || typeof metric === 'function') return;
  if (typeof metric !== 'string') {
    throw new ValueError(describe('compile: metrics', 'metrics, their names or functions', String(metric)));
  }
  resolveName('compile: metrics', 'metric', metric);
}

/** A metric named by a string has this string as its key in the logs. */
function resolveMetric(metric: MetricArgument, yTrue: PartialShape, yPred: PartialShape): Metric {
  if (metric instanceof Metric) return metric;
  if (typeof metric === 'function') return new MeanMetric(metric);
  return resolveName('compile: metrics', 'metric', metric)({ name: metric }, yTrue, yPred);
}
