/** Rows of the table of gradients: what is differentiated, or why nothing is. */
import type * as core from '@antler/core';
import { tensor, type Tensor } from '@antler/core';
import type { MakerOf } from '../ops/record.js';

/** A differentiable function with the inputs that it is tried on. */
export interface Differentiable {
  /** What sets it apart from the other rows of its function. */
  readonly variant?: string;
  readonly f: (...inputs: Tensor[]) => Tensor;
  readonly shapes: readonly (readonly number[])[];
  /** Inputs are uniform in this range. Default [-1.5, 1.5]. */
  readonly range?: readonly [number, number];
}

/** A function without a gradient. */
export interface NoGradient {
  readonly reason: string;
  /** A function of a float whose gradient must be 0 at every place. */
  readonly flat?: (x: Tensor) => Tensor;
}

/** A table of gradients for every function of a module that makes tensors. */
export type Gradients<Module, Public = typeof core> = {
  readonly [N in MakerOf<Module> & keyof Public]: readonly Differentiable[] | NoGradient;
};

type F = Differentiable['f'];

/** A row: a function on inputs of these shapes. */
export function on(f: F, ...shapes: readonly (readonly number[])[]): Differentiable {
  return { f, shapes };
}

/** A row with a name of its own. */
export function as(variant: string, f: F, ...shapes: readonly (readonly number[])[]): Differentiable {
  return { variant, f, shapes };
}

/** The same row on inputs between two numbers. */
export function between(low: number, high: number, row: Differentiable): Differentiable {
  return { ...row, range: [low, high] };
}

/** What is constant between jumps: its gradient is 0 wherever it has one. */
export function flat(f: (x: Tensor) => Tensor): NoGradient {
  return { reason: 'it is constant between jumps', flat: f };
}

/** What gives integers, truths or positions. */
export const discrete: NoGradient = { reason: 'its results are no floats' };

/** What is made of numbers of the host alone. */
export const constant: NoGradient = { reason: 'it is a function of no tensor, or of its shape alone' };

/** int32 of a list. */
export function indices(...values: readonly number[]): Tensor {
  return tensor(Int32Array.from(values));
}
