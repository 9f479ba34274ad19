/** The queue waits on a region that has contents. */
import { describe, expect, test } from '@jest/globals';
import { ResourceError, type Backend } from '../src/index.js';
import type { Executable } from '../src/runtime/programs.js';
import { Queue, type Run } from '../src/runtime/queue.js';

/** A device that does nothing and counts. */
function device(canWait: boolean): { readonly backend: Backend; readonly done: string[] } {
  const done: string[] = [];
  const limits = { maxBufferBytes: 2 ** 40, maxRegionsPerKernel: 8, alignment: 4, maxInFlight: 1 };
  const waiting = { readSync: () => (done.push('wait'), new ArrayBuffer(1)) };
  const backend = {
    limits,
    run: () => void done.push('run'),
    synchronize: async () => undefined,
    ...(canWait ? waiting : {}),
  } as unknown as Backend;
  return { backend, done };
}

/** A run whose results take half of a GiB. */
function large(): Run {
  const executable = { ready: null, error: null, compiled: {}, parts: [] } as unknown as Executable;
  const region = { buffer: {}, byteOffset: 0 };
  const nothing = { scalars: new Float64Array(0), reads: [], writes: [], assigns: [], checked: true, fault: null };
  return { executable, io: [region], probe: region, bytes: 2 ** 29, ...nothing };
}

describe('more bytes in flight than a queue holds', () => {
  test('make the host wait for the run before, where it can', () => {
    const { backend, done } = device(true);
    const queue = new Queue(backend);
    for (let i = 0; i < 3; i++) queue.run(large());
    expect(done).toEqual(['wait', 'run', 'wait', 'run', 'wait', 'run']);
  });

  test('are an error that says what to do, where it cannot; waiting helps', async () => {
    const { backend, done } = device(false);
    const queue = new Queue(backend);
    queue.run(large());
    expect(() => queue.run(large())).toThrow(ResourceError);
    expect(() => queue.run(large())).toThrow(/expected at most 268435456 bytes enqueued.*await throttle\(\)/s);
    await queue.throttle();
    queue.run(large());
    expect(done).toEqual(['run', 'run']);
  });
});
