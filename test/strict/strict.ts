/**
 * The strict backend: the reference backend behind a hostile device. Whatever the contract leaves open happens in the worst
 * way (late, out of order, on memory full of NaN), and whatever the contract forbids is a loud error. Seeded, so that each
 * failure can be repeated.
 */
import {
  DTypeError,
  ResourceError,
  describe,
  dtypes,
  viewAs,
  type Backend,
  type DType,
  type Kernel,
  type Limits,
  type Program,
  type Region,
} from '@antler/core';
import { checkProgram } from '../contract/checkProgram.js';
import { hashOf, seeded, type Chance } from '../seeded.js';
import { ContractError, StrictMemory, poison, type StrictBuffer } from './memory.js';
import { createLateQueue, type LateQueue } from './queue.js';

/** The reference backend, or any other whose memory is an ArrayBuffer and whose runs are done when `run` returns. */
export type InnerBackend = (options: { readonly bytes: Backend['bytes'] }) => Backend<ArrayBuffer, unknown>;

/** What the hostile device does. */
export interface StrictOptions {
  /** Decides every delay and every refusal. */
  readonly seed: number;
  /** Refuse about half of all composites, or of all epilogues of dot, or (true) of both; equal kernels get equal answers. */
  readonly refuse?: boolean | { readonly composites?: boolean; readonly epilogues?: boolean };
  /** Calls of `alloc` that throw a ResourceError, counted from 0. */
  readonly failAllocAt?: readonly number[];
  /** Calls of `run` that throw a ResourceError, counted from 0. */
  readonly failRunAt?: readonly number[];
  /** Creates the backend that does the arithmetic. */
  readonly js: InnerBackend;
}

/** Makes a strict backend. */
export function createStrictBackend(options: StrictOptions): StrictBackend {
  return new StrictBackend(options);
}

/** A compiled program of the strict backend. */
export class StrictExecutable {
  readonly program: Program;
  readonly inner: unknown;

  constructor(program: Program, inner: unknown) {
    this.program = program;
    this.inner = inner;
  }
}

const limits: Limits = { maxBufferBytes: 2 ** 28, maxRegionsPerKernel: 8, alignment: 256, maxInFlight: 2 };

/** As on a device without small types: bool and 8-bit integers take a word. */
const wordBytes: Backend['bytes'] = { int8: 4, uint8: 4, bool: 4 };

/** See the file's head. Broken promises throw a ContractError and are kept in `violations`. */
export class StrictBackend implements Backend<StrictBuffer, StrictExecutable> {
  readonly name: string = 'strict';
  readonly limits: Limits = limits;
  readonly bytes: Backend['bytes'];
  readonly managed: boolean = false;
  /** What core did against the contract, in order. A test that uses this backend ends by expecting none. */
  readonly violations: string[] = [];
  readonly #options: StrictOptions;
  readonly #chance: Chance;
  readonly #queue: LateQueue;
  readonly #memory: StrictMemory;
  readonly #inner: Backend<ArrayBuffer, unknown>;
  readonly #executables = new WeakSet<StrictExecutable>();
  #arena = new ArrayBuffer(0);
  /** The first failure of work that was enqueued; until `synchronize` reports it, nothing else is done. */
  #failure: Error | undefined = undefined;
  #reported = 0;
  #allocs = 0;
  #runs = 0;
  #disposed = false;

