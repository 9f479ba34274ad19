/**
 * Scan: one node for a loop over a sequence, lowered to a `repeat` around the kernels of its body. Carries live in the memory of
 * the last carries and are overwritten at the end of a turn; sequences and stacks are memory that moves with the turn.
 */
import { bind } from '../../bind.js';
import { isFloat } from '../../dtype.js';
import { ShapeError, describe } from '../../errors.js';
import { copyKernel } from '../../graph/assign.js';
import {
  newMemory,
  operandView,
  typeOf,
  viewOf,
  wholeView,
  type Block,
  type Destination,
  type Memory,
  type Operand,
} from '../../graph/block.js';
import type { NodeOf } from '../../graph/graph.js';
import { scopesOf } from '../../graph/loop.js';
import type { Kernel, View } from '../../graph/program.js';
import { beginning, hasFaults, operand, type Beginning } from '../../graph/steps.js';
import { whole } from '../../graph/views.js';
import { differentiate } from '../../autodiff/differentiate.js';
import { traceGraph } from '../../jit/graph.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { define, type PrimitiveDefinition, type StepForm } from '../../primitives/form.js';
import { sameShape, showShape, sizeOf, type Shape } from '../../shape.js';

const scanForm: StepForm<'scan'> = {
  name: 'scan',
  kind: 'steps',
  infer(where, inputs, { body, length, carries, sequences }) {
    const constants = inputs.length - carries - sequences;
    inputs.forEach((type, i) => {
      const expected = body.types[i]!;
      const shape = i < constants + carries ? expected.shape : [length, ...expected.shape];
      if (type.dtype !== expected.dtype || !sameShape(type.shape, shape)) {
        const received = `${type.dtype} ${showShape(type.shape)}`;
        throw new ShapeError(describe(where, `operand ${i} of ${expected.dtype} ${showShape(shape)}`, received));
      }
    });
    const outputs = body.outputs.map((value) => body.types[value]!);
    const last = outputs.slice(0, carries);
    const stacked = [...outputs.slice(carries), ...last];
    return [...last, ...stacked.map(({ shape, dtype }) => ({ shape: [length, ...shape], dtype }))];
  },
  faults: ({ body }) => hasFaults(body),
  reads: readingOf,
  steps(block, node) {
    const begins = node.inputs.map((value, i) =>
      readingOf(i, node) === 'begun' ? beginning(block, value) : operand(block, value),
    );
    const reads = begins.filter((read) => typeof read !== 'number');
    const emit = (wanted: ReadonlySet<number>): Kernel[] => emitScan(block, node, begins, wanted);
    return [{ kind: 'kernel', reads, targets: node.outputs, faults: hasFaults(node.params.body), emit }];
  },
};

function readingOf(input: number, { inputs, params: { carries, sequences } }: Scan): 'begun' | 'stored' {
  const carry = input - (inputs.length - carries - sequences);
  return carry >= 0 && carry < carries ? 'begun' : 'stored';
}

/**
 * The primitive `scan`. Backwards, its carries are the cotangents of the carries and the sums for the constants; each step recomputes the
 * body from the saved carry and walks back through it.
 */
