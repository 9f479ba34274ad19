/**
 * A process that trains a benchmark model on the native backend: `native-train.ts <model> <sizes as JSON> <steps>`. It prints the
 * version of oneDNN, the loss of the last epoch, and how many bytes the last three quarters of the steps have added to the
 * process; a second later `still here`, should anything keep the process alive.
 */
import * as antler from 'antler';
import { batchOf, compiled, type BenchmarkName } from '../../tools/bench/models.mjs';
import { loadAddon, type Addon } from '../../packages/backend-cpu-native/src/addon.js';
import { seeded } from '../seeded.js';

const [, , name, sizes, steps] = process.argv as [string, string, BenchmarkName, string, string];
await antler.setBackend('native');
antler.random.seed(7);
const batchSize = 16;
const batches = 5;
const model = compiled(antler, name, JSON.parse(sizes) as Record<string, number>);
const { x, y } = batchOf(model, name, batches * batchSize, seeded(3));

async function train(count: number): Promise<number> {
  const epochs = Math.round(count / batches);
  const history = await model.fit(x, y, { epochs, batchSize, shuffle: false, verbose: 0 });
  return history.history.loss!.at(-1)!;
}

/** Bytes that the process has, when the collector has had its turns. */
async function resident(): Promise<number> {
  for (let i = 0; i < 10; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return process.memoryUsage.rss();
}

await train(Number(steps) / 4);
const before = await resident();
const loss = await train((Number(steps) * 3) / 4);
const added = (await resident()) - before;
const { onednn } = (loadAddon() as Addon).describe();
console.log(JSON.stringify({ onednn, loss, added }));
setTimeout(() => console.log('still here'), 1000).unref();
