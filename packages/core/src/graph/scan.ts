/**
 * Scan: a `repeat` around the kernels of its body. Carries live in the memory of the last carries and are overwritten at the
 * end of a turn; sequences and stacks are memory that moves with the turn.
 */
import { sizeOf, type Shape } from '../shape.js';
import { copyKernel } from './assign.js';
import { operandView, typeOf, wholeView, type Block, type Destination, type Memory, type Operand } from './block.js';
import type { GraphNode } from './graph.js';
import type { Kernel, View } from './program.js';
import { whole } from './views.js';

type Scan = Extract<GraphNode, { primitive: 'scan' }>;

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
  const first = params.reverse ? offset + (params.length - 1) * stride! : offset;
  const memory = seenInside({ ...view, offset: first, strides }, shape.slice(1));
  return { ...memory, turns: [...memory.turns.slice(0, -1), params.reverse ? -stride! : stride!] };
}

/** Kernels of a scan whose operands are in memory; `wanted` has those of its outputs that somebody reads. */
export function emitScan(block: Block, node: Scan, reads: readonly Operand[], wanted: ReadonlySet<number>): Kernel[] {
  const { params, outputs } = node;
  const { body, carries, sequences, length } = params;
  const constants = reads.length - carries - sequences;
  const stacks = body.outputs.length - carries;
  const last = outputs.slice(0, carries).map((value) => wholeView(block, value));

  const starts = last.flatMap((view, i) => {
    const { shape } = typeOf(block, outputs[i]!);
    if (sizeOf(shape) === 0) return [];
    return [copyKernel(shape, operandView(block, reads[constants + i]!), view, node.scope)];
  });
  if (length === 0) return starts;

  const arrivals = reads.map((read, i): Memory => {
    if (i < constants) return seenInside(operandView(block, read), read.shape);
    if (i < constants + carries) return seenInside(last[i - constants]!, read.shape);
    return entryOf(operandView(block, read), read.shape, params);
  });
  const stack = (value: number): Destination => ({
    memory: entryOf(wholeView(block, value), typeOf(block, value).shape, params),
  });
  const results: number[] = [];
  const destinations: Destination[] = [];
  body.outputs.forEach((value, i) => {
    const stacked = outputs[i]!;
    if (i >= carries && !wanted.has(stacked)) return;
    results.push(value);
    destinations.push(i < carries ? { over: constants + i } : stack(stacked));
  });
  for (let i = 0; i < carries; i++) {
    const history = outputs[carries + stacks + i]!;
    if (!wanted.has(history)) continue;
    results.push(constants + i);
    destinations.push(stack(history));
  }
  const kernels = block.context.lowerBlock({ ...body, outputs: results }, block.depth + 1, arrivals, destinations);
  const scopes = node.scope === '' ? [] : [node.scope];
  return kernels.length === 0 ? starts : [...starts, { kind: 'repeat', count: length, kernels, scopes }];
}
