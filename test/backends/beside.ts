/** A function of arrays from a seed on some backend and on the reference backend, side by side. */
import { expect } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { jit, tensor, type Backend, type Tensor } from '@antler/core';
import { openFresh } from '../modes.js';
import { seeded } from '../seeded.js';

/** Sizes of an array. */
export type Shape = readonly number[];

/** How many entries it has. */
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** A function of arrays of given shapes, whose entries come from a seed. */
export interface Case {
  readonly seed: number;
  readonly shapes: readonly Shape[];
  readonly f: (...inputs: Tensor[]) => readonly Tensor[];
  /** Something else instead of the first input's entries. */
  readonly change?: (values: Float32Array) => Float32Array;
}

/** What a case gives on a fresh backend, compiled. */
export async function valuesOn(create: () => Backend, { seed, shapes, f, change }: Case): Promise<Float32Array[]> {
  await openFresh(create);
  const chance = seeded(seed);
  const inputs = shapes.map((shape, i) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => 2 * chance() - 1);
    return tensor(i === 0 && change !== undefined ? change(values) : values, { shape });
  });
  const results = jit(f)(...inputs);
  return Promise.all(results.map(async (result) => Float32Array.from(await result.data())));
}

/** Largest distance, in parts of the largest number. */
function distance(received: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - received[i]!)), 0) / scale;
}

/** Expects that a backend gives what the reference backend gives, but for 2e-6 of the largest number. */
export async function expectSame(create: () => Backend, one: Case): Promise<void> {
  const expected = await valuesOn(createJsBackend, one);
  const received = await valuesOn(create, one);
  expected.forEach((values, i) => {
    expect(received[i]).toHaveLength(values.length);
    expect(distance(received[i]!, values)).toBeLessThan(2e-6);
  });
}
