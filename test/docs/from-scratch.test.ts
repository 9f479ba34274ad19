/** The program in docs/from-scratch.md runs, and computes what core computes. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import * as antler from '@antler/core';
import { Variable, grad, jit, registerBackends, setBackend, tensor, valueAndGrad, type Tensor } from '@antler/core';

interface Results {
  readonly slopeAt2: number;
  readonly curvatureAt2: number;
  readonly losses: readonly number[];
  readonly compared: readonly number[];
  readonly answers: readonly number[];
  readonly start: readonly number[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

const text = readFileSync(new URL('../../docs/from-scratch.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code!);
const names = ['slopeAt2', 'curvatureAt2', 'losses', 'compared', 'answers', 'start', 'shapes'];
const program = `${blocks.join('\n')}\nreturn { ${names.join(', ')} };`;
// The page is a program: running its text is the test.
// eslint-disable-next-line @typescript-eslint/no-implied-eval
const results = (new Function(program) as () => Results)();

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

test('it is about two hundred lines', () => {
  const lines = blocks.flatMap((code) => code.split('\n')).filter((line) => line.trim() !== '');
  expect(lines.length).toBeLessThan(220);
});

test('first and second derivative', async () => {
  const cube = (x: Tensor): Tensor => x.mul(x).mul(x);
  const x = tensor(2, { dtype: 'float64' });
  expect(results.slopeAt2).toBe(await grad(cube)(x).item());
  expect(results.curvatureAt2).toBe(await grad((y: Tensor) => grad(cube)(y))(x).item());
});

test('it learns exclusive or', () => {
  expect(results.answers.map(Math.round)).toEqual([0, 1, 1, 0]);
  expect(results.losses[results.losses.length - 1]).toBeLessThan(0.05);
});

test('the losses of its first steps are those of core', async () => {
  expect(await lossesOfCore((p, y) => p.sub(y).mul(p.sub(y)).mean(), 5)).toEqual(near(results.compared));
  const crossEntropy = (p: Tensor, y: Tensor): Tensor => {
    const one = antler.onesLike(y);
    return y
      .mul(antler.log(p))
      .add(one.sub(y).mul(antler.log(one.sub(p))))
      .mean()
      .neg();
  };
  expect(await lossesOfCore(crossEntropy, 50)).toEqual(near(results.losses.slice(0, 50)));
});

const near = (numbers: readonly number[]): unknown[] => numbers.map((x) => expect.closeTo(x, 12) as unknown);

/** The same network and steps with core, in float64. */
async function lossesOfCore(lossOf: (p: Tensor, y: Tensor) => Tensor, steps: number): Promise<number[]> {
  const dtype = 'float64';
  const inputs = tensor([[0, 0], [0, 1], [1, 0], [1, 1]], { dtype }); // prettier-ignore
  const truth = tensor([[0], [1], [1], [0]], { dtype });
  const [w1, b1, w2, b2] = Object.values(results.shapes).map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const numbers = Float64Array.from({ length: size }, (_, i) => results.start[i % 8]!);
    return new Variable(tensor(numbers, { shape, dtype }));
  }) as [Variable, Variable, Variable, Variable];
  const variables = [w1, b1, w2, b2];
  const step = jit(() => {
    const [loss, slopes] = valueAndGrad((_: readonly Variable[]) => {
      const hidden = antler.sigmoid(antler.matmul(inputs, w1).add(b1));
      return lossOf(antler.sigmoid(antler.matmul(hidden, w2).add(b2)), truth);
    })(variables);
    variables.forEach((variable, i) => variable.assignSub(slopes[i]!));
    return loss;
  });
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push(await step().item());
  return losses;
}
