/** The two kinds of kernel that the probe has, in WGSL: a loop is a thread per kept index, a product a thread per 4 × 4 block. */
import {
  dtypes,
  isFloat,
  type DotKernel,
  type DType,
  type Instruction,
  type Kernel,
  type LoopKernel,
  type Opcode,
  type ReduceOp,
  type Store,
  type View,
} from '@antler/core';
import { literal, prelude, renderers, types } from './scalars.js';

/** A kernel ready to be compiled. Slots are named by their place among the bindings, so equal work has equal text. */
export interface Shader {
  readonly text: string;
  /** The slot of each binding, and whether some view writes it. */
  readonly bindings: readonly Binding[];
  /** One more binding, after the slots: the numbers that arrive with each run. */
  readonly usesScalars: boolean;
  readonly groups: readonly [number, number];
}

/** A slot of the program that a kernel touches. It is bound once, however many views look at it. */
export interface Binding {
  readonly slot: number;
  written: boolean;
}

/** WGSL of a kernel; null when it has no index to compute. */
export function renderKernel(kernel: Kernel): Shader | null {
  if (kernel.kind === 'loop') return renderLoop(kernel);
  if (kernel.kind === 'dot') return renderDot(kernel);
  throw new TypeError(`${kernel.kind} is not a kernel of the probe`);
}

const folds: { readonly [R in ReduceOp]: { readonly op: Opcode; readonly identity: (dtype: DType) => number } } = {
  sum: { op: 'add', identity: () => 0 },
  prod: { op: 'mul', identity: () => 1 },
  max: { op: 'max', identity: (dtype) => (isFloat(dtype) ? -Infinity : dtypes[dtype].range[0]) },
  min: { op: 'min', identity: (dtype) => (isFloat(dtype) ? Infinity : dtypes[dtype].range[1]) },
};

function renderLoop({ shape, reduced, inputs, body, reductions, epilogue, stores }: LoopKernel): Shader | null {
  const kept = shape.length - reduced;
  const reducedTypes = reductions.map(({ value }) => body[value]!.dtype);
  const values = [...body.map(dtypeOf), ...reducedTypes, ...epilogue.map(dtypeOf)];
  const axes = names('i', shape);
  const writer = new Writer(inputs, axes, values);
  writer.split('thread', shape.slice(0, kept), axes);
  reductions.forEach(({ op }, r) => {
    const dtype = reducedTypes[r]!;
    writer.line(`var v${body.length + r} = ${literal(folds[op].identity(dtype), dtype)};`);
  });
  writer.nest(shape.slice(kept), axes.slice(kept));
  writer.compute(body, 0);
  writer.store(stores.filter(({ value }) => value < body.length));
  reductions.forEach(({ op, value }, r) => {
    const result = `v${body.length + r}`;
    writer.line(`${result} = ${renderers[folds[op].op]([result, `v${value}`], reducedTypes[r]!, reducedTypes[r]!)};`);
  });
  writer.line('}'.repeat(reduced));
  writer.compute(epilogue, body.length + reductions.length);
  writer.store(stores.filter(({ value }) => value >= body.length));
  return writer.shader(product(shape.slice(0, kept)));
}

function renderDot({ dtype, batch, m, n, k, a, b, inputs, epilogue, stores }: DotKernel): Shader | null {
  const [rows, columns, type] = [product(m), product(n), types[dtype]];
  const axes = names('i', [...batch, ...m, ...n]);
  const mAxes = axes.slice(batch.length, batch.length + m.length);
  const batchAxes = axes.slice(0, batch.length);
  const nAxes = axes.slice(batch.length + m.length);
  const kAxes = names('k', k);
  const zeros = k.map(() => '0');
  const writer = new Writer(inputs, axes, [dtype, ...epilogue.map(dtypeOf)]);
  writer.split('thread', [product(batch), Math.ceil(rows / 4), Math.ceil(columns / 4)], ['block', 'top', 'left']);
  writer.split('block', batch, batchAxes);
  // Lanes past the edge compute the last row or column once more, and do not store it.
  writer.line('var a_start: array<i32, 4>; var b_start: array<i32, 4>;');
  writer.line('for (var lane = 0; lane < 4; lane++) {');
  writer.line(`let row = min(top * 4 + lane, ${rows - 1}); let column = min(left * 4 + lane, ${columns - 1});`);
  writer.split('row', m, mAxes);
  writer.split('column', n, nAxes);
  writer.line(`a_start[lane] = ${address(a, [...batchAxes, ...mAxes, ...zeros])};`);
  writer.line(`b_start[lane] = ${address(b, [...batchAxes, ...zeros, ...nAxes])}; }`);
  const lanes = [0, 1, 2, 3];
  for (const lane of lanes) writer.line(`var sum${lane}: vec4<${type}>;`);
  writer.nest(k, kAxes);
  writer.line(`let a_step = ${address({ ...a, offset: 0, strides: a.strides.slice(-k.length) }, kAxes)};`);
  writer.line(`let b_step = ${address({ ...b, offset: 0, strides: b.strides.slice(batch.length) }, kAxes)};`);
  writer.line(`let b_row = vec4(${lanes.map((lane) => writer.load(b, `b_start[${lane}] + b_step`)).join(', ')});`);
  for (const lane of lanes) writer.line(`sum${lane} += ${writer.load(a, `a_start[${lane}] + a_step`)} * b_row;`);
  writer.line('}'.repeat(k.length));
  writer.line(`var sums = array(${lanes.map((lane) => `sum${lane}`).join(', ')});`);
  writer.line('for (var cell = 0; cell < 16; cell++) {');
  writer.line(`let row = top * 4 + cell / 4; let column = left * 4 + cell % 4;`);
  writer.line(`if (row >= ${rows} || column >= ${columns}) { continue; }`);
  writer.split('row', m, mAxes);
  writer.split('column', n, nAxes);
  writer.line('let v0 = sums[cell / 4][cell % 4];');
  writer.compute(epilogue, 1);
  writer.store(stores);
  writer.line('}');
  return writer.shader(product(batch) * Math.ceil(rows / 4) * Math.ceil(columns / 4));
}

