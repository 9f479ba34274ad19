/** The Backend interface: everything core asks of a device. */
import type { DType } from '../dtype.js';
import type { Kernel, Program } from '../graph/program.js';

/**
 * A device: memory, a judgement on kernels, `compile` and `run`. Buffers and executables are opaque; all shapes are static.
 *
 * Calls take effect in the order they are made. Core never passes an executable that is still a promise, never reads what a
 * later call has overwritten, and never frees a buffer before the work enqueued on it: ordering is core's task (`queue.ts`).
 */
export interface Backend<Buf = unknown, Exe = unknown> {
  readonly name: string;
  readonly limits: Limits;
  /** Bytes of an element in device memory; absent = unsupported (a DTypeError at the call). `write` and `read` convert. */
  readonly bytes: Readonly<Partial<Record<DType, 1 | 2 | 4 | 8>>>;
  /** The collector already sees this memory (typed arrays), so core need not free it. */
  readonly managed: boolean;
  /**
   * Core offers composites and dots in the most fused form first; what is refused is lowered one step and offered again. A
   * composite that cannot be lowered (a decomposition of a matrix) then runs on js. A dot without an epilogue, and all
   * other kinds, cannot be refused.
   */
  accepts(kernel: Kernel): boolean;
  /** Throws a ResourceError when the memory is not there. Contents are unspecified. */
  alloc(bytes: number): Buf;
  free(buffer: Buf): void;
  /** Has copied `data` (host layout of `dtype`) when it returns. */
  write(region: Region<Buf>, data: ArrayBufferView, dtype: DType): void;
  /** A fresh copy in the host's layout of `dtype`, as of this moment in the order of calls. */
  read(region: Region<Buf>, elements: number, dtype: DType): Promise<ArrayBuffer>;
  /** Absent where the host cannot wait for the device (browsers). */
  readSync?(region: Region<Buf>, elements: number, dtype: DType): ArrayBuffer;
  compile(program: Program): Exe | Promise<Exe>;
  /** Scratch bytes an executable needs; temporaries belong to the backend: one arena, as large as its largest program. */
  scratch(executable: Exe): number;
  /**
   * Enqueue; never waits. `io` has the regions of the slots that are not `temp`, in order; `scalars` are this call's run-time
   * numbers. A throw (ResourceError) means that nothing was enqueued.
   */
  run(executable: Exe, io: readonly Region<Buf>[], scalars: Float64Array): void;
  /** As `run`, in the same order with other calls; resolves to the milliseconds of each of the program's kernels. */
  profile?(executable: Exe, io: readonly Region<Buf>[], scalars: Float64Array): Promise<readonly number[]>;
  /** Resolves when all enqueued work is done; rejects when some of it failed (DeviceLostError when the device is gone). */
  synchronize(): Promise<void>;
  dispose(): void;
}

/** What a device can take. */
export interface Limits {
  readonly maxBufferBytes: number;
  /** Distinct slots that one kernel may touch. */
  readonly maxRegionsPerKernel: number;
  /** Every region's byteOffset is a multiple of this. */
  readonly alignment: number;
  /** Runs that may be enqueued before the host should wait. */
  readonly maxInFlight: number;
}

/** Part of a buffer, from `byteOffset` on. */
export interface Region<Buf = unknown> {
  readonly buffer: Buf;
  readonly byteOffset: number;
}
