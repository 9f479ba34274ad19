/** `evaluate`: the loss and the metrics over data, with the weights as they are. */
import { ValueError, describe } from '@antler/core';
import type { AnyModel } from '../model.js';
import { type OptionNames, checkOptionNames } from './optionNames.js';
import { type Callback, CallbackList } from './callbacks.js';
import type { Data } from './columns.js';
import type { Compilation } from './compilation.js';
import { ArraySource, type Batches, IterableSource, isBatches, toArrays } from './dataAdapter.js';
import { runEvaluation } from './fit.js';
import type { Logs } from './logs.js';
import { type Output, ProgressLine, type Verbosity, standardOutput } from './progress.js';

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Rows per step, of arrays. Default 32. */
  readonly batchSize?: number;
  readonly verbose?: Verbosity;
  readonly callbacks?: readonly Callback[];
  /** A weight per row, in the loss and in `weightedMetrics`. */
  readonly sampleWeight?: Data;
  /** Steps to run, for what gives batches without end. */
  readonly steps?: number;
  /** Where progress is written. Default: the terminal or the console. */
  readonly output?: Output;
}

const optionNames: OptionNames<EvaluateOptions> = {
  batchSize: 1,
  verbose: 1,
  callbacks: 1,
  sampleWeight: 1,
  steps: 1,
  output: 1,
};

/** Evaluates a compiled model; `y` is undefined when `x` gives batches. */
export async function evaluate(
  model: AnyModel,
  compilation: Compilation,
  x: Data | Batches,
  y: Data | undefined,
  options: EvaluateOptions,
): Promise<Logs> {
  checkOptionNames('evaluate', options, optionNames);
  const { batchSize = 32, verbose = 'auto', sampleWeight, steps, output = standardOutput() } = options;
  if (!isBatches(x) && y === undefined) throw new ValueError(describe('evaluate: y', 'the truth for x', 'undefined'));
  const source = isBatches(x)
    ? new IterableSource('evaluate: x', x, model, steps)
    : new ArraySource(await toArrays('evaluate', model, x, y, sampleWeight), {
        batchSize,
        shuffle: false,
        seed: 0,
        steps,
      });
  model.prepare(await source.first());
  const progress = new ProgressLine(output, verbose, source.steps);
  const callbacks = new CallbackList(options.callbacks ?? [], model);
  const logs = await runEvaluation(model, compilation, source, callbacks, progress);
  progress.finish(logs);
  return logs;
}
