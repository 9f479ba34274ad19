/** Loops nobody would write by hand: random shapes, views, bodies, folds and epilogues against the naive evaluator. */
import {
  dtypes,
  isFloat,
  opcodes,
  type DType,
  type LoopKernel,
  type Opcode,
  type ReduceOp,
  type View,
} from '@antler/core';
import { hashOf, seeded, type Chance } from '../../seeded.js';
import { view, type Body, type Builder, type Place, type Value } from '../builder.js';
import type { Case } from '../device.js';
import { evaluateLoop } from '../evaluate.js';
import { expectEqual } from '../expect.js';
import { rounded } from '../numbers.js';
import type { Tolerance } from '../tolerance.js';

const programs = 200;

/** What the loops of a series are made of. */
interface Vocabulary {
  /** Dtypes among which values move; float64 has no exact arithmetic to compare with. */
  readonly used: readonly DType[];
  /** That of scalars, positions and constants. */
  readonly float: DType;
  /** Which dtypes each opcode is used on. Those without an entry, or with a tolerance on the device, are left out. */
  readonly domains: Partial<Record<Opcode, readonly DType[]>>;
}

function vocabulary(used: readonly DType[]): Vocabulary {
  const integers = used.filter((dtype) => dtypes[dtype].kind === 'int');
  const floats = used.filter(isFloat);
  const on = (list: readonly DType[], ...ops: readonly Opcode[]): Partial<Record<Opcode, readonly DType[]>> =>
    Object.fromEntries(ops.map((op) => [op, list]));
  const domains = {
    ...on(floats, 'floor', 'ceil', 'round', 'sqrt'),
    ...on([...floats, ...integers], 'neg', 'abs', 'sign', 'add', 'sub', 'mul', 'div', 'rem', 'max', 'min'),
    ...on([...integers, ...used.filter((dtype) => dtype === 'bool')], 'and', 'or', 'xor'),
    ...on(integers, 'shl', 'shr'),
    ...on(used, 'eq', 'ne', 'lt', 'le', 'select', 'cast'),
  };
  return { used, float: floats[0]!, domains };
}

const wide = vocabulary(['float32', 'int32', 'uint32', 'int8', 'uint8', 'bool']);
const narrow = vocabulary(['float16', 'bfloat16', 'float32', 'int32', 'uint8', 'bool']);

