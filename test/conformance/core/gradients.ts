/**
 * Every gradient against finite differences along a random direction, of first and second order. The differences are taken in
 * float64 on the reference, so that they are right to many digits whatever the backend can do.
 */
import * as antler from '@antler/core';
import { type Tensor, grad, random, tensor } from '@antler/core';
import { expectThat, expectWithin } from '../expect.js';
import {
  arrangeGradients,
  creationGradients,
  indexingGradients,
  orderingGradients,
  shapeGradients,
} from './gradients/arrays.js';
import { activationGradients, elementaryGradients, mathGradients } from './gradients/elementwise.js';
import {
  convGradients,
  einsumGradients,
  linalgGradients,
  nnGradients,
  otherGradients,
  poolingGradients,
  randomGradients,
  reductionGradients,
} from './gradients/folds.js';
import { imageGradients } from './gradients/image.js';
import {
  bitsGradients,
  integersGradients,
  matricesGradients,
  rearrangeGradients,
  segmentsGradients,
  statisticsGradients,
  subscriptsGradients,
} from './gradients/matrices.js';
import { attentionGradients, lossGradients, normalizationGradients, recurrentGradients } from './gradients/networks.js';
import type { Differentiable, Gradients } from './gradients/row.js';
import { onReference } from './reference.js';
import { checkSamples, type Sample } from './sample.js';
import { read, type CoreCase, type Session } from './session.js';
import { of, tensorOf, type Values } from './values.js';

/** Every public function that makes tensors: what is differentiated of it, or why it has no gradient. */
const table: Gradients<typeof antler> = {
  ...creationGradients,
  ...mathGradients,
  ...elementaryGradients,
  ...activationGradients,
  ...reductionGradients,
  ...orderingGradients,
  ...shapeGradients,
  ...arrangeGradients,
  ...indexingGradients,
  ...linalgGradients,
  ...matricesGradients,
  ...integersGradients,
  ...bitsGradients,
  ...statisticsGradients,
  ...rearrangeGradients,
  ...segmentsGradients,
  ...subscriptsGradients,
  ...einsumGradients,
  ...nnGradients,
  ...normalizationGradients,
  ...attentionGradients,
  ...recurrentGradients,
  ...lossGradients,
  ...convGradients,
  ...poolingGradients,
  ...otherGradients,
};

/** A row with the name of its case. */
interface Named extends Differentiable {
  readonly name: string;
}

const entries = [
  ...Object.entries(table),
  ...Object.entries(imageGradients).map(([name, entry]) => [`image.${name}`, entry] as const),
  ...Object.entries(randomGradients).map(([name, entry]) => [`random.${name}`, entry] as const),
];
const functions: readonly Named[] = entries.flatMap(([name, entry]) =>
  'reason' in entry
    ? []
    : entry.map((row): Named => ({ ...row, name: row.variant === undefined ? name : `${name}, ${row.variant}` })),
);

/** Distance of the two points of a difference, and how far a gradient may be away, for each order. */
const STEP = 1e-5;
const orders = [
  { name: 'first', tolerance: { float32: 1e-5, float64: 1e-7 } },
  { name: 'second', tolerance: { float32: 1e-4, float64: 1e-5 } },
] as const;

type Order = (typeof orders)[number];

/** What is differentiated: a weighted sum of the results, so that every element has its own cotangent; or its slope. */
function scalarOf({ f }: Named, order: Order): (...xs: Tensor[]) => Tensor {
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
function slopeOf(one: Named, order: Order): Promise<Slope> {
  const key = `${one.name}, ${order.name}`;
  const found = known.get(key) ?? onReference(() => difference(one, order));
  known.set(key, found);
  return found;
}

async function difference(one: Named, order: Order): Promise<Slope> {
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

async function checkOrder(session: Session, one: Named, order: Order): Promise<void> {
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
  { name: 'functions that are odd, at 0', f: slope((x) => antler.stack([antler.arcsinh(x), antler.sinh(x), antler.arctanh(x)])), inputs: [of(0)], expected: of(3) },
  { name: 'a short vector made long', f: slope((x) => antler.normalize(antler.stack([x, x]))), inputs: [of(0)], expected: of(2e12), within: () => 1 },
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

/** One step that holds a gradient and, after it, a loop which uses what was there before. */
const afterGradient: Sample = {
  name: 'a loop after a gradient',
  f: (x) => {
    const [g, twice] = [slope((y) => y.mul(y))(x) as Tensor, x.mul(2)];
    return antler.scan((c: Tensor, e: Tensor) => [c.add(e.mul(twice)), null], g, tensor([1, 10]))[0];
  },
  inputs: [of(3)],
  expected: of(72),
};

/** The same of running folds, which not every device has. */
const runningChoices: readonly Sample[] = [
  // 2 + 2·0 + 2·0·3: the derivatives are 1 + 0 + 0·3, 2 + 2·3 and 2·0.
  { name: 'running products with a zero', f: slope((x) => antler.cumprod(x)), inputs: [of([2, 0, 3])], expected: of([1, 8, 0]) },
  { name: 'running extrema with ties', f: slope((x) => antler.cummax(x)), inputs: [of([1, 3, 3, 2])], expected: of([1, 3, 0, 0]) },
]; // prettier-ignore

/** What has no gradient where a float goes in: it is 0, not an error. */
const flats: readonly Sample[] = entries.flatMap(([name, entry]) => {
  if (!('reason' in entry) || entry.flat === undefined) return [];
  const inputs = [of([-1.3, 0.4, 2.6])];
  return [{ name: `${name}: ${entry.reason}`, f: slope(entry.flat), inputs, expected: of([0, 0, 0]) }];
});

/** Cases of the layer. */
export const gradientCases: readonly CoreCase[] = [
  ...byDifferences,
  { name: 'where there is a choice', run: (session) => checkSamples(session, choices) },
  { name: 'where running folds have a choice', run: (session) => checkSamples(session, runningChoices) },
  { name: 'of a loop after a gradient', run: (session) => checkSamples(session, [afterGradient]) },
  { name: 'where there is none', run: (session) => checkSamples(session, flats) },
];
