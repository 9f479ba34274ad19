/**
 * Simplification: a graph that gives the same numbers, bit for bit, with fewer nodes. Nodes are added one by one; each is
 * first rewritten by its rule, then looked up among the equal ones. Composites that nobody takes are expanded on the way.
 */
import { dtypes, type DType } from '../dtype.js';
import { primitives, type Primitive, type PrimitiveParams } from '../primitives.js';
import { sameShape, type Shape } from '../shape.js';
import { addConvolution } from './convolve.js';
import { fold } from './fold.js';
import type { Origin } from '../jit/trace.js';
import type { Graph, GraphNode, NodeOf, Type } from './graph.js';
import { paramsKey } from './key.js';
import type { ReduceOp } from './program.js';

/** A node before its outputs are numbered. */
export type Draft<P extends Primitive = Primitive> = {
  readonly [Q in P]: Omit<NodeOf<Q>, 'outputs'>;
}[P];

/** A graph under construction: what rules may ask and add. */
export interface Draftbook {
  readonly types: Type[];
  /** Node that gives a value; undefined for inputs. */
  readonly makers: (GraphNode | undefined)[];
  /** Adds a node unless an equal one is there; returns its outputs. */
  add(draft: Draft): readonly number[];
  /** As `add`, for a node with one output. */
  apply<P extends Primitive>(scope: string, primitive: P, params: PrimitiveParams[P], ...inputs: number[]): number;
  /** Outputs of a node that is there already. */
  find(draft: Draft): readonly number[] | undefined;
}

/** Decides whether a composite or a convolution stays a node. */
export type Keeps = (book: Draftbook, node: Draft<'composite' | 'conv'>) => boolean;

/** One more input, and what is made of it and the outputs. */
export interface Ending {
  readonly input: Type;
  readonly outputs: (book: Draftbook, input: number, outputs: readonly number[]) => readonly number[];
}

/** An equal graph without dead, repeated and needless nodes. `keeps` says what a backend takes whole. */
export function simplify(graph: Graph, keeps: Keeps, ending: Ending | null = null): Graph {
  const more = ending === null ? [] : [ending.input];
  const inputs = [...graph.inputs, ...more.map(() => ({ scalar: false }))];
  const book = draftbook([...graph.types.slice(0, graph.inputs.length), ...more]);
  const given = graph.inputs.map((_, value) => value);
  const outputs = replay(book, graph, given, { scope: '' }, keeps);
  return sweep({ ...graph, inputs }, book, ending?.outputs(book, given.length, outputs) ?? outputs);
}

function draftbook(inputs: readonly Type[]): Draftbook {
  const types = [...inputs];
  const makers: (GraphNode | undefined)[] = inputs.map(() => undefined);
  const known = new Map<string, readonly number[]>();
  const keyOf = (draft: Draft): string => `${draft.primitive}(${draft.inputs.join(',')})${paramsKey(draft.params)}`;
  const book: Draftbook = {
    types,
    makers,
    find: (draft) => known.get(keyOf(draft)),
    apply: (scope, primitive, params, ...operands) =>
      book.add({ primitive, params, inputs: operands, scope } as unknown as Draft)[0]!,
    add(draft) {
      const rewritten = rewrite(book, draft);
      if (rewritten !== undefined) return [rewritten];
      // Each barrier separates anew.
      const key = draft.primitive === 'barrier' ? undefined : keyOf(draft);
      const found = key === undefined ? undefined : known.get(key);
      if (found !== undefined) return found;
      const outputs = resultsOf(book, draft).map((type) => types.push(type) - 1);
      const node = { ...draft, outputs } as GraphNode;
      for (const value of outputs) makers[value] = node;
      if (key !== undefined) known.set(key, outputs);
      return outputs;
    },
  };
  return book;
}

/** Types of a draft's outputs. */
export function resultsOf({ types }: Draftbook, { primitive, inputs, params }: Draft): readonly Type[] {
  const rule = primitives[primitive] as (typeof primitives)['add'];
  return rule.infer(
    primitive,
    inputs.map((value) => types[value]!),
    params,
  );
}

/** Adds the nodes of `graph`, given its inputs; returns its outputs. What has no origin gets that of `around`. */
function replay(book: Draftbook, graph: Graph, inputs: readonly number[], around: Origin, keeps: Keeps): number[] {
  const now = new Array<number>(graph.types.length);
  inputs.forEach((value, i) => (now[i] = value));
  for (const node of graph.nodes) {
    const scope = node.scope || around.scope;
    const stack = node.stack ?? around.stack;
    const draft = { ...node, inputs: node.inputs.map((value) => now[value]!), scope, stack } as Draft;
    const outputs = record(book, draft, keeps);
    node.outputs.forEach((value, i) => (now[value] = outputs[i]!));
  }
  return graph.outputs.map((value) => now[value]!);
}