const groupSize = 64;
const maxGroups = 65535;

/** Collects a kernel's statements, and the slots and scalars that they turn out to touch. */
class Writer {
  readonly #lines: string[] = [];
  readonly #bindings: Binding[] = [];
  #scalars = 0;
  readonly #inputs: readonly View[];
  readonly #axes: readonly string[];
  readonly #dtypes: readonly DType[];

  constructor(inputs: readonly View[], axes: readonly string[], dtypesOfValues: readonly DType[]) {
    this.#inputs = inputs;
    this.#axes = axes;
    this.#dtypes = dtypesOfValues;
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** Declares the row-major coordinates of a flat index. */
  split(flat: string, sizes: readonly number[], coordinates: readonly string[]): void {
    let stride = product(sizes);
    sizes.forEach((size, axis) => {
      stride /= size;
      this.line(`let ${coordinates[axis]} = ${flat} / ${stride} % ${size};`);
    });
  }

  /** Opens one loop per axis. */
  nest(sizes: readonly number[], coordinates: readonly string[]): void {
    sizes.forEach((size, axis) => {
      const name = coordinates[axis];
      this.line(`for (var ${name} = 0; ${name} < ${size}; ${name}++) {`);
    });
  }

  load(view: View, at: string): string {
    return `bitcast<${types[view.dtype]}>(${this.#bind(view.slot, false)}[${at}])`;
  }

  /** Names the instructions' values from `v<first>` on. */
  compute(instructions: readonly Instruction[], first: number): void {
    instructions.forEach((instruction, i) => {
      this.line(`let v${first + i}: ${types[instruction.dtype]} = ${this.#expression(instruction)};`);
    });
  }

  store(stores: readonly Store[]): void {
    for (const { view, value } of stores) {
      this.line(`${this.#bind(view.slot, true)}[${address(view, this.#axes)}] = bitcast<u32>(v${value});`);
    }
  }

  /** The whole text, for that many threads. */
  shader(threads: number): Shader | null {
    if (threads === 0) return null;
    const count = Math.ceil(threads / groupSize);
    const groups = [Math.min(count, maxGroups), Math.ceil(count / maxGroups)] as const;
    const bindings = this.#bindings.map(({ written }, i) => {
      return `@group(0) @binding(${i}) var<storage, ${written ? 'read_write' : 'read'}> s${i}: array<u32>;`;
    });
    if (this.#scalars > 0) {
      const blocks = Math.ceil(this.#scalars / 4);
      bindings.push(`@group(0) @binding(${bindings.length}) var<uniform> scalars: array<vec4<u32>, ${blocks}>;`);
    }
    const text = [
      ...bindings,
      prelude,
      `@compute @workgroup_size(${groupSize}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {`,
      `let thread = i32(id.x + id.y * ${groups[0] * groupSize});`,
      `if (thread >= ${threads}) { return; }`,
      ...this.#lines,
      '}',
    ].join('\n');
    return { text, bindings: this.#bindings, usesScalars: this.#scalars > 0, groups };
  }

  #expression(instruction: Instruction): string {
    const { op, dtype } = instruction;
    if (op === 'load') {
      const view = this.#inputs[instruction.input]!;
      return this.load(view, address(view, this.#axes));
    }
    if (op === 'const') return literal(instruction.value, dtype);
    if (op === 'index') return `${types[dtype]}(${this.#axes[instruction.axis]})`;
    if (op === 'scalar') {
      this.#scalars = Math.max(this.#scalars, instruction.index + 1);
      return `bitcast<${types[dtype]}>(scalars[${instruction.index >> 2}][${instruction.index & 3}])`;
    }
    const { args } = instruction;
    const from = this.#dtypes[args[args.length - 1]!]!;
    return renderers[op](
      args.map((value) => `v${value}`),
      from,
      dtype,
    );
  }

  #bind(slot: number, written: boolean): string {
    let i = this.#bindings.findIndex((binding) => binding.slot === slot);
    if (i < 0) i = this.#bindings.push({ slot, written }) - 1;
    if (written) this.#bindings[i]!.written = true;
    return `s${i}`;
  }
}

/** The element that a view has at some coordinates. */
function address({ offset, strides }: View, at: readonly string[]): string {
  const terms = strides.flatMap((stride, axis) => (stride === 0 ? [] : [`${at[axis]} * ${stride}`]));
  return [String(offset), ...terms].join(' + ');
}

function names(letter: string, sizes: readonly number[]): string[] {
  return sizes.map((_, axis) => `${letter}${axis}`);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((size, n) => size * n, 1);
}

function dtypeOf({ dtype }: Instruction): DType {
  return dtype;
}
