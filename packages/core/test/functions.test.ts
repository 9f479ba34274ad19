/** What records of single calls do not show (`test/conformance/core/ops`): functions inside of a scan, and frequencies of draws. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { type Tensor, random, registerBackends, setBackend, tensor } from '../src/index.js';

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

test('sums in a loop: dynamicSlice and dynamicUpdateSlice inside scan', async () => {
  const [out] = antler.scan(
    (carry: Tensor, i: Tensor) => {
      const row = antler.dynamicSlice(carry, [i, 0], [1, 2]);
      return [antler.dynamicUpdateSlice(carry, [antler.add(i, 1), 0], row.mul(2)), null];
    },
    tensor([[1, 2], [0, 0], [0, 0]]), // prettier-ignore
    antler.arange(2),
  );
  expect(await out.array()).toEqual([[1, 2], [2, 4], [4, 8]]); // prettier-ignore
});

describe('random choices', () => {
  test('categorical has the frequencies of the softmax', async () => {
    const drawn = await random.categorical(tensor([[0, Math.log(3)], [-Infinity, 0]]), 4000, { key: random.key(1) }).array(); // prettier-ignore
    const share = (row: unknown): number => (row as number[]).reduce((a, b) => a + b, 0) / 4000;
    expect(Math.abs(share((drawn as unknown[])[0]) - 0.75)).toBeLessThan(0.02);
    expect(share((drawn as unknown[])[1])).toBe(1);
  });

  test.each([0.3, 1, 4.5])('gamma(%d) has the mean and the variance alpha', async (alpha) => {
    const drawn = [...(await random.gamma([20000], alpha, { key: random.key(2) }).data())];
    const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const variance = drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / drawn.length;
    expect(Math.min(...drawn)).toBeGreaterThan(0);
    expect(Math.abs(mean / alpha - 1)).toBeLessThan(0.03);
    expect(Math.abs(variance / alpha - 1)).toBeLessThan(0.08);
  });

  test('permutation and shuffle keep every entry, and a key says in which order', async () => {
    const order = [...(await random.permutation(50, { key: random.key(3) }).data())];
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect([...(await random.permutation(50, { key: random.key(3) }).data())]).toEqual(order);
    const rows = tensor(Array.from({ length: 50 }, (_, i) => [i, i + 100]));
    const shuffled = await random.shuffle(rows, 0, { key: random.key(3) }).array();
    expect(shuffled).toEqual(order.map((i) => [i, i + 100]));
  });
});
