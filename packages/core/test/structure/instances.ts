/** Structural operations with parameters drawn at random: axes, strides, windows, groups, whatever their rules allow. */
import type { Chance } from '../../../../test/seeded.js';
import { convRoles, type ConvParams, type WindowParams } from '../../src/ops/primitives/convolution.js';
import * as lax from '../../src/lax.js';
import { conv } from '../../src/ops/primitives/conv.js';
import { dynamicSlice, dynamicUpdateSlice } from '../../src/ops/primitives/dynamic.js';
import { gather, scatter } from '../../src/ops/primitives/indexing.js';
import { cumulate, sort } from '../../src/ops/primitives/ordering.js';
import { unwindow, window } from '../../src/ops/primitives/window.js';
import type { Value } from '../../src/node.js';
import * as antler from '../../src/index.js';
import { Tensor, tensor, type Shape } from '../../src/index.js';
import { composite } from '../../src/ops/composites/composite.js';

/** An operation with its parameters, ready to be applied. */
export interface Instance {
  /** The operation and its parameters, as they were drawn. */
  readonly text: string;
  readonly shapes: readonly Shape[];
  readonly f: (xs: readonly Value[]) => readonly Value[];
  /** Linear in all inputs together, in each of them while the others rest, or neither. */
  readonly kind: 'linear' | 'multilinear' | 'smooth';
}

type Draw = (chance: Chance) => Omit<Instance, 'text'> & { readonly params: object };

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const some = <T>(n: number, make: (i: number) => T): T[] => upTo(n).map(make);
const sizes = (chance: Chance, rank: number, least = 1, most = 4): number[] =>
  some(rank, () => chance.whole(least, most));
const shapeOf = (chance: Chance, least = 1, most = 3): number[] => sizes(chance, chance.whole(least, most));
const subset = <T>(chance: Chance, list: readonly T[]): T[] => list.filter(() => chance() < 0.5);

/** A list in random order. */
export function shuffled<T>(chance: Chance, list: readonly T[]): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(chance.whole(0, rest.length - 1), 1)[0]!);
}

const ints = (values: readonly number[], shape: Shape): Value => tensor(Int32Array.from(values), { shape }).handle;
const product = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Indices for a gather or scatter of x, which count from either end. */
function drawIndices(chance: Chance): { batch: number; x: number[]; at: number[]; values: number[]; rows: number[] } {
  const [outer, indexed] = [sizes(chance, chance.whole(0, 2), 1, 3), sizes(chance, chance.whole(1, 2), 1, 4)];
  const [index, inner] = [sizes(chance, chance.whole(0, 2), 1, 3), sizes(chance, chance.whole(0, 1), 1, 3)];
  const at = [...outer, ...index, indexed.length];
  const values = some(product(at), (i) => {
    const n = indexed[i % indexed.length]!;
    return chance.whole(-n, n - 1);
  });
  return { batch: outer.length, x: [...outer, ...indexed, ...inner], at, values, rows: [...outer, ...index, ...inner] };
}

function drawWindow(chance: Chance, shape: number[]): WindowParams {
  const axes = shuffled(chance, subset(chance, upTo(shape.length))).sort((a, b) => a - b);
  const chosen = axes.length > 0 ? axes : [0];
  const params = { axes: chosen, sizes: [] as number[], strides: [] as number[], dilation: [] as number[] };
  for (const axis of chosen) {
    const [taps, dilation] = [chance.whole(1, 3), chance.whole(1, 2)];
    params.sizes.push(taps);
    params.dilation.push(dilation);
    params.strides.push(chance.whole(1, 3));
    shape[axis] = (taps - 1) * dilation + chance.whole(1, 4);
  }
  return params;
}

