/** What fuses with what: kernels are counted, and the text of programs is looked at. */
import { describe, expect, test } from '@jest/globals';
import type { Graph, Kernel } from '@antler/core';
import { printProgram } from '../../src/graph/print.js';
import { record, type Recorder } from './recorder.js';
import { expectSame, lowered, type Mode } from './run.js';

const kindsOf = (graph: Graph, mode: Mode = {}): string[] => lowered(graph, mode).kernels.map(({ kind }) => kind);
const temporaryBytes = (graph: Graph, mode: Mode = {}): number =>
  lowered(graph, mode).slots.reduce((sum, { role, bytes }) => sum + (role === 'temp' ? bytes : 0), 0);

/** The lines of the kernels. */
const linesOf = (graph: Graph, mode: Mode = {}): string[] => {
  const lines = printProgram(lowered(graph, mode)).split('\n');
  return lines.filter((line) => /^ +\d+ /.test(line)).map((line) => line.trim());
};

const noise = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i * 1.7)));

describe('loops', () => {
  test('an expression over views is one loop', () => {
    const graph = record((g) => {
      const [x, y] = [g.input([3, 4]), g.input([4, 3])];
      const sum = g.do('add', g.do('exp', x), g.transpose(g.do('neg', y), [1, 0]));
      return [g.op('flip', { axes: [0] }, g.do('mul', sum, g.like(sum, 2)))];
    });
    expect(linesOf(graph)).toEqual(['0 loop [3, 4] s2 = (exp(s0+8{-4, 1}) + neg(s1+2{-1, 3})) · 2']);
    expectSame(graph, [noise(12), noise(12)]);
  });

  test('values that several loops read are stored only when they are costly', () => {
    const twice = (first: (g: Recorder, x: number) => number): Graph =>
      record((g) => {
        const x = first(g, g.input([4, 5]));
        return [g.sum(x, [0]), g.sum(x, [1])];
      });
    expect(temporaryBytes(twice((g, x) => g.do('neg', x)))).toBe(0);
    expect(temporaryBytes(twice((g, x) => g.do('exp', x)))).toBe(4 * 5 * 4);
  });

  test('loops of one space that read the same share a kernel; strangers do not', () => {
    const graph = record((g) => {
      const [x, y] = [g.input([6]), g.input([6])];
      return [g.do('exp', x), g.do('sin', x), g.do('neg', y)];
    });
    expect(linesOf(graph)).toEqual(['0 loop [6] s2 = exp(s0); s3 = sin(s0)', '1 loop [6] s4 = neg(s1)']);
  });

  test('an operation on spread scalars is done once, before the loop', () => {
    const graph = record((g) => {
      const [x, rate] = [g.input([8, 8]), g.scalar()];
      return [g.do('mul', x, g.do('exp', g.spread(rate, [8, 8])))];
    });
    expect(linesOf(graph)).toEqual(['0 loop [] s2 = exp(c0)', '1 loop [64] s1 = s0 · s2{0}']);
  });

  test('what crosses a reshape that only splits or joins axes stays in one loop', () => {
    const graph = record((g) => {
      const [x, y] = [g.input([6, 4]), g.input([6, 2, 2])];
      return [g.do('mul', g.reshape(g.do('exp', x), [6, 2, 2]), y)];
    });
    expect(kindsOf(graph)).toEqual(['loop']);
    expectSame(graph, [noise(24), noise(24)]);
  });
});

