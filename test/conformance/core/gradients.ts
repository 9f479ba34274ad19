/**
 * Every gradient against finite differences along a random direction, of first and second order. The differences are taken in
 * float64 on the reference, so that they are right to many digits whatever the backend can do.
 */
import * as antler from '@antler/core';
import { type Tensor, grad, random, tensor } from '@antler/core';
import { expectThat, expectWithin } from '../expect.js';
import { onReference } from './reference.js';
import { checkSamples, type Sample } from './sample.js';
import { read, type CoreCase, type Session } from './session.js';
import { of, tensorOf, type Values } from './values.js';

/** One differentiable function with the inputs that it is tried on. */
interface Differentiable {
  readonly name: string;
  readonly f: (...inputs: Tensor[]) => Tensor;
  readonly shapes: readonly (readonly number[])[];
  /** Inputs are uniform in this range. Default [-1.5, 1.5]. */
  readonly range?: readonly [number, number];
}

const indices = (values: readonly number[]): Tensor => tensor(Int32Array.from(values));
const positive = [0.3, 2] as const;
const m23 = [2, 3] as const;

/** The diagonal leads, and its entries differ: neither singular nor with coinciding eigenvalues. */
const led = (x: Tensor): Tensor => {
  const [sizes, n] = [x.shape, x.shape.at(-1)!];
  const diagonal = antler.multiply(antler.eye(n), antler.arange(n).mul(2).add(4));
  return x.mul(0.5).add(antler.broadcastTo(diagonal, sizes).cast(x.dtype));
};
const squares = [[2, 3, 3]] as const;

