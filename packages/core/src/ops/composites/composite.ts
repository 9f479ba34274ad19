/**
 * Composites: named operations that carry their meaning as a composition of primitives. A backend may run one directly;
 * whoever does not runs the decomposition. What the gradient needs beside the inputs is a declared output, and the gradient is
 * one more composite with a decomposition, so that a backend may take either one alone.
 */
import { bind } from '../../bind.js';
import { differentiate } from '../../autodiff/differentiate.js';
import { resultSide, sideOf } from '../../graph/block.js';
import type { Graph, Type } from '../../graph/graph.js';
import { paramsKey } from '../../graph/key.js';
import { scopesOf } from '../../graph/loop.js';
import type { CompositeKernel, Kernel, Operand } from '../../graph/program.js';
import type { Draft } from '../../graph/simplify.js';
import { hasFaults, isEmpty, rowMajorOperand } from '../../graph/steps.js';
import { traceGraph } from '../../jit/graph.js';
import { NOWHERE, recordedBy } from '../../jit/trace.js';
import type { Value } from '../../node.js';
import { define, type PrimitiveDefinition, type StepForm, type VjpContext } from '../../primitives/form.js';
import { LruMap } from '../../runtime/lru.js';
import type { HostAlgorithm } from '../algorithms/matrices.js';

/** What a gradient may use. */
export interface CompositeContext<Params> extends Omit<VjpContext<Params>, 'backward'> {
  /** Records the body on other inputs and walks back through it. */
  readonly again: (inputs: readonly Value[], cotangents: readonly (Value | null)[]) => readonly (Value | null)[];
}

/** A composite's meaning. */
export interface Composite<Params extends object = object> {
  readonly name: string;
  /** Element-wise ones are expanded before fusion: no backend is asked. */
  readonly inline: boolean;
  decompose(this: void, inputs: readonly Value[], params: Params): readonly Value[];
  /** Cotangents of the inputs; without it the decomposition is differentiated. */
  vjp?(this: void, context: CompositeContext<Params>): readonly (Value | null)[];
}

/** What a node says of a composite. The key of a graph has its name in the place of functions. */
export interface CompositeParams {
  readonly name: string;
  readonly params: object;
  readonly body: Graph;
  /** No backend is asked, only its gradient is its own. */
  readonly inline: boolean;
  /** Its gradient, if not that of the body. */
  readonly vjp?: Composite['vjp'];
  /** It has no meaning in primitives but an algorithm, and the body says its types alone; js runs it where a backend refuses it. */
  readonly host?: HostAlgorithm;
}

const compositeForm: StepForm<'composite'> = {
  name: 'composite',
  kind: 'steps',
  infer: (_where, _inputs, { body }) => body.outputs.map((value) => body.types[value]!),
  faults: ({ body }) => hasFaults(body),
  reads: () => 'stored',
  steps(block, node) {
    if (node.outputs.every((value) => isEmpty(block, value))) return [];
    const reads = node.inputs.map((value) => rowMajorOperand(block, value));
    const emit = (): Kernel[] => {
      const results = node.outputs.map((value) => resultSide(block, value));
      return [kernelOf(node, reads.map((read) => sideOf(block, read)), results)]; // prettier-ignore
    };
    return [{ kind: 'kernel', reads, targets: node.outputs, faults: false, emit }];
  },
  choice: {
    kernel: (draft, inputs, outputs) => (draft.params.inline ? null : kernelOf(draft, inputs, outputs)),
    stays: ({ params }) => params.host !== undefined,
    instead: (book, draft) => book.replay(draft.params.body, draft.inputs, draft),
  },
};

/** The kernel that a backend is offered: inputs and outputs in order. */
function kernelOf(
  { params: { name, params, host }, scope }: Draft<'composite'>,
  inputs: readonly Operand[],
  outputs: readonly Operand[],
): CompositeKernel {
  return { kind: 'composite', name, params, host, inputs, outputs, scopes: scopesOf([scope]) };
}

/** The primitive `composite`: its own gradient, or that of its decomposition. */
export const compositePrimitive: PrimitiveDefinition<'composite'> = /* @__PURE__ */ define(
  compositeForm,
  ({ inputs, outputs, cotangents, params, wanted, backward }) => {
    const { vjp } = params;
    const again = (xs: readonly Value[], gs: readonly (Value | null)[]): (Value | null)[] =>
      differentiate(params.body, xs, gs, wanted, backward);
    if (vjp === undefined) return again(inputs, cotangents);
    return vjp({ inputs, outputs, cotangents, params: params.params, wanted, again });
  },
);

/** Bytes that decompositions may take; each is made again when it is needed again. */
const BODY_BYTES = 16 * 2 ** 20;
const BYTES_PER_NODE = 512;
const bodies = new LruMap<Graph>(BODY_BYTES);

/** Records a composite. */
export function composite<Params extends object>(
  definition: Composite<Params>,
  inputs: readonly Value[],
  params: Params,
): readonly Value[] {
  const { name, inline, vjp } = definition;
  const types: Type[] = inputs.map((value) => value.type);
  const key = `${name}${paramsKey(params)}(${types.map(({ dtype, shape }) => `${dtype}[${shape.join(',')}]`).join(';')})`;
  let body = bodies.get(key);
  if (body === undefined) {
    body = recordedBy(NOWHERE, () => traceGraph(name, types, (args) => definition.decompose(args, params))).graph;
    bodies.set(key, body, key.length * 2 + body.key.length * 2 + body.nodes.length * BYTES_PER_NODE);
  }
  return bind(name, compositePrimitive, inputs, { name, params, body, inline, vjp });
}

/**
 * A gradient for outputs of which only the first is a result: the others are what the gradient uses, and get cotangents of
 * their own only at second order, by way of the decomposition.
 */
export function ofResult<Params>(
  vjp: (context: CompositeContext<Params>, g: Value) => readonly (Value | null)[],
): (context: CompositeContext<Params>) => readonly (Value | null)[] {
  return (context) => {
    const [g, ...others] = context.cotangents;
    const isFirstOrder = g !== null && others.every((cotangent) => cotangent === null);
    return isFirstOrder ? vjp(context, g!) : context.again(context.inputs, context.cotangents);
  };
}
