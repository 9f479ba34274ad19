/** A recurrent network by scan: long, masked, in both directions, with random numbers inside; for one backend in every mode. */
import { expect, test } from '@jest/globals';
import {
  Variable,
  concatenate,
  flip,
  grad,
  jit,
  lower,
  matmul,
  random,
  scan,
  tanh,
  tensor,
  valueAndGrad,
  where,
  zeros,
  type Backend,
  type Kernel,
  type Tensor,
} from '@antler/core';
import { inEveryMode } from '../every-mode.js';

const UNITS = 3;
const FEATURES = 2;

interface Cell {
  readonly kernel: Tensor;
  readonly recurrent: Tensor;
}

function cell(seed: number): Cell {
  const [a, b] = random.split(random.key(seed), 2) as [Tensor, Tensor];
  return {
    kernel: random.normal([FEATURES, UNITS], { stddev: 0.5, key: a }),
    recurrent: random.normal([UNITS, UNITS], { stddev: 0.5, key: b }),
  };
}

/** h_t = tanh(x_t W + h_{t−1} U), held where the mask is 0. x: [time, batch, features], mask: [time, batch]. */
function rnn({ kernel, recurrent }: Cell, x: Tensor, mask: Tensor, reverse = false): [last: Tensor, states: Tensor] {
  const batch = x.shape[1]!;
  return scan(
    (h: Tensor, { entry, present }: { entry: Tensor; present: Tensor }) => {
      const next = tanh(matmul(entry, kernel).add(matmul(h, recurrent)));
      const held = where(present.reshape([batch, 1]), next, h);
      return [held, held];
    },
    zeros([batch, UNITS]),
    { entry: x, present: mask },
    { reverse },
  );
}

/** The same by hand, on nested arrays. */
function rnnByHand(kernel: number[][], recurrent: number[][], x: number[][][], mask: number[][]): number[][] {
  let h = x[0]!.map(() => new Array<number>(UNITS).fill(0));
  x.forEach((entry, t) => {
    h = h.map((row, b) =>
      mask[t]![b] === 0
        ? row
        : row.map((_, u) => {
            let sum = 0;
            entry[b]!.forEach((value, f) => (sum += value * kernel[f]![u]!));
            row.forEach((value, k) => (sum += value * recurrent[k]![u]!));
            return Math.tanh(sum);
          }),
    );
  });
  return h;
}

function data(time: number, batch: number): { readonly x: Tensor; readonly mask: Tensor } {
  const x = random.uniform([time, batch, FEATURES], { low: -1, high: 1, key: random.key(time) });
  // Sequences of different lengths: the last ones stop early.
  const present = Array.from({ length: time }, (_, t) => Array.from({ length: batch }, (_v, b) => t < time - b * 2));
  return { x, mask: tensor(present) };
}

