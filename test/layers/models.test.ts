/** The benchmark's models, small, really trained: the loss falls. */
import { expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import * as antler from 'antler';
import { batchOf, benchmarks, compiled, type BenchmarkName } from '../../tools/bench/models.mjs';
import { openFresh } from '../modes.js';
import { seeded } from '../seeded.js';

/** Steps on one batch of this many rows. */
const runs: Readonly<Record<BenchmarkName, readonly [rows: number, steps: number]>> = {
  tiny: [32, 100],
  mlp: [16, 20],
  cnn: [16, 20],
  lstm: [16, 40],
  gpt: [4, 20],
  resnet: [8, 15],
};

test.each(Object.keys(runs) as BenchmarkName[])('%s', async (name) => {
  await openFresh(createJsBackend);
  antler.random.seed(7);
  const [rows, steps] = runs[name];
  const model = compiled(antler, name, benchmarks[name].small, 0.02);
  const { x, y } = batchOf(model, name, rows, seeded(3));
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    model.resetMetrics();
    losses.push((await model.trainOnBatch(x, y)).loss!);
  }
  expect(losses.at(-1)! / losses[0]!).toBeLessThan(0.6);
});
