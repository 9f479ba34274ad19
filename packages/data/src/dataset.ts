/**
 * Dataset: an immutable, lazy pipeline of elements. Each method returns a new dataset; nothing happens until it is iterated,
 * and every iteration is a new pass from the start.
 */
import { ValueError, describe } from '@antler/core';
import { countRows, type Columns } from './columns.js';
import { seededWords, shuffleOrder } from './shuffle.js';
import {
  batched,
  filtered,
  gathered,
  generated,
  mapped,
  prefetched,
  repeated,
  rowByRow,
  shuffled,
  skipped,
  taken,
  zipped,
  type Pass,
} from './stages.js';

/** How a pass begins. `rows` is there while elements are rows of arrays, so that a batch can be gathered by index. */
interface Plan<T> {
  readonly size: number | undefined;
  open(pass: number): Pass<T>;
  readonly rows?: { readonly columns: Columns; order(pass: number): Uint32Array };
}

/**
 * A lazy sequence of elements, for `for await` and for `model.fit`.
 *
 * @example
 * const batches = Dataset.fromArrays({ x, y }).shuffle(60_000, { seed: 1 }).batch(128).prefetch(2);
 * for await (const { x, y } of batches) console.log(x.shape);
 */
export class Dataset<T> implements AsyncIterable<T> {
  readonly #plan: Plan<T>;
  #passes = 0;

  private constructor(plan: Plan<T>) {
    this.#plan = plan;
  }

  /**
   * The rows of host arrays (their first axis), in the structure they come in: `{ x, y }`, `[x, y]` or one array. While only
   * `shuffle`, `take` and `skip` stand between, `batch` gathers rows by index and no example exists on its own. Elements are
   * views of the arrays, batches are copies. Throws a ShapeError when the arrays differ in their number of rows.
   */
  static fromArrays<const C extends Columns>(columns: C): Dataset<C> {
    const size = countRows('Dataset.fromArrays', columns);
    const order = (): Uint32Array => Uint32Array.from({ length: size }, (_, index) => index);
    return Dataset.#ofRows(columns, size, order);
  }

  /** The elements of what `open` returns, called anew for each pass. `size` is their number, where it is known. */
  static fromGenerator<T>(open: () => Iterable<T> | AsyncIterable<T>, options: { size?: number } = {}): Dataset<T> {
    return new Dataset({ size: options.size, open: () => generated(open()) });
  }

  /** Number of elements in a pass: undefined when unknown, Infinity when it does not end. */
  get size(): number | undefined {
    return this.#plan.size;
  }

  /** Starts the next pass. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.#plan.open(this.#passes++);
  }

  /** Pass number n, counted from 0: with its order, whatever was iterated before. */
  pass(n: number): AsyncGenerator<T, void, undefined> {
    checkCount('pass', n, 0);
    return this.#plan.open(n);
  }

  /** The elements for which `f`, which may be async, is true. */
  filter(f: (element: T) => boolean | Promise<boolean>): Dataset<T> {
    const plan = this.#plan;
    return new Dataset({ size: undefined, open: (pass) => filtered(plan.open(pass), f) });
  }

