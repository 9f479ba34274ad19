/** Processes that end in the middle of a run, and JavaScript that goes on beside one. */
import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { addon, describeNative } from '../../../test/backends/native.js';
import { isThorough } from '../../../test/thorough.js';
import { addonPath } from '../src/addon.js';
import { createNativeBackend } from '../src/backend.js';
import { encodeProgram } from '../src/encode.js';
import { tanhProgram } from './programs.js';

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
}

/** Runs a file of `test/processes`; how it ended and what it said. */
function child(file: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<End> {
  const env = { ...process.env, ...environment };
  const path = fileURLToPath(new URL(`../../../test/processes/${file}`, import.meta.url));
  const process_ = spawn(process.execPath, [path, addonPath, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let out = '';
  for (const stream of [process_.stdout, process_.stderr]) stream.on('data', (text: Buffer) => (out += String(text)));
  return new Promise((resolve) => process_.on('close', (code, signal) => resolve({ code, signal, out })));
}

/** A program of so many steps, as numbers, and the size of its buffer. */
const steps = (length: number, times: number): readonly [numbers: number[], bytes: number] => [
  Array.from(encodeProgram(tanhProgram(length, times))),
  4 * length,
];

/** Computes without end, and ends in some way. */
function endless(ending: string, milliseconds: number, environment?: NodeJS.ProcessEnv): Promise<End> {
  const [numbers, bytes] = steps(100_000, 20);
  const args = [JSON.stringify(numbers), String(bytes), ending, String(milliseconds)];
  return child('native-child.mjs', args, environment);
}

describeNative('a process ends at a random moment', () => {
  const [rounds, atOnce] = [isThorough ? 25 : 3, 4];
  test.each([
    ['exit', 7, ''],
    ['throw', 1, 'on purpose'],
    ['terminate', 0, 'terminated'],
    ['leave', 0, ''],
  ] as const)(`%s, ${rounds * atOnce} times`, async (ending, code, said) => {
    for (let i = 0; i < rounds; i++) {
      const moments = Array.from({ length: atOnce }, () => 20 + 80 * Math.random());
      for (const end of await Promise.all(moments.map((moment) => endless(ending, moment)))) {
        expect(end).toMatchObject({ code, signal: null });
        expect(end.out).toContain(said);
      }
    }
  });
});

describeNative('threads', () => {
  const onLinux = process.platform === 'linux' ? test : test.skip;

  onLinux('small kernels wake none (counted on Linux)', async () => {
    // The executor's own; none; OpenMP's second.
    const programs = [steps(1000, 50), steps(1000, 50), steps(100_000, 2)];
    const { code, out } = await child('native-threads.mjs', [JSON.stringify(programs)], { ANTLER_NUM_THREADS: '2' });
    expect([code, JSON.parse(out)]).toEqual([0, { threads: 2, added: [1, 0, 1] }]);
  });

  test.each([
    ['3', 3],
    ['1000', 256],
    ['0', undefined],
    ['many', undefined],
  ] as const)('ANTLER_NUM_THREADS=%s', async (wish, threads) => {
    const numberOf = async (environment: NodeJS.ProcessEnv): Promise<number> => {
      const { out } = await child('native-threads.mjs', ['[]'], environment);
      return (JSON.parse(out) as { readonly threads: number }).threads;
    };
    const machine = await numberOf({ ANTLER_NUM_THREADS: '' });
    expect(machine).toBeGreaterThan(0);
    expect(await numberOf({ ANTLER_NUM_THREADS: wish })).toBe(threads ?? machine);
  });

  onLinux('spin for a bounded time, though a worker loads the addon first (GNU OpenMP on Linux)', async () => {
    const { code, out } = await endless('worker', 0, { GOMP_SPINCOUNT: undefined, OMP_DISPLAY_ENV: 'VERBOSE' });
    expect(code).toBe(0);
    expect(out).toMatch(/GOMP_SPINCOUNT = '(300|50000)'/);
  });
});

describeNative('short runs, each waited for', () => {
  const short = addon.compile(encodeProgram(tanhProgram(5000, 8)));
  const run = (buffer: ArrayBuffer, offset = 0): unknown =>
    addon.run(short, [buffer], Float64Array.of(offset), new Float64Array(0));

  test('give the bits of runs that are enqueued', async () => {
    const enqueued = Float32Array.from({ length: 5000 }, (_, i) => i / 5000);
    const awaited = enqueued.slice();
    for (let i = 0; i < 50; i++) {
      // Two in a row are not waited for one by one.
      if (i % 2 === 0) run(enqueued.buffer);
      run(enqueued.buffer);
      if (i % 2 === 1) await addon.synchronize();
    }
    await addon.synchronize();
    const copy = new ArrayBuffer(4 * 5000);
    for (let i = 0; i < 75; i++) {
      run(awaited.buffer);
      await addon.read(awaited.buffer, 0, copy);
    }
    expect(new Int32Array(copy)).toEqual(new Int32Array(enqueued.buffer));
  });

  test('let the event loop have its turns', async () => {
    const backend = createNativeBackend();
    const memory = backend.alloc(4 * 5000);
    const region = { buffer: memory, byteOffset: 0 };
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const end = performance.now() + 200;
    while (performance.now() < end) {
      run(memory.buffer, memory.start);
      await backend.read(region, 5000, 'float32');
    }
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    backend.dispose();
  });

  test('take turns with those of workers', async () => {
    const [numbers, bytes] = steps(5000, 8);
    const args = [addonPath, JSON.stringify(numbers), String(bytes), 'brief', '300'];
    const path = new URL('../../../test/processes/native-child.mjs', import.meta.url);
    const sums = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const worker = new Worker(fileURLToPath(path), { workerData: args });
        // Both may come in one turn.
        const [[sum]] = (await Promise.all([once(worker, 'message'), once(worker, 'exit')])) as [[number], unknown];
        return sum;
      }),
    );
    expect(new Set(sums).size).toBe(1);
    expect(sums[0]).toBeGreaterThan(0);
  });
});

