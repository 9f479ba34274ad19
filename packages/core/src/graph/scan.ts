/**
 * Scan: a `repeat` around the kernels of its body. Carries live in the memory of the last carries and are overwritten at the
 * end of a turn; sequences and stacks are memory that moves with the turn.
 */
import { sizeOf, type Shape } from '../shape.js';
import { copyKernel } from './assign.js';
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
} from './block.js';
import type { NodeOf } from './graph.js';
import { scopesOf } from './loop.js';
import type { Kernel, View } from './program.js';
import { whole } from './views.js';

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
export function emitScan(block: Block, node: Scan, reads: readonly Beginning[], wanted: ReadonlySet<number>): Kernel[] {
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

/** Where a carry begins: an operand, or one number for all elements. */
export type Beginning = Operand | number;

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