describe('reductions', () => {
  test('absorb their producers, share a loop, and take what follows as epilogue', () => {
    const graph = record((g) => {
      const x = g.input([4, 100]);
      const square = g.do('mul', x, x);
      const mean = g.do('mul', g.sum(x, [1]), g.spread(g.constant(0.01), [4]));
      const energy = g.sum(square, [1]);
      return [g.do('sub', energy, g.do('mul', mean, mean)), mean];
    });
    expect(linesOf(graph)).toEqual([
      '0 loop [4 | 100] v5 = (sum(s0) · 0.01); s2{1, 0} = v5; s1{1, 0} = sum(s0 · s0) − (v5 · v5)',
    ]);
    expectSame(graph, [noise(400)]);
  });

  test('softmax is three loops and stores one array', () => {
    const graph = record((g) => {
      const x = g.input([8, 10]);
      const top = g.op('reduce', { op: 'max', axes: [1] }, x);
      const e = g.do('exp', g.do('sub', x, g.op('broadcast', { shape: [8, 10], axes: [0] }, top)));
      return [g.do('div', e, g.op('broadcast', { shape: [8, 10], axes: [0] }, g.sum(e, [1])))];
    });
    expect(kindsOf(graph)).toEqual(['loop', 'loop', 'loop']);
    // The exponentials, the maxima and the sums; the quotient is written over nothing that lives.
    expect(temporaryBytes(graph)).toBe(8 * 10 * 4 + 2 * 8 * 4);
    expectSame(graph, [noise(80)]);
  });
});

describe('products', () => {
  const dense = (g: Recorder, x: number, w: number, b: number): number => {
    const z = g.matmul(x, w);
    return g.do('add', z, g.spread(b, g.shape(z)));
  };

  test('take bias and activation, and store several results', () => {
    const graph = record((g) => {
      const z = dense(g, g.input([8, 3]), g.input([3, 5]), g.input([5]));
      return [g.do('tanh', z), z];
    });
    expect(linesOf(graph)).toEqual(['0 dot [8]×[5]×[3] v2 = ((s0 · s1) + s2{0, 1}); s4 = v2; s3 = tanh(v2)']);
  });

  test('give as much of it as the backend takes, and a loop for the rest', () => {
    const graph = record((g) => {
      const z = dense(g, g.input([8, 3]), g.input([3, 5]), g.input([5]));
      return [z, g.do('tanh', z)];
    });
    const short: Mode = { accepts: (kernel) => kernel.kind !== 'dot' || kernel.epilogue.length <= 2 };
    expect(linesOf(graph, short)).toEqual(['0 dot [8]×[5]×[3] s3 = (s0 · s1) + s2{0, 1}', '1 loop [40] s4 = tanh(s3)']);
    const bare: Mode = { accepts: (kernel) => kernel.kind !== 'dot' || kernel.epilogue.length === 0 };
    expect(linesOf(graph, bare)).toEqual([
      '0 dot [8]×[5]×[3] s5 = s0 · s1',
      '1 loop [8, 5] v2 = (s5 + s2{0, 1}); s3 = v2; s4 = tanh(v2)',
    ]);
    const none: Mode = { accepts: (kernel) => kernel.kind !== 'dot' };
    expect(kindsOf(graph, none)).toEqual(['loop']);
    for (const mode of [short, bare, none]) expectSame(graph, [noise(24), noise(15), noise(5)], 1e-5, mode);
  });

  test('store their result in the order in which it is wanted', () => {
    const graph = record((g) => {
      // Heads: [batch, head, time, size] goes to [batch, time, head · size] without a copy.
      const [a, v, w] = [g.input([2, 3, 4, 4]), g.input([2, 3, 4, 5]), g.input([15, 6])];
      const heads = g.op(
        'dot',
        {
          contract: [[3], [2]],
          batch: [
            [0, 1],
            [0, 1],
          ],
        },
        a,
        v,
      );
      const joined = g.reshape(g.transpose(heads, [0, 2, 1, 3]), [8, 15]);
      return [g.matmul(joined, w)];
    });
    expect(kindsOf(graph)).toEqual(['dot', 'dot']);
    expectSame(graph, [noise(96), noise(120), noise(90)]);
  });

  test('exchange their operands when the result is wanted transposed', () => {
    const graph = record((g) => [g.transpose(g.matmul(g.input([8, 3]), g.input([3, 5])), [1, 0])]);
    expect(linesOf(graph)).toEqual(['0 dot [5]×[8]×[3] s2 = s1{1, 5} · s0{1, 3}']);
    expectSame(graph, [noise(24), noise(15)]);
  });

  test('read split, moved and flipped operands where they are', () => {
    const graph = record((g) => {
      const [x, w] = [g.input([2, 4, 6]), g.input([2, 3, 5])];
      const heads = g.transpose(g.reshape(x, [2, 4, 3, 2]), [0, 2, 1, 3]);
      return [g.op('dot', { contract: [[3], [0]], batch: [[1], [1]] }, heads, g.op('flip', { axes: [0] }, w))];
    });
    expect(kindsOf(graph)).toEqual(['dot']);
    expectSame(graph, [noise(48), noise(30)]);
  });

  test('take a loop over the same elements with other axes', () => {
    const graph = record((g) => {
      const [x, w, y] = [g.input([4, 3]), g.input([3, 12]), g.input([4, 2, 6])];
      return [g.do('mul', g.reshape(g.matmul(x, w), [4, 2, 6]), y)];
    });
    expect(kindsOf(graph)).toEqual(['dot']);
    expectSame(graph, [noise(12), noise(36), noise(48)]);
  });
});

