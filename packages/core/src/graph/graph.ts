/** The Graph: a closed, numbered, immutable form of recorded nodes. What keys, simplification and lowering work on. */
import type { DType } from '../dtype.js';
import type { Form } from '../primitives/form.js';
import type { Primitive, PrimitiveParams } from '../primitives/params.js';
import type { Shape } from '../shape.js';

/** Shape and dtype of a value. */
export interface Type {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Values are numbered: inputs first, then the outputs of each node in order. */
export interface Graph {
  /** Equal keys mean equal graphs: the same nodes, parameters, types, inputs and outputs (scopes are not in it). */
  readonly key: string;
  /** Values 0 … inputs.length − 1. */
  readonly inputs: readonly GraphInput[];
  /** Type of every value. */
  readonly types: readonly Type[];
  /** In topological order, which is the order of recording. */
  readonly nodes: readonly GraphNode[];
  /** Values that the graph gives; one may be given twice, or be an input. */
  readonly outputs: readonly number[];
}

/** What a graph receives in one place. */
export interface GraphInput {
  /** A number that arrives with each run, instead of memory. Its shape is []. */
  readonly scalar: boolean;
}

/** One primitive applied. A mapped union, so that testing `primitive` narrows `params`. */
export type GraphNode = {
  readonly [P in Primitive]: {
    readonly primitive: P;
    /** What is to be known of the primitive. A graph that was recorded has its definition here. */
    readonly form: Form;
    readonly params: PrimitiveParams[P];
    readonly inputs: readonly number[];
    readonly outputs: readonly number[];
    /** Path of the layer that recorded it, such as `sequential/dense_1`; not part of the key. */
    readonly scope: string;
    /** Where it was recorded, when `setDebug('stack')` asks; not part of the key. */
    readonly stack?: string | undefined;
  };
}[Primitive];

/** A node of some primitives. */
export type NodeOf<P extends Primitive> = Extract<GraphNode, { primitive: P }>;