  constructor(options: StrictOptions) {
    this.#options = options;
    this.#chance = seeded(options.seed);
    this.#queue = createLateQueue(this.#chance);
    this.#inner = options.js({ bytes: wordBytes });
    this.bytes = Object.fromEntries(Object.entries(this.#inner.bytes).filter(([dtype]) => dtype !== 'float64'));
    this.#memory = new StrictMemory((size) => this.#inner.alloc(size), limits.alignment);
  }

  /** Buffers that nobody freed yet. */
  get live(): readonly StrictBuffer[] {
    return this.#memory.live;
  }

  accepts(kernel: Kernel): boolean {
    const { seed, refuse = false } = this.#options;
    const { composites = false, epilogues = false } =
      typeof refuse === 'boolean' ? { composites: refuse, epilogues: refuse } : refuse;
    const isProduct = kernel.kind === 'dot' || kernel.kind === 'conv';
    const refusable = kernel.kind === 'composite' ? composites : isProduct && kernel.epilogue.length > 0 && epilogues;
    if (refusable && hashOf(`${seed} ${describeKernel(kernel)}`) % 2 === 0) return false;
    return this.#inner.accepts(kernel);
  }

  alloc(size: number): StrictBuffer {
    return this.#checked(() => {
      const received = `${size} bytes`;
      if (!(size >= 0 && size <= limits.maxBufferBytes)) {
        throw new ResourceError(describe('alloc', `at most ${limits.maxBufferBytes} bytes`, received));
      }
      if (this.#options.failAllocAt?.includes(this.#allocs++)) {
        throw new ResourceError(describe('alloc', 'memory', received, 'The failure was injected.'));
      }
      return this.#memory.alloc(size);
    });
  }

  free(buffer: StrictBuffer): void {
    this.#checked(() => {
      const storage = this.#memory.free(buffer);
      this.#enqueue(() => poison(storage, 0, buffer.bytes));
    });
  }

  write(region: Region<StrictBuffer>, data: ArrayBufferView, dtype: DType): void {
    this.#checked(() => {
      const elements = data.byteLength / dtypes[dtype].bytes;
      if (!Number.isInteger(elements))
        throw new ContractError(`write: ${data.byteLength} bytes are no ${dtype} elements`);
      const target = this.#memory.region('write', region, elements * this.#bytesOf('write', dtype));
      const copy = new Uint8Array(data.byteLength);
      copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      this.#enqueue(() => this.#inner.write(target, viewAs(dtype, copy.buffer, 0, elements), dtype));
    });
  }

  read(region: Region<StrictBuffer>, elements: number, dtype: DType): Promise<ArrayBuffer> {
    return this.#checked(() => {
      const source = this.#memory.region('read', region, elements * this.#bytesOf('read', dtype));
      return this.#settled(() => this.#inner.read(source, elements, dtype));
    });
  }

  compile(program: Program): Promise<StrictExecutable> {
    return this.#checked(() => {
      checkProgram(program, this);
      const promise = Promise.all([this.#inner.compile(withoutTemporaries(program)), this.#queue.sometime()]).then(
        ([inner]) => {
          const executable = new StrictExecutable(program, inner);
          this.#executables.add(executable);
          return executable;
        },
      );
      promise.catch(() => {});
      return promise;
    });
  }

  scratch({ program }: StrictExecutable): number {
    return temporariesOf(program).bytes;
  }

  run(executable: StrictExecutable, io: readonly Region<StrictBuffer>[], scalars: Float64Array): void {
    this.#checked(() => {
      if (!this.#executables.has(executable)) {
        throw new ContractError(`run: ${showGiven(executable)} is not an executable of this device`);
      }
      const { program, inner } = executable;
      const slots = program.slots.filter(({ role }) => role !== 'temp');
      if (io.length !== slots.length) throw new ContractError(`run: ${io.length} regions for ${slots.length} slots`);
      if (scalars.length !== program.scalars.length) {
        throw new ContractError(`run: ${scalars.length} numbers for ${program.scalars.length} scalars`);
      }
      const regions = io.map((region, i) => this.#memory.region(`run, slot ${i}`, region, slots[i]!.bytes));
      checkApart(program, io);
      if (this.#options.failRunAt?.includes(this.#runs++)) {
        throw new ResourceError(describe('run', 'a device with room for a run', 'none', 'The failure was injected.'));
      }
      const numbers = scalars.slice();
      const temporaries = temporariesOf(program);
      this.#enqueue(() => {
        if (this.#arena.byteLength < temporaries.bytes) this.#arena = this.#inner.alloc(temporaries.bytes);
        poison(this.#arena, 0, temporaries.bytes);
        slots.forEach(({ role, bytes: size }, i) => {
          if (role === 'output') poison(regions[i]!.buffer, regions[i]!.byteOffset, size);
        });
        const inArena = temporaries.offsets.map((byteOffset) => ({ buffer: this.#arena, byteOffset }));
        this.#inner.run(inner, [...regions, ...inArena], numbers);
      });
    });
  }

  synchronize(): Promise<void> {
    const unreported = this.violations.slice(this.#reported);
    this.#reported = this.violations.length;
    return this.#settled(() => {
      if (unreported.length > 0) throw new ContractError(unreported.join('\n'));
    }).catch((error: unknown) => {
      this.#failure = undefined;
      throw error;
    });
  }

  dispose(): void {
    this.#disposed = true;
  }

  /** Does a call of core's; an error of the contract is kept, even when core should swallow it. */
  #checked<T>(call: () => T): T {
    try {
      if (this.#disposed) throw new ContractError('the device was disposed');
      return call();
    } catch (error) {
      if (!(error instanceof ResourceError)) this.violations.push((error as Error).message);
      throw error;
    }
  }

  #bytesOf(where: string, dtype: DType): number {
    const size = this.bytes[dtype];
    if (size === undefined)
      throw new DTypeError(describe(where, `one of ${Object.keys(this.bytes).join(', ')}`, dtype));
    return size;
  }

  /** Work without a promise of its own: later reads and the next `synchronize` report its failure. */
  #enqueue(job: () => void): void {
    this.#queue.enqueue(() => {
      if (this.#failure !== undefined) return;
      try {
        job();
      } catch (error) {
        this.#failure = error as Error;
      }
    });
  }

  /** Enqueues work with a result, and gives the result some time after it is there. */
  #settled<T>(job: () => T | Promise<T>): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      this.#queue.enqueue(() => {
        try {
          if (this.#failure !== undefined) throw this.#failure;
          resolve(job());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    }).then(async (result) => {
      await this.#queue.sometime();
      return result;
    });
    promise.catch(() => {});
    return promise;
  }
}

