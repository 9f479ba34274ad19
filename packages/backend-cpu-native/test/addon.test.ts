/** The addon under wrong calls, wrong programs and damaged files: errors, and never a crash. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addon, describeNative } from '../../../test/backends/native.js';
import { addonPath, loadAddon, type Executable } from '../src/addon.js';
import { encodeProgram } from '../src/encode.js';
import { everyKind, tanhProgram } from './programs.js';

/** Numbers from 0 to 1, always the same. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(64);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

const buffersOf = (bytes: readonly number[]): ArrayBuffer[] => bytes.map((n) => new ArrayBuffer(n));
/** Bytes of the regions of `everyKind`. */
const regions = [64, 16, 64, 64, 8];

describeNative('wrong arguments', () => {
  const executable = addon.compile(encodeProgram(everyKind()));
  const values: readonly (() => unknown)[] = [
    () => undefined,
    () => null,
    () => -1,
    () => 0.5,
    () => 0,
    () => 2 ** 31,
    () => 2 ** 53,
    () => NaN,
    () => Infinity,
    () => 'text',
    () => ({}),
    () => [],
    () => Symbol('s'),
    () => 10n,
    () => () => 1,
    () => new ArrayBuffer(0),
    () => new ArrayBuffer(8),
    () => detached(),
    () => new SharedArrayBuffer(64),
    () => new Uint8Array(16),
    () => new Float32Array(16),
    () => new Float64Array(16),
    () => {
      const array = new Float64Array(8);
      structuredClone(array.buffer, { transfer: [array.buffer] });
      return array;
    },
    () => new DataView(new ArrayBuffer(16)),
    () => executable,
    () => Object.create(executable) as unknown,
    () => new Proxy(executable, {}),
    () => buffersOf(regions),
    () => buffersOf([64, 16, 64, 63, 8]),
    () => [64, 'x', {}, null, detached()],
    () => regions.map(() => 0),
    () => new Float64Array(regions.length),
    () => Float64Array.from(regions, () => 8),
    () => new Proxy([], {}),
    () => Float64Array.of(1),
  ];
  const names = [
    'compile',
    'scratch',
    'run',
    'profile',
    'lineOf',
    'write',
    'read',
    'readSync',
    'synchronize',
    'setThreads',
    'describe',
  ] as const;

  test('every function is called', () => {
    expect([...names].sort()).toEqual(Object.keys(addon).sort());
  });

  test.each(names)('500 random calls of %s', async (name) => {
    const random = seeded(names.indexOf(name) + 1);
    const call = addon[name] as (...args: unknown[]) => unknown;
    let refused = 0;
    for (let i = 0; i < 500; i++) {
      const args = Array.from({ length: Math.floor(random() * 5) }, () =>
        values[Math.floor(random() * values.length)]!(),
      );
      try {
        await call(...args);
      } catch (error) {
        expect(error).toHaveProperty('message');
        refused++;
      }
    }
    // Two of them take no arguments.
    if (name !== 'synchronize' && name !== 'describe') expect(refused).toBeGreaterThan(400);
  });

  test('setThreads takes 1 to 256', () => {
    const { threads } = addon.describe();
    for (const wrong of [0, -1, 257, 1.5, NaN, '2', undefined]) {
      expect(() => addon.setThreads(wrong as number)).toThrow('expected a number of threads from 1 to 256');
    }
    addon.setThreads(threads);
  });

  test('a line begins 64 bytes after another', () => {
    const buffer = new ArrayBuffer(256);
    expect([addon.lineOf(buffer), addon.lineOf(buffer)].every((at) => at >= 0 && at < 64 && at % 8 === 0)).toBe(true);
    expect(addon.lineOf(new ArrayBuffer(0))).toBeLessThan(64);
  });

  test('short, detached and unaligned buffers are refused', () => {
    const run = (buffers: ArrayBuffer[], offsets: readonly number[], scalars = Float64Array.of(1)): unknown =>
      addon.run(executable, buffers, Float64Array.from(offsets), scalars);
    const zeros = regions.map(() => 0);
    expect(() => run(buffersOf([64, 16, 60, 64, 8]), zeros)).toThrow('buffers that are as large as the program says');
    expect(() => run(buffersOf(regions), [0, 0, 0, 8, 0])).toThrow('buffers that are as large as the program says');
    expect(() => run(buffersOf(regions.map((n) => n + 8)), [0, 0, 0, 4, 0])).toThrow('multiples of 8');
    expect(() => run([...buffersOf(regions.slice(1)), detached()], zeros)).toThrow('as large as');
    expect(() => run(buffersOf(regions), [0, 0, 0, NaN, 0])).toThrow('an offset in bytes');
    expect(() => run(buffersOf(regions), [0, 0])).toThrow('an offset per region');
    expect(() => run(buffersOf(regions), zeros, new Float64Array(2))).toThrow('a number per scalar');
    run(buffersOf(regions), zeros);
  });
});

