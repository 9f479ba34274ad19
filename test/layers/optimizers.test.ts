/** Optimizers against Keras: eight steps on three variables, with clipping and decay; a learning rate that changes. */
import { describe, expect, test } from '@jest/globals';
import { Variable, grad, jit, tensor, type Tensor } from '@antler/core';
import * as all from '@antler/layers';
import {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  Optimizer,
  PiecewiseConstantDecay,
  PolynomialDecay,
  type Regularizer,
  optimizers,
  regularizers,
} from '@antler/layers';
import { type GoldenCase, goldenArrays, goldenCases, goldenDifference } from '../golden/keras.js';
import { camelCased, differences, numbered } from './setup.js';

const classes = all as unknown as Readonly<Record<string, (new (options: never) => Optimizer) | undefined>>;

/** Classes of cases that wait, and for what. */
const absent: Readonly<Record<string, string>> = {
  ScheduleFreeAdamW: 'other weights in evaluation than in training',
  LossScaleOptimizer: 'computation in 16 bits with weights in 32 (dtype policies)',
};
/** Cases of present classes that wait. Of moving averages (`ema`) the steps are compared, the averages are not. */
const later: Readonly<Record<string, string>> = {
  'Adam.accum2_clipnorm': 'gradients accumulated over steps',
};
const isKnown = ({ id }: GoldenCase): boolean => later[id] === undefined;
const names = [...new Set(goldenCases('optimizers').map((entry) => entry.class))];

test('every class of Keras’s cases is here or waits for something', () => {
  expect(names.filter((name) => !(classes[name]?.prototype instanceof Optimizer))).toEqual(Object.keys(absent));
  const ids = goldenCases('optimizers').map(({ id }) => id);
  expect(Object.keys(later).filter((id) => !ids.includes(id))).toEqual([]);
});

for (const className of names.filter((name) => absent[name] === undefined)) {
  const Class = classes[className]!;
  describe(className, () => {
    test.each(
      goldenCases('optimizers', className)
        .filter(isKnown)
        .map((entry) => [entry.id, entry] as const),
    )('%s', async (_id, entry) => {
      const arrays = goldenArrays(entry);
      const { use_ema: averages, ema_momentum: _m, ...kwargs } = optionsOf(entry);
      const learningRate = rateOf(entry.config.learning_rate);
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
        // Keras names the rows and columns of Adafactor as their variables, and keeps what follows from them as well.
        if (className === 'Adafactor') continue;
        // RMSprop's slots are ordered by variable here, by slot in Keras; by name they are the same.
        const shapes = (list: readonly (readonly [string, readonly number[]])[]): unknown => Object.fromEntries(list);
        const named = entry.optimizer_variables as { path: string; shape: number[] }[];
        const keras = named.map(
          ({ path, shape }) =>
            [
              path.replace(/(kernel|bias|conv)_/, (part) => renamed[part]!).replace(/^variable$/, 'nadam/u_product'),
              shape,
            ] as const,
        );
        expect(shapes(optimizer.variables.map(({ name, shape }) => [name, shape] as const))).toEqual(shapes(keras));
      }
    });
  });
}

/** Names of the variables in the cases, in ours. */
const renamed: Readonly<Record<string, string>> = { kernel_: 'v0_', bias_: 'v1_', conv_: 'v2_' };

interface ScheduleConfig {
  readonly class_name: keyof typeof schedules;
  readonly config: Readonly<Record<string, unknown>>;
}

function rateOf(given: unknown): unknown {
  if (typeof given !== 'object') return given;
  const { class_name: name, config } = given as ScheduleConfig;
  return new schedules[name](camelCased<never>(config));
}

/** What was passed to the class: all of the configuration where it was a schedule. */
function optionsOf({ kwargs, config }: GoldenCase): Readonly<Record<string, unknown>> {
  if ((kwargs as unknown) !== null) return kwargs;
  const { momentum, nesterov, beta_1: beta1, beta_2: beta2, epsilon, amsgrad } = config;
  return Object.fromEntries(
    Object.entries({ momentum, nesterov, beta1, beta2, epsilon, amsgrad }).filter(([, value]) => value !== undefined),
  );
}

/** Their table, since saved configurations name them. */
const schedules = {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  PiecewiseConstantDecay,
  PolynomialDecay,
};

