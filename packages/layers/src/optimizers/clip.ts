/** Clipping: what keeps single steps from being too large. */
import {
  add,
  clip,
  divide,
  greater,
  minimum,
  maximum,
  multiply,
  sqrt,
  square,
  subtract,
  sum,
  where,
  type Tensor,
} from '@antler/core';

/** At most one of the three. */
export interface ClipOptions {
  /** Scales each gradient so that its norm is at most this. */
  readonly clipnorm?: number;
  /** Scales all gradients by one factor so that the norm of all together is at most this. */
  readonly globalClipnorm?: number;
  /** Clips each number to [−value, value]. */
  readonly clipvalue?: number;
}

/** Gradients as the options want them. */
export function clipGradients(gradients: readonly Tensor[], options: ClipOptions): readonly Tensor[] {
  const { clipnorm, globalClipnorm, clipvalue } = options;
  if (clipnorm !== undefined) return gradients.map((gradient) => clipByNorm(gradient, clipnorm));
  if (globalClipnorm !== undefined) return clipByGlobalNorm(gradients, globalClipnorm);
  if (clipvalue !== undefined) return gradients.map((gradient) => clip(gradient, -clipvalue, clipvalue));
  return gradients;
}

/** The root is taken of 1 where the sum is 0, so that its gradient is finite there. */
function clipByNorm(gradient: Tensor, limit: number): Tensor {
  const squares = sum(square(gradient));
  const some = greater(squares, 0);
  const norm = where(some, sqrt(where(some, squares, 1)), squares);
  return divide(multiply(gradient, limit), maximum(norm, limit));
}

/** A norm that is not finite makes the gradients NaN instead of silently zero. */
function clipByGlobalNorm(gradients: readonly Tensor[], limit: number): readonly Tensor[] {
  const squares = gradients.map((gradient) => sum(square(gradient)));
  const norm = sqrt(squares.reduce((a, b) => add(a, b)));
  const scale = add(multiply(minimum(divide(1, norm), 1 / limit), limit), subtract(norm, norm));
  return gradients.map((gradient) => multiply(gradient, scale));
}
