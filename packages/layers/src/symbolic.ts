/**
 * Symbolic tensors: what a layer gives when it is applied to the description of an input instead of an input. Each remembers
 * the call that made it, and so a model is known by its inputs and outputs.
 */
import { type Tensor } from '@antler/core';
import type { CallContext, Layer } from './layer.js';
import { type PartialShape, anyBatch } from './partialShape.js';

/** What goes into a layer and comes out of it: one tensor, or several. */
export type Tensors = Tensor | readonly Tensor[];

/** The shapes of one tensor or of several. */
export type ShapesOf<X extends Tensors> = X extends Tensor ? PartialShape : readonly PartialShape[];

/** Symbolic tensors in place of tensors. */
export type SymbolsOf<X extends Tensors> = X extends Tensor ? SymbolicTensor : readonly SymbolicTensor[];

/** One symbolic tensor or several. */
export type Symbols = SymbolicTensor | readonly SymbolicTensor[];

/** Tensors in place of symbolic tensors. */
export type TensorsOf<S extends Symbols> = S extends SymbolicTensor ? Tensor : readonly Tensor[];

/** A layer of any inputs and outputs. */
export type AnyLayer = Layer<Tensors, Tensors>;

/** One application of a layer to symbolic tensors. */
export interface SymbolicCall {
  readonly layer: AnyLayer;
  /** How often the layer was applied before: a layer may be shared. */
  readonly index: number;
  readonly inputs: Symbols;
  /** What the call was told beside its inputs. */
  readonly context: Partial<CallContext>;
}

/** The place of a tensor in a model: its shape, and which call gives it. */
export class SymbolicTensor {
  readonly shape: PartialShape;
  readonly origin: SymbolicCall;
  /** Which of the outputs of the call. */
  readonly output: number;

  constructor(shape: PartialShape, origin: SymbolicCall, output = 0) {
    this.shape = shape;
    this.origin = origin;
    this.output = output;
  }

  /** `dense[0][0]`: layer, call and output, as a summary writes it. */
  toString(): string {
    return `${this.origin.layer.name}[${this.origin.index}][${this.output}]`;
  }
}

const calls = new WeakMap<AnyLayer, number>();

/** Notes a call and gives its outputs; `shapes` are theirs. */
export function symbolicCall(
  layer: AnyLayer,
  inputs: Symbols,
  shapes: PartialShape | readonly PartialShape[],
  context: Partial<CallContext> = {},
): Symbols {
  const index = calls.get(layer) ?? 0;
  calls.set(layer, index + 1);
  const origin = { layer, index, inputs, context };
  return mapShapes(shapes, (shape, output) => new SymbolicTensor(shape, origin, output));
}

/** Tells symbolic tensors from tensors. */
export function isSymbolic(x: Tensors | Symbols): x is Symbols {
  const first: unknown = asList(x)[0];
  return first instanceof SymbolicTensor;
}

/** One or several as a list. */
export function asList<T>(x: T | readonly T[]): readonly T[] {
  return Array.isArray(x) ? (x as readonly T[]) : [x as T];
}

/** Applies `f` to one, or to each of several. */
export function mapEach<T, U>(x: T | readonly T[], f: (x: T, i: number) => U): U | readonly U[] {
  return Array.isArray(x) ? (x as readonly T[]).map(f) : f(x as T, 0);
}

/** Shapes of batches like these. */
export function shapesOf<X extends Tensors>(x: X): ShapesOf<X> {
  return mapEach<Tensor, PartialShape>(x, ({ shape }) => anyBatch(shape)) as ShapesOf<X>;
}

/** True for a list of shapes, false for one shape. */
export function isShapeList(shapes: PartialShape | readonly PartialShape[]): shapes is readonly PartialShape[] {
  return Array.isArray(shapes[0]);
}

/** Applies `f` to one shape, or to each of several. */
export function mapShapes<U>(
  shapes: PartialShape | readonly PartialShape[],
  f: (shape: PartialShape, i: number) => U,
): U | readonly U[] {
  return isShapeList(shapes) ? shapes.map(f) : f(shapes, 0);
}
