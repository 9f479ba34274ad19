/** Matrix products of few rows, which the native backend has a routine of its own for, beside the reference backend. */
import { expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { jit, matmul, relu, swapAxes, tensor, type Backend, type Tensor } from '@antler/core';
import { createNativeBackend } from '@antler/backend-cpu-native';
import { openFresh } from '../modes.js';
import { seeded } from '../seeded.js';
import { withNative } from './native.js';

type Shape = readonly number[];

/** a · b, with a bias and relu where there is one; each with its last two axes exchanged where that is said. */
interface Case {
  readonly a: Shape;
  readonly b: Shape;
  readonly transposed?: 'a' | 'b';
  readonly bias?: Shape;
}

const turned = (x: Tensor): Tensor => swapAxes(x, -1, -2);

const product =
  ({ transposed }: Case) =>
  (a: Tensor, b: Tensor, bias?: Tensor): Tensor => {
    const y = matmul(transposed === 'a' ? turned(a) : a, transposed === 'b' ? turned(b) : b);
    return bias === undefined ? y : relu(y.add(bias));
  };

function inputsOf({ a, b, bias }: Case): readonly Tensor[] {
  const chance = seeded(7);
  return [a, b, ...(bias === undefined ? [] : [bias])].map((shape) =>
    tensor(
      Float32Array.from({ length: shape.reduce((x, y) => x * y, 1) }, () => 2 * chance() - 1),
      { shape },
    ),
  );
}

async function valuesOn(create: () => Backend, one: Case): Promise<Float32Array> {
  await openFresh(create);
  const [a, b, bias] = inputsOf(one) as [Tensor, Tensor, Tensor?];
  return Float32Array.from(await jit(product(one))(a, b, bias).data());
}

async function expectSame(create: () => Backend, one: Case): Promise<void> {
  const expected = await valuesOn(createJsBackend, one);
  const received = await valuesOn(create, one);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(received).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs(value - received[i]!)).toBeLessThanOrEqual(2e-6 * scale));
}

const rows = [1, 2, 3, 4, 5];
/** Depth and columns: less than a vector, vectors and a part, a single one, enough for several threads. */
const sizes = [
  [1, 1],
  [1, 37],
  [7, 1],
  [300, 1],
  [3, 5],
  [17, 33],
  [100, 10],
  [65, 250],
  [129, 1100],
  [784, 512],
] as const;
const all = rows.flatMap((m) => sizes.map(([k, n]) => [m, k, n] as const));

withNative((create) => {
  test.each(all)('[%i, %i] by %i columns', async (m, k, n) => {
    await expectSame(create, { a: [m, k], b: [k, n], bias: [n] });
    await expectSame(create, { a: [m, k], b: [n, k], transposed: 'b' });
    await expectSame(create, { a: [k, m], b: [k, n], transposed: 'a' });
  });

  test.each<Case>([
    { a: [5, 1, 64], b: [5, 64, 70] },
    { a: [3, 2, 4, 33], b: [3, 2, 21, 33], transposed: 'b', bias: [21] },
    { a: [7, 1, 129], b: [7, 129, 300], bias: [300] },
    { a: [6, 3, 40], b: [40, 50] },
    { a: [40], b: [40, 50] },
  ])('batches, %j', (one) => expectSame(create, one));

  test('what is not a number stays in its column', async () => {
    await openFresh(create);
    const b = new Float32Array(3 * 21).fill(1);
    b[2 * 21 + 20] = NaN;
    b[0] = Infinity;
    for (const m of [1, 4]) {
      const a = tensor(new Float32Array(m * 3).fill(1), { shape: [m, 3] });
      const row = [Infinity, ...Array.from({ length: 19 }, () => 3), NaN];
      const y = await matmul(a, tensor(b, { shape: [3, 21] })).data();
      expect([...y]).toEqual(Array.from({ length: m }, () => row).flat());
    }
  });

  test('no result depends on the number of threads', async () => {
    const cases: readonly Case[] = [
      { a: [1, 2050], b: [2050, 1030] },
      { a: [3, 1300], b: [501, 1300], transposed: 'b' },
      { a: [7, 1, 501], b: [7, 501, 330] },
    ];
    for (const one of cases) {
      const single = await valuesOn(() => createNativeBackend({ threads: 1 }), one);
      for (const threads of [2, 3, 5]) {
        expect(await valuesOn(() => createNativeBackend({ threads }), one)).toEqual(single);
      }
    }
  });
});
