/** Repetition: kernels run once per turn, in order, on views that move with the turn. */
import { view } from '../builder.js';
import type { Case } from '../device.js';
import { expectEqual } from '../expect.js';

/** Cases of the layer. */
export const repeatCases: readonly Case[] = [
  {
    name: 'a state in place, five times',
    async run(device) {
      const build = device.builder();
      const x = build.inout('float32', [3], [0, 1, -1]);
      const state = view(x, [1], 0, [0]);
      build.repeat(5, () => {
        build.loop([3], 0, (body) => {
          const one = body.constant(1, 'float32');
          const value = body.load(state);
          body.store(state, body.op('add', [body.op('add', [value, value]), one]));
        });
      });
      expectEqual((await device.run(build))(x), [31, 63, -1], '2x + 1');
    },
  },
  {
    name: 'views that move beside views that stay, each at an offset of its own',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [2], [5, 7]);
      const y = build.output('float32', [2]);
      const z = build.output('float32', [2]);
      build.repeat(2, () => {
        build.loop([], 0, (body) => {
          const value = body.load(view(x, [], 0, [1]));
          const one = body.constant(1, 'float32');
          body.store(view(y, [], 0, [0]), value);
          body.store(view(y, [], 1, [0]), one);
          body.store(view(z, [], 0, [0]), body.op('add', [value, one]));
          body.store(view(z, [], 1, [0]), one);
        });
      });
      const results = await device.run(build);
      expectEqual(results(y), [7, 1], 'y');
      expectEqual(results(z), [8, 1], 'z');
    },
  },
  {
    name: 'no turns: nothing happens',
    async run(device) {
      const build = device.builder();
      const x = build.inout('float32', [2], [1, 2]);
      build.repeat(0, () => {
        build.loop([2], 0, (body) => body.store(view(x, [1], 0, [2]), body.constant(9, 'float32')));
      });
      expectEqual((await device.run(build))(x), [1, 2], 'x');
    },
  },
  {
    name: 'views move with the turn: a running sum of rows',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [4, 2], [1, 10, 2, 20, 3, 30, 4, 40]);
      const sum = build.inout('float32', [2], [0, 0]);
      const y = build.output('float32', [4, 2]);
      build.repeat(4, () => {
        const total = view(sum, [1], 0, [0]);
        build.loop([2], 0, (body) => {
          body.store(total, body.op('add', [body.load(total), body.load(view(x, [1], 0, [2]))]));
        });
        build.loop([2], 0, (body) => body.store(view(y, [1], 0, [2]), body.load(total)));
      });
      const results = await device.run(build);
      expectEqual(results(y), [1, 10, 3, 30, 6, 60, 10, 100], 'sums so far');
      expectEqual(results(sum), [10, 100], 'the last sum');
    },
  },
  {
    name: 'backwards: negative turns',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [4], [1, 2, 3, 4]);
      const y = build.output('float32', [4]);
      const carry = build.inout('float32', [1], [0]);
      build.repeat(4, () => {
        const state = view(carry, [1], 0, [0]);
        build.loop([1], 0, (body) => {
          const sum = body.op('add', [body.load(state), body.load(view(x, [1], 3, [-1]))]);
          body.store(state, sum);
          body.store(view(y, [1], 3, [-1]), sum);
        });
      });
      expectEqual((await device.run(build))(y), [10, 9, 7, 4], 'sums from the end');
    },
  },
  {
    name: 'nested: one turn per repeat, outermost first',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      const y = build.output('float32', [2, 3, 2]);
      build.repeat(3, () => {
        build.repeat(2, () => {
          build.loop([2], 0, (body) => body.store(view(y, [1], 0, [2, 6]), body.load(view(x, [1], 0, [4, 2]))));
        });
      });
      expectEqual((await device.run(build))(y), [0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11], 'the outer axes swapped');
    },
  },
  {
    name: 'kernels before, between and after, with a dot inside: powers of a matrix',
    async run(device) {
      const build = device.builder();
      const a = build.input('float32', [2, 2], [1, 1, 1, 0]);
      const y = build.output('float32', [2, 2]);
      const [power, next] = [build.temp('float32', [2, 2]), build.temp('float32', [2, 2])];
      build.loop([2, 2], 0, (body) => body.store(power, body.load(a)));
      build.repeat(9, () => {
        const still = (place: typeof a): ReturnType<typeof view> => view(place, [2, 1], 0, [0]);
        build.dot({ m: [2], n: [2], k: [2] }, still(power), still(a), (sum, epilogue) => {
          epilogue.store(still(next), sum);
        });
        build.loop([2, 2], 0, (body) => body.store(still(power), body.load(still(next))));
      });
      build.loop([2, 2], 0, (body) => body.store(y, body.load(power)));
      expectEqual((await device.run(build))(y), [89, 55, 55, 34], 'Fibonacci numbers');
    },
  },
  {
    name: 'a recurrence: each turn reads its row, multiplies the state and keeps every state',
    async run(device) {
      const turns = 6;
      const build = device.builder();
      const x = build.input('float32', [turns, 2], [1, 0, 0, 1, 1, 1, 2, 0, 0, 2, 1, -1]);
      const w = build.input('float32', [2, 2], [0, 1, 1, 0]);
      const h = build.inout('float32', [2], [5, 7]);
      const states = build.output('float32', [turns, 2]);
      const next = build.temp('float32', [2]);
      build.repeat(turns, () => {
        const state = view(h, [1], 0, [0]);
        build.dot({ m: [1], n: [2], k: [2] }, view(h, [2, 1], 0, [0]), view(w, [2, 1], 0, [0]), (sum, epilogue) => {
          epilogue.store(view(next, [2, 1], 0, [0]), sum);
        });
        build.loop([2], 0, (body) => {
          const value = body.op('add', [body.load(view(next, [1], 0, [0])), body.load(view(x, [1], 0, [2]))]);
          body.store(state, value);
          body.store(view(states, [1], 0, [2]), value);
        });
      });
      const expected: number[] = [];
      let state = [5, 7];
      for (let turn = 0; turn < turns; turn++) {
        state = [state[1]! + x.values[2 * turn]!, state[0]! + x.values[2 * turn + 1]!];
        expected.push(...state);
      }
      const results = await device.run(build);
      expectEqual(results(states), expected, 'states');
      expectEqual(results(h), state, 'the last state');
    },
  },
  {
    name: 'a thousand turns of a fold',
    async run(device) {
      const turns = 1000;
      const build = device.builder();
      const values = Array.from({ length: turns * 3 }, (_, i) => i % 7);
      const x = build.input('float32', [turns, 3], values);
      const y = build.output('float32', [turns]);
      build.repeat(turns, () => {
        build.loop([3], 1, (body) => {
          body.store(view(y, [0], 0, [1]), body.reduce('max', body.load(view(x, [1], 0, [3]))));
        });
      });
      const expected = Array.from({ length: turns }, (_, i) => Math.max(...values.slice(3 * i, 3 * i + 3)));
      expectEqual((await device.run(build))(y), expected, 'row maxima');
    },
  },
];
