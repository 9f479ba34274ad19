/** Core on a device, in one mode: what the cases of the upper layers compute with. */
import { keep, type Backend, type DType, type Tensor } from '@antler/core';
import type { Mode } from '../../modes.js';
import type { Case } from '../device.js';
import type { Tolerance } from '../tolerance.js';
import type { Values } from './values.js';

/** A case about core's functions. */
export type CoreCase = Case<Session>;

/** A backend in use by core, with its tolerances. */
export class Session {
  readonly backend: Backend;
  readonly tolerance: Tolerance;
  readonly mode: Mode;

  constructor(backend: Backend, tolerance: Tolerance, mode: Mode) {
    this.backend = backend;
    this.tolerance = tolerance;
    this.mode = mode;
  }

  /** Whether the device has all of these dtypes. */
  has(...dtypes: readonly DType[]): boolean {
    return dtypes.every((dtype) => this.backend.bytes[dtype] !== undefined);
  }

  /** Computes tensors as the mode does, all at once, and reads them. */
  async compute<A extends readonly unknown[]>(f: (...args: A) => readonly Tensor[], ...args: A): Promise<Values[]> {
    const results = this.mode.compile(f)(...args);
    for (const result of results) keep(result);
    return Promise.all(results.map(read));
  }
}

/** The numbers of a tensor, with its type. */
export async function read(x: Tensor): Promise<Values> {
  return { dtype: x.dtype, shape: x.shape, numbers: Array.from(await x.data()) };
}