/** Geometry with padding that adds or cuts, and shapes that leave no rest. */
function drawConv(chance: Chance): { params: ConvParams; shapes: Shape[] } {
  const rank = chance.whole(1, 3);
  const groups = chance.pick([1, 1, 2, 3]);
  const [batch, ins, outs] = [chance.whole(1, 2), groups * chance.whole(1, 2), groups * chance.whole(1, 2)];
  const axes = some(rank, () => {
    for (;;) {
      const [count, taps, stride, dilation] = [chance.whole(1, 3), chance.whole(1, 3), chance.whole(1, 3), chance.whole(1, 2)];
      const [low, high] = [chance.whole(-1, 2), chance.whole(-1, 2)];
      const size = (count - 1) * stride + (taps - 1) * dilation + 1 - low - high;
      if (size >= 1) return { count, taps, stride, dilation, padding: [low, high] as const, size };
    }
  });
  const params: ConvParams = {
    map: chance.pick(['output', 'input', 'kernel'] as const),
    strides: axes.map(({ stride }) => stride),
    padding: axes.map(({ padding }) => padding),
    dilation: axes.map(({ dilation }) => dilation),
    groups,
  };
  const shapes = {
    input: [batch, ...axes.map(({ size }) => size), ins],
    kernel: [...axes.map(({ taps }) => taps), ins / groups, outs],
    output: [batch, ...axes.map(({ count }) => count), outs],
  };
  return { params, shapes: convRoles[params.map].map((role) => shapes[role]) };
} // prettier-ignore

/** An equation whose labels repeat, vanish and broadcast. */
function drawEinsum(chance: Chance): { equation: string; shapes: number[][] } {
  const labels = [...'abcd'];
  const size = new Map(labels.map((label) => [label, chance.whole(1, 3)]));
  const terms = some(chance.whole(1, 3), () => some(chance.whole(1, 3), () => chance.pick(labels)));
  const used = labels.filter((label) => terms.some((term) => term.includes(label)));
  const output = shuffled(chance, subset(chance, used));
  const shapes = terms.map((term) =>
    term.map((label) => {
      const isAlone = term.filter((other) => other === label).length === 1;
      return isAlone && chance() < 0.15 ? 1 : size.get(label)!;
    }),
  );
  return { equation: `${terms.map((term) => term.join('')).join(',')}->${output.join('')}`, shapes };
}

const drawAxes = (chance: Chance, rank: number): number[] => {
  const chosen = subset(chance, upTo(rank));
  return chosen.length > 0 ? chosen : [chance.whole(0, rank - 1)];
};

type OnTensors = (...xs: Tensor[]) => Tensor;
const onTensors =
  (f: OnTensors): Instance['f'] =>
  (xs) => [f(...xs.map((x) => new Tensor(x))).handle];

/** Sizes for a pool or a kernel, and an image that they fit into. */
function drawImage(chance: Chance): { rank: number; spatial: number[]; taps: number[]; strides: number[]; dilation: number[]; padding: antler.Padding } {
  const rank = chance.whole(1, 3);
  const taps = sizes(chance, rank, 1, 3);
  const dilation = sizes(chance, rank, 1, 2);
  const spatial = taps.map((n, i) => (n - 1) * dilation[i]! + chance.whole(1, 4 - rank + 1));
  const widths = some(rank, () => [chance.whole(0, 2), chance.whole(0, 2)] as const);
  return { rank, spatial, taps, strides: sizes(chance, rank, 1, 3), dilation, padding: chance.pick(['valid', 'same', widths]) };
} // prettier-ignore

