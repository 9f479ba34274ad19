/** The null backend: it compiles and checks everything, runs nothing, and counts, so that big models are tested in no time. */
import {
  ResourceError,
  ValueError,
  describe,
  dtypes,
  type Backend,
  type DType,
  type Kernel,
  type KernelKind,
  type Limits,
  type Program,
  type Region,
} from '@antler/core';
import { checkProgram } from '../contract/checkProgram.js';

/** What the null device claims to be. */
export interface NullOptions {
  readonly limits?: Partial<Limits>;
  readonly bytes?: Backend['bytes'];
  /** Default: every kernel but composites. */
  readonly accepts?: (kernel: Kernel) => boolean;
}

/** What a null backend has seen since it was made. */
export interface NullCounts {
  readonly programs: number;
  readonly runs: number;
  readonly writes: number;
  readonly reads: number;
  readonly allocations: number;
  readonly frees: number;
  /** Bytes allocated and not freed. */
  readonly bytes: number;
  readonly peakBytes: number;
  /** Largest scratch that a run needed. */
  readonly scratchBytes: number;
  /** Kernels that runs would have executed, those inside of `repeat` once per turn. */
  readonly kernels: Readonly<Record<KernelKind, number>>;
  /** Those among the loops that only move data: one load, one store. */
  readonly copies: number;
}

/** Memory of the null device: a size. */
export interface NullBuffer {
  readonly bytes: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Makes a null backend with `counts()` and the list of the programs that it compiled. */
export function createNullBackend(options: NullOptions = {}): NullBackend {
  return new NullBackend(options);
}

/** See the file's head. */
export class NullBackend implements Backend<NullBuffer, Program> {
  readonly name: string = 'null';
  readonly limits: Limits;
  readonly bytes: Backend['bytes'];
  readonly managed: boolean = false;
  /** Every program compiled, in order. */
  readonly programs: Program[] = [];
  readonly #accepts: (kernel: Kernel) => boolean;
  readonly #live = new Set<NullBuffer>();
  readonly #counts: Mutable<Omit<NullCounts, 'kernels' | 'programs'>> = {
    runs: 0,
    writes: 0,
    reads: 0,
    allocations: 0,
    frees: 0,
    bytes: 0,
    peakBytes: 0,
    scratchBytes: 0,
    copies: 0,
  };
  readonly #kernels: Record<KernelKind, number> = {
    loop: 0,
    dot: 0,
    conv: 0,
    gather: 0,
    scatter: 0,
    cumulate: 0,
    sort: 0,
    repeat: 0,
    composite: 0,
  };

  constructor(options: NullOptions) {
    this.limits = {
      maxBufferBytes: 2 ** 40,
      maxRegionsPerKernel: 8,
      alignment: 256,
      maxInFlight: 4,
      ...options.limits,
    };
    this.bytes =
      options.bytes ?? Object.fromEntries(Object.entries(dtypes).map(([dtype, { bytes }]) => [dtype, bytes] as const));
    this.#accepts = options.accepts ?? (({ kind }) => kind !== 'composite');
  }

  /** The counts so far; subtract two of them to know what a step costs. */
  counts(): NullCounts {
    return { ...this.#counts, programs: this.programs.length, kernels: { ...this.#kernels } };
  }

  accepts(kernel: Kernel): boolean {
    return this.#accepts(kernel);
  }

  alloc(bytes: number): NullBuffer {
    if (!(bytes >= 0 && bytes <= this.limits.maxBufferBytes)) {
      throw new ResourceError(describe('alloc', `at most ${this.limits.maxBufferBytes} bytes`, String(bytes)));
    }
    const counts = this.#counts;
    const buffer = { bytes };
    this.#live.add(buffer);
    counts.allocations++;
    counts.bytes += bytes;
    counts.peakBytes = Math.max(counts.peakBytes, counts.bytes);
    return buffer;
  }

  free(buffer: NullBuffer): void {
    if (!this.#live.delete(buffer)) throw new ValueError(describe('free', 'a live buffer', 'a freed one'));
    this.#counts.frees++;
    this.#counts.bytes -= buffer.bytes;
  }

  write({ buffer, byteOffset }: Region<NullBuffer>, data: ArrayBufferView, dtype: DType): void {
    this.#check('write', buffer, byteOffset, (data.byteLength / dtypes[dtype].bytes) * this.bytes[dtype]!);
    this.#counts.writes++;
  }

  async read({ buffer, byteOffset }: Region<NullBuffer>, elements: number, dtype: DType): Promise<ArrayBuffer> {
    this.#check('read', buffer, byteOffset, elements * this.bytes[dtype]!);
    this.#counts.reads++;
    return new ArrayBuffer(elements * dtypes[dtype].bytes);
  }

  compile(program: Program): Program {
    checkProgram(program, this);
    this.programs.push(program);
    return program;
  }

  scratch({ slots }: Program): number {
    return slots.reduce((sum, { role, bytes }) => (role === 'temp' ? sum + bytes : sum), 0);
  }

  run(program: Program, io: readonly Region<NullBuffer>[], scalars: Float64Array): void {
    if (scalars.length !== program.scalars.length) {
      throw new ValueError(describe('run', `${program.scalars.length} scalars`, String(scalars.length)));
    }
    io.forEach(({ buffer, byteOffset }, i) =>
      this.#check(`run, slot ${i}`, buffer, byteOffset, program.slots[i]!.bytes),
    );
    this.#counts.runs++;
    this.#counts.scratchBytes = Math.max(this.#counts.scratchBytes, this.scratch(program));
    this.#count(program.kernels, 1);
  }

  async synchronize(): Promise<void> {}

  dispose(): void {
    this.#live.clear();
  }

  #count(kernels: readonly Kernel[], times: number): void {
    for (const kernel of kernels) {
      this.#kernels[kernel.kind] += times;
      if (isCopy(kernel)) this.#counts.copies += times;
      if (kernel.kind === 'repeat') this.#count(kernel.kernels, times * kernel.count);
    }
  }

  #check(where: string, buffer: NullBuffer, byteOffset: number, bytes: number): void {
    if (!this.#live.has(buffer)) throw new ValueError(describe(where, 'a live buffer', 'a freed one'));
    if (byteOffset + bytes > buffer.bytes) {
      throw new ValueError(describe(where, `a region within ${buffer.bytes} bytes`, `${byteOffset} + ${bytes}`));
    }
  }
}

/** A loop that only moves data. */
export function isCopy(kernel: Kernel): boolean {
  if (kernel.kind !== 'loop') return false;
  const { body, reductions, stores } = kernel;
  return body.length === 1 && body[0]!.op === 'load' && reductions.length === 0 && stores.length === 1;
}
