/** Random choices and orders, and Gamma numbers, made of the draws of `draws.ts`. */
import * as orders from './primitives/ordering.js';
import * as indexing from './primitives/indexing.js';
import { toValue, type Operand } from '../operand.js';
import { argReduce } from './composites/arguments.js';
import { composite } from './composites/composite.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import { isHalf } from '../halves.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { toFloat } from './numeric.js';
import { bits, inDType, keyOf, normal, openUnit, split, type DrawOptions, type KeySource } from './draws.js';
import { scan } from './scan.js';
import { broadcastShapes, checkAxis, checkShape, showShape, type Shape } from '../shape.js';
import { Tensor } from '../tensor.js';

export {
  Generator,
  bernoulli,
  dropout,
  globalGenerator,
  key,
  normal,
  seed,
  split,
  truncatedNormal,
  uniform,
  type DrawOptions,
  type KeySource,
  type NormalOptions,
} from './draws.js';

/**
 * `count` classes (int32) for each row of the last axis of logits, each with probability softmax(logits).
 * @example random.categorical(zeros([2, 5]), 3).shape // [2, 3]
 */
export function categorical(logits: Operand, count = 1, options: { readonly key?: KeySource } = {}): Tensor {
  const given = toFloat(toValue('categorical', logits));
  // Rounded to 16 bits, a draw may be 1, whose class would always win.
  const value = isHalf(given.type.dtype) ? lax.cast(given, 'float32') : given;
  const { shape, dtype } = value.type;
  const classes = shape.at(-1);
  if (classes === undefined || classes === 0) {
    throw new ShapeError(describe('categorical', 'logits with a last axis of classes', showShape(shape)));
  }
  const all = [...shape.slice(0, -1), ...checkShape('categorical', [count]), classes];
  const u = lax.cast(openUnit('categorical', all, options.key), dtype);
  // The largest of logits with Gumbel noise −log(−log u) is a class with the probability of the softmax.
  const noise = lax.neg(lax.log(lax.neg(lax.log(u))));
  const axes = all.map((_, i) => i).filter((i) => i !== all.length - 2);
  const noisy = lax.add(lax.broadcast(value, all, axes), noise);
  return new Tensor(composite(argReduce, [noisy], { op: 'max', axis: all.length - 1 })[0]!);
}

/**
 * 0 … n − 1 (int32) in random order.
 * @example random.permutation(5)
 */
export function permutation(n: number, options: { readonly key?: KeySource } = {}): Tensor {
  return new Tensor(randomOrder('permutation', n, lax.iota(checkShape('permutation', [n])[0]!, 'int32'), options.key));
}

/** Places sorted by random words. */
function randomOrder(where: string, n: number, places: Value, source: KeySource): Value {
  return orders.sort([bits(where, [n], source), places], 0)[1]!;
}

/**
 * The entries of an axis in random order.
 * @example random.shuffle(tensor([1, 2, 3]))
 */
export function shuffle(x: Operand, axis = 0, options: { readonly key?: KeySource } = {}): Tensor {
  const value = toValue('shuffle', x);
  const { shape } = value.type;
  const at = checkAxis('shuffle', axis, shape.length);
  const n = shape[at]!;
  const order = randomOrder('shuffle', n, lax.iota(n, 'int32'), options.key);
  const front = [at, ...shape.map((_, i) => i).filter((i) => i !== at)];
  const moved = indexing.gather(lax.transpose(value, front), lax.reshape(order, [n, 1]), 0);
  return new Tensor(
    lax.transpose(
      moved,
      front.map((_, i) => front.indexOf(i)),
    ),
  );
}

/** Proposals for a Gamma number: 95 of 100 are taken, so that 24 in a row fail once in 10^31 draws. */
const PROPOSALS = 24;

/**
 * Gamma numbers of shape parameter alpha > 0 and scale 1 (G. Marsaglia and W. Tsang, 2000). No gradient flows to alpha.
 * @example random.gamma([3], 2)
 */
export function gamma(shape: Shape, alpha: Operand, options: DrawOptions = {}): Tensor {
  const dims = checkShape('gamma', shape);
  if (typeof alpha === 'number' && !(alpha > 0)) throw new ValueError(describe('gamma', 'alpha > 0', String(alpha)));
  const given = lax.stopGradient(lax.cast(toValue('gamma', alpha), 'float32'));
  broadcastShapes('gamma', dims, given.type.shape);
  const a = lax.broadcastLike(given, dims);
  const like = (number: number): Value => lax.fill(a.type, number);
  // Below 1 the method does not apply: Gamma(a) is Gamma(a + 1) · u^(1/a).
  const isSmall = lax.lt(a, like(1));
  const d = lax.sub(lax.select(isSmall, lax.add(a, like(1)), a), like(1 / 3));
  const c = lax.div(like(1), lax.sqrt(lax.mul(d, like(9))));
  const [boostKey, ...keys] = split({ handle: keyOf('gamma', options.key) }, 1 + PROPOSALS) as [Tensor, ...Tensor[]];
  const rows = lax.concat(
    keys.map(({ handle }) => lax.reshape(handle, [1, 2])),
    0,
  );
  const [found] = scan(
    ({ v, done }: { v: Tensor; done: Tensor }, row: Tensor) => {
      const [first, second] = split(row) as [Tensor, Tensor];
      const x = normal(dims, { key: first }).handle;
      const u = openUnit('gamma', dims, second);
      const root = lax.add(like(1), lax.mul(c, x));
      const isPositive = lax.lt(like(0), root);
      const cube = lax.mul(lax.mul(root, root), root);
      const safe = lax.select(isPositive, cube, like(1));
      const bound = lax.add(
        lax.mul(lax.mul(x, x), like(0.5)),
        lax.mul(d, lax.add(lax.sub(like(1), safe), lax.log(safe))),
      );
      const isTaken = lax.and(isPositive, lax.lt(lax.log(u), bound));
      const next = lax.select(done.handle, v.handle, lax.select(isTaken, safe, v.handle));
      return [{ v: new Tensor(next), done: new Tensor(lax.or(done.handle, isTaken)) }, null];
    },
    { v: new Tensor(like(1)), done: new Tensor(lax.fill({ shape: dims, dtype: 'bool' }, 0)) },
    new Tensor(rows),
  );
  const boost = lax.pow(openUnit('gamma', dims, boostKey), lax.div(like(1), a));
  const sample = lax.mul(d, found.v.handle);
  return inDType('gamma', lax.select(isSmall, lax.mul(sample, boost), sample), options.dtype);
}
