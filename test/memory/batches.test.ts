/** Batches: their memory on the device is given back with the step, on the host it is the caller's again. */
import { describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { memory, tensor, type Backend } from '@antler/core';
import {
  input,
  installNames,
  layers,
  sequential,
  standardNames,
  type BatchData,
  type Batches,
  type Callback,
} from '@antler/layers';
import { withNative } from '../backends/native.js';
import { openFresh } from '../modes.js';
import { createStrictBackend } from '../strict/strict.js';

installNames(standardNames);

const steps = 12;
const rows = Float32Array.from({ length: steps * 8 * 4 }, (_, i) => ((i * 37) % 17) / 17);
const x = { data: rows, shape: [steps * 8, 4] };

async function open(create: () => Backend, jit: boolean) {
  await openFresh(create);
  const model = sequential([input({ shape: [4] }), layers.dense({ units: 3, kernelInitializer: 'ones' })]);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae'], jit });
  return model;
}

const storages = (): number => memory().devices.reduce((sum, device) => sum + device.storages, 0);

test('fit holds no batch after its step', async () => {
  const model = await open(createJsBackend, true);
  const counts: number[] = [];
  const count: Callback = { onTrainBatchEnd: () => void counts.push(storages()) };
  const targets = tensor(new Float32Array(steps * 8 * 3), { shape: [steps * 8, 3] });
  await model.fit(x, targets, { batchSize: 8, verbose: 0, callbacks: [count] });
  expect(counts).toHaveLength(steps);
  // The first step makes what all share; logs that nobody reads are the collector's.
  const growth = counts.slice(1).map((n, i) => n - counts[i]!);
  expect(Math.max(...growth.slice(1))).toBeLessThanOrEqual(1);
});

test('training leaves nothing to the collector, where no callback may have kept the logs', async () => {
  const model = await open(createJsBackend, true);
  const targets = { data: new Float32Array(steps * 8 * 3), shape: [steps * 8, 3] };
  const train = async (): Promise<number> => {
    await model.fit(x, targets, { batchSize: 8, verbose: 0 });
    await model.evaluate(x, targets, { batchSize: 8, verbose: 0 });
    await model.trainOnBatch(x, targets);
    return storages();
  };
  const before = await train();
  expect(await train()).toBe(before);
});

describe.each([true, false])('compiled: %s', (jit) => {
  test.each(['js', 'strict'])('a generator may use its arrays again: %s', async (name) => {
    const train = async (batches: () => Iterable<BatchData>): Promise<readonly number[]> => {
      const strict = (): Backend => createStrictBackend({ seed: 5, js: createJsBackend });
      const model = await open(name === 'js' ? createJsBackend : strict, jit);
      const fromStart: Batches = { [Symbol.iterator]: () => batches()[Symbol.iterator]() };
      const { history } = await model.fit(fromStart, {
        verbose: 0,
        stepsPerEpoch: steps,
      });
      const evaluated = await model.evaluate(fromStart, { verbose: 0 });
      return [...Object.values(history).flat(), ...Object.values(evaluated)];
    };
    const part = (step: number): Float32Array => rows.subarray(step * 32, step * 32 + 32);
    const targets = new Float32Array(24).fill(0.5);
    const fresh = await train(function* () {
      for (let step = 0; step < steps; step++) {
        yield { x: { data: part(step).slice(), shape: [8, 4] }, y: { data: targets.slice(), shape: [8, 3] } };
      }
    });
    const reused = new Float32Array(32);
    const again = await train(function* () {
      for (let step = 0; step < steps; step++) {
        reused.set(part(step));
        yield { x: { data: reused, shape: [8, 4] }, y: { data: targets, shape: [8, 3] } };
      }
    });
    expect(again).toEqual(fresh);
  });
});

test('a tensor made from host data can be read and used after dispose', async () => {
  await openFresh(createJsBackend);
  const x = tensor([1, 2, 3]);
  expect(await x.add(1).data()).toEqual(Float32Array.of(2, 3, 4));
  const before = storages();
  x.dispose();
  expect(storages()).toBe(before - 1);
  expect(await x.data()).toEqual(Float32Array.of(1, 2, 3));
  expect(await x.mul(2).data()).toEqual(Float32Array.of(2, 4, 6));
});

test('copy: false shares what is of the dtype already', async () => {
  await openFresh(createJsBackend);
  const data = Float32Array.of(1, 2);
  const [shared, copied, converted] = [{ copy: false }, {}, { copy: false, dtype: 'int32' } as const].map((options) =>
    tensor(data, options),
  );
  data[0] = 5;
  expect(await shared!.data()).toEqual(Float32Array.of(5, 2));
  expect(await copied!.data()).toEqual(Float32Array.of(1, 2));
  expect(await converted!.data()).toEqual(Int32Array.of(1, 2));
});

withNative((create) => {
  test('native takes buffers that were given back', () => {
    const backend = create();
    const first = backend.alloc(10_000);
    backend.free(first);
    expect(backend.alloc(9_999)).not.toBe(first);
    expect(backend.alloc(10_000)).toBe(first);
    expect(backend.alloc(10_000)).not.toBe(first);
    // What the collector does well is left to it, and what would be too much is let go.
    const [small, large, half] = [backend.alloc(8), backend.alloc(2 ** 25 + 8), backend.alloc(2 ** 25)];
    for (const buffer of [small, first, large, half]) backend.free(buffer);
    expect(backend.alloc(8)).not.toBe(small);
    expect(backend.alloc(10_000)).not.toBe(first);
    backend.dispose();
    expect(backend.alloc(2 ** 25)).not.toBe(half);
  });
});
