/** Data adapters: one way to get batches out of arrays, and out of what gives batches itself. */
import { Tensor, ValueError, describe } from '@antler/core';
import {
  type ArrayData,
  type HostRows,
  hostRows,
  isHostArray,
  partOf,
  sliceRows,
  toTensor,
  weightsOfClasses,
} from './hostRows.js';
import { permutation } from './shuffle.js';

/** What a step is given. */
export interface Batch {
  readonly x: Tensor;
  readonly y?: Tensor;
  /** A weight per row. */
  readonly sampleWeight?: Tensor;
}

/** A batch as a data set gives it: x, [x, y] or [x, y, sampleWeight], where inputs stand alone only for `predict`. */
export type BatchData = readonly [x: ArrayData, y?: ArrayData, sampleWeight?: ArrayData];

/** What gives batches: an array, a generator, a data set. Iterated once per epoch. */
export type Batches = Iterable<BatchData> | AsyncIterable<BatchData>;

/** Batches for one or more epochs. */
export interface BatchSource {
  /** Steps of an epoch; undefined while unknown. */
  readonly steps: number | undefined;
  /** Rows of an epoch; undefined while unknown. */
  readonly rows?: number;
  /** A look at the first batch, for shapes. */
  first(): Promise<Batch>;
  batches(epoch: number): Iterable<Batch> | AsyncIterable<Batch>;
}

/** What arrays are cut by. */
export interface SliceOptions {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  /** Repeats the last row until the last batch is as long as the others. */
  readonly fillLast?: boolean;
}

/** Arrays with the same rows. */
export interface Arrays {
  readonly x: HostRows;
  readonly y: HostRows | undefined;
  readonly sampleWeight: HostRows | undefined;
}

/** Brings x, y and weights to the host and checks that they have the same number of rows. */
export async function toArrays(
  where: string,
  x: ArrayData,
  y: ArrayData | undefined,
  sampleWeight: ArrayData | undefined,
  classWeight?: Readonly<Record<number, number>>,
): Promise<Arrays> {
  const arrays = {
    x: await hostRows(`${where}: x`, x),
    y: y === undefined ? undefined : await hostRows(`${where}: y`, y),
    sampleWeight: sampleWeight === undefined ? undefined : await hostRows(`${where}: sampleWeight`, sampleWeight),
  };
  const count = arrays.x.shape[0]!;
  for (const name of ['y', 'sampleWeight'] as const) {
    const received = arrays[name]?.shape[0] ?? count;
    if (received !== count) throw new ValueError(describe(`${where}: ${name}`, `${count} rows as x`, String(received)));
  }
  if (count === 0) throw new ValueError(describe(`${where}: x`, 'at least one row', 'none'));
  if (classWeight === undefined) return arrays;
  if (arrays.sampleWeight !== undefined || arrays.y === undefined) {
    throw new ValueError(describe(`${where}: classWeight`, 'labels y and no sampleWeight', 'something else'));
  }
  return { ...arrays, sampleWeight: weightsOfClasses(arrays.y, classWeight) };
}

/** The last part of the rows is for validation, as in Keras. */
export function splitArrays(arrays: Arrays, validationSplit: number): readonly [training: Arrays, validation: Arrays] {
  const count = arrays.x.shape[0]!;
  const at = splitPoint(count, validationSplit);
  const cut = (from: number, to: number): Arrays => ({
    x: partOf(arrays.x, from, to),
    y: arrays.y && partOf(arrays.y, from, to),
    sampleWeight: arrays.sampleWeight && partOf(arrays.sampleWeight, from, to),
  });
  return [cut(0, at), cut(at, count)];
}

/** The first row of the validation part. */
export function splitPoint(count: number, validationSplit: number): number {
  const at = Math.floor(count * (1 - validationSplit));
  if (at > 0 && at < count) return at;
  throw new ValueError(
    describe('fit: validationSplit', `a part that leaves rows on both sides of ${count}`, String(validationSplit)),
  );
}

