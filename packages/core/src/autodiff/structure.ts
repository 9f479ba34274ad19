/** Gradients of the primitives that hold graphs: composites and scans. */
import { isFloat } from '../dtype.js';
import type { Graph } from '../graph/graph.js';
import { traceGraph } from '../jit/graph.js';
import * as lax from '../lax.js';
import { bind } from '../bind.js';
import type { Value } from '../node.js';
import type { Backward, VjpRule } from './rules.js';

/** The composite's own gradient, or that of its decomposition. */
export const compositeRule: VjpRule<'composite'> = ({ inputs, outputs, cotangents, params, wanted, backward }) => {
  const { vjp } = params;
  const again = (xs: readonly Value[], gs: readonly (Value | null)[]): (Value | null)[] =>
    differentiate(params.body, xs, gs, wanted, backward);
  if (vjp === undefined) return again(inputs, cotangents);
  return vjp({ inputs, outputs, cotangents, params: params.params, wanted, again });
};

/** Records a graph on inputs and walks back through it. */
function differentiate(
  body: Graph,
  inputs: readonly Value[],
  cotangents: readonly (Value | null)[],
  wanted: readonly boolean[],
  backward: Backward,
): (Value | null)[] {
  const own = inputs.map((value, i) => (wanted[i] ? alias(value) : value));
  const outputs = lax.inline(body, own);
  const targets = own.filter((_, i) => wanted[i]);
  const given = backward(outputs, cotangents, targets);
  let next = 0;
  return inputs.map((_, i) => (wanted[i] ? given[next++]! : null));
}

/** The same value under a node of its own, so that its uses inside a function can be told from others. */
export function alias(value: Value): Value {
  return bind('grad', 'reshape', [value], { shape: value.type.shape })[0]!;
}

/**
 * A scan backwards. Its carries are the cotangents of the carries and the sums for the constants; each step recomputes the
 * body from the saved carry and walks back through it.
 */
export const scanRule: VjpRule<'scan'> = ({ inputs, outputs, cotangents, params, wanted, backward }) => {
  const { body, length, carries, sequences, reverse } = params;
  const constantCount = inputs.length - carries - sequences;
  const constants = inputs.slice(0, constantCount);
  const xs = inputs.slice(constantCount + carries);
  const histories = outputs.slice(outputs.length - carries);
  const stackedCount = outputs.length - 2 * carries;
  const differentiable = (value: Value): boolean => isFloat(value.type.dtype);

  const carryValues = inputs.slice(constantCount, constantCount + carries);
  const floatCarries = carryValues.flatMap((value, i) => (differentiable(value) ? [i] : []));
  const wantedConstants = constants.flatMap((value, i) => (wanted[i] && differentiable(value) ? [i] : []));
  const wantedSequences = xs.flatMap((value, i) =>
    wanted[constantCount + carries + i] && differentiable(value) ? [i] : [],
  );
  const givenStacks = Array.from({ length: stackedCount }, (_, i) => i).filter((i) => cotangents[carries + i] !== null);
  // Cotangents that reach the saved carries themselves (second order) join at their step.
  const givenHistories = floatCarries.filter((i) => cotangents[carries + stackedCount + i] !== null);

  const zeroLike = (value: Value): Value => lax.fill(value.type, 0);
  const initial = [
    ...floatCarries.map((i) => cotangents[i] ?? zeroLike(carryValues[i]!)),
    ...wantedConstants.map((i) => zeroLike(constants[i]!)),
  ];
  const sequencesBack = [
    ...histories,
    ...xs,
    ...givenStacks.map((i) => cotangents[carries + i]!),
    ...givenHistories.map((i) => cotangents[carries + stackedCount + i]!),
  ];
  const step = (args: readonly Value[]): Value[] => {
    let at = 0;
    const take = (count: number): Value[] => args.slice(at, (at += count));
    const closed = take(constantCount);
    const carryCotangents = take(floatCarries.length);
    const sums = take(wantedConstants.length);
    const carry = take(carries);
    const entries = take(sequences);
    const stackCotangents = take(givenStacks.length);
    const historyCotangents = take(givenHistories.length);

    const outputCotangents = body.outputs.map((): Value | null => null);
    floatCarries.forEach((i, k) => (outputCotangents[i] = carryCotangents[k]!));
    givenStacks.forEach((i, k) => (outputCotangents[carries + i] = stackCotangents[k]!));
    const want = [
      ...constants.map((_, i) => wantedConstants.includes(i)),
      ...carryValues.map((_, i) => floatCarries.includes(i)),
      ...xs.map((_, i) => wantedSequences.includes(i)),
    ];
    const given = differentiate(body, [...closed, ...carry, ...entries], outputCotangents, want, backward);
    const orZero = (index: number, value: Value): Value => given[index] ?? zeroLike(value);
    const nextCarry = floatCarries.map((i) => orZero(constantCount + i, carry[i]!));
    givenHistories.forEach((i, k) => {
      const place = floatCarries.indexOf(i);
      nextCarry[place] = lax.add(nextCarry[place]!, historyCotangents[k]!);
    });
    return [
      ...nextCarry,
      ...wantedConstants.map((i, k) => (given[i] === null ? sums[k]! : lax.add(sums[k]!, given[i]!))),
      ...wantedSequences.map((i) => orZero(constantCount + carries + i, entries[i]!)),
    ];
  };
  const entryType = (value: Value): Value['type'] => ({ shape: value.type.shape.slice(1), dtype: value.type.dtype });
  const types = [...constants.map((v) => v.type), ...initial.map((v) => v.type), ...sequencesBack.map(entryType)];
  const { graph, captures } = traceGraph('scan gradient', types, step);
  const results = bind('scan', 'scan', [...captures, ...constants, ...initial, ...sequencesBack], {
    body: graph,
    length,
    carries: initial.length,
    sequences: sequencesBack.length,
    reverse: !reverse,
  });
  const gradients = inputs.map((): Value | null => null);
  wantedConstants.forEach((i, k) => (gradients[i] = results[floatCarries.length + k]!));
  floatCarries.forEach((i, k) => (gradients[constantCount + i] = results[k]!));
  wantedSequences.forEach((i, k) => (gradients[constantCount + carries + i] = results[initial.length + k]!));
  return gradients;
};
