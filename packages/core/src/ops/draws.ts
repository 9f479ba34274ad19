/**
 * Random numbers: Threefry-2x32-20 on counters (Salmon et al., 2011), so that element i of a draw depends on the key and i
 * alone and is the same on every backend.
 */
import { randomBits } from './primitives/random.js';
import { bindOne } from '../bind.js';
import { isHandle, toValue, type Operand } from '../operand.js';
import { isFloat, type DType } from '../dtype.js';
import { DTypeError, ShapeError, ValueError, describe } from '../errors.js';
import { elementsOf, isHalf, numbersOf, type Half } from '../halves.js';
import { create } from './host.js';
import * as lax from '../lax.js';
import type { Handle, Value } from '../node.js';
import { checkShape, showShape, sizeOf, type Shape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { Variable } from '../variable.js';

/** High counter word of `split`; draws have less than 2^32 · 0xFFFFFFFF elements, so they never meet it. */
const SPLIT_TAG = 0xffffffff;

/** A key for random functions: two uint32 words made of a seed in [0, 2^53). */
export function key(seed: number): Tensor {
  return new Tensor(create('key', keyWords('key', seed), {}));
}

function keyWords(where: string, seed: number): Uint32Array {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ValueError(describe(where, 'a whole number in [0, 2^53)', String(seed)));
  }
  return Uint32Array.of(Math.floor(seed / 2 ** 32), seed % 2 ** 32);
}

/** A source of keys: what random functions use when they are given none, or a generator instead of a key. */
export class Generator {
  /** Key (two words) and the number of keys taken so far: a variable, so that draws inside jit advance it. */
  readonly state: Variable;

  constructor(seed: number) {
    this.state = new Variable(stateWords('Generator', seed), { name: 'random', trainable: false });
  }

  /** Starts over from a seed. */
  seed(seed: number): void {
    this.state.assign(new Tensor(create('seed', stateWords('seed', seed), {})));
  }

  /** The next key. */
  next(): Tensor {
    const state = this.state.handle;
    const word = (i: number): Value => lax.slice(state, [i], [i + 1]);
    const count = word(2);
    this.state.assign(new Tensor(lax.concat([word(0), word(1), lax.add(count, lax.fill(count.type, 1))], 0)));
    return new Tensor(splitWords(word(0), word(1), lax.mul(count, lax.fill(count.type, 2)), 1));
  }
}

function stateWords(where: string, seed: number): Uint32Array {
  return Uint32Array.of(...keyWords(where, seed), 0);
}

/** Words of `count` keys: the cipher on distinct counters under the reserved tag. */
function splitWords(k0: Value, k1: Value, first: Value, count: number): Value {
  const n = 2 * count;
  const shape = [n];
  const low = lax.add(lax.iota(n, 'uint32'), lax.broadcastLike(first, shape));
  const spread = (x: Value): Value => lax.broadcastLike(x, shape);
  return randomBits(spread(k0), spread(k1), lax.fill({ shape, dtype: 'uint32' }, SPLIT_TAG), low);
}

let global: Generator | undefined;

/** The generator that is used when none is given. Its first seed comes from the clock. */
export function globalGenerator(): Generator {
  return (global ??= new Generator(Math.floor(Math.random() * 2 ** 53)));
}

/**
 * Seeds the global generator, so that what follows is reproducible.
 * @example random.seed(42)
 */
export function seed(value: number): void {
  globalGenerator().seed(value);
}

/** Where a draw takes its key from: a key, a generator, or (undefined) the global generator. */
export type KeySource = Handle | Generator | undefined;

/** The key that a draw takes. */
export function keyOf(where: string, source: KeySource): Value {
  if (source === undefined) return globalGenerator().next().handle;
  if (source instanceof Generator) return source.next().handle;
  const value = isHandle(source) ? source.handle : undefined;
  if (value?.type.dtype !== 'uint32' || value.type.shape.length !== 1 || value.type.shape[0] !== 2) {
    const came = value === undefined ? typeof source : `${value.type.dtype} ${showShape(value.type.shape)}`;
    throw new ShapeError(describe(where, 'a key (uint32 [2]) or a Generator', came, 'Make one with random.key(seed).'));
  }
  return value;
}