describeNative('wrong programs', () => {
  const numbers = encodeProgram(everyKind());
  const strange = [0, 1, -1, 2, 3, 5, 8, 15, 17, 64, 1000, 2 ** 31, 2 ** 40, 2 ** 53, -(2 ** 53), 0.5, NaN, Infinity];

  test('3,000 damaged programs are refused, or run within their memory', async () => {
    const random = seeded(77);
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const damaged = Float64Array.from(numbers);
      const times = 1 + Math.floor(random() * 3);
      for (let t = 0; t < times; t++) {
        damaged[Math.floor(random() * damaged.length)] = strange[Math.floor(random() * strange.length)]!;
      }
      let executable: Executable;
      try {
        executable = addon.compile(random() < 0.1 ? damaged.slice(0, Math.floor(random() * damaged.length)) : damaged);
      } catch (error) {
        expect(['ANTLER_ARGUMENT', 'ANTLER_RESOURCE']).toContain((error as { code?: string }).code);
        refused++;
        continue;
      }
      // What passed the check must be safe on regions of just its sizes; one may be huge, or run for years.
      if (damaged.some((x) => Math.abs(x) > 1000)) continue;
      const sizes = Array.from(
        { length: damaged[1]! },
        (_, slot) => [damaged[2 + 2 * slot]!, damaged[3 + 2 * slot]!] as const,
      )
        .filter(([, role]) => role !== 3)
        .map(([bytes]) => bytes);
      addon.run(
        executable,
        buffersOf(sizes),
        new Float64Array(sizes.length),
        new Float64Array(damaged[2 + 2 * damaged[1]!]!),
      );
      await addon.synchronize().catch(() => undefined);
    }
    expect(refused).toBeGreaterThan(1500);
    expect(refused).toBeLessThan(3000);
  });

  test('views outside of their slots are named', () => {
    const program = tanhProgram(8, 1);
    const tooLong = { ...program, slots: [{ bytes: 28, role: 'inout' as const }] };
    expect(() => addon.compile(encodeProgram(tooLong))).toThrow('expected views within their slots');
  });

  test('memory that is not there is a resource error, and the next program works', () => {
    const bytes = 2 ** 31;
    const temporaries = Array.from({ length: 4000 }, () => ({ bytes, role: 'temp' as const }));
    const slots = [{ bytes: 32, role: 'inout' as const }, ...temporaries];
    const huge = addon.compile(encodeProgram({ ...tanhProgram(8, 1), slots }));
    const run = (executable: Executable): unknown =>
      addon.run(executable, buffersOf([32]), new Float64Array(1), new Float64Array(0));
    let code: unknown;
    try {
      run(huge);
    } catch (error) {
      ({ code } = error as { code?: unknown });
    }
    expect(code).toBe('ANTLER_RESOURCE');
    run(addon.compile(encodeProgram(tanhProgram(8, 1))));
  });
});

