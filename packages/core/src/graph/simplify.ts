/**
 * Simplification: a graph that gives the same numbers, bit for bit, with fewer nodes. Nodes are added one by one; each is
 * first rewritten by its form, then looked up among the equal ones. What no backend takes is expanded on the way.
 */
import { NOWHERE, type Origin } from '../jit/trace.js';
import { constant as constantForm } from '../primitives/elementwise.js';
import type { Form } from '../primitives/form.js';
import { broadcast } from '../primitives/movement.js';
import type { Primitive, PrimitiveParams } from '../primitives/params.js';
import type { Shape } from '../shape.js';
import { fold } from './fold.js';
import type { Graph, GraphNode, NodeOf, Type } from './graph.js';
import { paramsKey } from './key.js';
import type { Kernel, Operand } from './program.js';
import { whole } from './views.js';

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
  /** Adds a node with one output, or what stands for it. */
  apply<P extends Primitive>(origin: Origin, form: Form<P>, params: PrimitiveParams[P], ...inputs: number[]): number;
  /** Adds the nodes of a graph, given its inputs; returns its outputs. What has no origin gets that of `around`. */
  replay(graph: Graph, inputs: readonly number[], around: Origin): readonly number[];
  /** Result of a primitive without parameters that is there already. */
  find(primitive: Primitive, ...inputs: number[]): number | undefined;
  /** The constant that every element of a value is, if so. */
  constant(value: number): number | undefined;
  /** A number in every element of what a draft gives. */
  fill(value: number, draft: Draft): number;
}

/** What a backend says to a kernel. */
export type Accepts = (kernel: Kernel) => boolean;

/** One more input, and what is made of it and the outputs. */
export interface Ending {
  readonly input: Type;
  readonly outputs: (book: Draftbook, input: number, outputs: readonly number[]) => readonly number[];
}

/** An equal graph without dead, repeated and needless nodes. `accepts` says what a backend takes whole. */
export function simplify(graph: Graph, accepts: Accepts, ending: Ending | null = null): Graph {
  const more = ending === null ? [] : [ending.input];
  const inputs = [...graph.inputs, ...more.map(() => ({ scalar: false }))];
  const book = draftbook([...graph.types.slice(0, graph.inputs.length), ...more], accepts);
  const given = graph.inputs.map((_, value) => value);
  const outputs = book.replay(graph, given, NOWHERE);
  return sweep({ ...graph, inputs }, book, ending?.outputs(book, given.length, outputs) ?? outputs);
}

function draftbook(inputs: readonly Type[], accepts: Accepts): Draftbook {
  const types = [...inputs];
  const makers: (GraphNode | undefined)[] = inputs.map(() => undefined);
  const known = new Map<string, readonly number[]>();
  const keyOf = (primitive: Primitive, operands: readonly number[], params: object): string =>
    `${primitive}(${operands.join(',')})${paramsKey(params)}`;
  const book: Draftbook = {
    types,
    makers,
    find: (primitive, ...operands) => known.get(keyOf(primitive, operands, {}))?.[0],
    apply: ({ scope, stack }, form, params, ...operands) =>
      record(
        book,
        { primitive: form.name, form, params, inputs: operands, scope, stack } as unknown as Draft,
        accepts,
      )[0]!,
    add(draft) {
      const rewritten = rewrite(book, draft);
      if (rewritten !== undefined) return [rewritten];
      // Each barrier separates anew.
      const key = draft.primitive === 'barrier' ? undefined : keyOf(draft.primitive, draft.inputs, draft.params);
      const found = key === undefined ? undefined : known.get(key);
      if (found !== undefined) return found;
      const outputs = resultsOf(book, draft).map((type) => types.push(type) - 1);
      const node = { ...draft, outputs } as GraphNode;
      for (const value of outputs) makers[value] = node;
      if (key !== undefined) known.set(key, outputs);
      return outputs;
    },
    replay(graph, given, around) {
      const now = [...given];
      for (const node of graph.nodes) {
        const scope = node.scope || around.scope;
        const stack = node.stack ?? around.stack;
        const draft = { ...node, inputs: node.inputs.map((value) => now[value]!), scope, stack } as Draft;
        const outputs = record(book, draft, accepts);
        node.outputs.forEach((value, i) => (now[value] = outputs[i]!));
      }
      return graph.outputs.map((value) => now[value]!);
    },
    constant(value) {
      const maker = makers[scalarBelow(book, value) ?? value];
      return maker?.primitive === 'const' ? maker.params.value : undefined;
    },
    fill(value, draft) {
      const { shape, dtype } = resultsOf(book, draft)[0]!;
      return spread(book, book.apply(draft, constantForm, { value, dtype }), shape, draft);
    },
  };
  return book;
}

