/** Compiled programs of one device: graphs are lowered and compiled once per key, and the least used are forgotten. */
import { lower } from '../graph/lower.js';
import type { Graph } from '../graph/graph.js';
import type { Program } from '../graph/program.js';
import type { Backend, Region } from './backend.js';
import { hooks } from './hooks.js';
import { LruMap } from './lru.js';

/** Pairs (output, input): the output overwrites the input's memory. */
export type Donation = readonly (readonly [output: number, input: number])[];

/** A program and what the backend made of it. The backend may still be at it. */
export class Executable {
  readonly program: Program;
  /** What runs it, when the backend does not take all of its kernels. */
  readonly detour: Detour | null;
  /** What compiling gave; null while `ready` is pending, or after it failed. */
  compiled: unknown = null;
  /** Settles (never rejects) when compiling has ended; null once it has. */
  ready: Promise<void> | null = null;
  /** Why compiling failed. */
  error: Error | null = null;

  constructor(program: Program, backend: Backend, detour: Detour | null = null) {
    this.program = program;
    this.detour = detour;
    const compiled = detour === null ? backend.compile(program) : detour.compiled;
    if (!(compiled instanceof Promise)) {
      this.compiled = compiled;
      return;
    }
    this.ready = compiled.then(
      (executable) => {
        this.compiled = executable;
        this.ready = null;
      },
      (error: unknown) => {
        this.error = error instanceof Error ? error : new Error(String(error));
        this.ready = null;
      },
    );
  }
}

/** The way around a device that refuses kernels. */
export interface Detour {
  /** What there was to compile, or a promise of it. */
  readonly compiled: unknown;
  /** Allocates for one run. `run` must not be overtaken; `end` gives the memory back. */
  begin(io: readonly Region[]): { run(this: void, scalars: Float64Array): Promise<void>; end(this: void): void };
}

/** How eagerly recorded graphs are lowered: `auto` fuses from the second sighting on. */
export type Fusion = 'auto' | 'never' | 'always';

let fusion: Fusion = 'auto';

/** Sets how eagerly recorded graphs are lowered, for all devices; `jit` always fuses. For tests and debugging. */
export function setFusion(mode: Fusion): void {
  fusion = mode;
}

const CACHE_BYTES = 64 * 2 ** 20;
const BYTES_PER_KERNEL = 2048;

/** What one device has compiled. */
export class ProgramCache {
  readonly #backend: Backend;
  readonly #device: string;
  readonly #executables: LruMap<Executable> = new LruMap<Executable>(CACHE_BYTES);
  readonly #seen: LruMap<true> = new LruMap<true>(CACHE_BYTES / 8);

  constructor(device: string, backend: Backend) {
    this.#device = device;
    this.#backend = backend;
  }

  /** Programs compiled and not forgotten. */
  get size(): number {
    return this.#executables.size;
  }

  /** Bytes of the arena that temporaries share: what the largest program needs. */
  get arenaBytes(): number {
    const bytes = (executable: Executable): number =>
      executable.compiled === null || executable.detour !== null ? 0 : this.#backend.scratch(executable.compiled);
    return this.#executables.values().reduce((most, executable) => Math.max(most, bytes(executable)), 0);
  }

  /** The executable of an eagerly recorded graph: generic kernels at the first sighting, fused ones from the second on. */
  eager(graph: Graph, donate: Donation): Executable {
    const key = cacheKey(graph, donate);
    if (fusion !== 'auto') return this.#get(key, graph, donate, fusion === 'always');
    const again = this.#seen.get(key) === true;
    if (!again) this.#seen.set(key, true, key.length * 2);
    return this.#get(key, graph, donate, again);
  }

  /** The fused executable of a graph. */
  fused(graph: Graph, donate: Donation): Executable {
    return this.#get(cacheKey(graph, donate), graph, donate, true);
  }

  #get(key: string, graph: Graph, donate: Donation, fuse: boolean): Executable {
    const full = fuse ? key : `plain:${key}`;
    const known = this.#executables.get(full);
    if (known?.error === null) return known;
    const program = lower(graph, { target: this.#backend, fuse, donate });
    hooks.compiled?.(graph, program);
    const executable = new Executable(program, this.#backend, hooks.detour?.(program, this.#backend, this.#device));
    this.#executables.set(full, executable, full.length * 2 + program.kernels.length * BYTES_PER_KERNEL);
    return executable;
  }
}

function cacheKey(graph: Graph, donate: Donation): string {
  return donate.length === 0 ? graph.key : `${donate.map((pair) => pair.join('<')).join(',')}|${graph.key}`;
}