describe('structure', () => {
  test('nothing crosses a barrier', () => {
    const graph = record((g) => {
      const x = g.input([6]);
      const first = g.do('exp', x);
      const [y, again] = g.node('barrier', {}, first, x);
      return [g.do('add', y!, g.do('exp', again!))];
    });
    expect(linesOf(graph)).toEqual(['0 loop [6] s2 = exp(s0)', '1 loop [6] s1 = s2 + exp(s0)']);
  });

  test('a composite that the backend takes stays whole; fusion goes around it', () => {
    const body = record((g) => [g.do('tanh', g.input([3, 4]))]);
    const graph = record((g) => {
      const x = g.do('exp', g.input([4, 3]));
      return [
        g.do(
          'neg',
          g.op('composite', { name: 'fancy', params: { a: 1 }, body, inline: false }, g.transpose(x, [1, 0])),
        ),
      ];
    });
    const offered: Kernel[] = [];
    const target: Mode = {
      also: (kernel) => {
        if (kernel.kind === 'composite') offered.push(kernel);
        return kernel.kind === 'composite';
      },
    };
    // Its operand is laid out row-major by the loop that computes it.
    expect(linesOf(graph, target)).toEqual([
      '0 loop [4, 3] s2{1, 4} = exp(s0)',
      '1 fancy s3 = s2',
      '2 loop [12] s1 = neg(s3)',
    ]);
    expect(offered[0]).toMatchObject({ name: 'fancy', params: { a: 1 }, inputs: [{ shape: [3, 4] }] });
    expect(kindsOf(graph)).toEqual(['loop']);
  });

  test('a recurrent scan stores its carry and its history in the loop that makes them', () => {
    const cell = record((g) => {
      const [w, h, x] = [g.input([4, 4]), g.input([2, 4]), g.input([2, 4])];
      const next = g.do('tanh', g.do('add', g.matmul(h, w), x));
      return [next, next];
    });
    const graph = record((g) => {
      const [w, h, xs] = [g.input([4, 4]), g.input([2, 4]), g.input([9, 2, 4])];
      const params = { body: cell, length: 9, carries: 1, sequences: 1, reverse: false };
      const [last, ys, history] = g.node('scan', params, w, h, xs);
      return [last!, ys!, g.sum(history!, [0])];
    });
    expect(linesOf(graph)).toEqual([
      '0 loop [8] s3 = s1',
      '1 loop [8] s6 = s1',
      '2 repeat 9',
      '0 dot [2]×[4]×[4] s7 = s3 · s0',
      '1 loop [8] v3 = tanh(s7 + s2+8·t0); s3 = v3; s4+8·t0 = v3; s6+8+8·t0 = v3',
      '3 loop [8 | 9] s5{1, 0} = sum(s6{1, 8})',
    ]);
    expectSame(graph, [noise(16), noise(8), noise(72)], 1e-4);
  });
});