/** Names what came instead of an executable, a promise above all. */
function showGiven(given: unknown): string {
  return Object.prototype.toString.call(given);
}

/** A kernel without what differs between equal ones: scopes, and the places of its views. */
function describeKernel(kernel: Kernel): string {
  const places = new Set(['scopes', 'slot', 'offset', 'turns', 'site']);
  return JSON.stringify(kernel, (key, value: unknown) => (places.has(key) ? undefined : value));
}

/** The program as the inner backend sees it: temporaries are regions like others, so that they can be poisoned. */
function withoutTemporaries(program: Program): Program {
  const slots = program.slots.map((slot) => (slot.role === 'temp' ? { ...slot, role: 'inout' as const } : slot));
  return { ...program, key: `${program.key} with its temporaries outside`, slots };
}

function temporariesOf({ slots }: Program): { readonly bytes: number; readonly offsets: readonly number[] } {
  let end = 0;
  const offsets: number[] = [];
  for (const slot of slots) {
    if (slot.role !== 'temp') continue;
    offsets.push(end);
    end += Math.ceil(slot.bytes / limits.alignment) * limits.alignment;
  }
  return { bytes: end, offsets };
}

/** Each region of a run is bound once: no two of them may share a byte. */
function checkApart({ slots }: Program, io: readonly Region<StrictBuffer>[]): void {
  io.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const b = io[j]!;
      const low = Math.max(a.byteOffset, b.byteOffset);
      const high = Math.min(a.byteOffset + slots[i]!.bytes, b.byteOffset + slots[j]!.bytes);
      if (a.buffer === b.buffer && low < high) {
        throw new ContractError(`run: slots ${j} and ${i} share bytes ${low} to ${high} of ${a.buffer.toString()}`);
      }
    }
  });
}
