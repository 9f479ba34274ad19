/** What the traps are laid with: a small classifier, its data and one step of gradient descent. */
import {
  Variable,
  matmul,
  random,
  relu,
  sparseSoftmaxCrossEntropy,
  tensor,
  valueAndGrad,
  withScope,
  zeros,
  type Tensor,
} from '@antler/core';

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
