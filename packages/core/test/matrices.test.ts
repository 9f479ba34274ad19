/** Linear algebra: what the factors of a matrix must satisfy. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { type Tensor, matmul, random, registerBackends, setBackend, tensor } from '../src/index.js';

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

const t = (x: Tensor): Tensor => antler.swapAxes(x, -1, -2);
const drawn = (shape: readonly number[], seed: number): Tensor =>
  random.normal(shape, { key: random.key(seed) }).cast('float64');

async function expectClose(received: Tensor, expected: Tensor, tolerance = 1e-12): Promise<void> {
  expect(received.shape).toEqual(expected.shape);
  const [a, b] = [await received.data(), await expected.data()];
  a.forEach((x, i) => expect(Math.abs(x - b[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(b[i]!))));
}

const spd = (x: Tensor): Tensor => antler.add(matmul(x, t(x)), antler.eye(x.shape.at(-1)!).cast('float64'));

const shapes = [[1, 1], [4, 4], [2, 5, 5], [7, 3], [3, 7], [2, 2, 4, 3], [12, 12]] as const; // prettier-ignore
const squares = shapes.filter((shape) => shape.at(-1) === shape.at(-2));
const identity = (n: number): Tensor => antler.eye(n).cast('float64');

describe('factors', () => {
  test.each(squares.map((shape, i) => [shape.join('×'), shape, i] as const))('%s', async (_name, shape, seed) => {
    const x = drawn(shape, seed);
    const n = shape.at(-1)!;
    const batch = antler.broadcastTo(identity(n), shape);
    const a = spd(x);
    const l = antler.cholesky(a);
    await expectClose(matmul(l, t(l)), a);
    await expectClose(antler.tril(l), l, 0);
    await expectClose(antler.cholesky(a, { upper: true }), t(l), 0);
    await expectClose(matmul(antler.choleskyInverse(l), a), batch, 1e-9);
    const [w, v] = antler.eigh(a);
    await expectClose(matmul(a, v), antler.multiply(v, antler.expandDims(w, -2)), 1e-11);
    await expectClose(matmul(t(v), v), batch);
    await expectClose(antler.sort(w), w, 0);
    await expectClose(matmul(x, antler.inv(x)), batch, 1e-9);
    const [sign, size] = antler.slogdet(x);
    await expectClose(antler.multiply(sign, antler.exp(size)), antler.det(x), 1e-9);
    await expectClose(antler.logdet(a), antler.slogdet(a)[1], 0);
    await expectClose(antler.prod(w, -1), antler.det(a), 1e-6);
    await expectClose(antler.matrixPower(x, 5), matmul(matmul(matmul(x, x), matmul(x, x)), x), 1e-9);
    await expectClose(antler.matrixPower(a, -2), antler.inv(matmul(a, a)), 1e-6);
    await expectClose(antler.matrixPower(x, 0), batch, 0);
  });

  test.each(shapes.map((shape, i) => [shape.join('×'), shape, i] as const))(
    '%s, oblong',
    async (_name, shape, seed) => {
      const x = drawn(shape, seed);
      const [m, n] = shape.slice(-2) as [number, number];
      for (const mode of ['reduced', 'complete'] as const) {
        const [q, r] = antler.qr(x, { mode });
        await expectClose(matmul(q, r), x);
        await expectClose(
          matmul(t(q), q),
          antler.broadcastTo(identity(q.shape.at(-1)!), [...shape.slice(0, -2), q.shape.at(-1)!, q.shape.at(-1)!]),
        );
        await expectClose(antler.triu(r), r, 0);
        expect(q.shape.at(-1)).toBe(mode === 'complete' ? m : Math.min(m, n));
      }
      for (const fullMatrices of [false, true]) {
        const [u, s, vt] = antler.svd(x, { fullMatrices });
        const k = Math.min(m, n);
        const [uk, vk] = [
          antler.take(u, antler.arange(k).cast('int32'), -1),
          antler.take(vt, antler.arange(k).cast('int32'), -2),
        ];
        await expectClose(matmul(antler.multiply(uk, antler.expandDims(s, -2)), vk), x);
        await expectClose(
          matmul(t(u), u),
          antler.broadcastTo(identity(u.shape.at(-1)!), [...shape.slice(0, -2), u.shape.at(-1)!, u.shape.at(-1)!]),
        );
        await expectClose(
          matmul(vt, t(vt)),
          antler.broadcastTo(identity(vt.shape.at(-2)!), [...shape.slice(0, -2), vt.shape.at(-2)!, vt.shape.at(-2)!]),
        );
        await expectClose(antler.svdvals(x), s, 0);
        await expectClose(antler.flip(antler.sort(s), -1), s, 0);
      }
      const p = antler.pinv(x);
      await expectClose(matmul(matmul(x, p), x), x, 1e-10);
      await expectClose(matmul(matmul(p, x), p), p, 1e-10);
      await expectClose(t(matmul(x, p)), matmul(x, p), 1e-10);
      await expectClose(t(matmul(p, x)), matmul(p, x), 1e-10);
      const b = drawn([...shape.slice(0, -1), 2], seed + 50);
      await expectClose(antler.lstsq(x, b), matmul(p, b), 1e-10);
    },
  );

  test('elimination exchanges rows as LAPACK does', async () => {
    const [lu, pivots] = antler.luFactor(tensor([[0, 1, 2], [2, 4, 6], [1, 5, 3], [2, 4, 7]])); // prettier-ignore
    expect(await pivots.array()).toEqual([1, 2, 2]);
    expect(pivots.dtype).toBe('int32');
    expect(await lu.array()).toEqual([[2, 4, 6], [0.5, 3, 0], [0, Math.fround(1 / 3), 2], [1, 0, 0.5]]); // prettier-ignore
  });

  test('a matrix without full rank', async () => {
    const x = tensor([[1, 2], [2, 4], [3, 6]], { dtype: 'float64' }); // prettier-ignore
    const [u, s, vt] = antler.svd(x);
    await expectClose(matmul(t(u), u), identity(3));
    await expectClose(matmul(vt, t(vt)), identity(2));
    await expectClose(s, antler.multiply(tensor([Math.sqrt(70), 0], { dtype: 'float64' }), 1), 1e-7);
    await expectClose(matmul(antler.pinv(x), x), tensor([[0.2, 0.4], [0.4, 0.8]], { dtype: 'float64' }), 1e-12); // prettier-ignore
    expect(await antler.det(matmul(t(x), x)).item()).toBeCloseTo(0, 10);
    await expectClose(antler.svdvals(antler.multiply(x, 0)), tensor([0, 0], { dtype: 'float64' }), 0);
  });

  test('a larger matrix', async () => {
    const x = drawn([60, 40], 7);
    const [u, s, vt] = antler.svd(x, { fullMatrices: false });
    await expectClose(matmul(antler.multiply(u, s), vt), x, 1e-11);
    const a = spd(drawn([50, 50], 8));
    const [w, v] = antler.eigh(a);
    await expectClose(matmul(antler.multiply(v, w), t(v)), a, 1e-10);
  });
});
