/** Memory calls: what is written is read, in the order of the calls, whatever the device does meanwhile. */
import { ResourceError, dtypes, isFloat, type DType, type Region } from '@antler/core';
import type { Case, Device } from './device.js';
import { expectEqual, expectThat, expectThrows } from './expect.js';
import { rounded } from './numbers.js';

/** A buffer of `elements`, as a region from its start. */
function region(device: Device, elements: number, dtype: DType = 'float32'): Region {
  return { buffer: device.backend.alloc(elements * device.backend.bytes[dtype]!), byteOffset: 0 };
}

/** Values that a dtype holds exactly, the extreme ones among them. */
function valuesOf(dtype: DType): number[] {
  const [low, high] = dtypes[dtype].range;
  if (dtype === 'bool') return [0, 1, 1, 0, 1];
  if (!isFloat(dtype)) return [0, 1, low, high, 7, high - 1, low + 1];
  return [0, -0, 1, -1.5, 1 / 3, low, high, Infinity, -Infinity, NaN, 1e-3].map((value) => rounded(value, dtype));
}

const count = 1000;
const ramp = (start: number): number[] => Array.from({ length: count }, (_, i) => start + i);

/** A program that writes x + 1 to y. */
function increment(device: Device): ReturnType<typeof device.builder> {
  const build = device.builder();
  const x = build.input('float32', [count], ramp(0));
  const y = build.output('float32', [count]);
  build.loop([count], 0, (body) => {
    body.store(y, body.op('add', [body.load(x), body.constant(1, 'float32')]));
  });
  return build;
}

const roundTrips: Case[] = (Object.keys(dtypes) as DType[]).map((dtype) => ({
  name: `${dtype}: what is written is read`,
  dtypes: [dtype],
  async run(device): Promise<void> {
    const values = valuesOf(dtype);
    const at = region(device, values.length, dtype);
    device.write(at, values, dtype);
    expectEqual(await device.read(at, values.length, dtype), values, dtype, true);
    expectEqual(await device.read(at, 2, dtype), values.slice(0, 2), `the first two of ${dtype}`, true);
    device.backend.free(at.buffer);
  },
}));

