/** Loops without reductions: where views read and write, what leaves and scalars give, which memory is shared. */
import { view, type Builder, type Place, type Value } from '../builder.js';
import type { Case } from '../device.js';
import { expectEqual } from '../expect.js';

/** Whole numbers from `start`, so that sums of any order are exact in every float format. */
function ramp(length: number, start = 0): number[] {
  return Array.from({ length }, (_, i) => start + i);
}

/** Runs a program and compares the one place that `define` returns. */
function gives(define: (build: Builder) => Place, expected: readonly number[]): Case['run'] {
  return async (device) => {
    const build = device.builder();
    const place = define(build);
    const results = await device.run(build);
    expectEqual(results(place), expected, `slot ${place.slot}`);
  };
}

/** Cases of the layer. */
export const loopCases: readonly Case[] = [
  {
    name: 'adds two arrays',
    run: gives(
      (build) => {
        const a = build.input('float32', [2, 3], ramp(6));
        const b = build.input('float32', [2, 3], [10, 20, 30, 40, 50, 60]);
        const y = build.output('float32', [2, 3]);
        build.loop([2, 3], 0, (body) => body.store(y, body.op('add', [body.load(a), body.load(b)])));
        return y;
      },
      [10, 21, 32, 43, 54, 65],
    ),
  },
  {
    name: 'a scalar has no axes',
    run: gives(
      (build) => {
        const x = build.input('float32', [], [3]);
        const y = build.output('float32', []);
        build.loop([], 0, (body) => body.store(y, body.op('neg', [body.load(x)])));
        return y;
      },
      [-3],
    ),
  },
  {
    name: 'axes of size 0: nothing is read or written',
    run: gives(
      (build) => {
        const x = build.input('float32', [0, 3], []);
        const y = build.inout('float32', [2], [5, 6]);
        build.loop([0, 3], 0, (body) => body.store(view(y, [1, 1]), body.load(x)));
        return y;
      },
      [5, 6],
    ),
  },
  {
    name: 'stride 0 repeats: rows, columns and a single element',
    run: gives(
      (build) => {
        const row = build.input('float32', [3], [1, 2, 3]);
        const column = build.input('float32', [2], [10, 20]);
        const one = build.input('float32', [1], [100]);
        const y = build.output('float32', [2, 3]);
        build.loop([2, 3], 0, (body) => {
          const sum = body.op('add', [body.load(view(row, [0, 1])), body.load(view(column, [1, 0]))]);
          body.store(y, body.op('add', [sum, body.load(view(one, [0, 0]))]));
        });
        return y;
      },
      [111, 112, 113, 121, 122, 123],
    ),
  },
  {
    name: 'transposes by strides, on the side of the load',
    run: gives(
      (build) => {
        const x = build.input('float32', [2, 3], ramp(6));
        const y = build.output('float32', [3, 2]);
        build.loop([3, 2], 0, (body) => body.store(y, body.load(view(x, [1, 3]))));
        return y;
      },
      [0, 3, 1, 4, 2, 5],
    ),
  },
  {
    name: 'transposes by strides, on the side of the store',
    run: gives(
      (build) => {
        const x = build.input('float32', [2, 3], ramp(6));
        const y = build.output('float32', [3, 2]);
        build.loop([2, 3], 0, (body) => body.store(view(y, [1, 2]), body.load(x)));
        return y;
      },
      [0, 3, 1, 4, 2, 5],
    ),
  },
  {
    name: 'negative strides flip',
    run: gives(
      (build) => {
        const x = build.input('float32', [2, 3], ramp(6));
        const y = build.output('float32', [2, 3]);
        build.loop([2, 3], 0, (body) => body.store(y, body.load(view(x, [-3, -1], 5))));
        return y;
      },
      [5, 4, 3, 2, 1, 0],
    ),
  },
  {
    name: 'negative strides flip on the side of the store',
    run: gives(
      (build) => {
        const x = build.input('float32', [4], ramp(4));
        const y = build.output('float32', [4]);
        build.loop([4], 0, (body) => body.store(view(y, [-1], 3), body.load(x)));
        return y;
      },
      [3, 2, 1, 0],
    ),
  },
  {
    name: 'an offset and steps cut a slice',
    run: gives(
      (build) => {
        const x = build.input('float32', [4, 5], ramp(20));
        const y = build.output('float32', [2, 2]);
        build.loop([2, 2], 0, (body) => body.store(y, body.load(view(x, [10, 3], 6))));
        return y;
      },
      [6, 9, 16, 19],
    ),
  },
  {
    name: 'a store through a slice leaves the rest alone',
    run: gives(
      (build) => {
        const x = build.input('float32', [2, 2], [1, 2, 3, 4]);
        const y = build.inout('float32', [3, 4], new Array<number>(12).fill(-1));
        build.loop([2, 2], 0, (body) => body.store(view(y, [8, 2], 1), body.load(x)));
        return y;
      },
      [-1, 1, -1, 2, -1, -1, -1, -1, -1, 3, -1, 4],
    ),
  },
  {
    name: 'windows overlap',
    run: gives(
      (build) => {
        const x = build.input('float32', [5], ramp(5));
        const y = build.output('float32', [3, 3]);
        build.loop([3, 3], 0, (body) => body.store(y, body.load(view(x, [1, 1]))));
        return y;
      },
      [0, 1, 2, 1, 2, 3, 2, 3, 4],
    ),
  },
  {
    name: 'two views of one slot',
    run: gives(
      (build) => {
        const x = build.input('float32', [5], [1, 4, 9, 16, 25]);
        const y = build.output('float32', [4]);
        build.loop([4], 0, (body) => {
          body.store(y, body.op('sub', [body.load(view(x, [1], 1)), body.load(view(x, [1], 0))]));
        });
        return y;
      },
      [3, 5, 7, 9],
    ),
  },
  {
    name: 'eight axes',
    run: gives(
      (build) => {
        const x = build.input('float32', [2, 2, 2, 2, 2, 2, 2, 2], ramp(256));
        const y = build.output('float32', [2, 2, 2, 2, 2, 2, 2, 2]);
        build.loop([2, 2, 2, 2, 2, 2, 2, 2], 0, (body) => {
          body.store(y, body.load(view(x, [1, 2, 4, 8, 16, 32, 64, 128])));
        });
        return y;
        // The bits of the position in reverse.
      },
      ramp(256).map((i) => parseInt([...i.toString(2).padStart(8, '0')].reverse().join(''), 2)),
    ),
  },
  {
    name: 'positions along each axis, as integers and as floats',
    async run(device) {
      const build = device.builder();
      const rows = build.output('int32', [2, 3]);
      const columns = build.output('float32', [2, 3]);
      build.loop([2, 3], 0, (body) => {
        body.store(rows, body.index(0, 'int32'));
        body.store(columns, body.index(1, 'float32'));
      });
      const results = await device.run(build);
      expectEqual(results(rows), [0, 0, 0, 1, 1, 1], 'axis 0');
      expectEqual(results(columns), [0, 1, 2, 0, 1, 2], 'axis 1');
    },
  },
  {
    name: 'constants of every kind, the infinite ones and NaN included',
    async run(device) {
      const constants = [0, -0, 1.5, 1 / 3, 1e-38, 3e38, Infinity, -Infinity, NaN, -7];
      for (const value of constants) {
        const build = device.builder();
        const y = build.output('float32', [2]);
        build.loop([2], 0, (body) => body.store(y, body.constant(value, 'float32')));
        expectEqual((await device.run(build))(y), [Math.fround(value), Math.fround(value)], `const ${value}`);
      }
      const build = device.builder();
      const places = [build.output('int32', [1]), build.output('uint32', [1]), build.output('bool', [1])] as const;
      build.loop([1], 0, (body) => {
        body.store(places[0], body.constant(-2147483648, 'int32'));
        body.store(places[1], body.constant(4294967295, 'uint32'));
        body.store(places[2], body.constant(1, 'bool'));
      });
      const results = await device.run(build);
      expectEqual(
        places.flatMap((place) => results(place)),
        [-2147483648, 4294967295, 1],
        'integers and bool',
      );
    },
  },
  {
    name: 'run-time scalars: each run has its own numbers, rounded to their dtype',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [3], [1, 2, 3]);
      const y = build.output('float32', [3]);
      const z = build.output('int32', [1]);
      const rate = build.scalar('float32', 0.1);
      const seed = build.scalar('int32', 5);
      build.loop([3], 0, (body) => body.store(y, body.op('mul', [body.load(x), body.scalar(rate, 'float32')])));
      build.loop([1], 0, (body) => body.store(z, body.scalar(seed, 'int32')));
      const run = await device.compile(build);
      const all = [
        [0.1, 5],
        [2, -2147483648],
        [Infinity, 0],
      ].map(async (scalars) => ({ scalars, results: await run({ scalars }) }));
      for (const { scalars, results } of await Promise.all(all)) {
        const factor = Math.fround(scalars[0]!);
        expectEqual(
          results(y),
          [1, 2, 3].map((value) => Math.fround(value * factor)),
          `factor ${factor}`,
        );
        expectEqual(results(z), [scalars[1]!], 'the integer');
      }
    },
  },
  {
    name: 'several outputs of several dtypes, one value stored twice',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [4], [-1.5, 0, 2.5, 3]);
      const twice = build.output('float32', [4]);
      const positive = build.output('bool', [4]);
      const whole = build.output('int32', [4]);
      const again = build.output('float32', [4]);
      build.loop([4], 0, (body) => {
        const value = body.load(x);
        const double = body.op('add', [value, value]);
        body.store(twice, double);
        body.store(again, double);
        body.store(positive, body.op('lt', [body.constant(0, 'float32'), value]));
        body.store(whole, body.op('cast', [value], 'int32'));
      });
      const results = await device.run(build);
      expectEqual(results(twice), [-3, 0, 5, 6], 'x + x');
      expectEqual(results(again), [-3, 0, 5, 6], 'x + x again');
      expectEqual(results(positive), [0, 0, 1, 1], '0 < x');
      expectEqual(results(whole), [-1, 0, 2, 3], 'int32');
    },
  },
  {
    name: 'two stores into parts of one slot',
    run: gives(
      (build) => {
        const a = build.input('float32', [2], [1, 2]);
        const y = build.output('float32', [2, 2]);
        build.loop([2], 0, (body) => {
          const value = body.load(a);
          body.store(view(y, [2], 0), value);
          body.store(view(y, [2], 1), body.op('neg', [value]));
        });
        return y;
      },
      [1, -1, 2, -2],
    ),
  },
  {
    name: 'in place: what is read is overwritten',
    async run(device) {
      const length = 10_000;
      const build = device.builder();
      const w = build.inout('float32', [length], ramp(length));
      const g = build.input('float32', [length], new Array<number>(length).fill(2));
      build.loop([length], 0, (body) => body.store(w, body.op('sub', [body.load(w), body.load(g)])));
      expectEqual((await device.run(build))(w), ramp(length, -2), 'w − 2');
    },
  },
  {
    name: 'in place through a slice',
    run: gives(
      (build) => {
        const x = build.inout('float32', [6], ramp(6));
        build.loop([3], 0, (body) => {
          const part = view(x, [-2], 5);
          body.store(part, body.op('mul', [body.load(part), body.constant(10, 'float32')]));
        });
        return x;
      },
      [0, 10, 2, 30, 4, 50],
    ),
  },
  {
    name: 'temporary slots carry values from kernel to kernel',
    run: gives(
      (build) => {
        const x = build.input('float32', [3], [1, 2, 3]);
        const y = build.output('float32', [3]);
        const [one, two] = [build.temp('float32', [3]), build.temp('int32', [3])];
        build.loop([3], 0, (body) => body.store(one, body.op('mul', [body.load(x), body.constant(2.5, 'float32')])));
        build.loop([3], 0, (body) => body.store(two, body.op('cast', [body.load(one)], 'int32')));
        build.loop([3], 0, (body) => {
          body.store(y, body.op('add', [body.load(one), body.op('cast', [body.load(two)], 'float32')]));
        });
        return y;
      },
      [4.5, 10, 14.5],
    ),
  },
  {
    name: 'a temporary slot is used again with another dtype',
    run: gives(
      (build) => {
        const x = build.input('float32', [2], [1.5, -2.5]);
        const y = build.output('float32', [2]);
        const memory = build.temp('float32', [2]);
        const asIntegers = { ...memory, dtype: 'int32' as const };
        const between = build.temp('float32', [2]);
        build.loop([2], 0, (body) => body.store(memory, body.op('neg', [body.load(x)])));
        build.loop([2], 0, (body) => body.store(between, body.load(memory)));
        build.loop([2], 0, (body) => body.store(asIntegers, body.op('cast', [body.load(between)], 'int32')));
        build.loop([2], 0, (body) => body.store(y, body.op('cast', [body.load(asIntegers)], 'float32')));
        return y;
      },
      [-1, 2],
    ),
  },
  {
    name: 'regions cut from one buffer',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [3], [1, 2, 3]);
      const y = build.output('float32', [3]);
      const z = build.inout('float32', [2], [10, 20]);
      build.loop([3], 0, (body) => body.store(y, body.op('neg', [body.load(x)])));
      build.loop([2], 0, (body) => body.store(z, body.op('add', [body.load(z), body.load(view(x, [1]))])));
      const results = await device.run(build, { shared: true });
      expectEqual(results(x), [1, 2, 3], 'x');
      expectEqual(results(y), [-1, -2, -3], 'y');
      expectEqual(results(z), [11, 22], 'z');
    },
  },
  {
    name: 'as many slots as the device takes in one kernel (16 at most)',
    async run(device) {
      const inputs = Math.min(device.backend.limits.maxRegionsPerKernel, 16) - 1;
      const build = device.builder();
      const places = ramp(inputs).map((i) => build.input('float32', [2], [i, 10 * i]));
      const y = build.output('float32', [2]);
      build.loop([2], 0, (body) => {
        body.store(
          y,
          places.map((place) => body.load(place)).reduce((a, b) => body.op('add', [a, b])),
        );
      });
      const sum = (inputs * (inputs - 1)) / 2;
      expectEqual((await device.run(build))(y), [sum, 10 * sum], 'the sum of all');
    },
  },
  {
    name: 'a body of a thousand instructions',
    run: gives(
      (build) => {
        const x = build.input('float32', [3], [0, 1, 2]);
        const y = build.output('float32', [3]);
        build.loop([3], 0, (body) => {
          const one = body.constant(1, 'float32');
          let value: Value = body.load(x);
          for (let i = 0; i < 500; i++) value = body.op('neg', [body.op('add', [value, one])]);
          body.store(y, value);
        });
        return y;
      },
      [0, 1, 2],
    ),
  },
  {
    name: 'a size that no block divides',
    async run(device) {
      const length = 100_003;
      const build = device.builder();
      const x = build.input('int32', [length], ramp(length));
      const y = build.output('int32', [length]);
      build.loop([length], 0, (body) => body.store(y, body.op('add', [body.load(x), body.index(0, 'int32')])));
      expectEqual(
        (await device.run(build))(y),
        ramp(length).map((i) => 2 * i),
        'x + position',
      );
    },
  },
  {
    name: 'a program without kernels leaves all as it is',
    run: gives((build) => build.inout('float32', [3], [1, 2, 3]), [1, 2, 3]),
  },
];
