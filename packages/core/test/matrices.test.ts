/** Linear algebra: what the factors must satisfy, and gradients of both orders, away from where they do not exist. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { type Tensor, matmul, random, registerBackends, setBackend, tensor } from '../src/index.js';
import { describeGradients, type Case } from './finiteDifferences.js';

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

/** Well away from singular, coinciding and negative: the diagonal leads, and its entries differ. */
function led(x: Tensor): Tensor {
  const n = x.shape.at(-1)!;
  const steps = antler.arange(n).cast('float64').mul(2).add(3);
  return x.mul(0.5).add(antler.multiply(antler.eye(n).cast('float64'), steps));
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

const square = [[3, 3]] as const;
const batched = [[2, 3, 3]] as const;
/** What does not depend on the signs of vectors, which are free. */
const free = (x: Tensor): Tensor => antler.multiply(x, x);

const gradients: readonly Case[] = [
  { name: 'cholesky', f: (x) => antler.cholesky(spd(x)), shapes: batched },
  { name: 'cholesky, upper', f: (x) => antler.cholesky(led(x), { upper: true }), shapes: square },
  { name: 'choleskyInverse', f: (x) => antler.choleskyInverse(led(x)), shapes: square },
  { name: 'solve', f: (a, b) => antler.solve(led(a), b), shapes: [[2, 3, 3], [2, 3, 2]] }, // prettier-ignore
  { name: 'solve of a vector, broadcast', f: (a, b) => antler.solve(led(a), b), shapes: [[2, 3, 3], [3]] }, // prettier-ignore
  { name: 'solveTriangular, lower', f: (a, b) => antler.solveTriangular(led(a), b, { lower: true }), shapes: [[3, 3], [3, 2]] }, // prettier-ignore
  { name: 'solveTriangular, upper', f: (a, b) => antler.solveTriangular(led(a), b), shapes: [[2, 3, 3], [2, 3]] }, // prettier-ignore
  { name: 'inv', f: (x) => antler.inv(led(x)), shapes: batched },
  { name: 'det', f: (x) => antler.det(led(x)), shapes: batched },
  { name: 'slogdet', f: (x) => antler.slogdet(led(x))[1], shapes: batched },
  { name: 'logdet', f: (x) => antler.logdet(spd(x)), shapes: square },
  { name: 'luFactor', f: (x) => antler.luFactor(antler.flip(led(x), 0))[0], shapes: batched },
  { name: 'luFactor, tall', f: (x) => antler.luFactor(antler.concatenate([x, led(x)], 0))[0], shapes: square },
  { name: 'luFactor, wide', f: (x) => antler.luFactor(antler.concatenate([led(x), x], 1))[0], shapes: square },
  { name: 'qr, q', f: (x) => antler.qr(led(x))[0], shapes: batched },
  { name: 'qr, r', f: (x) => antler.qr(led(x))[1], shapes: square },
  { name: 'qr, tall', f: (x) => antler.concatenate(antler.qr(antler.concatenate([led(x), x], 0)), 0), shapes: square },
  { name: 'qr, wide', f: (x) => antler.concatenate(antler.qr(antler.concatenate([led(x), x], 1)), 1), shapes: square },
  { name: 'eigh, values', f: (x) => antler.eigh(led(x))[0], shapes: batched },
  { name: 'eigh, vectors', f: (x) => free(antler.eigh(led(x))[1]), shapes: square },
  { name: 'svdvals', f: (x) => antler.svdvals(led(x)), shapes: batched },
  { name: 'svd, u', f: (x) => free(antler.svd(led(x))[0]), shapes: square },
  { name: 'svd, tall', f: (x) => free(antler.concatenate([...antler.svd(antler.concatenate([led(x), x], 0), { fullMatrices: false })].map((y) => antler.ravel(y)))), shapes: square },
  { name: 'svd, wide', f: (x) => free(antler.concatenate([...antler.svd(antler.concatenate([led(x), x], 1), { fullMatrices: false })].map((y) => antler.ravel(y)))), shapes: square },
  { name: 'pinv, tall', f: (x) => antler.pinv(antler.concatenate([led(x), x], 0)), shapes: square },
  { name: 'pinv, wide', f: (x) => antler.pinv(antler.concatenate([led(x), x], -1)), shapes: batched },
  { name: 'lstsq', f: (a, b) => antler.lstsq(antler.concatenate([led(a), a], 0), b), shapes: [[2, 2], [4]] }, // prettier-ignore
  { name: 'matrixPower', f: (x) => antler.matrixPower(led(x), 3), shapes: square },
  { name: 'matrixPower, negative', f: (x) => antler.matrixPower(led(x), -2), shapes: square },
]; // prettier-ignore

describe('gradients', () => {
  describeGradients(gradients);
});
