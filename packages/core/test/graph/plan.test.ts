/** Memory: what shares a slot, what is overwritten in place, and what a fault leaves alone. */
import { describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { DTypeError, DeviceError, ResourceError, lower, type Graph, type Program } from '@antler/core';
import { record } from './recorder.js';
import { expectSame, lowered, modes, run } from './run.js';

const temporaryBytes = ({ slots }: Program): number =>
  slots.reduce((sum, { role, bytes }) => sum + (role === 'temp' ? bytes : 0), 0);

describe('temporaries', () => {
  test('a chain works in one slot', () => {
    const graph = record((g) => {
      let x = g.input([100]);
      for (let i = 0; i < 20; i++) x = g.do('sin', x);
      return [g.op('flip', { axes: [0] }, x)];
    });
    expect(temporaryBytes(lowered(graph, { fuse: false }))).toBe(400);
  });

  test('what dies is used again, the smallest that is large enough first', () => {
    const graph = record((g) => {
      const [x, y] = [g.input([100]), g.input([30])];
      const sums = (value: number): number => g.sum(g.op('flip', { axes: [0] }, g.do('exp', value)), [0]);
      return [
        g.do('add', sums(x), g.do('add', sums(y), sums(g.op('slice', { start: [0], limit: [50], stride: [1] }, x)))),
      ];
    });
    // 100 elements, then 30 and 50 of them again; and the three sums.
    expect(temporaryBytes(lowered(graph, { fuse: false }))).toBeLessThanOrEqual(100 * 4 + 4 * 4);
    expectSame(graph, [Array.from({ length: 100 }, Math.sin), Array.from({ length: 30 }, Math.cos)], 1e-4);
  });

  test('a slot that lives across turns is not taken inside of a repeat', () => {
    const body = record((g) => {
      const [big, carry, x] = [g.input([4]), g.input([4]), g.input([4])];
      const inside = g.op('flip', { axes: [0] }, g.do('exp', g.op('flip', { axes: [0] }, g.do('sin', carry))));
      return [g.do('add', g.do('mul', inside, big), x)];
    });
    const graph = record((g) => {
      const [x, xs] = [g.input([4]), g.input([5, 4])];
      const big = g.do('exp', x);
      const last = g.node('scan', { body, length: 5, carries: 1, sequences: 1, reverse: false }, big, x, xs)[0]!;
      return [g.do('neg', last)];
    });
    const numbers = Array.from({ length: 20 }, (_, i) => Math.sin(i));
    expectSame(graph, [numbers.slice(0, 4).map(Math.fround), numbers.map(Math.fround)]);
  });
});

describe('donation', () => {
  const adam = record((g) => {
    const [w, m, v, gradient, rate] = [g.input([50]), g.input([50]), g.input([50]), g.input([50]), g.scalar()];
    const blend = (old: number, next: number, share: number): number =>
      g.do('add', old, g.do('mul', g.do('sub', next, old), g.like(old, share)));
    const first = blend(m, gradient, 0.1);
    const second = blend(v, g.do('mul', gradient, gradient), 0.001);
    const step = g.do(
      'div',
      g.do('mul', first, g.spread(rate, [50])),
      g.do('add', g.do('sqrt', second), g.like(v, 1e-7)),
    );
    return [g.do('sub', w, step), first, second];
  });
  const inputs = [0.1, 0.2, 0.3, 0.4].map((seed) =>
    Array.from({ length: 50 }, (_, i) => Math.fround(Math.abs(Math.sin(seed * i)))),
  );

  test("Adam's three assignments are one loop, in place", () => {
    const donate = [
      [0, 0],
      [1, 1],
      [2, 2],
    ] as const;
    const program = lowered(adam, { donate });
    expect(program.slots.map(({ role }) => role)).toEqual(['inout', 'inout', 'inout', 'input']);
    expect(program.kernels).toHaveLength(1);
    expect(lowered(adam, { donate, regions: 5 }).kernels).toHaveLength(1);
    expectSame(adam, [...inputs, [0.01]], 1e-6, { donate });
  });

  test('values that change places', () => {
    const graph = record((g) => {
      const [a, b] = [g.input([3]), g.input([3])];
      return [b, a];
    });
    const [outcome] = expectSame(
      graph,
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      0,
      {
        donate: [
          [0, 0],
          [1, 1],
        ],
      },
    );
    expect(outcome!.outputs).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ]);
  });

  test('an old value that is read elsewhere, later, or at another index', () => {
    const graph = record((g) => {
      const [a, b] = [g.input([4]), g.input([4])];
      const next = g.do('exp', a);
      const turned = g.do('add', b, g.op('flip', { axes: [0] }, b));
      return [next, turned, g.sum(g.do('mul', a, next), [0])];
    });
    expectSame(
      graph,
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
      1e-6,
      {
        donate: [
          [0, 0],
          [1, 1],
        ],
      },
    );
  });

  test('an output that is its own input, unchanged or reshaped, and one value for two inputs', () => {
    const graph = record((g) => {
      const [a, b, c, d] = [g.input([2, 3]), g.input([6]), g.input([6]), g.input([6])];
      const sum = g.do('add', b, c);
      return [g.reshape(g.reshape(a, [6]), [2, 3]), sum, sum, d];
    });
    const lists = [0, 10, 20, 30].map((from) => Array.from({ length: 6 }, (_, i) => from + i));
    const outcomes = expectSame(graph, lists, 0, {
      donate: [
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    });
    expect(outcomes[1]!.program.kernels.length).toBeLessThanOrEqual(2);
  });

  test('a table is updated where it is by a scatter, without a copy', () => {
    const graph = record((g) => {
      const [table, indices, updates] = [g.input([100, 8]), g.input([3, 1], 'int32'), g.input([3, 8])];
      return [g.op('scatter', { batch: 0, mode: 'add' }, table, indices, updates)];
    });
    const inputs = [Array.from({ length: 800 }, (_, i) => i), [5, -1, 5], Array.from({ length: 24 }, () => 1)];
    expectSame(graph, inputs, 0, { donate: [[0, 0]] });
  });
});

