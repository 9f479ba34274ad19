/** One step of gradient descent whose every number is exact in float32, so that any backend must match it to the last bit. */
import {
  AntlerError,
  Variable,
  describe,
  jit,
  matmul,
  mean,
  setBackend,
  square,
  tensor,
  valueAndGrad,
} from '@antler/core';

/**
 * Trains a linear model for one step on the named backend; resolves to the milliseconds that took. Rejects where a number is wrong.
 *
 * x = [[1, 2], [3, 4]], y = [1, 0], w = [0.5, −1]: x·w − y = [−2.5, −2.5], so the loss is 6.25, its gradient
 * [−10, −15], and w − gradient/8 = [1.75, 0.875].
 */
export async function selfTest(backend: string): Promise<number> {
  const start = performance.now();
  await setBackend(backend);
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  const y = tensor([[1], [0]]);
  const w = new Variable([[0.5], [-1]], { name: 'w' });
  const step = jit(() => {
    const [loss, [gradient]] = valueAndGrad(([w]: [Variable]) => mean(square(matmul(x, w).sub(y))))([w]);
    w.assignSub(gradient.mul(0.125));
    return loss;
  });
  const loss = await step().data();
  check('loss', [6.25], loss);
  check('weights after the step', [1.75, 0.875], await w.value.data());
  return performance.now() - start;
}

function check(what: string, expected: readonly number[], received: ArrayLike<number>): void {
  const list = Array.from(received);
  if (expected.length === list.length && expected.every((x, i) => x === list[i])) return;
  throw new AntlerError(describe('selfTest', `${what} [${expected.join(', ')}]`, `[${list.join(', ')}]`));
}
