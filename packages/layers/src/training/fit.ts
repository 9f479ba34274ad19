/** `fit`: epochs of training steps, each followed by a validation when there are data for it. */
import { ValueError, describe } from '@antler/core';
import type { AnyModel } from '../model.js';
import { resolveName } from '../registry.js';
import { type OptionNames, checkOptionNames } from './optionNames.js';
import { type Callback, CallbackList } from './callbacks.js';
import type { Data } from './columns.js';
import type { Compilation, CompiledStep } from './compilation.js';
import {
  ArraySource,
  type Batches,
  type BatchSource,
  IterableSource,
  isBatches,
  splitArrays,
  toArrays,
} from './dataAdapter.js';
import { runPass } from './epoch.js';
import { History } from './history.js';
import type { Logs } from './logs.js';
import { type Output, ProgressLine, type Verbosity, standardOutput } from './progress.js';
import type { ModelState } from './state.js';

/** Data for validation: arrays, or what gives batches. */
export type ValidationData = readonly [x: Data, y: Data, sampleWeight?: Data] | Batches;

/** Runs a step, or throws before it has changed anything. */
export type StepGuard = <T>(step: () => T) => T;

/** What `fit` does about numbers that are not finite: `throw` is the name of `withFiniteChecks`. */
export type OnNonFinite = 'warn' | 'throw' | StepGuard;

/** Options of `fit`. */
export interface FitOptions {
  /** Rows per step, of arrays. Default 32. */
  readonly batchSize?: number;
  /** The number of the epoch to stop before. Default 1. */
  readonly epochs?: number;
  /** The number of the first epoch. Default 0. */
  readonly initialEpoch?: number;
  /** What is printed: 0 nothing, 1 (`auto`) a progress bar, 2 a line per epoch. */
  readonly verbose?: Verbosity;
  readonly callbacks?: readonly Callback[];
  /** Part of the rows, the last ones, that is kept for validation. */
  readonly validationSplit?: number;
  /** Takes precedence over `validationSplit`. */
  readonly validationData?: ValidationData;
  /** Default `batchSize`. */
  readonly validationBatchSize?: number;
  /** Validates after every so many epochs. Default 1. */
  readonly validationFreq?: number;
  /** Takes the rows of arrays in another order each epoch. Default true. */
  readonly shuffle?: boolean;
  /** Determines the orders. Default: the number of times that this model was fitted before. */
  readonly seed?: number;
  /** A weight per row, in the loss and in `weightedMetrics`. */
  readonly sampleWeight?: Data;
  /** A weight per class number, instead of `sampleWeight`. */
  readonly classWeight?: Readonly<Record<number, number>>;
  /** Steps of an epoch, for what gives batches without end. */
  readonly stepsPerEpoch?: number;
  /** Steps of a validation. */
  readonly validationSteps?: number;
  /** A state from `saveState` or a checkpoint: training goes on from it, with the numbers that it would have had. */
  readonly resumeFrom?: ModelState;
  /**
   * What a loss that is not finite does: `warn` says so once; `throw` looks at every step before any variable changes, which
   * costs a second run of it, and rejects with a NonFiniteError that names layer and operation. Default `warn`.
   */
  readonly onNonFinite?: OnNonFinite;
  /** Where progress is written. Default: the terminal or the console. */
  readonly output?: Output;
}

const optionNames: OptionNames<FitOptions> = {
  batchSize: 1,
  epochs: 1,
  initialEpoch: 1,
  verbose: 1,
  callbacks: 1,
  validationSplit: 1,
  validationData: 1,
  validationBatchSize: 1,
  validationFreq: 1,
  shuffle: 1,
  seed: 1,
  sampleWeight: 1,
  classWeight: 1,
  stepsPerEpoch: 1,
  validationSteps: 1,
  resumeFrom: 1,
  onNonFinite: 1,
  output: 1,
};

