/** Training, from the first loss to the last: networks written on core, beside the same ones by hand in double precision. */
import {
  Variable,
  matmul,
  relu,
  sparseSoftmaxCrossEntropy,
  sqrt,
  tensor,
  valueAndGrad,
  zeros,
  type Tensor,
} from '@antler/core';
import { seeded } from '../../seeded.js';
import { expectThat, expectWithin } from '../expect.js';
import type { CoreCase, Session } from './session.js';
import { upTo } from './values.js';

const [ROWS, FEATURES, UNITS, CLASSES, STEPS] = [24, 4, 8, 3, 20];
const [RATE, BETA1, BETA2, EPSILON] = [0.02, 0.9, 0.999, 1e-7];

type Matrix = number[][];

/** The data and the first weights, the same float32 numbers for both. */
function problem(): { readonly x: Matrix; readonly labels: number[]; readonly weights: Matrix[] } {
  const chance = seeded(7);
  const matrix = (rows: number, columns: number, scale: number): Matrix =>
    upTo(rows).map(() => upTo(columns).map(() => Math.fround((2 * chance() - 1) * scale)));
  const x = matrix(ROWS, FEATURES, 1);
  const labels = x.map(([a, b, c]) => (a! + b! > 0.3 ? 0 : c! > 0 ? 1 : 2));
  return { x, labels, weights: [matrix(FEATURES, UNITS, 0.7), matrix(1, UNITS, 0.1), matrix(UNITS, CLASSES, 0.7)] };
}

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
const zip = (a: Matrix, b: Matrix, f: (x: number, y: number) => number): Matrix =>
  a.map((row, i) => row.map((x, j) => f(x, b[i]![j]!)));

/** Loss and gradients of relu(x w + b) v against labels, on paper. */
function byHand(x: Matrix, labels: readonly number[], [w, b, v]: readonly Matrix[]): { loss: number; gradients: Matrix[] } {
  const before = product(x, w!).map((row) => row.map((value, j) => value + b![0]![j]!));
  const hidden = before.map((row) => row.map((value) => Math.max(value, 0)));
  const probabilities = product(hidden, v!).map((row) => row.map((value) => 1 / row.reduce((sum, other) => sum + Math.exp(other - value), 0)));
  const loss = labels.reduce((sum, label, i) => sum - Math.log(probabilities[i]![label]!), 0) / ROWS;
  const outer = probabilities.map((row, i) => row.map((p, j) => (p - Number(labels[i] === j)) / ROWS));
  const inner = zip(product(outer, transposed(v!)), before, (g, value) => (value > 0 ? g : 0));
  const sums = transposed(inner).map((column) => column.reduce((sum, g) => sum + g, 0));
  return { loss, gradients: [product(transposed(x), inner), [sums], product(transposed(hidden), outer)] };
} // prettier-ignore

/** How a weight changes: from its gradient, its state of two numbers, and the corrected rate of the step. */
type Rule<T> = (w: T, g: T, state: readonly [m: T, v: T], rate: T) => { w: T; state: [m: T, v: T] };

interface Optimizer {
  readonly name: string;
  readonly numbers: Rule<number>;
  readonly tensors: Rule<Tensor>;
}

/** Adam's rate at a step, counted from 0: corrected for averages that start at 0. */
const rateAt = (step: number): number => (RATE * Math.sqrt(1 - BETA2 ** (step + 1))) / (1 - BETA1 ** (step + 1));

const optimizers: readonly Optimizer[] = [
  {
    name: 'Adam',
    numbers(w, g, [m, v], rate) {
      const [first, second] = [BETA1 * m + (1 - BETA1) * g, BETA2 * v + (1 - BETA2) * g * g];
      return { w: w - (rate * first) / (Math.sqrt(second) + EPSILON), state: [first, second] };
    },
    tensors(w, g, [m, v], rate) {
      const first = m.mul(BETA1).add(g.mul(1 - BETA1));
      const second = v.mul(BETA2).add(g.mul(g).mul(1 - BETA2));
      return { w: w.sub(first.mul(rate).div(sqrt(second).add(EPSILON))), state: [first, second] };
    },
  },
  {
    name: 'momentum',
    numbers(w, g, [m, v]) {
      const first = BETA1 * m - 5 * RATE * g;
      return { w: w + first, state: [first, v] };
    },
    tensors(w, g, [m, v]) {
      const first = m.mul(BETA1).sub(g.mul(5 * RATE));
      return { w: w.add(first), state: [first, v] };
    },
  },
];

function lossesByHand(rule: Rule<number>): number[] {
  const { x, labels, weights } = problem();
  const states = weights.map((matrix) => matrix.map((row) => row.map((): [number, number] => [0, 0])));
  return upTo(STEPS).map((step) => {
    const { loss, gradients } = byHand(x, labels, weights);
    weights.forEach((matrix, k) =>
      matrix.forEach((row, i) =>
        row.forEach((w, j) => {
          const next = rule(w, gradients[k]![i]![j]!, states[k]![i]![j]!, rateAt(step));
          row[j] = next.w;
          states[k]![i]![j] = next.state;
        }),
      ),
    );
    return loss;
  });
}

async function lossesOn(session: Session, rule: Rule<Tensor>): Promise<number[]> {
  const { x, labels, weights } = problem();
  const variables = weights.map((matrix) => new Variable(matrix));
  const states = variables.map(({ shape }) => [new Variable(zeros(shape)), new Variable(zeros(shape))] as const);
  const step = session.mode.compile((inputs: Tensor, targets: Tensor, rate: Tensor) => {
    const [loss, gradients] = valueAndGrad(([w, b, v]: readonly Variable[]) =>
      sparseSoftmaxCrossEntropy(targets, matmul(relu(matmul(inputs, w!).add(b!)), v!)).mean(),
    )(variables);
    variables.forEach((variable, i) => {
      const state = states[i]!;
      const next = rule(variable.value, gradients[i]!, [state[0].value, state[1].value], rate);
      variable.assign(next.w);
      next.state.forEach((value, k) => state[k as 0 | 1].assign(value));
    });
    return loss;
  });
  const [inputs, targets] = [tensor(x), tensor(Int32Array.from(labels))];
  const losses = upTo(STEPS).map((count) => step(inputs, targets, tensor(rateAt(count))));
  return Promise.all(losses.map((loss) => loss.item()));
}

/** Cases of the layer. */
export const curveCases: readonly CoreCase[] = optimizers.map(({ name, numbers, tensors }) => ({
  name: `a small network with ${name}`,
  async run(session) {
    const expected = lossesByHand(numbers);
    expectThat(expected.at(-1)! < expected[0]! * 0.8, `the network learns: ${expected.join(', ')}`);
    expectWithin(await lossesOn(session, tensors), expected, expected.map((loss) => 2e-5 * loss), 'losses');
  },
})); // prettier-ignore
