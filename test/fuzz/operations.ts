/** The operations that random graphs are made of: for each, arguments that fit, what it does, and its text. */
import * as antler from '@antler/core';
import type { Tensor, Type } from '@antler/core';
import type { Chance } from '../seeded.js';

/** Plain data: what a step needs beside tensors. */
export type Params = Readonly<Record<string, unknown>>;

/** One kind of step. */
export interface Operation {
  /** How many values it takes, and of which sort each is. */
  readonly takes: readonly Sort[];
  /** Its parameters for arguments of these types, or undefined when they do not fit. */
  readonly draw: (chance: Chance, ...types: Type[]) => Params | undefined;
  readonly run: (args: readonly Tensor[], params: never) => Tensor;
}

/** What an argument may be; `index` is int32. */
export type Sort = 'float' | 'index' | 'bool' | 'any';

const nothing = (): Params => ({});
/** Made of numbers in the program, so that a traced graph has no inputs that nobody named. */
const indices = (at: readonly number[]): Tensor => antler.stack(at).cast('int32');
const shapeOf = (type: Type): readonly number[] => type.shape;

const unary = (f: (x: Tensor) => Tensor): Operation => ({ takes: ['float'], draw: nothing, run: ([x]) => f(x!) });
const fits = (a: readonly number[], b: readonly number[]): boolean => {
  const n = Math.max(a.length, b.length);
  const shape = Array.from({ length: n }, (_, i) => [a[a.length - n + i] ?? 1, b[b.length - n + i] ?? 1] as const);
  return (
    shape.every(([p, q]) => p === q || p === 1 || q === 1) && shape.reduce((s, [p, q]) => s * Math.max(p, q), 1) <= 96
  );
};
const binary = (f: (a: Tensor, b: Tensor) => Tensor): Operation => ({
  takes: ['float', 'float'],
  draw: (_chance, a, b) => (fits(a.shape, b.shape) ? {} : undefined),
  run: ([a, b]) => f(a!, b!),
});

type Folding = (x: Tensor, axis?: antler.Axes, keepDims?: boolean) => Tensor;
const folding = (f: Folding): Operation => ({
  takes: ['float'],
  draw: (chance, { shape }) => {
    if (shape.includes(0) || shape.length === 0) return undefined;
    const axes = shape.map((_, axis) => axis).filter(() => chance() < 0.6);
    return {
      axes: chance() < 0.2 ? undefined : axes.map((axis) => (chance() < 0.3 ? axis - shape.length : axis)),
      keep: chance() < 0.4,
    };
  },
  run: ([x], { axes, keep }: { readonly axes?: readonly number[]; readonly keep: boolean }) => f(x!, axes, keep),
});
const alongAxis = (f: (x: Tensor, axis: number) => Tensor): Operation => ({
  takes: ['float'],
  draw: (chance, { shape }) =>
    shape.length === 0 || shape.includes(0) ? undefined : { axis: chance.whole(-shape.length, shape.length - 1) },
  run: ([x], { axis }: { readonly axis: number }) => f(x!, axis),
});

function shuffled(chance: Chance, length: number): number[] {
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const k = chance.whole(0, i);
    [order[i], order[k]] = [order[k]!, order[i]!];
  }
  return order;
}

type Body = (c: Tensor, x: Tensor) => readonly [Tensor, Tensor];
const bodies: Readonly<Record<string, Body>> = {
  sums: (c, x) => [c.add(x), c],
  decays: (c, x) => [c.mul(0.5).add(x), c.mul(x)],
  recurs: (c, x) => [antler.tanh(c.add(x)), antler.sin(c)],
};

