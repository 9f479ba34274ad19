/**
 * Scaled dot-product attention (Vaswani et al., 2017). The gradient needs of each row of scores its maximum and the sum of the
 * exponentials, from which the weights come again, and no matrix of weights (Dao et al., 2022).
 */
import { dtypes } from '../../dtype.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { composite, ofResult, type Composite } from './composite.js';
import { acrossRows, lastAxis, like } from './rows.js';

/** What is done to the scores; a causal query sees the keys up to its own place. */
export interface AttentionParams {
  readonly scale: number;
  readonly causal: boolean;
}

/** q [b, t, h, d] and k [b, s, h, d] → scores [b, h, t, s]: the same dot for scores and for the cotangents of weights. */
const perHead = (a: Value, b: Value): Value => lax.dot(a, b, [[3], [3]], [[0, 2], [0, 2]]); // prettier-ignore
/** Weights [b, h, t, s] and v [b, s, h, d] → [b, t, h, d]. */
const mixed = (weights: Value, v: Value): Value =>
  lax.transpose(lax.dot(weights, v, [[3], [1]], [[0, 1], [0, 2]]), [0, 2, 1, 3]); // prettier-ignore
/** Weights [b, h, t, s] and q [b, t, h, d] → [b, s, h, d]. */
const mixedBack = (weights: Value, q: Value): Value =>
  lax.transpose(lax.dot(weights, q, [[2], [1]], [[0, 1], [0, 2]]), [0, 2, 1, 3]); // prettier-ignore

/** Where a query may look, in the shape of the scores; undefined: everywhere. */
function visible(scores: Value, mask: Value | undefined, causal: boolean): Value | undefined {
  if (!causal) return mask;
  const { shape } = scores.type;
  const query = lax.broadcast(lax.iota(shape[2]!, 'int32'), shape, [2]);
  const key = lax.broadcast(lax.iota(shape[3]!, 'int32'), shape, [3]);
  const past = lax.le(key, query);
  return mask === undefined ? past : lax.and(past, mask);
}

/** Scores; where nothing is to be seen a number that is finite, so that a row of such numbers has equal weights. */
function scoresOf(q: Value, k: Value, seen: (scores: Value) => Value | undefined, { scale }: AttentionParams): Value {
  const scores = perHead(q, k);
  const scaled = lax.mul(scores, like(scores, scale));
  const where = seen(scores);
  if (where === undefined) return scaled;
  return lax.select(where, scaled, like(scores, 0.7 * dtypes[scores.type.dtype].range[0]));
}

const exponentials = (scores: Value, top: Value): Value => lax.exp(lax.sub(scores, acrossRows(top, scores)));

/** Inputs q, k, v, y, the maxima and the sums, g, on request a mask; gives the cotangents of q, k and v. */
export const attentionGradient: Composite<AttentionParams> = {
  name: 'attentionGradient',
  inline: false,
  decompose: ([q, k, v, y, top, sum, g, mask], params) => {
    const seen = (scores: Value): Value | undefined => visible(scores, mask, params.causal);
    const scores = scoresOf(q!, k!, seen, params);
    const weights = lax.div(exponentials(scores, top!), acrossRows(sum!, scores));
    const along = lax.transpose(lax.sum(lax.mul(g!, y!), [lastAxis(y!)]), [0, 2, 1]);
    const ofScores = lax.mul(weights, lax.sub(perHead(g!, v!), acrossRows(along, scores)));
    const scaled = lax.mul(ofScores, like(scores, params.scale));
    const where = seen(scores);
    const ofProducts = where === undefined ? scaled : lax.select(where, scaled, like(scaled, 0));
    return [mixed(ofProducts, k!), mixedBack(ofProducts, q!), mixedBack(weights, g!)];
  },
};

/**
 * Inputs q [b, t, h, d], k [b, s, h, d], v [b, s, h, e], on request a mask, bool [b, h, t, s]. Gives softmax(scale · q kᵀ) v
 * [b, t, h, e], then of each row of scores [b, h, t] the maximum and the sum of exponentials below it.
 */
export const attention: Composite<AttentionParams> = {
  name: 'attention',
  inline: false,
  decompose: ([q, k, v, mask], params) => {
    const scores = scoresOf(q!, k!, (x) => visible(x, mask, params.causal), params);
    const top = lax.stopGradient(lax.reduce('max', scores, [3]));
    const e = exponentials(scores, top);
    const sum = lax.sum(e, [3]);
    return [mixed(lax.div(e, acrossRows(sum, e)), v!), top, sum];
  },
  vjp: ofResult(({ inputs: [q, k, v, mask], outputs: [y, top, sum], params }, g) => {
    const rest = mask === undefined ? [] : [mask];
    const slopes = composite(attentionGradient, [q!, k!, v!, y!, top!, sum!, g, ...rest], params);
    return [...slopes, ...rest.map(() => null)];
  }),
};
