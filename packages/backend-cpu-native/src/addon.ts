/** The addon: its functions, and loading it, once per process, with a clear reason when that fails. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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
  /** How far from a buffer's first byte the next cache line begins. */
  readonly lineOf: (buffer: ArrayBuffer) => number;
  readonly write: (buffer: ArrayBuffer, offset: number, bytes: Uint8Array) => undefined;
  /** Fills and gives back the target: at once, if nothing that was enqueued is left to do. */
  readonly read: (buffer: ArrayBuffer, offset: number, target: ArrayBuffer) => ArrayBuffer | Promise<ArrayBuffer>;
  readonly readSync: (buffer: ArrayBuffer, offset: number, target: ArrayBuffer) => ArrayBuffer;
  readonly synchronize: () => Promise<unknown>;
  readonly setThreads: (threads: number) => undefined;
  readonly describe: () => Description;
}

/** What the addon says of itself and the machine. */
export interface Description {
  readonly instructions: string;
  readonly threads: number;
  /** The version of oneDNN; empty without it. */
  readonly onednn: string;
  /** What oneDNN has offered so far to the programs that ran: kinds of primitives with the names of their implementations. */
  readonly primitives: readonly string[];
  /** Bytes of the weights that kernels keep in layouts of their own. */
  readonly packedBytes: number;
}

/** A program with what it runs on. */
type Call = [executable: Executable, buffers: readonly ArrayBuffer[], offsets: Float64Array, scalars: Float64Array];

/** What loads the addon: where the build puts it, seen from `src` and from `dist`, or where ANTLER_ADDON says. */
export const addonPath: string =
  process.env.ANTLER_ADDON ?? fileURLToPath(new URL('../build/Release/antler_load.node', import.meta.url));

let loaded: Addon | Error | undefined;

const elfMachines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

/** Why a library of Linux cannot be loaded; loading one that was cut short would end the process. */
function damage(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
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
    // Where the build says why it made none.
    const reasonPath = join(dirname(path), '..', 'unavailable.txt');
    const reason = existsSync(reasonPath) ? readFileSync(reasonPath, 'utf8').trim() : 'npm run build builds it';
    return new Error(`its addon is not built: ${reason}`);
  }
  const damaged = [path, join(dirname(path), 'antler_cpu.node')].map(damage).find((reason) => reason !== undefined);
  if (damaged !== undefined) return new Error(`its addon cannot be loaded: ${damaged}`);
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