/** The table. */
export const operations: Readonly<Record<string, Operation>> = {
  negative: unary(antler.negative),
  abs: unary(antler.abs),
  sign: unary(antler.sign),
  floor: unary(antler.floor),
  exp: unary((x) => antler.exp(antler.minimum(x, 3))),
  sin: unary(antler.sin),
  cos: unary(antler.cos),
  tanh: unary(antler.tanh),
  sigmoid: unary(antler.sigmoid),
  erf: unary(antler.erf),
  relu: unary(antler.relu),
  softplus: unary(antler.softplus),
  square: unary((x) => antler.square(antler.clip(x, -4, 4))),
  sqrt: unary((x) => antler.sqrt(antler.abs(x).add(0.5))),
  log: unary((x) => antler.log(antler.abs(x).add(0.5))),
  expm1: unary((x) => antler.expm1(antler.clip(x, -2, 2))),
  scale: {
    takes: ['float'],
    draw: (chance) => ({ by: chance.pick([0, 1, -1, 2, 0.5, 3]) }),
    run: ([x], { by }: { readonly by: number }) => x!.mul(by),
  },
  shift: {
    takes: ['float'],
    draw: (chance) => ({ by: chance.pick([0, 1, -1, 0.25]) }),
    run: ([x], { by }: { readonly by: number }) => x!.add(by),
  },
  power: {
    takes: ['float'],
    draw: (chance) => ({ by: chance.pick([2, 3]) }),
    run: ([x], { by }: { readonly by: number }) => antler.power(antler.clip(x!, -2, 2), by),
  },
  add: binary(antler.add),
  subtract: binary(antler.subtract),
  multiply: binary(antler.multiply),
  divide: binary((a, b) => antler.divide(a, antler.abs(b).add(1))),
  maximum: binary(antler.maximum),
  minimum: binary(antler.minimum),
  arctan2: binary((a, b) => antler.arctan2(a, antler.abs(b).add(0.5))),
  remainder: binary((a, b) => antler.remainder(a, antler.abs(b).add(1))),
  less: binary(antler.less),
  greaterEqual: binary(antler.greaterEqual),
  where: {
    takes: ['bool', 'float', 'float'],
    draw: (_chance, c, a, b) =>
      fits(a.shape, b.shape) && fits(c.shape, a.shape) && fits(c.shape, b.shape) ? {} : undefined,
    run: ([c, a, b]) => antler.where(c!, a!, b!),
  },
  logicalNot: { takes: ['bool'], draw: nothing, run: ([x]) => antler.logicalNot(x!) },
  toFloat: { takes: ['any'], draw: nothing, run: ([x]) => (antler.isFloat(x!.dtype) ? x! : x!.cast('float32')) },
  wholePart: { takes: ['float'], draw: nothing, run: ([x]) => antler.clip(x!, -9, 9).cast('int32') },
  addIndices: {
    takes: ['index', 'index'],
    draw: (_c, a, b) => (fits(a.shape, b.shape) ? {} : undefined),
    run: ([a, b]) => a!.add(b!),
  },
  sum: folding(antler.sum),
  mean: folding(antler.mean),
  max: folding(antler.max),
  min: folding(antler.min),
  prod: folding((x, axis, keep) => antler.prod(antler.tanh(x), axis, keep)),
  variance: folding(antler.variance),
  logSumExp: folding(antler.logSumExp),
  softmax: alongAxis(antler.softmax),
  logSoftmax: alongAxis(antler.logSoftmax),
  flip: alongAxis((x, axis) => antler.flip(x, axis)),
  reshape: {
    takes: ['float'],
    draw: (chance, { shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const cut = [1, 2, 3, 4, 6].filter((n) => size % n === 0);
      const first = chance.pick(cut);
      return {
        shape: chance.pick([[size], [first, size / first], [size / first, first], [1, size], [first, 1, size / first]]),
      };
    },
    run: ([x], { shape }: { readonly shape: readonly number[] }) => antler.reshape(x!, shape),
  },
  transpose: {
    takes: ['float'],
    // A rotation is not its own inverse.
    draw: (chance, { shape: { length } }) => ({
      permutation: chance() < 0.5 ? Array.from({ length }, (_, i) => (i + 1) % length) : shuffled(chance, length),
    }),
    run: ([x], { permutation }: { readonly permutation: readonly number[] }) => antler.transpose(x!, permutation),
  },
  slice: {
    takes: ['float'],
    draw: (chance, { shape }) => {
      const start = shape.map((n) => chance.whole(0, Math.max(0, Math.min(1, n - 2))));
      return {
        start,
        limit: shape.map((n, i) => (chance() < 0.6 ? n : chance.whole(start[i]!, n))),
        stride: shape.map(() => chance.pick([1, 2])),
      };
    },
    run: (
      [x],
      { start, limit, stride }: { readonly start: number[]; readonly limit: number[]; readonly stride: number[] },
    ) => antler.slice(x!, start, limit, stride),
  },
  pad: {
    takes: ['float'],
    draw: (chance, { shape }) => ({
      widths: shape.map((n) => [chance.whole(n > 1 ? -1 : 0, 2), chance.whole(0, 2)]),
      value: chance.pick([0, 1.5]),
    }),
    run: (
      [x],
      { widths, value }: { readonly widths: readonly (readonly [number, number])[]; readonly value: number },
    ) => antler.pad(x!, widths, value),
  },
  broadcastTo: {
    takes: ['float'],
    draw: (chance, { shape }) =>
      shape.length > 3
        ? undefined
        : { shape: [chance.whole(1, 3), ...shape.map((n) => (n === 1 ? chance.whole(1, 3) : n))] },
    run: ([x], { shape }: { readonly shape: readonly number[] }) => antler.broadcastTo(x!, shape),
  },
  concatenate: {
    takes: ['float', 'float'],
    draw: (chance, a, b) => {
      if (a.shape.length !== b.shape.length || a.shape.length === 0) return undefined;
      const axes = shapeOf(a).flatMap((_, axis) =>
        a.shape.every((n, i) => i === axis || n === b.shape[i]) ? [axis] : [],
      );
      return axes.length === 0 ? undefined : { axis: chance.pick(axes) };
    },
    run: ([a, b], { axis }: { readonly axis: number }) => antler.concatenate([a!, b!, a!], axis),
  },
  stack: {
    takes: ['float', 'float'],
    draw: (chance, a, b) =>
      a.shape.length === b.shape.length && a.shape.length < 4 && a.shape.every((n, i) => n === b.shape[i])
        ? { axis: chance.whole(0, a.shape.length) }
        : undefined,
    run: ([a, b], { axis }: { readonly axis: number }) => antler.stack([a!, b!], axis),
  },
  matmul: {
    takes: ['float', 'float'],
    draw: (chance, a, b) => {
      if (a.shape.length === 0 || b.shape.length === 0) return undefined;
      const k = a.shape[a.shape.length - 1];
      if (b.shape.length === 1 || a.shape.length === 1)
        return b.shape[Math.max(0, b.shape.length - 2)] === k ? { turned: false } : undefined;
      if (!fits(a.shape.slice(0, -2), b.shape.slice(0, -2))) return undefined;
      const straight = b.shape[b.shape.length - 2] === k;
      const turned = b.shape[b.shape.length - 1] === k;
      return straight || turned ? { turned: turned && (!straight || chance() < 0.5) } : undefined;
    },
    run: ([a, b], { turned }: { readonly turned: boolean }) =>
      antler.matmul(a!, turned ? antler.swapAxes(b!, -1, -2) : b!),
  },
  take: {
    takes: ['float'],
    draw: (chance, { shape }) => {
      if (shape.length === 0 || shape.includes(0)) return undefined;
      const axis = chance.whole(0, shape.length - 1);
      const n = shape[axis]!;
      return { axis, at: Array.from({ length: chance.whole(1, 4) }, () => chance.whole(-n, n - 1)) };
    },
    run: ([x], { axis, at }: { readonly axis: number; readonly at: readonly number[] }) =>
      antler.take(x!, indices(at), axis),
  },
  takeAt: {
    takes: ['float', 'index'],
    draw: (_chance, { shape }, at) =>
      shape.length > 0 && shape[0]! > 0 && at.shape.length < 3 ? { n: shape[0] } : undefined,
    run: ([x, at], { n }: { readonly n: number }) => antler.take(x!, antler.clip(at!, -n, n - 1), 0),
  },
  scatterUpdate: {
    takes: ['float', 'float'],
    draw: (chance, x, u) => {
      if (x.shape.length !== u.shape.length || x.shape.length === 0 || x.shape[0] === 0 || u.shape[0] === 0)
        return undefined;
      if (x.shape.slice(1).some((n, i) => n !== u.shape[i + 1])) return undefined;
      const n = x.shape[0]!;
      return {
        at: Array.from({ length: u.shape[0]! }, () => chance.whole(-n, n - 1)),
        mode: chance.pick(['set', 'add', 'max', 'min']),
      };
    },
    run: ([x, u], { at, mode }: { readonly at: readonly number[]; readonly mode: 'set' | 'add' }) =>
      antler.scatterUpdate(x!, indices(at), u!, mode),
  },
  oneHot: {
    takes: ['index'],
    draw: (chance, { shape }) => (shape.length > 2 ? undefined : { n: chance.whole(1, 4) }),
    run: ([x], { n }: { readonly n: number }) => antler.oneHot(x!, n),
  },
  scan: {
    takes: ['float'],
    draw: (chance, { shape }) =>
      shape.length === 0 ? undefined : { body: chance.pick(Object.keys(bodies)), reverse: chance() < 0.4 },
    run: ([x], { body, reverse }: { readonly body: string; readonly reverse: boolean }) => {
      const [last, rows] = antler.scan(bodies[body]!, antler.zeros(x!.shape.slice(1), { dtype: x!.dtype }), x!, {
        reverse,
      });
      return rows.add(last);
    },
  },
  stopGradient: unary(antler.stopGradient),
};
