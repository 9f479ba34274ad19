/** The native CPU backend: one call of the addon per program; a thread of the addon's computes while JavaScript goes on. */
import { DeviceError, describe, dtypes, type Backend, type DType, type Region } from '@antler/core';
import { loadAddon, type Addon, type Executable } from './addon.js';
import { compositeOf } from './composites.js';
import { encodeProgram } from './encode.js';
import { calling, translated } from './failures.js';
import { allocate, forgetSpare, giveBack, maxBufferBytes, take, type Memory } from './memory.js';
import { turn } from './turns.js';

/** Options of `createNativeBackend`. */
export interface NativeBackendOptions {
  /**
   * Threads that kernels use, from 1 to 256, in the whole process; as many as the machine has unless said otherwise here
   * or in the environment (ANTLER_NUM_THREADS).
   */
  readonly threads?: number;
}

/** Memory is laid out as on the host. */
const bytes = Object.fromEntries(Object.entries(dtypes).map(([dtype, row]) => [dtype, row.bytes])) as Readonly<
  Record<DType, 1 | 2 | 4 | 8>
>;

type Regions = readonly Region<Memory>[];

function buffersOf(io: Regions): readonly ArrayBuffer[] {
  return io.map(({ buffer: { buffer } }) => buffer);
}

function offsetsOf(io: Regions): Float64Array {
  const offsets = new Float64Array(io.length);
  for (let i = 0; i < io.length; i++) offsets[i] = io[i]!.buffer.start + io[i]!.byteOffset;
  return offsets;
}

/**
 * Makes the native CPU backend. Throws a DeviceError that says why when its addon cannot be loaded.
 * @example registerBackends({ native: createNativeBackend })
 */
export function createNativeBackend({ threads }: NativeBackendOptions = {}): Backend<Memory, Executable> {
  const addon = loadAddon();
  if (addon instanceof Error) throw new DeviceError(describe('native backend', 'a working addon', addon.message));
  if (threads !== undefined) calling('createNativeBackend', () => addon.setThreads(threads));
  return backendOf(addon);
}

function backendOf(addon: Addon): Backend<Memory, Executable> {
  return {
    name: 'native',
    limits: { maxBufferBytes, maxRegionsPerKernel: Infinity, alignment: 16, maxInFlight: 8 },
    bytes,
    managed: true,
    accepts: (kernel) => kernel.kind !== 'composite' || compositeOf(kernel) !== undefined,
    alloc: (size) => take(size, addon.lineOf),
    free: giveBack,
    write({ buffer: { buffer, start }, byteOffset }, data) {
      const source = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
      calling('write', () => addon.write(buffer, start + byteOffset, source));
    },
    async read({ buffer: { buffer, start }, byteOffset }, elements, dtype) {
      try {
        const data = addon.read(buffer, start + byteOffset, allocate(elements * bytes[dtype]));
        if (data instanceof Promise) return await data;
        const wait = turn();
        if (wait !== undefined) await wait;
        return data;
      } catch (error) {
        throw translated('read', error);
      }
    },
    readSync({ buffer: { buffer, start }, byteOffset }, elements, dtype) {
      const target = allocate(elements * bytes[dtype]);
      return calling('read', () => addon.readSync(buffer, start + byteOffset, target));
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
