/** Where debugging looks in: functions that runtime calls when someone has set them. Unset, each costs one comparison. */
import type { Graph } from '../graph/graph.js';
import type { Program } from '../graph/program.js';
import type { Value } from '../node.js';
import type { Backend } from './backend.js';
import type { Device } from './devices.js';
import type { Assignment } from './execute.js';
import type { Detour } from './programs.js';
import type { Run } from './queue.js';

/** What runs, before anything has been done about it. */
export interface Call {
  readonly device: Device;
  readonly graph: Graph;
  readonly inputs: readonly Value[];
  /** The variables that it overwrites. */
  readonly assignments: readonly Assignment[];
}

/** The places. Set by `debug/`, for everyone. */
export interface Hooks {
  /** The stack of the recording that is going on. */
  recorded: (() => string | undefined) | null;
  /** A graph was lowered. */
  compiled: ((graph: Graph, program: Program) => void) | null;
  /** A program is about to be called; a throw means that it does not run. */
  calling: ((call: Call) => void) | null;
  /** The way around a device that does not take all kernels of a program. Set with the first host composite. */
  detour: ((program: Program, backend: Backend, device: string) => Detour | null) | null;
  /** Hands a run to the backend, instead of `backend.run`. */
  launch: ((backend: Backend, run: Run) => void) | null;
}

/** The hooks in use. */
export const hooks: Hooks = { recorded: null, compiled: null, calling: null, detour: null, launch: null };

/** Enqueues a run on a backend. */
export function launch(backend: Backend, run: Run): void {
  if (hooks.launch === null) backend.run(run.executable.compiled, run.io, run.scalars);
  else hooks.launch(backend, run);
}