/** Independent keys from one. The key itself should not be used for draws as well. */
export function split(source: Handle, count = 2): Tensor[] {
  const words = keyOf('split', source);
  const word = (i: number): Value => lax.slice(words, [i], [i + 1]);
  const all = splitWords(word(0), word(1), lax.fill({ shape: [1], dtype: 'uint32' }, 0), count);
  return Array.from({ length: count }, (_, i) => new Tensor(lax.slice(all, [2 * i], [2 * i + 2])));
}

/** The first cipher word for every element of a shape. */
export function bits(where: string, shape: Shape, source: KeySource): Value {
  const dims = checkShape(where, shape);
  const size = sizeOf(dims);
  if (size > 2 ** 32) throw new ShapeError(describe(where, 'at most 2^32 elements in a draw', showShape(dims)));
  const words = keyOf(where, source);
  const flat = [size];
  const word = (i: number): Value => lax.broadcastLike(lax.slice(words, [i], [i + 1]), flat);
  const drawn = randomBits(word(0), word(1), lax.fill({ shape: flat, dtype: 'uint32' }, 0), lax.iota(size, 'uint32'));
  return lax.reshape(drawn, dims);
}

/** The top 24 bits of each word: as many as a float32 holds. */
function topBits(where: string, shape: Shape, source: KeySource): Value {
  const words = bits(where, shape, source);
  return bindOne(where, lax.shr.primitive, [words, lax.fill(words.type, 8)], {});
}

const fractionOf = (top: Value): Value =>
  lax.mul(lax.cast(top, 'float32'), lax.fill({ shape: top.type.shape, dtype: 'float32' }, 2 ** -24));

/** Uniform in [0, 1): the top 24 bits times 2^−24. */
function unit(where: string, shape: Shape, source: KeySource): Value {
  return fractionOf(topBits(where, shape, source));
}

/** Uniform in (0, 1), so that logarithms are finite and not 0: the middle of each of 2^23 steps, which float32 has exactly. */
export function openUnit(where: string, shape: Shape, source: KeySource): Value {
  const top = topBits(where, shape, source);
  return fractionOf(lax.or(top, lax.fill(top.type, 1)));
}

/** Options of every draw. */
export interface DrawOptions {
  /** Default: the global generator. */
  readonly key?: KeySource;
  /** A float dtype. Default float32. */
  readonly dtype?: DType;
}

/** A draw in the dtype that was asked for, which has to be a float. */
export function inDType(where: string, x: Value, dtype: DType = 'float32'): Tensor {
  if (!isFloat(dtype)) throw new DTypeError(describe(where, 'a float dtype', dtype));
  return new Tensor(lax.cast(x, dtype));
}

const affine = (x: Value, scale: number, offset: number): Value =>
  lax.add(lax.mul(x, lax.fill(x.type, scale)), lax.fill(x.type, offset));

/** The largest number of a dtype below x. */
function below(x: number, dtype: 'float32' | Half): number {
  const elements = elementsOf(dtype, [x === 0 ? -0 : x]);
  const word = dtype === 'float32' ? new Int32Array(elements.buffer) : new Int16Array(elements.buffer);
  const near = numbersOf(dtype, elements)[0]!;
  if (near < x) return near;
  // All bits but the sign count a float's size: one more or less is its neighbour.
  word[0]! += near > 0 ? -1 : 1;
  return numbersOf(dtype, elements)[0]!;
}

/** Uniform numbers in [low, high), by default [0, 1). What would be rounded up to `high` is the largest number below it. */
export function uniform(
  shape: Shape,
  options: DrawOptions & { readonly low?: number; readonly high?: number } = {},
): Tensor {
  const { low = 0, high = 1, dtype = 'float32' } = options;
  const u = unit('uniform', shape, options.key);
  const isUnit = low === 0 && high === 1;
  const { handle: x } = inDType('uniform', isUnit ? u : affine(u, high - low, low), dtype);
  if ((isUnit && !isHalf(dtype)) || !(low < high)) return new Tensor(x);
  return new Tensor(lax.min(x, lax.fill(x.type, below(high, isHalf(dtype) ? dtype : 'float32'))));
}

