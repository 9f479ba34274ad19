/** A few steps of the benchmark models at full size: equal bits from run to run, and nothing of oneDNN's slow reference code. */
import { expect, test } from '@jest/globals';
import { createNativeBackend } from '@antler/backend-cpu-native';
import * as antler from 'antler';
import { batchOf, benchmarks, compiled, type BenchmarkName } from '../../tools/bench/models.mjs';
import { openFresh } from '../modes.js';
import { seeded } from '../seeded.js';
import { addon, describeNative } from './native.js';

/** Losses, and the bits of the weights. */
async function trained(name: BenchmarkName): Promise<readonly (number | Buffer)[]> {
  await openFresh(() => createNativeBackend({ threads: 2 }));
  antler.random.seed(7);
  const model = compiled(antler, name);
  const { x, y } = batchOf(model, name, benchmarks[name].batch, seeded(3));
  const losses: number[] = [];
  for (let i = 0; i < 3; i++) losses.push((await model.trainOnBatch(x, y)).loss!);
  const weights = await Promise.all(model.weights.map((weight) => weight.value.data()));
  return [
    ...losses,
    ...weights.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  ];
}

describeNative('the benchmark models', () => {
  test.each(Object.keys(benchmarks) as BenchmarkName[])('%s gives equal bits twice', async (name) => {
    const { threads } = addon.describe();
    const first = await trained(name);
    const second = await trained(name);
    addon.setThreads(threads);
    expect(first.length).toBeGreaterThan(4);
    expect(second.findIndex((item, i) => !isSame(item, first[i]!))).toBe(-1);
  });

  test('oneDNN has fast code for all that they ask of it', () => {
    const { onednn, primitives } = addon.describe();
    expect(primitives.length > 0).toBe(onednn !== '');
    expect(primitives.filter((primitive) => primitive.includes(' ref'))).toEqual([]);
  });
});

function isSame(a: number | Buffer, b: number | Buffer): boolean {
  return typeof a === 'number' || typeof b === 'number' ? Object.is(a, b) : a.equals(b);
}
