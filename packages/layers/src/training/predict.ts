/** `predict`: what the model gives for each row, batch by batch, collected on the host. */
import { type DType, type Shape, type Tensor, type TypedArray, tensor, throttle, sizeOf } from '@antler/core';
import { Turns } from '../host.js';
import type { AnyModel } from '../model.js';
import { type PartialShape, anyBatch } from '../partialShape.js';
import { type Tensors, asList, mapEach } from '../symbolic.js';
import { type Callback, CallbackList } from './callbacks.js';
import type { Data } from './columns.js';
import {
  ArraySource,
  type AnyBatch,
  type Batches,
  type BatchSource,
  IterableSource,
  isBatches,
  toArrays,
} from './dataAdapter.js';
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
  model: AnyModel,
  step: (batch: AnyBatch) => Tensors,
  x: Data | Batches,
  options: PredictOptions,
): Promise<Tensors> {
  const { batchSize = 32, verbose = 'auto', steps, output = standardOutput() } = options;
  const source: BatchSource = isBatches(x)
    ? new IterableSource('predict: x', x, model, steps)
    : new ArraySource(await toArrays('predict', model, x, undefined, undefined), {
        batchSize,
        shuffle: false,
        seed: 0,
        fillLast: !model.mixesRows,
        steps,
      });
  model.ensureBuilt(mapEach<Tensor, PartialShape>((await source.first()).x, ({ shape }) => anyBatch(shape)));
  const progress = new ProgressLine(output, verbose, source.steps);
  const callbacks = new CallbackList(options.callbacks ?? [], model);
  /** For each output, what the batches gave. */
  const parts: Part[][] = [];
  let isList = false;
  let index = 0;
  await callbacks.run('onPredictBegin');
  let previous: Promise<unknown> | undefined;
  const turns = new Turns();
  for await (const batch of source.batches(0)) {
    await callbacks.run('onPredictBatchBegin', index);
    const outputs = step(batch);
    isList = Array.isArray(outputs);
    const reading = readAll(asList<Tensor>(outputs), parts);
    // One reading is under way beside the step that is enqueued next.
    if (previous !== undefined) await previous;
    previous = reading;
    await throttle();
    await callbacks.run('onPredictBatchEnd', index);
    progress.advance(++index);
    const turn = turns.next();
    if (turn !== undefined) {
      await turn;
      progress.draw(index, {});
    }
  }
  await previous;
  await callbacks.run('onPredictEnd');
  progress.finish({});
  const rows = source.rows === undefined ? undefined : Math.min(source.rows, (source.steps ?? Infinity) * batchSize);
  const joined = parts.map((output) => join(output, rows));
  return isList ? joined : joined[0]!;
}

/** Brings the outputs of a batch to the host; a failure waits for whoever awaits the promise. */
function readAll(outputs: readonly Tensor[], parts: Part[][]): Promise<unknown> {
  const readings = outputs.map((output, i) => {
    const part = new Part(output);
    (parts[i] ??= []).push(part);
    return part.read();
  });
  const reading = Promise.all(readings);
  reading.catch(() => undefined);
  return reading;
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

  /** Brings the numbers to the host. */
  async read(): Promise<void> {
    this.data = await this.#tensor!.data();
    this.#tensor = undefined;
  }
}

/** All batches as one tensor, without the rows that filled up the last batch. */
function join(parts: readonly Part[], rows: number | undefined): Tensor {
  const [{ shape, dtype, data: first }] = parts as readonly [Part];
  const [, ...rowShape] = shape;
  const size = sizeOf(rowShape);
  const count = rows ?? parts.reduce((sum, part) => sum + part.shape[0]!, 0);
  const joined = new (first!.constructor as new (length: number) => TypedArray)(count * size);
  let at = 0;
  for (const { data } of parts) {
    joined.set(data!.subarray(0, joined.length - at), at);
    at += data!.length;
  }
  return tensor({ data: joined, shape: [count, ...rowShape], dtype });
}
