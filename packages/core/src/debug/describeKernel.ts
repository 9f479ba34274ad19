/** A kernel in the words of its user: what it does, on how much, in which layers. */
import { dtypes } from '../dtype.js';
import type { Instruction, Kernel, Program, View } from '../graph/program.js';
import { touched } from '../graph/touch.js';
import { showShape } from '../shape.js';

/** What a profile says of a kernel beside its time. */
export interface KernelDescription {
  readonly kind: Kernel['kind'];
  /** Such as `dot [64]×[128]×[784]` or `loop [64, 10] reduced by 1`. */
  readonly text: string;
  /** The scalar operations in it, in order, without repetition. */
  readonly operations: readonly string[];
  /** Paths of the layers that recorded it; empty outside of layers. */
  readonly layers: readonly string[];
  /** Bytes that it reads and writes, each element counted once. */
  readonly bytes: number;
}

interface Row<K extends Kernel> {
  /** Sizes, and what else is worth a word. */
  readonly text: (kernel: K) => string;
  /** Indices that it runs over: no operand is read or written in more places. */
  readonly space: (kernel: K) => readonly (readonly number[])[];
  readonly operations?: (kernel: K) => readonly string[];
}

const table: { readonly [K in Kernel['kind']]: Row<Extract<Kernel, { kind: K }>> } = {
  loop: {
    text: ({ shape, reduced }) => `${showShape(shape)}${reduced === 0 ? '' : ` reduced by ${reduced}`}`,
    space: ({ shape }) => [shape],
    operations: ({ body, reductions, epilogue }) => [
      ...named(body),
      ...reductions.map(({ op }) => `reduce ${op}`),
      ...named(epilogue),
    ],
  },
  dot: {
    text: ({ batch, m, n, k }) =>
      [...(batch.length === 0 ? [] : [batch]), m, n, k].map((sizes) => showShape(sizes)).join('×'),
    space: ({ batch, m, n, k }) => [batch, m, n, k],
    operations: ({ epilogue }) => named(epilogue),
  },
  conv: {
    text: ({ map, input, kernel, output }) =>
      `${map} ${showShape(input)} ∗ ${showShape(kernel)} → ${showShape(output)}`,
    space: ({ kernel, output }) => [kernel, output],
    operations: ({ epilogue }) => named(epilogue),
  },
  gather: {
    text: ({ batch, index, slice }) => showShape([...batch, ...index, ...slice]),
    space: ({ batch, index, slice, limits }) => [batch, index, slice, [limits.length]],
  },
  scatter: {
    text: ({ mode, batch, index, slice }) => `${mode} ${showShape([...batch, ...index, ...slice])}`,
    space: ({ batch, index, slice, limits }) => [batch, index, slice, [limits.length]],
  },
  cumulate: { text: ({ op, shape }) => `${op} ${showShape(shape)}`, space: ({ shape }) => [shape] },
  sort: { text: ({ shape }) => showShape(shape), space: ({ shape }) => [shape] },
  repeat: { text: ({ count, kernels }) => `${count} × ${kernels.length} kernels`, space: () => [] },
  composite: {
    text: ({ name, inputs }) => `${name} ${inputs.map(({ shape }) => showShape(shape)).join(' ')}`,
    space: ({ inputs, outputs }) => [...inputs, ...outputs].map(({ shape }) => shape),
  },
};

/** Describes a kernel of a program. */
export function describeKernel(program: Program, kernel: Kernel): KernelDescription {
  const { text, space, operations } = table[kernel.kind] as Row<Kernel>;
  const inside = kernel.kind === 'repeat' ? kernel.kernels.map((one) => describeKernel(program, one)) : [];
  const places = product(space(kernel).flat());
  const weigh = ({ slot, dtype }: View): number => Math.min(program.slots[slot]!.bytes, places * dtypes[dtype].bytes);
  const { reads, writes } = touched(kernel);
  const bytes = sum([...distinct(reads), ...distinct(writes)].map(weigh));
  const layers = [...kernel.scopes, ...inside.flatMap((one) => one.layers)].filter((scope) => scope !== '');
  return {
    kind: kernel.kind,
    text: `${kernel.kind} ${text(kernel)}`,
    operations: [...new Set([...(operations?.(kernel) ?? []), ...inside.flatMap((one) => one.operations)])],
    layers: [...new Set(layers)],
    bytes: kernel.kind === 'repeat' ? kernel.count * sum(inside.map((one) => one.bytes)) : bytes,
  };
}

const plumbing: ReadonlySet<string> = new Set(['load', 'const', 'scalar', 'index']);

const named = (body: readonly Instruction[]): readonly string[] =>
  body.map(({ op }) => op).filter((op) => !plumbing.has(op));

const distinct = (views: readonly View[]): readonly View[] => [
  ...new Map(views.map((view) => [view.slot, view])).values(),
];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const product = (numbers: readonly number[]): number => numbers.reduce((total, number) => total * number, 1);