/** Adds a node, or what it stands for. */
function record(book: Draftbook, draft: Draft, keeps: Keeps): readonly number[] {
  if (draft.primitive === 'composite' && (draft.params.inline || !keeps(book, draft))) {
    return replay(book, draft.params.body, draft.inputs, draft, keeps);
  }
  if (draft.primitive !== 'conv') return book.add(draft);
  // Sums over nothing are zeros.
  if (draft.inputs.some((value) => book.types[value]!.shape.includes(0))) return [fill(book, 0, draft)];
  return keeps(book, draft) ? book.add(draft) : [addConvolution(book, draft)];
}

/** Keeps the nodes that some output needs, and numbers the values again. */
function sweep({ key, inputs }: Graph, book: Draftbook, outputs: readonly number[]): Graph {
  const needed = new Uint8Array(book.types.length);
  for (const value of outputs) needed[value] = 1;
  const nodes: GraphNode[] = [];
  for (let value = book.types.length - 1; value >= 0; value--) {
    const node = book.makers[value];
    if (node?.outputs[0] !== value || !node.outputs.some((output) => needed[output] === 1)) continue;
    for (const input of node.inputs) needed[input] = 1;
    nodes.push(node);
  }
  const types = book.types.slice(0, inputs.length);
  const now = inputs.map((_, value) => value);
  const kept = nodes.reverse().map((node) => ({
    ...node,
    inputs: node.inputs.map((value) => now[value]!),
    outputs: node.outputs.map((value) => (now[value] = types.push(book.types[value]!) - 1)),
  }));
  return { key, inputs, types, nodes: kept, outputs: outputs.map((value) => now[value]!) };
}

/** A value that the node equals, when a rule finds one. */
function rewrite(book: Draftbook, draft: Draft): number | undefined {
  const isIdle = idle[draft.primitive] as ((x: Type, params: object) => boolean) | undefined;
  if (isIdle?.(book.types[first(draft)]!, draft.params) === true) return first(draft);
  const rule = rules[draft.primitive] as Rule<Primitive> | undefined;
  const found = rule?.(book, draft);
  if (found !== undefined) return found;
  const { fusability } = primitives[draft.primitive];
  if (fusability === 'elementwise') return onScalars(book, draft);
  return fusability === 'view' ? ofScalar(book, draft) : undefined;
}

type Rule<P extends Primitive> = (book: Draftbook, draft: Draft<P>) => number | undefined;

const first = (draft: Draft): number => draft.inputs[0]!;
const none = {};

/** When a node gives its first operand as it is. */
const idle: { readonly [P in Primitive]?: (x: Type, params: PrimitiveParams[P]) => boolean } = {
  stopGradient: () => true,
  cast: ({ dtype }, params) => dtype === params.dtype,
  reshape: ({ shape }, params) => sameShape(shape, params.shape),
  transpose: (_x, { permutation }) => permutation.every((axis, i) => axis === i),
  broadcast: ({ shape }, params) => sameShape(shape, params.shape),
  slice: ({ shape }, { start, limit, stride }) =>
    shape.every((size, axis) => start[axis] === 0 && limit[axis] === size && stride[axis] === 1),
  flip: ({ shape }, { axes }) => axes.every((axis) => shape[axis] === 1),
  pad: ({ shape }, { low, high, interior }) =>
    shape.every((size, axis) => low[axis] === 0 && high[axis] === 0 && (interior[axis] === 0 || size < 2)),
  dynamicSlice: ({ shape }, { sizes }) => sameShape(shape, sizes),
  cumulate: ({ shape }, { axis, exclusive }) => shape[axis]! <= 1 && !exclusive,
};

