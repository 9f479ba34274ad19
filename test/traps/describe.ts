/** The traps that frameworks of this kind fall into, each as a test, for one backend in every mode of execution. */
import { afterEach, beforeEach, describe } from '@jest/globals';
import {
  Variable,
  jit,
  matmul,
  memory,
  random,
  registerBackends,
  relu,
  setBackend,
  setFusion,
  sparseSoftmaxCrossEntropy,
  tensor,
  valueAndGrad,
  withScope,
  zeros,
  type Backend,
  type Fusion,
  type Tensor,
} from '@antler/core';

/** How a step is run: node by node, fused, or as one jitted program. */
export interface Mode {
  readonly name: string;
  readonly fusion: Fusion;
  /** Wraps what the test would compile. */
  readonly compile: <A extends readonly unknown[], R>(f: (...args: A) => R) => (...args: A) => R;
}

const plainly = <A extends readonly unknown[], R>(f: (...args: A) => R): ((...args: A) => R) => f;

export const modes: readonly Mode[] = [
  { name: 'node by node', fusion: 'never', compile: plainly },
  { name: 'fused', fusion: 'always', compile: plainly },
  { name: 'jit', fusion: 'auto', compile: (f) => jit(f) },
];

let devices = 0;

/** Opens a fresh device of a backend, so that counts start at zero, and makes it the default. */
export async function openFresh(create: () => Backend | Promise<Backend>): Promise<string> {
  const name = `test-${devices++}`;
  registerBackends({ [name]: create });
  await setBackend(name);
  return name;
}

/** Counts of one device. */
export function countsOf(name: string): ReturnType<typeof memory>['devices'][number] {
  const found = memory().devices.find((device) => device.name === name);
  if (found === undefined) throw new Error(`no device ${name}`);
  return found;
}

/** A small classifier with two layers, its data and one step of gradient descent. */
export function classifier(seed = 1): {
  readonly variables: readonly [Variable, Variable, Variable];
  readonly x: Tensor;
  readonly labels: Tensor;
  readonly logits: (x: Tensor) => Tensor;
  readonly step: (x: Tensor, labels: Tensor, rate: number | Tensor) => Tensor;
} {
  const keys = random.split(random.key(seed), 3) as [Tensor, Tensor, Tensor];
  const w1 = new Variable(random.normal([4, 8], { stddev: 0.5, key: keys[0] }), { name: 'w1' });
  const b1 = new Variable(zeros([8]), { name: 'b1' });
  const w2 = new Variable(random.normal([8, 3], { stddev: 0.5, key: keys[1] }), { name: 'w2' });
  const variables = [w1, b1, w2] as const;
  const x = random.uniform([6, 4], { key: keys[2] });
  const labels = tensor(Int32Array.of(0, 1, 2, 0, 1, 2));
  const logits = (input: Tensor): Tensor => matmul(relu(matmul(input, w1).add(b1)), w2);
  const step = (input: Tensor, target: Tensor, rate: number | Tensor): Tensor => {
    const [loss, gradients] = valueAndGrad((_: readonly Variable[]) =>
      withScope('classifier', () => sparseSoftmaxCrossEntropy(target, logits(input))).mean(),
    )(variables);
    variables.forEach((variable, i) => variable.assignSub(gradients[i]!.mul(rate)));
    return loss;
  };
  return { variables, x, labels, logits, step };
}

export async function numbersOf(variables: readonly Variable[]): Promise<number[][]> {
  return Promise.all(variables.map(async (variable) => [...(await variable.value.data())]));
}

/** Runs a set of tests in each mode on a fresh device. */
export function inEveryMode(
  backend: string,
  create: () => Backend | Promise<Backend>,
  tests: (mode: Mode, device: () => string) => void,
): void {
  for (const mode of modes) {
    describe(`${backend}, ${mode.name}`, () => {
      let device = '';
      beforeEach(async () => {
        setFusion(mode.fusion);
        device = await openFresh(create);
      });
      afterEach(() => setFusion('auto'));
      tests(mode, () => device);
    });
  }
}
