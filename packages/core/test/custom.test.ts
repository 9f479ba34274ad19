/** Pullbacks, gradients of one's own, checkpoints; jit and grad inside each other; a network against its hand-derived gradients. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { graphToMermaid } from '../src/graph/print.js';
import * as antler from '../src/index.js';
import {
  type Tensor,
  Variable,
  checkpoint,
  customGradient,
  grad,
  jit,
  lower,
  random,
  registerBackends,
  setBackend,
  tensor,
  vjp,
} from '../src/index.js';

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())];

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

test('vjp: a pullback may be called later and again, and be differentiated', async () => {
  const [y, pullback] = vjp((a, b) => a.mul(a).mul(b))(tensor([1, 2]), tensor([3, 4]));
  expect(await numbers(y)).toEqual([3, 16]);
  const [da, db] = pullback(tensor([1, 10])) as [Tensor, Tensor];
  expect([await numbers(da), await numbers(db)]).toEqual([[6, 160], [1, 40]]); // prettier-ignore
  expect(await numbers(pullback(tensor([0, 1]))[1]!)).toEqual([0, 4]);
  expect(() => pullback(tensor([1]))).toThrow('pullback: expected a cotangent of float32 [2], received float32 [1].');
  const second = grad((x: Tensor) => vjp((z) => z.mul(z).mul(z))(x)[1](tensor([1]))[0]!.sum());
  expect(await numbers(second(tensor([2])))).toEqual([12]);
});

describe('customGradient', () => {
  const halved = customGradient((x) => {
    const e = antler.exp(x);
    return [e, (g) => [g.mul(e).mul(0.5)]];
  });

  test('the pullback is the gradient, of second order too, in jit and in a scan', async () => {
    const x = tensor([0, 0]);
    const slope = (y: Tensor): Tensor => grad((z: Tensor) => halved(z).sum())(y);
    expect(await numbers(slope(x))).toEqual([0.5, 0.5]);
    expect(await numbers(jit(slope)(x))).toEqual([0.5, 0.5]);
    // The pullback is e^x / 2, and e^x in it has its own derivative.
    expect(await numbers(grad((z: Tensor) => slope(z).sum())(x))).toEqual([0.5, 0.5]);
    const looped = grad(
      (z: Tensor) => antler.scan((c: Tensor, e: Tensor) => [c.add(halved(e)), null], tensor(0), z)[0],
    );
    expect(await numbers(looped(x))).toEqual([0.5, 0.5]);
  });

  test('a pullback of another shape is refused', () => {
    expect(() => customGradient((x) => [x, (g) => [g.sum()]])(tensor([1, 2]))).toThrow(
      'customGradient: expected a cotangent of [2] for input 0, received [].',
    );
  });
});

describe('checkpoint', () => {
  const width = 32;
  const weights = Array.from({ length: 8 }, (_, i) =>
    random.normal([2, width, width], { key: random.key(i), stddev: 0.2 }),
  );
  const block = (x: Tensor, w: Tensor): Tensor => {
    const inner = antler.tanh(antler.matmul(antler.tanh(antler.matmul(x, antler.take(w, 0))), antler.take(w, 1)));
    return x.add(inner);
  };
  const net = (wrap: (f: (...xs: Tensor[]) => Tensor) => (...xs: Tensor[]) => Tensor) =>
    jit((x: Tensor, ws: Tensor[]) =>
      grad((vs: Tensor[]) => vs.reduce((h, w) => wrap(block as never)(h, w), x).sum())(ws),
    );
  const x = (): Tensor => random.normal([64, width], { key: random.key(9) });

  test('the gradients are the same, and the planned bytes of 8 blocks fall', async () => {
    const [plain, held] = [net((f) => f), net(checkpoint)];
    const [a, b] = [plain(x(), weights), held(x(), weights)];
    for (let i = 0; i < weights.length; i++) expect(await numbers(b[i]!)).toEqual(await numbers(a[i]!));
    const target = createJsBackend();
    const bytes = [plain, held].map((f) => {
      const { slots } = lower(f.graph(x(), weights), { target, fuse: true, donate: [] });
      return slots.reduce((sum, { role, bytes: size }) => sum + (role === 'temp' ? size : 0), 0);
    }) as [number, number];
    expect(bytes[1]).toBeLessThan(0.75 * bytes[0]);
  });

  test('variables are assigned once, and second order is right', async () => {
    const count = new Variable(0);
    const f = checkpoint((y) => {
      count.assignAdd(1);
      return y.mul(y).mul(y);
    });
    expect(await numbers(grad((y: Tensor) => grad((z: Tensor) => f(z).sum())(y).sum())(tensor([2])))).toEqual([12]);
    expect(await count.value.item()).toBe(1);
  });
});

test('jit inside grad, grad inside jit', async () => {
  const cube = jit((x: Tensor) => x.mul(x).mul(x));
  expect(await numbers(grad((x: Tensor) => cube(x).sum())(tensor([1, 2])))).toEqual([3, 12]);
  const slope = jit((x: Tensor) => grad((y: Tensor) => cube(y).sum())(x));
  expect(await numbers(slope(tensor([1, 2])))).toEqual([3, 12]);
  expect(await numbers(grad((x: Tensor) => slope(x).sum())(tensor([1, 2])))).toEqual([6, 12]);
});

test('the two-layer network H = σ(XW₁ + b₁), Y = HW₂ + b₂ has its hand-derived gradients', async () => {
  const draw = (shape: number[], seed: number): Tensor =>
    random.normal(shape, { key: random.key(seed) }).cast('float64');
  const [x, t] = [draw([5, 3], 1), draw([5, 2], 2)];
  const p = { w1: draw([3, 4], 3), b1: draw([4], 4), w2: draw([4, 2], 5), b2: draw([2], 6) };
  const hidden = ({ w1, b1 }: typeof p): Tensor => antler.sigmoid(antler.matmul(x, w1).add(b1));
  const output = (q: typeof p): Tensor => antler.matmul(hidden(q), q.w2).add(q.b2);
  const given = grad((q: typeof p) => antler.square(output(q).sub(t)).sum().mul(0.5))(p);
  // δ₂ = Y − T, δ₁ = δ₂W₂ᵀ ∘ H ∘ (1 − H)
  const h = hidden(p);
  const delta2 = output(p).sub(t);
  const delta1 = antler.matmul(delta2, antler.transpose(p.w2)).mul(h).mul(antler.subtract(1, h));
  const byHand = {
    w1: antler.matmul(antler.transpose(x), delta1),
    b1: delta1.sum(0),
    w2: antler.matmul(antler.transpose(h), delta2),
    b2: delta2.sum(0),
  };
  for (const name of ['w1', 'b1', 'w2', 'b2'] as const) {
    const [a, b] = [await numbers(given[name]), await numbers(byHand[name])];
    a.forEach((value, i) => { expect(Math.abs(value - b[i]!)).toBeLessThan(1e-12); }); // prettier-ignore
  }
});

test('the tutorial shows the graph of the network', () => {
  const network = jit((x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) => {
    const h = antler.withScope('hidden', () => antler.sigmoid(antler.matmul(x, w1).add(b1)));
    return antler.withScope('output', () => antler.matmul(h, w2).add(b2));
  });
  const [x, w1, b1, w2, b2] = [[5, 3], [3, 4], [4], [4, 2], [2]].map((shape) => antler.zeros(shape)) as [Tensor, Tensor, Tensor, Tensor, Tensor]; // prettier-ignore
  const tutorial = readFileSync(new URL('../../../docs/tutorial.md', import.meta.url), 'utf8');
  expect(tutorial).toContain(`\`\`\`mermaid\n${graphToMermaid(network.graph(x, w1, b1, w2, b2))}\n\`\`\``);
});