/** Values that a node equals for other reasons. */
const rules: { readonly [P in Primitive]?: Rule<P> } = {
  mul: (book, draft) => neutral(book, draft, 1) ?? neutral(book, draft, 1, 0),
  div: (book, draft) => neutral(book, draft, 1),
  // x − 0 and x + (−0) keep the sign of a zero; x + 0 does not.
  sub: (book, draft) => neutral(book, draft, 0),
  add: (book, draft) => neutral(book, draft, -0) ?? neutral(book, draft, -0, 0),
  select(book, draft) {
    const condition = constant(book, first(draft));
    return condition === undefined ? undefined : draft.inputs[condition !== 0 ? 1 : 2];
  },
  // c < x is c < max(x, c), which the step after a relu has stored anyway.
  lt(book, draft) {
    const [c, x] = draft.inputs as readonly [number, number];
    if (constant(book, c) === undefined) return undefined;
    const capped =
      book.find({ primitive: 'max', params: none, inputs: [x, c], scope: '' }) ??
      book.find({ primitive: 'max', params: none, inputs: [c, x], scope: '' });
    if (capped === undefined) return undefined;
    return book.add({ ...draft, inputs: [c, capped[0]!] })[0];
  },
  reshape(book, draft) {
    const maker = book.makers[first(draft)];
    return maker?.primitive === 'reshape' ? book.add({ ...draft, inputs: maker.inputs })[0] : undefined;
  },
  transpose(book, draft) {
    const maker = book.makers[first(draft)];
    if (maker?.primitive !== 'transpose') return undefined;
    const permutation = draft.params.permutation.map((axis) => maker.params.permutation[axis]!);
    return book.add({ ...draft, inputs: maker.inputs, params: { permutation } })[0];
  },
  broadcast(book, draft) {
    const maker = book.makers[first(draft)];
    if (maker?.primitive !== 'broadcast') return undefined;
    const axes = maker.params.axes.map((axis) => draft.params.axes[axis]!);
    return book.add({ ...draft, inputs: maker.inputs, params: { ...draft.params, axes } })[0];
  },
  concat(book, draft) {
    const { axis } = draft.params;
    const full = draft.inputs.filter((value) => book.types[value]!.shape[axis] !== 0);
    if (full.length <= 1) return full[0] ?? first(draft);
    return full.length < draft.inputs.length ? book.add({ ...draft, inputs: full })[0] : undefined;
  },
  dynamicUpdateSlice: (book, draft) =>
    sameShape(book.types[first(draft)]!.shape, book.types[draft.inputs[2]!]!.shape) ? draft.inputs[2] : undefined,
  cumulate(book, draft) {
    const { shape, dtype } = book.types[first(draft)]!;
    const { op, axis } = draft.params;
    return shape[axis]! > 1 ? undefined : fill(book, identity[op](dtype), draft);
  },
  reduce(book, draft) {
    const { shape, dtype } = book.types[first(draft)]!;
    const { op, axes } = draft.params;
    if (axes.some((axis) => shape[axis] === 0)) return fill(book, identity[op](dtype), draft);
    if (axes.some((axis) => shape[axis] !== 1)) return undefined;
    return book.add({ ...draft, primitive: 'reshape', params: { shape: resultsOf(book, draft)[0]!.shape } })[0];
  },
  dot(book, draft) {
    const { shape } = book.types[first(draft)]!;
    return draft.params.contract[0].some((axis) => shape[axis] === 0) ? fill(book, 0, draft) : undefined;
  },
};

/** What folding nothing gives. */
const identity: { readonly [R in ReduceOp]: (dtype: DType) => number } = {
  sum: () => 0,
  prod: () => 1,
  max: (dtype) => (dtypes[dtype].kind === 'float' ? -Infinity : dtypes[dtype].range[0]),
  min: (dtype) => (dtypes[dtype].kind === 'float' ? Infinity : dtypes[dtype].range[1]),
};

/** The operand at `position`, when the other one is `value` everywhere (−0 is not 0). */
function neutral(book: Draftbook, draft: Draft, value: number, position = 1): number | undefined {
  const c = constant(book, draft.inputs[position]!);
  // Integers have one zero.
  const { dtype } = book.types[first(draft)]!;
  const wanted = dtypes[dtype].kind === 'int' ? value + 0 : value;
  return c !== undefined && Object.is(c, wanted) ? draft.inputs[1 - position] : undefined;
}

/** The constant that every element of a value is, if so. */
function constant(book: Draftbook, value: number): number | undefined {
  const maker = book.makers[scalarBelow(book, value) ?? value];
  return maker?.primitive === 'const' ? maker.params.value : undefined;
}

/** An operation on broadcast scalars is done on the scalars; on constants, at once. */
function onScalars(book: Draftbook, draft: Draft): number | undefined {
  const { shape } = book.types[first(draft)]!;
  if (shape.length > 0) {
    const scalars = draft.inputs.map((value) => scalarBelow(book, value));
    if (scalars.includes(undefined)) return undefined;
    const result = book.add({ ...draft, inputs: scalars as number[] })[0]!;
    return spread(book, result, shape, draft);
  }
  const constants = draft.inputs.map((value) => constant(book, value));
  if (constants.includes(undefined)) return undefined;
  const { dtype: from } = book.types[draft.inputs[draft.inputs.length - 1]!]!;
  const { dtype } = resultsOf(book, draft)[0]!;
  const value = fold(draft.primitive, constants as number[], from, dtype);
  return value === undefined ? undefined : book.apply(draft.scope, 'const', { value, dtype });
}

/** A movement of one scalar, however often repeated, is that scalar repeated. */
function ofScalar(book: Draftbook, draft: Draft): number | undefined {
  const x = first(draft);
  const scalar = book.types[x]!.shape.length === 0 ? x : scalarBelow(book, x);
  if (scalar === undefined || (draft.primitive === 'broadcast' && scalar === x)) return undefined;
  return spread(book, scalar, resultsOf(book, draft)[0]!.shape, draft);
}

/** A scalar in every element of a shape. */
function spread(book: Draftbook, scalar: number, shape: Shape, { scope }: Draft): number {
  if (shape.length === 0) return scalar;
  return book.apply(scope, 'broadcast', { shape, axes: [] }, scalar);
}

function scalarBelow(book: Draftbook, value: number): number | undefined {
  const maker = book.makers[value];
  if (maker?.primitive !== 'broadcast') return undefined;
  return book.types[maker.inputs[0]!]!.shape.length === 0 ? maker.inputs[0] : undefined;
}

/** A number in every element of what a draft gives. */
function fill(book: Draftbook, value: number, draft: Draft): number {
  const { shape, dtype } = resultsOf(book, draft)[0]!;
  return spread(book, book.apply(draft.scope, 'const', { value, dtype }), shape, draft);
}