/** Cuts arrays into batches; the last one may be smaller. */
export class ArraySource implements BatchSource {
  readonly steps: number;
  readonly rows: number;
  readonly #arrays: Arrays;
  readonly #options: SliceOptions;

  constructor(arrays: Arrays, options: SliceOptions) {
    this.#arrays = arrays;
    this.#options = options;
    this.rows = arrays.x.shape[0]!;
    this.steps = Math.ceil(this.rows / options.batchSize);
  }

  first(): Promise<Batch> {
    return Promise.resolve(this.#cut(0));
  }

  *batches(epoch: number): Iterable<Batch> {
    const { shuffle, seed } = this.#options;
    const order = shuffle ? permutation(this.rows, seed, epoch) : undefined;
    for (let step = 0; step < this.steps; step++) yield this.#cut(step, order);
  }

  #cut(step: number, order?: Uint32Array): Batch {
    const { x, y, sampleWeight } = this.#arrays;
    const { batchSize, fillLast = false } = this.#options;
    const from = step * batchSize;
    const to = Math.min(from + batchSize, this.rows);
    if (fillLast && to < from + batchSize && from > 0) {
      const filled = Uint32Array.from({ length: batchSize }, (_, i) => Math.min(from + i, this.rows - 1));
      return { x: sliceRows(x, 0, batchSize, filled) };
    }
    return {
      x: sliceRows(x, from, to, order),
      ...(y && { y: sliceRows(y, from, to, order) }),
      ...(sampleWeight && { sampleWeight: sliceRows(sampleWeight, from, to, order) }),
    };
  }
}

/** Batches that someone else makes. A generator goes on where the last epoch stopped; anything else starts again. */
export class IterableSource implements BatchSource {
  steps: number | undefined;
  readonly #where: string;
  readonly #batches: Batches;
  readonly #stepsPerEpoch: number | undefined;
  #running: AsyncIterator<BatchData> | Iterator<BatchData> | undefined;
  #peeked: Batch | undefined;

  constructor(where: string, batches: Batches, stepsPerEpoch: number | undefined) {
    this.#where = where;
    this.#batches = batches;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.steps = stepsPerEpoch;
  }

  async first(): Promise<Batch> {
    this.#peeked ??= await this.#next();
    if (this.#peeked !== undefined) return this.#peeked;
    throw new ValueError(describe(this.#where, 'at least one batch', 'none'));
  }

  async *batches(): AsyncIterable<Batch> {
    let step = 0;
    for (; step < (this.#stepsPerEpoch ?? Infinity); step++) {
      const batch = this.#peeked ?? (await this.#next());
      this.#peeked = undefined;
      if (batch === undefined) break;
      yield batch;
    }
    if (step === 0) {
      const hint = 'A generator can be used for one epoch only: pass what makes a new iterator each time.';
      throw new ValueError(describe(this.#where, 'at least one batch per epoch', 'none', hint));
    }
    this.steps = step;
  }

  async #next(): Promise<Batch | undefined> {
    this.#running ??= iterate(this.#batches);
    const result = await this.#running.next();
    if (result.done !== true) return toBatch(this.#where, result.value);
    this.#running = undefined;
    return undefined;
  }
}

function iterate(batches: Batches): AsyncIterator<BatchData> | Iterator<BatchData> {
  return Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
}

function toBatch(where: string, data: BatchData): Batch {
  if (!Array.isArray(data) || data.length < 1 || data.length > 3) {
    throw new ValueError(describe(where, 'batches [x], [x, y] or [x, y, sampleWeight]', typeof data));
  }
  const [x, y, sampleWeight] = data as BatchData;
  return {
    x: toTensor(x),
    ...(y !== undefined && { y: toTensor(y) }),
    ...(sampleWeight !== undefined && { sampleWeight: toTensor(sampleWeight) }),
  };
}

/** Tells what gives batches from data themselves. */
export function isBatches(value: unknown): value is Batches {
  if (typeof value !== 'object' || value === null || value instanceof Tensor || isHostArray(value)) return false;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}
