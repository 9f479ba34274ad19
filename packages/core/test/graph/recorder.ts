/** Graphs by hand, node by node, with types inferred by the table of primitives. */
import {
  primitives,
  type DType,
  type Graph,
  type GraphNode,
  type Primitive,
  type PrimitiveParams,
  type Type,
} from '@antler/core';

/** Records one graph. Inputs come first. */
export class Recorder {
  readonly types: Type[] = [];
  readonly #inputs: { readonly scalar: boolean }[] = [];
  readonly #nodes: GraphNode[] = [];
  scope = '';

  input(shape: readonly number[], dtype: DType = 'float32'): number {
    return this.#input({ shape, dtype }, false);
  }

  scalar(dtype: DType = 'float32'): number {
    return this.#input({ shape: [], dtype }, true);
  }

  #input(type: Type, scalar: boolean): number {
    if (this.#nodes.length > 0) throw new Error('inputs come before nodes');
    this.#inputs.push({ scalar });
    return this.types.push(type) - 1;
  }

  shape(value: number): readonly number[] {
    return this.types[value]!.shape;
  }

  /** Records a node with any number of outputs. */
  node<P extends Primitive>(primitive: P, params: PrimitiveParams[P], ...inputs: number[]): number[] {
    const types = primitives[primitive].infer(
      primitive,
      inputs.map((value) => this.types[value]!),
      params,
    );
    const outputs = types.map((type) => this.types.push(type) - 1);
    this.#nodes.push({
      primitive,
      form: primitives[primitive],
      params,
      inputs,
      outputs,
      scope: this.scope,
    } as unknown as GraphNode);
    return outputs;
  }

  /** Records a node with one output. */
  op<P extends Primitive>(primitive: P, params: PrimitiveParams[P], ...inputs: number[]): number {
    return this.node(primitive, params, ...inputs)[0]!;
  }

  /** A primitive without parameters. */
  do(primitive: Primitive, ...inputs: number[]): number {
    return this.op(primitive, {}, ...inputs);
  }

  constant(value: number, dtype: DType = 'float32'): number {
    return this.op('const', { value, dtype });
  }

  /** A value with the last axes of `like`. */
  spread(value: number, shape: readonly number[]): number {
    const rank = this.shape(value).length;
    const axes = Array.from({ length: rank }, (_, axis) => shape.length - rank + axis);
    return this.op('broadcast', { shape, axes }, value);
  }

  /** A constant in the shape and dtype of a value. */
  like(value: number, number: number): number {
    const { shape, dtype } = this.types[value]!;
    return this.spread(this.constant(number, dtype), shape);
  }

  reshape(value: number, shape: readonly number[]): number {
    return this.op('reshape', { shape }, value);
  }

  transpose(value: number, permutation: readonly number[]): number {
    return this.op('transpose', { permutation }, value);
  }

  sum(value: number, axes: readonly number[]): number {
    return this.op('reduce', { op: 'sum', axes }, value);
  }

  /** a [m, k] · b [k, n]. */
  matmul(a: number, b: number): number {
    return this.op('dot', { contract: [[1], [0]], batch: [[], []] }, a, b);
  }

  graph(...outputs: number[]): Graph {
    const { types } = this;
    const text = JSON.stringify([this.#inputs, types, this.#nodes, outputs], (_name, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    );
    return { key: text, inputs: [...this.#inputs], types: [...types], nodes: [...this.#nodes], outputs };
  }
}

/** Records a graph in one go. */
export function record(build: (g: Recorder) => readonly number[]): Graph {
  const recorder = new Recorder();
  return recorder.graph(...build(recorder));
}
