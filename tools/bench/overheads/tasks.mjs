// What is measured in processes of its own, one task each: `node tasks.mjs TASK MODEL COUNT` prints a line of JSON.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as antler from 'antler';
import { timing } from '../measure.mjs';
import { batchOf, benchmarks, compiled } from '../models.mjs';

/** @typedef {import('../models.d.mts').BenchmarkName} BenchmarkName */

const [task = '', name = '', count = '1'] = process.argv.slice(2);

/** @param {number} [batches] */
function trained(batches = 1) {
  const model = compiled(antler, /** @type {BenchmarkName} */ (name));
  const { batch } = benchmarks[/** @type {BenchmarkName} */ (name)];
  return { model, batch, ...batchOf(model, /** @type {BenchmarkName} */ (name), batch * batches) };
}

/** @type {Record<string, () => Promise<object>>} */
const tasks = {
  /** Microseconds of a program on one number: enqueued in a row, and read back each. */
  programs: async () => {
    const add = antler.jit((/** @type {antler.Tensor} */ x) => antler.add(x, 1));
    let x = antler.tensor([0]);
    /** @param {number} repetitions @param {boolean} reads */
    const inARow = async (repetitions, reads) => {
      const start = performance.now();
      for (let i = 0; i < repetitions; i++) {
        const next = add(x);
        x.dispose();
        x = next;
        if (reads) await x.data();
      }
      await antler.synchronize();
      return ((performance.now() - start) / repetitions) * 1000;
    };
    const [enqueued, trips] = [[], []].map(() => /** @type {number[]} */ ([]));
    for (let i = 0; i < 7; i++) {
      enqueued?.push(await inARow(Number(count), false));
      trips?.push(await inARow(Number(count) / 10, true));
    }
    return { enqueued: timing(enqueued ?? []).median, trip: timing(trips ?? []).median };
  },

  /** Milliseconds of the first step of a model that was just built, and of later ones. */
  firstStep: async () => {
    const { model, x, y } = trained();
    const times = [];
    for (let i = 0; i <= Number(count); i++) {
      const start = performance.now();
      await model.trainOnBatch(x, y);
      times.push(performance.now() - start);
    }
    const [first = NaN, ...later] = times;
    return { first, later: timing(later).median };
  },

  /** Milliseconds by which timers were late while `fit` ran. */
  delay: async () => {
    const { model, x, y, batch } = trained(Number(count));
    await model.fit(x, y, { batchSize: batch, verbose: 0 });
    const histogram = monitorEventLoopDelay({ resolution: 1 });
    histogram.enable();
    await model.fit(x, y, { batchSize: batch, verbose: 0 });
    histogram.disable();
    return { p99: histogram.percentile(99) / 1e6, most: histogram.max / 1e6 };
  },

  /** Bytes in memory over many steps, looked at every hundredth of them, after the first tenth. */
  resident: async () => {
    const { model, x, y } = trained();
    const looks = [];
    for (let i = 0; i < Number(count); i++) {
      await model.trainOnBatch(x, y);
      if (i >= Number(count) / 10 && i % (Number(count) / 100) === 0) looks.push(process.memoryUsage.rss());
    }
    return { first: looks[0], last: looks.at(-1), least: Math.min(...looks), most: Math.max(...looks) };
  },

  /** Trains, says when it is done, and leaves the end to the process. */
  exit: async () => {
    const { model, x, y } = trained();
    for (let i = 0; i < Number(count); i++) await model.trainOnBatch(x, y);
    return { done: Date.now() };
  },
};

const result = await tasks[task]?.();
console.log(JSON.stringify(result));
