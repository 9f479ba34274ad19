/** What a device refuses and nobody can decompose runs on js: read, run, write, in the order of the queue. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import {
  DeviceError,
  IndexError,
  ResourceError,
  Variable,
  add,
  checkFaults,
  cholesky,
  closeBackend,
  concatenate,
  eigh,
  eye,
  fence,
  grad,
  inv,
  jit,
  keep,
  luFactor,
  matmul,
  multiply,
  random,
  registerBackends,
  scan,
  setBackend,
  slogdet,
  solve,
  svd,
  synchronize,
  take,
  tensor,
  transpose,
  type Backend,
  type Kernel,
  type Tensor,
} from '@antler/core';
import { inEveryMode } from '../every-mode.js';
import { modes, openFresh } from '../modes.js';
import { StrictBackend, createStrictBackend } from './strict.js';

/** A strict device that refuses every composite. */
class Refusing extends StrictBackend {
  override accepts(kernel: Kernel): boolean {
    return kernel.kind !== 'composite' && super.accepts(kernel);
  }
}

const devices: StrictBackend[] = [];
let seed = 1;

function refusing(options: { readonly failRunAt?: readonly number[]; readonly failAllocAt?: readonly number[] } = {}) {
  return (): Backend => {
    const device = new Refusing({ seed: seed++, js: createJsBackend, ...options });
    devices.push(device);
    return device;
  };
}

/** The reference behind the same refusal, which can be waited for. */
const waiting = (): Backend => ({ ...createJsBackend(), accepts: ({ kind }) => kind !== 'composite' });

afterAll(async () => {
  await setBackend('js');
  for (const device of devices) expect(device.violations).toEqual([]);
});

const drawn = (shape: readonly number[], number: number): Tensor => random.normal(shape, { key: random.key(number) });
const spd = (x: Tensor): Tensor => add(matmul(x, transpose(x, [0, 2, 1])), eye(x.shape.at(-1)!));

test('without js the error says what to do', async () => {
  await openFresh(refusing());
  const f = (): Tensor => inv(tensor([[2]]));
  const message =
    /expected a backend that computes solve, which test-0 does not, received none registered under the name js/;
  await expect(f().data()).rejects.toThrow(DeviceError);
  await expect(f().data()).rejects.toThrow(message);
  expect(() => jit(f)()).toThrow(message);
  registerBackends({ js: createJsBackend });
  expect(await f().data()).toEqual(Float32Array.of(0.5));
});

/** Everything that is read is what js gives, bit for bit. */
const computations: Readonly<Record<string, () => readonly Tensor[]>> = {
  'one kernel, on inputs and outputs of the program': () => [inv(tensor([[2, 1], [1, 3]]))], // prettier-ignore
  'kernels around it, several results, temporaries across the cut': () => {
    const x = drawn([3, 4, 4], 1);
    const [w, v] = eigh(spd(x.mul(2)));
    return [w.add(x.sum()), v.mul(x).add(1), x.mul(3)];
  },
  'kernel after kernel': () => {
    const a = spd(drawn([2, 3, 3], 2));
    const [lu, pivots] = luFactor(inv(cholesky(a)));
    return [lu, pivots, slogdet(a)[1]];
  },
  'parts of one result from either side of the cut': () => {
    const x = drawn([1, 3, 3], 3);
    return [concatenate([x.mul(2), inv(x), x.add(1)], 0).add(1)];
  },
  'slices as operands': () => {
    const x = drawn([4, 3, 3], 4);
    return [inv(take(x, tensor(Int32Array.of(1, 2)), 0)), solve(x, drawn([3], 5))];
  },
  'gradients of first and second order': () => {
    const f = (x: Tensor): Tensor => svd(x, { fullMatrices: false }).map((y) => y.mul(y).sum()).reduce((a, b) => add(a, b)); // prettier-ignore
    const first = (x: Tensor): Tensor => multiply(grad(f)(x), drawn([4, 3], 6)).sum();
    return [grad(f)(drawn([4, 3], 7)), grad(first)(drawn([4, 3], 7))];
  },
  'inside of a scan, forwards and backwards': () => {
    const a = spd(drawn([4, 3, 3], 8));
    const f = (xs: Tensor): readonly Tensor[] => {
      const [carry, ys] = scan((c: Tensor, x: Tensor) => [cholesky(add(x, c.mul(c))), inv(x.add(c))], eye(3), xs);
      return [carry, ys];
    };
    const total = (xs: Tensor): Tensor => f(xs).map((y) => y.sum()).reduce((p, q) => add(p, q)); // prettier-ignore
    return [...f(a), grad(total)(a)];
  },
  'nothing to do': () => [inv(drawn([0, 2, 2], 9)), slogdet(drawn([2, 0, 0], 9))[1]],
};

