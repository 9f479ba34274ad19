/** Closing a backend gives back what core holds on it. */
import { createJsBackend } from '@antler/backend-js';
import { describe, expect, test } from '@jest/globals';
import {
  DeviceError,
  StaleTensorError,
  Variable,
  closeBackend,
  getBackend,
  jit,
  registerBackends,
  setBackend,
  tensor,
  type Tensor,
} from '../src/index.js';

describe('closing a backend', () => {
  test('takes its tensors along and leaves the variables, which moved', async () => {
    registerBackends({ one: () => createJsBackend(), two: () => createJsBackend() });
    await setBackend('one');
    const w = new Variable([1, 2]);
    w.assign(w.value.mul(3));
    const held = tensor([1, 2]).add(1);
    expect([...(await held.data())]).toEqual([2, 3]);

    await expect(closeBackend('one')).rejects.toThrow(DeviceError);
    await expect(closeBackend('one')).rejects.toThrow(
      'closeBackend: expected an open backend that is not in use, received "one". Move to another one first',
    );
    await setBackend('two');
    await closeBackend('one');
    expect([...(await w.value.data())]).toEqual([3, 6]);
    await expect(held.data()).rejects.toThrow(StaleTensorError);
    expect(() => held.add(1)).toThrow('one on one, which was closed');

    await expect(closeBackend('one')).rejects.toThrow(DeviceError);
    await setBackend('one');
    expect(getBackend()).toBe('one');
    expect([...(await w.value.data())]).toEqual([3, 6]);
  });

  test('leaves numbers that came from the host usable, eagerly and in jit', async () => {
    registerBackends({ here: () => createJsBackend(), there: () => createJsBackend() });
    await setBackend('here');
    const x = tensor([1, 2]);
    const double = jit((a: Tensor) => a.mul(2));
    expect([...(await x.add(1).data()), ...(await double(x).data())]).toEqual([2, 3, 2, 4]);
    await setBackend('there');
    await closeBackend('here');
    const [sum, product] = [x.add(1), double(x)];
    expect([...(await sum.data()), ...(await product.data())]).toEqual([2, 3, 2, 4]);
    expect([sum.device, product.device]).toEqual(['there', 'there']);
  });
});
