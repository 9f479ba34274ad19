/** 16-bit floats in use: gradients, weights cast by hand, and variables that move between devices. */
import { createJsBackend } from '@antler/backend-js';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  Variable,
  grad,
  matmul,
  mean,
  random,
  registerBackends,
  setBackend,
  square,
  tanh,
  tensor,
  valueAndGrad,
  zeros,
  type Backend,
  type DType,
  type Half,
  type Tensor,
} from '@antler/core';
import { withNative } from '../backends/native.js';
import { inEveryMode } from '../every-mode.js';
import { openFresh, type Mode } from '../modes.js';

const points = Array.from({ length: 16 }, (_, i) => i / 8 - 1);

/** The mean squared error of a network of two layers, computed in `dtype`. */
function lossOf(weights: readonly (Tensor | Variable)[], dtype: DType): Tensor {
  const [w1, w2] = weights.map((w) => (w instanceof Variable ? w.value : w).cast(dtype)) as [Tensor, Tensor];
  const inputs = tensor(
    points.map((x) => [x, 1]),
    { dtype },
  );
  const targets = tensor(
    points.map((x) => [Math.sin(3 * x)]),
    { dtype },
  );
  const output = matmul(tanh(matmul(inputs, w1)), w2);
  return mean(square(output.sub(targets))).cast('float32');
}

/** Every 50th loss of training float32 weights by gradients that were computed in `dtype`. */
async function train(dtype: DType, mode: Mode): Promise<number[]> {
  const weights = [
    new Variable(random.normal([2, 16], { key: random.key(1) })),
    new Variable(random.normal([16, 1], { key: random.key(2) }).mul(0.25)),
  ];
  const step = mode.compile(() => {
    const [loss, gradients] = valueAndGrad((trained: readonly Variable[]) => lossOf(trained, dtype))(weights);
    weights.forEach((weight, i) => weight.assign(weight.value.sub(gradients[i]!.mul(0.1))));
    return loss;
  });
  const losses: number[] = [];
  for (let i = 0; i < 400; i++) {
    const loss = step();
    if (i % 50 === 0 || i === 399) losses.push(await loss.item());
  }
  return losses;
}

/** The largest distance of a number in 16 bits from one in float32, as a part of it. */
const roundoffs = { float16: 2 ** -11, bfloat16: 2 ** -8 } as const;

/** Losses before and after training in variables of `dtype`, with momentum in its dtype too. */
async function trainIn(dtype: Half, mode: Mode): Promise<readonly [number, number]> {
  const made = (shape: readonly number[], seed: number): Tensor =>
    random.normal(shape, { key: random.key(seed) }).mul(0.5);
  const weights = [made([2, 16], 1), made([16, 1], 2)].map((w) => new Variable(w.cast(dtype)));
  const momenta = weights.map(({ shape }) => new Variable(zeros(shape, { dtype })));
  const step = mode.compile(() => {
    const [loss, gradients] = valueAndGrad((trained: readonly Variable[]) => lossOf(trained, dtype))(weights);
    weights.forEach((weight, i) => {
      const momentum = momenta[i]!.value.mul(0.5).add(gradients[i]!);
      momenta[i]!.assign(momentum);
      weight.assign(weight.value.sub(momentum.mul(0.125)));
    });
    return loss;
  });
  const first = await step().item();
  for (let i = 0; i < 200; i++) await step().item();
  expect(weights.map((weight) => weight.value.dtype)).toEqual([dtype, dtype]);
  return [first, await step().item()];
}

/** Tests of a backend in each mode. */
function onBackend(backend: string, create: () => Backend): void {
  /** What the first mode gave. */
  const known = new Map<DType, number[]>();

  inEveryMode(backend, create, (mode) => {
    test.each<Half>(['float16', 'bfloat16'])('a network learns in %s, as it does in float32', async (dtype) => {
      const losses = await train(dtype, mode);
      const [first, last] = [losses[0]!, losses.at(-1)!];
      const wide = known.get('float32') ?? (await train('float32', mode));
      known.set('float32', wide);
      expect(last).toBeLessThan(first / 5);
      expect(Math.abs(last - wide.at(-1)!)).toBeLessThan(0.1 * first);
      // The same numbers in every mode.
      expect(losses).toEqual(known.get(dtype) ?? losses);
      known.set(dtype, losses);
    });

    test.each<Half>(['float16', 'bfloat16'])('gradients in %s have its dtype, and its digits', async (dtype) => {
      const weights = [random.normal([2, 16], { key: random.key(1) }), random.normal([16, 1], { key: random.key(2) })];
      const gradientIn = (own: DType): readonly Tensor[] =>
        mode.compile((ws: readonly Tensor[]) => grad((w: readonly Tensor[]) => lossOf(w, own))(ws))(
          weights.map((w) => w.cast(own)),
        );
      const [narrow, wide] = [gradientIn(dtype), gradientIn('float64')];
      for (const [i, gradient] of narrow.entries()) {
        expect(gradient.dtype).toBe(dtype);
        const [own, exact] = await Promise.all([gradient.data(), wide[i]!.data()]);
        const largest = Math.max(...exact.map(Math.abs));
        expect(Math.max(...own.map((x, k) => Math.abs(x - exact[k]!)))).toBeLessThan(16 * roundoffs[dtype] * largest);
      }
    });

    test.each<Half>(['float16', 'bfloat16'])('variables in %s learn', async (dtype) => {
      const [first, last] = await trainIn(dtype, mode);
      expect(last).toBeLessThan(first / 4);
    });
  });
}

onBackend('js', createJsBackend);
withNative((create) => onBackend('native', create));

describe('variables of 16 bits', () => {
  beforeEach(() => openFresh(createJsBackend));

  test('move to another device with their numbers', async () => {
    const weight = new Variable(tensor([1 / 3, -2, NaN], { dtype: 'bfloat16' }));
    weight.assign(weight.value.mul(2));
    expect([...(await weight.value.data())]).toEqual([0.66796875, -4, NaN]);
    registerBackends({ elsewhere: createJsBackend });
    await setBackend('elsewhere');
    expect(weight.value.dtype).toBe('bfloat16');
    expect([...(await weight.value.add(0).data())]).toEqual([0.66796875, -4, NaN]);
  });
});
