/** A block: one graph (a program's, or a scan's body) on its way to kernels, and what is known about its values so far. */
import type { DType } from '../dtype.js';
import { DTypeError, ResourceError, describe } from '../errors.js';
import type { ViewForm } from '../primitives/form.js';
import type { Backend } from '../runtime/backend.js';
import { sizeOf, type Shape } from '../shape.js';
import type { Graph, GraphNode, Type } from './graph.js';
import type { FaultSite, Kernel, View, Operand as ViewOperand } from './program.js';
import { join, split, through, whole, type Access } from './views.js';

/** What lowering asks of a backend. */
export type Target = Pick<Backend, 'limits' | 'bytes' | 'accepts'>;

/** Where a value lies: a buffer, an offset, what each turn of the enclosing repeats adds, and strides unless row-major. */
export interface Memory {
  readonly buffer: number;
  readonly offset: number;
  readonly turns: readonly number[];
  readonly strides?: readonly number[];
}

/** What all blocks of a program share. */
export interface Context {
  readonly target: Target;
  readonly fuse: boolean;
  /** Bytes of each buffer. Every value that is stored gets one of its own, and `plan` shares slots among them. */
  readonly buffers: number[];
  readonly sites: FaultSite[];
  /** What the backend said to the kernels it was offered, in order. */
  readonly answers: boolean[];
  /** Buffers that turned out to be another one's memory. */
  readonly aliases: Map<number, number>;
  /** Lowers a graph that arrives in given memory: what a scan does with its body. */
  readonly lowerBlock: (
    graph: Graph,
    depth: number,
    arrivals: readonly (Memory | undefined)[],
    destinations: readonly Destination[],
  ) => Kernel[];
}

/** What becomes of an output: written to given memory, or over an input (at the end of the block, or earlier when legal). */
export type Destination = { readonly memory: Memory } | { readonly over: number };

/** The state of lowering one graph. */
export interface Block {
  readonly context: Context;
  readonly graph: Graph;
  /** Repeats around it. */
  readonly depth: number;
  /** Where each input arrives; undefined for scalars. */
  readonly arrivals: readonly (Memory | undefined)[];
  /** For each input, its position among the program's scalars. */
  readonly scalars: readonly number[];
  readonly makers: readonly (GraphNode | undefined)[];
  /** Values that have memory of their own; every other one is computed wherever it is read. */
  readonly stored: boolean[];
  readonly memories: (Memory | undefined)[];
}

/** A value read from where it is stored. */
export interface Operand {
  readonly value: number;
  readonly access: Access;
  readonly shape: Shape;
}

/** A block in which nothing is decided yet. */
export function openBlock(
  context: Context,
  graph: Graph,
  depth: number,
  arrivals: readonly (Memory | undefined)[],
): Block {
  const makers = new Array<GraphNode | undefined>(graph.types.length).fill(undefined);
  for (const node of graph.nodes) for (const value of node.outputs) makers[value] = node;
  let scalars = 0;
  return {
    context,
    graph,
    depth,
    arrivals,
    scalars: graph.inputs.map(({ scalar }) => (scalar ? scalars++ : -1)),
    makers,
    stored: makers.map((maker) => maker !== undefined && !isInlined(maker)),
    memories: makers.map(() => undefined),
  };
}

/** True when what a node gives may be computed inside the loop that reads it. */
export const isInlined = ({ form }: GraphNode): boolean => form.kind !== 'steps';

/** True for nodes that only move elements. */
export const isView = (node: GraphNode): node is GraphNode & { readonly form: ViewForm } => node.form.kind === 'view';

/** Shape and dtype of a value. */
export const typeOf = (block: Block, value: number): Type => block.graph.types[value]!;

