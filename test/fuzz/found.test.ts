/** What random graphs have found: each bug as the smallest program that showed it. */
import { beforeAll, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { grad, registerBackends, scan, setBackend, sin, tanh, tensor, zeros, type Tensor } from '@antler/core';
import { withNative } from '../backends/native.js';
import { openFresh } from '../modes.js';

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

test('the gradient of a scan of one step: the next carry was written over the saved one', async () => {
  const body = (c: Tensor, x: Tensor): readonly [Tensor, Tensor] => [tanh(c.add(x)), sin(c)];
  const f = (x: Tensor): Tensor => {
    const [last, rows] = scan(body, zeros([2]), x);
    return rows.add(last).sum();
  };
  const slope = await grad(f)(tensor([[0.5, -1]])).data();
  // tanh' = 1 − tanh²; the row is sin(0).
  [0.5, -1].forEach((x, i) => expect(slope[i]).toBeCloseTo(1 - Math.tanh(x) ** 2, 6));
});

withNative((create) => {
  test('a program of many scalars and no kernel was taken for a damaged one', async () => {
    await openFresh(create);
    expect(await tensor([]).add(1).add(2).add(3).add(4).add(5).add(6).add(7).data()).toEqual(new Float32Array(0));
  });
});
