/** The reference backend: every run happens at once, on the caller's thread, in memory that the collector manages. */
import type { Backend, DType, Region } from '@antler/core';
import { accepts, allKernels, tableOf, type KernelTable, type Kernels } from './kernels.js';
import {
  allocate,
  usualBytes,
  maxBufferBytes,
  readRegion,
  storageOf,
  writeRegion,
  type ElementBytes,
} from './memory.js';
import { Workshop, compileProgram, frameOf, type JsProgram } from './program.js';

/** Options of `createJsBackend`. */
export interface JsBackendOptions {
  /**
   * Bytes of an element in device memory, where it shall differ from the host's: int8, uint8 and bool may take 4. Made
   * for testing that nothing above a backend assumes the host's layout.
   */
  readonly bytes?: ElementBytes;
  /**
   * Whether loops become JavaScript functions, which is several times faster; true unless said otherwise. Without, and
   * under a content security policy that forbids it, the interpreter runs them, with the same numbers to the last bit.
   */
  readonly generate?: boolean;
}

/** Makes a backend of plain JavaScript. What it computes is the definition of every kernel kind. */
export function createJsBackend(options: JsBackendOptions = {}): Backend<ArrayBuffer, JsProgram> {
  return makeBackend(allKernels, options);
}

/**
 * The factory of a js backend with some kernels alone, so that a bundle has no others. A program that needs one that is missing
 * throws a ValueError that says what to add.
 *
 * @example registerBackends({ js: jsBackendOf([basicKernels, indexingKernels]) })
 */
export function jsBackendOf(
  families: readonly Kernels[],
  options: JsBackendOptions = {},
): () => Backend<ArrayBuffer, JsProgram> {
  return () => makeBackend(tableOf(families), options);
}

function makeBackend(kernels: KernelTable, options: JsBackendOptions): Backend<ArrayBuffer, JsProgram> {
  const bytes = { ...usualBytes, ...options.bytes };
  for (const dtype of Object.keys(bytes)) storageOf(dtype as DType, bytes);
  const workshop = new Workshop(kernels, bytes, options.generate ?? true);
  let arena = new ArrayBuffer(0);

  /** Temporaries of all programs share one arena, as large as the largest of them. */
  const arenaFor = (program: JsProgram): ArrayBuffer => {
    if (arena.byteLength < program.scratchBytes) arena = allocate(program.scratchBytes);
    return arena;
  };
  const readSync = (region: Region<ArrayBuffer>, elements: number, dtype: DType): ArrayBuffer =>
    readRegion(region, elements, dtype, storageOf(dtype, bytes));

  return {
    name: 'js',
    limits: { maxBufferBytes, maxRegionsPerKernel: Infinity, alignment: 8, maxInFlight: 1 },
    bytes,
    managed: true,
    accepts,
    alloc: allocate,
    free() {},
    write(region, data, dtype) {
      writeRegion(region, data, dtype, storageOf(dtype, bytes));
    },
    async read(region, elements, dtype) {
      return readSync(region, elements, dtype);
    },
    readSync,
    compile: (program) => compileProgram(program, workshop),
    scratch: (program) => program.scratchBytes,
    run(program, io, scalars) {
      const frame = frameOf(program, io, scalars, arenaFor(program));
      for (const run of program.runs) run(frame);
    },
    async profile(program, io, scalars) {
      const frame = frameOf(program, io, scalars, arenaFor(program));
      return program.runs.map((run) => {
        const start = performance.now();
        run(frame);
        return performance.now() - start;
      });
    },
    async synchronize() {},
    dispose() {
      arena = new ArrayBuffer(0);
    },
  };
}