/** Types of a draft's outputs. */
function resultsOf({ types }: Draftbook, { form, primitive, inputs, params }: Draft): readonly Type[] {
  return form.infer(
    primitive,
    inputs.map((value) => types[value]!),
    params,
  );
}

/** Adds a node, or what stands for it when the backend does not take its kernel, on operands that lie row-major. */
function record(book: Draftbook, draft: Draft, accepts: Accepts): readonly number[] {
  const { form } = draft;
  const choice = form.kind === 'steps' ? form.choice : undefined;
  if (choice === undefined) return book.add(draft);
  const operandOf = ({ shape, dtype }: Type, slot: number): Operand => ({
    view: { slot, dtype, offset: 0, strides: whole(shape).strides },
    shape,
  });
  const count = draft.inputs.length;
  const operands = [...draft.inputs.map((value) => book.types[value]!), ...resultsOf(book, draft)].map(operandOf);
  const kernel = choice.kernel(draft, operands.slice(0, count), operands.slice(count));
  const stays = kernel !== null && (accepts(kernel) || choice.stays(draft));
  return stays ? book.add(draft) : choice.instead(book, draft);
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
  const { form } = draft;
  const found = form.rewrite?.(book, draft);
  if (found !== undefined) return found;
  if (form.kind === 'elementwise') return onScalars(book, draft);
  return form.kind === 'view' ? ofScalar(book, draft) : undefined;
}

/** An operation on broadcast scalars is done on the scalars; on constants, at once. */
function onScalars(book: Draftbook, draft: Draft): number | undefined {
  const { shape } = book.types[draft.inputs[0]!]!;
  if (shape.length > 0) {
    const scalars = draft.inputs.map((value) => scalarBelow(book, value));
    if (scalars.includes(undefined)) return undefined;
    const result = book.add({ ...draft, inputs: scalars as number[] })[0]!;
    return spread(book, result, shape, draft);
  }
  const constants = draft.inputs.map((value) => book.constant(value));
  if (constants.includes(undefined)) return undefined;
  const { dtype: from } = book.types[draft.inputs[draft.inputs.length - 1]!]!;
  const { dtype } = resultsOf(book, draft)[0]!;
  const value = fold(draft.primitive, constants as number[], from, dtype);
  return value === undefined ? undefined : book.apply(draft, constantForm, { value, dtype });
}

/** A movement of one scalar, however often repeated, is that scalar repeated. */
function ofScalar(book: Draftbook, draft: Draft): number | undefined {
  const x = draft.inputs[0]!;
  const scalar = book.types[x]!.shape.length === 0 ? x : scalarBelow(book, x);
  if (scalar === undefined || (draft.primitive === 'broadcast' && scalar === x)) return undefined;
  return spread(book, scalar, resultsOf(book, draft)[0]!.shape, draft);
}

/** A scalar in every element of a shape. */
function spread(book: Draftbook, scalar: number, shape: Shape, origin: Origin): number {
  if (shape.length === 0) return scalar;
  return book.apply(origin, broadcast, { shape, axes: [] }, scalar);
}

function scalarBelow(book: Draftbook, value: number): number | undefined {
  const maker = book.makers[value];
  if (maker?.primitive !== 'broadcast') return undefined;
  return book.types[maker.inputs[0]!]!.shape.length === 0 ? maker.inputs[0] : undefined;
}