/** Cases of the layer. */
export const memoryCases: readonly Case[] = [
  ...roundTrips,
  {
    name: 'write takes any view of the bytes, and has copied it when it returns',
    async run(device) {
      const at = region(device, 3);
      const data = new Float32Array([9, 1, 2, 3, 9]);
      device.backend.write(at, data.subarray(1, 4), 'float32');
      data.fill(5);
      expectEqual(await device.read(at, 3, 'float32'), [1, 2, 3], 'values of the moment of the call');
      device.backend.free(at.buffer);
    },
  },
  {
    name: 'read gives a fresh copy',
    async run(device) {
      const at = region(device, 4);
      device.write(at, [1, 2, 3, 4], 'float32');
      const first = await device.backend.read(at, 4, 'float32');
      expectThat(first.byteLength === 16, `expected 16 bytes, received ${first.byteLength}`);
      new Float32Array(first).fill(0);
      expectEqual(await device.read(at, 4, 'float32'), [1, 2, 3, 4], 'device memory');
      device.backend.free(at.buffer);
    },
  },
  {
    name: 'a region starts at its byteOffset, and a write stays inside of it',
    async run(device) {
      const { alignment } = device.backend.limits;
      const buffer = device.backend.alloc(3 * alignment);
      const elements = alignment / 4;
      const block = (value: number): number[] => new Array<number>(elements).fill(value);
      [1, 2, 3].forEach((value, i) => device.write({ buffer, byteOffset: i * alignment }, block(value), 'float32'));
      device.write({ buffer, byteOffset: alignment }, [7, 8], 'float32');
      const expected = [...block(1), 7, 8, ...block(2).slice(2), ...block(3)];
      expectEqual(await device.read({ buffer, byteOffset: 0 }, 3 * elements, 'float32'), expected, 'the whole buffer');
      const last = await device.read({ buffer, byteOffset: 2 * alignment }, 1, 'float32');
      expectEqual(last, [3], 'the start of the third block');
      device.backend.free(buffer);
    },
  },
  {
    name: 'a read sees the writes before it and none after',
    async run(device) {
      const at = region(device, count);
      const reads: Promise<number[]>[] = [];
      for (let step = 0; step < 5; step++) {
        device.write(at, ramp(step), 'float32');
        reads.push(device.read(at, count, 'float32'));
      }
      for (const [step, values] of (await Promise.all(reads)).entries())
        expectEqual(values, ramp(step), `read ${step}`);
      device.backend.free(at.buffer);
    },
  },
  {
    name: 'write, run and read take effect in the order of the calls',
    async run(device) {
      const executable = await device.backend.compile(increment(device).program());
      const [x, y] = [region(device, count), region(device, count)];
      const reads: Promise<number[]>[] = [];
      for (let step = 0; step < 4; step++) {
        device.write(x, ramp(step), 'float32');
        device.backend.run(executable, [x, y], new Float64Array(0));
        reads.push(device.read(y, count, 'float32'));
      }
      for (const [step, values] of (await Promise.all(reads)).entries())
        expectEqual(values, ramp(step + 1), `run ${step}`);
      // There and back: each run reads what the one before it wrote.
      for (let turn = 0; turn < 3; turn++) {
        device.backend.run(executable, [y, x], new Float64Array(0));
        device.backend.run(executable, [x, y], new Float64Array(0));
      }
      expectEqual(await device.read(y, count, 'float32'), ramp(10), 'six runs in a row');
      device.backend.free(x.buffer);
      device.backend.free(y.buffer);
    },
  },
  {
    name: 'memory freed and allocated anew belongs to the later work alone',
    async run(device) {
      const executable = await device.backend.compile(increment(device).program());
      const [x, y] = [region(device, count), region(device, count)];
      device.write(x, ramp(0), 'float32');
      device.backend.run(executable, [x, y], new Float64Array(0));
      device.backend.free(x.buffer);
      const other = region(device, count);
      device.write(other, ramp(-5000), 'float32');
      expectEqual(await device.read(y, count, 'float32'), ramp(1), 'the run before');
      expectEqual(await device.read(other, count, 'float32'), ramp(-5000), 'the new buffer');
      device.backend.free(y.buffer);
      device.backend.free(other.buffer);
    },
  },
  {
    name: 'readSync, where there is one, is a read that is done now',
    async run(device) {
      if (device.backend.readSync === undefined) return;
      const at = region(device, 3);
      device.write(at, [1, 2, 3], 'float32');
      const bytes = device.backend.readSync(at, 3, 'float32');
      expectEqual(new Float32Array(bytes), [1, 2, 3], 'readSync');
      new Float32Array(bytes).fill(0);
      expectEqual(await device.read(at, 3, 'float32'), [1, 2, 3], 'device memory');
      device.backend.free(at.buffer);
    },
  },
  {
    name: 'zero bytes are allocated, written, read and freed like others',
    async run(device) {
      const at = { buffer: device.backend.alloc(0), byteOffset: 0 };
      device.write(at, [], 'float32');
      expectEqual(await device.read(at, 0, 'float32'), [], 'no elements');
      device.backend.free(at.buffer);
    },
  },
  {
    name: 'impossible sizes are a ResourceError, and the next small operation works',
    async run(device) {
      const { maxBufferBytes } = device.backend.limits;
      for (const bytes of [maxBufferBytes + 1, 2 ** 53, Infinity]) {
        expectThrows(() => device.backend.alloc(bytes), ResourceError, `alloc(${bytes})`);
      }
      const at = region(device, 2);
      device.write(at, [1, 2], 'float32');
      expectEqual(await device.read(at, 2, 'float32'), [1, 2], 'after the failures');
      device.backend.free(at.buffer);
    },
  },
  {
    name: 'an allocation that fails costs nothing: a thousand of them, then a small one',
    async run(device) {
      const { maxBufferBytes } = device.backend.limits;
      for (let i = 0; i < 1000; i++)
        expectThrows(() => device.backend.alloc(maxBufferBytes + 1), ResourceError, 'alloc');
      const at = region(device, 1);
      device.write(at, [3], 'float32');
      expectEqual(await device.read(at, 1, 'float32'), [3], 'after the failures');
      device.backend.free(at.buffer);
    },
  },
  {
    name: 'compiling the same program twice gives executables that work apart',
    async run(device) {
      const [one, two] = await Promise.all([
        device.backend.compile(increment(device).program()),
        device.backend.compile(increment(device).program()),
      ]);
      for (const executable of [two, one]) {
        const [x, y] = [region(device, count), region(device, count)];
        device.write(x, ramp(3), 'float32');
        device.backend.run(executable, [x, y], new Float64Array(0));
        expectEqual(await device.read(y, count, 'float32'), ramp(4), 'result');
        device.backend.free(x.buffer);
        device.backend.free(y.buffer);
      }
    },
  },
  {
    name: 'scratch is a number of bytes that covers the temporary slots',
    async run(device) {
      const build = device.builder();
      const x = build.input('float32', [64], ramp(0).slice(0, 64));
      const y = build.output('float32', [64]);
      const between = build.temp('float32', [64]);
      build.loop([64], 0, (body) => body.store(between, body.op('neg', [body.load(x)])));
      build.loop([64], 0, (body) => body.store(y, body.op('neg', [body.load(between)])));
      const scratch = device.backend.scratch(await device.backend.compile(build.program()));
      expectThat(Number.isSafeInteger(scratch) && scratch >= 256, `expected at least 256 bytes, received ${scratch}`);
    },
  },
];
