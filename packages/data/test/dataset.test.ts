/** Datasets: what each stage yields, that the path by index equals the path by example, and that stopping stops all. */
import { describe, expect, test } from '@jest/globals';
import { ShapeError, ValueError, type HostArray } from '@antler/core';
import { Dataset, hostArray } from '../src/index.js';

const count = (n: number): Dataset<number> =>
  Dataset.fromGenerator(() => Array.from({ length: n }, (_, i) => i), { size: n });

/** n rows: x [n, width] with 100·row + column, y [n] with the row. */
function examples(n: number, width = 2): { x: HostArray; y: HostArray } {
  const x = Float32Array.from({ length: n * width }, (_, i) => 100 * Math.floor(i / width) + (i % width));
  return { x: hostArray(x, [n, width]), y: hostArray(Int32Array.from({ length: n }, (_, i) => i)) };
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const element of source) out.push(element);
  return out;
}

const labels = async (source: Dataset<{ x: HostArray; y: HostArray }>): Promise<number[][]> =>
  (await all(source)).map(({ y }) => Array.from(y.data));

describe('fromArrays', () => {
  test('yields rows in the structure given', async () => {
    const { x, y } = examples(2);
    const byName = await all(Dataset.fromArrays({ x, y }));
    expect(byName[1]!.x).toEqual({ data: Float32Array.of(100, 101), shape: [2], dtype: 'float32' });
    expect(byName[1]!.y).toEqual({ data: Int32Array.of(1), shape: [], dtype: 'int32' });
    const byPlace = await all(Dataset.fromArrays([x, y]));
    expect(byPlace[0]![1].data).toEqual(Int32Array.of(0));
    const alone = await all(Dataset.fromArrays(x));
    expect(alone[0]!.shape).toEqual([2]);
  });

  test('names arrays whose rows do not agree', () => {
    const x = examples(3).x;
    const y = examples(2).y;
    expect(() => Dataset.fromArrays({ x, y })).toThrow(
      new ShapeError('Dataset.fromArrays: expected arrays with the same number of rows, received x: [3, 2], y: [2].'),
    );
    expect(() => Dataset.fromArrays({})).toThrow(ValueError);
    expect(() => Dataset.fromArrays({ x: [1, 2] as unknown as HostArray })).toThrow(/Wrap typed arrays with hostArray/);
  });
});

