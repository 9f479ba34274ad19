/** A training step as users write it: the kernels that it becomes, and its numbers. */
import { describe, expect, test } from '@jest/globals';
import {
  Variable,
  jit,
  relu,
  sizeOf,
  sparseSoftmaxCrossEntropy,
  sqrt,
  tensor,
  valueAndGrad,
  zeros,
  type Graph,
  type Tensor,
} from '@antler/core';
import { expectSame, lowered, modes, run } from './run.js';

interface Step {
  readonly graph: Graph;
  readonly donate: readonly (readonly [output: number, input: number])[];
}

/** Adam on a network of two dense layers. */
function adamStep(batch: number, features: number, hidden: number, classes: number): Step {
  const shapes = [[features, hidden], [hidden], [hidden, classes], [classes]];
  const [weights, first, second] = [0, 1, 2].map(() => shapes.map((shape) => new Variable(zeros(shape)))) as [
    Variable[],
    Variable[],
    Variable[],
  ];
  const count = new Variable(tensor(0, { dtype: 'int32' }));
  const all = [...weights, ...first, ...second, count];
  const step = jit((x: Tensor, labels: Tensor): Tensor => {
    // Inputs of the graph are the variables in the order of their first use.
    for (const variable of all) void variable.value;
    const [loss, gradients] = valueAndGrad(([w1, b1, w2, b2]: Variable[]) => {
      const inner = relu(x.matmul(w1!).add(b1!));
      return sparseSoftmaxCrossEntropy(labels, inner.matmul(w2!).add(b2!)).mean();
    })(weights);
    const t = count.value.add(1);
    count.assign(t);
    const power = t.cast('float32');
    const decayed = (rate: number): Tensor => zeros([]).add(rate).pow(power).neg().add(1);
    const rate = sqrt(decayed(0.999)).div(decayed(0.9)).mul(0.001);
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
  const graph = step.graph(zeros([batch, features]), zeros([batch], { dtype: 'int32' }));
  // Outputs: the loss, then what was assigned, in order.
  const assigned = [12, ...shapes.flatMap((_, i) => [4 + i, 8 + i, i])];
  const start = graph.inputs.length - 2 - all.length;
  return { graph, donate: assigned.map((variable, i) => [1 + i, start + variable] as const) };
}

describe('a step of Adam', () => {
  test('is 13 kernels: gradients never reach memory, and every update is in place', () => {
    const { graph, donate } = adamStep(64, 784, 128, 10);
    const program = lowered(graph, { donate });
    expect(program.kernels.map(({ kind }) => kind).sort()).toEqual([
      ...new Array<string>(5).fill('dot'),
      'gather',
      ...new Array<string>(7).fill('loop'),
    ]);
    expect(lowered(graph, { donate, regions: 8 }).kernels).toHaveLength(13);
    // Activations and their gradients, and nothing as large as a weight.
    const temporary = program.slots.reduce((sum, { role, bytes }) => sum + (role === 'temp' ? bytes : 0), 0);
    expect(temporary).toBeLessThan(2.2 * 64 * 128 * 4);
    const writes = program.slots.filter(({ role }) => role === 'inout').length;
    expect(writes).toBe(13);
  });

  test('gives the numbers of the graph in every mode, and changes nothing when a label is wrong', () => {
    const { graph, donate } = adamStep(6, 5, 4, 3);
    const inputs = graph.inputs.map((_, i) => {
      const { shape, dtype } = graph.types[i]!;
      const wave = (k: number): number => Math.fround(Math.sin(i * 7 + k * 1.3) / 2);
      return Array.from({ length: sizeOf(shape) }, (_, k) =>
        dtype === 'int32' ? k % 3 : i > 8 && i < 13 ? Math.fround(wave(k) ** 2) : wave(k),
      );
    });
    expectSame(graph, inputs, 1e-4, { donate });
    const wrong = inputs.with(-1, [0, 1, 2, 3, 1, 0]);
    for (const mode of Object.values(modes)) {
      const { fault, outputs } = run(graph, wrong, { ...mode, donate });
      expect(fault).toEqual([1, 3]);
      donate.forEach(([output, input]) => expect(outputs[output]).toEqual(inputs[input]));
    }
  });
});
