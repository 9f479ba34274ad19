/** Softmax over the last axis, its logarithm, and the cross-entropies of logits. */
import * as indexing from '../primitives/indexing.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { composite, type Composite } from './composite.js';
import { acrossRows, downRows, lastAxis, like, overRow } from './rows.js';

/** x − max, so that exp cannot overflow. A row of −∞ alone is left as it is. */
function shifted(x: Value): Value {
  const top = overRow('max', x);
  const finite = lax.lt(lax.abs(top), like(top, Infinity));
  return lax.sub(x, lax.stopGradient(lax.select(finite, top, like(top, 0))));
}

/** y · (g − Σ g·y) for y = softmax(x); inputs y and g. */
export const softmaxGradient: Composite = {
  name: 'softmaxGradient',
  inline: false,
  decompose: ([y, g]) => [lax.mul(y!, lax.sub(g!, overRow('sum', lax.mul(g!, y!))))],
};

/** exp(x − max) / Σ over the last axis. */
export const softmax: Composite = {
  name: 'softmax',
  inline: false,
  decompose: ([x]) => {
    const e = lax.exp(shifted(x!));
    return [lax.div(e, overRow('sum', e))];
  },
  vjp: ({ outputs: [y], cotangents: [g] }) => composite(softmaxGradient, [y!, g!], {}),
};

/** g − softmax(x) · Σ g for y = log softmax(x); inputs y and g. */
export const logSoftmaxGradient: Composite = {
  name: 'logSoftmaxGradient',
  inline: false,
  decompose: ([y, g]) => [lax.sub(g!, lax.mul(lax.exp(y!), overRow('sum', g!)))],
};

/** x − log Σ exp x over the last axis. */
export const logSoftmax: Composite = {
  name: 'logSoftmax',
  inline: false,
  decompose: ([x]) => {
    const centred = shifted(x!);
    return [lax.sub(centred, lax.log(overRow('sum', lax.exp(centred))))];
  },
  vjp: ({ outputs: [y], cotangents: [g] }) => composite(logSoftmaxGradient, [y!, g!], {}),
};

/** (softmax − one-hot) · g, element by element; inputs logits, labels and g, one number for each row. */
export const sparseSoftmaxCrossEntropyGradient: Composite = {
  name: 'sparseSoftmaxCrossEntropyGradient',
  inline: false,
  decompose: ([logits, labels, g]) => {
    const { shape, dtype } = logits!.type;
    const classes = shape[shape.length - 1]!;
    const label = lax.select(lax.lt(labels!, like(labels!, 0)), lax.add(labels!, like(labels!, classes)), labels!);
    const column = downRows(lax.iota(classes, 'int32'), logits!);
    const oneHot = lax.cast(lax.eq(acrossRows(label, logits!), column), dtype);
    const [probabilities] = composite(softmax, [logits!], {});
    return [lax.mul(acrossRows(g!, logits!), lax.sub(probabilities!, oneHot))];
  },
};

/** −log softmax(logits)[label] over the last axis; labels int32 in [−n, n), one per row. */
export const sparseSoftmaxCrossEntropy: Composite = {
  name: 'sparseSoftmaxCrossEntropy',
  inline: false,
  decompose: ([logits, labels]) => {
    const [logProbabilities] = composite(logSoftmax, [logits!], {});
    const batch = lastAxis(logits!);
    const picked = indexing.gather(logProbabilities!, lax.reshape(labels!, [...labels!.type.shape, 1]), batch);
    return [lax.neg(picked)];
  },
  vjp: ({ inputs: [logits, labels], cotangents: [g] }) => [
    composite(sparseSoftmaxCrossEntropyGradient, [logits!, labels!, g!], {})[0]!,
    null,
  ],
};

/** (softmax · Σ target − target) · g; inputs logits, targets and g, one number for each row. */
export const softmaxCrossEntropyGradient: Composite = {
  name: 'softmaxCrossEntropyGradient',
  inline: false,
  decompose: ([logits, targets, g]) => {
    const [probabilities] = composite(softmax, [logits!], {});
    const wished = lax.mul(probabilities!, overRow('sum', targets!));
    return [lax.mul(acrossRows(g!, logits!), lax.sub(wished, targets!))];
  },
};

/** −Σ target · log softmax(logits) over the last axis. */
export const softmaxCrossEntropy: Composite = {
  name: 'softmaxCrossEntropy',
  inline: false,
  decompose: ([logits, targets]) => {
    const [log] = composite(logSoftmax, [logits!], {});
    return [lax.neg(lax.sum(lax.mul(targets!, log!), [lastAxis(logits!)]))];
  },
  vjp: ({ inputs: [logits, targets], cotangents: [g], wanted }) => [
    composite(softmaxCrossEntropyGradient, [logits!, targets!, g!], {})[0]!,
    wanted[1]! ? lax.neg(lax.mul(acrossRows(g!, logits!), composite(logSoftmax, [logits!], {})[0]!)) : null,
  ],
};