describeNative('beside a long run', () => {
  const length = 200_000;
  const executable = addon.compile(encodeProgram(tanhProgram(length, 400)));

  test('the event loop is free, and a read waits for the run', async () => {
    const buffer = new ArrayBuffer(4 * length);
    new Float32Array(buffer).fill(1);
    const delay = monitorEventLoopDelay({ resolution: 2 });
    let turns = 0;
    const timer = setInterval(() => turns++, 2);
    delay.enable();
    addon.run(executable, [buffer], new Float64Array(1), new Float64Array(0));
    const target = await addon.read(buffer, 0, new ArrayBuffer(4 * length));
    delay.disable();
    clearInterval(timer);
    // tanh, 400 times from 1: about √(3 / (2 · 400)).
    expect(new Float32Array(target)[length - 1]).toBeCloseTo(0.0609, 3);
    expect(turns).toBeGreaterThan(5);
  });

  test('writes, runs and reads take effect in the order of the calls', async () => {
    const buffer = new ArrayBuffer(4 * length);
    const write = (value: number): void => {
      const data = new Float32Array(length).fill(value);
      addon.write(buffer, 0, new Uint8Array(data.buffer));
      data.fill(NaN);
    };
    const read = async (): Promise<number> =>
      new Float32Array(await addon.read(buffer, 0, new ArrayBuffer(4 * length)))[7]!;
    write(0.5);
    addon.run(executable, [buffer], new Float64Array(1), new Float64Array(0));
    const first = read();
    write(0);
    const second = read();
    addon.run(executable, [buffer], new Float64Array(1), new Float64Array(0));
    write(3);
    const third = new Float32Array(addon.readSync(buffer, 0, new ArrayBuffer(4)))[0];
    expect(await first).toBeGreaterThan(0.05);
    expect(await first).toBeLessThan(0.5);
    expect([await second, third]).toEqual([0, 3]);
  });

  test('buffers live until the run is done, though nobody else holds them', async () => {
    for (let i = 0; i < 10; i++) {
      const buffer = new ArrayBuffer(4 * length);
      addon.run(executable, [buffer], new Float64Array(1), new Float64Array(0));
      if (i % 5 === 4) await addon.synchronize();
    }
    await addon.synchronize();
    expect(addon.describe().threads).toBeGreaterThan(0);
  });
});
