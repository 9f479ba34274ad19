/** Running a program with a clock: per kernel where the backend can, as a whole elsewhere. */
import type { Backend, Region } from '../runtime/backend.js';

/** Enqueues a run, as `backend.run` does; gives the milliseconds of each kernel, or of them all as one number. */
export function timeKernels(
  backend: Backend,
  compiled: unknown,
  io: readonly Region[],
  scalars: Float64Array,
): Promise<readonly number[]> {
  if (backend.profile !== undefined) return backend.profile(compiled, io, scalars);
  const start = performance.now();
  backend.run(compiled, io, scalars);
  return backend.synchronize().then(() => [performance.now() - start]);
}