/** Options after defaults, checked. */
interface Plan {
  readonly source: BatchSource;
  readonly validation: BatchSource | undefined;
}

/** Trains a compiled model; `y` is undefined when `x` gives batches. */
export async function fit(
  model: AnyModel,
  compilation: Compilation,
  x: Data | Batches,
  y: Data | undefined,
  options: FitOptions,
  fitsBefore: number,
): Promise<History> {
  const {
    epochs = 1,
    resumeFrom,
    onNonFinite = 'warn',
    verbose = 'auto',
    validationFreq = 1,
    output = standardOutput(),
  } = options;
  checkOptions(options);
  const { epoch: initialEpoch, step: initialStep } = resumeFrom?.position ?? {
    epoch: options.initialEpoch ?? 0,
    step: 0,
  };
  const seed = options.seed ?? resumeFrom?.position.seed ?? fitsBefore;
  const { source, validation } = await plan(model, x, y, { ...options, seed });
  model.prepare(await source.first());
  if (resumeFrom !== undefined) {
    model.restoreState(resumeFrom);
    if (source instanceof IterableSource) await source.seek(initialEpoch, initialStep);
  }
  const guard = guardOf(onNonFinite);
  const step: Pick<CompiledStep, 'run'> = { run: (batch) => guard(() => compilation.train.run(batch)) };
  const history = new History();
  const callbacks = new CallbackList([...(options.callbacks ?? []), history], model);
  model.stopTraining = false;
  const shouldStop = (): boolean => model.stopTraining;
  await callbacks.run('onTrainBegin');
  let logs: Logs = {};
  let hasWarned = false;
  for (let epoch = initialEpoch; epoch < epochs && !shouldStop(); epoch++) {
    const fromStep = epoch === initialEpoch ? initialStep : 0;
    if (fromStep === 0) model.resetMetrics();
    model.position = { epoch, step: fromStep, seed };
    if (verbose !== 0 && epochs > 1) output.write(`Epoch ${epoch + 1}/${epochs}\n`);
    const progress = new ProgressLine(output, verbose, source.steps);
    await callbacks.run('onEpochBegin', epoch);
    const advanced = (step: number): void => void (model.position = { epoch, step, seed });
    const pass = { source, epoch, fromStep, step, callbacks, progress, shouldStop, advanced };
    logs = (await runPass({ ...pass, kind: 'Train' })) ?? (await compilation.results().read());
    if (validation !== undefined && (epoch + 1) % validationFreq === 0) {
      const numbers = await runEvaluation(model, compilation, validation, callbacks, undefined);
      logs = { ...logs, ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`val_${name}`, value])) };
    }
    if (!hasWarned && !Number.isFinite(logs.loss ?? 0)) hasWarned = warnNonFinite(model.name, epoch, logs.loss!);
    model.position = { epoch: epoch + 1, step: 0, seed };
    await callbacks.run('onEpochEnd', epoch, logs);
    progress.finish(logs);
  }
  await callbacks.run('onTrainEnd', logs);
  return history;
}

function guardOf(reaction: OnNonFinite): StepGuard {
  if (reaction === 'warn') return (step) => step();
  if (reaction === 'throw') return resolveName('fit: onNonFinite', 'onNonFinite', reaction);
  if (typeof reaction === 'function') return reaction;
  throw new ValueError(describe('fit: onNonFinite', 'warn or throw', JSON.stringify(reaction)));
}

/** Says once that training has gone astray, since later numbers will not recover. */
function warnNonFinite(name: string, epoch: number, loss: number): true {
  console.warn(
    `fit: the loss of ${name} is ${loss} after epoch ${epoch + 1}. A smaller learningRate or clipnorm may help, or the data hold such numbers.`,
  );
  return true;
}