describe('batch', () => {
  test('the last batch is smaller, or dropped; size follows', async () => {
    const data = Dataset.fromArrays(examples(5));
    expect(await labels(data.batch(2))).toEqual([[0, 1], [2, 3], [4]]);
    expect(data.batch(2).size).toBe(3);
    const even = data.batch(2, { dropRemainder: true });
    expect(await labels(even)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(even.size).toBe(2);
    const [first] = await all(data.batch(2));
    expect(first!.x).toEqual({ data: Float32Array.of(0, 1, 100, 101), shape: [2, 2], dtype: 'float32' });
  });

  test('by index equals by example, narrow and wide rows, every mixture of stages', async () => {
    const same = async <T>(f: (d: Dataset<{ x: HostArray; y: HostArray }>) => Dataset<T>): Promise<void> => {
      for (const width of [1, 3, 80]) {
        const byIndex = f(Dataset.fromArrays(examples(23, width)));
        const byExample = f(Dataset.fromArrays(examples(23, width)).map((example) => example));
        for (let pass = 0; pass < 2; pass++) expect(await all(byIndex)).toEqual(await all(byExample));
      }
    };
    await same((d) => d.batch(4));
    await same((d) => d.shuffle(23, { seed: 1 }).batch(4));
    await same((d) => d.shuffle(5, { seed: 1 }).batch(4, { dropRemainder: true }));
    await same((d) => d.skip(3).shuffle(10, { seed: 2 }).take(12).batch(5));
    await same((d) => d.shuffle(23, { seed: 1, reshuffleEachIteration: false }).skip(1).batch(30));
    await same((d) => d.shuffle(23, { seed: 1 }).repeat(2).batch(4));
  });

  test('a batch is a copy, and stacks batches of batches', async () => {
    const arrays = examples(4);
    for await (const { x } of Dataset.fromArrays(arrays).batch(2)) x.data.fill(-1);
    expect(arrays.x.data[0]).toBe(0);
    const nested = await all(Dataset.fromArrays(arrays.y).batch(2).batch(2));
    expect(nested[0]).toEqual({ data: Int32Array.of(0, 1, 2, 3), shape: [2, 2], dtype: 'int32' });
  });

  test('examples of different shapes cannot be stacked', async () => {
    const ragged = count(3).map((i) => ({ x: hostArray(new Float32Array(i + 1)) }));
    await expect(all(ragged.batch(2))).rejects.toThrow(
      new ShapeError(
        "batch: expected examples alike (float32 [1] as 'x'), received float32 [2]. Pad or cut them with map() first.",
      ),
    );
  });
});

describe('shuffle', () => {
  test('one seed gives one sequence of orders; each pass has its own unless asked otherwise', async () => {
    const make = (options: object): Dataset<number> => count(50).shuffle(50, { seed: 7, ...options });
    const [a, b] = [make({}), make({})];
    const first = await all(a);
    const second = await all(a);
    expect(await all(b)).toEqual(first);
    expect(await all(b)).toEqual(second);
    expect(second).not.toEqual(first);
    expect([...first].sort((x, y) => x - y)).toEqual(await all(count(50)));
    const fixed = make({ reshuffleEachIteration: false });
    expect(await all(fixed)).toEqual(first);
    expect(await all(fixed)).toEqual(first);
  });

  test('parts of one shuffled dataset do not overlap, in every pass', async () => {
    const shuffled = Dataset.fromArrays(examples(20)).shuffle(20, { seed: 3 });
    const [train, held] = [shuffled.take(15).batch(15), shuffled.skip(15).batch(15)];
    for (let pass = 0; pass < 3; pass++) {
      const both = [...(await labels(train)).flat(), ...(await labels(held)).flat()];
      expect(new Set(both).size).toBe(20);
    }
  });

  test('without a seed two datasets differ', async () => {
    expect(await all(count(100).shuffle(100))).not.toEqual(await all(count(100).shuffle(100)));
  });
});

describe('take, skip, repeat, map', () => {
  test('elements and sizes', async () => {
    const cases: [Dataset<number>, number[]][] = [
      [count(4).take(2), [0, 1]],
      [count(4).take(0), []],
      [count(2).take(5), [0, 1]],
      [count(4).skip(3), [3]],
      [count(2).skip(5), []],
      [count(2).repeat(3), [0, 1, 0, 1, 0, 1]],
      [count(2).repeat(0), []],
      [count(3).repeat().take(7), [0, 1, 2, 0, 1, 2, 0]],
      [count(0).repeat(), []],
      [count(3).map(async (i) => i * 10), [0, 10, 20]],
    ];
    for (const [dataset, expected] of cases) {
      expect(await all(dataset)).toEqual(expected);
      expect(dataset.size).toBe(expected.length);
    }
    expect(count(3).repeat().size).toBe(Infinity);
    expect(Dataset.fromGenerator(() => [1, 2]).take(1).size).toBeUndefined();
  });

  test('repeat reshuffles each turn, and no order comes twice over two passes', async () => {
    const repeated = count(30).shuffle(30, { seed: 1 }).repeat(2);
    const orders = [...(await all(repeated)), ...(await all(repeated))];
    const turns = [0, 30, 60, 90].map((at) => orders.slice(at, at + 30).join());
    expect(new Set(turns).size).toBe(4);
  });

  test('the stages refuse senseless counts', () => {
    expect(() => Dataset.fromArrays(examples(2)).batch(0)).toThrow(
      new ValueError('batch: expected a whole number >= 1, received 0.'),
    );
    expect(() => count(1).take(-1)).toThrow(ValueError);
    expect(() => count(1).skip(0.5)).toThrow(ValueError);
    expect(() => count(1).prefetch(0)).toThrow(ValueError);
    expect(() => count(1).repeat(NaN)).toThrow(ValueError);
    expect(() => count(1).shuffle(1, { seed: -1 })).toThrow(ValueError);
  });

  test('take never pulls the element after the last', async () => {
    const pulled: number[] = [];
    await all(
      count(5)
        .map((i) => pulled.push(i))
        .take(2),
    );
    expect(pulled).toEqual([0, 1]);
  });
});

/** A source that records what was pulled and whether it was closed. */
function watched(n: number, failAt = Infinity): { source: Dataset<number>; pulled: number[]; closed: () => boolean } {
  const pulled: number[] = [];
  let closed = false;
  const source = Dataset.fromGenerator(async function* () {
    try {
      for (let i = 0; i < n; i++) {
        if (i === failAt) throw new RangeError(`no element ${i}`);
        pulled.push(i);
        yield i;
      }
    } finally {
      closed = true;
    }
  });
  return { source, pulled, closed: () => closed };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('prefetch', () => {
  test('keeps the elements and their order', async () => {
    expect(await all(count(20).prefetch(3))).toEqual(await all(count(20)));
    expect(await all(count(1).prefetch(3))).toEqual([0]);
    expect(await all(count(0).prefetch(3))).toEqual([]);
  });

  test('works while the consumer is busy, no further than its depth', async () => {
    const { source, pulled } = watched(10);
    const iterator = source.prefetch(2)[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(0);
    await settle();
    expect(pulled).toEqual([0, 1, 2]);
    expect((await iterator.next()).value).toBe(1);
    await settle();
    expect(pulled).toEqual([0, 1, 2, 3]);
    await iterator.return();
  });

  test('stops and closes the source when the consumer stops', async () => {
    const { source, pulled, closed } = watched(1000);
    for await (const i of source.prefetch(4)) if (i === 1) break;
    expect(closed()).toBe(true);
    const after = pulled.length;
    expect(after).toBeLessThanOrEqual(7);
    await settle();
    expect(pulled.length).toBe(after);
  });

  test('one element at a time is made, however deep', async () => {
    let running = 0;
    const slow = count(8).map(async (i) => {
      expect(++running).toBe(1);
      await settle();
      running--;
      return i;
    });
    expect(await all(slow.prefetch(4))).toHaveLength(8);
  });
});

describe('errors and early stops', () => {
  test('an error arrives after the elements before it, through every stage', async () => {
    for (const depth of [0, 1, 5]) {
      const { source } = watched(10, 3);
      const seen: number[] = [];
      const piped = source.map((i) => i);
      const run = async (): Promise<void> => {
        for await (const i of depth > 0 ? piped.prefetch(depth) : piped) {
          seen.push(i);
          await settle();
        }
      };
      await expect(run()).rejects.toThrow(new RangeError('no element 3'));
      expect(seen).toEqual([0, 1, 2]);
    }
  });

  test('an error that nobody reaches is dropped without noise', async () => {
    const { source, closed } = watched(10, 2);
    for await (const i of source.prefetch(5)) {
      await settle();
      if (i === 0) break;
    }
    await settle();
    expect(closed()).toBe(true);
  });

  test('a break closes the source through all stages', async () => {
    const { source, closed } = watched(100);
    const chain = source
      .map((i) => hostArray(Float32Array.of(i)))
      .shuffle(4, { seed: 1 })
      .skip(1)
      .repeat()
      .batch(3);
    for await (const batch of chain) {
      expect(batch.shape).toEqual([3, 1]);
      break;
    }
    expect(closed()).toBe(true);
  });
});

describe('filter, zip and pass', () => {
  test('filter keeps what holds, and how many is unknown', async () => {
    const even = count(7).filter((n) => Promise.resolve(n % 2 === 0));
    expect(await all(even)).toEqual([0, 2, 4, 6]);
    expect(await all(even)).toEqual([0, 2, 4, 6]);
    expect(even.size).toBeUndefined();
  });

  test('zip pairs as long as both have some, and stops both', async () => {
    let stopped = 0;
    const endless = Dataset.fromGenerator(
      function* () {
        try {
          for (let i = 10; ; i++) yield i;
        } finally {
          stopped++;
        }
      },
      { size: Infinity },
    );
    const pairs = Dataset.zip(count(2), endless);
    expect(await all(pairs)).toEqual([
      [0, 10],
      [1, 11],
    ]);
    expect(pairs.size).toBe(2);
    expect(await all(Dataset.zip(endless, count(1)))).toEqual([[10, 0]]);
    expect(stopped).toBe(2);
  });

  test('a pass is had by its number', async () => {
    const shuffled = (): Dataset<number> => count(20).shuffle(20, { seed: 1 });
    const once = shuffled();
    const [first, second] = [await all(once), await all(once)];
    expect(second).not.toEqual(first);
    const other = shuffled();
    expect(await all(other.pass(1))).toEqual(second);
    expect(await all(other.pass(0))).toEqual(first);
    expect(() => other.pass(-1)).toThrow('pass: expected a whole number >= 0, received -1.');
  });
});
