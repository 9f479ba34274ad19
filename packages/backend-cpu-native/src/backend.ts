/** The native CPU backend: one call of the addon per program; a thread of the addon's computes while JavaScript goes on. */
import { DTypeError, DeviceError, describe, dtypes, type Backend, type DType, type Region } from '@antler/core';
import { loadAddon, type Addon, type Executable } from './addon.js';
import { compositeOf } from './composites.js';
import { encodeProgram } from './encode.js';
import { calling, translated } from './failures.js';
import { allocate, forgetSpare, giveBack, maxBufferBytes, take } from './memory.js';
import { turn } from './turns.js';

/** Options of `createNativeBackend`. */
export interface NativeBackendOptions {
  /**
   * Threads that kernels use, from 1 to 256, in the whole process; as many as the machine has unless said otherwise here
   * or in the environment (ANTLER_NUM_THREADS).
   */
  readonly threads?: number;
}

/** Host sizes of everything but the 16-bit floats, which have no arithmetic here yet. */
const bytes: Readonly<Partial<Record<DType, 1 | 2 | 4 | 8>>> = Object.fromEntries(
  (['float32', 'float64', 'int32', 'uint32', 'int8', 'uint8', 'bool'] as const).map((d) => [d, dtypes[d].bytes]),
);

function sizeOf(dtype: DType): number {
  const size = bytes[dtype];
  if (size === undefined) {
    throw new DTypeError(describe('native backend', `a dtype among ${Object.keys(bytes).join(', ')}`, dtype));
  }
  return size;
}

type Regions = readonly Region<ArrayBuffer>[];

function buffersOf(io: Regions): readonly ArrayBuffer[] {
  return io.map(({ buffer }) => buffer);
}

function offsetsOf(io: Regions): Float64Array {
  const offsets = new Float64Array(io.length);
  for (let i = 0; i < io.length; i++) offsets[i] = io[i]!.byteOffset;
  return offsets;
}

/**
 * Makes the native CPU backend. Throws a DeviceError that says why when its addon cannot be loaded.
 * @example registerBackends({ native: createNativeBackend })
 */
export function createNativeBackend({ threads }: NativeBackendOptions = {}): Backend<ArrayBuffer, Executable> {
  const addon = loadAddon();
  if (addon instanceof Error) throw new DeviceError(describe('native backend', 'a working addon', addon.message));
  if (threads !== undefined) calling('createNativeBackend', () => addon.setThreads(threads));
  return backendOf(addon);
}

function backendOf(addon: Addon): Backend<ArrayBuffer, Executable> {
  return {
    name: 'native',
    limits: { maxBufferBytes, maxRegionsPerKernel: Infinity, alignment: 16, maxInFlight: 8 },
    bytes,
    managed: true,
    accepts: (kernel) => kernel.kind !== 'composite' || compositeOf(kernel) !== undefined,
    alloc: take,
    free: giveBack,
    write({ buffer, byteOffset }, data, dtype) {
      sizeOf(dtype);
      const source = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
      calling('write', () => addon.write(buffer, byteOffset, source));
    },
    async read({ buffer, byteOffset }, elements, dtype) {
      try {
        const bytes = addon.read(buffer, byteOffset, allocate(elements * sizeOf(dtype)));
        if (bytes instanceof Promise) return await bytes;
        const wait = turn();
        if (wait !== undefined) await wait;
        return bytes;
      } catch (error) {
        throw translated('read', error);
      }
    },
    readSync({ buffer, byteOffset }, elements, dtype) {
      const target = allocate(elements * sizeOf(dtype));
      return calling('read', () => addon.readSync(buffer, byteOffset, target));
    },
    compile: (program) => calling('compile', () => addon.compile(encodeProgram(program))),
    scratch: (executable) => addon.scratch(executable),
    run(executable, io, scalars) {
      try {
        addon.run(executable, buffersOf(io), offsetsOf(io), scalars);
      } catch (error) {
        throw translated('run', error);
      }
    },
    async profile(executable, io, scalars) {
      try {
        return Array.from(await addon.profile(executable, buffersOf(io), offsetsOf(io), scalars));
      } catch (error) {
        throw translated('profile', error);
      }
    },
    async synchronize() {
      try {
        await addon.synchronize();
      } catch (error) {
        throw translated('synchronize', error);
      }
    },
    dispose: forgetSpare,
  };
}
