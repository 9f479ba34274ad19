/** The traps themselves; `describeTraps` is the whole test file of a backend. */
import { describe, expect, jest, test } from '@jest/globals';
import {
  IndexError,
  ResourceError,
  StaleTensorError,
  TraceError,
  Variable,
  checkFaults,
  fence,
  grad,
  jit,
  matmul,
  random,
  relu,
  sparseSoftmaxCrossEntropy,
  tensor,
  throttle,
  valueAndGrad,
  type Backend,
  type Tensor,
} from '@antler/core';
import { inEveryMode } from '../every-mode.js';
import { countsOf } from '../modes.js';
import { classifier, numbersOf } from './classifier.js';

/** Registers every trap for a backend. */
export function describeTraps(name: string, create: () => Backend | Promise<Backend>): void {
  inEveryMode(name, create, (mode, device) => {
    test('training lowers the loss', async () => {
      const { step, x, labels } = classifier();
      const run = mode.compile(step);
      const rate = tensor(0.5);
      const first = await run(x, labels, rate).item();
      for (let i = 0; i < 30; i++) run(x, labels, rate);
      const last = await run(x, labels, rate).item();
      expect(last).toBeLessThan(first * 0.9);
    });

    test('logits that leaked out of a gradient are right or an error, never wrong', async () => {
      const { variables, x, labels, logits } = classifier();
      const before = [...(await logits(x).data())];
      let leaked: Tensor | undefined;
      const step = mode.compile((input: Tensor) => {
        const [loss, gradients] = valueAndGrad((_: readonly Variable[]) => {
          leaked = logits(input);
          return sparseSoftmaxCrossEntropy(labels, leaked).mean();
        })(variables);
        variables.forEach((variable, i) => variable.assignSub(gradients[i]!.mul(0.5)));
        return loss;
      });
      await step(x).item();
      fence();
      const read = leaked!.data().then(
        (data) => [...data],
        (error: unknown) => error,
      );
      const outcome = await read;
      if (mode.name === 'jit') expect(outcome).toBeInstanceOf(TraceError);
      else if (Array.isArray(outcome)) expect(outcome).toEqual(before);
      else {
        expect(outcome).toBeInstanceOf(StaleTensorError);
        expect((outcome as Error).message).toMatch(/variable "(w1|b1|w2)".*aux: true/s);
      }
    });

    test('aux gives the logits of the step', async () => {
      const { variables, x, labels, logits } = classifier();
      const before = [...(await logits(x).data())];
      const step = mode.compile((input: Tensor) => {
        const [[loss, scores], gradients] = valueAndGrad(
          (_: readonly Variable[]): readonly [Tensor, Tensor] => {
            const own = logits(input);
            return [sparseSoftmaxCrossEntropy(labels, own).mean(), own];
          },
          { aux: true },
        )(variables);
        variables.forEach((variable, i) => variable.assignSub(gradients[i]!.mul(0.5)));
        return { loss, scores };
      });
      const { scores } = step(x);
      fence();
      const given = [...(await scores.data())];
      given.forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 5));
    });

    test('values given out stay as they were while training goes on', async () => {
      const { variables, x, labels, step } = classifier();
      const run = mode.compile(step);
      const kept = variables.map((variable) => variable.value);
      const before = await numbersOf(variables);
      for (let i = 0; i < 5; i++) run(x, labels, 0.5);
      const held = variables.map((variable) => variable.value);
      const middle = await numbersOf(variables);
      for (let i = 0; i < 5; i++) run(x, labels, 0.5);
      expect(await Promise.all(kept.map(async (value) => [...(await value.data())]))).toEqual(before);
      expect(await Promise.all(held.map(async (value) => [...(await value.data())]))).toEqual(middle);
      expect(await numbersOf(variables)).not.toEqual(middle);
    });

    test('the best weights can be kept and put back', async () => {
      const { variables, x, labels, step, logits } = classifier();
      const run = mode.compile(step);
      for (let i = 0; i < 3; i++) run(x, labels, 0.5);
      const best = variables.map((variable) => variable.value);
      const expected = [...(await logits(x).data())];
      for (let i = 0; i < 3; i++) run(x, labels, 0.5);
      variables.forEach((variable, i) => variable.assign(best[i]!));
      expect([...(await logits(x).data())]).toEqual(expected);
      // And training goes on from there without touching what was kept.
      const saved = [...(await best[0]!.data())];
      for (let i = 0; i < 3; i++) run(x, labels, 0.5);
      expect([...(await best[0]!.data())]).toEqual(saved);
    });

    test('predictions between steps see the step before, and in-flight reads are not overwritten', async () => {
      const one = classifier();
      const two = classifier();
      const runOne = mode.compile(one.step);
      const runTwo = mode.compile(two.step);
      const predict = mode.compile(one.logits);
      const inFlight: Promise<number[]>[] = [];
      const expected: number[][] = [];
      for (let i = 0; i < 4; i++) {
        runOne(one.x, one.labels, 0.5);
        fence();
        inFlight.push(
          predict(one.x)
            .data()
            .then((data) => [...data]),
        );
      }
      for (let i = 0; i < 4; i++) {
        await runTwo(two.x, two.labels, 0.5).item();
        expected.push([...(await two.logits(two.x).data())]);
      }
      const got = await Promise.all(inFlight);
      got.forEach((row, i) => row.forEach((value, k) => expect(value).toBeCloseTo(expected[i]![k]!, 5)));
    });

    test('an exception in the middle of a step changes nothing', async () => {
      const { variables, x, labels, step } = classifier();
      const reference = classifier();
      const generator = new random.Generator(7);
      const drawn = new random.Generator(7);
      const counter = new Variable(0, { name: 'counter' });
      const broken = mode.compile((input: Tensor) =>
        valueAndGrad((_: readonly Variable[]) => {
          counter.assignAdd(1);
          random.uniform([2], { key: generator });
          matmul(input, variables[0]);
          throw new Error('on purpose');
        })(variables),
      );
      expect(() => broken(x)).toThrow('on purpose');
      expect(await counter.value.item()).toBe(0);
      expect(await numbersOf(variables)).toEqual(await numbersOf(reference.variables));
      const draw = async (source: random.Generator): Promise<number[]> => [
        ...(await random.uniform([3], { key: source }).data()),
      ];
      expect(await draw(generator)).toEqual(await draw(drawn));
      const loss = await mode.compile(step)(x, labels, 0.5).item();
      const expected = await mode.compile(reference.step)(reference.x, reference.labels, 0.5).item();
      expect(loss).toBe(expected);
    });

    test('a label out of range is an IndexError with layer, index and limit; nothing is learned from it', async () => {
      const { variables, x, step, labels } = classifier();
      const run = mode.compile(step);
      const wrong = tensor(Int32Array.of(0, 1, 2, 0, 17, 2));
      run(x, labels, 0.5);
      const before = await numbersOf(variables);
      const loss = run(x, wrong, 0.5);
      fence();
      await expect(loss.data()).rejects.toThrow(IndexError);
      await expect(loss.data()).rejects.toThrow(/in classifier.*\[-3, 3\).*17/s);
      expect(await numbersOf(variables)).toEqual(before);
      // The next step is right again.
      const reference = classifier();
      const runReference = mode.compile(reference.step);
      runReference(reference.x, reference.labels, 0.5);
      const expected = await runReference(reference.x, reference.labels, 0.5).item();
      expect(await run(x, labels, 0.5).item()).toBeCloseTo(expected, 6);
    });

    test('a faulted step leaves variables alone that it only writes', async () => {
      const { x, logits } = classifier();
      const last = new Variable(42, { name: 'last' });
      const step = mode.compile((labels: Tensor) => {
        last.assign(sparseSoftmaxCrossEntropy(labels, logits(x)).mean());
      });
      step(tensor(Int32Array.of(0, 1, 2, 0, 3, 2)));
      fence();
      expect(await last.value.item()).toBe(42);
      await expect(checkFaults()).rejects.toThrow(IndexError);
      step(tensor(Int32Array.of(0, 1, 2, 0, 1, 2)));
      expect(await last.value.item()).not.toBe(42);
    });

    test('a fault that nobody reads is found by checkFaults, once', async () => {
      const { x, step } = classifier();
      const run = mode.compile(step);
      run(x, tensor(Int32Array.of(0, -4, 2, 0, 1, 2)), 0.5);
      fence();
      await expect(checkFaults()).rejects.toThrow(/\[-3, 3\).*-4/s);
      await expect(checkFaults()).resolves.toBeUndefined();
    });

    test('negative labels in range count from the end', async () => {
      const { x, step } = classifier();
      const other = classifier();
      const a = await mode
        .compile(step)(x, tensor(Int32Array.of(-3, -2, -1, 0, 1, 2)), 0.5)
        .item();
      const b = await mode.compile(other.step)(other.x, other.labels, 0.5).item();
      expect(a).toBe(b);
      expect(await numbersOf(other.variables)).toEqual(await numbersOf(other.variables));
    });

    test('losses kept unread in a list are all right in the end', async () => {
      const { x, labels, step } = classifier();
      const reference = classifier();
      const run = mode.compile(step);
      const runReference = mode.compile(reference.step);
      const losses: Tensor[] = [];
      for (let i = 0; i < 20; i++) {
        losses.push(run(x, labels, 0.5));
        fence();
      }
      for (const loss of losses) {
        expect(await loss.item()).toBe(await runReference(reference.x, reference.labels, 0.5).item());
      }
    });

    test('a learning rate that changes each step does not make programs', async () => {
      const { x, labels, step } = classifier();
      const run = mode.compile(step);
      // In jit a number is static, so a changing one comes as a tensor.
      const rate = (i: number): number | Tensor => (mode.name === 'jit' ? tensor(0.1 / (i + 1)) : 0.1 / (i + 1));
      for (let i = 0; i < 3; i++) await run(x, labels, rate(i)).item();
      const before = countsOf(device()).programs;
      for (let i = 3; i < 12; i++) await run(x, labels, rate(i)).item();
      expect(countsOf(device()).programs).toBe(before);
    });

    test('two loops interleaved give what each gives alone, with the same programs', async () => {
      const loop = async (seed: number, losses: number[]): Promise<void> => {
        const { x, labels, step } = classifier(seed);
        const run = mode.compile(step);
        for (let i = 0; i < 5; i++) losses.push(await run(x, labels, 0.5).item());
      };
      const alone: number[][] = [[], []];
      await loop(1, alone[0]!);
      await loop(2, alone[1]!);
      const programs = countsOf(device()).programs;
      const together: number[][] = [[], []];
      await Promise.all([loop(1, together[0]!), loop(2, together[1]!)]);
      expect(together).toEqual(alone);
      if (mode.name !== 'jit') expect(countsOf(device()).programs).toBe(programs);
    });

    test('many synchronous steps without a read hold a bounded amount of memory', async () => {
      const { x, labels, step } = classifier();
      const run = mode.compile(step);
      const rate = tensor(0.01);
      const count = mode.name === 'jit' ? 10_000 : 2_000;
      let refused: unknown;
      for (let i = 0; i < 50; i++) run(x, labels, rate);
      await throttle();
      const before = countsOf(device()).bytes;
      for (let i = 0; i < count && refused === undefined; i++) {
        try {
          run(x, labels, rate);
          fence();
        } catch (error) {
          refused = error;
        }
      }
      // A device that the host cannot wait for may refuse, with advice; the others go on.
      if (refused !== undefined) {
        expect(refused).toBeInstanceOf(ResourceError);
        expect((refused as Error).message).toMatch(/await/);
      }
      await throttle();
      const loss = await run(x, labels, rate).item();
      expect(Number.isFinite(loss)).toBe(true);
      await collectUntil(() => countsOf(device()).bytes < before + 100_000);
      expect(countsOf(device()).bytes).toBeLessThan(before + 100_000);
    });

    test('a chain of 100,000 operations is computed and differentiated', async () => {
      const depth = 100_000;
      const chain = (x: Tensor): Tensor => {
        let y = x;
        for (let i = 0; i < depth; i++) y = y.add(x);
        return y.sum();
      };
      expect(
        await mode
          .compile(chain)(tensor([1, 2]))
          .item(),
      ).toBe(3 * (depth + 1));
      const slope = mode.compile((x: Tensor) => grad(chain)(x));
      expect([...(await slope(tensor([1, 2])).data())]).toEqual([depth + 1, depth + 1]);
    });
  });

  describe(`${name}, jit alone`, () => {
    test('looking at a jitted function inside of another one leaves it as it is', async () => {
      const total = new Variable(tensor([1, 2]));
      const add = jit((x: Tensor) => total.assignAdd(x).value.sum());
      const x = tensor([1, 1]);
      jit((y: Tensor) => y.mul(add.graph(y).outputs.length))(x);
      expect([await add(x).item(), await add(x).item(), await total.value.array()]).toEqual([5, 7, [3, 4]]);
    });

    test('warns once about a number that is part of the signature', () => {
      const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      try {
        const scaled = jit((x: Tensor, factor: number) => relu(x).mul(factor), { name: 'scaled' });
        for (let i = 0; i < 20; i++) scaled(tensor([1]), i);
        expect(warn).toHaveBeenCalledTimes(1);
        expect(warn.mock.calls[0]![0]).toMatch(/scaled.*tensor\(number\)/s);
      } finally {
        warn.mockRestore();
      }
    });
  });
}

/** Collects until something holds or it is plain that it will not: finalizers run when the engine likes. */
async function collectUntil(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