const functions: readonly Differentiable[] = [
  { name: 'negative', f: (x) => antler.negative(x), shapes: [m23] },
  { name: 'abs', f: (x) => antler.abs(x), shapes: [m23] },
  { name: 'exp', f: (x) => antler.exp(x), shapes: [m23] },
  { name: 'expm1', f: (x) => antler.expm1(x), shapes: [m23] },
  { name: 'log', f: (x) => antler.log(x), shapes: [m23], range: positive },
  { name: 'log1p', f: (x) => antler.log1p(x), shapes: [m23], range: positive },
  { name: 'sqrt', f: (x) => antler.sqrt(x), shapes: [m23], range: positive },
  { name: 'rsqrt', f: (x) => antler.rsqrt(x), shapes: [m23], range: positive },
  { name: 'square', f: (x) => antler.square(x), shapes: [m23] },
  { name: 'sin', f: (x) => antler.sin(x), shapes: [m23] },
  { name: 'cos', f: (x) => antler.cos(x), shapes: [m23] },
  { name: 'tanh', f: (x) => antler.tanh(x), shapes: [m23] },
  { name: 'sigmoid', f: (x) => antler.sigmoid(x), shapes: [m23] },
  { name: 'softplus', f: (x) => antler.softplus(x), shapes: [m23] },
  { name: 'erf', f: (x) => antler.erf(x), shapes: [m23] },
  { name: 'relu', f: (x) => antler.relu(x), shapes: [m23] },
  { name: 'clip', f: (x) => antler.clip(x, -0.5, 0.5), shapes: [m23] },
  { name: 'add, broadcast', f: (x, y) => antler.add(x, y), shapes: [m23, [3]] },
  { name: 'subtract, broadcast', f: (x, y) => antler.subtract(x, y), shapes: [[2, 1], m23] },
  { name: 'multiply, broadcast', f: (x, y) => antler.multiply(x, y), shapes: [m23, [1, 3]] },
  { name: 'divide', f: (x, y) => antler.divide(x, y), shapes: [m23, m23], range: positive },
  { name: 'remainder', f: (x, y) => antler.remainder(x, y), shapes: [[4], [4]], range: positive },
  { name: 'power', f: (x, y) => antler.power(x, y), shapes: [m23, m23], range: positive },
  { name: 'maximum', f: (x, y) => antler.maximum(x, y), shapes: [m23, m23] },
  { name: 'minimum', f: (x, y) => antler.minimum(x, y), shapes: [m23, m23] },
  { name: 'arctan2', f: (x, y) => antler.arctan2(x, y), shapes: [m23, m23], range: positive },
  { name: 'where', f: (x, y) => antler.where(antler.less(x, 0), x, y), shapes: [m23, m23] },
  { name: 'sum', f: (x) => antler.sum(x, 1), shapes: [m23] },
  { name: 'mean', f: (x) => antler.mean(x, 0, true), shapes: [m23] },
  { name: 'max', f: (x) => antler.max(x, -1), shapes: [m23] },
  { name: 'min', f: (x) => antler.min(x), shapes: [m23] },
  { name: 'prod', f: (x) => antler.prod(x, 1), shapes: [m23], range: positive },
  { name: 'variance', f: (x) => antler.variance(x, 1), shapes: [m23] },
  { name: 'std', f: (x) => antler.std(x), shapes: [m23] },
  { name: 'logSumExp', f: (x) => antler.logSumExp(x, 1), shapes: [m23] },
  { name: 'softmax', f: (x) => antler.softmax(x), shapes: [m23] },
  { name: 'softmax of axis 0', f: (x) => antler.softmax(x, 0), shapes: [m23] },
  { name: 'logSoftmax', f: (x) => antler.logSoftmax(x), shapes: [m23] },
  { name: 'sparseSoftmaxCrossEntropy', f: (x) => antler.sparseSoftmaxCrossEntropy(indices([2, -3]), x), shapes: [m23] },
  { name: 'softmaxCrossEntropy', f: (x, y) => antler.softmaxCrossEntropy(antler.softmax(y), x), shapes: [m23, m23] },
  { name: 'reshape', f: (x) => x.reshape([3, 2]).mul(x.reshape([3, 2])), shapes: [m23] },
  { name: 'transpose', f: (x) => antler.transpose(x, [2, 0, 1]), shapes: [[2, 3, 4]] },
  { name: 'broadcastTo', f: (x) => antler.broadcastTo(x, [4, 2, 3]), shapes: [[2, 1]] },
  { name: 'slice', f: (x) => antler.slice(x, [1, 0], [4, 5], [1, 2]), shapes: [[5, 5]] },
  { name: 'pad', f: (x) => antler.pad(x, [[1, 2], [-1, 1]]), shapes: [[2, 3]] },
  { name: 'concatenate', f: (x, y) => antler.concatenate([x, y, x], 1), shapes: [m23, [2, 1]] },
  { name: 'stack', f: (x, y) => antler.stack([x, y], 1), shapes: [m23, m23] },
  { name: 'split', f: (x) => { const [a, b] = antler.split(x, 2, 1) as [Tensor, Tensor]; return a.mul(b); }, shapes: [[2, 4]] },
  { name: 'flip', f: (x) => antler.flip(x, 1), shapes: [m23] },
  { name: 'take', f: (x) => antler.take(x, indices([2, 0, 2, -1]), 1), shapes: [[2, 3, 2]] },
  { name: 'takeAlongAxis', f: (x) => antler.takeAlongAxis(x, tensor([[1, 0], [2, 2]], { dtype: 'int32' }), 1), shapes: [m23] },
  { name: 'scatterUpdate set', f: (x, y) => antler.scatterUpdate(x, indices([1, 3, 1]), y), shapes: [[4, 2], [3, 2]] },
  { name: 'scatterUpdate add', f: (x, y) => antler.scatterUpdate(x, indices([1, 3, 1]), y, 'add'), shapes: [[4, 2], [3, 2]] },
  { name: 'scatterUpdate max', f: (x, y) => antler.scatterUpdate(x, indices([1, 3, 1]), y, 'max'), shapes: [[4, 2], [3, 2]] },
  { name: 'scatterUpdate min', f: (x, y) => antler.scatterUpdate(x, indices([1, 3, 1]), y, 'min'), shapes: [[4, 2], [3, 2]] },
  { name: 'matmul', f: (x, y) => antler.matmul(x, y), shapes: [m23, [3, 4]] },
  { name: 'matmul, batched', f: (x, y) => antler.matmul(x, y), shapes: [[2, 2, 3], [2, 3, 2]] },
  { name: 'matmul, broadcast batch', f: (x, y) => antler.matmul(x, y), shapes: [[2, 3], [2, 3, 2]] },
  { name: 'matmul, vectors', f: (x, y) => antler.matmul(x, y), shapes: [[3], [3]] },
  { name: 'tensordot', f: (x, y) => antler.tensordot(x, y, [[0, 2], [1, 0]]), shapes: [[2, 3, 4], [4, 2, 2]] },
  { name: 'outer', f: (x, y) => antler.outer(x, y), shapes: [[3], [2]] },
  {
    name: 'scan',
    f: (x, y) => {
      const [last, all] = antler.scan((c: Tensor, e: Tensor) => [antler.tanh(c.mul(y).add(e)), c.mul(e)], antler.sum(x, 0), x);
      return antler.concatenate([last.reshape([1, 2]), all], 0);
    },
    shapes: [[3, 2], [2]],
  },
  { name: 'cholesky', f: (x) => antler.cholesky(led(x)), shapes: squares },
  { name: 'solve', f: (x, y) => antler.solve(led(x), y), shapes: [[2, 3, 3], [1, 3, 2]] },
  { name: 'solveTriangular', f: (x, y) => antler.solveTriangular(led(x), y, { lower: true }), shapes: [[3, 3], [3]] },
  { name: 'det', f: (x) => antler.det(led(x)).mul(0.02), shapes: squares },
  { name: 'slogdet', f: (x) => antler.slogdet(led(x))[1], shapes: squares },
  { name: 'luFactor', f: (x) => antler.luFactor(led(x))[0], shapes: squares },
  { name: 'qr', f: (x) => antler.matmul(...antler.qr(led(x))).add(antler.qr(led(x))[0]), shapes: squares },
  { name: 'eigh', f: (x) => antler.eigh(led(x)).map((y) => antler.ravel(y)).reduce((a, b) => antler.concatenate([a, b])), shapes: [[3, 3]] },
  { name: 'svd', f: (x) => antler.svd(led(x), { fullMatrices: false }).map((y) => antler.ravel(y)).reduce((a, b) => antler.concatenate([a, b])), shapes: [[3, 3]] },
  { name: 'pinv', f: (x) => antler.pinv(antler.concatenate([led(x), x], 1)), shapes: squares },
  { name: 'conv', f: (x, y) => antler.conv(x, y), shapes: [[2, 5, 4, 2], [3, 2, 2, 3]] },
  { name: 'conv, strides and padding', f: (x, y) => antler.conv(x, y, { strides: 2, padding: 'same' }), shapes: [[2, 5, 6, 1], [3, 3, 1, 2]] },
  { name: 'conv, dilated', f: (x, y) => antler.conv(x, y, { dilationRate: 2, strides: [3, 2], padding: [[1, 2], [0, 3]] }), shapes: [[1, 7, 6, 2], [2, 2, 2, 1]] },
  { name: 'conv, groups', f: (x, y) => antler.conv(x, y, { padding: 'same' }), shapes: [[1, 4, 4, 4], [2, 2, 2, 6]] },
  { name: 'conv of one axis', f: (x, y) => antler.conv(x, y, { padding: [[2, 0]] }), shapes: [[2, 6, 3], [3, 3, 2]] },
  { name: 'conv of three axes', f: (x, y) => antler.conv(x, y, { strides: [1, 2, 1] }), shapes: [[1, 3, 4, 3, 1], [2, 2, 2, 1, 2]] },
  { name: 'convTranspose', f: (x, y) => antler.convTranspose(x, y, { strides: 2 }), shapes: [[1, 3, 3, 2], [3, 2, 2, 2]] },
  { name: 'depthwiseConv', f: (x, y) => antler.depthwiseConv(x, y, { padding: 'same' }), shapes: [[1, 4, 4, 3], [3, 3, 3, 2]] },
  { name: 'separableConv', f: (x, y, z) => antler.separableConv(x, y, z), shapes: [[1, 4, 4, 2], [3, 3, 2, 2], [1, 1, 4, 3]] },
  { name: 'maxPool', f: (x) => antler.maxPool(x, [3, 2], { strides: [2, 1], padding: 'same' }), shapes: [[1, 5, 6, 2]] },
  { name: 'averagePool', f: (x) => antler.averagePool(x, 3, { strides: 2, padding: 'same' }), shapes: [[1, 5, 6, 2]] },
  {
    name: 'scan, reversed',
    f: (x) => antler.scan((c: Tensor, e: Tensor) => [c.mul(e).add(1), c.mul(c)], antler.zerosLike(antler.sum(x, 0)), x, { reverse: true })[1],
    shapes: [[4, 2]],
  },
]; // prettier-ignore