/** A random layout: how many elements it spans, and the view's offset and strides. */
interface Layout {
  readonly elements: number;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Axes in any order, steps, flips and slack; `repeats` allows stride 0 and overlapping windows too. */
function layout(chance: Chance, shape: readonly number[], repeats: boolean): Layout {
  const order = shape.map((_, axis) => axis).sort(() => chance() - 0.5);
  const strides = new Array<number>(shape.length).fill(0);
  let [span, low] = [1, 0];
  for (const axis of order) {
    if (repeats && chance() < 0.25) continue;
    const stride = repeats && chance() < 0.2 ? 1 : span + (chance() < 0.2 ? chance.whole(1, 3) : 0);
    const length = stride * Math.max(0, shape[axis]! - 1);
    const flipped = chance() < 0.25;
    strides[axis] = flipped ? -stride : stride;
    if (flipped) low -= length;
    span += length;
  }
  const slack = chance() < 0.5 ? 0 : chance.whole(1, 4);
  return { elements: span + slack, offset: slack - low, strides };
}

function randomValue(chance: Chance, dtype: DType): number {
  if (dtype === 'bool') return chance.whole(0, 1);
  const [low, high] = dtypes[dtype].range;
  if (isFloat(dtype)) {
    return rounded(
      chance() < 0.1 ? chance.pick([0, NaN, Infinity, -Infinity, 3e9]) : chance.whole(-800, 800) / 16,
      dtype,
    );
  }
  return chance() < 0.2 ? chance.pick([0, 1, low, high]) : chance.whole(Math.max(low, -100), 100);
}

function randomPlace(build: Builder, chance: Chance, dtype: DType, elements: number, role: 'input' | 'inout'): Place {
  const values = Array.from({ length: elements }, () => randomValue(chance, dtype));
  return build[role](dtype, [elements], values);
}

/** Appends one random instruction on the values at hand; gives null when the choice does not fit. */
function randomStep(
  chance: Chance,
  body: Body,
  values: readonly Value[],
  ops: readonly Opcode[],
  { used, domains }: Vocabulary,
): Value | null {
  const op = chance.pick(ops);
  const fits = (dtypesOfOp: readonly DType[]): Value[] => values.filter(({ dtype }) => dtypesOfOp.includes(dtype));
  const candidates = fits(domains[op]!);
  if (candidates.length === 0) return null;
  const first = chance.pick(candidates);
  const others = candidates.filter(({ dtype }) => dtype === first.dtype);
  if (op === 'cast') return body.op(op, [first], chance.pick(used.filter((dtype) => dtype !== first.dtype)));
  if (op === 'select') {
    const conditions = fits(['bool']);
    return conditions.length === 0 ? null : body.op(op, [chance.pick(conditions), first, chance.pick(others)]);
  }
  return body.op(op, opcodes[op].arity === 1 ? [first] : [first, chance.pick(others)]);
}

/** Float sums are exact in any order for small whole numbers alone, and float products never. */
function randomFold(chance: Chance, body: Body, values: readonly Value[], whole: ReadonlySet<Value>): Value | null {
  const op = chance.pick<ReduceOp>(['sum', 'prod', 'max', 'min']);
  const inexact = (value: Value): boolean =>
    isFloat(value.dtype) && (op === 'prod' || (op === 'sum' && !whole.has(value)));
  const candidates = values.filter((value) => value.dtype !== 'bool' && !inexact(value));
  return candidates.length === 0 ? null : body.reduce(op, chance.pick(candidates));
}

function randomShape(chance: Chance): number[] {
  const long = chance() < 0.15;
  const shape = Array.from({ length: chance.whole(0, long ? 2 : 4) }, () => (chance() < 0.03 ? 0 : chance.whole(1, 5)));
  if (long) shape.splice(chance.whole(0, shape.length), 0, chance.whole(500, 700));
  return shape;
}

/** Fills `build` with one random loop. */
function randomLoop(build: Builder, chance: Chance, tolerance: Tolerance, words: Vocabulary): void {
  const { used, float, domains } = words;
  const ops = (Object.keys(domains) as Opcode[]).filter((op) => tolerance[op] === 0);
  const shape = randomShape(chance);
  const reduced = chance() < 0.5 ? 0 : chance.whole(0, shape.length);
  const kept = shape.slice(0, shape.length - reduced);
  const still = (strides: readonly number[]): number[] => [...strides, ...new Array<number>(reduced).fill(0)];
  const scalars = chance() < 0.3 ? [build.scalar(float, rounded(chance() * 10, float))] : [];

  build.loop(shape, reduced, (body) => {
    const values: Value[] = [];
    const whole = new Set<Value>();
    const open = (dtype: DType, role: 'input' | 'inout', sizes: readonly number[]): View => {
      const { elements, offset, strides } = layout(chance, sizes, role === 'input');
      const all = sizes.length === shape.length ? strides : still(strides);
      return view(randomPlace(build, chance, dtype, elements, role), all, offset);
    };
    // One slot that is read, and overwritten at the end if a value of its dtype comes up.
    const inPlace = chance() < 0.4 ? open(chance.pick(used), 'inout', shape) : null;
    if (inPlace !== null) values.push(body.load(inPlace));
    for (let i = chance.whole(1, 3); i > 0; i--) values.push(body.load(open(chance.pick(used), 'input', shape)));
    for (const scalar of scalars) values.push(body.scalar(scalar, float));
    if (shape.length > 0) values.push(body.index(chance.whole(0, shape.length - 1), chance.pick(['int32', float])));
    values.push(body.constant(randomValue(chance, float), float), body.constant(randomValue(chance, 'int32'), 'int32'));
    for (const value of values.filter(({ dtype }) => dtype === 'uint8' || dtype === 'int8')) {
      const same = body.op('cast', [value], float);
      whole.add(same);
      values.push(same);
    }
    for (let i = chance.whole(1, 12); i > 0; i--) {
      const value = randomStep(chance, body, values, ops, words);
      if (value !== null) values.push(value);
    }

    const late: Value[] = [];
    for (let i = reduced > 0 ? chance.whole(1, 3) : 0; i > 0; i--) {
      const fold = randomFold(chance, body, values, whole);
      if (fold !== null) late.push(fold);
    }
    if (late.length > 0 && chance() < 0.6) {
      late.push(body.constant(randomValue(chance, float), float, 'epilogue'));
      late.push(body.load(open(chance.pick(used), 'input', kept), 'epilogue'));
      if (kept.length > 0) late.push(body.index(chance.whole(0, kept.length - 1), 'int32', 'epilogue'));
      const folds = late.length;
      for (let i = chance.whole(1, 5); i > 0; i--) {
        const value = randomStep(chance, body, late, ops, words);
        if (value !== null) late.push(value);
      }
      if (late.length === folds) late.push(body.op('eq', [late[folds - 1]!, late[folds - 1]!]));
    }

    if (inPlace !== null) {
      const same = values.filter(({ dtype }) => dtype === inPlace.dtype);
      body.store(inPlace, same[same.length - 1]!);
    }
    body.store(open(values.at(-1)!.dtype, 'inout', shape), values.at(-1)!);
    if (late.length > 0) body.store(open(late.at(-1)!.dtype, 'inout', kept), late.at(-1)!);
  });
}

function caseOf(name: string, words: Vocabulary): Case {
  const run: Case['run'] = async (device) => {
    const build = device.builder();
    randomLoop(build, seeded(hashOf(name)), device.tolerance, words);
    const kernel = build.program().kernels[0] as LoopKernel;
    const memory = new Map(build.places.map((place): [number, number[]] => [place.slot, [...place.values]]));
    evaluateLoop(kernel, memory, build.scalars);
    const results = await device.run(build);
    for (const place of build.places) {
      expectEqual(results(place), memory.get(place.slot)!, `slot ${place.slot} of ${JSON.stringify(kernel)}`);
    }
  };
  return { name, dtypes: words.used, run };
}

/** Cases of the layer. */
export const randomCases: readonly Case[] = [
  ...Array.from({ length: programs }, (_, number) => caseOf(`random loop ${number}`, wide)),
  ...Array.from({ length: programs }, (_, number) => caseOf(`random loop of 16-bit floats ${number}`, narrow)),
];
