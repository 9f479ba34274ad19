/**
 * What a primitive says of itself. Its form is what graphs and lowering need: the shape and dtype rule, what it simplifies to,
 * how it is computed. Its definition adds the gradient. A node carries it, so a program bundles those that it uses.
 */
import { isFloat, isInteger, type DType } from '../dtype.js';
import { DTypeError, ShapeError, describe } from '../errors.js';
import type { Block } from '../graph/block.js';
import type { NodeOf, Type } from '../graph/graph.js';
import type { Kernel, Operand } from '../graph/program.js';
import type { OpcodeRow } from '../graph/opcodes.js';
import type { Draft, Draftbook } from '../graph/simplify.js';
import type { Step } from '../graph/steps.js';
import type { Access } from '../graph/views.js';
import type { Value } from '../node.js';
import { sameShape, showShape, sizeOf, type Shape } from '../shape.js';
import type { Primitive, PrimitiveParams } from './params.js';

// Functions are typed as methods, so that the form of one primitive is a form.
type Rewrite<P extends Primitive> = {
  rule(this: void, book: Draftbook, draft: Draft<P>): number | undefined;
}['rule'];

type Move<P extends Primitive> = {
  rule(this: void, parts: readonly Access[], params: PrimitiveParams[P], input: Shape): Access[];
}['rule'];

interface AnyForm<P extends Primitive> {
  readonly name: P;
  /** Types of the outputs; throws a typed error that begins with `where` when the inputs do not fit. */
  infer(this: void, where: string, inputs: readonly Type[], params: PrimitiveParams[P]): readonly Type[];
  /** A value that the node equals, bit for bit, when there is one. */
  readonly rewrite?: Rewrite<P> | undefined;
}

/** One scalar opcode per element, or a number out of nothing: computed inside of loops. */
export interface ScalarForm<P extends Primitive = Primitive> extends AnyForm<P> {
  readonly kind: 'elementwise' | 'leaf';
  /** Computing it again is worse than storing it. */
  readonly costly?: boolean;
}

/** An affine window: no work. */
export interface ViewForm<P extends Primitive = Primitive> extends AnyForm<P> {
  readonly kind: 'view';
  /** Index per axis of the input, from the index per axis of the result; null when the row-major position stays as it is. */
  readonly move: Move<P> | null;
}

/** How a primitive reads an operand: inside the loop that wants its result, in a loop for it alone, from memory, or there or not at all when it is a constant. */
export type Reading = 'along' | 'apart' | 'stored' | 'begun';

/** Steps of its own. */
export interface StepForm<P extends Primitive = Primitive> extends AnyForm<P> {
  readonly kind: 'steps';
  reads(this: void, operand: number, node: NodeOf<P>): Reading;
  /** What has to be done for it. */
  steps(this: void, block: Block, node: NodeOf<P>): readonly Step[];
  /** True when it can meet a bad index; by default it cannot. */
  faults?(this: void, params: PrimitiveParams[P]): boolean;
  /** For a primitive that only some backends take: the kernel they are asked about, and what it means in others. */
  readonly choice?: Choice<P>;
}

/** A primitive that a backend may refuse. */
export interface Choice<P extends Primitive> {
  /** The kernel on operands that lie row-major; null when nobody is to be asked. */
  kernel(this: void, draft: Draft<P>, inputs: readonly Operand[], outputs: readonly Operand[]): Kernel | null;
  /** It stays all the same: there is a way around every backend. */
  stays(this: void, draft: Draft<P>): boolean;
  /** Adds what stands for it; returns its outputs. */
  instead(this: void, book: Draftbook, draft: Draft<P>): readonly number[];
}

/** What graphs and lowering know of a primitive. */
export type Form<P extends Primitive = Primitive> = ScalarForm<P> | ViewForm<P> | StepForm<P>;

/** What a gradient gets. Cotangents that nobody gave are null; inputs that nobody wants may be answered with null. */
export interface VjpContext<Params> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly cotangents: readonly (Value | null)[];
  readonly params: Params;
  readonly wanted: readonly boolean[];
  /** The reverse walk itself, for primitives that hold graphs. */
  readonly backward: Backward;
}

/** Cotangents of `inputs`, given those of `outputs` (null: none). */
export type Backward = (
  outputs: readonly Value[],
  cotangents: readonly (Value | null)[],
  inputs: readonly Value[],
) => (Value | null)[];

/** A primitive: a form, and how the cotangents of its results give those of its inputs, written with primitives. */
export type PrimitiveDefinition<P extends Primitive = Primitive> = Form<P> & {
  vjp(this: void, context: VjpContext<PrimitiveParams[P]>): readonly (Value | null)[];
};

/** The gradient of a primitive. */
export type VjpRule<P extends Primitive> = (context: VjpContext<PrimitiveParams[P]>) => readonly (Value | null)[];

/** The gradient of what has none: it cuts the path. */
export const none = (): readonly never[] => [];

/** A form with its gradient. */
export function define<P extends Primitive>(form: Form<P>, vjp: VjpRule<P>): PrimitiveDefinition<P> {
  return { ...form, vjp };
}

/** What an opcode takes, as a test and in words. */
const dtypeTests: {
  readonly [T in OpcodeRow['takes']]: readonly [test: (dtype: DType) => boolean, words: string];
} = {
  any: [() => true, 'any dtype'],
  number: [(dtype) => dtype !== 'bool', 'a number dtype'],
  float: [isFloat, 'a float dtype'],
  integer: [isInteger, 'an integer dtype'],
  discrete: [(dtype) => !isFloat(dtype), 'an integer or bool dtype'],
  uint32: [(dtype) => dtype === 'uint32', 'uint32 key and counter words'],
};

/** Throws a ShapeError unless there are so many operands. */
export function checkArity(where: string, inputs: readonly Type[], count: number): void {
  if (inputs.length !== count) {
    throw new ShapeError(describe(where, `${count} operand${count === 1 ? '' : 's'}`, String(inputs.length)));
  }
}

/** Throws a DTypeError for a dtype that is none of these. */
export function checkDType(where: string, dtype: DType, expected: keyof typeof dtypeTests): void {
  const [test, words] = dtypeTests[expected];
  if (!test(dtype)) throw new DTypeError(describe(where, words, dtype, 'Convert with cast(x, dtype).'));
}

/** Throws a DTypeError unless both have one dtype. */
export function checkSameDType(where: string, a: Type, b: Type, what = 'operands'): void {
  if (a.dtype !== b.dtype) throw new DTypeError(describe(where, `${what} of one dtype`, `${a.dtype} and ${b.dtype}`));
}

/** Throws a ShapeError unless both have one shape. */
export function checkSameShape(where: string, a: Type, b: Type): void {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(describe(where, 'operands of one shape', `${showShape(a.shape)} and ${showShape(b.shape)}`));
  }
}

interface Operands {
  readonly 1: readonly [Type];
  readonly 2: readonly [Type, Type];
  readonly 3: readonly [Type, Type, Type];
}

/** The rule of a primitive with so many operands and one result. */
export function oneResult<Params, N extends keyof Operands>(
  arity: N,
  infer: (where: string, inputs: Operands[N], params: Params) => Type,
): (where: string, inputs: readonly Type[], params: Params) => readonly Type[] {
  return (where, inputs, params) => {
    checkArity(where, inputs, arity);
    const type = infer(where, inputs as Operands[N], params);
    sizeOf(type.shape, where);
    return [type];
  };
}