/** Distance of the two points of a difference, and how far a gradient may be away, for each order. */
const STEP = 1e-5;
const orders = [
  { name: 'first', tolerance: { float32: 1e-5, float64: 1e-7 } },
  { name: 'second', tolerance: { float32: 1e-4, float64: 1e-5 } },
] as const;

type Order = (typeof orders)[number];

/** What is differentiated: a weighted sum of the results, so that every element has its own cotangent; or its slope. */
function scalarOf({ f }: Differentiable, order: Order): (...xs: Tensor[]) => Tensor {
  const value = (...xs: Tensor[]): Tensor => weighted(f(...xs));
  if (order.name === 'first') return value;
  return (...xs) => {
    const slopes = grad((ys: readonly Tensor[]) => value(...ys))(xs);
    return slopes.map(weighted).reduce((sum, slope) => sum.add(slope));
  };
}

function weighted(y: Tensor): Tensor {
  // Squared, so that the second order is not nothing.
  return y
    .mul(y)
    .mul(random.uniform(y.shape, { low: 0.5, high: 1.5, key: random.key(99) }).cast(y.dtype))
    .sum();
}

/** A function's inputs, a direction for each, and how fast it grows in that direction. */
interface Slope {
  readonly inputs: readonly Values[];
  readonly directions: readonly Values[];
  readonly expected: number;
}

