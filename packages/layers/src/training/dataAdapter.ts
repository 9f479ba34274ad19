/** Data adapters: one way to get batches out of arrays, and out of what gives batches itself. */
import { Tensor, ValueError, describe } from '@antler/core';
import { type Tensors, asList, mapEach } from '../symbolic.js';
import { type Data, columnsOf, isList } from './columns.js';
import { type HostRows, hostRows, isHostArray, partOf, sliceRows, toTensor, weightsOfClasses } from './hostRows.js';
import { permutation } from './shuffle.js';

/** What a step is given: for a model with several inputs or outputs, lists in their order. */
export interface Batch<X extends Tensors = Tensor, Y extends Tensors = Tensor> {
  readonly x: X;
  readonly y?: Y;
  /** A weight per row, for each output. */
  readonly sampleWeight?: Y;
}

/** A batch of a model of any inputs and outputs. */
export type AnyBatch = Batch<Tensors, Tensors>;

/** A batch as a data set gives it: `{ x, y, sampleWeight }` or [x, y, sampleWeight], where `predict` needs x alone. */
export type BatchData =
  | readonly [x: Data, y?: Data, sampleWeight?: Data]
  | { readonly x: Data; readonly y?: Data; readonly sampleWeight?: Data };

/** What gives batches: a generator, a data set. Iterated once per epoch; `size`, if there is one, is the steps of an epoch. */
export type Batches = (Iterable<BatchData> | AsyncIterable<BatchData>) & {
  readonly size?: number | undefined;
  /** The batches of pass n, counted from 0: with it, training that is resumed gets the batches that it would have got. */
  pass?(n: number): AsyncIterator<BatchData> | Iterator<BatchData>;
};

/** The names by which data may be given. */
export interface Names {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

/** Batches for one or more epochs. */
export interface BatchSource {
  /** Steps of an epoch; undefined while unknown. */
  readonly steps: number | undefined;
  /** Rows of an epoch; undefined while unknown. */
  readonly rows?: number;
  /** A look at the first batch, for shapes. */
  first(): Promise<AnyBatch>;
  /** Batches of an epoch from a step on. */
  batches(epoch: number, fromStep?: number): Iterable<AnyBatch> | AsyncIterable<AnyBatch>;
}

/** What arrays are cut by. */
export interface SliceOptions {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  /** At most so many steps. */
  readonly steps?: number | undefined;
  /** Asked where the last batch is short: true repeats the last row until it is as long as the others. */
  readonly fillLast?: () => boolean;
}

/** Arrays with the same rows. */
export interface Arrays {
  readonly x: Rows;
  readonly y: Rows | undefined;
  readonly sampleWeight: Rows | undefined;
}

type Rows = HostRows | readonly HostRows[];

/** Brings x, y and weights to the host and checks that they have the same number of rows. */
export async function toArrays(
  where: string,
  names: Names,
  x: Data,
  y: Data | undefined,
  sampleWeight: Data | undefined,
  classWeight?: Readonly<Record<number, number>>,
): Promise<Arrays> {
  const { inputNames, outputNames } = names;
  const truth = y === undefined ? undefined : await toRows(`${where}: y`, y, outputNames);
  const weights = sampleWeight === undefined ? undefined : await toRows(`${where}: sampleWeight`, sampleWeight, []);
  const arrays = {
    x: await toRows(`${where}: x`, x, inputNames),
    y: truth,
    sampleWeight: weights && forEachOutput(weights, truth),
  };
  const count = rowCount(arrays);
  for (const name of ['x', 'y', 'sampleWeight'] as const) {
    for (const { shape } of asList<HostRows>(arrays[name] ?? [])) {
      if (shape[0] === count) continue;
      throw new ValueError(describe(`${where}: ${name}`, `${count} rows as x`, String(shape[0])));
    }
  }
  if (count === 0) throw new ValueError(describe(`${where}: x`, 'at least one row', 'none'));
  if (classWeight === undefined) return arrays;
  if (arrays.sampleWeight !== undefined || truth === undefined || Array.isArray(truth)) {
    throw new ValueError(describe(`${where}: classWeight`, 'labels y and no sampleWeight', 'something else'));
  }
  return { ...arrays, sampleWeight: weightsOfClasses(truth as HostRows, classWeight) };
}

function toRows(where: string, data: Data, names: readonly string[]): Rows | Promise<Rows> {
  const columns = columnsOf(where, data, names);
  if (!isList(columns)) return hostRows(where, columns);
  return Promise.all(columns.map((column) => Promise.resolve(hostRows(where, column))));
}

/** Weights that are given once count for every output. */
function forEachOutput<T>(weight: T | readonly T[], truth: unknown): T | readonly T[] {
  return Array.isArray(truth) && !Array.isArray(weight) ? truth.map(() => weight as T) : weight;
}

function rowCount({ x }: Arrays): number {
  return asList<HostRows>(x)[0]!.shape[0]!;
}

/** The last part of the rows is for validation, as in Keras. */
export function splitArrays(arrays: Arrays, validationSplit: number): readonly [training: Arrays, validation: Arrays] {
  const count = rowCount(arrays);
  const at = splitPoint(count, validationSplit);
  const cut = (from: number, to: number): Arrays => {
    const part = (rows: Rows): Rows => mapEach<HostRows, HostRows>(rows, (column) => partOf(column, from, to));
    const { x, y, sampleWeight } = arrays;
    return { x: part(x), y: y && part(y), sampleWeight: sampleWeight && part(sampleWeight) };
  };
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
    this.rows = rowCount(arrays);
    this.steps = Math.min(options.steps ?? Infinity, Math.ceil(this.rows / options.batchSize));
  }

