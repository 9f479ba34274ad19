/** The experiment: load the digits, train a network on them, test it on digits it never saw. */
import { getBackend, mnist, random, setBackend, type HostArray } from 'antler';
import type { Options } from './flags.js';
import { models } from './models.js';
import type { Results } from './report.js';
import { score } from './scores.js';

/** Trains as asked and resolves to what the report shows. Progress goes to the terminal. */
export async function train(options: Options): Promise<Results> {
  if (options.backend !== undefined) await setBackend(options.backend);
  random.seed(options.seed);

  const clock = stopwatch();
  const data = await mnist({ normalize: true });
  const limit = options.limit ?? Infinity;
  const [x, y] = [firstRows(data.train.images, limit), firstRows(data.train.labels, limit)];
  const [testX, testY] = [firstRows(data.test.images, limit), firstRows(data.test.labels, limit)];
  const load = clock();

  const model = models[options.model]();
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  model.summary();
  clock();
  const { epochs, batchSize, seed } = options;
  await model.fit(x, y, { epochs, batchSize, seed });
  const trained = clock();

  const { loss } = await model.evaluate(testX, testY, { batchSize: 512, verbose: 0 });
  const probabilities = await (await model.predict(testX, { batchSize: 512, verbose: 0 })).data();
  return {
    scores: score(probabilities, testY.data, data.classNames),
    loss: loss!,
    images: { data: testX.data as Float32Array, shape: testX.shape },
    backend: getBackend() ?? 'none',
    times: { load, train: trained, evaluate: clock() },
    epochs,
    trained: x.shape[0]!,
    batchSize,
  };
}

/** The first rows of an array, not copied. */
function firstRows(array: HostArray, limit: number): HostArray {
  const [all, ...rest] = array.shape;
  const rows = Math.min(all!, limit);
  return { ...array, data: array.data.subarray(0, (rows * array.data.length) / all!), shape: [rows, ...rest] };
}

/** A function that returns the seconds since its last call. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}
