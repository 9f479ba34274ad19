/** profile: times by kernel, layer and kind; as text and as a trace. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import {
  Variable,
  matmul,
  ones,
  profile,
  relu,
  softmax,
  tensor,
  withScope,
  jit,
  type Profile,
  type Tensor,
} from '@antler/core';
import { input, layers, installNames, resetNames, sequential, standardNames } from '@antler/layers';
import { openFresh } from '../modes.js';
import { createStrictBackend } from '../strict/strict.js';

const x = { data: new Float32Array(40).fill(0.5), shape: [10, 4] };
const y = { data: Int32Array.from({ length: 10 }, (_, i) => i % 3), shape: [10] };

async function trained(): Promise<Profile> {
  installNames(standardNames);
  resetNames();
  const model = sequential([
    input({ shape: [4] }),
    layers.dense({ units: 8, activation: 'relu' }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  await model.trainOnBatch(x, y);
  return profile(() => model.trainOnBatch(x, y));
}

describe('on a backend with clocks', () => {
  beforeEach(async () => void (await openFresh(createJsBackend)));

  test('a training step by kernel, layer and kind', async () => {
    const found = await trained();
    expect(found.result).toEqual({ loss: expect.any(Number) });
    const kinds = new Set(found.kernels.map(({ kind }) => kind));
    expect(kinds).toContain('dot');
    expect(kinds).toContain('loop');
    expect(found.layers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['sequential/dense', 'sequential/dense_1']),
    );
    for (const totals of [found.layers, found.kinds]) {
      expect(totals.reduce((sum, { milliseconds }) => sum + milliseconds, 0)).toBeCloseTo(found.milliseconds, 9);
    }
    expect(found.wall).toBeGreaterThan(found.milliseconds);
    const times = found.kernels.map(({ milliseconds }) => milliseconds);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    const text = String(found);
    for (const part of ['by kind', 'by layer', 'sequential/dense_1', 'dot [10]×[8]×[4]', '█']) {
      expect(text).toContain(part);
    }
  });

  test('bytes, operations, and how often', async () => {
    const [a, b] = [ones([10, 20]), ones([20, 30])];
    const f = jit(() => withScope('hidden', () => relu(matmul(a, b))));
    await f().data();
    const found = await profile(() => {
      f();
      return f();
    });
    expect(found.result.shape).toEqual([10, 30]);
    expect(found.kernels).toEqual([
      {
        kind: 'dot',
        text: 'dot [10]×[30]×[20]',
        operations: ['max'],
        layers: ['hidden'],
        bytes: 4 * (200 + 600 + 300),
        runs: 2,
        milliseconds: expect.any(Number),
      },
    ]);
  });

  test('what is recorded and not read is run as well', async () => {
    const x = tensor([1, 2, 3]);
    const found = await profile(() => x.add(1));
    expect(found.kernels.map(({ operations }) => operations)).toEqual([['add']]);
  });

  test('layers that share a decomposition keep their names', async () => {
    const f = jit((x: Tensor) => withScope('second', () => softmax(withScope('first', () => softmax(x)))));
    const x = ones([3, 4]);
    await f(x).data();
    const found = await profile(() => f(x));
    expect(new Set(found.kernels.flatMap((kernel) => kernel.layers))).toEqual(new Set(['second', 'second/first']));
  });

  test('a trace: nested spans that do not overlap, in microseconds', async () => {
    const trace = (await trained()).toChromeTrace();
    expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
    const spans = trace.traceEvents.filter(({ ph }) => ph === 'X');
    const runs = spans.filter(({ cat }) => cat === 'run');
    const kernels = spans.filter(({ cat }) => cat !== 'run');
    expect(runs.length).toBeGreaterThan(0);
    expect(kernels.length).toBe(runs.reduce((sum, { args }) => sum + (args.kernels as number), 0));
    let end = 0;
    for (const { ts, dur } of kernels) {
      expect(ts).toBeGreaterThanOrEqual(end - 1e-6);
      end = ts! + dur!;
      expect(runs.some((run) => run.ts! <= ts! && end <= run.ts! + run.dur! + 1e-6)).toBe(true);
    }
  });

  test('one at a time, and nothing stays behind a failure', async () => {
    const failing = profile(() => Promise.reject(new Error('mine')));
    await expect(profile(() => 1)).rejects.toThrow('profile: expected one profile at a time');
    await expect(failing).rejects.toThrow('mine');
    expect((await profile(() => 1)).kernels).toEqual([]);
  });
});

test('without clocks a program is timed as a whole', async () => {
  await openFresh(() => createStrictBackend({ seed: 3, js: createJsBackend }));
  const w = new Variable(ones([3]), { name: 'w' });
  const found = await profile(async () => {
    w.assignAdd(1);
    return w.value.data();
  });
  expect([...found.result]).toEqual([2, 2, 2]);
  expect(new Set(found.kernels.map(({ kind }) => kind))).toEqual(new Set(['program']));
});
