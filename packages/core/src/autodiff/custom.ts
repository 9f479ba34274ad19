/** Functions whose gradient is said otherwise: pullbacks, gradients of one's own, values computed again instead of kept. */
import { bind } from '../bind.js';
import { isHandle } from '../operand.js';
import { isFloat } from '../dtype.js';
import { DTypeError, ShapeError, ValueError, describe } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { traceGraph } from '../jit/graph.js';
import { currentTrace, inFrame, lift } from '../jit/trace.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { composite, compositePrimitive } from '../ops/composites/composite.js';
import { checkpoint as heldComposite, customGradient as customComposite } from '../ops/composites/gradients.js';
import { sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { assignValue } from '../variable.js';
import { alias } from './differentiate.js';
import { backward } from './vjp.js';

/** What takes tensors to one tensor. */
type TensorFunction = (...inputs: Tensor[]) => Tensor;

function valueOf(where: string, x: unknown): Value {
  if (isHandle(x)) return lift(where, x.handle);
  throw new ValueError(describe(where, 'tensors', typeof x));
}

/** A function of the cotangent of y, as a graph, with what it uses from outside. */
function tracePullback(
  where: string,
  y: Value,
  pullback: (g: Value) => readonly Value[],
): { readonly graph: Graph; readonly captures: readonly Value[] } {
  const { graph, captures, variables } = traceGraph(where, [y.type], ([g]) => pullback(g!));
  return { graph, captures: [...captures, ...variables.map((cell) => cell.current)] };
}

/**
 * The value of f together with its pullback, which takes a cotangent of the value to those of the inputs.
 * @example
 * const [y, pullback] = vjp((x: Tensor) => x.mul(x))(tensor([1, 2]));
 * await pullback(tensor([1, 10]))[0]!.array(); // [2, 40]
 */
export function vjp(f: TensorFunction): (...inputs: Tensor[]) => [y: Tensor, pullback: (g: Tensor) => Tensor[]] {
  return (...inputs) => {
    const own = inputs.map((x) => {
      const value = valueOf('vjp', x);
      if (!isFloat(value.type.dtype)) throw new DTypeError(describe('vjp', 'float tensors', value.type.dtype));
      return alias(value);
    });
    const { result, assigned } = inFrame('vjp', currentTrace(), new Map(), () => {
      const y = valueOf('vjp', f(...own.map((value) => new Tensor(value))));
      const walk = (g: Value): Value[] => backward([y], [g], own).map((x, i) => x ?? lax.fill(own[i]!.type, 0));
      return { y, ...tracePullback('vjp', y, walk) };
    });
    for (const [cell, value] of assigned) assignValue(cell, value);
    const { y, graph, captures } = result;
    // The pullback may be called after any number of fences.
    for (const value of [y, ...captures]) value.kept = true;
    const pullback = (g: Tensor): Tensor[] => {
      const given = valueOf('pullback', g);
      if (given.type.dtype !== y.type.dtype || !sameShape(given.type.shape, y.type.shape)) {
        const came = `${given.type.dtype} ${showShape(given.type.shape)}`;
        throw new ShapeError(describe('pullback', `a cotangent of ${y.type.dtype} ${showShape(y.type.shape)}`, came));
      }
      const outer = captures.map((value) => lift('pullback', value));
      return lax.inline(graph, [...outer, given]).map((value) => new Tensor(value));
    };
    return [new Tensor(y), pullback];
  };
}

/**
 * A function with a gradient of its own: f gives its value and what takes the cotangent of the value to one cotangent for each
 * input. Tensors that f uses from outside get no gradient through it.
 * @example
 * const clipped = customGradient((x) => [x, (g) => [clip(g, -1, 1)]]);   // gradients are clipped on their way back
 */
export function customGradient(
  f: (...inputs: Tensor[]) => readonly [y: Tensor, pullback: (g: Tensor) => readonly Tensor[]],
): TensorFunction {
  return (...inputs) => {
    const values = inputs.map((x) => valueOf('customGradient', x));
    const [result, pullback] = f(...values.map((value) => new Tensor(value)));
    const y = valueOf('customGradient', result);
    const { graph, captures } = tracePullback('customGradient', y, (g) => {
      const given = pullback(new Tensor(g)).map((x) => valueOf('customGradient', x));
      values.forEach(({ type }, i) => {
        const shape = given[i]?.type.shape;
        if (shape !== undefined && sameShape(shape, type.shape)) return;
        const came = shape === undefined ? `${given.length} cotangents` : showShape(shape);
        throw new ShapeError(
          describe('customGradient', `a cotangent of ${showShape(type.shape)} for input ${i}`, came),
        );
      });
      return given;
    });
    const operands = [y, ...values, ...captures];
    return new Tensor(composite(customComposite, operands, { pullback: graph, inputs: values.length })[0]!);
  };
}

/**
 * f, whose inner values are computed again for the gradient instead of being kept until then: less memory, more work.
 * @example
 * const block = checkpoint((x) => relu(matmul(x, w)));
 */
export function checkpoint(f: TensorFunction): TensorFunction {
  return (...inputs) => {
    const values = inputs.map((x) => valueOf('checkpoint', x));
    const types = values.map(({ type }) => type);
    const traced = traceGraph('checkpoint', types, (args) => [
      valueOf('checkpoint', f(...args.map((value) => new Tensor(value)))),
    ]);
    const { graph: body, captures, variables, assigned } = traced;
    const operands = [...captures, ...variables.map((cell) => cell.current), ...values];
    const { name, inline, vjp } = heldComposite;
    const [y, ...news] = bind('checkpoint', compositePrimitive, operands, { name, params: {}, body, inline, vjp });
    assigned.forEach((cell, i) => assignValue(cell, news[i]!));
    return new Tensor(y!);
  };
}
