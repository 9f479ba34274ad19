/** Optimizers against Keras: eight steps on three variables, with clipping and decay; a learning rate that changes. */
import { describe, expect, test } from '@jest/globals';
import { Variable, jit, tensor, type Tensor } from '@antler/core';
import { Adam, type Optimizer, SGD, optimizers } from '@antler/layers';
import { type GoldenCase, goldenArrays, goldenCases } from '../golden/keras.js';
import { camelCased, differences, numbered } from './setup.js';

const classes = { SGD, Adam };
/** What these cases need that is later work: moving averages change the state alone, the others the steps. */
const later = ['schedule', 'accum2_clipnorm'];
const isKnown = ({ id }: GoldenCase): boolean => !later.some((part) => id.endsWith(part));

for (const [className, Class] of Object.entries(classes)) {
  describe(className, () => {
    test.each(
      goldenCases('optimizers', className)
        .filter(isKnown)
        .map((entry) => [entry.id, entry] as const),
    )('%s', async (_id, entry) => {
      const arrays = goldenArrays(entry);
      const { use_ema: averages, ema_momentum: _m, ...kwargs } = entry.kwargs;
      const learningRate = entry.config.learning_rate;
      const make = (): Optimizer =>
        new Class(camelCased<never>({ ...kwargs, learning_rate: learningRate, name: entry.config.name }));
      for (const isCompiled of [false, true]) {
        const optimizer = make();
        const variables = numbered(arrays, 'init').map((value, i) => new Variable(value, { name: `v${i}` }));
        optimizer.build(variables);
        const apply = (gradients: readonly Tensor[]): void => optimizer.apply(gradients, variables);
        const step = isCompiled ? jit(apply) : apply;
        for (let n = 0; n < (entry.steps as number); n++)
          step(numbered(arrays, `grad.${n}`).map((array) => tensor(array)));
        const last = numbered(arrays, 'vars_after').map((stacked, i) => {
          const { shape } = variables[i]!;
          const size = shape.reduce((a, b) => a * b, 1);
          return [`v${i}`, [variables[i]!.value, { data: stacked.data.subarray(-size), shape }]] as const;
        });
        expect(last.length).toBe(3);
        expect(await differences(Object.fromEntries(last), entry.tol)).toEqual({});
        expect(await optimizer.iterations.value.item()).toBe(entry.steps);
        if (averages === true) continue;
        expect(optimizer.getConfig()).toEqual(entry.config);
        expect(optimizer.variables.map(({ shape }) => shape)).toEqual(
          (entry.optimizer_variables as { shape: number[] }[]).map(({ shape }) => shape),
        );
      }
    });
  });
}

test('another learning rate takes effect with the next step and compiles nothing', async () => {
  const optimizer = optimizers.sgd({ learningRate: 1 });
  const w = new Variable([0]);
  optimizer.build([w]);
  const step = jit((g: Tensor) => optimizer.apply([g], [w]));
  step(tensor([1]));
  expect(await w.value.array()).toEqual([-1]);
  optimizer.learningRate = 0.5;
  step(tensor([1]));
  expect(await w.value.array()).toEqual([-1.5]);
  expect([optimizer.learningRate, step.signatures]).toEqual([0.5, 1]);
});

test('amsgrad divides by the largest second moment so far', async () => {
  const steps = async (amsgrad: boolean): Promise<number> => {
    const optimizer = optimizers.adam({ learningRate: 0.1, beta2: 0.5, amsgrad });
    const w = new Variable([0]);
    for (const g of [10, 0.1, 0.1]) optimizer.apply([tensor([g])], [w]);
    return w.value.sum().item();
  };
  // By hand, in float64, from the formula.
  const expected = (amsgrad: boolean): number => {
    let [w, m, v, largest] = [0, 0, 0, 0];
    [10, 0.1, 0.1].forEach((g, i) => {
      m += (g - m) * 0.1;
      v += (g * g - v) * 0.5;
      largest = Math.max(largest, v);
      const rate = (0.1 * Math.sqrt(1 - 0.5 ** (i + 1))) / (1 - 0.9 ** (i + 1));
      w -= (m * rate) / (Math.sqrt(amsgrad ? largest : v) + 1e-7);
    });
    return w;
  };
  expect(await steps(true)).toBeCloseTo(expected(true), 5);
  expect(await steps(false)).toBeCloseTo(expected(false), 5);
  expect(Math.abs(expected(true) - expected(false))).toBeGreaterThan(1e-2);
});

test('errors', () => {
  expect(() => optimizers.sgd({ clipnorm: 1, clipvalue: 1, name: 's' })).toThrow(
    's: expected at most one of clipnorm, globalClipnorm and clipvalue',
  );
  expect(() => optimizers.sgd({ learningRate: NaN, name: 's' })).toThrow(
    's: learningRate: expected a finite number, received NaN.',
  );
  expect(() => optimizers.sgd({ momentum: 2 })).toThrow('sgd: momentum: expected a number in [0, 1], received 2.');
  expect(() => optimizers.sgd({ name: 's' }).apply([], [new Variable([1])])).toThrow(
    's.apply: expected a gradient for each variable, received 0 for 1.',
  );
});
