/** Failures at injected points reach those concerned and nobody else. */
import { createJsBackend } from '@antler/backend-js';
import { describe, expect, test } from '@jest/globals';
import {
  ResourceError,
  Variable,
  fence,
  jit,
  registerBackends,
  setBackend,
  tensor,
  type Backend,
  type Tensor,
} from '@antler/core';
import { openFresh } from '../modes.js';
import { classifier, numbersOf } from '../traps/classifier.js';
import { createStrictBackend } from './strict.js';

/** Takes six steps; gives the first failure and how many went well. */
async function stepWith(backend: Backend): Promise<{ readonly failed: unknown; readonly done: number }> {
  await openFresh(() => backend);
  const { x, labels, step } = classifier();
  const run = jit(step);
  const rate = tensor(0.5);
  let failed: unknown;
  let done = 0;
  for (let i = 0; i < 6; i++) {
    try {
      await run(x, labels, rate).item();
      done++;
    } catch (error) {
      failed ??= error;
    }
  }
  return { failed, done };
}

describe('failures of the device', () => {
  test('an allocation that fails is a ResourceError at the call, changes nothing, and the next step works', async () => {
    let refusals = 0;
    for (let at = 0; at < 24; at++) {
      const backend = createStrictBackend({ seed: 1, failAllocAt: [at], js: createJsBackend });
      await openFresh(() => backend);
      const { variables, x, labels, step } = classifier();
      const run = jit(step);
      const rate = tensor(0.5);
      for (let i = 0; i < 4; i++) {
        let stage = 'before';
        let before: number[][] = [];
        try {
          before = await numbersOf(variables);
          stage = 'step';
          const loss = run(x, labels, rate);
          stage = 'read';
          await loss.item();
        } catch (error) {
          refusals++;
          expect(error).toBeInstanceOf(ResourceError);
          if (stage === 'step') expect(await numbersOf(variables)).toEqual(before);
        }
      }
      expect(Number.isFinite(await run(x, labels, rate).item())).toBe(true);
    }
    expect(refusals).toBeGreaterThan(5);
  });

  test('a run that fails late rejects what depends on it, and nothing is left unhandled', async () => {
    let failures = 0;
    for (let at = 0; at < 6; at++) {
      const { failed, done } = await stepWith(createStrictBackend({ seed: 3, failRunAt: [at], js: createJsBackend }));
      if (failed === undefined) continue;
      failures++;
      expect(failed).toBeInstanceOf(ResourceError);
      expect(done).toBeLessThan(6);
    }
    expect(failures).toBeGreaterThan(0);
  });

  test('a program that does not compile rejects its readers; others go on', async () => {
    const backend = createStrictBackend({ seed: 4, js: createJsBackend });
    const compile = backend.compile.bind(backend);
    let refuse = false;
    backend.compile = (program) => (refuse ? Promise.reject(new Error('no such instruction')) : compile(program));
    await openFresh(() => backend);
    const x = new Variable([1, 2, 3]);
    const good = x.value.mul(2);
    fence();
    refuse = true;
    const bad = x.value.add(1).mul(3);
    fence();
    refuse = false;
    const after = x.value.sub(1);
    await expect(bad.data()).rejects.toThrow('no such instruction');
    await expect(bad.add(1).data()).rejects.toThrow('no such instruction');
    expect([...(await good.data())]).toEqual([2, 4, 6]);
    expect([...(await after.data())]).toEqual([0, 1, 2]);
  });

  test('variables move from one backend to another', async () => {
    await openFresh(() => createJsBackend());
    const w = new Variable([1, 2, 3], { name: 'w' });
    w.assignAdd(1);
    registerBackends({ elsewhere: () => createStrictBackend({ seed: 5, js: createJsBackend }) });
    const held = w.value;
    await setBackend('elsewhere');
    const double = jit((x: Tensor) => w.assign(w.value.mul(x)).value.sum());
    expect(await double(tensor(2)).item()).toBe(18);
    expect([...(await w.value.data())]).toEqual([4, 6, 8]);
    expect([...(await held.data())]).toEqual([2, 3, 4]);
    expect(() => held.add(w)).toThrow(/test-\d+ and elsewhere|elsewhere and test-\d+/);
  });
});
