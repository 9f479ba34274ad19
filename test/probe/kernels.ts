/** Loops in WGSL, one thread per kept index; a product is the loop that multiplies and adds. */
import { dtypes, isFloat } from '@antler/core';
import type { DotKernel, DType, Instruction, LoopKernel, Opcode, ReduceOp, Store, View } from '@antler/core';
import { literal, prelude, renderers, types } from './scalars.js';

/** What stands for the slot of the numbers that arrive with each run: a scalar is a load from it. */
export const scalarSlot = -1;

type Binding = { readonly slot: number; readonly access: 'read' | 'read_write' };

/** A kernel ready to be compiled. Slots are named by their place among the bindings, so equal work has equal text. */
export interface Shader {
  readonly text: string;
  /** Each slot that the kernel touches is bound once, however many views look at it. */
  readonly bindings: readonly Binding[];
  readonly groups: readonly [number, number];
}

const [groupSize, maxGroups] = [64, 65535];

const product = (sizes: readonly number[]): number => sizes.reduce((size, n) => size * n, 1);

const folds: { readonly [R in ReduceOp]: { readonly op: Opcode; readonly identity: (dtype: DType) => number } } = {
  sum: { op: 'add', identity: () => 0 },
  prod: { op: 'mul', identity: () => 1 },
  max: { op: 'max', identity: (dtype) => (isFloat(dtype) ? -Infinity : dtypes[dtype].range[0]) },
  min: { op: 'min', identity: (dtype) => (isFloat(dtype) ? Infinity : dtypes[dtype].range[1]) },
};

/** The loop that a product is: its values are a, b, a · b, their sum over k, and then the epilogue's. */
export function loopOf({ dtype, batch, m, n, k, a, b, inputs, epilogue, stores, scopes }: DotKernel): LoopKernel {
  // Each view's strides, by the group of axes they belong to, are set out over batch, m, n and k.
  const [start, rows, terms] = [batch.length, batch.length + m.length, batch.length + k.length];
  const none = (sizes: readonly number[]): number[] => sizes.map(() => 0);
  const over = (view: View, ...strides: (readonly number[])[]): View => ({ ...view, strides: strides.flat() });
  const overOutput = (view: View): View => over(view, view.strides, none(k));
  const aView = over(a, a.strides.slice(0, rows), none(n), a.strides.slice(rows));
  const bView = over(b, b.strides.slice(0, start), none(m), b.strides.slice(terms), b.strides.slice(start, terms));
  const load = (input: number): Instruction => ({ op: 'load', input, dtype });
  return {
    kind: 'loop',
    shape: [...batch, ...m, ...n, ...k],
    reduced: k.length,
    inputs: [aView, bView, ...inputs.map(overOutput)],
    body: [load(0), load(1), { op: 'mul', args: [0, 1], dtype }],
    reductions: [{ op: 'sum', value: 2 }],
    epilogue: epilogue.map((instruction) => {
      if (instruction.op === 'load') return { ...instruction, input: instruction.input + 2 };
      return 'args' in instruction ? { ...instruction, args: instruction.args.map((value) => value + 3) } : instruction;
    }),
    stores: stores.map(({ view, value }) => ({ view: overOutput(view), value: value + 3 })),
    scopes,
  };
}

/** WGSL of a loop; null when it has no index to compute. */
export function renderLoop({ shape, reduced, inputs, body, reductions, epilogue, stores }: LoopKernel): Shader | null {
  const slots: number[] = [];
  const written = new Set(stores.map(({ view }) => view.slot));
  const bound = (view: Omit<View, 'dtype'>): string => {
    if (!slots.includes(view.slot)) slots.push(view.slot);
    const terms = view.strides.flatMap((stride, axis) => (stride === 0 ? [] : [`i${axis} * ${stride}`]));
    return `s${slots.indexOf(view.slot)}[${[view.offset, ...terms].join(' + ')}]`;
  };
  const results = reductions.map(({ op, value }, r) => ({
    ...folds[op],
    value: `v${value}`,
    name: `v${body.length + r}`,
    dtype: body[value]!.dtype,
  }));
  const values = [...body, ...results, ...epilogue].map(({ dtype }) => dtype);
  const expression = (instruction: Instruction): string => {
    const type = types[instruction.dtype];
    const load = (view: Omit<View, 'dtype'>): string => `bitcast<${type}>(${bound(view)})`;
    if (instruction.op === 'load') return load(inputs[instruction.input]!);
    if (instruction.op === 'scalar') return load({ slot: scalarSlot, offset: instruction.index, strides: [] });
    if (instruction.op === 'const') return literal(instruction.value, instruction.dtype);
    if (instruction.op === 'index') return `${type}(i${instruction.axis})`;
    const { op, args, dtype } = instruction;
    const names = args.map((value) => `v${value}`);
    return renderers[op](names, values[args[args.length - 1]!]!, dtype);
  };
  const compute = (instructions: readonly Instruction[], first: number): string[] =>
    instructions.map((one, i) => `let v${first + i}: ${types[one.dtype]} = ${expression(one)};`);
  const store = (test: (store: Store) => boolean): string[] =>
    stores.filter(test).map(({ view, value }) => `${bound(view)} = bitcast<u32>(v${value});`);

  const kept = shape.length - reduced;
  const threads = product(shape.slice(0, kept));
  if (threads === 0) return null;
  const count = Math.ceil(threads / groupSize);
  const folding = [
    ...shape.slice(kept).map((size, i) => `for (var i${kept + i} = 0; i${kept + i} < ${size}; i${kept + i}++) {`),
    ...compute(body, 0),
    ...store(({ value }) => value < body.length),
    ...results.map(({ op, name, value, dtype }) => `${name} = ${renderers[op]([name, value], dtype, dtype)};`),
    '}'.repeat(reduced),
  ];
  const finish = [...compute(epilogue, body.length + results.length), ...store(({ value }) => value >= body.length)];
  const bindings = slots.map((slot): Binding => ({ slot, access: written.has(slot) ? 'read_write' : 'read' }));
  const text = [
    ...bindings.map(({ access }, i) => `@group(0) @binding(${i}) var<storage, ${access}> s${i}: array<u32>;`),
    prelude(),
    `@compute @workgroup_size(${groupSize}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {`,
    `let thread = i32(id.x + id.y * ${maxGroups * groupSize});`,
    `if (thread >= ${threads}) { return; }`,
    ...shape.slice(0, kept).map((size, i) => `let i${i} = thread / ${product(shape.slice(i + 1, kept))} % ${size};`),
    ...results.map(({ name, identity, dtype }) => `var ${name} = ${literal(identity(dtype), dtype)};`),
    ...folding,
    ...finish,
    '}',
  ].join('\n');
  return { text, bindings, groups: [Math.min(count, maxGroups), Math.ceil(count / maxGroups)] };
}