  /** The elements of two data sets in pairs, as long as both have some. */
  static zip<A, B>(first: Dataset<A>, second: Dataset<B>): Dataset<readonly [A, B]> {
    const [a, b] = [first.#plan, second.#plan];
    const size = a.size === undefined || b.size === undefined ? undefined : Math.min(a.size, b.size);
    return new Dataset({ size, open: (pass) => zipped(a.open(pass), b.open(pass)) });
  }

  /** Stacks `size` consecutive elements (host arrays, lists or records of them). The last batch may be smaller, or is dropped. */
  batch<C extends Columns>(this: Dataset<C>, size: number, options: { dropRemainder?: boolean } = {}): Dataset<C> {
    checkCount('batch', size, 1);
    const keep = options.dropRemainder !== true;
    const plan = this.#plan;
    const rows = plan.rows;
    return new Dataset({
      size: derive(plan.size, (n) => (keep ? Math.ceil(n / size) : Math.floor(n / size))),
      open: (pass) =>
        rows ? gathered(rows.columns as C, rows.order(pass), size, keep) : batched(plan.open(pass), size, keep),
    });
  }

  /**
   * Random order: each element is drawn from the next `bufferSize` ones, so a buffer as large as the data set shuffles it
   * completely. One seed always gives the same orders; each pass has another one unless `reshuffleEachIteration` is false.
   */
  shuffle(bufferSize: number, options: { seed?: number; reshuffleEachIteration?: boolean } = {}): Dataset<T> {
    checkCount('shuffle', bufferSize, 1);
    const { seed = Math.floor(Math.random() * 2 ** 32), reshuffleEachIteration = true } = options;
    checkCount('shuffle (seed)', seed, 0);
    const words = (pass: number) => seededWords(seed, reshuffleEachIteration ? pass : 0);
    return this.#reorder(
      this.#plan.size,
      (order, pass) => shuffleOrder(order, bufferSize, words(pass)),
      (source, pass) => shuffled(source, bufferSize, words(pass)),
    );
  }

  /** The first `count` elements. */
  take(count: number): Dataset<T> {
    checkCount('take', count, 0);
    return this.#reorder(
      derive(this.#plan.size, (n) => Math.min(n, count)),
      (order) => order.subarray(0, count),
      (source) => taken(source, count),
    );
  }

  /** All but the first `count` elements. */
  skip(count: number): Dataset<T> {
    checkCount('skip', count, 0);
    return this.#reorder(
      derive(this.#plan.size, (n) => Math.max(n - count, 0)),
      (order) => order.subarray(count),
      (source) => skipped(source, count),
    );
  }

  /** `f` of each element. `f` may be async; it runs for one element at a time, in order. */
  map<U>(f: (element: T) => U | Promise<U>): Dataset<Awaited<U>> {
    const plan = this.#plan;
    return new Dataset({ size: plan.size, open: (pass) => mapped(plan.open(pass), f) });
  }

  /** `times` passes one after the other, endless without a number. Place it after `batch` to keep the gathering by index. */
  repeat(times?: number): Dataset<T> {
    if (times !== undefined) checkCount('repeat', times, 0);
    const turns = times ?? Infinity;
    const plan = this.#plan;
    return new Dataset({
      size: derive(plan.size, (n) => (n === 0 ? 0 : n * turns)),
      // Finite repeats number their passes without overlap; an endless one is taken up where its pass begins.
      open: (pass) => repeated((turn) => plan.open(pass * (times ?? 1) + turn), turns),
    });
  }

  /** Prepares up to `depth` elements ahead while the consumer awaits its own work. Errors arrive in order with the elements. */
  prefetch(depth: number): Dataset<T> {
    checkCount('prefetch', depth, 1);
    const plan = this.#plan;
    return new Dataset({ size: plan.size, open: (pass) => prefetched(plan.open(pass), depth) });
  }

  /** The rows of `columns` in a given order. */
  static #ofRows<C extends Columns>(columns: C, size: number, order: (pass: number) => Uint32Array): Dataset<C> {
    return new Dataset({ size, open: (pass) => rowByRow(columns, order(pass)), rows: { columns, order } });
  }

  /** A stage that moves or drops elements: on row numbers as long as there are rows, else on the elements. */
  #reorder(
    size: number | undefined,
    onOrder: (order: Uint32Array, pass: number) => Uint32Array,
    onElements: (source: Pass<T>, pass: number) => Pass<T>,
  ): Dataset<T> {
    const plan = this.#plan;
    const rows = plan.rows;
    if (!rows) return new Dataset({ size, open: (pass) => onElements(plan.open(pass), pass) });
    const order = (pass: number): Uint32Array => onOrder(rows.order(pass), pass);
    return Dataset.#ofRows(rows.columns as T & Columns, size!, order);
  }
}

/** A size computed from another one, if that one is known. */
function derive(size: number | undefined, f: (size: number) => number): number | undefined {
  return size === undefined ? undefined : f(size);
}

function checkCount(where: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new ValueError(describe(where, `a whole number >= ${least}`, String(count)));
}
