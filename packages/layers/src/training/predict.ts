/** `predict`: what the model gives for each row, batch by batch, collected on the host. */
import { type DType, type Shape, type Tensor, type TypedArray, tensor, throttle, sizeOf } from '@antler/core';
import { Turns } from '../host.js';
import type { AnyModel } from '../model.js';
import { type PartialShape, anyBatch } from '../partialShape.js';
import { type Tensors, asList, mapEach } from '../symbolic.js';
import { type OptionNames, checkOptionNames } from './optionNames.js';
import { type Callback, CallbackList } from './callbacks.js';
import type { Data } from './columns.js';
import {
  ArraySource,
  type AnyBatch,
  type Batches,
  type BatchSource,
  IterableSource,
  isBatches,
  iteratorOf,
  toArrays,
} from './dataAdapter.js';
import { releaseBorrowed } from './hostRows.js';
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

const optionNames: OptionNames<PredictOptions> = { batchSize: 1, verbose: 1, callbacks: 1, steps: 1, output: 1 };

/** Runs the prediction step over all rows. */
export async function predict(
  model: AnyModel,
  step: (batch: AnyBatch) => Tensors,
  x: Data | Batches,
  options: PredictOptions,
): Promise<Tensors> {
  checkOptionNames('predict', options, optionNames);
  const { batchSize = 32, verbose = 'auto', steps, output = standardOutput() } = options;
  const source: BatchSource = isBatches(x)
    ? new IterableSource('predict: x', x, model, steps)
    : new ArraySource(await toArrays('predict', model, x, undefined, undefined), {
        batchSize,
        shuffle: false,
        seed: 0,
        fillLast: () => !model.mixesRows,
        steps,
      });
  if (!model.built) model.ensureBuilt(mapEach<Tensor, PartialShape>((await source.first()).x, shapeOfBatch));
  const progress = new ProgressLine(output, verbose, source.steps);
  const callbacks = new CallbackList(options.callbacks ?? [], model);
  /** What the outputs are; and of each batch, their numbers. */
  let results: readonly Result[] = [];
  const parts: (readonly TypedArray[])[] = [];
  let isList = false;
  let index = 0;
  await callbacks.run('onPredictBegin');
  let reading: Promise<readonly TypedArray[]> | undefined;
  const turns = new Turns();
  const batches = iteratorOf(source.batches(0));
  for (let next = batches.next(); ; next = batches.next()) {
    const result: IteratorResult<AnyBatch, unknown> = next instanceof Promise ? await next : next;
    if (result.done === true) break;
    const batch = result.value;
    await callbacks.run('onPredictBatchBegin', index);
    const outputs = step(batch);
    isList = Array.isArray(outputs);
    const tensors = asList<Tensor>(outputs);
    if (index === 0) results = tensors.map(({ shape, dtype }) => ({ dtype, rowShape: shape.slice(1), rows: 0 }));
    tensors.forEach(({ shape }, i) => (results[i]!.rows += shape[0]!));
    releaseBorrowed(asList<Tensor>(batch.x));
    const latest = readAll(tensors);
    // One reading is under way beside the step that is enqueued next.
    if (reading !== undefined) parts.push(await reading);
    reading = latest;
    await throttle();
    await callbacks.run('onPredictBatchEnd', index);
    progress.advance(++index);
    const turn = turns.next();
    if (turn !== undefined) {
      await turn;
      progress.draw(index, {});
    }
  }
  if (reading !== undefined) parts.push(await reading);
  await callbacks.run('onPredictEnd');
  progress.finish({});
  const rows = Math.min(source.rows ?? Infinity, (source.steps ?? Infinity) * batchSize);
  const joined = results.map((result, i) => {
    const numbers = parts.map((part) => part[i]!);
    return join(numbers, source.rows === undefined ? result : { ...result, rows });
  });
  return isList ? joined : joined[0]!;
}

const shapeOfBatch = ({ shape }: Tensor): PartialShape => anyBatch(shape);

/** An output: how many rows of it there are, and what they are. */
interface Result {
  readonly dtype: DType;
  readonly rowShape: Shape;
  rows: number;
}

/** Brings the outputs of a batch to the host and lets go of them; a failure waits for whoever awaits the promise. */
function readAll(outputs: readonly Tensor[]): Promise<readonly TypedArray[]> {
  const reading = Promise.all(outputs.map(read));
  reading.catch(() => undefined);
  return reading;
}

async function read(output: Tensor): Promise<TypedArray> {
  const data = await output.data();
  output.dispose();
  return data;
}

/** All batches as one tensor, without the rows that filled up the last batch. */
function join(parts: readonly TypedArray[], { dtype, rowShape, rows }: Result): Tensor {
  const [first] = parts as readonly [TypedArray];
  const length = rows * sizeOf(rowShape);
  let data = first;
  if (parts.length > 1 || first.length !== length) {
    data = new (first.constructor as new (length: number) => TypedArray)(length);
    let at = 0;
    for (const part of parts) {
      data.set(part.subarray(0, length - at), at);
      at += part.length;
    }
  }
  return tensor({ data, shape: [rows, ...rowShape], dtype }, { copy: false });
}
