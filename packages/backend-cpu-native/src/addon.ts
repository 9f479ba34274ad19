/** The addon: its functions, and loading it, once per process, with a clear reason when that fails. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

declare const executable: unique symbol;

/** A compiled program, opaque. */
export interface Executable {
  readonly [executable]: true;
}

/** What `native/cpu/src/addon.cpp` exports. Every function throws errors with a `code`. */
export interface Addon {
  readonly compile: (numbers: Float64Array) => Executable;
  readonly scratch: (executable: Executable) => number;
  readonly run: (...call: Call) => undefined;
  /** Milliseconds of each kernel. */
  readonly profile: (...call: Call) => Promise<Float64Array>;
  readonly write: (buffer: ArrayBuffer, offset: number, bytes: Uint8Array) => undefined;
  /** Fills and gives back the target. */
  readonly read: (buffer: ArrayBuffer, offset: number, target: ArrayBuffer) => Promise<ArrayBuffer>;
  readonly readSync: (buffer: ArrayBuffer, offset: number, target: ArrayBuffer) => ArrayBuffer;
  readonly synchronize: () => Promise<unknown>;
  readonly setThreads: (threads: number) => undefined;
  readonly describe: () => { readonly instructions: string; readonly threads: number; readonly onednn: string };
}

/** A program with what it runs on. */
type Call = [
  executable: Executable,
  buffers: readonly ArrayBuffer[],
  offsets: readonly number[],
  scalars: Float64Array,
];

/** Where the build puts it, seen from `src` and from `dist`. */
const addonPath = fileURLToPath(new URL('../build/Release/antler_cpu.node', import.meta.url));

/** Where the build says why it made none. */
const reasonPath = fileURLToPath(new URL('../build/unavailable.txt', import.meta.url));

/**
 * How often OpenMP's threads look for work before they sleep: about 100 µs on a quiet machine, where sleeping would cost a
 * fifth of a small step. Where others compute, a thread that spins uses up its share of a core, and is then made to wait
 * for milliseconds when there is work; there it sleeps at once.
 */
function spinCount(): string {
  const samples = Array.from({ length: 4 }, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return othersRunning();
  });
  return Math.min(...samples) > 0 ? '300' : '50000';
}

/** Threads of other processes that run or want to, where the system tells: this one is among those it counts. */
function othersRunning(): number {
  const path = '/proc/loadavg';
  if (!existsSync(path)) return 0;
  return Number(/ (\d+)\/\d+ /.exec(readFileSync(path, 'utf8'))?.[1] ?? 1) - 1;
}

let loaded: Addon | Error | undefined;

const elfMachines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

/** Why a library of Linux cannot be loaded; loading one that was cut short would end the process. */
function damage(path: string): string | undefined {
  const bytes = readFileSync(path);
  if (process.platform !== 'linux' || bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  // The table of sections is the last thing in the file.
  const end = Number(bytes.readBigUInt64LE(40)) + bytes.readUInt16LE(58) * bytes.readUInt16LE(60);
  if (end > bytes.length) return `the file is damaged (${bytes.length} of ${end} bytes)`;
  const machine = elfMachines[process.arch];
  return machine === undefined || bytes.readUInt16LE(18) === machine ? undefined : `it is not for ${process.arch}`;
}

function load(path: string): Addon | Error {
  if (!existsSync(path)) {
    const reason = existsSync(reasonPath) ? readFileSync(reasonPath, 'utf8').trim() : 'npm run build builds it';
    return new Error(`its addon is not built: ${reason}`);
  }
  const damaged = damage(path);
  if (damaged !== undefined) return new Error(`its addon cannot be loaded: ${damaged}`);
  // OpenMP reads this once, when the addon brings it into the process.
  process.env.GOMP_SPINCOUNT ??= spinCount();
  try {
    const addon = createRequire(import.meta.url)(path) as Partial<Addon>;
    if (typeof addon.compile !== 'function') return new Error(`${path} is not its addon`);
    return addon as Addon;
  } catch (error) {
    const [reason = 'no reason given'] = String((error as Error).message).split('\n');
    return new Error(`its addon cannot be loaded: ${reason}`);
  }
}

/** The addon, or the error that says why there is none; `path` is for tests of damaged files. */
export function loadAddon(path?: string): Addon | Error {
  if (path !== undefined) return load(path);
  return (loaded ??= load(addonPath));
}

/**
 * Why the native backend cannot be used here, in one line; undefined when it can.
 * @example if (whyUnavailable() === undefined) await setBackend('native');
 */
export function whyUnavailable(): string | undefined {
  const addon = loadAddon();
  return addon instanceof Error ? addon.message : undefined;
}
