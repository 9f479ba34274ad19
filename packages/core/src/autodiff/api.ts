/** Gradients for users: grad, valueAndGrad, stopGradient. */
import { isHandle, toValue, type Operand } from '../operand.js';
import { isFloat } from '../dtype.js';
import { DTypeError, ShapeError, ValueError, describe } from '../errors.js';
import { type Cell, currentTrace, inFrame, lift, rejectPromise } from '../jit/trace.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { flatten, unflatten } from '../tree.js';
import { Variable, assignValue } from '../variable.js';
import { alias } from './differentiate.js';
import { backward } from './vjp.js';

/** The first argument with a tensor in place of each tensor or variable. */
export type Gradients<T> = T extends Tensor | Variable
  ? Tensor
  : T extends readonly unknown[] | object
    ? { -readonly [K in keyof T]: Gradients<T[K]> }
    : T;

/** Options of `valueAndGrad`. */
export interface GradOptions {
  /** `f` returns `[loss, aux]`; aux is any tree of tensors that should come out as well. Default false. */
  readonly aux?: boolean;
}

/**
 * The function that gives f's value together with its gradient with respect to the first argument: a tensor, a variable, or
 * any nesting of them. Assignments that f makes take effect when it returns; after an exception nothing has changed.
 * @param f gives a scalar tensor of a float dtype, or `[loss, aux]` with `aux: true`
 * @example
 * const w = new Variable([1, 2, 3]);
 * const [loss, g] = valueAndGrad((v: Variable) => v.value.mul(v).sum())(w);
 * await g.array(); // [2, 4, 6]
 */
export function valueAndGrad<X, A extends readonly unknown[]>(
  f: (x: X, ...rest: A) => Tensor,
  options?: { readonly aux?: false },
): (x: X, ...rest: A) => [value: Tensor, gradients: Gradients<X>];
export function valueAndGrad<X, A extends readonly unknown[], U>(
  f: (x: X, ...rest: A) => readonly [Tensor, U],
  options: { readonly aux: true },
): (x: X, ...rest: A) => [value: [Tensor, U], gradients: Gradients<X>];
export function valueAndGrad<X, A extends readonly unknown[]>(
  f: (x: X, ...rest: A) => unknown,
  options: GradOptions = {},
): (x: X, ...rest: A) => [value: unknown, gradients: Gradients<X>] {
  return (x, ...rest) => {
    const { result, gradients } = differentiate('valueAndGrad', f, x, rest, options.aux === true);
    return [result, gradients];
  };
}

/**
 * The function that gives the gradient of f with respect to its first argument.
 * @example await grad((x: Tensor) => x.mul(x).sum())(tensor([1, 2])).array() // [2, 4]
 */
export function grad<X, A extends readonly unknown[]>(
  f: (x: X, ...rest: A) => Tensor,
): (x: X, ...rest: A) => Gradients<X> {
  return (x, ...rest) => differentiate('grad', f, x, rest, false).gradients;
}

/** The same numbers, through which no gradient flows. */
export function stopGradient(x: Operand): Tensor {
  return new Tensor(lax.stopGradient(toValue('stopGradient', x)));
}

function differentiate<X, A extends readonly unknown[]>(
  where: string,
  f: (x: X, ...rest: A) => unknown,
  x: X,
  rest: A,
  aux: boolean,
): { readonly result: unknown; readonly gradients: Gradients<X> } {
  const { leaves, structure } = flatten(x);
  const seeds = new Map<Cell, Value>();
  const inputs = leaves.map((leaf) => {
    if (!isHandle(leaf)) {
      const expected = 'a first argument of tensors and variables';
      const hint = 'Other arguments come after the first.';
      throw new ValueError(describe(where, expected, `a leaf of type ${typeof leaf}`, hint));
    }
    const value = leaf.handle;
    if (!isFloat(value.type.dtype))
      throw new DTypeError(describe(where, 'float tensors to differentiate', value.type.dtype));
    const own = alias(lift(where, value));
    if (leaf instanceof Variable) seeds.set(leaf, own);
    return own;
  });
  const args = leaves.map((leaf, i) => (leaf instanceof Variable ? leaf : new Tensor(inputs[i]!)));
  const { result, assigned } = inFrame(where, currentTrace(), seeds, () => {
    const given = f(unflatten(structure, args) as X, ...rest);
    rejectPromise(where, given);
    const loss = checkLoss(where, aux ? (given as readonly unknown[])[0] : given);
    const cotangents = backward([loss], [lax.fill(loss.type, 1)], inputs);
    return { given, gradients: cotangents.map((g, i) => g ?? lax.fill(inputs[i]!.type, 0)) };
  });
  for (const [cell, value] of assigned) assignValue(cell, value);
  const gradients = result.gradients.map((value) => new Tensor(value));
  // Results outlive the next fence even when an optimizer consumes them.
  for (const leaf of [...flatten(result.given).leaves, ...gradients])
    if (leaf instanceof Tensor) leaf.handle.kept = true;
  return { result: result.given, gradients: unflatten(structure, gradients) as Gradients<X> };
}

function checkLoss(where: string, loss: unknown): Value {
  if (!isHandle(loss)) {
    throw new ValueError(
      describe(where, 'f to return a scalar tensor', typeof loss, 'With { aux: true } it returns [loss, aux].'),
    );
  }
  const { type } = loss.handle;
  if (type.shape.length > 0) {
    throw new ShapeError(
      describe(where, 'f to return a scalar', `shape ${showShape(type.shape)}`, 'Reduce it with sum() or mean().'),
    );
  }
  if (!isFloat(type.dtype)) throw new DTypeError(describe(where, 'f to return a float scalar', type.dtype));
  return loss.handle;
}