const known = new Map<string, Promise<Slope>>();

/** Computed once, whatever backends and modes are compared with it. */
function slopeOf(one: Differentiable, order: Order): Promise<Slope> {
  const key = `${one.name}, ${order.name}`;
  const found = known.get(key) ?? onReference(() => difference(one, order));
  known.set(key, found);
  return found;
}

async function difference(one: Differentiable, order: Order): Promise<Slope> {
  const { shapes, range = [-1.5, 1.5] } = one;
  const seed = 20 * (1 + orders.indexOf(order));
  /** float32 numbers, so that both precisions see the same. */
  const drawn = (first: number, [low, high]: readonly [number, number]): Promise<Values[]> =>
    Promise.all(shapes.map((shape, i) => read(random.uniform(shape, { low, high, key: random.key(first + i) }))));
  const [inputs, directions] = [await drawn(seed, range), await drawn(seed + 10, [-1, 1])];
  const at = (step: number): Promise<number> => {
    const moved = inputs.map(({ shape, numbers }, k): Values => {
      const shifted = numbers.map((x, i) => x + step * directions[k]!.numbers[i]!);
      return { dtype: 'float64', shape, numbers: shifted };
    });
    return scalarOf(one, order)(...moved.map(tensorOf)).item();
  };
  return { inputs, directions, expected: ((await at(STEP)) - (await at(-STEP))) / (2 * STEP) };
}

async function checkOrder(session: Session, one: Differentiable, order: Order): Promise<void> {
  const { inputs, directions, expected } = await slopeOf(one, order);
  for (const dtype of ['float32', 'float64'] as const) {
    if (!session.has(dtype)) continue;
    const slopes = (xs: readonly Tensor[]): readonly Tensor[] =>
      grad((ys: readonly Tensor[]) => scalarOf(one, order)(...ys))(xs);
    const gradients = await session.compute(
      slopes,
      inputs.map((values) => tensorOf({ ...values, dtype })),
    );
    const what = `${order.name} order, ${dtype}`;
    let slope = 0;
    gradients.forEach((gradient, k) => {
      const [wanted, came] = [{ ...inputs[k]!, dtype }, gradient].map(
        ({ dtype: type, shape }) => `${type} [${shape.join(', ')}]`,
      );
      expectThat(wanted === came, `${what}: expected a gradient of ${wanted}, received ${came}`);
      gradient.numbers.forEach((value, i) => (slope += value * directions[k]!.numbers[i]!));
    });
    expectWithin([slope], [expected], [order.tolerance[dtype] * Math.max(1, Math.abs(expected))], what);
  }
}

