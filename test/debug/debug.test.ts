/** setDebug: what is told, where errors point, and that nothing is told when it is off. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import {
  NonFiniteError,
  Variable,
  checkFaults,
  exp,
  take,
  grad,
  jit,
  log,
  matmul,
  ones,
  setDebug,
  softmax,
  sqrt,
  tensor,
  withFiniteChecks,
  withScope,
  type Tensor,
} from '@antler/core';
import { openFresh } from '../modes.js';
import { createStrictBackend } from '../strict/strict.js';

let told: string[];
beforeEach(async () => {
  await openFresh(createJsBackend);
  told = [];
  jest.spyOn(console, 'warn').mockImplementation((text: string) => void told.push(text));
});
afterEach(() => {
  setDebug();
  jest.restoreAllMocks();
});

test('graph prints each graph once', async () => {
  setDebug('graph');
  const f = jit((x: Tensor) => exp(x).mul(3));
  await f(ones([7])).data();
  await f(ones([7])).data();
  expect(told.filter((text) => text.includes('exp float32[7]'))).toHaveLength(1);
  setDebug();
  await f(ones([8])).data();
  expect(told.some((text) => text.includes('float32[8]'))).toBe(false);
});

test('kernels prints each run with times', async () => {
  const f = jit(() => withScope('layer', () => matmul(ones([4, 5]), ones([5, 6]))));
  setDebug('kernels');
  await f().data();
  await Promise.resolve();
  expect(told.join('\n')).toMatch(/run on js: [\d.]+ (µs|ms)\n[^]*[\d.]+ (µs|ms) +dot \[4\]×\[6\]×\[5\] +layer/);
});

test('memory prints what is held', async () => {
  setDebug('memory');
  await tensor([1, 2]).add(1).data();
  expect(told.join('\n')).toMatch(/run of 1 kernels, 0 B of temporaries\n\d+ variables, 0 pending operations/);
});

test('an unknown word is told once, with the known ones', () => {
  setDebug('memory, graf');
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('ANTLER_DEBUG: expected words of this list, received graf.');
  for (const word of ['graph', 'kernels', 'memory', 'nan', 'stack']) expect(told[0]).toContain(`\n  ${word} `);
});

describe('nan', () => {
  const notFinite = (text: string): unknown =>
    expect.objectContaining({ name: 'NonFiniteError', message: expect.stringContaining(text) });
  const caught = (f: () => unknown): unknown => {
    try {
      f();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test('names the operation and the layer that made the first one, in a jitted step, and changes no variable', async () => {
    setDebug('nan');
    const w = new Variable(tensor([1, -1, 2]), { name: 'w' });
    const step = jit(() => {
      const y = withScope('model/first', () => log(w.value.mul(2)));
      const z = withScope('model/second', () => exp(y).sum());
      w.assignSub(y);
      return z;
    });
    expect(caught(step)).toEqual(
      notFinite(
        'log in model/first: expected finite numbers, received float32 [3] with 1 NaN, the others in [0.6931, 1.386] from float32 [3] in [-2, 4].',
      ),
    );
    expect([...(await w.value.data())]).toEqual([1, -1, 2]);
  });

  test('finds what an eagerly recorded gradient makes', async () => {
    setDebug('nan');
    const slope = grad((x: Tensor) => withScope('root', () => sqrt(x).sum()));
    await expect(slope(tensor([0, 1])).data()).rejects.toEqual(
      notFinite('div in root: expected finite numbers, received'),
    );
  });

  test('infinities on the way are no fault', async () => {
    setDebug('nan');
    const masked = jit((x: Tensor) => softmax(x.add(tensor([0, -Infinity, 0]))));
    const [a, b, c] = await masked(tensor([1, 2, 1])).data();
    expect([a, b, c]).toEqual([0.5, 0, 0.5]);
  });

  test('says when it was given one', () => {
    setDebug('nan');
    expect(caught(() => jit((x: Tensor) => x.add(1))(tensor([1, NaN])))).toEqual(
      notFinite(
        'antler: expected finite numbers, received float32 [2] with 1 NaN, the others in [1, 1] in a tensor that was given',
      ),
    );
  });

  test('a bad index keeps its own error', async () => {
    setDebug('nan');
    await expect(take(ones([3]), tensor([7], { dtype: 'int32' })).data()).rejects.toThrow(
      'expected an index in [-3, 3)',
    );
    await checkFaults();
  });

  test('is off outside of withFiniteChecks', async () => {
    expect(caught(() => withFiniteChecks(() => jit(() => log(tensor([-1])))()))).toBeInstanceOf(NonFiniteError);
    expect(await log(tensor([-1])).data()).toEqual(Float32Array.of(NaN));
  });

  test('comes with the next check where the host cannot wait', async () => {
    await openFresh(() => createStrictBackend({ seed: 5, js: createJsBackend }));
    const f = jit((x: Tensor) => withScope('late', () => log(x).mul(2)));
    withFiniteChecks(() => f(tensor([-1, 1])));
    await expect(checkFaults()).rejects.toThrow(
      'log in late: expected finite numbers, received float32 [2] with 1 NaN',
    );
    expect(told).toHaveLength(1);
    await checkFaults();
  });
});

describe('stack', () => {
  /** The line that calls this. */
  const line = (): number => Number([...new Error().stack!.matchAll(/debug\.test\.ts:(\d+)/g)][1]![1]);

  test('leads to the line that recorded a bad index', async () => {
    setDebug('stack');
    const here = line() + 1;
    const recorded = jit(() => take(ones([3]), tensor([7], { dtype: 'int32' })));
    const y = recorded();
    const error = (await y.data().catch((error: unknown) => error)) as Error;
    expect(error.message).toMatch(/It was recorded here:\n.*debug\.test\.ts/);
    expect(error.message).toContain(`debug.test.ts:${here}`);
    expect(error.message.split('\n').slice(2).join('\n')).not.toMatch(/packages\/core/);
  });

  test('of an operation inside of a composite is that of its user, each time', () => {
    setDebug('stack', 'nan');
    const at = (f: () => unknown): string => {
      try {
        f();
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    const x = tensor([Infinity, 1]);
    const first = line() + 1;
    expect(at(jit(() => softmax(x.sub(x))))).toContain(`debug.test.ts:${first}`);
    const second = line() + 1;
    expect(at(jit(() => softmax(x.sub(x))))).toContain(`debug.test.ts:${second}`);
  });

  test('is not taken when off', async () => {
    const y = take(ones([3]), tensor([7], { dtype: 'int32' }));
    const error = (await y.data().catch((error: unknown) => error)) as Error;
    expect(error.message).not.toContain('recorded here');
  });
});