/** Elements × bytes, checked against what the device has. */
export function bytesOf(target: Target, { shape, dtype }: Type, where = 'lower'): number {
  const width = target.bytes[dtype];
  if (width === undefined) {
    throw new DTypeError(
      describe(where, `a dtype of the device (${Object.keys(target.bytes).join(', ')})`, dtype, 'Cast it first.'),
    );
  }
  const bytes = sizeOf(shape, where) * width;
  if (bytes > target.limits.maxBufferBytes) {
    const received = `${bytes} bytes for ${dtype} [${shape.join(', ')}]`;
    throw new ResourceError(describe(where, `at most ${target.limits.maxBufferBytes} bytes in one buffer`, received));
  }
  return bytes;
}

/** A new buffer, row-major. */
export function newMemory(context: Context, type: Type, depth: number): Memory {
  const buffer = context.buffers.push(bytesOf(context.target, type)) - 1;
  return { buffer, offset: 0, turns: new Array<number>(depth).fill(0) };
}

/** Memory of a stored value. */
export function memoryOf(block: Block, value: number): Memory {
  return (block.memories[value] ??= newMemory(block.context, typeOf(block, value), block.depth));
}

/** Chains of views longer than this are cut by a copy, so that no walk is long. */
const longestViewChain = 64;

/** Follows views from a read of `value` down to what is computed or stored. Marks what must be stored for that. */
export function settle(block: Block, value: number, access: Access, space: Shape): { value: number; access: Access } {
  for (let steps = 0; ; steps++) {
    const { shape } = typeOf(block, value);
    const maker = block.makers[value];
    if (block.stored[value]) return { value, access };
    if (maker === undefined) {
      // A strided input that cannot be read so is copied first.
      if (!canRead(block, value, access, space)) block.stored[value] = true;
      return { value, access };
    }
    if (!isView(maker)) return { value, access };
    const input = maker.inputs[0]!;
    const moved =
      steps === longestViewChain
        ? undefined
        : through(maker.form, maker.params, typeOf(block, input).shape, shape, access, space);
    if (moved === undefined) {
      block.stored[value] = true;
      return { value, access };
    }
    value = input;
    access = moved;
  }
}

/** True when a loop can read an input where it arrives: always, unless that is strided. */
export function canRead(block: Block, value: number, access: Access, space: Shape): boolean {
  if (block.arrivals[value]?.strides === undefined) return true;
  return split(access, space, typeOf(block, value).shape) !== undefined;
}

/** Window of a loop over `space` on memory that holds a value of `shape`. */
export function viewOf(
  memory: Memory,
  { shape, dtype }: { shape: Shape; dtype: DType },
  access: Access,
  space: Shape,
): View {
  const parts = memory.strides === undefined ? undefined : split(access, space, shape)!;
  const at = parts === undefined ? access : join(parts, memory.strides!, space.length);
  const view = { slot: memory.buffer, dtype, offset: memory.offset + at.offset, strides: at.strides };
  return memory.turns.length === 0 ? view : { ...view, turns: memory.turns };
}

/** Where reads of a value that is in memory go: to its own memory, or to where an input arrived. */
export function sourceOf(block: Block, value: number): Memory {
  return block.stored[value] ? memoryOf(block, value) : block.arrivals[value]!;
}

/** All of a stored value, over its shape. */
export function wholeView(block: Block, value: number): View {
  const type = typeOf(block, value);
  return viewOf(memoryOf(block, value), type, whole(type.shape), type.shape);
}

/** Where an operand lies, over its shape. */
export function operandView(block: Block, { value, access, shape }: Operand): View {
  return viewOf(sourceOf(block, value), typeOf(block, value), access, shape);
}

/** An operand with the sizes of its axes. */
export function sideOf(block: Block, operand: Operand): ViewOperand {
  return { view: operandView(block, operand), shape: operand.shape };
}

/** All of a stored value, with the sizes of its axes. */
export function resultSide(block: Block, value: number): ViewOperand {
  return { view: wholeView(block, value), shape: typeOf(block, value).shape };
}

/** Asks the backend, and remembers the answer for the program's key. */
export function offer(context: Context, kernel: Kernel): boolean {
  const answer = context.target.accepts(kernel);
  context.answers.push(answer);
  return answer;
}