const byDifferences = functions.map((one): CoreCase => ({
  name: one.name,
  run: async (session) => {
    for (const order of orders) await checkOrder(session, one, order);
  },
}));

/** The gradient of the sum of f. */
const slope =
  (f: (x: Tensor) => Tensor): Sample['f'] =>
  (x) =>
    grad((y: Tensor) => f(y).sum())(x);

/** Where a function has no derivative, or more than one: what is chosen there. */
const choices: readonly Sample[] = [
  { name: 'a product with one zero', f: slope((x) => antler.prod(x)), inputs: [of([2, 0, 3])], expected: of([0, 6, 0]) },
  { name: 'a product with two zeros', f: slope((x) => antler.prod(x)), inputs: [of([0, 0, 3])], expected: of([0, 0, 0]) },
  { name: 'ties of max', f: slope((x) => x.max()), inputs: [of([1, 3, 3])], expected: of([0, 0.5, 0.5]) },
  { name: 'ties of min', f: slope((x) => x.min(0)), inputs: [of([1, 1, 3, 1, 1])], expected: of([0.25, 0.25, 0, 0.25, 0.25]) },
  { name: 'ties of maximum', f: slope((x) => antler.maximum(x, 1)), inputs: [of([1, 2, 0])], expected: of([0.5, 1, 0]) },
  { name: 'ties of minimum', f: slope((x) => antler.minimum(x, 1)), inputs: [of([1, 2, 0])], expected: of([0.5, 0, 1]) },
  { name: 'relu at 0', f: slope((x) => antler.relu(x)), inputs: [of([0, -1, 1])], expected: of([0, 0, 1]) },
  { name: 'abs at 0', f: slope((x) => antler.abs(x)), inputs: [of([0, -2, -0])], expected: of([0, -1, 0]) },
  { name: 'steps', f: slope((x) => antler.floor(x).add(antler.round(x)).add(antler.sign(x))), inputs: [of([1.5])], expected: of([0]) },
  { name: 'the branch not taken', f: slope((x) => antler.where(antler.greater(x, 1), x.mul(x), 0)), inputs: [of([1, 2])], expected: of([0, 4]) },
  { name: 'a power at 0', f: slope((x) => antler.power(x, 2)), inputs: [of([0, 3])], expected: of([0, 6]), within: ({ pow }) => pow + 1 },
  { name: 'a power of 0', f: slope((x) => antler.power(x, 0)), inputs: [of([0, 3])], expected: of([0, 0]) },
  { name: 'an exponent above 0', f: slope((x) => antler.power(0, x)), inputs: [of([2])], expected: of([0]) },
  { name: 'what is stopped', f: slope((x) => antler.stopGradient(x).mul(x)), inputs: [of([3])], expected: of([3]) },
  { name: 'one use of many', f: slope((x) => x.mul(x).add(x).mul(x)), inputs: [of([2])], expected: of([16]) },
  { name: 'through integers', f: slope((x) => x.cast('int32').cast('float32').add(x)), inputs: [of([2.5])], expected: of([1]) },
  { name: 'nothing', f: slope(() => tensor(1)), inputs: [of([1, 2])], expected: of([0, 0]) },
  { name: 'an empty tensor', f: slope((x) => x.mul(x)), inputs: [of([])], expected: of([]) },
  { name: 'a row of -Infinity', f: slope((x) => antler.logSumExp(x)), inputs: [of([0, -Infinity])], expected: of([1, 0]) },
]; // prettier-ignore

/** Cases of the layer. */
export const gradientCases: readonly CoreCase[] = [
  ...byDifferences,
  { name: 'where there is a choice', run: (session) => checkSamples(session, choices) },
];
