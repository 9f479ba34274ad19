/**
 * Gradients of structural operations, drawn at random: against differences and, where the operation is linear, against the
 * definition of a transpose, ⟨g, J v⟩ = ⟨Jᵀ g, v⟩. `GRADIENT_INSTANCES=5000 GRADIENT_SEED=7` asks for more, or for others.
 */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, expect, test } from '@jest/globals';
import { seeded, type Chance } from '../../../../test/seeded.js';
import { Tensor, grad, registerBackends, setBackend, tensor, type Shape } from '../../src/index.js';
import { draw, draws, shuffled, type Instance } from './instances.js';

const count = Number(process.env.GRADIENT_INSTANCES ?? 312);
const firstSeed = Number(process.env.GRADIENT_SEED ?? 0);

/** Distance of the two points of a difference. */
const STEP = 1e-5;

/** Numbers in float64, no two of which are closer than the points of a difference. */
function numbers(chance: Chance, shape: Shape): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const places = shuffled(
    chance,
    Array.from({ length: size }, (_, i) => i),
  );
  const values = places.map((place) => (2 * (place + 0.2 + 0.6 * chance())) / size - 1);
  return tensor(Float64Array.from(values), { shape, dtype: 'float64' });
}

const inner = (xs: readonly Tensor[], ys: readonly Tensor[]): Tensor =>
  xs.map((x, i) => x.mul(ys[i]!).sum()).reduce((sum, value) => sum.add(value));

/** What must be equal: pairs of numbers, with a name and how far apart they may be. */
interface Pair {
  readonly what: string;
  readonly actual: Tensor;
  readonly expected: Tensor;
  readonly tolerance: number;
}

function pairsOf(instance: Instance, chance: Chance): Pair[] {
  const apply = (xs: readonly Tensor[]): Tensor[] =>
    instance.f(xs.map((x) => x.handle)).map((value) => new Tensor(value));
  const drawn = (shapes: readonly Shape[]): Tensor[] => shapes.map((shape) => numbers(chance, shape));
  const [xs, vs] = [drawn(instance.shapes), drawn(instance.shapes)];
  const shapes = apply(xs).map(({ shape }) => shape);
  const [gs, us] = [drawn(shapes), drawn(shapes)];
  const pull = (cotangents: readonly Tensor[]): readonly Tensor[] =>
    grad((ys: readonly Tensor[]) => inner(apply(ys), cotangents))(xs);
  const moved = (step: number): Tensor[] => apply(xs.map((x, i) => x.add(vs[i]!.mul(step))));
  const [after, before] = [moved(STEP), moved(-STEP)];
  const difference = after.map((y, i) => y.sub(before[i]!).div(2 * STEP));
  const pulled = inner(pull(gs), vs);
  // The pullback is linear in its cotangents, and its own transpose is the derivative again.
  const twice = grad((cotangents: readonly Tensor[]) => inner(pull(cotangents), vs))(gs);
  const pairs: Pair[] = [
    { what: 'against differences', actual: pulled, expected: inner(gs, difference), tolerance: 1e-7 },
    { what: 'twice, against differences', actual: inner(twice, us), expected: inner(us, difference), tolerance: 1e-7 },
  ];
  if (instance.kind === 'smooth') return pairs;
  const one = (k: number): Tensor[] => apply(xs.map((x, i) => (i === k ? vs[i]! : x)));
  const derivative =
    instance.kind === 'linear'
      ? apply(vs)
      : xs.map((_, k) => one(k)).reduce((sum, ys) => sum.map((y, i) => y.add(ys[i]!)));
  return [
    ...pairs,
    { what: 'as a transpose', actual: pulled, expected: inner(gs, derivative), tolerance: 1e-12 },
    { what: 'as the transpose of it', actual: inner(twice, us), expected: inner(us, derivative), tolerance: 1e-12 },
  ];
}

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

test(`${count} structural gradients from seed ${firstSeed}`, async () => {
  let checked = 0;
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const chance = seeded(seed);
    const instance = draw(chance, seed);
    const where = `seed ${seed}: ${instance.text}`;
    try {
      for (const { what, actual, expected, tolerance } of pairsOf(instance, chance)) {
        const [came, wanted] = [await actual.item(), await expected.item()];
        checked++;
        if (Math.abs(came - wanted) <= tolerance * Math.max(1, Math.abs(wanted))) continue;
        throw new Error(`${what}: expected ${wanted}, received ${came}`);
      }
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
  }
  expect(checked).toBeGreaterThanOrEqual(2 * count);
  expect(count).toBeGreaterThanOrEqual(Object.keys(draws).length);
});
