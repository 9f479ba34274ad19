/** Printing: graphs and programs as text, one line per node or kernel, and as Mermaid flowcharts. */
import type { Opcode } from './opcodes.js';
import type { Graph, GraphNode, Type } from './graph.js';
import type { ConvKernel, DotKernel, Instruction, Kernel, LoopKernel, Program, Store, View } from './program.js';
import { touched } from './touch.js';
import { convRoles } from '../ops/primitives/convolution.js';
import { showShape, stridesOf, type Shape } from '../shape.js';

/** A graph as text: `%5 = add float32[2, 3] %3 %4  # layer`. Graphs inside of nodes are indented below them. */
export function printGraph(graph: Graph): string {
  return [graphHead(graph), ...graphLines(graph, '  ')].join('\n');
}

function graphHead({ inputs, types, outputs }: Graph): string {
  const list = inputs.map(({ scalar }, i) => `%${i} ${scalar ? 'scalar ' : ''}${showType(types[i]!)}`);
  return `graph (${list.join(', ')}) → ${outputs.map((value) => `%${value}`).join(', ')}`;
}

function graphLines({ nodes, types }: Graph, indent: string): string[] {
  return nodes.flatMap((node) => {
    const results = node.outputs.map((value) => `%${value}`).join(', ');
    const kinds = node.outputs.map((value) => showType(types[value]!)).join(', ');
    const words = [`${results} =`, node.primitive, kinds, ...node.inputs.map((value) => `%${value}`), showParams(node)];
    const line = `${indent}${words.filter((word) => word !== '').join(' ')}${showScope([node.scope])}`;
    const inside = innerGraph(node);
    if (inside === undefined) return [line];
    return [line, `${indent}  ${graphHead(inside)}`, ...graphLines(inside, `${indent}    `)];
  });
}

const showType = ({ shape, dtype }: Type): string => `${dtype}${showShape(shape)}`;

function innerGraph({ primitive, params }: GraphNode): Graph | undefined {
  return primitive === 'scan' || primitive === 'composite' ? params.body : undefined;
}

function showParams({ params }: GraphNode): string {
  const entries = Object.entries(params).filter(([name]) => name !== 'body' && name !== 'vjp');
  return entries.length === 0 ? '' : `{${entries.map(([name, value]) => `${name}: ${showValue(value)}`).join(', ')}}`;
}

function showValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

const showScope = (scopes: readonly string[]): string => {
  const named = scopes.filter((scope) => scope !== '');
  return named.length === 0 ? '' : `  # ${named.join(', ')}`;
};

/** A program as text: its slots, then a line per kernel that says what is stored where, as an expression of what is read. */
export function printProgram(program: Program): string {
  const { slots, kernels, scalars, faults } = program;
  const roles = slots.map(({ role, bytes }, i) => `s${i} ${role} ${bytes}`);
  return [
    `program: ${count(kernels)} kernels, ${slots.length} slots, ${temporaryBytes(program)} temporary bytes`,
    `  ${roles.join(', ')}`,
    ...(scalars.length === 0 ? [] : [`  scalars ${scalars.map((dtype, i) => `c${i} ${dtype}`).join(', ')}`]),
    ...(faults === null ? [] : [`  faults in s${faults.slot}`]),
    ...kernelLines(kernels, '  '),
  ].join('\n');
}

function count(kernels: readonly Kernel[]): number {
  return kernels.reduce((sum, kernel) => sum + (kernel.kind === 'repeat' ? count(kernel.kernels) : 1), 0);
}

const temporaryBytes = ({ slots }: Program): number =>
  slots.reduce((sum, { role, bytes }) => sum + (role === 'temp' ? bytes : 0), 0);

function kernelLines(kernels: readonly Kernel[], indent: string): string[] {
  return kernels.flatMap((kernel, i) => {
    const line = `${indent}${i} ${showKernel(kernel)}${showScope(kernel.scopes)}`;
    return kernel.kind === 'repeat' ? [line, ...kernelLines(kernel.kernels, `${indent}  `)] : [line];
  });
}