async function numbers(results: readonly Tensor[]): Promise<unknown[]> {
  for (const result of results) keep(result);
  return Promise.all(results.map(async (x) => [x.dtype, x.shape, Array.from(await x.data())]));
}

for (const [name, create] of Object.entries({ strict: refusing(), waiting })) {
  inEveryMode(name, create, (mode, device) => {
    test.each(Object.entries(computations))('%s', async (_name, compute) => {
      const received = await numbers(mode.compile(compute)());
      await setBackend('js');
      expect(received).toEqual(await numbers(compute()));
      await closeBackend(device());
    });

    test('variables are updated in place, step after step, before anything is awaited', async () => {
      const train = async (): Promise<unknown> => {
        const w = new Variable(drawn([3, 3], 10));
        const count = new Variable(tensor(0));
        const step = mode.compile((rate: Tensor) => {
          const loss = grad((x: Tensor) => slogdet(add(matmul(x, transpose(x)), eye(3)))[1])(w.value);
          w.assignSub(loss.mul(rate));
          count.assign(count.value.add(inv(w.value).sum()));
          return loss;
        });
        const before = w.value;
        const losses = [1, 2, 3, 4, 5].map((i) => {
          const loss = keep(step(tensor(0.1 / i)));
          fence();
          return loss;
        });
        return numbers([...losses, before, w.value, count.value]);
      };
      const received = await train();
      await setBackend('js');
      expect(received).toEqual(await train());
    });

    test('a bad index before or after the cut changes no variable', async () => {
      const w = new Variable(tensor([[2, 0], [0, 4]])); // prettier-ignore
      const before = mode.compile((i: Tensor) => void w.assign(inv(take(w.value, i, 0))));
      const after = mode.compile((i: Tensor) => void w.assign(take(inv(w.value), i, 0)));
      for (const step of [before, after]) {
        step(tensor(Int32Array.of(0, 5)));
        fence();
        await expect(checkFaults()).rejects.toThrow(IndexError);
        expect(await w.value.array()).toEqual([[2, 0], [0, 4]]); // prettier-ignore
        step(tensor(Int32Array.of(0, 1)));
        expect(await w.value.array()).toEqual([[0.5, 0], [0, 0.25]]); // prettier-ignore
        w.assign(tensor([[2, 0], [0, 4]])); // prettier-ignore
        fence();
      }
    });
  });
}

describe('failures', () => {
  const [, , mode] = modes;
  const x = [[1, 2], [3, 4]]; // prettier-ignore

  test('of a part spoil what the run should have written, and nothing else', async () => {
    await openFresh(refusing({ failRunAt: [1] }));
    const f = mode!.compile((y: Tensor) => inv(y.mul(2)).add(1));
    const [first, second] = [f(tensor(x)), f(tensor(x))];
    await expect(first.data()).rejects.toThrow(ResourceError);
    expect(await second.data()).toEqual(Float32Array.of(0, 1.5, 1.75, 0.75));
  });

  test.each([1, 2, 3])('of allocation %d throw, and leave no memory behind', async (at) => {
    const create = refusing({ failAllocAt: [at] });
    const name = await openFresh(create);
    const device = devices.at(-1)!;
    const f = mode!.compile((y: Tensor) => inv(y.mul(2)).add(1));
    expect(() => f(tensor(x))).toThrow(ResourceError);
    const again = f(tensor(x));
    expect(await again.data()).toEqual(Float32Array.of(0, 1.5, 1.75, 0.75));
    again.dispose();
    await synchronize();
    await setBackend('js');
    await closeBackend(name);
    expect(device.live).toEqual([]);
  });

  test('a device that takes the kernel is asked first', async () => {
    await openFresh(() => createStrictBackend({ seed: 3, js: createJsBackend }));
    const f = jit((y: Tensor) => inv(y));
    expect(f.program(tensor(x)).kernels.map(({ kind }) => kind)).toContain('composite');
    expect(await f(tensor([[4]])).data()).toEqual(Float32Array.of(0.25));
  });
});