/** The table: each operation with the way its parameters are drawn. */
export const draws: Readonly<Record<string, Draw>> = {
  slice(chance) {
    const shape = shapeOf(chance);
    const start = shape.map((n) => chance.whole(0, n));
    const limit = shape.map((n, i) => chance.whole(start[i]!, n));
    const stride = sizes(chance, shape.length, 1, 3);
    return { params: { start, limit, stride }, shapes: [shape], kind: 'linear', f: ([x]) => [lax.slice(x!, start, limit, stride)] };
  },
  pad(chance) {
    const shape = shapeOf(chance);
    const interior = sizes(chance, shape.length, 0, 2);
    const low = sizes(chance, shape.length, -2, 3);
    const high = shape.map((n, i) => Math.max(chance.whole(-2, 3), -(n + (n - 1) * interior[i]! + low[i]!)));
    return { params: { low, high, interior }, shapes: [shape, []], kind: 'linear', f: ([x, filler]) => [lax.pad(x!, filler!, low, high, interior)] };
  },
  concat(chance) {
    const shape = shapeOf(chance);
    const axis = chance.whole(0, shape.length - 1);
    const shapes = some(chance.whole(1, 4), () => shape.map((n, i) => (i === axis ? chance.whole(0, 3) : n)));
    const order = [...upTo(shapes.length), chance.whole(0, shapes.length - 1)];
    return { params: { axis, order }, shapes, kind: 'linear', f: (xs) => [lax.concat(order.map((i) => xs[i]!), axis)] };
  },
  flip(chance) {
    const shape = shapeOf(chance);
    const axes = drawAxes(chance, shape.length);
    return { params: { axes }, shapes: [shape], kind: 'linear', f: ([x]) => [lax.flip(x!, axes)] };
  },
  transpose(chance) {
    const shape = shapeOf(chance, 1, 4);
    const permutation = shuffled(chance, upTo(shape.length));
    return { params: { permutation }, shapes: [shape], kind: 'linear', f: ([x]) => [lax.transpose(x!, permutation)] };
  },
  broadcast(chance) {
    const to = shapeOf(chance, 1, 4);
    const axes = subset(chance, upTo(to.length));
    const from = axes.map((axis) => (chance() < 0.4 ? 1 : to[axis]!));
    return { params: { to, axes }, shapes: [from], kind: 'linear', f: ([x]) => [lax.broadcast(x!, to, axes)] };
  },
  gather(chance) {
    const { batch, x: shape, at, values } = drawIndices(chance);
    return { params: { batch, at, values }, shapes: [shape], kind: 'linear', f: ([x]) => [gather(x!, ints(values, at), batch)] };
  },
  scatter(chance) {
    const { batch, x: shape, at, values, rows } = drawIndices(chance);
    const mode = chance.pick(['set', 'add', 'max', 'min'] as const);
    return {
      params: { mode, batch, at, values },
      shapes: [shape, rows],
      kind: mode === 'set' || mode === 'add' ? 'linear' : 'smooth',
      f: ([x, updates]) => [scatter(x!, ints(values, at), updates!, batch, mode)],
    };
  },
  dynamicSlice(chance) {
    const shape = shapeOf(chance);
    const window = shape.map((n) => chance.whole(1, n));
    const start = shape.map((n) => chance.whole(-2, n + 1));
    return { params: { window, start }, shapes: [shape], kind: 'linear', f: ([x]) => [dynamicSlice(x!, ints(start, [shape.length]), window)] };
  },
  dynamicUpdateSlice(chance) {
    const shape = shapeOf(chance);
    const window = shape.map((n) => chance.whole(1, n));
    const start = shape.map((n) => chance.whole(-2, n + 1));
    return { params: { window, start }, shapes: [shape, window], kind: 'linear', f: ([x, updates]) => [dynamicUpdateSlice(x!, ints(start, [shape.length]), updates!)] };
  },
  window(chance) {
    const shape = shapeOf(chance);
    const params = drawWindow(chance, shape);
    return { params, shapes: [shape], kind: 'linear', f: ([x]) => [window(x!, params)] };
  },
  unwindow(chance) {
    const shape = shapeOf(chance);
    const params = drawWindow(chance, shape);
    const counts = shape.map((n, axis) => {
      const i = params.axes.indexOf(axis);
      return i < 0 ? n : Math.floor((n - (params.sizes[i]! - 1) * params.dilation[i]! - 1) / params.strides[i]!) + 1;
    });
    return { params: { ...params, shape }, shapes: [[...counts, ...params.sizes]], kind: 'linear', f: ([x]) => composite(unwindow, [x!], { ...params, shape }) };
  },
  conv(chance) {
    const { params, shapes } = drawConv(chance);
    return { params, shapes, kind: 'multilinear', f: ([a, b]) => [conv(a!, b!, params)] };
  },
  'conv of the user'(chance) {
    const { rank, spatial, taps, strides, dilation, padding } = drawImage(chance);
    const [channels, more] = [chance.whole(1, 3), chance.whole(1, 2)];
    const options = chance() < 0.5 ? { strides, padding } : { dilationRate: dilation, padding };
    const which = chance.pick(['conv', 'depthwiseConv', 'separableConv'] as const);
    const image = [chance.whole(1, 2), ...spatial, channels];
    const pointwise = [...some(rank, () => 1), channels * more, chance.whole(1, 2)];
    return {
      params: { which, ...options },
      shapes: [image, [...taps, channels, more], ...(which === 'separableConv' ? [pointwise] : [])],
      kind: 'multilinear',
      f: onTensors((x, w, v) => (which === 'separableConv' ? antler.separableConv(x, w, v, options) : antler[which](x, w, options))),
    };
  },
  convTranspose(chance) {
    const { rank, taps, strides } = drawImage(chance);
    const [channels, filters] = [chance.whole(1, 2), chance.whole(1, 2)];
    const options = { strides, padding: chance.pick(['valid', 'same'] as const) };
    const shapes = [[1, ...sizes(chance, rank, 1, 3), channels], [...taps, filters, channels]];
    return { params: options, shapes, kind: 'multilinear', f: onTensors((x, w) => antler.convTranspose(x, w, options)) };
  },
  maxPool(chance) {
    const { spatial, taps, strides, padding } = drawImage(chance);
    const shape = [chance.whole(1, 2), ...spatial, chance.whole(1, 2)];
    const own = typeof padding === 'string' ? padding : ('same' as const);
    return { params: { taps, strides, padding: own }, shapes: [shape], kind: 'smooth', f: onTensors((x) => antler.maxPool(x, taps, { strides, padding: own })) };
  },
  averagePool(chance) {
    const { spatial, taps, strides, padding } = drawImage(chance);
    const shape = [chance.whole(1, 2), ...spatial, chance.whole(1, 2)];
    const own = typeof padding === 'string' ? padding : ('same' as const);
    return { params: { taps, strides, padding: own }, shapes: [shape], kind: 'linear', f: onTensors((x) => antler.averagePool(x, taps, { strides, padding: own })) };
  },
  cumulate(chance) {
    const shape = shapeOf(chance);
    const axis = chance.whole(0, shape.length - 1);
    const params = { op: chance.pick(['sum', 'prod', 'max', 'min'] as const), axis, reverse: chance() < 0.5, exclusive: chance() < 0.5 };
    // An exclusive extremum of nothing is infinite: it is cut off.
    const isCut = params.exclusive && (params.op === 'max' || params.op === 'min');
    const start = shape.map((_, i) => (isCut && i === axis && !params.reverse ? 1 : 0));
    const limit = shape.map((n, i) => (isCut && i === axis && params.reverse ? n - 1 : n));
    return { params, shapes: [shape], kind: params.op === 'sum' ? 'linear' : 'smooth', f: ([x]) => [lax.slice(cumulate(x!, params), start, limit)] };
  },
  sort(chance) {
    const shape = shapeOf(chance);
    const [axis, descending] = [chance.whole(0, shape.length - 1), chance() < 0.5];
    const shapes = some(chance.whole(1, 3), () => shape);
    return { params: { axis, descending }, shapes, kind: 'smooth', f: (xs) => sort(xs, axis, descending) };
  },
  reduce(chance) {
    const shape = shapeOf(chance);
    const [op, axes] = [chance.pick(['sum', 'prod', 'max', 'min'] as const), drawAxes(chance, shape.length)];
    return { params: { op, axes }, shapes: [shape], kind: op === 'sum' ? 'linear' : 'smooth', f: ([x]) => [lax.reduce(op, x!, axes)] };
  },
  dot(chance) {
    const [batch, contract] = [sizes(chance, chance.whole(0, 2), 1, 3), sizes(chance, chance.whole(0, 2), 1, 3)];
    const sides = some(2, () => {
      const own = sizes(chance, chance.whole(0, 2), 1, 3);
      const all = [...batch, ...contract, ...own];
      const order = shuffled(chance, upTo(all.length));
      const place = (i: number): number => order.indexOf(i);
      return { shape: order.map((i) => all[i]!), batch: batch.map((_, i) => place(i)), contract: contract.map((_, i) => place(batch.length + i)) };
    });
    const [a, b] = sides as [(typeof sides)[0], (typeof sides)[0]];
    const pairs = { contract: [a.contract, b.contract], batch: [a.batch, b.batch] } as const;
    return { params: pairs, shapes: [a.shape, b.shape], kind: 'multilinear', f: ([x, y]) => [lax.dot(x!, y!, pairs.contract, pairs.batch)] };
  },
  einsum(chance) {
    const { equation, shapes } = drawEinsum(chance);
    return { params: { equation }, shapes, kind: 'multilinear', f: onTensors((...xs) => antler.einsum(equation, ...xs)) };
  },
  arrangement(chance) {
    const shape = sizes(chance, 3, 1, 4);
    const axis = chance.whole(-3, 2);
    const [k, times] = [chance.whole(-3, 3), chance.whole(0, 3)];
    const counts = sizes(chance, 3, 0, 2);
    const [from, to] = [shuffled(chance, [0, 1, 2]).slice(0, 2), shuffled(chance, [0, 1, 2]).slice(0, 2)];
    const [name, f] = chance.pick<readonly [string, OnTensors]>([
      ['roll', (x) => antler.roll(x, k, axis)],
      ['repeat', (x) => antler.repeat(x, times, axis)],
      ['tile', (x) => antler.tile(x, counts)],
      ['tril', (x) => antler.tril(x, k)],
      ['triu', (x) => antler.triu(x, k)],
      ['diagonal', (x) => antler.diagonal(x, k, from[0], from[1])],
      ['diff', (x) => antler.diff(x, times, axis)],
      ['moveAxis', (x) => antler.moveAxis(x, from, to)],
      ['split', (x) => antler.concatenate(antler.split(x, [1, 3], axis).reverse(), axis)],
      ['reshape', (x) => antler.transpose(antler.reshape(antler.transpose(x), [-1, shape[0]!]))],
    ]);
    return { params: { name, axis, k, times, counts, from, to }, shapes: [shape], kind: 'linear', f: onTensors(f) };
  },
  scan(chance) {
    const [length, width, reverse] = [chance.whole(1, 4), chance.whole(1, 3), chance() < 0.5];
    return {
      params: { reverse },
      shapes: [[width], [length, width], [width]],
      kind: 'smooth',
      f: ([carry, xs, w]) => {
        const step = (c: Tensor, e: Tensor): [Tensor, Tensor] => [antler.tanh(c.mul(new Tensor(w!)).add(e)), c.mul(e)];
        const [last, all] = antler.scan(step, new Tensor(carry!), new Tensor(xs!), { reverse });
        return [last.handle, all.handle];
      },
    };
  },
}; // prettier-ignore

/** The instance of a number: the operations in turn, each with its own parameters. */
export function draw(chance: Chance, number: number): Instance {
  const names = Object.keys(draws);
  const name = names[number % names.length]!;
  const { params, ...rest } = draws[name]!(chance);
  return { ...rest, text: `${name} ${JSON.stringify(params)} of ${rest.shapes.map((shape) => `[${shape.join(', ')}]`).join(', ')}` };
} // prettier-ignore