describe('schedules', () => {
  const cases = goldenCases('schedules').map((entry) => [entry.id, entry] as const);
  test.each(cases)('%s', async (_id, entry) => {
    const schedule = new schedules[entry.class as keyof typeof schedules](camelCased<never>(entry.kwargs));
    const rates = (entry.steps as number[]).map((step) => schedule.call(tensor(step)).item());
    const expected = goldenArrays(entry).output!;
    expect(goldenDifference(await Promise.all(rates), expected.data)).toBeLessThanOrEqual(entry.tol);
    expect(schedule.getConfig()).toEqual(entry.config);
  });

  test('what has no case of its own follows its formula', async () => {
    const decay = { initialLearningRate: 0.5, decaySteps: 4, decayRate: 0.25 };
    const smooth = optimizers.schedules.exponentialDecay(decay);
    expect(await smooth.call(tensor(6)).item()).toBeCloseTo(0.5 * 0.25 ** 1.5, 6);
    const inverse = optimizers.schedules.inverseTimeDecay({ ...decay, staircase: true });
    expect(await inverse.call(tensor(9)).item()).toBeCloseTo(0.5 / (1 + 0.25 * 2), 6);
    expect(await optimizers.schedules.inverseTimeDecay(decay).call(tensor(9)).item()).toBeCloseTo(
      0.5 / (1 + 0.25 * 2.25),
      6,
    );
    const flat = optimizers.schedules.polynomialDecay({ initialLearningRate: 1, decaySteps: 4, endLearningRate: 0.2 });
    expect(await flat.call(tensor(3)).item()).toBeCloseTo(0.4, 6);
    expect(await flat.call(tensor(9)).item()).toBeCloseTo(0.2, 6);
  });

  test('a scheduled rate cannot be set, and compiles one step', async () => {
    const learningRate = optimizers.schedules.piecewiseConstantDecay({ boundaries: [1], values: [1, 0.5] });
    const optimizer = optimizers.sgd({ learningRate, name: 's' });
    const w = new Variable([0]);
    optimizer.build([w]);
    const step = jit((g: Tensor) => optimizer.apply([g], [w]));
    const values: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      step(tensor([1]));
      values.push(await w.value.array());
    }
    expect([values, step.signatures]).toEqual([[[-1], [-2], [-2.5], [-3]], 1]);
    expect(() => (optimizer.learningRate = 1)).toThrow(
      's: learningRate: expected no assignment to a schedule, received 1. Compile with a number to set it later.',
    );
  });
});

describe('regularizers', () => {
  const classes: Readonly<Record<string, (kwargs: never) => Regularizer>> = {
    L1: regularizers.l1,
    L2: regularizers.l2,
    OrthogonalRegularizer: regularizers.orthogonal,
  };
  const cases = goldenCases('regularizers');
  test.each(cases.map((entry) => [entry.id, entry] as const))('%s', async (_id, entry) => {
    const arrays = goldenArrays(entry);
    const regularizer = classes[entry.class]!(camelCased<never>(entry.kwargs));
    const x = tensor(arrays['input.0']!);
    const pairs = {
      output: [regularizer.penalty(x), arrays.output!],
      gradient: [grad((w: Tensor) => regularizer.penalty(w))(x), arrays['grad_input.0']!],
    } as const;
    expect(await differences(pairs, entry.tol)).toEqual({});
  });

  test('l1l2 is their sum', async () => {
    const x = tensor([1, -2, 3]);
    const both = regularizers.l1l2({ l1: 0.5, l2: 0.25 });
    expect(await both.penalty(x).item()).toBeCloseTo(0.5 * 6 + 0.25 * 14, 5);
    expect(() => regularizers.l2({ l2: -1 })).toThrow('l2: expected a finite factor >= 0, received -1.');
  });
});

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

test.each(['float16', 'bfloat16', 'float64'] as const)(
  '%s variables follow gradients of their dtype',
  async (dtype) => {
    const makers: Readonly<Record<string, (options: never) => Optimizer>> = {
      ...optimizers,
      schedules: optimizers.sgd,
    };
    for (const make of Object.values(makers)) {
      const optimizer = make({ learningRate: 0.25, momentum: 0.5, weightDecay: 0.5, clipnorm: 1 } as never);
      const [w, wide] = [dtype, 'float64' as const].map((type) => new Variable(tensor([1, -2], { dtype: type })));
      const twin = make({ learningRate: 0.25, momentum: 0.5, weightDecay: 0.5, clipnorm: 1 } as never);
      for (const [a, b] of [
        [2, 0.5],
        [-1, 3],
      ] as const) {
        optimizer.apply([tensor([a, b], { dtype })], [w!]);
        twin.apply([tensor([a, b], { dtype: 'float64' })], [wide!]);
      }
      expect(w!.dtype).toBe(dtype);
      const [received, expected] = [await w!.value.data(), await wide!.value.data()];
      // Slots are rounded to the dtype after each step, so their errors reach the variable.
      const roundoff = { float16: 2 ** -9, bfloat16: 2 ** -6, float64: 0 }[dtype];
      received.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(roundoff));
    }
  },
);