const printers: { readonly [K in Kernel['kind']]: (kernel: Extract<Kernel, { kind: K }>) => string } = {
  loop(kernel) {
    const { shape, reduced } = kernel;
    const kept = shape.slice(0, shape.length - reduced).join(', ');
    const axes = reduced === 0 ? kept : `${kept} | ${shape.slice(shape.length - reduced).join(', ')}`;
    return `loop [${axes}] ${statements(kernel, shape).join('; ')}`;
  },
  dot(kernel) {
    const { batch, m, n, k, a, b } = kernel;
    const left = showView(a, [...batch, ...m, ...k]);
    const right = showView(b, [...batch, ...k, ...n]);
    const sizes = [
      batch.length > 0 ? `batch ${showShape(batch)} ` : '',
      `${showShape(m)}×${showShape(n)}×${showShape(k)}`,
    ];
    return `dot ${sizes.join('')} ${statements(kernel, [...batch, ...m, ...n], `(${left} · ${right})`).join('; ')}`;
  },
  conv(kernel) {
    const { map, input, output, strides, padding, dilation, groups, a, b } = kernel;
    const [left, right] = convRoles[map];
    const product = `${showView(a, kernel[left])} ∗ ${showView(b, kernel[right])}`;
    const geometry = [
      `${showShape(input)}∗${showShape(kernel.kernel)}→${showShape(output)}`,
      strides.some((n) => n !== 1) ? ` strides ${showShape(strides)}` : '',
      padding.some(([low, high]) => low !== 0 || high !== 0) ? ` padding [${padding.map(showShape).join(', ')}]` : '',
      dilation.some((n) => n !== 1) ? ` dilation ${showShape(dilation)}` : '',
      groups === 1 ? '' : ` groups ${groups}`,
    ];
    return `conv ${map} ${geometry.join('')} ${statements(kernel, kernel[map], product).join('; ')}`;
  },
  gather({ x, indices, out, batch, index, limits, slice }) {
    const [to, from] = [showView(out, [...batch, ...index, ...slice]), showView(x, [...batch, ...limits, ...slice])];
    return `gather ${to} = ${from}[${showView(indices, [...batch, ...index, limits.length])}]`;
  },
  scatter({ mode, updates, indices, out, batch, index, limits, slice }) {
    const [to, from] = [
      showView(out, [...batch, ...limits, ...slice]),
      showView(updates, [...batch, ...index, ...slice]),
    ];
    return `scatter ${mode} ${to}[${showView(indices, [...batch, ...index, limits.length])}] ← ${from}`;
  },
  cumulate: ({ op, exclusive, shape, x, out }) =>
    `cumulate ${op}${exclusive ? ' exclusive' : ''} ${showShape(shape)} ${showView(out, shape)} = ${showView(x, shape)}`,
  sort({ descending, shape, inputs, outputs }) {
    const list = (views: readonly View[]): string => views.map((view) => showView(view, shape)).join(', ');
    return `sort ${descending ? 'descending ' : ''}${showShape(shape)} ${list(outputs)} = ${list(inputs)}`;
  },
  repeat: ({ count: turns }) => `repeat ${turns}`,
  composite: ({ name, inputs, outputs }) =>
    `${name} ${outputs.map(({ view, shape }) => showView(view, shape)).join(', ')} = ${inputs
      .map(({ view, shape }) => showView(view, shape))
      .join(', ')}`,
};

function showKernel(kernel: Kernel): string {
  return (printers[kernel.kind] as (kernel: Kernel) => string)(kernel);
}

/** `s3`, with the offset, turns and strides that are not what row-major memory of the shape has. */
function showView({ slot, offset, strides, turns = [] }: View, shape: Shape): string {
  const expected = stridesOf(shape);
  const usual = strides.every((stride, axis) => shape[axis] === 1 || stride === expected[axis]);
  const moves = turns.flatMap((turn, i) => (turn === 0 ? [] : [`${turn}·t${i}`]));
  const from = [...(offset === 0 ? [] : [String(offset)]), ...moves].map((part) => `+${part}`).join('');
  return `s${slot}${from}${usual ? '' : `{${strides.join(', ')}}`}`;
}

const infix: { readonly [O in Opcode]?: string } = {
  ...{ add: '+', sub: '−', mul: '·', div: '/', rem: '%', eq: '=', ne: '≠', lt: '<', le: '≤' },
  ...{ and: '&', or: '|', xor: '^', shl: '<<', shr: '>>' },
};

/** Assignments of a kernel: values that are used once are written where they are used, the others get a name. */
function statements(kernel: LoopKernel | DotKernel | ConvKernel, shape: Shape, product?: string): string[] {
  const { inputs, stores, epilogue } = kernel;
  const reductions = kernel.kind === 'loop' ? kernel.reductions : [];
  const body = kernel.kind === 'loop' ? kernel.body : [];
  const first: readonly (Instruction | { readonly op: 'product' })[] =
    product === undefined ? body : [{ op: 'product' }];
  const uses = new Map<number, number>();
  const use = (value: number): unknown => uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const step of [...body, ...epilogue]) if ('args' in step) step.args.forEach(use);
  for (const { value } of [...reductions, ...stores]) use(value);
  const texts: string[] = [];
  const lines: string[] = [];
  const give = (text: string, isPlain: boolean): void => {
    const value = texts.length;
    if (isPlain || (uses.get(value) ?? 0) < 2) texts.push(text);
    else {
      lines.push(`v${value} = ${text}`);
      texts.push(`v${value}`);
    }
  };
  const step = (instruction: (typeof first)[number]): void => {
    if (instruction.op === 'product') give(product!, false);
    else if (instruction.op === 'load') give(showView(inputs[instruction.input]!, shape), true);
    else if (instruction.op === 'const') give(String(instruction.value), true);
    else if (instruction.op === 'scalar') give(`c${instruction.index}`, true);
    else if (instruction.op === 'index') give(`i${instruction.axis}`, true);
    else give(showOperation(instruction, texts), false);
  };
  first.forEach(step);
  reductions.forEach(({ op, value }) => give(`${op}(${bare(texts[value]!)})`, false));
  epilogue.forEach(step);
  return [...lines, ...stores.map((store) => showStore(store, texts, shape))];
}

