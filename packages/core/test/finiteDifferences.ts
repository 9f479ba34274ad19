/** Gradients of first and second order against central differences, in float64. */
import { expect, test } from '@jest/globals';
import { type Tensor, grad, random, tensor } from '../src/index.js';

/** One differentiable function with the inputs that it is tried on. */
export interface Case {
  readonly name: string;
  readonly f: (...inputs: Tensor[]) => Tensor;
  readonly shapes: readonly (readonly number[])[];
  /** Inputs are uniform in this range. Default [-1.5, 1.5]. */
  readonly range?: readonly [number, number];
}

function inputsOf({ shapes, range = [-1.5, 1.5] }: Case, seed: number): Tensor[] {
  return shapes.map((shape, i) => {
    const drawn = random.uniform(shape, { low: range[0], high: range[1], key: random.key(seed * 10 + i) });
    return drawn.cast('float64');
  });
}

/** A weighted sum, so that every element of the result has its own cotangent. */
function weighted(y: Tensor): Tensor {
  const weights = random.uniform(y.shape, { low: 0.5, high: 1.5, key: random.key(99) }).cast('float64');
  return y.mul(weights).sum();
}

const STEP = 1e-5;

async function numericGradient(
  f: (...xs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  which: number,
): Promise<number[]> {
  const start = await inputs[which]!.data();
  const slopes: number[] = [];
  for (let i = 0; i < start.length; i++) {
    const at = async (step: number): Promise<number> => {
      const moved = start.slice();
      moved[i]! += step;
      const x = tensor(moved, { shape: inputs[which]!.shape, dtype: 'float64' });
      return f(...inputs.map((input, k) => (k === which ? x : input))).item();
    };
    slopes.push(((await at(STEP)) - (await at(-STEP))) / (2 * STEP));
  }
  return slopes;
}

async function checkGradient(
  f: (...xs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  tolerance: number,
): Promise<void> {
  const slopes = grad((xs: readonly Tensor[]) => f(...xs))(inputs);
  for (let k = 0; k < inputs.length; k++) {
    const exact = [...(await slopes[k]!.data())];
    const numeric = await numericGradient(f, inputs, k);
    exact.forEach((value, i) => {
      expect(Math.abs(value - numeric[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(numeric[i]!)));
    });
  }
}

/** A test of each order for every case; js has to be the backend. */
export function describeGradients(cases: readonly Case[]): void {
  test.each(cases.map((entry) => [entry.name, entry] as const))('%s', async (_name, entry) => {
    const f = (...xs: Tensor[]): Tensor => weighted(entry.f(...xs));
    await checkGradient(f, inputsOf(entry, 1), 1e-7);
  });

  test.each(cases.map((entry) => [entry.name, entry] as const))('%s, second order', async (_name, entry) => {
    const first = (...xs: Tensor[]): Tensor => {
      const slopes = grad((ys: readonly Tensor[]) => weighted(entry.f(...ys)))(xs);
      return slopes.map((slope) => weighted(slope)).reduce((sum, value) => sum.add(value));
    };
    await checkGradient(first, inputsOf(entry, 2), 1e-5);
  });
}
