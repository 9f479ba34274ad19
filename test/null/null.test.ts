/** The null backend: it checks, counts and computes nothing. */
import { expect, test } from '@jest/globals';
import { ResourceError } from '@antler/core';
import { Builder, view } from '../conformance/builder.js';
import { createNullBackend } from './null.js';

const none = new Float64Array(0);

test('kernels, copies, bytes, allocations and runs are counted', async () => {
  const backend = createNullBackend();
  const build = new Builder(backend.bytes);
  const x = build.input('float32', [4, 2], []);
  const y = build.output('float32', [4, 2]);
  const between = build.temp('float32', [4, 2]);
  build.loop([4, 2], 0, (body) => body.store(between, body.op('neg', [body.load(x)])));
  build.repeat(4, () => {
    build.loop([2], 0, (body) => body.store(view(y, [1], 0, [2]), body.load(view(between, [1], 6, [-2]))));
  });
  const executable = backend.compile(build.program());
  expect(backend.scratch(executable)).toBe(32);

  const [input, output] = [backend.alloc(32), backend.alloc(64)];
  backend.write({ buffer: input, byteOffset: 0 }, new Float32Array(8), 'float32');
  const io = [
    { buffer: input, byteOffset: 0 },
    { buffer: output, byteOffset: 32 },
  ];
  backend.run(executable, io, none);
  backend.run(executable, io, none);
  expect(new Float32Array(await backend.read(io[1]!, 8, 'float32'))).toEqual(new Float32Array(8));
  backend.free(input);
  await backend.synchronize();

  expect(backend.counts()).toEqual({
    programs: 1,
    runs: 2,
    writes: 1,
    reads: 1,
    allocations: 2,
    frees: 1,
    bytes: 64,
    peakBytes: 96,
    scratchBytes: 32,
    kernels: { loop: 10, dot: 0, conv: 0, gather: 0, scatter: 0, cumulate: 0, sort: 0, repeat: 2, composite: 0 },
    copies: 8,
  });
});

test('programs are checked, sizes too', () => {
  const backend = createNullBackend({ limits: { maxBufferBytes: 1000 } });
  expect(() => backend.alloc(1001)).toThrow(ResourceError);
  const build = new Builder(backend.bytes);
  const y = build.output('float32', [2]);
  build.loop([3], 0, (body) => body.store(view(y, [1]), body.constant(1, 'float32')));
  expect(() => backend.compile(build.program())).toThrow('a view within elements 0 to 1 of slot 0');
  const buffer = backend.alloc(8);
  backend.free(buffer);
  expect(() => backend.free(buffer)).toThrow('free: expected a live buffer, received a freed one');
});

test('kernels may be refused', () => {
  const backend = createNullBackend({ accepts: ({ kind }) => kind === 'composite' });
  const build = new Builder(backend.bytes);
  const y = build.output('float32', [2]);
  build.loop([2], 0, (body) => body.store(y, body.constant(1, 'float32')));
  expect(() => backend.compile(build.program())).toThrow('expected a kernel that the backend accepts');
});
