/** What a hostile device must not change: every bit of a training loop. */
import { createJsBackend } from '@antler/backend-js';
import { describe, expect, test } from '@jest/globals';
import {
  Generator,
  Variable,
  matmul,
  random,
  relu,
  scan,
  setFusion,
  softmax,
  sparseSoftmaxCrossEntropy,
  take,
  tanh,
  tensor,
  valueAndGrad,
  zeros,
  type Backend,
  type Tensor,
} from '@antler/core';
import { modes, openFresh } from '../modes.js';
import { createStrictBackend } from './strict.js';

const [RATE, BETA1, BETA2, EPSILON] = [0.01, 0.9, 0.999, 1e-7];

/** Trains a small network with an embedding, dropout, a recurrence and Adam; gives every number that came of it. */
async function train(compile: (typeof modes)[number]['compile']): Promise<number[][]> {
  const keys = random.split(random.key(3), 4) as [Tensor, Tensor, Tensor, Tensor];
  const table = new Variable(random.normal([7, 5], { stddev: 0.3, key: keys[0] }), { name: 'table' });
  const w = new Variable(random.normal([5, 5], { stddev: 0.3, key: keys[1] }), { name: 'w' });
  const head = new Variable(random.normal([5, 3], { stddev: 0.3, key: keys[2] }), { name: 'head' });
  const variables = [table, w, head];
  const moments = variables.map(({ shape }) => [new Variable(zeros(shape)), new Variable(zeros(shape))] as const);
  const generator = new Generator(11);
  const time = new Variable(0, { name: 'time' });
  const tokens = tensor(Int32Array.of(0, 1, 2, 3, 4, 5, 6, 0, 2, 4, 6, 1), { shape: [4, 3] });
  const labels = tensor(Int32Array.of(0, 1, 2));
  const step = compile((inputs: Tensor) => {
    const [[loss, scores], gradients] = valueAndGrad(
      (_: readonly Variable[]): readonly [Tensor, Tensor] => {
        const [last] = scan(
          (h: Tensor, entry: Tensor) => [
            tanh(matmul(h, w).add(random.dropout(entry, 0.2, { key: generator }))),
            undefined,
          ],
          zeros([3, 5]),
          take(table, inputs),
        );
        const logits = matmul(relu(last), head);
        return [sparseSoftmaxCrossEntropy(labels, logits).mean(), softmax(logits)];
      },
      { aux: true },
    )(variables);
    time.assignAdd(1);
    const correction = time.value.mul(0).add(BETA2).pow(time.value).neg().add(1).pow(0.5);
    variables.forEach((variable, i) => {
      const [m, v] = moments[i]!;
      const g = gradients[i]!;
      m.assign(m.value.mul(BETA1).add(g.mul(1 - BETA1)));
      v.assign(v.value.mul(BETA2).add(g.mul(g).mul(1 - BETA2)));
      variable.assignSub(m.value.mul(RATE).mul(correction).div(v.value.pow(0.5).add(EPSILON)));
    });
    return { loss, scores };
  });
  const results: number[][] = [];
  for (let i = 0; i < 6; i++) {
    const { loss, scores } = step(tokens);
    results.push([await loss.item()], [...(await scores.data())]);
  }
  for (const variable of variables) results.push([...(await variable.value.data())]);
  return results;
}

async function trainOn(create: () => Backend, mode: (typeof modes)[number]): Promise<number[][]> {
  setFusion(mode.fusion);
  try {
    await openFresh(create);
    return await train(mode.compile);
  } finally {
    setFusion('auto');
  }
}

describe('strict with nothing refused', () => {
  test.each(modes.map((mode) => [mode.name, mode] as const))('equals js bit for bit, %s', async (_name, mode) => {
    const expected = await trainOn(() => createJsBackend(), mode);
    for (const seed of [1, 2, 3]) {
      expect(await trainOn(() => createStrictBackend({ seed, js: createJsBackend }), mode)).toEqual(expected);
    }
    expect(expected.flat().every(Number.isFinite)).toBe(true);
  });

  test('all modes of js agree', async () => {
    const results: number[][][] = [];
    for (const mode of modes) results.push(await trainOn(() => createJsBackend(), mode));
    const [plain, fused, jitted] = results as [number[][], number[][], number[][]];
    fused.forEach((row, i) => row.forEach((value, k) => expect(value).toBeCloseTo(plain[i]![k]!, 5)));
    expect(jitted).toEqual(fused);
  });
});