describe('faults', () => {
  const graph: Graph = record((g) => {
    const [state, table, indices] = [g.input([2]), g.input([4]), g.input([2, 1], 'int32')];
    const next = g.do('add', state, g.op('gather', { batch: 0 }, table, indices));
    return [next, g.do('neg', next)];
  });

  test.each(Object.keys(modes))('a bad index leaves what is assigned as it was: %s', (mode) => {
    const donate = [[0, 0]] as const;
    const bad = run(
      graph,
      [
        [1, 2],
        [10, 20, 30, 40],
        [1, 4],
      ],
      { ...modes[mode], donate },
    );
    expect(bad.fault).toEqual([1, 4]);
    expect(bad.outputs).toEqual([
      [1, 2],
      [-21, NaN],
    ]);
    const good = run(
      graph,
      [
        [1, 2],
        [10, 20, 30, 40],
        [1, -1],
      ],
      { ...modes[mode], donate },
    );
    expect(good.fault).toEqual([0, 0]);
    expect(good.outputs).toEqual([
      [21, 42],
      [-21, -42],
    ]);
  });

  test('assignments wait for the last kernel that can fault, and so does what only they need', () => {
    const late = record((g) => {
      const [state, indices, table] = [g.input([4]), g.input([2, 1], 'int32'), g.input([4])];
      const next = g.do('mul', g.do('exp', state), g.like(state, 2));
      return [next, g.op('gather', { batch: 0 }, table, indices)];
    });
    const { kernels } = lowered(late, { donate: [[0, 0]] });
    expect(kernels.map(({ kind }) => kind)).toEqual(['gather', 'loop']);
  });
});

describe('refusals', () => {
  const js = createJsBackend();
  const lowerOn = (graph: Graph, target: Partial<Parameters<typeof lower>[1]['target']>): Program =>
    lower(graph, { target: { ...js, ...target }, fuse: true, donate: [] });

  test('a dtype that the device lacks', () => {
    const graph = record((g) => [g.op('cast', { dtype: 'float64' }, g.input([2]))]);
    expect(() => lowerOn(graph, { bytes: { float32: 4, int32: 4 } })).toThrow(DTypeError);
    expect(() => lowerOn(graph, { bytes: { float32: 4, int32: 4 } })).toThrow(
      'lower: expected a dtype of the device (float32, int32), received float64. Cast it first.',
    );
  });

  test('a buffer beyond the limit', () => {
    const graph = record((g) => [g.spread(g.input([2]), [1000, 2])]);
    expect(() => lowerOn(graph, { limits: { ...js.limits, maxBufferBytes: 4000 } })).toThrow(ResourceError);
    expect(() => lowerOn(graph, { limits: { ...js.limits, maxBufferBytes: 4000 } })).toThrow(
      'lower: expected at most 4000 bytes in one buffer, received 8000 bytes for float32 [1000, 2].',
    );
  });

  test('a device without gather', () => {
    const graph = record((g) => [g.op('gather', { batch: 0 }, g.input([4]), g.input([2, 1], 'int32'))]);
    expect(() => lowerOn(graph, { accepts: ({ kind }) => kind !== 'gather' })).toThrow(DeviceError);
  });

  test('elements may be wider on the device', () => {
    const graph = record((g) => [g.do('lt', g.input([3]), g.input([3]))]);
    const { slots } = lowerOn(graph, { bytes: { ...js.bytes, bool: 4 } });
    expect(slots.map(({ bytes }) => bytes)).toEqual([12, 12, 12]);
  });
});

describe('programs', () => {
  test('slots: inputs used or not, outputs, the fault slot, temporaries; scalars in order', () => {
    const graph = record((g) => {
      const [x, , rate, indices, count] = [
        g.input([4]),
        g.input([7]),
        g.scalar(),
        g.input([1, 1], 'int32'),
        g.scalar('int32'),
      ];
      const y = g.op('gather', { batch: 0 }, g.do('exp', x), indices);
      return [g.do('mul', y, g.spread(rate, [1])), x, count];
    });
    const program = lowered(graph);
    expect(program.slots.map(({ role, bytes }) => `${role} ${bytes}`).slice(0, 7)).toEqual([
      'input 16',
      'input 28',
      'input 4',
      'output 4',
      'output 16',
      'output 4',
      'output 8',
    ]);
    expect(program.scalars).toEqual(['float32', 'int32']);
    expect(program.faults).toEqual({ slot: 6, sites: [{ op: 'gather', scope: '', limit: 4 }] });
  });

  test('equal keys mean equal programs', () => {
    const graph = record((g) => {
      const z = g.matmul(g.input([2, 2]), g.input([2, 2]));
      return [g.do('exp', z), z];
    });
    const programs = Object.values(modes).map((mode) => lowered(graph, mode));
    for (const one of programs) {
      for (const other of programs) if (one.key === other.key) expect(other).toEqual(one);
    }
    expect(new Set(programs.map(({ key }) => key)).size).toBeGreaterThanOrEqual(5);
    expect(lowered(graph, { donate: [[0, 0]] }).key).not.toBe(lowered(graph).key);
    expect(lowered(graph).key).toBe(lowered(graph).key);
  });

  test('programs are plain data', () => {
    const program = lowered(record((g) => [g.sum(g.do('exp', g.input([3, 4])), [0])]));
    expect(JSON.parse(JSON.stringify(program))).toEqual(program);
  });
});
