/** `predict`: what the model gives for each row, batch by batch, collected on the host. */
import { type DType, type Shape, type Tensor, type TypedArray, tensor, throttle } from '@antler/core';
import { macrotask } from '../host.js';
import type { Model } from '../model.js';
import { anyBatch } from '../partialShape.js';
import { type Callback, CallbackList } from './callbacks.js';
import {
  ArraySource,
  type Batch,
  type Batches,
  type BatchSource,
  IterableSource,
  isBatches,
  toArrays,
} from './dataAdapter.js';
import type { ArrayData } from './hostRows.js';
import { type Output, ProgressLine, type Verbosity, standardOutput } from './progress.js';

/** Options of `predict`. */
export interface PredictOptions {
  /** Rows per step, of arrays. Default 32. */
  readonly batchSize?: number;
  readonly verbose?: Verbosity;
  readonly callbacks?: readonly Callback[];
  /** Steps to run, for what gives batches without end. */
  readonly steps?: number;
  /** Where progress is written. Default: the terminal or the console. */
  readonly output?: Output;
}

/** Runs the prediction step over all rows. */
export async function predict(
  model: Model,
  step: (batch: Batch) => Tensor,
  x: ArrayData | Batches,
  options: PredictOptions,
): Promise<Tensor> {
  const { batchSize = 32, verbose = 'auto', steps, output = standardOutput() } = options;
  const source: BatchSource = isBatches(x)
    ? new IterableSource('predict: x', x, steps)
    : new ArraySource(await toArrays('predict', x, undefined, undefined), {
        batchSize,
        shuffle: false,
        seed: 0,
        fillLast: !model.mixesRows,
      });
  model.ensureBuilt(anyBatch((await source.first()).x.shape));
  const progress = new ProgressLine(output, verbose, source.steps);
  const callbacks = new CallbackList(options.callbacks ?? [], model);
  const parts: Part[] = [];
  await callbacks.run('onPredictBegin');
  let previous: Promise<void> | undefined;
  let lastYield = performance.now();
  for await (const batch of source.batches(0)) {
    const index = parts.length;
    await callbacks.run('onPredictBatchBegin', index);
    const part = new Part(step(batch));
    parts.push(part);
    const reading = part.read();
    // One reading is under way beside the step that is enqueued next.
    if (previous !== undefined) await previous;
    previous = reading;
    await throttle();
    await callbacks.run('onPredictBatchEnd', index);
    progress.advance(index + 1);
    if (performance.now() - lastYield > 50) {
      await macrotask();
      lastYield = performance.now();
      progress.draw(index + 1, {});
    }
  }
  await previous;
  await callbacks.run('onPredictEnd');
  progress.finish({});
  return join(parts, source.rows);
}

/** The result of one batch. */
class Part {
  readonly shape: Shape;
  readonly dtype: DType;
  data: TypedArray | undefined;
  #tensor: Tensor | undefined;

  constructor(result: Tensor) {
    this.shape = result.shape;
    this.dtype = result.dtype;
    this.#tensor = result;
  }

  /** Brings the numbers to the host; a failure waits for whoever awaits the promise. */
  read(): Promise<void> {
    const reading = this.#tensor!.data().then((data) => {
      this.data = data;
      this.#tensor = undefined;
    });
    reading.catch(() => undefined);
    return reading;
  }
}

/** All batches as one tensor, without the rows that filled up the last batch. */
function join(parts: readonly Part[], rows: number | undefined): Tensor {
  const [{ shape, dtype, data: first }] = parts as readonly [Part];
  const [, ...rowShape] = shape;
  const size = rowShape.reduce((a, b) => a * b, 1);
  const count = rows ?? parts.reduce((sum, part) => sum + part.shape[0]!, 0);
  const joined = new (first!.constructor as new (length: number) => TypedArray)(count * size);
  let at = 0;
  for (const { data } of parts) {
    joined.set(data!.subarray(0, joined.length - at), at);
    at += data!.length;
  }
  return tensor({ data: joined, shape: [count, ...rowShape], dtype });
}