test('clipping: each gradient by its norm, all by one norm, or number by number', async () => {
  const step = async (options: object): Promise<readonly (readonly number[])[]> => {
    const optimizer = optimizers.sgd({ learningRate: 1, ...options });
    const variables = [new Variable([0, 0]), new Variable([0])];
    optimizer.apply([tensor([3, -4]), tensor([12])], variables);
    return Promise.all(variables.map(async ({ value }) => [...(await value.data())].map((w) => -w)));
  };
  const close = (rows: readonly (readonly number[])[]): unknown =>
    rows.map((row) => row.map((w) => expect.closeTo(w, 5)));
  expect(await step({ clipnorm: 2.5 })).toEqual(close([[1.5, -2], [2.5]]));
  expect(await step({ clipnorm: 100 })).toEqual(close([[3, -4], [12]]));
  // All together have the norm 13.
  expect(await step({ globalClipnorm: 6.5 })).toEqual(close([[1.5, -2], [6]]));
  expect(await step({ globalClipnorm: 100 })).toEqual(close([[3, -4], [12]]));
  expect(await step({ clipvalue: 3.5 })).toEqual(close([[3, -3.5], [3.5]]));
});

test('weight decay shrinks variables by itself times the rate, before the step', async () => {
  const w = new Variable([8]);
  optimizers.sgd({ learningRate: 0.5, weightDecay: 0.25 }).apply([tensor([1])], [w]);
  expect(await w.value.array()).toEqual([8 - 8 * 0.25 * 0.5 - 0.5]);
});

describe('what has no golden case, by hand in float64', () => {
  const gradients = [0.5, -2, 0.25];
  const run = async (optimizer: Optimizer): Promise<number> => {
    const w = new Variable([3]);
    for (const g of gradients) optimizer.apply([tensor([g])], [w]);
    return w.value.sum().item();
  };

  test('adamax, lamb, adagrad, adadelta and lion', async () => {
    let [w, m, u, v] = [3, 0, 0, 0];
    gradients.forEach((g, i) => {
      m += (g - m) * 0.1;
      u = Math.max(0.999 * u, Math.abs(g));
      w -= (0.1 * m) / ((1 - 0.9 ** (i + 1)) * (u + 1e-7));
    });
    expect(await run(optimizers.adamax({ learningRate: 0.1 }))).toBeCloseTo(w, 5);
    [w, m, v] = [3, 0, 0];
    gradients.forEach((g, i) => {
      m += (g - m) * 0.1;
      v += (g * g - v) * 0.001;
      const step = m / (1 - 0.9 ** (i + 1)) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-7);
      w -= 0.1 * step * (Math.abs(w) / Math.abs(step));
    });
    expect(await run(optimizers.lamb({ learningRate: 0.1 }))).toBeCloseTo(w, 5);
    [w, v] = [3, 0.1];
    gradients.forEach((g) => {
      v += g * g;
      w -= (0.1 * g) / Math.sqrt(v + 1e-7);
    });
    expect(await run(optimizers.adagrad({ learningRate: 0.1 }))).toBeCloseTo(w, 5);
    [w, v, u] = [3, 0, 0];
    gradients.forEach((g) => {
      v = 0.95 * v + 0.05 * g * g;
      const step = (g * Math.sqrt(u + 1e-7)) / Math.sqrt(v + 1e-7);
      u = 0.95 * u + 0.05 * step * step;
      w -= 10 * step;
    });
    expect(await run(optimizers.adadelta({ learningRate: 10 }))).toBeCloseTo(w, 5);
    [w, m] = [3, 0];
    gradients.forEach((g) => {
      w -= 0.1 * Math.sign(0.9 * m + 0.1 * g);
      m = 0.99 * m + 0.01 * g;
    });
    expect(await run(optimizers.lion({ learningRate: 0.1 }))).toBeCloseTo(w, 5);
  });

  test('misuse is refused by name', () => {
    expect(() => optimizers.ftrl({ l1RegularizationStrength: -1 })).toThrow(
      'ftrl: l1RegularizationStrength: expected a number >= 0, received -1.',
    );
    expect(() => optimizers.ftrl({ learningRatePower: 1 })).toThrow(
      'ftrl: learningRatePower: expected a number <= 0, received 1.',
    );
    expect(() => optimizers.lion({ beta1: 0 })).toThrow('lion: beta1: expected a number in (0, 1], received 0.');
  });
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
