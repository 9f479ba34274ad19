/** Memory: flat over many steps, and nothing left after `fit`, `predict`, or an exception in the middle of either. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { Variable, jit, memory, ones, tensor, type Backend, type MemoryReport } from '@antler/core';
import {
  installNames,
  input,
  layers,
  resetNames,
  sequential,
  standardNames,
  type Callback,
  type Sequential,
} from '@antler/layers';
import { createStrictBackend } from '../strict/strict.js';
import { countsOf, openFresh } from '../modes.js';
import { classifier } from '../traps/classifier.js';

type Counts = MemoryReport['devices'][number];

/** What is still there after everything unreachable has gone: the least that was seen in several collections. */
async function settled(device: string): Promise<Counts & { readonly pendingNodes: number }> {
  let least = Infinity;
  for (let quiet = 0; quiet < 30; quiet++) {
    globalThis.gc!();
    // Finalizers run between macrotasks.
    await new Promise((resolve) => setTimeout(resolve, 10));
    const { storages } = countsOf(device);
    if (storages < least) quiet = 0;
    least = Math.min(least, storages);
  }
  return { ...countsOf(device), pendingNodes: memory().pendingNodes };
}

const backends: Readonly<Record<string, () => Backend>> = {
  js: () => createJsBackend(),
  strict: () => createStrictBackend({ seed: 3, js: createJsBackend }),
};

function model(): Sequential {
  const made = sequential([
    input({ shape: [4] }),
    layers.dense({ units: 8, activation: 'relu' }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  made.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return made;
}

const rows = Float32Array.from({ length: 40 * 4 }, (_, i) => ((i * 37) % 17) / 17);
const data = { data: rows, shape: [40, 4] };
const labels = { data: Int32Array.from({ length: 40 }, (_, i) => i % 3), shape: [40] };
const many = new Float32Array(1000 * 4).fill(0.5);
const quiet = { verbose: 0, batchSize: 8 } as const;

beforeAll(() => {
  expect(typeof globalThis.gc).toBe('function');
  installNames(standardNames);
});

describe.each(Object.entries(backends))('%s', (name, create) => {
  let device = '';
  beforeEach(async () => {
    resetNames();
    device = await openFresh(create);
  });

  test('a thousand synchronous steps', async () => {
    const { step, x, labels: truth } = classifier();
    const run = jit(step);
    const rate = tensor(0.1);
    const once = async (steps: number): Promise<Counts> => {
      for (let i = 0; i < steps; i++) {
        const loss = run(x, truth, rate);
        if (i % 20 === 19) await loss.item();
      }
      return settled(device);
    };
    const first = await once(20);
    const last = await once(1000);
    expect(last.storages).toBe(first.storages);
    expect(last.bytes).toBe(first.bytes);
    expect(last.programs).toBe(first.programs);
  });

  test('a thousand eager steps', async () => {
    const w = new Variable(ones([16]), { name: 'w' });
    const once = async (steps: number): Promise<Counts> => {
      for (let i = 0; i < steps; i++) {
        w.assignSub(w.value.mul(0.001));
        if (i % 20 === 19) await w.value.sum().item();
      }
      return settled(device);
    };
    const first = await once(40);
    const last = await once(1000);
    expect(last.storages).toBe(first.storages);
    expect(last.bytes).toBe(first.bytes);
  });

  // Each length is a program of its own, which takes its time to compile.
  const count = name === 'js' ? 1000 : 100;
  test(`${count} lengths of predict`, async () => {
    const made = model();
    const lengths = async (from: number, to: number): Promise<Counts> => {
      for (let length = from; length < to; length++) {
        const x = { data: many.subarray(0, 4 * length), shape: [length, 4] };
        const y = await made.predict(x, { verbose: 0, batchSize: length });
        expect(y.shape).toEqual([length, 3]);
      }
      return settled(device);
    };
    const first = await lengths(1, 50);
    const last = await lengths(50, count + 1);
    expect(last.storages).toBe(first.storages);
    expect(last.bytes).toBe(first.bytes);
  });

  test('after fit and predict only the model is there', async () => {
    const made = model();
    await made.fit(data, labels, { ...quiet, epochs: 2 });
    await made.predict(data, quiet);
    const first = await settled(device);
    await made.fit(data, labels, { ...quiet, epochs: 3 });
    await made.predict(data, quiet);
    const last = await settled(device);
    expect(last.storages).toBe(first.storages);
    expect(last.bytes).toBe(first.bytes);
    expect(last.inFlight).toBe(0);
    expect(last.pendingNodes).toBe(0);
  });

  test('after an exception in the middle of fit or predict as well', async () => {
    const made = model();
    await made.fit(data, labels, quiet);
    await made.predict(data, quiet);
    const first = await settled(device);
    const failing: Callback = {
      onTrainBatchEnd(batch) {
        if (batch === 2) throw new Error('in the middle of fit');
      },
      onPredictBatchEnd(batch) {
        if (batch === 1) throw new Error('in the middle of predict');
      },
    };
    for (let i = 0; i < 3; i++) {
      await expect(made.fit(data, labels, { ...quiet, callbacks: [failing] })).rejects.toThrow('in the middle of fit');
      await expect(made.predict(data, { ...quiet, callbacks: [failing] })).rejects.toThrow('in the middle of predict');
      const wrong = { ...labels, data: labels.data.map((label, k) => (k === 20 ? 7 : label)) };
      await expect(made.fit(data, wrong, quiet)).rejects.toThrow('expected an index in [-3, 3), received 7');
    }
    const last = await settled(device);
    expect(last.storages).toBe(first.storages);
    expect(last.bytes).toBe(first.bytes);
    expect(last.inFlight).toBe(0);
    expect(last.pendingNodes).toBe(0);
  });
});