/** Options of normal draws. */
export interface NormalOptions extends DrawOptions {
  readonly mean?: number;
  readonly stddev?: number;
}

/** Normal numbers, by default of mean 0 and standard deviation 1 (Box and Muller, 1958). */
export function normal(shape: Shape, options: NormalOptions = {}): Tensor {
  return inDType(
    'normal',
    affine(standardNormal('normal', shape, options.key), options.stddev ?? 1, options.mean ?? 0),
    options.dtype,
  );
}

function standardNormal(where: string, shape: Shape, source: KeySource): Value {
  const [first, second] = split({ handle: keyOf(where, source) }, 2) as [Tensor, Tensor];
  const u = openUnit(where, shape, first);
  const v = unit(where, shape, second);
  const radius = lax.sqrt(lax.mul(lax.log(u), lax.fill(u.type, -2)));
  return lax.mul(radius, lax.cos(lax.mul(v, lax.fill(v.type, 2 * Math.PI))));
}

/** Normal numbers within two standard deviations, by the inverse of the distribution function. */
export function truncatedNormal(shape: Shape, options: NormalOptions = {}): Tensor {
  const u = openUnit('truncatedNormal', shape, options.key);
  // erf(±2/√2): the part of the distribution that is kept.
  const edge = 0.9544997361036416;
  const x = lax.mul(inverseErf(affine(u, 2 * edge, -edge)), lax.fill(u.type, Math.SQRT2));
  return inDType('truncatedNormal', affine(x, options.stddev ?? 1, options.mean ?? 0), options.dtype);
}

/** The inverse of erf, to single precision (M. Giles, "Approximating the erfinv function", 2010). */
function inverseErf(x: Value): Value {
  const w = lax.neg(lax.log1p(lax.neg(lax.mul(x, x))));
  const near = polynomial(affine(w, 1, -2.5), NEAR);
  const far = polynomial(affine(lax.sqrt(w), 1, -3), FAR);
  return lax.mul(x, lax.select(lax.lt(w, lax.fill(w.type, 5)), near, far));
}

const NEAR = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
];
const FAR = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
];

/** Horner's rule, highest power first. */
function polynomial(x: Value, coefficients: readonly number[]): Value {
  let sum = lax.fill(x.type, coefficients[0]!);
  for (const c of coefficients.slice(1)) sum = lax.add(lax.mul(sum, x), lax.fill(x.type, c));
  return sum;
}

/** 1 with the given probability, else 0. */
export function bernoulli(shape: Shape, options: DrawOptions & { readonly probability?: number } = {}): Tensor {
  const u = unit('bernoulli', shape, options.key);
  const hit = lax.lt(u, lax.fill(u.type, checkProbability('bernoulli', options.probability ?? 0.5)));
  return new Tensor(lax.cast(hit, options.dtype ?? 'float32'));
}

/** Sets elements to 0 with probability `rate` and divides the others by 1 − rate. */
export function dropout(x: Operand, rate: number, options: { readonly key?: KeySource } = {}): Tensor {
  const value = toValue('dropout', x);
  checkProbability('dropout', rate);
  const { type } = value;
  if (!isFloat(type.dtype)) throw new DTypeError(describe('dropout', 'a float dtype', type.dtype));
  if (rate === 0) return new Tensor(value);
  const zero = lax.fill(type, 0);
  if (rate === 1) return new Tensor(zero);
  const u = unit('dropout', type.shape, options.key);
  const kept = lax.le(lax.fill(u.type, rate), u);
  return new Tensor(lax.select(kept, lax.div(value, lax.fill(type, 1 - rate)), zero));
}

function checkProbability(where: string, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new ValueError(describe(where, 'a probability in [0, 1]', String(p)));
  return p;
}
