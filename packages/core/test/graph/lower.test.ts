/** Every primitive, lowered in every mode, gives the numbers that it means. */
import { describe, expect, test } from '@jest/globals';
import type { DType, Primitive } from '@antler/core';
import { seeded } from '../../../../test/seeded.js';
import type { Numbers } from './evaluate.js';
import { record } from './recorder.js';
import { expectSame, run } from './run.js';

const chance = seeded(7);
const floats = (count: number): Numbers => Array.from({ length: count }, () => Math.fround(chance() * 4 - 2));
const wholes = (count: number, low: number, high: number): Numbers =>
  Array.from({ length: count }, () => chance.whole(low, high));

describe('element-wise primitives', () => {
  const cases: readonly (readonly [dtype: DType, arity: number, names: readonly Primitive[]])[] = [
    [
      'float32',
      1,
      ['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'exp', 'expm1', 'sin', 'cos', 'tanh', 'logistic', 'erf'],
    ],
    ['float32', 2, ['add', 'sub', 'mul', 'div', 'rem', 'max', 'min', 'atan2', 'eq', 'ne', 'lt', 'le']],
    ['int32', 2, ['add', 'sub', 'mul', 'max', 'min', 'and', 'or', 'xor', 'shl', 'shr', 'div', 'rem']],
    ['uint32', 4, ['random']],
  ];
  for (const [dtype, arity, names] of cases) {
    test.each(names)(`%s of ${dtype}`, (name) => {
      const graph = record((g) => {
        const inputs = Array.from({ length: arity }, () => g.input([2, 3], dtype));
        return [g.do(name, ...inputs)];
      });
      const inputs = Array.from({ length: arity }, () => (dtype === 'float32' ? floats(6) : wholes(6, 1, 100)));
      expectSame(graph, inputs);
    });
  }

  test('cast, bitcast, select', () => {
    const graph = record((g) => {
      const x = g.input([5]);
      const y = g.op('cast', { dtype: 'int32' }, x);
      return [y, g.op('bitcast', { dtype: 'uint32' }, x), g.do('select', g.do('lt', x, g.like(x, 0)), g.like(x, 5), x)];
    });
    expectSame(graph, [[-1.5, 0, 2.7, -0, 3]]);
  });
});

describe('views', () => {
  test.each([
    ['transpose', (g: Parameters<Parameters<typeof record>[0]>[0], x: number) => g.transpose(x, [2, 0, 1])],
    ['reshape', (g, x) => g.reshape(x, [6, 4])],
    ['flip', (g, x) => g.op('flip', { axes: [0, 2] }, x)],
    ['slice', (g, x) => g.op('slice', { start: [1, 0, 1], limit: [2, 3, 4], stride: [1, 2, 2] }, x)],
    ['broadcast', (g, x) => g.op('broadcast', { shape: [2, 5, 3, 4], axes: [0, 2, 3] }, x)],
    ['reshape of transpose', (g, x) => g.reshape(g.transpose(x, [1, 0, 2]), [6, 4])],
    ['transpose of reshape of transpose', (g, x) => g.transpose(g.reshape(g.transpose(x, [2, 1, 0]), [4, 6]), [1, 0])],
    ['reshape of flip of reshape', (g, x) => g.reshape(g.op('flip', { axes: [0] }, g.reshape(x, [8, 3])), [2, 12])],
  ] as readonly [string, (g: Parameters<Parameters<typeof record>[0]>[0], x: number) => number][])(
    '%s, as an output and inside a loop',
    (_name, view) => {
      const graph = record((g) => {
        const x = g.input([2, 3, 4]);
        const moved = view(g, x);
        return [moved, g.do('neg', moved), view(g, g.do('exp', x)), g.sum(g.do('abs', moved), [0])];
      });
      expectSame(graph, [floats(24)]);
    },
  );

  test('iota in every dtype, moved', () => {
    const graph = record((g) =>
      (['int32', 'float32', 'uint8'] as const).flatMap((dtype) => {
        const line = g.op('iota', { length: 12, dtype }, ...[]);
        const grid = g.transpose(g.reshape(line, [3, 4]), [1, 0]);
        return [line, grid, g.op('flip', { axes: [0] }, grid), g.do('add', grid, grid)];
      }),
    );
    expectSame(graph, []);
  });
});

describe('pad and concat', () => {
  test.each([
    [
      [1, 0],
      [2, 3],
      [0, 0],
    ],
    [
      [-1, 2],
      [0, -2],
      [0, 0],
    ],
    [
      [0, -1],
      [1, -1],
      [2, 1],
    ],
    [
      [-5, 0],
      [6, 0],
      [1, 0],
    ],
    [
      [0, 0],
      [0, -2],
      [0, 0],
    ],
  ])('pad by %j and %j, %j between', (low, high, interior) => {
    const graph = record((g) => {
      const x = g.input([3, 4]);
      const padded = g.op('pad', { low, high, interior }, x, g.scalar());
      return [padded, g.do('neg', padded)];
    });
    expectSame(graph, [floats(12), [9]]);
  });

  test('concat of values, of one value twice, and of views', () => {
    const graph = record((g) => {
      const [x, y] = [g.input([2, 3]), g.input([2, 1])];
      const z = g.do('exp', x);
      return [
        g.op('concat', { axis: 1 }, z, y, x, g.op('slice', { start: [0, 1], limit: [2, 3], stride: [1, 1] }, z)),
        z,
      ];
    });
    expectSame(graph, [floats(6), floats(2)]);
  });
});

describe('reduce', () => {
  test.each(['sum', 'prod', 'max', 'min'] as const)('%s over any axes', (op) => {
    const graph = record((g) => {
      const x = g.input([2, 3, 4]);
      return [[0], [1], [2], [0, 2], [0, 1, 2]].map((axes) => g.op('reduce', { op, axes }, x));
    });
    expectSame(graph, [floats(24)]);
  });

  test('over nothing gives the neutral element', () => {
    const graph = record((g) => {
      const x = g.input([2, 0], 'int32');
      return (['sum', 'prod', 'max', 'min'] as const).map((op) => g.op('reduce', { op, axes: [1] }, x));
    });
    for (const { outputs } of expectSame(graph, [[]])) expect(outputs[2]).toEqual([-2147483648, -2147483648]);
  });
});

describe('dot', () => {
  test('with batch, several inner axes and transposed operands', () => {
    const graph = record((g) => {
      const [x, b] = [g.input([3, 2, 4, 5]), g.input([5, 2, 6, 4])];
      const a = g.transpose(x, [1, 0, 2, 3]);
      return [
        g.op(
          'dot',
          {
            contract: [
              [3, 2],
              [0, 3],
            ],
            batch: [[0], [1]],
          },
          a,
          b,
        ),
      ];
    });
    expectSame(graph, [floats(120), floats(240)]);
  });

  test('with bias, activation and a second use of the sum', () => {
    const graph = record((g) => {
      const [x, w, b] = [g.input([4, 3]), g.input([3, 5]), g.input([5])];
      const z = g.do('add', g.matmul(x, w), g.spread(b, [4, 5]));
      return [g.do('max', z, g.like(z, 0)), z];
    });
    expectSame(graph, [floats(12), floats(15), floats(5)]);
  });

  test('over one element, over none, and of vectors', () => {
    const graph = record((g) => {
      const [a, b] = [g.input([3, 1]), g.input([1, 4])];
      const [none, nil] = [g.input([3, 0]), g.input([0, 4])];
      const v = g.input([3]);
      const inner = g.op('dot', { contract: [[0], [0]], batch: [[], []] }, v, v);
      return [g.do('neg', g.matmul(a, b)), g.matmul(none, nil), inner, g.do('exp', inner)];
    });
    expectSame(graph, [floats(3), floats(4), [], [], floats(3)]);
  });
});

describe('gather and scatter', () => {
  test('with batch and slice axes, negative indices and a moved operand', () => {
    const graph = record((g) => {
      const [table, indices] = [g.input([4, 2, 3]), g.input([2, 5, 1], 'int32')];
      return [g.op('gather', { batch: 1 }, g.transpose(table, [1, 0, 2]), indices)];
    });
    const outcomes = expectSame(graph, [floats(24), wholes(10, -4, 3)]);
    for (const { fault } of outcomes) expect(fault).toEqual([0, 0]);
  });

  test.each(['set', 'add', 'max', 'min'] as const)('scatter %s', (mode) => {
    const graph = record((g) => {
      const [x, indices, updates] = [g.input([4, 3]), g.input([6, 1], 'int32'), g.input([6, 3])];
      const out = g.op('scatter', { batch: 0, mode }, g.do('neg', x), indices, updates);
      return [out, g.do('exp', out), x];
    });
    expectSame(graph, [floats(12), wholes(6, -4, 3), floats(18)]);
  });

  test('two indexed axes; the site of a bad index is reported with its limit', () => {
    const graph = record((g) => {
      const [x, indices] = [g.input([4, 3]), g.input([2, 2], 'int32')];
      g.scope = 'net/embedding';
      return [g.op('gather', { batch: 0 }, x, indices)];
    });
    const { program, fault, outputs } = run(graph, [floats(12), [0, 1, 2, 7]]);
    expect(program.faults!.sites).toEqual([
      { op: 'gather', scope: 'net/embedding', limit: 4 },
      { op: 'gather', scope: 'net/embedding', limit: 3 },
    ]);
    expect(fault).toEqual([2, 7]);
    expect(outputs[0]![1]).toBeNaN();
  });
});

describe('structure', () => {
  test('barrier, stopGradient, composites that are inlined or refused', () => {
    const body = record((g) => {
      const x = g.input([3]);
      return [g.do('exp', x), g.do('neg', x)];
    });
    const graph = record((g) => {
      const x = g.do('sin', g.input([3]));
      const [y, z] = g.node('barrier', {}, x, g.do('stopGradient', g.do('cos', x)));
      const first = g.node('composite', { name: 'a', params: {}, body, inline: true }, y!);
      const second = g.node('composite', { name: 'b', params: {}, body, inline: false }, z!);
      return [...first, ...second, y!, g.do('add', y!, z!)];
    });
    expectSame(graph, [floats(3)]);
  });

  const cell = record((g) => {
    // Constant w, carries h and n, entry x → new h and n, result.
    const [w, h, n, x] = [g.input([3, 3]), g.input([2, 3]), g.input([], 'int32'), g.input([2, 3])];
    const next = g.do('tanh', g.do('add', g.matmul(h, w), x));
    return [next, g.do('add', n, g.constant(1, 'int32')), g.do('mul', next, x)];
  });

  test.each([
    [false, 4],
    [true, 4],
    [false, 1],
    [true, 0],
  ])('scan, reverse %p, of length %d', (reverse, length) => {
    const graph = record((g) => {
      const [w, h, n, byRow] = [g.input([3, 3]), g.input([2, 3]), g.input([], 'int32'), g.input([2, length, 3])];
      const xs = g.transpose(byRow, [1, 0, 2]);
      const params = { body: cell, length, carries: 2, sequences: 1, reverse };
      const [last, count, ys, history] = g.node('scan', params, w, h, n, xs);
      return [last!, count!, g.do('neg', ys!), history!, h];
    });
    expectSame(graph, [floats(9), floats(6), [5], floats(6 * length)]);
  });

  test('a scan whose results nobody reads stores none of them', () => {
    const graph = record((g) => {
      const [w, h, n, xs] = [g.input([3, 3]), g.input([2, 3]), g.input([], 'int32'), g.input([100, 2, 3])];
      const params = { body: cell, length: 100, carries: 2, sequences: 1, reverse: false };
      return [g.node('scan', params, w, h, n, xs)[0]!];
    });
    for (const { program } of expectSame(graph, [floats(9), floats(6), [5], floats(600)])) {
      const temporary = program.slots.filter(({ role }) => role === 'temp');
      expect(temporary.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(100);
    }
  });

  test('a scan in a scan, with carries that change places and a bad index inside', () => {
    const inner = record((g) => {
      const [a, b, x] = [g.input([2]), g.input([2]), g.input([2])];
      return [b, g.do('add', a, x), g.do('mul', a, b)];
    });
    const outer = record((g) => {
      const [table, a, b, i, xs] = [
        g.input([4, 2]),
        g.input([2]),
        g.input([2]),
        g.input([1, 1], 'int32'),
        g.input([3, 2]),
      ];
      const row = g.reshape(g.op('gather', { batch: 0 }, table, i), [2]);
      const params = { body: inner, length: 3, carries: 2, sequences: 1, reverse: true };
      const [na, nb, ys, ha] = g.node('scan', params, a, g.do('add', b, row), xs);
      return [na!, nb!, ys!, ha!];
    });
    const graph = record((g) => {
      const [table, a, b] = [g.input([4, 2]), g.input([2]), g.input([2])];
      const [indices, xs] = [g.input([5, 1, 1], 'int32'), g.input([5, 3, 2])];
      const params = { body: outer, length: 5, carries: 2, sequences: 2, reverse: false };
      return g.node('scan', params, table, a, b, indices, xs);
    });
    const inputs = [floats(8), floats(2), floats(2), wholes(5, -4, 3), floats(30)];
    expectSame(graph, inputs, 1e-4);
    const { fault } = run(graph, inputs.with(3, [0, 1, 9, 2, 8]));
    expect(fault).toEqual([1, 9]);
  });
});
