/** The strict backend itself: it is late, it is hostile, and it notices. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { ResourceError, type Kernel, type Program } from '@antler/core';
import { createJsBackend } from '@antler/backend-js';
import { Builder, view } from '../conformance/builder.js';
import { ContractError, type StrictBuffer } from './memory.js';
import { createStrictBackend, type StrictBackend, type StrictOptions } from './strict.js';

function strict(options: Partial<StrictOptions> = {}): StrictBackend {
  return createStrictBackend({ seed: 3, js: createJsBackend, ...options });
}

const none = new Float64Array(0);
const at = (buffer: StrictBuffer, byteOffset = 0): { buffer: StrictBuffer; byteOffset: number } => ({
  buffer,
  byteOffset,
});

/** y = x + 1 over four numbers. */
function increment(backend: StrictBackend): Program {
  const build = new Builder(backend.bytes);
  const x = build.input('float32', [4], []);
  const y = build.output('float32', [4]);
  build.loop([4], 0, (body) => body.store(y, body.op('add', [body.load(x), body.constant(1, 'float32')])));
  return build.program();
}

const floats = async (backend: StrictBackend, buffer: StrictBuffer, count = 4): Promise<number[]> =>
  Array.from(new Float32Array(await backend.read(at(buffer), count, 'float32')));