describeNative('damaged files', () => {
  const nameOf = { loader: 'antler_load.node', kernels: 'antler_cpu.node' } as const;
  type Files = Readonly<Record<keyof typeof nameOf, Buffer>>;
  const whole = Object.fromEntries(
    Object.entries(nameOf).map(([part, name]) => [part, readFileSync(join(dirname(addonPath), name))]),
  ) as unknown as Files;
  const cut = (file: Buffer): Buffer => file.subarray(0, Math.floor(file.length / 3));
  /** The same for a machine that does not exist. */
  const foreign = (file: Buffer): Buffer => {
    const copy = Buffer.from(file);
    copy.writeUInt16LE(0xfeed, 18);
    return copy;
  };
  /** A library that is in order, and no addon: the name of its first function is spelled in another way. */
  const renamed = (file: Buffer): Buffer =>
    Buffer.from(file.toString('latin1').replaceAll('napi_register_module_v1', 'napi_register_module_v0'), 'latin1');

  const cases: readonly [string, Partial<Files>, RegExp][] = [
    ['no file', {}, /^its addon is not built: .+$/],
    ['no file beside the loader', { loader: whole.loader }, /^its addon cannot be loaded: .*antler_cpu.node.+$/],
    ['a loader that was cut short', { ...whole, loader: cut(whole.loader) }, /^its addon cannot be loaded: .+$/],
    ['kernels that were cut short', { ...whole, kernels: cut(whole.kernels) }, /^its addon cannot be loaded: .+$/],
    ['text', { loader: Buffer.from('not a library') }, /^its addon cannot be loaded: .+$/],
    ['text beside the loader', { ...whole, kernels: Buffer.from('no') }, /^its addon cannot be loaded: .+$/],
    ['a loader for another machine', { ...whole, loader: foreign(whole.loader) }, /^its addon cannot be loaded: .+$/],
    ['kernels for another machine', { ...whole, kernels: foreign(whole.kernels) }, /^its addon cannot be loaded: .+$/],
    ['a library that is no addon', { ...whole, loader: renamed(whole.loader) }, /^its addon cannot be loaded: .+$/],
    ['kernels of another interface', { ...whole, kernels: renamed(whole.kernels) }, /^its addon cannot be loaded: .+$/],
  ];

  test.each(cases)('%s: one line says so', (_, files, line) => {
    const folder = mkdtempSync(join(tmpdir(), 'antler-addon-'));
    try {
      for (const [part, bytes] of Object.entries(files)) {
        writeFileSync(join(folder, nameOf[part as keyof Files]), bytes);
      }
      const reason = loadAddon(join(folder, nameOf.loader));
      expect(reason).toBeInstanceOf(Error);
      expect((reason as Error).message).toMatch(line);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('without a compiler there is no addon, and one line says what to install', () => {
  const folder = mkdtempSync(join(tmpdir(), 'antler-addon-'));
  try {
    const build = fileURLToPath(new URL('../../../tools/native/build.mjs', import.meta.url));
    const program = `import { addonIn, buildAddon } from ${JSON.stringify(build)};
      const folder = ${JSON.stringify(folder)};
      console.log(JSON.stringify({ ...buildAddon(folder), path: addonIn(folder) }));`;
    const env = { ...process.env, PATH: folder };
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      env,
    });
    const { path, ...outcome } = JSON.parse(stdout) as Record<string, string>;
    expect(outcome).toEqual({
      state: 'unavailable',
      reason: expect.stringMatching(/^no c\+\+ and no cmake found; .+$/),
    });
    expect((loadAddon(path) as Error).message).toBe(`its addon is not built: ${outcome.reason!}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const onUnix = process.platform === 'win32' ? test.skip : test;

onUnix('test:sanitize says what a compiler lacks (a compiler made of a shell script)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'antler-addon-'));
  try {
    const said = 'ld: cannot find libasan.so';
    const script = `case "$1" in --version) echo 'c++ 99';; -print*) echo libasan.so;; *) echo '${said}' >&2; exit 1;; esac`;
    writeFileSync(join(folder, 'c++'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const sanitize = fileURLToPath(new URL('../../../tools/native/sanitize.mjs', import.meta.url));
    const env = { ...process.env, PATH: folder };
    const { stdout, status } = spawnSync(process.execPath, [sanitize], { encoding: 'utf8', env });
    expect(status).toBe(1);
    expect(stdout).toMatch(
      process.platform === 'linux'
        ? `test:sanitize: not possible here, c++ 99 lacks the libraries of the sanitizers (${said}); on Debian: libasan and libubsan`
        : 'test:sanitize: not possible here, it needs GCC on Linux',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
