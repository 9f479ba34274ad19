/** A training step as users write it, and the kernels that it becomes. */
import { expect, test } from '@jest/globals';
import {
  Variable,
  jit,
  relu,
  sparseSoftmaxCrossEntropy,
  sqrt,
  tensor,
  valueAndGrad,
  zeros,
  type Graph,
  type Tensor,
} from '@antler/core';
import { printProgram } from '../../src/graph/print.js';
import { lowered } from './run.js';

/** Adam on a network of two dense layers, and the pairs of what it assigns. */
function mlpStep(): { graph: Graph; donate: [number, number][] } {
  const weights = [
    new Variable(zeros([784, 128])),
    new Variable(zeros([128])),
    new Variable(zeros([128, 10])),
    new Variable(zeros([10])),
  ];
  const first = weights.map(({ shape }) => new Variable(zeros(shape)));
  const second = weights.map(({ shape }) => new Variable(zeros(shape)));
  const count = new Variable(tensor(0, { dtype: 'int32' }));
  const step = jit((x: Tensor, labels: Tensor): Tensor => {
    const all = [...weights, ...first, ...second, count].map((variable) => variable.value);
    void all;
    const [loss, gradients] = valueAndGrad(([w1, b1, w2, b2]: Variable[]) => {
      const hidden = relu(x.matmul(w1!).add(b1!));
      return sparseSoftmaxCrossEntropy(labels, hidden.matmul(w2!).add(b2!)).mean();
    })(weights);
    const t = count.value.add(1);
    count.assign(t);
    const power = t.cast('float32');
    const rate = tensor(0.001)
      .mul(sqrt(tensor(1).sub(tensor(0.999).pow(power))))
      .div(tensor(1).sub(tensor(0.9).pow(power)));
    weights.forEach((weight, i) => {
      const g = gradients[i]!;
      const m = first[i]!.value.add(g.sub(first[i]!.value).mul(0.1));
      const v = second[i]!.value.add(g.mul(g).sub(second[i]!.value).mul(0.001));
      first[i]!.assign(m);
      second[i]!.assign(v);
      weight.assign(weight.value.sub(m.mul(rate).div(sqrt(v).add(1e-7))));
    });
    return loss;
  });
  const graph = step.graph(zeros([64, 784]), zeros([64], { dtype: 'int32' }));
  // Outputs: the loss, then what was assigned in order; inputs: the variables in the order of their first use.
  const order = [12, ...weights.flatMap((_, i) => [4 + i, 8 + i, i])];
  const firstVariable = graph.inputs.length - 2 - 13;
  return { graph, donate: order.map((variable, i) => [1 + i, firstVariable + variable]) };
}

test('a step of Adam', () => {
  const { graph, donate } = mlpStep();
  console.log(printProgram(lowered(graph, { donate })));
  console.log(printProgram(lowered(graph, { donate, regions: 8 })));
  expect(1).toBe(1);
});
