/** Random graphs: any primitives in any order, with shapes that meet often, so that fusion has something to get wrong. */
import type { Graph, Primitive } from '@antler/core';
import type { Chance } from '../../../../test/seeded.js';
import type { Numbers } from './evaluate.js';
import { Recorder } from './recorder.js';

/** A graph with numbers to run it on and pairs that may be donated. */
export interface RandomCase {
  readonly graph: Graph;
  readonly inputs: readonly Numbers[];
  readonly donate: readonly (readonly [output: number, input: number])[];
}

const unary: readonly Primitive[] = ['neg', 'abs', 'sin', 'tanh', 'logistic', 'floor', 'exp'];
const binary: readonly Primitive[] = ['add', 'sub', 'mul', 'max', 'min'];
const sizes: readonly number[] = [1, 2, 3, 4];

type Grow = (g: Recorder, chance: Chance, pick: () => number, indices: number) => readonly number[];

/** Keeps numbers near one, so that distances stay comparable. */
const tame = (g: Recorder, value: number): number => g.do('tanh', value);

const matching = (g: Recorder, chance: Chance, pick: () => number, shape: readonly number[]): number => {
  for (let tries = 0; tries < 8; tries++) {
    const other = pick();
    if (g.shape(other).join() === shape.join()) return other;
    const suffix = shape.slice(shape.length - g.shape(other).length);
    if (g.shape(other).length < shape.length && g.shape(other).join() === suffix.join()) return g.spread(other, shape);
  }
  return g.spread(g.constant(Math.fround(chance())), shape);
};