/** One pass of test steps over a source, with its hooks. */
export async function runEvaluation(
  model: AnyModel,
  { test }: Compilation,
  source: BatchSource,
  callbacks: CallbackList,
  progress: ProgressLine | undefined,
): Promise<Logs> {
  model.resetMetrics();
  await callbacks.run('onTestBegin');
  const logs =
    (await runPass({
      source,
      epoch: 0,
      step: test,
      callbacks,
      kind: 'Test',
      progress,
      shouldStop: () => false,
    })) ?? {};
  await callbacks.run('onTestEnd', logs);
  return logs;
}

async function plan(
  model: AnyModel,
  x: Data | Batches,
  y: Data | undefined,
  options: FitOptions & { readonly seed: number },
): Promise<Plan> {
  const { batchSize = 32, shuffle = true, seed, validationSplit = 0, validationData } = options;
  const { validationBatchSize = batchSize, sampleWeight, classWeight, stepsPerEpoch, validationSteps } = options;
  const whole = { batchSize: validationBatchSize, shuffle: false, seed };
  const validation =
    validationData === undefined ? undefined : await validationSource(model, validationData, whole, validationSteps);
  if (isBatches(x)) {
    const given = {
      y,
      sampleWeight,
      classWeight,
      validationSplit: validationSplit === 0 ? undefined : validationSplit,
    };
    for (const [name, value] of Object.entries(given)) {
      if (value !== undefined) throw new ValueError(describe(`fit: ${name}`, 'nothing beside batches', 'a value'));
    }
    return { source: new IterableSource('fit: x', x, model, stepsPerEpoch), validation };
  }
  if (y === undefined) throw new ValueError(describe('fit: y', 'the truth for x', 'undefined'));
  const arrays = await toArrays('fit', model, x, y, sampleWeight, classWeight);
  const cut = { batchSize, shuffle, seed, steps: stepsPerEpoch };
  if (validation !== undefined || validationSplit === 0) return { source: new ArraySource(arrays, cut), validation };
  const [training, rest] = splitArrays(arrays, validationSplit);
  return {
    source: new ArraySource(training, cut),
    validation: new ArraySource(rest, { ...whole, steps: validationSteps }),
  };
}

async function validationSource(
  model: AnyModel,
  data: ValidationData,
  options: ConstructorParameters<typeof ArraySource>[1],
  steps: number | undefined,
): Promise<BatchSource> {
  if (isBatches(data)) return new IterableSource('fit: validationData', data, model, steps);
  const [x, y, sampleWeight] = data;
  return new ArraySource(await toArrays('fit: validationData', model, x, y, sampleWeight), { ...options, steps });
}

/** Whole numbers and their least values. */
const counts = {
  batchSize: 1,
  validationBatchSize: 1,
  epochs: 0,
  initialEpoch: 0,
  validationFreq: 1,
  stepsPerEpoch: 1,
  validationSteps: 1,
} as const;

function checkOptions(options: FitOptions): void {
  checkOptionNames('fit', options, optionNames);
  for (const [name, least] of Object.entries(counts) as [keyof typeof counts, number][]) {
    const value = options[name];
    if (value === undefined || (Number.isInteger(value) && value >= least)) continue;
    const received = typeof value === 'string' ? JSON.stringify(value) : String(value);
    throw new ValueError(describe(`fit: ${name}`, `a whole number >= ${least}`, received));
  }
  const { callbacks = [], validationData } = options;
  if (!Array.isArray(callbacks)) {
    throw new ValueError(describe('fit: callbacks', 'a list of callbacks', typeof callbacks));
  }
  if (Array.isArray(validationData) && (validationData.length < 2 || validationData.length > 3)) {
    const received = `a list of ${validationData.length}`;
    throw new ValueError(describe('fit: validationData', '[x, y] or [x, y, sampleWeight]', received));
  }
  const { validationSplit = 0 } = options;
  if (validationSplit >= 0 && validationSplit < 1) return;
  throw new ValueError(describe('fit: validationSplit', 'a number in [0, 1)', String(validationSplit)));
}
