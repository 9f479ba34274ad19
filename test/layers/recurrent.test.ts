/** Recurrent layers where Keras's numbers do not reach: both ways of walking agree, both resets, dropout, errors. */
import { describe, expect, test } from '@jest/globals';
import { abs, grad, jit, random, tanh, tensor, type Tensor, type Variable } from '@antler/core';
import { type GRUOptions, type LSTMOptions, layers } from '@antler/layers';
import './setup.js';

const x = (): Tensor => random.normal([2, 5, 3], { key: random.key(1) });

/** Outputs and gradients by a layer with core's whole walk and by one whose activation core does not know. */
async function bothWays(make: (activation: (y: Tensor) => Tensor) => ReturnType<typeof layers.lstm>): Promise<number> {
  const fast = make(layers.activation({ activation: 'tanh' }).activation);
  const slow = make((y) => tanh(y));
  slow.ensureBuilt([null, 5, 3]);
  fast.ensureBuilt([null, 5, 3]);
  slow.setWeights(await fast.getWeights());
  const run = (layer: typeof fast): readonly Tensor[] => {
    const slopes = grad(([input, _weights]: readonly [Tensor, readonly Variable[]]) =>
      layer.apply(input).mul(layer.apply(input)).sum(),
    )([x(), layer.trainableWeights]) as unknown as readonly [Tensor, readonly Tensor[]];
    return [layer.apply(x()), slopes[0], ...slopes[1]];
  };
  const [a, b] = [run(fast), run(slow)];
  const distances = a.map((y, i) => abs(y.sub(b[i]!)).max().item());
  return Math.max(...(await Promise.all(distances)));
}

describe('the whole walk and the one step by step agree', () => {
  const lstm = (options: Partial<LSTMOptions>) => (activation: (y: Tensor) => Tensor) =>
    layers.lstm({ units: 4, ...options, activation });
  const gru = (options: Partial<GRUOptions>) => (activation: (y: Tensor) => Tensor) =>
    layers.gru({ units: 4, ...options, activation }) as unknown as ReturnType<typeof layers.lstm>;
  const cases = {
    lstm: lstm({}),
    'lstm, all steps, backwards': lstm({ returnSequences: true, goBackwards: true }),
    gru: gru({}),
    'gru, all steps': gru({ returnSequences: true }),
    'gru without biases': gru({ useBias: false }),
  };
  test.each(Object.entries(cases))('%s', async (_name, make) => {
    expect(await bothWays(make)).toBeLessThan(2e-5);
  });
});

test('a GRU that resets before the product, by hand', async () => {
  const layer = layers.gru({ units: 1, resetAfter: false });
  layer.ensureBuilt([null, 2, 1]);
  layer.setWeights([[[0.5, -0.25, 2]], [[1, 0.5, -1]], [0.1, 0.2, 0.3]]);
  const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));
  let h = 0;
  for (const input of [1, -2]) {
    const z = sigmoid(0.5 * input + 0.1 + h);
    const r = sigmoid(-0.25 * input + 0.2 + 0.5 * h);
    h = z * h + (1 - z) * Math.tanh(2 * input + 0.3 - r * h);
  }
  expect(await layer.apply(tensor([[[1], [-2]]])).item()).toBeCloseTo(h, 6);
});

test('dropout drops the same at each step, in training alone', async () => {
  const layer = layers.simpleRNN({ units: 2, dropout: 0.5, recurrentDropout: 0.5 });
  const at = (training: boolean): Promise<unknown> => layer.apply(x(), { training }).array();
  expect(await at(false)).toEqual(await at(false));
  expect(await at(true)).not.toEqual(await at(false));
});

test('errors name the layer and what came; compiled calls check as well', () => {
  expect(() => layers.lstm({ units: 0 })).toThrow('lstm: units: expected a whole number > 0, received 0.');
  expect(() => layers.gru({ units: 1, dropout: 2 })).toThrow('gru: dropout: expected a number in [0, 1], received 2.');
  const layer = layers.lstm({ units: 2, name: 'l' });
  expect(() => layer.apply(x().sum(2))).toThrow(
    'l: expected sequences [batch, steps, features] whose number of features is known, received (None, 5).',
  );
  const several = layers.lstm<readonly Tensor[]>({ units: 2, name: 's' });
  expect(() => jit((y: Tensor) => several.apply([y, y.sum(1)]))(x())).toThrow(
    's: expected sequences [batch, steps, features], alone or with 2 initial states, received [2, 5, 3], [2, 3].',
  );
  expect(() => layers.multiHeadAttention({ numHeads: 2, keyDim: 2, name: 'm' }).ensureBuilt([[null, 4]])).toThrow(
    'multiHeadAttention: m: expected query, value and, on request, key, whose last axes have known sizes, received (None, 4).',
  );
});