describe('a hostile device', () => {
  test('fresh memory, recycled memory and outputs that no kernel writes are NaN, and no index', async () => {
    const backend = strict();
    const first = backend.alloc(16);
    expect(await floats(backend, first)).toEqual([NaN, NaN, NaN, NaN]);
    backend.write(at(first), new Float32Array([1, 2, 3, 4]), 'float32');
    backend.free(first);
    const second = backend.alloc(16);
    expect(await floats(backend, second)).toEqual([NaN, NaN, NaN, NaN]);
    expect(Array.from(new Int32Array(await backend.read(at(second), 1, 'int32')))).toEqual([2147483647]);

    const build = new Builder(backend.bytes);
    const y = build.output('float32', [4]);
    build.loop([2], 0, (body) => body.store(view(y, [2]), body.constant(5, 'float32')));
    backend.write(at(second), new Float32Array([1, 2, 3, 4]), 'float32');
    backend.run(await backend.compile(build.program()), [at(second)], none);
    expect(await floats(backend, second)).toEqual([5, NaN, 5, NaN]);
  });

  test('temporary slots are NaN at the start of every run', async () => {
    const backend = strict();
    const build = new Builder(backend.bytes);
    const [y, between] = [build.output('float32', [4]), build.temp('float32', [4])];
    build.loop([2], 0, (body) => body.store(view(between, [1]), body.constant(5, 'float32')));
    build.loop([4], 0, (body) => body.store(y, body.load(between)));
    const executable = await backend.compile(build.program());
    const buffer = backend.alloc(16);
    for (let run = 0; run < 2; run++) {
      backend.run(executable, [at(buffer)], none);
      expect(await floats(backend, buffer)).toEqual([5, 5, NaN, NaN]);
    }
    expect(backend.scratch(executable)).toBe(256);
  });

  test('nothing happens before a later macrotask', async () => {
    const backend = strict();
    const buffer = backend.alloc(16);
    backend.write(at(buffer), new Float32Array([1, 2, 3, 4]), 'float32');
    let done = false;
    const read = floats(backend, buffer).then(() => (done = true));
    for (let microtask = 0; microtask < 100; microtask++) await Promise.resolve();
    expect(done).toBe(false);
    await read;
    expect(backend).not.toHaveProperty('readSync');
  });

  test('executables come out of order', async () => {
    const backend = strict();
    const order: number[] = [];
    const program = increment(backend);
    const compiled = Array.from({ length: 8 }, (_, i) => backend.compile(program).then(() => order.push(i)));
    await Promise.all(compiled);
    expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(order).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('allocations and runs fail where asked, and only there', async () => {
    const backend = strict({ failAllocAt: [1], failRunAt: [0] });
    const x = backend.alloc(16);
    expect(() => backend.alloc(16)).toThrow(ResourceError);
    const y = backend.alloc(16);
    const executable = await backend.compile(increment(backend));
    backend.write(at(x), new Float32Array([1, 2, 3, 4]), 'float32');
    expect(() => backend.run(executable, [at(x), at(y)], none)).toThrow(ResourceError);
    backend.run(executable, [at(x), at(y)], none);
    expect(await floats(backend, y)).toEqual([2, 3, 4, 5]);
    expect(backend.violations).toEqual([]);
  });

  test('composites and epilogues are refused at random, equal kernels alike', () => {
    const composite = (name: string, slot: number): Kernel => ({
      kind: 'composite',
      name,
      params: {},
      inputs: [{ view: { slot, dtype: 'float32', offset: 0, strides: [1] }, shape: [4] }],
      outputs: [],
      scopes: [`layer_${slot}`],
    });
    const build = new Builder({});
    const y = build.output('float32', [1]);
    build.loop([1], 0, (body) => body.store(y, body.constant(0, 'float32')));
    const plain = build.program().kernels[0]!;
    // A backend that takes whatever it is offered, so that every refusal is the strict one's.
    const js = (options: Parameters<StrictOptions['js']>[0]): ReturnType<StrictOptions['js']> => ({
      ...createJsBackend(options),
      accepts: () => true,
    });
    const answers = (refuse: NonNullable<StrictOptions['refuse']>, slot = 0): boolean[] => {
      const backend = strict({ refuse, js });
      return Array.from({ length: 32 }, (_, i) => backend.accepts(composite(`op${i}`, slot)));
    };
    const some = answers({ composites: true });
    expect(some).toContain(true);
    expect(some).toContain(false);
    expect(answers(true, 5)).toEqual(some);
    expect(answers(false)).not.toContain(false);
    expect(answers({ epilogues: true })).not.toContain(false);
    expect(strict({ refuse: true, js }).accepts(plain)).toBe(true);
  });
});

describe('broken promises', () => {
  let backend = strict();
  afterEach(async () => {
    await expect(backend.synchronize()).rejects.toThrow(ContractError);
    expect(backend.violations).toHaveLength(1);
    backend = strict();
  });

  test('a freed buffer is used', () => {
    const buffer = backend.alloc(16);
    backend.free(buffer);
    expect(() => backend.read(at(buffer), 4, 'float32')).toThrow('read: buffer 0 (16 bytes) is freed already');
  });

  test('a freed buffer is bound', async () => {
    const [x, y] = [backend.alloc(16), backend.alloc(16)];
    const executable = await backend.compile(increment(backend));
    backend.free(x);
    expect(() => backend.run(executable, [at(x), at(y)], none)).toThrow('run, slot 0: buffer 0 (16 bytes) is freed');
  });

  test('a buffer is freed twice', () => {
    const buffer = backend.alloc(16);
    backend.free(buffer);
    expect(() => backend.free(buffer)).toThrow('free: buffer 0 (16 bytes) is freed already');
  });

  test('a buffer comes from elsewhere', () => {
    expect(() => backend.free(strict().alloc(16))).toThrow('free: buffer 0 (16 bytes) belongs to another device');
  });

  test('a region is not aligned', () => {
    const buffer = backend.alloc(1024);
    expect(() => backend.read(at(buffer, 128), 1, 'float32')).toThrow('read: byteOffset 128 is not a multiple of 256');
  });

  test('a region reaches past its buffer', () => {
    const buffer = backend.alloc(256);
    const data = new Float32Array(65);
    expect(() => backend.write(at(buffer), data, 'float32')).toThrow('write: bytes 0 to 260 lie outside of');
  });

  test('8-bit elements are counted as bytes', () => {
    const buffer = backend.alloc(4);
    expect(() => backend.write(at(buffer), new Uint8Array(4), 'bool')).toThrow('write: bytes 0 to 16 lie outside of');
  });

  test('two regions of one run overlap', async () => {
    const buffer = backend.alloc(512);
    const executable = await backend.compile(increment(backend));
    expect(() => backend.run(executable, [at(buffer), at(buffer)], none)).toThrow(
      'run: slots 0 and 1 share bytes 0 to 16',
    );
  });

  test('a promise is run instead of its executable', () => {
    const executable = backend.compile(increment(backend));
    const [x, y] = [backend.alloc(16), backend.alloc(16)];
    expect(() => backend.run(executable as never, [at(x), at(y)], none)).toThrow(
      '[object Promise] is not an executable',
    );
  });

  test('regions or scalars are missing', async () => {
    const executable = await backend.compile(increment(backend));
    expect(() => backend.run(executable, [at(backend.alloc(16))], none)).toThrow('run: 1 regions for 2 slots');
  });

  test('float64', () => {
    const buffer = backend.alloc(16);
    expect(() => backend.read(at(buffer), 1, 'float64')).toThrow(
      'read: expected one of bool, int8, uint8, int32, uint32, bfloat16, float16, float32, received float64',
    );
  });

  test('nine slots in one kernel', () => {
    const build = new Builder(backend.bytes);
    const places = Array.from({ length: 8 }, () => build.input('float32', [1], []));
    const y = build.output('float32', [1]);
    build.loop([1], 0, (body) => {
      body.store(
        y,
        places.map((place) => body.load(place)).reduce((a, b) => body.op('add', [a, b])),
      );
    });
    expect(() => backend.compile(build.program())).toThrow('expected at most 8 distinct slots, received 9');
  });

  test('any call after dispose', () => {
    backend.dispose();
    expect(() => backend.alloc(1)).toThrow('the device was disposed');
  });
});
