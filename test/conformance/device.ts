/** A backend as the cases see it: run a program built by hand, and get numbers back. */
import { dtypes, isFloat, type Backend, type DType, type Kernel, type KernelKind, type Region } from '@antler/core';
import { checkProgram } from '../contract/checkProgram.js';
import { Builder, type Place } from './builder.js';
import { decode, encode } from './numbers.js';
import type { Tolerance } from './tolerance.js';

/** What a case runs on: a backend alone, or core on it. */
export interface Target {
  readonly backend: Backend;
}

/** One behaviour that every backend has. */
export interface Case<On extends Target = Device> {
  readonly name: string;
  /** Dtypes without which the case means nothing; default float32. */
  readonly dtypes?: readonly DType[];
  readonly run: (on: On) => Promise<void>;
}

/** The backend refused a composite, a convolution or an epilogue of dot, as it may, or what it lacks: there is nothing to test. */
export class Declined extends Error {
  override readonly name: string = 'Declined';
}

/** Reads what a run left in a place. */
export type Results = (place: Place) => number[];

/** What one run may change. */
export interface RunOptions {
  /** Instead of the builder's. */
  readonly scalars?: readonly number[];
  /** Cut all regions from one buffer, next to each other. */
  readonly shared?: boolean;
}

/** A backend with its tolerances. */
export class Device {
  readonly backend: Backend;
  readonly tolerance: Tolerance;

  readonly #lacks: readonly KernelKind[];

  /** @param lacks kinds of kernel that the backend does not have yet */
  constructor(backend: Backend, tolerance: Tolerance, lacks: readonly KernelKind[] = []) {
    this.backend = backend;
    this.tolerance = tolerance;
    this.#lacks = lacks;
  }

  builder(): Builder {
    return new Builder(this.backend.bytes);
  }

  /** Compiles and runs a program once. */
  async run(build: Builder, options: RunOptions = {}): Promise<Results> {
    const run = await this.compile(build);
    return run(options);
  }

  /** Compiles a program; the result runs it, each time on fresh buffers. */
  async compile(build: Builder): Promise<(options?: RunOptions) => Promise<Results>> {
    const { backend } = this;
    const program = build.program();
    program.kernels.forEach((kernel) => this.#offer(kernel));
    checkProgram(program, backend);
    const executable = await backend.compile(program);
    return async ({ scalars = build.scalars, shared = false } = {}) => {
      const { regions, buffers } = this.#regions(build.places, shared);
      build.places.forEach((place, i) => this.write(regions[i]!, startOf(place), place.dtype));
      backend.run(executable, regions, Float64Array.from(scalars));
      const reads = build.places.map((place, i) => this.read(regions[i]!, elementsOf(place), place.dtype));
      buffers.forEach((buffer) => backend.free(buffer));
      const values = new Map<Place, number[]>();
      for (const [i, place] of build.places.entries()) values.set(place, await reads[i]!);
      await backend.synchronize();
      return (place) => values.get(place)!;
    };
  }

  write(region: Region, values: readonly number[], dtype: DType): void {
    this.backend.write(region, new Uint8Array(encode(values, dtype)), dtype);
  }

  async read(region: Region, elements: number, dtype: DType): Promise<number[]> {
    return decode(await this.backend.read(region, elements, dtype), dtype);
  }

  /** Only composites, convolutions, epilogues and what is said to be lacking may be refused. */
  #offer(kernel: Kernel): void {
    if (kernel.kind === 'repeat') kernel.kernels.forEach((inner) => this.#offer(inner));
    if (this.backend.accepts(kernel)) return;
    const { kind } = kernel;
    if (
      kind === 'composite' ||
      kind === 'conv' ||
      (kind === 'dot' && kernel.epilogue.length > 0) ||
      this.#lacks.includes(kind)
    ) {
      throw new Declined(`${this.backend.name} refuses this ${kernel.kind}`);
    }
    throw new Error(`${this.backend.name} refuses a plain ${kernel.kind}, which every backend must take`);
  }

  #regions(places: readonly Place[], shared: boolean): { readonly regions: Region[]; readonly buffers: unknown[] } {
    const { backend } = this;
    const { alignment } = backend.limits;
    const padded = places.map(
      (place) => Math.ceil((elementsOf(place) * backend.bytes[place.dtype]!) / alignment) * alignment,
    );
    if (shared) {
      const buffer = backend.alloc(padded.reduce((a, b) => a + b, 0));
      let end = 0;
      const regions = padded.map((bytes) => ({ buffer, byteOffset: (end += bytes) - bytes }));
      return { regions, buffers: [buffer] };
    }
    // Every other region starts inside of its buffer.
    const regions = padded.map((bytes, i) => {
      const byteOffset = i % 2 === 0 ? 0 : alignment;
      return { buffer: backend.alloc(byteOffset + bytes), byteOffset };
    });
    return { regions, buffers: regions.map(({ buffer }) => buffer) };
  }
}

function elementsOf({ shape }: Place): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** What a place holds before the run: outputs hold what nobody would write. */
function startOf(place: Place): readonly number[] {
  if (place.values.length > 0) return place.values;
  const { dtype } = place;
  return new Array<number>(elementsOf(place)).fill(isFloat(dtype) ? NaN : dtypes[dtype].range[1]);
}
