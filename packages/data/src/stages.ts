/** The stages of a pipeline as async generators. Each pulls on demand; stopping one stops everything above it. */
import { gatherRows, mapColumns, row, stackRows, type Columns } from './columns.js';
import { ShuffleBuffer, type Words } from './shuffle.js';

/** One run through a pipeline. */
export type Pass<T> = AsyncGenerator<T, void, undefined>;

/** Whatever `source` iterates, sync or async. */
export async function* generated<T>(source: Iterable<T> | AsyncIterable<T>): Pass<T> {
  yield* source;
}

/** The rows of the columns one by one, as views. */
export async function* rowByRow<T extends Columns>(columns: T, order: Uint32Array): Pass<T> {
  for (const index of order) yield mapColumns(columns, (column) => row(column, index));
}

/** Batches of rows straight from the columns: no example exists on its own. */
export async function* gathered<T extends Columns>(
  columns: T,
  order: Uint32Array,
  size: number,
  keep: boolean,
): Pass<T> {
  for (let at = 0; at < order.length; at += size) {
    const indices = order.subarray(at, at + size);
    if (keep || indices.length === size) yield mapColumns(columns, (column) => gatherRows(column, indices));
  }
}

/** Batches of examples that come one by one. */
export async function* batched<T extends Columns>(source: Pass<T>, size: number, keep: boolean): Pass<T> {
  let examples: T[] = [];
  for await (const example of source) {
    examples.push(example);
    if (examples.length < size) continue;
    yield stackRows('batch', examples);
    examples = [];
  }
  if (keep && examples.length > 0) yield stackRows('batch', examples);
}

/** Elements in random order, as far as a buffer of `size` reaches. */
export async function* shuffled<T>(source: Pass<T>, size: number, words: Words): Pass<T> {
  const buffer = new ShuffleBuffer<T>(size, words);
  for await (const element of source) {
    if (buffer.full) yield buffer.swap(element);
    else buffer.add(element);
  }
  yield* buffer.drain();
}

/** `f` of each element; `f` may be async and is awaited before the next element is pulled. */
export async function* mapped<T, U>(source: Pass<T>, f: (element: T) => U | Promise<U>): Pass<Awaited<U>> {
  for await (const element of source) yield await f(element);
}

/** The elements for which `f` is true; `f` may be async. */
export async function* filtered<T>(source: Pass<T>, f: (element: T) => boolean | Promise<boolean>): Pass<T> {
  for await (const element of source) if (await f(element)) yield element;
}

/** Pairs, until one of both has no more; both are stopped then. */
export async function* zipped<A, B>(first: Pass<A>, second: Pass<B>): Pass<readonly [A, B]> {
  try {
    for await (const a of first) {
      const b = await second.next();
      if (b.done === true) return;
      yield [a, b.value];
    }
  } finally {
    await second.return();
  }
}

/** The first `count` elements; the one after them is never pulled. */
export async function* taken<T>(source: Pass<T>, count: number): Pass<T> {
  if (count === 0) return;
  let left = count;
  for await (const element of source) {
    yield element;
    if (--left === 0) return;
  }
}

/** All but the first `count` elements. */
export async function* skipped<T>(source: Pass<T>, count: number): Pass<T> {
  let left = count;
  for await (const element of source) {
    if (left > 0) left--;
    else yield element;
  }
}

/** The passes `open(0)`, `open(1)`, … one after the other. An empty pass ends it, so an endless repeat of nothing ends too. */
export async function* repeated<T>(open: (turn: number) => Pass<T>, times: number): Pass<T> {
  for (let turn = 0; turn < times; turn++) {
    let empty = true;
    for await (const element of open(turn)) {
      empty = false;
      yield element;
    }
    if (empty) return;
  }
}

/** Pulls up to `depth` elements before they are asked for, one at a time, while the consumer works on earlier ones. */
export async function* prefetched<T>(source: Pass<T>, depth: number): Pass<T> {
  const ahead: Promise<IteratorResult<T, void>>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let stopped = false;
  const pull = (): void => {
    const next = last.then(() => (stopped ? { done: true as const, value: undefined } : source.next()));
    // An error waits here for the consumer to reach it; until then nobody listens, and that is no unhandled rejection.
    next.catch(() => {});
    ahead.push(next);
    last = next;
  };
  try {
    for (;;) {
      while (ahead.length <= depth) pull();
      const result = await ahead.shift()!;
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    stopped = true;
    await source.return();
  }
}