export const scanPrimitive: PrimitiveDefinition<'scan'> = /* @__PURE__ */ define(
  scanForm,
  ({ inputs, outputs, cotangents, params, wanted, backward }) => {
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
    const givenStacks = Array.from({ length: stackedCount }, (_, i) => i).filter(
      (i) => cotangents[carries + i] !== null,
    );
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
    const results = bind('scan', scanPrimitive, [...captures, ...constants, ...initial, ...sequencesBack], {
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
  },
);

type Scan = NodeOf<'scan'>;

/** Memory of an operand as a body sees it from inside one more repeat. */
function seenInside({ slot, offset, turns = [], strides }: View, shape: Shape): Memory {
  const memory = { buffer: slot, offset, turns: [...turns, 0] };
  const expected = whole(shape).strides;
  const rowMajor = strides.every((stride, axis) => shape[axis] === 1 || stride === expected[axis]);
  return rowMajor ? memory : { ...memory, strides };
}

/** What a turn sees of something stacked along axis 0: its own entry; the last one first when reversed. */
function entryOf(
  { strides: [stride, ...strides], offset, ...view }: View,
  shape: Shape,
  params: Scan['params'],
): Memory {
  // An axis of size 1 has no stride, but what lies beside its entry must not be taken for the whole.
  const step = shape[0] === 1 ? sizeOf(shape.slice(1)) : stride!;
  const first = params.reverse ? offset + (params.length - 1) * step : offset;
  const memory = seenInside({ ...view, offset: first, strides }, shape.slice(1));
  return { ...memory, turns: [...memory.turns.slice(0, -1), params.reverse ? -step : step] };
}

/**
 * Kernels of a scan whose operands are in memory; `wanted` has those of its outputs that somebody reads.
 *
 * A carry's history is written ahead where its memory is not given: the loop that makes the next carry stores it into the
 * next entry too, so the memory has one entry more than the value.
 */
function emitScan(block: Block, node: Scan, reads: readonly Beginning[], wanted: ReadonlySet<number>): Kernel[] {
  const { params, outputs, scope } = node;
  const { body, carries, sequences, length, reverse } = params;
  const constants = reads.length - carries - sequences;
  const shapeOf = (input: number): Shape => typeOf(block, node.inputs[input]!).shape;
  const results = [...body.outputs];
  const last = outputs.slice(0, carries).map((value) => wholeView(block, value));
  /** Where each carry's first value goes: its memory, and its history's. */
  const begins = last.map((view) => [view]);
  const start = (): Kernel[] =>
    startKernels(
      begins.map((views, i) => ({ views, shape: shapeOf(constants + i), read: reads[constants + i]! })),
      block,
      scope,
    );
  if (length === 0) return start();

  const arrivals = reads.map((read, i): Memory => {
    if (i >= constants && i < constants + carries) return seenInside(last[i - constants]!, shapeOf(i));
    const view = operandView(block, read as Operand);
    return i < constants ? seenInside(view, shapeOf(i)) : entryOf(view, shapeOf(i), params);
  });
  const entries = (value: number): Memory => entryOf(wholeView(block, value), typeOf(block, value).shape, params);
  const destinations = outputs.map((value, i): Destination | null => {
    if (i < carries) return { over: constants + i };
    if (!wanted.has(value)) return null;
    const carry = i - body.outputs.length;
    if (carry < 0 || block.memories[value] !== undefined) {
      // A stacked result; or a history in given memory: the carry's old value, as it is when the turn begins.
      if (carry >= 0) results[i] = constants + carry;
      return { memory: entries(value) };
    }
    const { shape, dtype } = typeOf(block, value);
    const size = sizeOf(shape.slice(1));
    const memory = newMemory(block.context, { shape: [length + 1, ...shape.slice(1)], dtype }, block.depth);
    block.memories[value] = reverse ? { ...memory, offset: size } : memory;
    const own = entries(value);
    begins[carry]!.push(
      viewOf(
        { ...own, turns: own.turns.slice(0, -1) },
        { shape: shape.slice(1), dtype },
        whole(shape.slice(1)),
        shape.slice(1),
      ),
    );
    results[i] = body.outputs[carry]!;
    return { memory: { ...own, offset: own.offset + (reverse ? -size : size) } };
  });
  const isUsed = (_: unknown, i: number): boolean => destinations[i] !== null;
  const kernels = block.context.lowerBlock(
    { ...body, outputs: results.filter(isUsed) },
    block.depth + 1,
    arrivals,
    destinations.filter((destination) => destination !== null),
  );
  if (kernels.length === 0) return start();
  return [...start(), { kind: 'repeat', count: length, kernels, scopes: scopesOf([scope]) }];
}

interface Begin {
  readonly views: readonly View[];
  readonly shape: Shape;
  readonly read: Beginning;
}

/** Puts first values into their places: a copy for each place, but one loop for all places of one size that get a constant. */
function startKernels(begins: readonly Begin[], block: Block, scope: string): Kernel[] {
  const kernels: Kernel[] = [];
  const fills = new Map<string, { readonly shape: Shape; readonly value: number; readonly views: View[] }>();
  for (const { views, shape, read } of begins) {
    if (sizeOf(shape) === 0) continue;
    if (typeof read !== 'number') {
      kernels.push(...views.map((to) => copyKernel(shape, operandView(block, read), [to], scope)));
      continue;
    }
    const key = `${views[0]!.dtype} ${shape.join()} ${Object.is(read, -0) ? '-0' : read}`;
    const fill = fills.get(key) ?? { shape, value: read, views: [] };
    fills.set(key, fill);
    fill.views.push(...views);
  }
  const room = block.context.target.limits.maxRegionsPerKernel;
  for (const { shape, value, views } of fills.values()) {
    for (let at = 0; at < views.length; at += room) {
      kernels.push(copyKernel(shape, value, views.slice(at, at + room), scope));
    }
  }
  return kernels;
}