const grows: readonly Grow[] = [
  (g, chance, pick) => [g.do(chance.pick(unary), pick())].map((value) => tame(g, value)),
  (g, chance, pick) => [g.do(chance.pick(unary), pick())].map((value) => tame(g, value)),
  (g, chance, pick) => {
    const x = pick();
    return [g.do(chance.pick(binary), x, matching(g, chance, pick, g.shape(x)))];
  },
  (g, chance, pick) => {
    const x = pick();
    return [g.do(chance.pick(binary), matching(g, chance, pick, g.shape(x)), x)];
  },
  (g, chance, pick) => {
    const x = pick();
    const y = matching(g, chance, pick, g.shape(x));
    return [g.do('select', g.do('lt', x, y), y, x)];
  },
  (g, chance, pick) => {
    const x = pick();
    const rank = g.shape(x).length;
    const order = Array.from({ length: rank }, (_, axis) => axis);
    for (let i = rank - 1; i > 0; i--) {
      const j = chance.whole(0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return [g.transpose(x, order)];
  },
  (g, chance, pick) => {
    const x = pick();
    const total = g.shape(x).reduce((a, b) => a * b, 1);
    const first = chance.pick([1, 2, 3, 4].filter((n) => total % n === 0));
    return [g.reshape(x, chance.pick([[first, total / first], [total / first, first], [total]]))];
  },
  (g, chance, pick) => {
    const x = pick();
    return [g.op('flip', { axes: g.shape(x).flatMap((_, axis) => (chance() < 0.5 ? [axis] : [])) }, x)];
  },
  (g, chance, pick) => {
    const x = pick();
    const start = g.shape(x).map((size) => chance.whole(0, Math.max(0, size - 1)));
    const limit = g.shape(x).map((size, axis) => chance.whole(Math.min(size, start[axis]! + 1), size));
    return [g.op('slice', { start, limit, stride: start.map(() => chance.whole(1, 2)) }, x)];
  },
  (g, chance, pick) => {
    const x = pick();
    const axes = g.shape(x).flatMap((_, axis) => (chance() < 0.6 ? [axis] : []));
    return [tame(g, g.op('reduce', { op: chance.pick(['sum', 'max', 'min', 'prod'] as const), axes }, x))];
  },
  (g, chance, pick) => {
    const x = pick();
    if (g.shape(x).length === 0) return [];
    const axis = chance.whole(0, g.shape(x).length - 1);
    return [g.op('concat', { axis }, x, matching(g, chance, pick, g.shape(x)), g.do('neg', x))];
  },
  (g, chance, pick) => {
    const x = pick();
    const low = g.shape(x).map((size) => chance.whole(-Math.min(1, size - 1), 1));
    const interior = low.map(() => chance.whole(0, 1));
    return [g.op('pad', { low, high: low.map(() => chance.whole(0, 1)), interior }, x, g.constant(0.5))];
  },
  (g, chance, pick) => {
    const [a, b] = [pick(), pick()];
    const pairs = g.shape(a).flatMap((n, i) => g.shape(b).flatMap((m, j) => (n === m ? [[i, j] as const] : [])));
    if (pairs.length === 0) return [];
    const [i, j] = chance.pick(pairs);
    return [tame(g, g.op('dot', { contract: [[i], [j]], batch: [[], []] }, a, b))];
  },
  (g, _chance, pick, indices) => {
    const x = pick();
    return g.shape(x).length === 0 || g.shape(x)[0] === 0 ? [] : [g.op('gather', { batch: 0 }, x, indices)];
  },
  (g, chance, pick, indices) => {
    const x = pick();
    if (g.shape(x).length === 0) return [];
    const updates = matching(g, chance, pick, [3, ...g.shape(x).slice(1)]);
    return [tame(g, g.op('scatter', { batch: 0, mode: chance.pick(['set', 'add', 'max']) }, x, indices, updates))];
  },
  (g, _chance, pick) => g.node('barrier', {}, pick(), pick()),
  (g, chance, pick, indices) => {
    // Constants, two carries and two sequences; a body of any nodes, which may hold a scan itself.
    const shape = chance.pick([[3], [2, 3], [1], []]);
    const length = chance.whole(0, 3);
    const reverse = chance() < 0.5;
    const [first, second, stacked] = [pick(), pick(), pick()];
    const sequences = [
      matching(g, chance, pick, [length, ...shape]),
      g.transpose(g.spread(stacked, [...g.shape(stacked)]), [...g.shape(stacked).keys()]),
    ].slice(0, g.shape(stacked)[0] === length ? 2 : 1);
    const carries = [matching(g, chance, pick, shape), matching(g, chance, pick, shape)];
    const constants = [first, second, indices];
    const operands = [...constants, ...carries, ...sequences];
    const body = new Recorder();
    const inputs = operands.map((value, i) => {
      const { shape: full, dtype } = g.types[value]!;
      return body.input(i < operands.length - sequences.length ? full : full.slice(1), dtype);
    });
    const values = inputs.filter((value) => body.types[value]!.dtype === 'float32');
    const choose = growSome(body, chance, values, inputs[2]!, chance.whole(0, 6));
    const next = [matching(body, chance, choose, shape), matching(body, chance, choose, shape)];
    const graph = body.graph(...next.map((value) => tame(body, value)), choose(), choose());
    return g.node('scan', { body: graph, length, carries: 2, sequences: sequences.length, reverse }, ...operands);
  },
];

/** Adds nodes; gives the way to choose among all values, mostly of what was made lately, so that chains get long. */
function growSome(g: Recorder, chance: Chance, values: number[], indices: number, count: number): () => number {
  const pick = (): number =>
    chance() < 0.6 ? values[values.length - 1 - chance.whole(0, Math.min(3, values.length - 1))]! : chance.pick(values);
  for (let left = count; left > 0; left--) {
    const made = chance.pick(grows)(g, chance, pick, indices);
    for (const value of made) if (g.shape(value).reduce((a, b) => a * b, 1) <= 400) values.push(value);
  }
  return pick;
}

/** A reproducible graph of some nodes. */
export function randomCase(chance: Chance): RandomCase {
  const g = new Recorder();
  const shapes = Array.from({ length: chance.whole(1, 4) }, () =>
    Array.from({ length: chance.whole(0, 3) }, () => chance.pick(sizes)),
  );
  const values = shapes.map((shape) => g.input(shape));
  const scalar = g.scalar();
  const indices = g.input([3, 1], 'int32');
  values.push(scalar);
  const pick = growSome(g, chance, values, indices, chance.whole(3, 25));
  const outputs = Array.from({ length: chance.whole(1, 4) }, pick);
  const donate: [number, number][] = [];
  shapes.forEach((shape, input) => {
    const output = outputs.findIndex(
      (value, i) => g.shape(value).join() === shape.join() && !donate.some(([taken]) => taken === i),
    );
    if (output >= 0 && chance() < 0.8) donate.push([output, input]);
  });
  const inputs = g.types
    .slice(0, shapes.length + 2)
    .map(({ shape, dtype }) =>
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
        dtype === 'int32' ? 0 : Math.fround(chance() * 2 - 1),
      ),
    );
  return { graph: g.graph(...outputs), inputs, donate };
}