/** Registers the tests for a backend. */
export function describeRecurrent(name: string, create: () => Backend | Promise<Backend>): void {
  inEveryMode(name, create, (mode) => {
    test('512 masked steps agree with a loop by hand', async () => {
      const { x, mask } = data(512, 4);
      const own = cell(1);
      const run = mode.compile((input: Tensor, present: Tensor) => rnn(own, input, present)[0]);
      const got = (await run(x, mask).array()) as number[][];
      const [kernel, recurrent] = await Promise.all([own.kernel.array(), own.recurrent.array()]);
      const expected = rnnByHand(
        kernel as number[][],
        recurrent as number[][],
        (await x.array()) as number[][][],
        (await mask.array()) as number[][],
      );
      got.forEach((row, b) => row.forEach((value, u) => expect(value).toBeCloseTo(expected[b]![u]!, 4)));
    });

    test('both directions see their own order', async () => {
      const { x, mask } = data(16, 2);
      const [forward, backward] = [cell(1), cell(2)];
      const both = mode.compile((input: Tensor, present: Tensor) => {
        const [, states] = rnn(forward, input, present);
        const [, reversed] = rnn(backward, input, present, true);
        return concatenate([states, reversed], -1);
      });
      const flipped = mode.compile((input: Tensor, present: Tensor) =>
        flip(rnn(backward, flip(input, 0), flip(present, 0))[1], 0),
      );
      const got = both(x, mask);
      const states = (await got.array()) as number[][][];
      const expected = (await flipped(x, mask).array()) as number[][][];
      states.forEach((rows, t) => rows.forEach((row, b) => expect(row.slice(UNITS)).toEqual(expected[t]![b])));
    });

    test('gradients agree with finite differences', async () => {
      const { x, mask } = data(12, 2);
      const own = cell(3);
      const loss = (parts: Cell): Tensor => {
        const [last, states] = rnn(parts, x, mask);
        return last.mul(last).sum().add(states.sum());
      };
      const slope = mode.compile((parts: Cell) => grad(loss)(parts));
      const value = mode.compile((parts: Cell) => loss(parts));
      const gradients = slope(own);
      for (const part of ['kernel', 'recurrent'] as const) {
        const exact = await gradients[part].data();
        const start = await own[part].data();
        for (let i = 0; i < start.length; i++) {
          const at = async (step: number): Promise<number> => {
            const moved = start.slice();
            moved[i]! += step;
            return value({ ...own, [part]: tensor(moved, { shape: own[part].shape }) }).item();
          };
          const numeric = ((await at(1e-2)) - (await at(-1e-2))) / 2e-2;
          expect(exact[i]!).toBeCloseTo(numeric, 2);
        }
      }
    });

    test('it learns, with dropout inside the loop', async () => {
      const { x, mask } = data(20, 4);
      const own = cell(4);
      const kernel = new Variable(own.kernel, { name: 'kernel' });
      const recurrent = new Variable(own.recurrent, { name: 'recurrent' });
      const generator = new random.Generator(5);
      const step = mode.compile((input: Tensor, present: Tensor) => {
        const [value, [dk, du]] = valueAndGrad(([k, u]: readonly [Variable, Variable]) => {
          const [last] = scan(
            (h: Tensor, { entry, on }: { entry: Tensor; on: Tensor }) => {
              const next = tanh(random.dropout(matmul(entry, k), 0.1, { key: generator }).add(matmul(h, u)));
              return [where(on.reshape([4, 1]), next, h), undefined];
            },
            zeros([4, UNITS]),
            { entry: input, on: present },
          );
          return last.sub(0.5).pow(2).mean();
        })([kernel, recurrent]);
        kernel.assignSub(dk.mul(0.2));
        recurrent.assignSub(du.mul(0.2));
        return value;
      });
      const first = await step(x, mask).item();
      for (let i = 0; i < 30; i++) step(x, mask);
      expect(await step(x, mask).item()).toBeLessThan(first * 0.7);
      // 32 steps of 20 entries each took a key.
      expect((await generator.state.value.data())[2]).toBe(640);
    });
  });

  test(`${name}: the program does not grow with the length`, () => {
    const target = {
      limits: { maxBufferBytes: 1e9, maxRegionsPerKernel: 8, alignment: 256, maxInFlight: 2 },
      bytes: { float32: 4, bool: 1, int32: 4 },
      accepts: () => true,
    } as const;
    const own = cell(1);
    const kernels = (time: number): number => {
      const { x, mask } = data(time, 2);
      const slope = jit((input: Tensor, present: Tensor) =>
        grad((parts: Cell) => rnn(parts, input, present)[0].sum())(own),
      );
      const program = lower(slope.graph(x, mask), { target, fuse: true, donate: [] });
      return countKernels(program.kernels);
    };
    expect(kernels(512)).toBe(kernels(8));
  });
}

function countKernels(kernels: readonly Kernel[]): number {
  return kernels.reduce((sum, kernel) => sum + 1 + (kernel.kind === 'repeat' ? countKernels(kernel.kernels) : 0), 0);
}