function showOperation(
  { op, args, dtype }: Extract<Instruction, { args: readonly number[] }>,
  texts: readonly string[],
): string {
  const list = args.map((arg) => texts[arg]!);
  const sign = infix[op];
  if (sign !== undefined) return `(${list.join(` ${sign} `)})`;
  const name = op === 'cast' || op === 'bitcast' ? (op === 'cast' ? dtype : `bits ${dtype}`) : op;
  return `${name}(${list.map(bare).join(', ')})`;
}

/** Without the parentheses around it. */
function bare(text: string): string {
  let depth = 0;
  if (!text.startsWith('(')) return text;
  for (const [i, letter] of [...text].entries()) {
    if (letter === '(') depth++;
    if (letter === ')') depth--;
    if (depth === 0 && i < text.length - 1) return text;
  }
  return text.slice(1, -1);
}

function showStore({ view, value }: Store, texts: readonly string[], shape: Shape): string {
  return `${showView(view, shape)} = ${bare(texts[value]!)}`;
}

/** A graph as a Mermaid flowchart; layers are its subgraphs. */
export function graphToMermaid(graph: Graph): string {
  const makers = new Map(graph.nodes.flatMap((node, i) => node.outputs.map((value) => [value, `n${i}`] as const)));
  const nameOf = (value: number): string => makers.get(value) ?? `i${value}`;
  const boxes = graph.nodes.map((node, i) => ({
    scope: node.scope,
    line: `n${i}["${node.primitive} ${node.outputs.map((value) => showType(graph.types[value]!)).join(', ')}"]`,
  }));
  return flowchart([
    ...graph.inputs.map((_, i) => `i${i}(["%${i} ${showType(graph.types[i]!)}"])`),
    ...inLayers(boxes),
    ...graph.nodes.flatMap((node, i) => node.inputs.map((value) => `${nameOf(value)} --> n${i}`)),
    ...graph.outputs.flatMap((value, i) => [`o${i}(["output ${i}"])`, `${nameOf(value)} --> o${i}`]),
  ]);
}

/** A program as a Mermaid flowchart: kernels, and the slots through which they depend on each other. */
export function programToMermaid({ slots, kernels, faults }: Program): string {
  const writers = new Map<number, string>();
  const lines = slots.flatMap(({ role }, i) => {
    // The fault slot holds something from the beginning: no fault yet.
    if (role === 'temp' || (role === 'output' && i !== faults?.slot)) return [];
    writers.set(i, `s${i}`);
    return [`s${i}(["s${i} ${role}"])`];
  });
  const boxes: { scope: string; line: string }[] = [];
  const edges: string[] = [];
  kernels.forEach((kernel, i) => {
    boxes.push({ scope: kernel.scopes[0] ?? '', line: `k${i}["${i} ${kernel.kind}"]` });
    const { reads, writes } = touched(kernel);
    for (const slot of new Set(reads.map((view) => view.slot))) edges.push(`${writers.get(slot)} -->|s${slot}| k${i}`);
    for (const { slot } of writes) writers.set(slot, `k${i}`);
  });
  const results = slots.flatMap(({ role }, i) =>
    role === 'output' || role === 'inout' ? [`o${i}(["s${i} ${role}"])`, `${writers.get(i)} --> o${i}`] : [],
  );
  return flowchart([...lines, ...inLayers(boxes), ...edges, ...results]);
}

const flowchart = (lines: readonly string[]): string =>
  ['flowchart TD', ...lines.map((line) => `  ${line}`)].join('\n');

function inLayers(boxes: readonly { readonly scope: string; readonly line: string }[]): string[] {
  const layers = new Map<string, string[]>();
  for (const { scope, line } of boxes) layers.set(scope, [...(layers.get(scope) ?? []), line]);
  return [...layers].flatMap(([scope, members], i) => {
    const inside = members.map((line) => `  ${line}`);
    return scope === '' ? members : [`subgraph layer${i} ["${scope}"]`, ...inside, 'end'];
  });
}