  first(): Promise<AnyBatch> {
    return Promise.resolve(this.#cut(0));
  }

  *batches(epoch: number, fromStep = 0): Iterable<AnyBatch> {
    const { shuffle, seed } = this.#options;
    const order = shuffle ? permutation(this.rows, seed, epoch) : undefined;
    for (let step = fromStep; step < this.steps; step++) yield this.#cut(step, order);
  }

  #cut(step: number, order?: Uint32Array): AnyBatch {
    const { x, y, sampleWeight } = this.#arrays;
    const { batchSize, fillLast } = this.#options;
    const from = step * batchSize;
    const to = Math.min(from + batchSize, this.rows);
    if (to < from + batchSize && from > 0 && fillLast?.() === true) {
      const filled = Uint32Array.from({ length: batchSize }, (_, i) => Math.min(from + i, this.rows - 1));
      return { x: mapEach<HostRows, Tensor>(x, (column) => sliceRows(column, 0, batchSize, filled)) };
    }
    return {
      x: cut(x, from, to, order),
      ...(y && { y: cut(y, from, to, order) }),
      ...(sampleWeight && { sampleWeight: cut(sampleWeight, from, to, order) }),
    };
  }
}

/** Goes through batches; what is there already need not be awaited. */
export function iteratorOf(
  batches: Iterable<AnyBatch> | AsyncIterable<AnyBatch>,
): Iterator<AnyBatch> | AsyncIterator<AnyBatch> {
  return Symbol.iterator in batches ? batches[Symbol.iterator]() : batches[Symbol.asyncIterator]();
}

function cut(rows: Rows, from: number, to: number, order: Uint32Array | undefined): Tensors {
  return mapEach<HostRows, Tensor>(rows, (column) => sliceRows(column, from, to, order));
}

/**
 * Batches that someone else makes. What has an end is iterated anew for each epoch; what goes on without one is taken up where
 * the last epoch stopped.
 */
export class IterableSource implements BatchSource {
  steps: number | undefined;
  readonly #where: string;
  readonly #batches: Batches;
  readonly #names: Names;
  readonly #stepsPerEpoch: number | undefined;
  #running: AsyncIterator<BatchData> | Iterator<BatchData> | undefined;
  #peeked: AnyBatch | undefined;
  /** Number of the running pass, once training was taken up at one. */
  #pass: number | undefined;

  constructor(where: string, batches: Batches, names: Names, stepsPerEpoch: number | undefined) {
    const { size } = batches;
    if (size === Infinity && stepsPerEpoch === undefined) {
      throw new ValueError(describe(where, 'batches that end', 'endless ones', 'Pass stepsPerEpoch (or steps).'));
    }
    this.#where = where;
    this.#batches = batches;
    this.#names = names;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.steps = stepsPerEpoch ?? size;
  }

  async first(): Promise<AnyBatch> {
    this.#peeked ??= await this.#next();
    if (this.#peeked !== undefined) return this.#peeked;
    throw new ValueError(describe(this.#where, 'at least one batch', 'none'));
  }

  /** Goes to the batch that an epoch and a step have in training that was not interrupted. */
  async seek(epoch: number, step: number): Promise<void> {
    this.#peeked = undefined;
    const continues = this.#stepsPerEpoch !== undefined && this.#stepsPerEpoch !== this.#batches.size;
    this.#pass = continues ? 0 : epoch;
    this.#running = iterate(this.#batches, this.#pass);
    for (let skip = continues ? epoch * this.#stepsPerEpoch + step : step; skip > 0; skip--) await this.#running.next();
  }

  async *batches(_epoch: number, fromStep = 0): AsyncIterable<AnyBatch> {
    let step = fromStep;
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

  async #next(): Promise<AnyBatch | undefined> {
    this.#running ??= iterate(this.#batches, this.#pass === undefined ? undefined : ++this.#pass);
    const result = await this.#running.next();
    if (result.done !== true) return toBatch(this.#where, this.#names, result.value);
    this.#running = undefined;
    return undefined;
  }
}

function iterate(batches: Batches, pass?: number): AsyncIterator<BatchData> | Iterator<BatchData> {
  if (pass !== undefined && batches.pass !== undefined) return batches.pass(pass);
  return Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
}

function toBatch(where: string, names: Names, data: BatchData): AnyBatch {
  if (Array.isArray(data) && data.length >= 1 && data.length <= 3) {
    const [x, y, sampleWeight] = data as readonly [Data, Data?, Data?];
    return batchOf(where, names, x, y, sampleWeight);
  }
  if (typeof data === 'object' && 'x' in data) {
    return batchOf(where, names, data.x, data.y, data.sampleWeight);
  }
  throw new ValueError(describe(where, 'batches { x, y, sampleWeight } or [x, y, sampleWeight]', typeof data));
}

/** A batch of tensors from data that are one batch. */
export function batchOf(where: string, names: Names, x: Data, y?: Data, sampleWeight?: Data): AnyBatch {
  const tensors = (part: string, data: Data, known: readonly string[]): Tensors => {
    const columns = columnsOf(`${where}: ${part}`, data, known);
    return isList(columns) ? columns.map(toTensor) : toTensor(columns);
  };
  const truth = y === undefined ? undefined : tensors('y', y, names.outputNames);
  const weight = sampleWeight === undefined ? undefined : tensors('sampleWeight', sampleWeight, []);
  return {
    x: tensors('x', x, names.inputNames),
    ...(truth !== undefined && { y: truth }),
    ...(weight !== undefined && { sampleWeight: forEachOutput<Tensor>(weight, truth) }),
  };
}

/** Tells what gives batches from data themselves. */
export function isBatches(value: unknown): value is Batches {
  if (typeof value !== 'object' || value === null || value instanceof Tensor || isHostArray(value)) return false;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}
